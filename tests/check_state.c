#include "arena.h"
#include "id.h"
#include "model_world.h"
#include "state.h"
#include "text.h"
#include "tree.h"

static struct bytes_view
bytes_of(const char *key)
{
	return bytes_view(key, strlen(key));
}

START_TEST(keys_say_what_they_are_about)
{
	static const struct {
		const char *key;
		enum state_kind kind;
		const char *name;
	} rows[] = {
		{ "site", STATE_SITE, "" },
		{ "site2", STATE_OTHER, "" },
		{ "radio/roof", STATE_RADIO, "roof" },
		{ "node/meshtastic:!a1b2c3d4", STATE_NODE, "meshtastic:!a1b2c3d4" },
		{ "node/sim:~a1b2c3d4", STATE_NODE, "sim:~a1b2c3d4" },
		{ "node/sim:!a1b2c3d4", STATE_OTHER, NULL },
		{ "node/meshtastic:", STATE_OTHER, NULL },
		{ "node/meshtastic", STATE_OTHER, NULL },
		{ "node/", STATE_OTHER, NULL },
		{ "mesh.links", STATE_MESH, "links" },
		{ "user/a/b", STATE_USER, "a/b" },
		{ "", STATE_OTHER, "" },
		{ "lease/x", STATE_OTHER, "" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct text_view name;
		struct id id;
		enum state_kind kind = state_kind(bytes_of(rows[i].key), &id, &name);
		ck_assert_msg(kind == rows[i].kind, "%s", rows[i].key);
		ck_assert(rows[i].name == NULL || text_is(name, rows[i].name));
		ck_assert_msg(id_is(&id) == (kind == STATE_NODE), "%s", rows[i].key);
	}
}
START_TEST(a_nodes_key_reads_back)
{
	struct id ids[] = { id_of_node(ID_MT_NODE, 0xa1b2c3d4),
		id_of_node(ID_SIM_NODE, 7),
		id_make(ID_MC_NODE, world_key(9).bytes, 32) };
	for (size_t i = 0; i < LENGTH(ids); i++) {
		char room[STATE_KEY_MAX];
		struct bytes_out out = bytes_out(room, sizeof room);
		struct text_view name;
		struct id back;
		state_node_key(&ids[i], &out);
		ck_assert(!out.failed && out.len <= STATE_KEY_MAX);
		ck_assert_int_eq(
		    state_kind(bytes_written(&out), &back, &name), STATE_NODE);
		ck_assert(back.kind == ids[i].kind &&
		    memcmp(back.bytes, ids[i].bytes, back.len) == 0);
	}
}
START_TEST(a_put_is_shown_with_site_and_version)
{
	uint8_t block[1024];
	struct arena arena = arena_init(block, sizeof block);
	struct sites sites = world_sites(3);
	struct mesh_position at = world_at(2, LANE_STATE, 8);
	struct tree_item items[2];
	struct tree_out out = tree_out(items, 2);
	struct state state;
	tree_put_i64(&out, "n", 5);
	struct state_put put = { bytes_of("user/\x1bx"), tree_done(&out) };
	ck_assert_int_eq(state_view(&at, 99, &put, &sites, &arena, &state), MESH_OK);
	ck_assert_str_eq(world_json(&state_table, &state),
	    "{\"site\":\"s2\",\"key\":\"user/x\",\"value\":{\"n\":5},"
	    "\"version\":{\"epoch\":1,\"seq\":8},\"time_ms\":99}");
	ck_assert_int_eq(state_view(&at, 0, &put, &sites, &arena, &state), MESH_OK);
	ck_assert(strstr(world_json(&state_table, &state), "time_ms") == NULL);
	arena = arena_init(block, 3);
	ck_assert_int_eq(state_view(&at, 0, &put, &sites, &arena, &state), MESH_FULL);
}
CHECK_MODULE(state, NULL, keys_say_what_they_are_about, a_nodes_key_reads_back,
    a_put_is_shown_with_site_and_version)
