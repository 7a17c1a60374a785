/* bench_search.c - what a search costs beside a bare pass over the same numbers in
 * memory, and what it finds of what double precision finds.
 *
 * The rows go through the store's own door, each with a signature, into a file below
 * --dir (or TMPDIR) that goes with the run.  A search reads what its quick pass wants
 * of them out of that file, through SQLite; the bare pass, whose rate is the limit,
 * scores the same rows whole, from one piece of this process's memory, with the same
 * code.  Both sides are timed by what the thread works, so that others on the machine
 * do not count.  A million rows take some two minutes, almost all of it to fill. */
#include "bench.h"
#include "bundle.h"
#include "bytes.h"
#include "dot.h"
#include "entry.h"
#include "meshtrust.h"
#include "store.h"
#include "text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUERIES = 8, TOP = 10, COMMIT = 1000, BODY = 20 * 1024 };
struct table {         /* the rows, as they are in the file */
	uint8_t *rows; /* owned */
	size_t count, dim, stride;
	enum dot_dtype dtype;
	uint64_t seed;
	struct dot_query query;
	float *scores; /* owned, one per row */
	double *exact; /* owned, one per row */
	struct mesh_identity site;
	struct store *store;
	char folder[480], path[512];
};

static double
random_f64(struct table *t)
{
	uint8_t b[4];
	bench_random(&t->seed, b, sizeof b);
	return (b[0] + b[1] + b[2] + b[3] - 510) / 510.0;
}

static uint8_t *
row_at(const struct table *t, size_t i)
{
	return t->rows + i * t->stride;
}

/* Normal halves alone: a sign, exponents around 1. */
static void
put_value(enum dot_dtype dtype, uint8_t *to, double value)
{
	float f = (float)value;
	int8_t byte = (int8_t)lrint(127 * value);
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	int32_t exponent = (int32_t)(bits >> 23 & 0xff) - 112;
	uint16_t half = (uint16_t)((bits >> 16 & 0x8000) |
	    (exponent <= 0 ? 0U : (uint32_t)exponent << 10 | (bits >> 13 & 0x3ff)));
	const void *from = dtype == DOT_F32 ? (const void *)&f
	    : dtype == DOT_F16              ? (const void *)&half
					    : &byte;
	memcpy(to, from, dot_width(dtype));
}

static void
make_rows(struct table *t)
{
	size_t width = dot_width(t->dtype);
	for (size_t i = 0; i < t->count * t->dim; i++)
		put_value(t->dtype, t->rows + i * width, random_f64(t));
}

/* --- into the store --- */

static bool
write_core(const struct table *t, size_t i, struct bytes_out *out)
{
	static uint8_t body[BODY];
	struct bytes_out room = bytes_out(body, sizeof body);
	uint64_t hash = i * 0x9e3779b97f4a7c15U; /* as random as a hash */
	struct entry_put put = { .has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
		    1U << ENTRY_PUT_DTYPE | 1U << ENTRY_PUT_DIM |
		    1U << ENTRY_PUT_EMBEDDING,
		.hash = bytes_view(&hash, sizeof hash),
		.type = text("bench"),
		.dtype = (uint8_t)t->dtype,
		.dim = (uint16_t)t->dim,
		.embedding = bytes_view(row_at(t, i), t->stride) };
	struct record r = { .at = { t->site.key, 1700000000, i + 1, LANE_REGISTRY },
		.back = 1,
		.type = RECORD_PUT,
		.time_ms = 1700000000000 + (unix_ms)i,
		.hop_max = 32 };
	if (mesh_body_encode(&entry_put_table, &put, &room) != MESH_OK)
		return false;
	r.body = bytes_written(&room);
	return record_write(&r, out) == MESH_OK;
}

static bool
put_one(struct table *t, size_t i)
{
	static uint8_t core[BODY], bundle[BODY];
	uint8_t netid[16] = { 0 };
	struct bundle_signer by = { t->site.seed, &t->site.key, netid };
	struct bytes_out out = bytes_out(core, sizeof core);
	struct mesh_record r;
	if (!write_core(t, i, &out))
		return false;
	struct bytes_view cores[] = { bytes_written(&out) };
	out = bytes_out(bundle, sizeof bundle);
	return bundle_sign(&by, cores, 1, &out) == MESH_OK &&
	    mesh_record_read(bytes_written(&out), &r) == MESH_OK &&
	    store_put_record(t->store, &r, SYNC_GROUP, 1) == MESH_OK;
}

static bool
all_stored(struct table *t)
{
	struct store_outcome o;
	bool good = true;
	store_work(t->store);
	while (store_next(t->store, &o))
		good = good && o.err == MESH_OK;
	return good;
}

static bool
fill(struct table *t)
{
	bool good = true;
	for (size_t i = 0; i < t->count && good; i++) {
		good = put_one(t, i);
		if (good && (i % COMMIT == COMMIT - 1 || i + 1 == t->count)) {
			good = all_stored(t);
			bench_progress("filled", i + 1, t->count);
		}
	}
	return good;
}

/* --- questions --- */

/* Something near a row that is there. */
static void
ask_near(struct table *t, size_t i, float *like)
{
	for (size_t k = 0; k < t->dim; k++)
		like[k] = (float)(dot_value(t->dtype, row_at(t, i), k) *
			(t->dtype == DOT_I8 ? 1 / 127.0 : 1) +
		    random_f64(t));
}

static struct store_page *
search(struct table *t, const float *like)
{
	struct store_search q = { .dtype = DOT_F32,
		.dim = (uint16_t)t->dim,
		.like = bytes_view(like, t->dim * sizeof *like),
		.top = TOP,
		.least = -1 };
	struct store_outcome o;
	if (store_search(t->store, &q, 1) != MESH_OK)
		return NULL;
	store_work(t->store);
	return store_next(t->store, &o) && o.err == MESH_OK ? o.page : NULL;
}

/* How many of the page's rows are among the first TOP in double precision. */
static size_t
count_true(const struct table *t, const struct store_page *page)
{
	size_t good = 0;
	for (size_t i = 0; i < t->count; i++)
		t->exact[i] = dot_exact(&t->query, t->dtype, row_at(t, i));
	for (size_t h = 0; h < page->count; h++) {
		size_t better = 0;
		for (size_t i = 0; i < t->count; i++)
			better += t->exact[i] > page->hits[h].score;
		good += better < TOP;
	}
	return good;
}

static bool
measure(struct table *t, double *search_s, double *bare_s, double *recall)
{
	static float like[DOT_DIM_MAX];
	size_t good = 0, all = 0;
	for (size_t i = 0; i < QUERIES; i++) {
		ask_near(t, i * (t->count / QUERIES), like);
		double begin = bench_worked();
		struct store_page *page = search(t, like);
		*search_s += bench_worked() - begin;
		if (page == NULL || page->count == 0 ||
		    !dot_query_set(&t->query, DOT_F32, t->dim,
			bytes_view(like, t->dim * sizeof *like)))
			return false;
		begin = bench_worked();
		dot_rows(&t->query, t->dtype, t->rows, t->count, t->scores);
		*bare_s += bench_worked() - begin;
		good += count_true(t, page);
		all += TOP;
		store_page_free(page);
	}
	*recall = (double)good / (double)all;
	return true;
}

/* --- the run --- */

static bool
open_table(struct table *t, const struct bench_options *o)
{
	static const char *const words[] = { "none", "f32", "f16", "i8" };
	const char *dir = o->dir != NULL ? o->dir : getenv("TMPDIR");
	uint8_t seed[32] = { 7 };
	t->count = o->rows != 0 ? o->rows : 100000;
	t->dim = o->dim != 0 ? o->dim : 512;
	t->dtype = DOT_F32;
	for (size_t i = 1; o->dtype != NULL && i < LENGTH(words); i++)
		if (strcmp(o->dtype, words[i]) == 0)
			t->dtype = (enum dot_dtype)i;
	if (t->dim > DOT_DIM_MAX)
		return false;
	t->stride = t->dim * dot_width(t->dtype);
	t->rows = malloc(t->count * t->stride);
	t->scores = malloc(t->count * sizeof *t->scores);
	t->exact = malloc(t->count * sizeof *t->exact);
	snprintf(t->folder, sizeof t->folder, "%s/meshbench.XXXXXX",
	    dir != NULL ? dir : "/tmp");
	if (t->rows == NULL || t->scores == NULL || t->exact == NULL ||
	    mkdtemp(t->folder) == NULL)
		return false;
	snprintf(t->path, sizeof t->path, "%s/s.db", t->folder);
	struct store_params params = { .path = t->path };
	mesh_identity_of(seed, &t->site);
	return store_open(&t->store, &params) == 0;
}

static double
close_table(struct table *t)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct stat st = { .st_size = 0 };
	char name[520];
	store_close(t->store);
	if (t->path[0] != '\0' && stat(t->path, &st) != 0)
		st.st_size = 0;
	for (size_t i = 0; t->path[0] != '\0' && i < LENGTH(ends); i++) {
		snprintf(name, sizeof name, "%s%s", t->path, ends[i]);
		unlink(name);
	}
	rmdir(t->folder);
	free(t->rows);
	free(t->scores);
	free(t->exact);
	return (double)st.st_size;
}

int
bench_search(const struct bench_options *o, struct bench_report *r)
{
	static struct table t;
	double filled = 0, searched = 0, bare = 0, recall = 0;
	bool good = open_table(&t, o);
	if (good) {
		make_rows(&t);
		double begin = bench_worked();
		good = fill(&t);
		filled = bench_worked() - begin;
	}
	good = good && measure(&t, &searched, &bare, &recall);
	double rows = (double)t.count, bytes = close_table(&t);
	if (!good) {
		fprintf(
		    stderr, "meshbench: search: no memory, no disk, or a bad --dim\n");
		return 1;
	}
	r->value = rows * QUERIES / searched;
	r->unit = "rows/s looked through by a search";
	r->limit = rows * QUERIES / bare;
	bench_add(r, "search_ms", searched / QUERIES * 1000);
	bench_add(r, "recall_at_10", recall);
	bench_add(r, "filled_per_s", rows / filled);
	bench_add(r, "bytes_per_row", bytes / rows);
	return 0;
}
