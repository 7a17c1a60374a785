/* bench_store.c - records a second that the store commits, and what they take on the
 * disk, against SQLite alone with nothing but the cores.
 *
 * --mode batched: receptions in batches of 64, as a busy site signs them; alone: each
 * with a signature of its own; entries: of the registry with 512 numbers of f32, signed
 * alone, a sixth of them entered anew, so that the disk has holes. */
#include "arena.h"
#include "bench.h"
#include "bundle.h"
#include "bytes.h"
#include "entry.h"
#include "id.h"
#include "meshtrust.h"
#include "packet.h"
#include "store.h"
#include "text.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORDS = 64 * 1000, CORE_MAX = 4096, COMMIT = 1000, SITES = 3 };
enum { DIM = 512, KEPT_OF = 6 }; /* entries: so many hashes, and one more time one */

struct job {
	struct mesh_identity site[SITES];
	uint8_t netid[16];
	bool entries;
	size_t count, each; /* records; of them under one signature */
	size_t live;        /* at the end */
	struct mesh_record *records;
	uint8_t *room; /* owned: their proofs */
	struct bytes_out left;
	char folder[64], path[128];
	double took, bytes;
};

/* --- records --- */

static enum mesh_err
write_reception(size_t i, struct bytes_out *out)
{
	uint32_t packet = (uint32_t)(i / SITES); /* heard by all of them */
	struct reception heard = { .has = 1U << RECEPTION_PACKET |
		    1U << RECEPTION_NETWORK | 1U << RECEPTION_FROM |
		    1U << RECEPTION_TYPE | 1U << RECEPTION_RSSI | 1U << RECEPTION_TIME |
		    1U << RECEPTION_RADIO | 1U << RECEPTION_RAW,
		.packet = id_of_packet(ID_SIM_PACKET, 1 + packet % 200, packet),
		.from = id_of_node(ID_SIM_NODE, 1 + packet % 200),
		.network = NETWORK_SIM,
		.type = 1,
		.rssi = -80,
		.time_ms = 1700000000000 + (unix_ms)i,
		.radio = text("roof"),
		.raw = bytes_view("hello", 5) };
	return mesh_body_encode(&reception_table, &heard, out);
}

/* Every KEPT_OF-th is of a hash that its site has entered before. */
static enum mesh_err
write_entry(size_t i, struct bytes_out *out)
{
	uint8_t hash[32];
	float numbers[DIM];
	bool again = i % KEPT_OF == KEPT_OF - 1;
	uint64_t what = again ? i * 7919 % (i / KEPT_OF + 1) * KEPT_OF + 2 : i;
	mesh_hash(&what, sizeof what, hash);
	for (size_t k = 0; k < DIM; k++)
		numbers[k] = (float)((i * 31 + k * 17) % 1000) / 1000;
	struct entry_put put = { .has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
		    1U << ENTRY_PUT_DTYPE | 1U << ENTRY_PUT_DIM |
		    1U << ENTRY_PUT_EMBEDDING,
		.hash = bytes_view(hash, sizeof hash),
		.type = text("image"),
		.dtype = ENTRY_F32,
		.dim = DIM,
		.embedding = bytes_view(numbers, sizeof numbers) };
	return mesh_body_encode(&entry_put_table, &put, out);
}

static bool
write_core(const struct job *j, size_t i, struct bytes_out *out)
{
	uint8_t body[CORE_MAX];
	struct bytes_out room = bytes_out(body, sizeof body);
	size_t number = i / (SITES * j->each) * j->each + i % j->each + 1;
	struct record r = { .at = { j->site[i / j->each % SITES].key, 1700000000,
				number, j->entries ? LANE_REGISTRY : LANE_PACKET },
		.back = 1,
		.type = 1,
		.time_ms = 1700000000000 + (unix_ms)i,
		.hop_max = RECORD_HOP_MAX };
	enum mesh_err err = j->entries ? write_entry(i, &room)
				       : write_reception(i, &room);
	if (err != MESH_OK)
		return false;
	r.body = bytes_written(&room);
	return record_write(&r, out) == MESH_OK;
}

/* The proof of each, cut out of all that were signed together. */
static bool
cut_all(struct job *j, struct bytes_view signed_together, size_t first)
{
	struct bundle all;
	struct merkle_hash leaves[BUNDLE_CORES];
	if (bundle_read(signed_together, &all) != MESH_OK)
		return false;
	bundle_leaves(&all, leaves);
	for (size_t k = 0; k < j->each; k++) {
		size_t from = j->left.len;
		if (bundle_cut(&all, leaves, 1ULL << k, &j->left) != MESH_OK ||
		    mesh_record_read(bytes_view(j->left.ptr + from, j->left.len - from),
			&j->records[first + k]) != MESH_OK)
			return false;
	}
	return true;
}

static bool
sign_some(struct job *j, size_t first)
{
	static uint8_t room[BUNDLE_CORES * CORE_MAX], bundle[BUNDLE_CORES * CORE_MAX];
	struct bytes_out cores_room = bytes_out(room, sizeof room);
	struct bytes_out out = bytes_out(bundle, sizeof bundle);
	struct bytes_view cores[BUNDLE_CORES];
	const struct mesh_identity *by = &j->site[first / j->each % SITES];
	struct bundle_signer signer = { by->seed, &by->key, j->netid };
	for (size_t k = 0; k < j->each; k++) {
		size_t from = cores_room.len;
		if (!write_core(j, first + k, &cores_room))
			return false;
		cores[k] = bytes_view(room + from, cores_room.len - from);
	}
	return bundle_sign(&signer, cores, j->each, &out) == MESH_OK &&
	    cut_all(j, bytes_written(&out), first);
}

static bool
make_records(struct job *j)
{
	size_t most = j->entries ? CORE_MAX : 700;
	j->records = calloc(j->count, sizeof *j->records);
	j->room = malloc(j->count * most);
	if (j->records == NULL || j->room == NULL)
		return false;
	j->left = bytes_out(j->room, j->count * most);
	for (size_t i = 0; i < SITES; i++) {
		uint8_t seed[32] = { (uint8_t)(i + 1) };
		mesh_identity_of(seed, &j->site[i]);
	}
	for (size_t i = 0; i < j->count; i += j->each)
		if (!sign_some(j, i))
			return false;
	return true;
}

/* --- the store --- */

static double
size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (double)st.st_size : 0;
}

static bool
commit(struct store *s)
{
	struct store_outcome o;
	bool good = true;
	store_work(s);
	while (store_next(s, &o))
		good = good && o.err == MESH_OK;
	return good;
}

/* Those that no later one is of the same hash as. */
static size_t
live_entries(const struct job *j)
{
	return j->count - j->count / KEPT_OF;
}

static bool
fill_store(struct job *j)
{
	struct store *s;
	struct store_params p = { .path = j->path };
	bool good = store_open(&s, &p) == 0;
	if (!good)
		return false;
	double begin = bench_worked();
	for (size_t i = 0; i < j->count && good; i++) {
		good = store_put_record(s, &j->records[i], SYNC_GROUP, i) == MESH_OK;
		if (i % COMMIT == COMMIT - 1)
			good = good && commit(s);
	}
	j->took = bench_worked() - begin;
	j->live = j->entries ? live_entries(j) : j->count;
	store_close(s);
	j->bytes = size_of(j->path);
	return good;
}

static bool
fill_bare(struct job *j)
{
	sqlite3 *db;
	sqlite3_stmt *st = NULL;
	static const char sql[] =
	    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
	    " PRAGMA cache_size=-512;"
	    "CREATE TABLE record(log INTEGER, seq INTEGER, core BLOB, UNIQUE(log,seq))";
	bool good = sqlite3_open(j->path, &db) == SQLITE_OK &&
	    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "INSERT INTO record VALUES(?,?,?)", -1, &st, NULL) ==
		SQLITE_OK;
	double begin = bench_worked();
	for (size_t i = 0; good && i < j->count; i++) {
		const struct mesh_record *r = &j->records[i];
		if (i % COMMIT == 0)
			sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
		sqlite3_bind_int64(st, 1, (int64_t)(i / j->each % SITES));
		sqlite3_bind_int64(st, 2, (int64_t)r->at.seq);
		sqlite3_bind_blob64(st, 3, r->core.ptr, r->core.len, SQLITE_STATIC);
		good = sqlite3_step(st) == SQLITE_DONE;
		sqlite3_reset(st);
		if (i % COMMIT == COMMIT - 1)
			sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	}
	j->took = bench_worked() - begin;
	sqlite3_finalize(st);
	sqlite3_close(db);
	j->bytes = size_of(j->path);
	return good;
}

/* --- the whole --- */

static bool
measure(struct job *j, const char *name, bool (*fill)(struct job *j))
{
	static const char *const left[] = { "", "-wal", "-shm" };
	char path[160];
	snprintf(j->path, sizeof j->path, "%s/%s.db", j->folder, name);
	bool good = fill(j);
	for (size_t i = 0; i < LENGTH(left); i++) {
		snprintf(path, sizeof path, "%s%s", j->path, left[i]);
		unlink(path);
	}
	return good;
}

int
bench_store(const struct bench_options *o, struct bench_report *r)
{
	static struct job j;
	j.entries = o->mode != NULL && strcmp(o->mode, "entries") == 0;
	bool alone = j.entries || (o->mode != NULL && strcmp(o->mode, "alone") == 0);
	j.each = alone ? 1 : BUNDLE_CORES;
	j.count = j.entries ? RECORDS / 4 : RECORDS;
	const char *tmp = getenv("TMPDIR");
	snprintf(j.folder, sizeof j.folder, "%s/meshbench.XXXXXX",
	    tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
	bool good = mkdtemp(j.folder) != NULL && make_records(&j);
	if (good && measure(&j, "store", fill_store)) {
		r->value = (double)j.count / j.took;
		bench_add(r, "disk_bytes_per_record", j.bytes / (double)j.live);
		good = measure(&j, "bare", fill_bare);
		r->limit = (double)j.count / j.took;
		bench_add(r, "bare_bytes_per_record", j.bytes / (double)j.live);
		bench_add(
		    r, "proof_bytes_per_record", (double)j.left.len / (double)j.live);
	}
	r->unit = "records/s";
	rmdir(j.folder);
	free(j.records);
	free(j.room);
	if (!good)
		fprintf(stderr, "meshbench: the store could not be filled\n");
	return good ? 0 : 1;
}
