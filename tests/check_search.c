/* Searches by embedding against all that is there, scored in double precision: every
 * page is the whole truth, in the same order, wherever the same records are. */
#include "arena.h"
#include "entry.h"
#include "entry_rows.h"
#include "filter.h"
#include "hit.h"
#include "search.h"
#include "store_world.h"
#include "text.h"
#include "tree.h"
#include <math.h>

enum { ENTRIES = 400, HASHES = 150, RECORDS = 600, DIM = 40 };
static const char *const types[] = { "face", "plate", "voice" };
static struct world world;
static struct store *store;

struct made { /* an entry as it was entered */
	char hash[8];
	size_t site, type;
	uint8_t dtype;
	uint16_t dim;
	uint8_t row[DIM * 4];
	unix_ms expires_ms;
	uint64_t seq;
	bool live;
};
static struct made made[ENTRIES];
static size_t made_count;
static struct mesh_record records[RECORDS];
static size_t record_count;

static void
setup(void)
{
	made_count = record_count = 0;
	world_init(&world);
	store = world_open(":memory:");
}

static void
finish(void)
{
	store_close(store);
	world_release(&world);
}

static void
put(const struct world_draft *d)
{
	ck_assert_uint_lt(record_count, RECORDS);
	records[record_count] = world_record(&world, d);
	ck_assert_int_eq(world_store(store, &records[record_count++]).err, MESH_OK);
}

static void
fill_row(struct made *m)
{
	size_t width = entry_width(m->dtype);
	for (size_t i = 0; i < m->dim; i++) {
		float f = (float)((double)rng_u32() / UINT32_MAX * 2 - 1);
		uint16_t half = (uint16_t)((rng_u32() & 0x83ff) | 0x3800);
		const void *from = m->dtype == ENTRY_F16 ? (const void *)&half : &f;
		uint8_t byte = (uint8_t)rng_u32();
		from = m->dtype == ENTRY_I8 ? &byte : from;
		memcpy(m->row + i * width, from, width);
	}
}

static struct bytes_view
row_of(const struct made *m)
{
	return bytes_view(m->row, m->dim * entry_width(m->dtype));
}

static struct bytes_view
encode(const char *hash, const char *type, uint8_t dtype, uint16_t dim,
    struct bytes_view row, unix_ms expires_ms)
{
	static uint8_t room[1024 + 4 * DOT_DIM_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct entry_put e = { .hash = bytes_view(hash, strlen(hash)),
		.type = text(type),
		.dtype = dtype,
		.dim = dim,
		.embedding = row,
		.expires_ms = expires_ms,
		.has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
		    1U << ENTRY_PUT_DTYPE | 1U << ENTRY_PUT_DIM |
		    1U << ENTRY_PUT_EMBEDDING };
	e.has |= (uint64_t)(expires_ms != 0) << ENTRY_PUT_EXPIRES;
	ck_assert_int_eq(mesh_body_encode(&entry_put_table, &e, &out), MESH_OK);
	return bytes_written(&out);
}

static struct bytes_view
body_of(const struct made *m)
{
	return encode(
	    m->hash, types[m->type], m->dtype, m->dim, row_of(m), m->expires_ms);
}

/* Whatever it replaces is there no longer. */
static struct made *
enter(struct made m)
{
	for (size_t i = 0; i < made_count; i++)
		if (made[i].site == m.site && strcmp(made[i].hash, m.hash) == 0)
			made[i].live = false;
	struct world_draft d = { .site = m.site,
		.lane = LANE_REGISTRY,
		.type = RECORD_PUT,
		.body = body_of(&m) };
	put(&d);
	m.seq = records[record_count - 1].at.seq;
	m.live = true;
	made[made_count] = m;
	return &made[made_count++];
}

static struct made
any(void)
{
	struct made m = { .site = rng_u32() % WORLD_SITES,
		.type = rng_u32() % LENGTH(types),
		.dtype = (uint8_t)(ENTRY_F32 + rng_u32() % 3),
		.dim = rng_u32() % 8 == 0 ? 8 : DIM,
		.expires_ms = rng_u32() % 6 == 0 ? 1000 : 0 };
	snprintf(m.hash, sizeof m.hash, "h%u", rng_u32() % HASHES);
	fill_row(&m);
	return m;
}

static void
remove_one(struct made *m)
{
	struct mesh_run run = { m->seq, m->seq };
	struct world_draft d = { .site = m->site,
		.lane = LANE_REGISTRY,
		.type = RECORD_DROP,
		.body = world_drop(&world, &run, 1) };
	if (m->live)
		put(&d);
	m->live = false;
}

static void
fill(void)
{
	for (int i = 0; i < ENTRIES; i++) {
		enter(any());
		if (i % 10 == 9)
			remove_one(&made[rng_u32() % made_count]);
	}
}

/* --- what ought to be found --- */

static struct store_search
question_for(const struct made *like, uint32_t top)
{
	return (struct store_search){ .dtype = like->dtype,
		.dim = like->dim,
		.like = row_of(like),
		.top = top,
		.least = -1,
		.audience = AUDIENCE_OPERATOR };
}

static double
value(const struct made *m, size_t i)
{
	float f;
	uint16_t h;
	if (m->dtype == ENTRY_I8)
		return (int8_t)m->row[i];
	if (m->dtype == ENTRY_F32) {
		memcpy(&f, m->row + 4 * i, sizeof f);
		return (double)f;
	}
	memcpy(&h, m->row + 2 * i, sizeof h);
	double fraction = 1 + (h & 0x3ff) / 1024.0;
	return (h & 0x8000 ? -1 : 1) * ldexp(fraction, (h >> 10 & 31) - 15);
}

static double
cosine(const struct made *a, const struct made *b)
{
	double ab = 0, aa = 0, bb = 0;
	for (size_t i = 0; i < a->dim; i++) {
		ab += value(a, i) * value(b, i);
		aa += value(a, i) * value(a, i);
		bb += value(b, i) * value(b, i);
	}
	return ab / sqrt(aa * bb);
}

static bool
is_asked_for(const struct store_search *q, const struct made *m)
{
	return m->live && m->dim == q->dim &&
	    (q->type.len == 0 || text_is(q->type, types[m->type])) &&
	    (!q->has_origin ||
		memcmp(&q->origin, &world.site[m->site].key, sizeof q->origin) == 0) &&
	    (q->now_ms == 0 || m->expires_ms == 0 || m->expires_ms > q->now_ms);
}

/* The best that is not taken yet; NULL: none is left. */
static const struct made *
best_left(const struct store_search *q, const struct made *like, const bool *taken)
{
	const struct made *best = NULL;
	for (size_t i = 0; i < made_count; i++) {
		const struct made *m = &made[i];
		if (!taken[i] && is_asked_for(q, m) && cosine(like, m) >= q->least &&
		    (best == NULL || cosine(like, m) > cosine(like, best)))
			best = m;
	}
	return best;
}

static struct store_page *
search(struct store *s, const struct store_search *q)
{
	struct store_outcome o;
	ck_assert_int_eq(store_search(s, q, 9), MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	ck_assert_int_eq(o.err, MESH_OK);
	ck_assert(!o.page->partial);
	return o.page;
}

static void
expect_truth(const struct store_search *q, const struct made *like)
{
	static bool taken[ENTRIES];
	struct store_page *page = search(store, q);
	memset(taken, 0, sizeof taken);
	for (size_t i = 0; i < q->top; i++) {
		const struct made *want = best_left(q, like, taken);
		if (want == NULL) {
			ck_assert_uint_eq(page->count, i);
			break;
		}
		taken[want - made] = true;
		ck_assert_uint_lt(i, page->count);
		const struct store_hit *hit = &page->hits[i];
		ck_assert(bytes_equal(bytes_view(hit->hash, hit->hash_len),
		    bytes_view(want->hash, strlen(want->hash))));
		ck_assert(hit->type_len == strlen(types[want->type]) &&
		    memcmp(hit->type, types[want->type], hit->type_len) == 0);
		ck_assert(memcmp(&hit->origin, &world.site[want->site].key,
			      sizeof hit->origin) == 0);
		ck_assert(fabs(hit->score - cosine(like, want)) < 1e-6);
	}
	store_page_free(page);
}

/* --- */

START_TEST(a_search_finds_the_nearest_of_all_that_is_live_and_wanted)
{
	setup();
	fill();
	for (int i = 0; i < 50; i++) {
		struct made like = any();
		struct store_search q = question_for(&like, 1 + rng_u32() % 64);
		if (rng_u32() % 2)
			q.type = text(types[like.type]);
		if (rng_u32() % 3 == 0) {
			q.has_origin = true;
			q.origin = world.site[like.site].key;
		}
		q.now_ms = rng_u32() % 2 ? 1000 : 0;
		q.least = rng_u32() % 3 == 0 ? 0.2 : -1;
		expect_truth(&q, &like);
	}
	finish();
}
START_TEST(the_same_records_in_another_order_give_the_same_page)
{
	setup();
	fill();
	struct store *other = world_open(":memory:");
	for (size_t i = record_count; i-- > 0;)
		world_store(other, &records[i]);
	for (int i = 0; i < 20; i++) {
		struct made like = any();
		struct store_search q = question_for(&like, 20);
		struct store_page *a = search(store, &q), *b = search(other, &q);
		ck_assert(a->json.len > 0 && bytes_equal(a->json, b->json));
		store_page_free(a);
		store_page_free(b);
	}
	store_close(other);
	finish();
}
START_TEST(equals_stand_by_hash_and_then_by_site)
{
	setup();
	struct made m = any();
	for (int i = 0; i < 9; i++) {
		m.site = (size_t)i % 3;
		snprintf(m.hash, sizeof m.hash, "%c", 'c' - i / 3);
		enter(m);
	}
	struct store_search q = question_for(&m, 20);
	struct store_page *page = search(store, &q);
	ck_assert_uint_eq(page->count, 9);
	for (size_t i = 0; i < 9; i++)
		ck_assert_int_eq(page->hits[i].hash[0], 'a' + (int)i / 3);
	for (size_t i = 1; i < 3; i++)
		ck_assert_int_lt(memcmp(&page->hits[i - 1].origin,
				     &page->hits[i].origin, sizeof(struct mesh_key)),
		    0);
	store_page_free(page);
	finish();
}
START_TEST(a_hit_says_what_the_entry_says_and_a_filter_asks_for_it)
{
	static uint8_t room[32 * 1024];
	setup();
	struct world_draft d = { .site = 1, .lane = LANE_REGISTRY, .type = RECORD_PUT };
	for (uint32_t i = 0; i < 4; i++) {
		char hash[4] = { 'h', (char)('0' + i) };
		d.body = world_entry(&world, hash, "face", 8, i, 0);
		put(&d);
	}
	struct made like = any();
	like.dtype = ENTRY_F32;
	like.dim = 8;
	fill_row(&like);
	struct store_search q = question_for(&like, 10);
	struct arena arena = arena_init(room, sizeof room);
	struct filter_error why;
	ck_assert_int_eq(
	    filter_parse(&entry_table, text("type=face and metadata.number=2"), &arena,
		&q.filter, &why),
	    MESH_OK);
	struct store_page *page = search(store, &q);
	ck_assert_uint_eq(page->count, 1);
	static const char *const says[] = { "{\"hash\":\"6832\"", "\"type\":\"face\"",
		"\"score\":", "\"number\":2", "\"version\":{" };
	for (size_t i = 0; i < LENGTH(says); i++)
		ck_assert_msg(memmem(page->json.ptr, page->json.len, says[i],
				  strlen(says[i])) != NULL,
		    "%s: %.*s", says[i], (int)page->json.len, page->json.ptr);
	ck_assert_uint_eq(page->hits[0].json.len, page->json.len);
	store_page_free(page);
	q.audience = AUDIENCE_PUBLIC;
	page = search(store, &q);
	ck_assert(memmem(page->json.ptr, page->json.len, "number", 6) == NULL);
	store_page_free(page);
	finish();
}
START_TEST(what_cannot_be_searched_for_is_refused)
{
	setup();
	struct made like = any();
	struct store_search good = question_for(&like, 10), q = good;
	q.top = 0;
	ck_assert_int_eq(store_search(store, &q, 1), MESH_MALFORMED);
	q.top = HIT_TOP_MAX + 1;
	ck_assert_int_eq(store_search(store, &q, 1), MESH_MALFORMED);
	q = good;
	q.dim++;
	ck_assert_int_eq(store_search(store, &q, 1), MESH_MALFORMED);
	q = good;
	q.dtype = ENTRY_PLAIN;
	ck_assert_int_eq(store_search(store, &q, 1), MESH_MALFORMED);
	memset(like.row, 0, sizeof like.row);
	q = question_for(&like, 10);
	ck_assert_int_eq(store_search(store, &q, 1), MESH_MALFORMED);
	fill_row(&like);
	struct store_page *page = search(store, &good); /* nothing is there */
	ck_assert_uint_eq(page->count, 0);
	ck_assert_uint_eq(page->json.len, 0);
	store_page_free(page);
	good.type = text("nobody's");
	page = search(store, &good);
	ck_assert_uint_eq(page->count, 0);
	store_page_free(page);
	finish();
}
START_TEST(folded_again_the_registry_finds_the_same)
{
	setup();
	fill();
	struct made like = any();
	struct store_search q = question_for(&like, 30);
	struct store_page *before = search(store, &q);
	ck_assert_int_eq(store_rebuild_views(store), MESH_OK);
	struct store_page *after = search(store, &q);
	ck_assert(bytes_equal(before->json, after->json));
	store_page_free(before);
	store_page_free(after);
	finish();
}

START_TEST(other_reads_are_answered_while_a_search_looks_at_what_it_does_not_want)
{
	enum { MANY = SEARCH_LOOKS * 5 / 2 };
	setup();
	struct mesh_record r = { .type = 0 };
	for (uint32_t i = 0; i < MANY; i++) {
		char hash[8];
		snprintf(hash, sizeof hash, "%u", i);
		world.arena.used = 0; /* only the store keeps them */
		struct world_draft d = { .lane = LANE_REGISTRY,
			.type = RECORD_PUT,
			.body = world_entry(&world, hash, "face", 8, i, 0) };
		r = world_record(&world, &d);
		ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	}
	struct made like = any();
	like.dtype = ENTRY_F32;
	like.dim = 8;
	fill_row(&like);
	struct store_search q = question_for(&like, 10);
	q.has_origin = true;
	q.origin = world.site[1].key;
	struct store_outcome o;
	ck_assert_int_eq(store_search(store, &q, 9), MESH_OK);
	ck_assert_int_eq(store_fetch(store, &r.at, 1, 3), MESH_OK);
	store_work(store);
	ck_assert(store_next(store, &o));
	ck_assert_uint_eq(o.token, 3);
	store_page_free(o.page);
	ck_assert(store_next(store, &o));
	ck_assert_uint_eq(o.token, 9);
	ck_assert_uint_eq(o.page->count, 0);
	store_page_free(o.page);
	q.origin = world.site[0].key; /* none is passed over between slices */
	q.least = 0;
	q.top = 64;
	struct store_page *some = search(store, &q);
	q.has_origin = false;
	struct store_page *all = search(store, &q);
	ck_assert_uint_eq(some->count, 64);
	ck_assert(bytes_equal(some->json, all->json));
	store_page_free(some);
	store_page_free(all);
	finish();
}

/* --- long searches --- */

enum { LONG_DIM = 4096, LONG_ENTRIES = SEARCH_SLICE / (4 * LONG_DIM) + 40 };

static struct store_search
fill_long(void)
{
	static float row[LONG_DIM];
	struct world_draft d = { .lane = LANE_REGISTRY, .type = RECORD_PUT };
	for (uint32_t i = 0; i < LONG_ENTRIES; i++) {
		char hash[8];
		snprintf(hash, sizeof hash, "%u", i);
		world.arena.used = 0; /* only the store keeps them */
		row[i % LONG_DIM] = (float)(i % 5);
		d.body = encode(
		    hash, "face", ENTRY_F32, LONG_DIM, bytes_view(row, sizeof row), 0);
		struct mesh_record r = world_record(&world, &d);
		ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	}
	for (size_t i = 0; i < LONG_DIM; i++)
		row[i] = (float)(i % 7);
	return (struct store_search){ .dtype = ENTRY_F32,
		.dim = LONG_DIM,
		.like = bytes_view(row, sizeof row),
		.top = 5,
		.least = -1 };
}

START_TEST(other_reads_are_answered_between_the_slices_of_a_search)
{
	struct store_outcome o;
	setup();
	struct store_search q = fill_long();
	struct store_question list = { .noun = STORE_PACKETS };
	ck_assert_int_eq(store_search(store, &q, 1), MESH_OK);
	ck_assert_int_eq(store_ask(store, &list, 2), MESH_OK);
	store_work(store);
	for (uint64_t token = 2; token > 0; token--) { /* the list first */
		ck_assert(store_next(store, &o));
		ck_assert_uint_eq(o.token, token);
		ck_assert_int_eq(o.err, MESH_OK);
		ck_assert_uint_eq(o.page->count, token == 1 ? 5 : 0);
		store_page_free(o.page);
	}
	/* One that is cancelled says nothing, one that is hurried what it has. */
	ck_assert_int_eq(store_search(store, &q, 3), MESH_OK);
	store_cancel(store, 3);
	ck_assert_int_eq(store_search(store, &q, 4), MESH_OK);
	store_hurry(store, 4);
	store_work(store);
	ck_assert(store_next(store, &o));
	ck_assert_uint_eq(o.token, 4);
	ck_assert_int_eq(o.err, MESH_OK);
	ck_assert(o.page->partial);
	ck_assert_uint_eq(o.page->count, 5);
	store_page_free(o.page);
	ck_assert(!store_next(store, &o));
	finish();
}
/* --- lists --- */

static uint8_t listed[1 << 20], shown[1 << 20];

/* Page by page, as another site asks that wants more. */
static struct bytes_view
list_all(struct store_search *q, size_t *count)
{
	struct bytes_out out = bytes_out(listed, sizeof listed);
	static uint8_t hash[ENTRY_HASH_MAX];
	struct seek_place after;
	*count = 0;
	for (q->after = NULL;;) {
		struct store_page *page = search(store, q);
		for (size_t i = 0; i < page->count; i++) {
			bytes_put(&out, page->hits[i].json.ptr, page->hits[i].json.len);
			bytes_put_u8(&out, ',');
			ck_assert(!q->has_origin ||
			    key_equal(&page->hits[i].origin, &q->origin));
		}
		bool more = page->count == q->top;
		*count += page->count;
		if (more) {
			const struct store_hit *last = &page->hits[page->count - 1];
			memcpy(hash, last->hash, last->hash_len);
			after = (struct seek_place){ .score = last->score,
				.hash = bytes_view(hash, last->hash_len),
				.origin = last->origin,
				.time_ms = last->said.time_ms };
		}
		store_page_free(page);
		if (!more)
			return bytes_written(&out);
		q->after = &after;
	}
}

/* The same, as the operator lists it. */
static struct bytes_view
ask_all(const struct store_search *q)
{
	struct bytes_out out = bytes_out(shown, sizeof shown);
	char next[256] = "";
	struct store_question ask = { .noun = STORE_ENTRIES,
		.filter = q->filter,
		.now_ms = q->now_ms,
		.audience = AUDIENCE_OPERATOR };
	do {
		struct store_outcome o;
		ask.after = text(next);
		ck_assert_int_eq(store_ask(store, &ask, 8), MESH_OK);
		store_work(store);
		ck_assert(store_next(store, &o) && o.err == MESH_OK);
		bytes_put_view(&out, o.page->json);
		if (o.page->count > 0)
			bytes_put_u8(&out, ',');
		snprintf(
		    next, sizeof next, "%.*s", (int)o.page->next.len, o.page->next.ptr);
		store_page_free(o.page);
	} while (next[0] != '\0');
	return bytes_written(&out);
}

static const struct filter *
filter_of(const char *words, struct arena *arena)
{
	const struct filter *f;
	struct filter_error why;
	ck_assert_int_eq(
	    filter_parse(&entry_table, text(words), arena, &f, &why), MESH_OK);
	return f;
}

START_TEST(a_list_in_parts_is_what_the_operator_lists)
{
	static uint8_t room[64 * 1024];
	setup();
	fill();
	for (int i = 0; i < 30; i++) {
		struct arena arena = arena_init(room, sizeof room);
		size_t count, of_site = 0, most = 1 + rng_u32() % 64;
		struct store_search q = { .list = true,
			.top = (uint32_t)most,
			.now_ms = rng_u32() % 2 ? 1000 : 0,
			.audience = AUDIENCE_OPERATOR };
		q.filter = rng_u32() % 2 ? filter_of("type=face or dim=8", &arena)
					 : NULL;
		struct bytes_view list = list_all(&q, &count);
		ck_assert(bytes_equal(list, ask_all(&q)) && count > 0);
		q.has_origin = true;
		for (size_t k = 0; k < WORLD_SITES; k++) {
			size_t some;
			q.origin = world.site[k].key;
			(void)list_all(&q, &some);
			of_site += some;
		}
		ck_assert_uint_eq(of_site, count);
		struct store_search typed = { .list = true,
			.top = 64,
			.type = text(types[i % 3]),
			.audience = AUDIENCE_OPERATOR };
		struct store_search filtered = typed;
		char words[32];
		snprintf(words, sizeof words, "type=%s", types[i % 3]);
		filtered.filter = filter_of(words, &arena);
		list = list_all(&typed, &count);
		ck_assert(bytes_equal(list, ask_all(&filtered)) && count > 0);
	}
	finish();
}

START_TEST(a_list_of_one_hash_is_what_all_say_of_it)
{
	setup();
	fill();
	size_t all = 0, count;
	struct store_search q = { .list = true, .top = 64 };
	for (int i = 0; i < HASHES; i++) {
		char hash[8];
		snprintf(hash, sizeof hash, "h%d", i);
		q.hash = bytes_view(hash, strlen(hash));
		(void)list_all(&q, &count);
		all += count;
	}
	q.hash = bytes_view("nobody", 6);
	(void)list_all(&q, &count);
	ck_assert_uint_eq(count, 0);
	q.hash = bytes_view(NULL, 0);
	(void)list_all(&q, &count);
	ck_assert_uint_eq(count, all);
	finish();
}

START_TEST(who_tells_another_site_tells_the_metadata_as_it_was_entered)
{
	setup();
	struct world_draft d = { .site = 1, .lane = LANE_REGISTRY, .type = RECORD_PUT };
	d.body = world_entry(&world, "h1", "face", 8, 5, 0);
	put(&d);
	for (int list = 0; list < 2; list++) {
		static uint64_t block[512];
		struct arena arena = arena_init(block, sizeof block);
		struct entry_meta alone;
		int64_t number = 0;
		struct made like = { .dtype = ENTRY_F32, .dim = 8 };
		fill_row(&like);
		struct store_search q = question_for(&like, 9);
		q.list = list;
		q.told = true;
		struct store_page *page = search(store, &q);
		ck_assert_uint_eq(page->count, 1);
		const struct seek_said *said = &page->hits[0].said;
		ck_assert_uint_eq(said->bytes, said->metadata.len);
		ck_assert_int_eq(
		    mesh_body_decode(&entry_meta_table, said->metadata, &alone, &arena),
		    MESH_OK);
		ck_assert(tree_i64(alone.metadata, "number", &number) && number == 5);
		ck_assert(said->seq == records[record_count - 1].at.seq);
		ck_assert(page->json.len == 0 && page->hits[0].json.len == 0);
		store_page_free(page);
	}
	finish();
}

/* With a slice after each thousand, and hurried after the first. */
START_TEST(a_long_list_goes_in_slices_and_ends_with_what_it_has_when_it_is_hurried)
{
	enum { MANY = 2500 };
	static uint8_t room[64 * 1024];
	struct arena arena = arena_init(room, sizeof room);
	setup();
	for (uint32_t i = 0; i < MANY; i++) {
		char hash[8];
		snprintf(hash, sizeof hash, "n%05u", i);
		struct world_draft d = { .site = 0,
			.lane = LANE_REGISTRY,
			.type = RECORD_PUT,
			.body = world_entry(&world, hash, "face", 0, i, 0) };
		struct mesh_record r = world_record(&world, &d);
		ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	}
	struct store_search q = { .list = true,
		.top = 5,
		.filter = filter_of(
		    "metadata.number=2400 or metadata.number=3", &arena) };
	struct store_page *page = search(store, &q);
	ck_assert_uint_eq(page->count, 2);
	store_page_free(page);
	struct store_outcome o;
	ck_assert_int_eq(store_search(store, &q, 9), MESH_OK);
	store_hurry(store, 9);
	store_work(store);
	ck_assert(store_next(store, &o) && o.err == MESH_OK);
	ck_assert(o.page->partial && o.page->count == 1);
	store_page_free(o.page);
	finish();
}

/* As many as a hash may have, none of them wanted: the search sees the end of them. */
START_TEST(a_search_by_hash_ends_where_every_site_says_something_of_it)
{
	enum { ALL = ENTRY_ORIGINS };
	static uint8_t room[64 * 1024];
	struct arena arena = arena_init(room, sizeof room);
	setup();
	for (uint32_t i = 0; i < ALL; i++) {
		uint8_t seed[32] = { 9, (uint8_t)i, (uint8_t)(i >> 8) };
		struct world_draft d = { .site = 1,
			.lane = LANE_REGISTRY,
			.type = RECORD_PUT,
			.body = world_entry(&world, "h", "face", 0, i, 0) };
		mesh_identity_of(seed, &world.site[1]);
		world.seq[1][LANE_REGISTRY] = 0;
		struct mesh_record r = world_record(&world, &d);
		ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	}
	struct store_search q = { .list = true,
		.top = 64,
		.hash = bytes_view("h", 1),
		.filter = filter_of("type=cat", &arena) };
	struct store_outcome o;
	ck_assert_int_eq(store_search(store, &q, 9), MESH_OK);
	store_hurry(store, 9); /* after one slice, which is enough */
	store_work(store);
	ck_assert(store_next(store, &o) && o.err == MESH_OK);
	ck_assert_uint_eq(o.page->count, 0);
	ck_assert_msg(!o.page->partial, "it has seen them all");
	store_page_free(o.page);
	q.filter = filter_of("metadata.number=1000", &arena);
	struct store_page *page = search(store, &q);
	ck_assert_uint_eq(page->count, 1);
	store_page_free(page);
	finish();
}

CHECK_MODULE(search, NULL, a_search_by_hash_ends_where_every_site_says_something_of_it,
    other_reads_are_answered_while_a_search_looks_at_what_it_does_not_want,
    a_search_finds_the_nearest_of_all_that_is_live_and_wanted,
    the_same_records_in_another_order_give_the_same_page,
    equals_stand_by_hash_and_then_by_site,
    a_hit_says_what_the_entry_says_and_a_filter_asks_for_it,
    what_cannot_be_searched_for_is_refused, folded_again_the_registry_finds_the_same,
    other_reads_are_answered_between_the_slices_of_a_search,
    a_list_in_parts_is_what_the_operator_lists,
    a_list_of_one_hash_is_what_all_say_of_it,
    who_tells_another_site_tells_the_metadata_as_it_was_entered,
    a_long_list_goes_in_slices_and_ends_with_what_it_has_when_it_is_hurried)
