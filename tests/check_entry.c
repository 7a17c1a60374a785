#include "check_mesh.h"
#include "entry.h"
#include "model_world.h"
#include "text.h"
#include "tree.h"

/* What an entry may be, and in which order those of one hash stand. */

static uint8_t f32_one[] = { 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0 };

static struct entry_put
sound(void)
{
	return (struct entry_put){ .hash = bytes_view("abc", 3),
		.type = text("face"),
		.dtype = ENTRY_F32,
		.dim = 2,
		.embedding = bytes_view(f32_one, sizeof f32_one),
		.has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
		    1U << ENTRY_PUT_DTYPE | 1U << ENTRY_PUT_DIM |
		    1U << ENTRY_PUT_EMBEDDING };
}

START_TEST(a_sound_entry_has_no_fault)
{
	struct entry_put put = sound();
	ck_assert_ptr_null(entry_fault(&put));
	put.has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE;
	ck_assert_ptr_null(entry_fault(&put));
}

static void
not_sound(const struct entry_put *put, const char *word)
{
	const char *fault = entry_fault(put);
	ck_assert_msg(fault != NULL && strstr(fault, word) != NULL, "%s: %s", word,
	    fault != NULL ? fault : "no fault");
}

START_TEST(a_dimension_that_is_not_that_of_the_bytes_is_a_fault)
{
	struct entry_put put = sound();
	put.dim = 3;
	not_sound(&put, "dimension");
	put = sound();
	put.dtype = ENTRY_F16;
	not_sound(&put, "dimension");
	put = sound();
	put.embedding.len = 7;
	not_sound(&put, "dimension");
	put = sound();
	put.has &= ~(UINT64_C(1) << ENTRY_PUT_EMBEDDING);
	not_sound(&put, "without an embedding");
	put = sound();
	put.dtype = 9;
	not_sound(&put, "no known type");
}

START_TEST(numbers_that_are_none_are_a_fault)
{
	static const struct {
		uint8_t dtype, bytes[4];
		bool finite;
	} cases[] = {
		{ ENTRY_F32, { 0, 0, 0x80, 0x7f }, false },      /* infinity */
		{ ENTRY_F32, { 1, 0, 0x80, 0xff }, false },      /* NaN */
		{ ENTRY_F32, { 1, 0, 0, 0 }, false },            /* subnormal */
		{ ENTRY_F32, { 0, 0, 0, 0x80 }, true },          /* -0 */
		{ ENTRY_F32, { 0xff, 0xff, 0x7f, 0x7f }, true }, /* the largest */
		{ ENTRY_F16, { 0, 0x7c, 0, 0 }, false },
		{ ENTRY_F16, { 0, 0, 1, 0xfe }, false },
		{ ENTRY_F16, { 1, 0, 0xff, 0x7b }, true },
		{ ENTRY_I8, { 0x80, 0xff, 0, 0x7f }, true },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		size_t at = 99;
		struct bytes_view v = bytes_view(cases[i].bytes, 4);
		ck_assert_msg(
		    (entry_finite(cases[i].dtype, v, &at) == 0) == cases[i].finite,
		    "case %zu", i);
	}
	uint8_t bad[8] = { 0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f };
	struct entry_put put = sound();
	put.embedding = bytes_view(bad, sizeof bad);
	size_t at = 0;
	ck_assert_int_eq(entry_finite(ENTRY_F32, put.embedding, &at), -1);
	ck_assert_uint_eq(at, 1);
	not_sound(&put, "finite");
}

START_TEST(only_i8_has_a_scale_and_a_positive_one)
{
	struct entry_put put = sound();
	put.has |= 1U << ENTRY_PUT_SCALE;
	put.scale = 1;
	not_sound(&put, "i8");
	put.dtype = ENTRY_I8;
	put.dim = sizeof f32_one;
	ck_assert_ptr_null(entry_fault(&put));
	put.scale = -1;
	not_sound(&put, "positive");
}

START_TEST(metadata_and_types_have_their_limits)
{
	static struct tree_item items[80];
	static char letters[5000];
	memset(letters, 'x', sizeof letters);
	struct entry_put put = sound();
	put.has |= 1U << ENTRY_PUT_METADATA;
	struct tree_out out = tree_out(items, LENGTH(items));
	tree_put_text(&out, "long", (struct text_view){ letters, sizeof letters });
	put.metadata = tree_done(&out);
	not_sound(&put, "4096 bytes");
	out = tree_out(items, LENGTH(items));
	static char names[70][8];
	for (size_t i = 0; i < LENGTH(names); i++) {
		snprintf(names[i], sizeof names[i], "n%zu", i);
		tree_put_u64(&out, names[i], i);
	}
	put.metadata = tree_done(&out);
	not_sound(&put, "64 values");
	out = tree_out(items, LENGTH(items));
	tree_put_u64(&out, NULL, 3);
	put.metadata = tree_done(&out);
	not_sound(&put, "not an object");
	put = sound();
	put.type = text("a\"b");
	not_sound(&put, "type");
	put.type = text("a\nb");
	not_sound(&put, "type");
}

static struct entry_rank
ranked(uint8_t site, unix_ms time_ms, double confidence)
{
	struct tree_item items[1];
	struct tree_out out = tree_out(items, 1);
	struct entry_put put = sound();
	struct mesh_position at = { .origin = { { site } }, .lane = LANE_REGISTRY };
	tree_put_f64(&out, "confidence", confidence);
	put.metadata = tree_done(&out);
	return entry_rank(&at, time_ms, &put);
}

START_TEST(confidence_then_time_then_oid_order_the_entries_of_a_hash)
{
	struct entry_rank sure = ranked(1, 1, 0.9), late = ranked(1, 9, 0.5),
			  early = ranked(1, 2, 0.5), other = ranked(2, 2, 0.5);
	ck_assert(entry_before(&sure, &late) && !entry_before(&late, &sure));
	ck_assert(entry_before(&late, &early) && !entry_before(&early, &late));
	ck_assert(entry_before(&early, &other) != entry_before(&other, &early));
	ck_assert(!entry_before(&early, &early));
}

START_TEST(a_view_shows_its_embedding_only_where_it_is_asked_for)
{
	struct sites nobody = sites_init(NULL, 0);
	uint8_t block[512];
	struct arena arena = arena_init(block, sizeof block);
	struct entry_put put = sound();
	struct mesh_position at = {
		.origin = { { 7 } }, .lane = LANE_REGISTRY, .epoch = 3, .seq = 4
	};
	struct entry view;
	ck_assert_int_eq(
	    entry_view(&at, 1700000000000, &put, &nobody, &arena, &view), MESH_OK);
	const char *json = world_json(&entry_table, &view);
	ck_assert(strstr(json, "\"hash\":\"616263\",\"type\":\"face\"") != NULL);
	ck_assert(strstr(json, "\"dtype\":\"f32\",\"dim\":2") != NULL);
	ck_assert(strstr(json, "\"version\":{\"epoch\":3,\"seq\":4}") != NULL);
	ck_assert(strstr(json, "embedding") == NULL && strstr(json, "expires") == NULL);
	ck_assert_int_eq(
	    entry_view(&at, 1700000000000, &put, &nobody, &arena, &view), MESH_OK);
	entry_show_embedding(&view, &put);
	json = world_json(&entry_table, &view);
	ck_assert(strstr(json, "\"embedding\":\"0000803f000000c0\"") != NULL);
	put.dim = 1;
	ck_assert_int_eq(
	    entry_view(&at, 0, &put, &nobody, &arena, &view), MESH_MALFORMED);
}

CHECK_MODULE(entry, NULL, a_sound_entry_has_no_fault,
    a_dimension_that_is_not_that_of_the_bytes_is_a_fault,
    numbers_that_are_none_are_a_fault, only_i8_has_a_scale_and_a_positive_one,
    metadata_and_types_have_their_limits,
    confidence_then_time_then_oid_order_the_entries_of_a_hash,
    a_view_shows_its_embedding_only_where_it_is_asked_for)
