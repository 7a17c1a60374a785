/* The property of ARCHITECTURE.md, Conventions: any order, any repetition, any cut into
 * batches of the same records gives byte-identical views; and so does folding them
 * again.  Batches are two things here: what is signed together, of which each record
 * comes by itself with its proof, and what is committed together. */
#include "store_world.h"
#include "text.h"

enum { RECORDS = 300, ROUNDS = 12, TOGETHER = 12 };
static const enum store_noun nouns[] = { STORE_PACKETS, STORE_NODES, STORE_STATE,
	STORE_ALERTS, STORE_ENTRIES };
static struct world world;
static struct mesh_record all[RECORDS];

static const char *const hashes[] = { "aa", "ab", "abc", "b", "zz" };

/* Entries now and then signed together, everything else alone. */
static struct bytes_view
any_entry(struct world *w, size_t i)
{
	const char *hash = hashes[rng_u32() % LENGTH(hashes)];
	return world_entry(w, hash, i % 2 == 0 ? "face" : "plate", 8, rng_u32(), 0);
}

/* Of the newest numbers, which stand in the lists; a CHECKPOINT ends the older DROPs.
 */
static struct mesh_record
drop_or_checkpoint(void)
{
	struct world_draft d = { .site = rng_u32() % WORLD_SITES,
		.type = rng_u32() % 4 == 0 ? RECORD_CHECKPOINT : RECORD_DROP,
		.lane = rng_u32() % 2 == 0 ? LANE_REGISTRY : LANE_STATE };
	uint64_t last = world.seq[d.site][d.lane];
	struct mesh_run run = { last - rng_u32() % 3, last };
	if (last < 3)
		return world_any(&world);
	d.body = d.type == RECORD_DROP
	    ? world_drop(&world, &run, 1)
	    : world_checkpoint(&world, &(struct mesh_live){ .count = 1 }, last / 2);
	return world_record(&world, &d);
}

static void
make_records(void)
{
	world_init(&world);
	for (size_t i = 0, n; i < RECORDS; i += n) {
		struct world_draft d = { .site = rng_u32() % WORLD_SITES,
			.lane = LANE_REGISTRY };
		n = i + TOGETHER <= RECORDS && rng_u32() % 8 == 0 ? TOGETHER : 1;
		if (n == 1 && rng_u32() % 6 == 0)
			all[i] = drop_or_checkpoint();
		else if (n == 1)
			all[i] = world_any(&world);
		else
			world_batch(&world, &d, n, any_entry, &all[i]);
	}
}

/* What all sites say of each hash, with the embeddings. */
static void
put_hashes(struct store *s, struct bytes_out *out)
{
	char id[16];
	for (size_t i = 0; i < LENGTH(hashes); i++) {
		struct bytes_out hex = bytes_out(id, sizeof id);
		text_put_hex(&hex, bytes_view(hashes[i], strlen(hashes[i])));
		struct store_question q = { .noun = STORE_ENTRIES,
			.id = text_written(&hex),
			.audience = AUDIENCE_OPERATOR,
			.whole = true };
		struct store_outcome o = world_ask(s, &q);
		ck_assert(o.err == MESH_OK || o.err == MESH_NOT_FOUND);
		ck_assert(o.page == NULL || o.page->next.len == 0);
		if (o.page != NULL)
			bytes_put_view(out, o.page->json);
		text_put(out, "\n");
		store_page_free(o.page);
	}
}

static char *
everything(struct store *s)
{
	static char room[4 << 20];
	struct bytes_out out = bytes_out(room, sizeof room);
	for (size_t i = 0; i < LENGTH(nouns); i++) {
		text_put_view(&out, world_list(s, nouns[i], 1 + rng_u32() % 50));
		text_put(&out, "\n");
	}
	put_hashes(s, &out);
	struct store_counts c = store_counts(s);
	text_printf(&out, "%llu %llu %llu", (unsigned long long)c.packets,
	    (unsigned long long)c.nodes, (unsigned long long)c.alerts_open);
	ck_assert(!out.failed);
	return strdup(text_end(&out));
}

static void
put_in_batches(struct store *s, const struct mesh_record *r)
{
	struct store_outcome o;
	for (size_t i = 0; i < RECORDS;) {
		size_t batch = 1 + rng_u32() % 40;
		for (size_t k = 0; k < batch && i < RECORDS; k++, i++) {
			ck_assert_int_eq(
			    store_put_record(s, &r[i], SYNC_GROUP, i), MESH_OK);
			size_t again = rng_u32() % (i + 1);
			ck_assert_int_eq(
			    store_put_record(s, &r[again], SYNC_GROUP, again), MESH_OK);
		}
		store_work(s);
		while (store_next(s, &o))
			ck_assert_int_eq(o.err, MESH_OK);
	}
}

static void
same(const char *expected, char *got, const char *why)
{
	size_t i = 0;
	while (expected[i] != '\0' && expected[i] == got[i])
		i++;
	size_t from = i > 150 ? i - 150 : 0;
	ck_assert_msg(strcmp(expected, got) == 0, "%s, at %zu:\n%.300s\n%.300s", why, i,
	    expected + from, got + from);
	free(got);
}

START_TEST(order_repetition_and_batches_do_not_matter)
{
	make_records();
	char *expected = NULL;
	for (size_t round = 0; round < ROUNDS; round++) {
		struct store *s = world_open(":memory:");
		put_in_batches(s, all);
		char *got = everything(s);
		if (expected == NULL)
			expected = got;
		else
			same(expected, got, "another order");
		ck_assert_int_eq(store_rebuild_views(s), MESH_OK);
		same(expected, everything(s), "folded again");
		store_close(s);
		world_shuffle(all, RECORDS, RECORDS, rng_u32);
	}
	ck_assert_msg(strlen(expected) > 10000, "the lists are not empty");
	free(expected);
	world_release(&world);
}

START_TEST(views_are_the_same_after_reopening)
{
	const char *path = world_path();
	make_records();
	struct store *s = world_open(path);
	put_in_batches(s, all);
	char *expected = everything(s);
	store_close(s);
	s = world_open(path);
	same(expected, everything(s), "reopened");
	free(expected);
	store_close(s);
	world_release(&world);
	world_forget_paths();
}
CHECK_MODULE(views, NULL, order_repetition_and_batches_do_not_matter,
    views_are_the_same_after_reopening)
