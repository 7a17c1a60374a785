/* What stays at this site: shown, kept over a restart, never fetched, aged like others.
 */
#include "local_rows.h"
#include "store_world.h"
#include "text.h"

static struct world world;

static enum mesh_err
put_local(struct store *s, uint32_t packet, uint64_t token)
{
	static uint8_t room[2048];
	struct bytes_out bundle = bytes_out(room, sizeof room);
	struct mesh_draft d = { .lane = LANE_PACKET,
		.type = 1,
		.body = world_reception(&world, 9, packet, 1000 + packet, -80) };
	struct mesh_record r;
	struct store_outcome out;
	ck_assert_int_eq(
	    mesh_record_local(&world.site[0].key, &d, 5, &bundle, &r), MESH_OK);
	ck_assert_uint_eq(r.at.epoch, 0);
	ck_assert_int_eq(store_put_local(s, &r, token), MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &out));
	ck_assert_uint_eq(out.token, token);
	return out.err;
}

static size_t
count_of(struct store *s, const char *what)
{
	struct text_view list = world_list(s, STORE_PACKETS, 0);
	size_t count = 0, len = strlen(what);
	for (size_t i = 0; i + len <= list.len; i++)
		count += memcmp(list.ptr + i, what, len) == 0;
	return count;
}

START_TEST(it_is_shown_as_local_also_after_a_restart)
{
	world_init(&world);
	const char *path = world_path();
	struct store *s = world_open(path);
	ck_assert_int_eq(put_local(s, 1, 7), MESH_OK);
	ck_assert_int_eq(put_local(s, 2, 8), MESH_OK);
	struct world_draft d = { .lane = LANE_PACKET,
		.type = 1,
		.body = world_reception(&world, 9, 3, 1003, -80) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	ck_assert_uint_eq(store_counts(s).packets, 3);
	ck_assert_uint_eq(count_of(s, "\"local\":true}],"), 2);
	store_close(s);
	s = world_open(path);
	ck_assert_uint_eq(store_counts(s).packets, 3);
	ck_assert_int_eq(put_local(s, 4, 9), MESH_OK);
	ck_assert_uint_eq(store_counts(s).packets, 4);
	ck_assert_int_eq(store_rebuild_views(s), MESH_OK);
	ck_assert_uint_eq(store_counts(s).packets, 4);
	store_close(s);
	world_release(&world);
}
START_TEST(nobody_can_be_told_of_it)
{
	world_init(&world);
	struct store *s = world_open(":memory:");
	struct store_saved saved;
	struct mesh_position at = {
		.origin = world.site[0].key, .lane = LANE_PACKET, .epoch = 0, .seq = 1
	};
	ck_assert_int_eq(put_local(s, 1, 7), MESH_OK);
	ck_assert_int_eq(store_saved(s, &saved), MESH_OK);
	ck_assert_uint_eq(saved.holding_count, 0);
	store_saved_free(&saved);
	ck_assert_int_eq(store_fetch(s, &at, 10, 3), MESH_DENIED);
	store_close(s);
	world_release(&world);
}
START_TEST(a_record_of_a_log_is_none)
{
	world_init(&world);
	struct store *s = world_open(":memory:");
	struct store_outcome out;
	struct world_draft d = { .lane = LANE_PACKET,
		.type = 1,
		.body = world_reception(&world, 9, 3, 1003, -80) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(store_put_local(s, &r, 7), MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &out));
	ck_assert_int_eq(out.err, MESH_MALFORMED);
	store_close(s);
	world_release(&world);
}
CHECK_MODULE(local_rows, NULL, it_is_shown_as_local_also_after_a_restart,
    nobody_can_be_told_of_it, a_record_of_a_log_is_none)
