/* bench_replies.c - replies a second that the store's reader lists, each with the name
 * of whose packet it answers.
 *
 * Half of --rows texts (50,000) answer one of the hundred before them; between two
 * texts lie three packets that are none.  All are listed, page by page. */
#include "bench.h"
#include "bundle.h"
#include "bytes.h"
#include "id.h"
#include "meshtrust.h"
#include "packet.h"
#include "record.h"
#include "store.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ROWS = 50000,
	PROOF = 512,
	COMMIT = 1000,
	TEXT_OF = 4,
	BACK = 100,
	SENDERS = 50
};

struct job {
	struct mesh_identity site;
	uint8_t netid[16];
	struct store *store;
	size_t count;
};

static uint32_t
number_at(size_t i)
{
	return (uint32_t)(i * 2654435761U);
}

static uint32_t
sender_at(size_t i)
{
	return 0x100 + (uint32_t)(i % SENDERS);
}

static bool
is_text(size_t i)
{
	return i % TEXT_OF == 0;
}

/* 0: it answers nobody. */
static uint32_t
answered_by(size_t i)
{
	bool answers = i % ((size_t)2 * TEXT_OF) == TEXT_OF && i > BACK;
	return answers ? number_at(i - 1 - i % BACK) : 0;
}

/* MeshPacket { decoded { portnum, payload, reply_id } } */
static enum mesh_err
write_body(size_t i, struct bytes_out *out)
{
	uint32_t reply = answered_by(i);
	uint8_t raw[] = { 0x22, 11, 8, is_text(i) ? 1 : 3, 0x12, 2, 'h', 'i', 0x3d,
		(uint8_t)reply, (uint8_t)(reply >> 8), (uint8_t)(reply >> 16),
		(uint8_t)(reply >> 24) };
	struct reception heard = { .has = 1U << RECEPTION_PACKET |
		    1U << RECEPTION_NETWORK | 1U << RECEPTION_FROM |
		    1U << RECEPTION_TYPE | 1U << RECEPTION_TIME |
		    1U << RECEPTION_RADIO | 1U << RECEPTION_RAW,
		.packet = id_of_packet(ID_MT_PACKET, sender_at(i), number_at(i)),
		.from = id_of_node(ID_MT_NODE, sender_at(i)),
		.network = NETWORK_MESHTASTIC,
		.type = is_text(i) ? 1 : 3,
		.time_ms = 1700000000000 + (unix_ms)i,
		.radio = text("roof"),
		.raw = bytes_view(raw, sizeof raw) };
	return mesh_body_encode(&reception_table, &heard, out);
}

static bool
put_one(struct job *j, size_t i)
{
	uint8_t body[PROOF], core[PROOF], proof[PROOF];
	struct bytes_out out = bytes_out(body, sizeof body);
	struct bytes_out whole = bytes_out(core, sizeof core);
	struct bytes_out bundle = bytes_out(proof, sizeof proof);
	struct bundle_signer signer = { j->site.seed, &j->site.key, j->netid };
	struct record r = { .at = { j->site.key, 1700000000, i + 1, LANE_PACKET },
		.back = 1,
		.type = 1,
		.time_ms = 1700000000000 + (unix_ms)i,
		.hop_max = RECORD_HOP_MAX };
	struct mesh_record signed_one;
	if (write_body(i, &out) != MESH_OK)
		return false;
	r.body = bytes_written(&out);
	if (record_write(&r, &whole) != MESH_OK)
		return false;
	struct bytes_view cores[] = { bytes_written(&whole) };
	return bundle_sign(&signer, cores, 1, &bundle) == MESH_OK &&
	    mesh_record_read(bytes_written(&bundle), &signed_one) == MESH_OK &&
	    store_put_record(j->store, &signed_one, SYNC_GROUP, i) == MESH_OK;
}

static bool
commit(struct job *j)
{
	struct store_outcome o;
	bool good = true;
	store_work(j->store);
	while (store_next(j->store, &o))
		good = good && o.err == MESH_OK;
	return good;
}

static bool
fill(struct job *j)
{
	bool good = true;
	for (size_t i = 0; i < j->count && good; i++) {
		good = put_one(j, i);
		if (i % COMMIT == COMMIT - 1)
			good = good && commit(j);
	}
	return good && commit(j);
}

/* --- the list --- */

static size_t
count_named(struct bytes_view json)
{
	static const char named[] = "\"reply\":\"mt:000001";
	size_t count = 0, len = sizeof named - 1;
	for (size_t at = 0; at + len <= json.len; at++)
		count += json.ptr[at] == '"' && memcmp(json.ptr + at, named, len) == 0;
	return count;
}

/* False: no page, or the last. */
static bool
next_page(struct job *j, char after[static 200], size_t *named)
{
	struct store_question q = { .noun = STORE_MESSAGES, .after = text(after) };
	struct store_outcome o;
	bool good = store_ask(j->store, &q, 1) == MESH_OK;
	store_work(j->store);
	if (!good || !store_next(j->store, &o) || o.page == NULL)
		return false;
	*named += count_named(o.page->json);
	snprintf(after, 200, "%.*s", (int)o.page->next.len, o.page->next.ptr);
	store_page_free(o.page);
	return after[0] != '\0';
}

static bool
list(struct job *j, struct bench_report *r)
{
	char after[200] = "";
	size_t named = 0, pages = 1;
	double worst = 0, begin = bench_worked(), before = begin;
	while (next_page(j, after, &named)) {
		double now = bench_worked();
		worst = now - before > worst ? now - before : worst;
		before = now;
		pages++;
	}
	double took = bench_worked() - begin;
	r->value = took > 0 ? (double)named / took : 0;
	bench_add(r, "replies", (double)named);
	bench_add(r, "pages", (double)pages);
	bench_add(r, "longest_page_ms", worst * 1000);
	return named > 0;
}

int
bench_replies(const struct bench_options *o, struct bench_report *r)
{
	static const char *const left[] = { "", "-wal", "-shm", "-said" };
	struct job j = { .count = o->rows != 0 ? o->rows : ROWS };
	char folder[64], path[128];
	uint8_t seed[32] = { 1 };
	const char *tmp = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/meshbench.XXXXXX",
	    tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL)
		return 1;
	mesh_identity_of(seed, &j.site);
	snprintf(path, sizeof path, "%s/replies.db", folder);
	struct store_params p = { .path = path };
	bool good = store_open(&j.store, &p) == 0 && fill(&j) && list(&j, r);
	store_close(j.store);
	for (size_t i = 0; i < LENGTH(left); i++) {
		snprintf(path, sizeof path, "%s/replies.db%s", folder, left[i]);
		unlink(path);
	}
	rmdir(folder);
	r->unit = "replies/s";
	if (!good)
		fprintf(stderr, "meshbench: the replies could not be listed\n");
	return good ? 0 : 1;
}
