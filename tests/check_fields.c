#include "arena.h"
#include "check_mesh.h"
#include "fields.h"
#include "text.h"
#include <math.h>

struct place {
	double lat, lon;
};
struct thing {
	uint64_t has;
	uint8_t kind;
	int32_t rssi;
	float snr;
	struct text_view name;
	struct bytes_view raw;
	struct place at;
	struct list_view places;
	struct mesh_key key;
};
/* clang-format off */
static const char *const kinds[] = { "", "one", "two", NULL };
static const struct field place_rows[] = {
	FIELD(struct place, lat, UNIT_DEGREE, FIELD_PRIVATE, -90, 90, "north"),
	FIELD(struct place, lon, UNIT_DEGREE, FIELD_PRIVATE, -180, 180, "east"),
};
static const struct field_table place_table = { "place", place_rows, LENGTH(place_rows),
	sizeof(struct place), FIELD_NO_HAS, false };
static const struct field thing_rows[] = {
	FIELD_WORDS(struct thing, kind, FIELD_REQUIRED, kinds, "what it is"),
	FIELD(struct thing, rssi, UNIT_DBM, FIELD_SERIES, -200, 0, "strength"),
	FIELD(struct thing, snr, UNIT_DB, FIELD_SERIES, -64, 64, "over noise"),
	FIELD(struct thing, name, UNIT_NONE, 0, 1, 8, "a name"),
	FIELD(struct thing, raw, UNIT_BYTES, FIELD_SECRET, 0, 0, "bytes"),
	FIELD_SUB(struct thing, at, &place_table, 0, 0, 0, "where"),
	FIELD_SUB(struct thing, places, &place_table, 0, 0, 3, "where else"),
	FIELD(struct thing, key, UNIT_NONE, 0, 0, 0, "whose"),
};
/* clang-format on */
static const struct field_table thing_table = { "thing", thing_rows, LENGTH(thing_rows),
	sizeof(struct thing), offsetof(struct thing, has), false };
static const struct place two_places[] = { { 1, 2 }, { 3, 4 } };

static struct thing
good(void)
{
	return (struct thing){ .has = 0xff,
		.kind = 1,
		.rssi = -90,
		.snr = 6.25F,
		.name = text("abc"),
		.raw = { (const uint8_t *)"xy", 2 },
		.at = { 47, 11 },
		.places = { two_places, 2 } };
}

START_TEST(rows_are_found_by_dotted_names)
{
	ck_assert_ptr_eq(field_find(&thing_table, text("rssi")), &thing_rows[1]);
	ck_assert_ptr_eq(field_find(&thing_table, text("at.lon")), &place_rows[1]);
	ck_assert_ptr_null(field_find(&thing_table, text("at.up")));
	ck_assert_ptr_null(field_find(&thing_table, text("rssi.x")));
	ck_assert_ptr_null(field_find(&thing_table, text("")));
}
START_TEST(kinds_follow_the_members)
{
	ck_assert_int_eq(thing_rows[0].kind, FIELD_U8);
	ck_assert_int_eq(thing_rows[5].kind, FIELD_STRUCT);
	ck_assert_int_eq(thing_rows[6].kind, FIELD_LIST);
	ck_assert_int_eq(thing_rows[7].kind, FIELD_KEY);
}
START_TEST(bounds_are_checked_and_the_row_is_named)
{
	/* clang-format off */
	static const struct { int32_t rssi; float snr; const char *name; double lat; size_t places; int bad; } row[] = {
		{ -90, 6, "abc", 47, 2, -1 }, { -201, 6, "abc", 47, 2, 1 }, { 1, 6, "abc", 47, 2, 1 },
		{ -90, 65, "abc", 47, 2, 2 }, { -90, 6, "", 47, 2, 3 }, { -90, 6, "123456789", 47, 2, 3 },
		{ -90, 6, "abc", 47, 4, 6 },
	}; /* clang-format on */
	static const struct place four[4];
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct thing t = good();
		const struct field *bad;
		t.rssi = row[i].rssi;
		t.snr = row[i].snr;
		t.name = text(row[i].name);
		t.places = (struct list_view){ four, row[i].places };
		enum mesh_err err = fields_check(&thing_table, &t, &bad);
		ck_assert_int_eq(err, row[i].bad < 0 ? MESH_OK : MESH_MALFORMED);
		ck_assert_ptr_eq(bad, row[i].bad < 0 ? NULL : &thing_rows[row[i].bad]);
	}
}
START_TEST(bounds_hold_inside_structs_and_lists)
{
	struct thing t = good();
	const struct field *bad;
	t.at.lat = 91;
	ck_assert_int_eq(fields_check(&thing_table, &t, &bad), MESH_MALFORMED);
	ck_assert_ptr_eq(bad, &place_rows[0]);
	struct place far = { 0, 181 };
	t = good();
	t.places = (struct list_view){ &far, 1 };
	ck_assert_int_eq(fields_check(&thing_table, &t, &bad), MESH_MALFORMED);
	ck_assert_ptr_eq(bad, &place_rows[1]);
	t.at.lat = (double)NAN;
	ck_assert_int_eq(fields_check(&thing_table, &t, &bad), MESH_MALFORMED);
}
START_TEST(absence_is_a_cleared_bit)
{
	struct thing t = good();
	const struct field *bad;
	field_mark(&thing_table, 1, &t, false);
	ck_assert(!field_is_present(&thing_table, 1, &t));
	t.rssi = 500;
	ck_assert_int_eq(fields_check(&thing_table, &t, &bad), MESH_OK);
	field_mark(&thing_table, 0, &t, false);
	ck_assert_int_eq(fields_check(&thing_table, &t, &bad), MESH_MALFORMED);
	ck_assert_ptr_eq(bad, &thing_rows[0]);
}
START_TEST(a_deep_copy_is_equal_and_shares_nothing)
{
	static uint8_t block[2048];
	struct arena arena = arena_init(block, sizeof block);
	struct thing t = good();
	struct thing *copy = fields_copy(&thing_table, &t, &arena);
	ck_assert_ptr_nonnull(copy);
	ck_assert(fields_equal(&thing_table, &t, copy));
	ck_assert_ptr_ne(copy->name.ptr, t.name.ptr);
	ck_assert_ptr_ne(copy->places.items, t.places.items);
	((struct place *)(uintptr_t)copy->places.items)[1].lat = 9;
	ck_assert(!fields_equal(&thing_table, &t, copy));
	for (size_t cap = 0; cap < 300; cap += 7) {
		struct arena small = arena_init(block, cap);
		void *tight = fields_copy(&thing_table, &t, &small);
		ck_assert(tight == NULL || fields_equal(&thing_table, &t, tight));
	}
}
CHECK_MODULE(fields, NULL, rows_are_found_by_dotted_names, kinds_follow_the_members,
    bounds_are_checked_and_the_row_is_named, bounds_hold_inside_structs_and_lists,
    absence_is_a_cleared_bit, a_deep_copy_is_equal_and_shares_nothing)
