#include "arena.h"
#include "model_world.h"
#include "named.h"
#include "random_object.h"
#include "schemas.h"
#include "state.h"
#include "status.h"
#include "text.h"

static uint8_t blocks[3][256 * 1024];
static struct tree_item items[1024];

static struct tree_view
written(const struct field_table *t, const void *object, struct arena *texts)
{
	struct tree_out out = tree_out(items, LENGTH(items));
	named_write(t, object, texts, &out);
	return tree_done(&out);
}

START_TEST(every_table_survives_as_names) /* but trees: they become maps of any kind */
{
	static uint8_t object[16 * 1024], back[16 * 1024];
	for (const struct field_table *const *t = schema_tables; *t != NULL; t++) {
		for (int round = 0; round < 300; round++) {
			struct arena a = arena_init(blocks[0], sizeof blocks[0]);
			struct arena b = arena_init(blocks[1], sizeof blocks[1]);
			struct arena c = arena_init(blocks[2], sizeof blocks[2]);
			const struct field *bad = NULL;
			ck_assert(random_object(*t, object, &a));
			struct tree_view tree = written(*t, object, &b);
			if (tree.items == NULL) /* more than TREE_DEPTH or TREE_ITEMS */
				continue;
			enum mesh_err err = named_read(*t, tree, back, &c, &bad);
			ck_assert_msg(err == MESH_OK, "%s.%s", (*t)->name,
			    bad != NULL ? bad->name : "");
			ck_assert_str_eq(world_json(*t, object), world_json(*t, back));
		}
	}
}
START_TEST(a_status_survives_with_all_its_values)
{
	struct arena texts = arena_init(blocks[0], sizeof blocks[0]);
	struct arena into = arena_init(blocks[1], sizeof blocks[1]);
	struct radio_status s = { .has = (1 << RADIO_ROW_ERROR) - 1,
		.name = text("roof"),
		.driver = text("sim"),
		.state = RADIO_WAITING,
		.since_ms = 17,
		.node = { .has = 2, .name = text("Roof") },
		.rx_packets = UINT64_MAX,
		.tx_packets = 0,
		.last_rx_ms = -4,
		.reconnects = 3,
		.simulated = true };
	struct radio_status back;
	const struct field *bad;
	struct tree_view tree = written(&radio_status_table, &s, &texts);
	ck_assert(text_is(tree_text(tree, "state"), "waiting"));
	ck_assert_int_eq(
	    named_read(&radio_status_table, tree, &back, &into, &bad), MESH_OK);
	ck_assert(fields_equal(&radio_status_table, &s, &back));
}
START_TEST(numbers_that_do_not_fit_are_refused)
{
	static const struct {
		const char *row;
		double n;
		bool good;
		const char *why;
	} rows[] = {
		{ "rx_packets", 5, true, "whole" },
		{ "rx_packets", -1, false, "below an unsigned" },
		{ "rx_packets", 1.5, false, "a part" },
		{ "state", 3, true, "a word's number" },
		{ "state", 256, false, "more than a byte" },
		{ "name", 3, false, "no text" },
		{ "simulated", 1, false, "no truth" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena into = arena_init(blocks[1], sizeof blocks[1]);
		struct tree_out out = tree_out(items, LENGTH(items));
		struct radio_status back;
		const struct field *bad = NULL;
		tree_put_f64(&out, rows[i].row, rows[i].n);
		enum mesh_err err = named_read(
		    &radio_status_table, tree_done(&out), &back, &into, &bad);
		ck_assert_msg((err == MESH_OK) == rows[i].good, "%s", rows[i].why);
		if (!rows[i].good)
			ck_assert_str_eq(bad->name, rows[i].row);
	}
}
START_TEST(null_is_absent_and_unknown_names_are_skipped)
{
	struct arena into = arena_init(blocks[1], sizeof blocks[1]);
	struct tree_out out = tree_out(items, LENGTH(items));
	struct site_value site;
	tree_put_null(&out, "version");
	tree_put_text(&out, "colour", text("red"));
	tree_put_text(&out, "name", text("roof"));
	ck_assert_int_eq(
	    named_read(&site_value_table, tree_done(&out), &site, &into, NULL),
	    MESH_OK);
	ck_assert_uint_eq(site.has, 1 << SITE_NAME);
}
START_TEST(a_missing_required_row_is_named)
{
	struct arena into = arena_init(blocks[1], sizeof blocks[1]);
	struct tree_view empty = { items, 0 };
	struct site_value site;
	const struct field *bad;
	ck_assert_int_eq(
	    named_read(&site_value_table, empty, &site, &into, &bad), MESH_MALFORMED);
	ck_assert_str_eq(bad->name, "name");
}
START_TEST(lists_of_words_come_back)
{
	struct arena texts = arena_init(blocks[0], sizeof blocks[0]);
	struct arena into = arena_init(blocks[1], sizeof blocks[1]);
	struct {
		struct text_view word;
	} via[] = { { text("mqtt") }, { text("echo") } };
	struct packet_reception r = { .has = 1 << 7, .via = { via, 2 } }, back;
	struct tree_view tree = written(&packet_reception_table, &r, &texts);
	ck_assert_int_eq(
	    named_read(&packet_reception_table, tree, &back, &into, NULL), MESH_OK);
	ck_assert(fields_equal(&packet_reception_table, &r, &back));
}
CHECK_MODULE(named, NULL, every_table_survives_as_names,
    a_status_survives_with_all_its_values, numbers_that_do_not_fit_are_refused,
    null_is_absent_and_unknown_names_are_skipped, a_missing_required_row_is_named,
    lists_of_words_come_back)
