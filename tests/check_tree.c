#include "arena.h"
#include "check_mesh.h"
#include "describe.h"
#include "text.h"
#include "tree.h"

static struct tree_item items[32];
static struct tree_out build;
static char chars[512];

static void
setup(void)
{
	build = tree_out(items, LENGTH(items));
}

static const char *
json_of(struct tree_view tree)
{
	struct bytes_out out = bytes_out(chars, sizeof chars);
	struct json_out j = json_out(&out);
	describe_tree(tree, &j);
	return text_end(&out);
}

static struct tree_view
example(void)
{
	tree_put_text(&build, "name", text("Nörd"));
	tree_open_map(&build, "position");
	tree_put_f64(&build, "lat", 47.25);
	tree_put_i64(&build, "alt_m", -12);
	tree_shut(&build);
	tree_open_list(&build, "route");
	tree_put_u64(&build, NULL, 16);
	tree_put_u64(&build, NULL, 17);
	tree_shut(&build);
	tree_put_bool(&build, "ok", true);
	return tree_done(&build);
}

START_TEST(a_tree_reads_as_json)
{
	ck_assert_str_eq(json_of(example()),
	    "{\"name\":\"Nörd\",\"position\":{\"lat\":47.25,\"alt_m\":-12},"
	    "\"route\":[16,17],\"ok\":true}");
}
START_TEST(a_bare_value_is_no_map)
{
	tree_put_i64(&build, NULL, 5);
	ck_assert_str_eq(json_of(tree_done(&build)), "5");
	ck_assert_str_eq(json_of((struct tree_view){ NULL, 0 }), "{}");
}
START_TEST(paths_step_inward)
{
	struct tree_view t = example();
	double lat;
	int64_t alt;
	ck_assert(tree_f64(t, "position.lat", &lat) && lat > 47.24 && lat < 47.26);
	ck_assert(tree_i64(t, "position.alt_m", &alt) && alt == -12);
	ck_assert(text_is(tree_text(t, "name"), "Nörd"));
	static const char *const absent[] = { "", "lat", "position.lon", "name.x",
		"position.lat.x", "route.16", "." };
	for (size_t i = 0; i < LENGTH(absent); i++)
		ck_assert_msg(tree_find(t, text(absent[i])) == NULL, "%s", absent[i]);
}
START_TEST(a_copy_is_equal_and_its_own)
{
	static uint8_t block[4096];
	struct arena arena = arena_init(block, sizeof block);
	struct tree_view t = example(), copy = tree_copy(t, &arena);
	ck_assert(tree_equal(t, copy));
	ck_assert((const uint8_t *)copy.items[0].as.text.ptr >= block &&
	    (const uint8_t *)copy.items[0].as.text.ptr < block + sizeof block);
	struct arena small = arena_init(block, 64);
	ck_assert(tree_copy(t, &small).items == NULL);
}
START_TEST(limits_are_errors_and_never_cut)
{
	for (size_t i = 0; i <= LENGTH(items); i++)
		tree_put_i64(&build, "n", 1);
	ck_assert(build.failed && tree_done(&build).items == NULL);
	setup();
	for (int i = 0; i <= TREE_DEPTH; i++)
		tree_open_map(&build, "deep");
	ck_assert(build.failed);
	setup();
	tree_open_map(&build, "open");
	ck_assert_msg(tree_done(&build).items == NULL, "still open");
	setup();
	tree_shut(&build);
	ck_assert_msg(build.failed, "nothing to shut");
}
CHECK_MODULE(tree, setup, a_tree_reads_as_json, a_bare_value_is_no_map,
    paths_step_inward, a_copy_is_equal_and_its_own, limits_are_errors_and_never_cut)
