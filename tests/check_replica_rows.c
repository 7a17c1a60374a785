/* A store that keeps less than the whole of others' registry: the same lists, sums and
 * counts as one that keeps all, without what it was told to leave out. */
#include "replica.h"
#include "store_world.h"
#include "text.h"

enum { RECORDS = 300, OURS = 0, THEIRS = 1, DIM = 8 };
static struct world world;

static struct store *
open_keeping(const char *path, enum replica_part most, const char *types)
{
	struct replica others = replica_of(most, text(types));
	struct store_params params = { .path = path,
		.netid = world.netid,
		.self = &world.site[OURS].key,
		.others = &others };
	struct store *s;
	ck_assert_int_eq(store_open(&s, &params), 0);
	return s;
}
static struct mesh_record
entry(size_t site, const char *hash, const char *type, uint32_t number)
{
	struct world_draft d = { .site = site,
		.lane = LANE_REGISTRY,
		.type = RECORD_PUT,
		.body = world_entry(&world, hash, type, DIM, number, 0) };
	return world_record(&world, &d);
}
static void
put(struct store *s, const struct mesh_record *r)
{
	ck_assert_int_eq(world_store(s, r).err, MESH_OK);
}
/* One hash as the operator sees it. */
static const char *
shown(struct store *s, const char *id, bool whole)
{
	return world_shown(s, id, whole, 0);
}
static size_t
found(struct store *s)
{
	static const float like[DIM] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct store_search q = { .dtype = ENTRY_F32,
		.dim = DIM,
		.like = bytes_view((const uint8_t *)like, sizeof like),
		.top = 64,
		.least = -1,
		.audience = AUDIENCE_OPERATOR };
	struct store_outcome o;
	ck_assert_int_eq(store_search(s, &q, 3), MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	size_t count = o.page->count;
	store_page_free(o.page);
	return count;
}
/* Of the registry of that site. */
static struct mesh_holding
holding(struct store *s, size_t site)
{
	struct mesh_holding h = { .run_count = 0 };
	struct store_saved saved;
	ck_assert_int_eq(store_saved(s, &saved), MESH_OK);
	for (size_t i = 0; i < saved.holding_count; i++)
		if (saved.holdings[i].lane == LANE_REGISTRY &&
		    memcmp(&saved.holdings[i].origin, &world.site[site].key,
			sizeof(struct mesh_key)) == 0)
			h = saved.holdings[i];
	store_saved_free(&saved);
	return h;
}
static size_t
findings(struct store *s)
{
	struct store_outcome o;
	size_t count = 0;
	while (store_next(s, &o))
		count += o.finding.what != FOUND_SAME;
	return count;
}
static bool
has(const char *list, const char *what)
{
	return strstr(list, what) != NULL;
}
/* A record by its key: is something of it not kept? */
static bool
is_cut(struct store *s, size_t site, const char *hash)
{
	struct store_outcome o;
	ck_assert_int_eq(store_find(s, &world.site[site].key, LANE_REGISTRY,
			     bytes_view(hash, strlen(hash)), 1),
	    MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o) && o.page->count == 1);
	bool cut = o.page->partial;
	store_page_free(o.page);
	return cut;
}
static void
tick(struct store *s, unix_ms now)
{
	store_tick(s, now);
	store_work(s);
}

START_TEST(an_index_shows_all_but_the_embedding_and_its_own_entries_whole)
{
	world_init(&world);
	struct store *s = open_keeping(":memory:", REPLICA_INDEX, "");
	struct mesh_record theirs = entry(THEIRS, "aa", "face", 1);
	struct mesh_record ours = entry(OURS, "bb", "face", 2);
	put(s, &theirs);
	put(s, &ours);
	ck_assert(has(shown(s, "6161", true), "\"dtype\":\"f32\",\"dim\":8"));
	ck_assert(has(shown(s, "6161", true), "confidence"));
	ck_assert_msg(
	    !has(shown(s, "6161", true), "embedding"), "%s", shown(s, "6161", true));
	ck_assert(has(shown(s, "6262", true), "\"embedding\":\""));
	ck_assert_uint_eq(found(s), 1);
	ck_assert(is_cut(s, THEIRS, "aa") && !is_cut(s, OURS, "bb"));
	ck_assert_int_eq(store_fetch(s, &theirs.at, 9, 1), MESH_OK);
	store_work(s);
	struct store_outcome o;
	ck_assert(store_next(s, &o));
	ck_assert_msg(o.page->count == 0, "what was cut is served to nobody");
	ck_assert_uint_gt(o.page->next.len, 0);
	store_page_free(o.page);
	store_close(s);
	world_release(&world);
}
START_TEST(of_types_that_are_not_wanted_the_key_alone_stays)
{
	static const char *const types[] = { "face, plate", " plate,face ", "face" };
	for (size_t i = 0; i < LENGTH(types); i++) {
		world_init(&world);
		struct store *s = open_keeping(":memory:", REPLICA_WHOLE, types[i]);
		struct mesh_record face = entry(THEIRS, "aa", "face", 1);
		struct mesh_record cat = entry(THEIRS, "bb", "cat", 2);
		struct mesh_record ours = entry(OURS, "bb", "cat", 3);
		put(s, &face);
		put(s, &cat);
		ck_assert_str_eq(shown(s, "6262", true), "");
		put(s, &ours);
		ck_assert(has(shown(s, "6161", true), "\"embedding\":\""));
		ck_assert(has(shown(s, "6262", true), "\"number\":3"));
		ck_assert(!has(shown(s, "6262", true), "\"number\":2"));
		ck_assert_uint_eq(found(s), 2);
		struct mesh_record turned = entry(THEIRS, "aa", "cat", 4);
		put(s, &turned); /* it is none of the wanted ones any more */
		ck_assert_str_eq(shown(s, "6161", true), "");
		ck_assert_uint_eq(holding(s, THEIRS).live.count, 2);
		store_close(s);
		world_release(&world);
	}
}
/* Whatever comes in whatever order. */
START_TEST(sums_counts_and_lists_are_those_of_a_store_that_keeps_all)
{
	static const struct {
		enum replica_part most;
		const char *types;
		bool same_list;
	} keeping[] = { { REPLICA_INDEX, "", true }, { REPLICA_WHOLE, "face", false },
		{ REPLICA_INDEX, "plate", false }, { REPLICA_WHOLE, "", true } };
	for (size_t k = 0; k < LENGTH(keeping); k++) {
		static struct mesh_record all[RECORDS];
		world_init(&world);
		for (size_t i = 0; i < RECORDS; i++)
			all[i] = world_any(&world);
		world_shuffle(all, RECORDS, 24, rng_u32);
		struct store *whole = open_keeping(":memory:", REPLICA_WHOLE, "");
		struct store *less = open_keeping(
		    ":memory:", keeping[k].most, keeping[k].types);
		for (size_t i = 0; i < RECORDS; i++) {
			struct store_outcome a = world_store(whole, &all[i]);
			struct store_outcome b = world_store(less, &all[i]);
			ck_assert_int_eq(a.err, b.err);
			ck_assert_uint_eq(a.live.count, b.live.count);
			ck_assert_mem_eq(a.live.sum, b.live.sum, sizeof a.live.sum);
		}
		char *list = strndup(world_list(whole, STORE_ENTRIES, 7).ptr,
		    world_list(whole, STORE_ENTRIES, 7).len);
		struct text_view other = world_list(less, STORE_ENTRIES, 7);
		ck_assert_int_eq(strlen(list) == other.len &&
			memcmp(list, other.ptr, other.len) == 0,
		    keeping[k].same_list);
		free(list);
		tick(less, 1000);
		ck_assert_msg(findings(less) == 0, "nothing is taken for damage");
		ck_assert_uint_eq(holding(less, THEIRS).live.count,
		    holding(whole, THEIRS).live.count);
		store_close(whole);
		store_close(less);
		world_release(&world);
	}
}
START_TEST(what_was_whole_is_cut_in_the_background_and_comes_whole_when_it_is_recalled)
{
	world_init(&world);
	const char *path = world_path();
	struct mesh_record r[] = { entry(THEIRS, "aa", "face", 1),
		entry(THEIRS, "bb", "cat", 2), entry(OURS, "cc", "face", 3) };
	struct store *s = open_keeping(path, REPLICA_WHOLE, "");
	for (size_t i = 0; i < LENGTH(r); i++)
		put(s, &r[i]);
	struct mesh_live before = holding(s, THEIRS).live;
	ck_assert_uint_eq(found(s), 3);
	store_close(s);

	s = open_keeping(path, REPLICA_INDEX, "face");
	tick(s, 1000);
	ck_assert_uint_eq(findings(s), 0);
	ck_assert_uint_eq(found(s), 1);
	ck_assert_str_eq(shown(s, "6262", false), "");
	ck_assert(has(shown(s, "6161", true), "\"dim\":8"));
	ck_assert(!has(shown(s, "6161", true), "embedding"));
	struct mesh_live cut = holding(s, THEIRS).live;
	ck_assert_mem_eq(&cut, &before, sizeof cut);
	store_close(s);
	ck_assert_int_eq(
	    world_number(path, "SELECT count(*) FROM record WHERE vector<0"), 2);

	s = open_keeping(path, REPLICA_WHOLE, "");
	ck_assert_int_eq(
	    store_recall_others(s, LANE_REGISTRY, &world.site[OURS].key), MESH_OK);
	ck_assert_uint_eq(holding(s, THEIRS).run_count, 0);
	ck_assert_uint_eq(holding(s, OURS).run_count, 1);
	ck_assert_msg(has(shown(s, "6161", false), "face"), "it is shown meanwhile");
	put(s, &r[1]);
	put(s, &r[0]);
	ck_assert_uint_eq(found(s), 3);
	ck_assert_uint_eq(holding(s, THEIRS).run_count, 1);
	struct mesh_live after = holding(s, THEIRS).live;
	ck_assert_mem_eq(&after, &before, sizeof after);
	ck_assert_int_eq(
	    store_recall_others(s, LANE_REGISTRY, &world.site[OURS].key), MESH_OK);
	ck_assert_msg(holding(s, THEIRS).run_count == 1, "all is whole by now");
	store_close(s);
	world_release(&world);
	world_forget_paths();
}
START_TEST(damage_to_a_cut_row_is_found_and_its_number_asked_for_again)
{
	static const char *const damage[] = {
		"UPDATE record SET core=CAST(substr(core,1,60)||x'ff'||substr(core,62)"
		" AS BLOB) WHERE vector=-1 RETURNING id",
		"UPDATE record SET core=CAST(substr(core,1,9)||x'00'||substr(core,11)"
		" AS BLOB) WHERE vector=-1 RETURNING id",
		"UPDATE record SET core=x'00' WHERE vector=-2 RETURNING id",
		"UPDATE record SET vector=-2 WHERE vector=-1 RETURNING id",
		"UPDATE record SET subject=x'77' WHERE vector=-2 RETURNING id",
	};
	for (size_t i = 0; i < LENGTH(damage); i++) {
		world_init(&world);
		const char *path = world_path();
		struct mesh_record r[] = { entry(THEIRS, "aa", "face", 1),
			entry(THEIRS, "bb", "cat", 2) };
		struct store *s = open_keeping(path, REPLICA_INDEX, "face");
		put(s, &r[0]);
		put(s, &r[1]);
		store_close(s);
		(void)world_number(path, damage[i]);
		s = open_keeping(path, REPLICA_INDEX, "face");
		tick(s, 1000);
		struct store_outcome o;
		ck_assert_msg(store_next(s, &o), "%s", damage[i]);
		ck_assert_int_eq(o.finding.what, FOUND_UNREADABLE);
		ck_assert_uint_eq(holding(s, THEIRS).live.count, 1);
		put(s, &r[o.finding.at.seq - 1]);
		ck_assert_uint_eq(holding(s, THEIRS).live.count, 2);
		ck_assert(has(shown(s, "6161", false), "face"));
		store_close(s);
		world_release(&world);
		world_forget_paths();
	}
}
CHECK_MODULE(replica_rows, NULL,
    an_index_shows_all_but_the_embedding_and_its_own_entries_whole,
    of_types_that_are_not_wanted_the_key_alone_stays,
    sums_counts_and_lists_are_those_of_a_store_that_keeps_all,
    what_was_whole_is_cut_in_the_background_and_comes_whole_when_it_is_recalled,
    damage_to_a_cut_row_is_found_and_its_number_asked_for_again)
