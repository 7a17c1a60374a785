#include "store_world.h"
#include "arena.h"
#include "bundle.h"
#include "id.h"
#include "named.h"
#include "pack.h"
#include "quota.h"
#include "record.h"
#include "text.h"
#include "tree.h"
#include <assert.h>
#include <dirent.h>
#include <sqlite3.h>
#include <unistd.h>

/* HEAD: of a core, at most. */
enum {
	BODY_BYTES = 2048,
	HEAD_BYTES = 96,
	CORE_BYTES = 20 * 1024,
	FROM_MS = 1700000000
};

void
world_init(struct world *w)
{
	*w = (struct world){ .arena = arena_init(malloc(WORLD_BYTES), WORLD_BYTES) };
	assert(w->arena.ptr != NULL);
	for (size_t i = 0; i < WORLD_SITES; i++) {
		uint8_t seed[32] = { (uint8_t)(i + 1) };
		mesh_identity_of(seed, &w->site[i]);
	}
}

void
world_release(struct world *w)
{
	free(w->arena.ptr);
}

static struct bytes_view
keep(struct world *w, const struct bytes_out *out)
{
	assert(!out->failed);
	struct bytes_view copy = arena_bytes(&w->arena, bytes_written(out));
	assert(copy.ptr != NULL);
	return copy;
}

static struct bytes_view
core_of(struct world *w, const struct world_draft *d)
{
	static uint8_t core[CORE_BYTES];
	uint64_t *last = &w->seq[d->site][d->lane];
	uint64_t takes = quota_weight(d->lane, HEAD_BYTES + d->body.len);
	uint64_t seq = d->seq != 0 ? d->seq : *last + takes;
	if (seq > *last)
		*last = seq;
	struct record r = { .at = { .origin = w->site[d->site].key,
				.epoch = d->epoch != 0 ? d->epoch : WORLD_EPOCH,
				.seq = seq,
				.lane = d->lane },
		.back = d->back != 0 ? d->back : takes,
		.type = d->type != 0 ? d->type : 1,
		.time_ms = d->time_ms != 0 ? d->time_ms
					   : 1000 * (FROM_MS + (unix_ms)seq),
		.hop_max = 32,
		.body = d->body };
	struct bytes_out out = bytes_out(core, sizeof core);
	assert(record_write(&r, &out) == MESH_OK);
	return keep(w, &out);
}

/* Signed together; with a proof for each if they are several. */
static void
sign(struct world *w, size_t site, const struct bytes_view *cores, size_t n,
    struct mesh_record *records)
{
	struct bundle_signer by = { w->site[site].seed, &w->site[site].key, w->netid };
	struct bundle all;
	struct merkle_hash leaves[BUNDLE_CORES];
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len += cores[i].len;
	size_t cap = bundle_bytes(n, len) + MERKLE_LEAVES;
	uint8_t *room = arena_take(&w->arena, cap, 1);
	struct bytes_out out = bytes_out(room, room != NULL ? cap : 0);
	assert(bundle_sign(&by, cores, n, &out) == MESH_OK);
	assert(bundle_read(bytes_written(&out), &all) == MESH_OK);
	bundle_leaves(&all, leaves);
	for (size_t i = 0; i < n; i++) {
		static uint8_t alone[CORE_BYTES + 640];
		struct bytes_out cut = bytes_out(alone, sizeof alone);
		assert(bundle_cut(&all, leaves, 1ULL << i, &cut) == MESH_OK);
		assert(mesh_record_read(keep(w, &cut), &records[i]) == MESH_OK);
	}
}

struct mesh_record
world_record(struct world *w, const struct world_draft *d)
{
	struct bytes_view core = core_of(w, d);
	struct mesh_record r;
	sign(w, d->site, &core, 1, &r);
	return r;
}

void
world_batch(struct world *w, const struct world_draft *draft, size_t n,
    struct bytes_view (*body)(struct world *w, size_t i), struct mesh_record *out)
{
	struct bytes_view cores[BUNDLE_CORES];
	struct world_draft d = *draft;
	assert(n <= BUNDLE_CORES);
	for (size_t i = 0; i < n; i++) {
		if (body != NULL)
			d.body = body(w, i);
		cores[i] = core_of(w, &d);
	}
	sign(w, d.site, cores, n, out);
}

/* --- bodies --- */

static struct bytes_view
encode(struct world *w, const struct field_table *t, const void *object)
{
	uint8_t room[BODY_BYTES];
	struct bytes_out out = bytes_out(room, sizeof room);
	assert(mesh_body_encode(t, object, &out) == MESH_OK);
	return keep(w, &out);
}

struct bytes_view
world_reception(
    struct world *w, uint32_t from, uint32_t packet, unix_ms time_ms, int32_t rssi)
{
	struct reception r = { .packet = id_of_packet(ID_SIM_PACKET, from, packet),
		.from = id_of_node(ID_SIM_NODE, from),
		.network = NETWORK_SIM,
		.type = 1,
		.rssi = rssi,
		.hop_limit = 3,
		.hop_start = 3,
		.time_ms = time_ms,
		.radio = text("roof"),
		.raw = bytes_view("hello", 5) };
	r.has = 1U << RECEPTION_PACKET | 1U << RECEPTION_NETWORK |
	    1U << RECEPTION_FROM | 1U << RECEPTION_TYPE | 1U << RECEPTION_RSSI |
	    1U << RECEPTION_TIME | 1U << RECEPTION_HOP_LIMIT |
	    1U << RECEPTION_HOP_START | 1U << RECEPTION_RADIO | 1U << RECEPTION_RAW;
	return encode(w, &reception_table, &r);
}

struct bytes_view
world_text(
    struct world *w, uint32_t from, uint32_t packet, unix_ms time_ms, uint32_t reply)
{
	/* MeshPacket { decoded { portnum 1, payload, reply_id } } */
	uint8_t raw[] = { 0x22, 11, 8, 1, 0x12, 2, 'h', 'i', 0x3d, (uint8_t)reply,
		(uint8_t)(reply >> 8), (uint8_t)(reply >> 16), (uint8_t)(reply >> 24) };
	struct reception r = { .packet = id_of_packet(ID_MT_PACKET, from, packet),
		.from = id_of_node(ID_MT_NODE, from),
		.network = NETWORK_MESHTASTIC,
		.type = 1,
		.time_ms = time_ms,
		.radio = text("roof"),
		.raw = bytes_view(raw, sizeof raw) };
	r.has = 1U << RECEPTION_PACKET | 1U << RECEPTION_NETWORK |
	    1U << RECEPTION_FROM | 1U << RECEPTION_TYPE | 1U << RECEPTION_TIME |
	    1U << RECEPTION_RADIO | 1U << RECEPTION_RAW;
	return encode(w, &reception_table, &r);
}

static struct bytes_view
put_of(struct world *w, struct text_view key, struct tree_view value)
{
	struct state_put put = { bytes_view(key.ptr, key.len), value };
	return encode(w, &state_put_table, &put);
}

struct bytes_view
world_put(struct world *w, const char *key, const char *value)
{
	struct tree_item items[4];
	struct tree_out tree = tree_out(items, LENGTH(items));
	tree_put_text(&tree, "text", text(value));
	return put_of(w, text(key), tree_done(&tree));
}

static struct bytes_view
put_object(struct world *w, struct text_view key, const struct field_table *t,
    const void *object)
{
	uint64_t block[512];
	struct tree_item items[64];
	struct arena texts = arena_init(block, sizeof block);
	struct tree_out tree = tree_out(items, LENGTH(items));
	named_write(t, object, &texts, &tree);
	return put_of(w, key, tree_done(&tree));
}

struct bytes_view
world_site(struct world *w, const char *name)
{
	struct site_value value = { .has = 1U << SITE_NAME, .name = text(name) };
	return put_object(w, text("site"), &site_value_table, &value);
}

struct bytes_view
world_node(struct world *w, uint32_t node, const char *long_name, unix_ms named_ms)
{
	struct id id = id_of_node(ID_SIM_NODE, node);
	char room[STATE_KEY_MAX];
	struct bytes_out key = bytes_out(room, sizeof room);
	state_node_key(&id, &key);
	struct node_facts facts = { .long_name = text(long_name),
		.named_ms = named_ms,
		.has = 1U << FACTS_LONG_NAME | 1U << FACTS_NAMED_MS };
	return put_object(w, text_written(&key), &node_facts_table, &facts);
}

static struct alert_subject
subject_of(const char *id)
{
	return (struct alert_subject){
		.has = 1U << SUBJECT_TYPE | 1U << SUBJECT_ID,
		.type = text("node"),
		.id = text(id),
	};
}

struct id
world_alert_id(const char *subject)
{
	struct alert_subject s = subject_of(subject);
	return alert_id(text("test.raised"), &s, text("test"));
}

struct bytes_view
world_statement(
    struct world *w, const char *subject, enum alert_state state, unix_ms since_ms)
{
	struct alert_statement said = { .id = world_alert_id(subject),
		.kind = text("test.raised"),
		.severity = SEVERITY_HIGH,
		.state = (uint8_t)state,
		.since_ms = since_ms,
		.subject = subject_of(subject),
		.rule = text("test") };
	said.has = 1U << STATEMENT_ID | 1U << STATEMENT_KIND |
	    1U << STATEMENT_SEVERITY | 1U << STATEMENT_STATE | 1U << STATEMENT_SINCE |
	    1U << STATEMENT_SUBJECT | 1U << STATEMENT_RULE;
	return encode(w, &alert_statement_table, &said);
}

struct bytes_view
world_ack(struct world *w, const char *subject, unix_ms since_ms)
{
	struct alert_ack ack = { .has = 1U << ACK_ID | 1U << ACK_SINCE,
		.id = world_alert_id(subject),
		.since_ms = since_ms };
	return encode(w, &alert_ack_table, &ack);
}

/* By hand, so that a table that changes by itself is noticed: [[[first, last] ...]]. */
struct bytes_view
world_drop(struct world *w, const struct mesh_run *runs, size_t count)
{
	uint8_t room[BODY_BYTES];
	struct bytes_out out = bytes_out(room, sizeof room);
	pack_array(&out, 1);
	pack_array(&out, count);
	for (size_t i = 0; i < count; i++) {
		pack_array(&out, 2);
		pack_uint(&out, runs[i].first);
		pack_uint(&out, runs[i].last);
	}
	return keep(w, &out);
}

struct bytes_view
world_settled(struct world *w, const struct mesh_live *live, uint64_t tomb_floor)
{
	uint8_t room[64];
	struct bytes_out out = bytes_out(room, sizeof room);
	pack_array(&out, 4);
	pack_uint(&out, live->count);
	pack_bin(&out, bytes_view(live->sum, sizeof live->sum));
	pack_uint(&out, tomb_floor);
	pack_bool(&out, true);
	return keep(w, &out);
}

struct bytes_view
world_checkpoint(struct world *w, const struct mesh_live *live, uint64_t tomb_floor)
{
	uint8_t room[64];
	struct bytes_out out = bytes_out(room, sizeof room);
	pack_array(&out, 3);
	pack_uint(&out, live->count);
	pack_bin(&out, bytes_view(live->sum, sizeof live->sum));
	pack_uint(&out, tomb_floor);
	return keep(w, &out);
}

static struct bytes_view
any_drop(struct world *w, uint64_t seq)
{
	uint64_t first = 1 + rng_u64() % (seq - 1);
	return world_drop(w, &(struct mesh_run){ first, first }, 1);
}

/* No two sites bear one name: whose it is depends on who came first (0211). */
static struct bytes_view
any_state(struct world *w, size_t site)
{
	static const char *const names[WORLD_SITES] = { "roof", "barn", "attic",
		"mast" };
	static const char *const keys[] = { "user/a", "user/b", "radio/roof" };
	char value[32];
	snprintf(
	    value, sizeof value, "value %u of %zu", (unsigned)rng_u32() % 1000, site);
	switch (rng_u32() % 4) {
	case 0:
		return world_site(w, rng_u32() % 2 ? names[site] : value);
	case 1:
		return world_node(w, 1 + rng_u32() % 4, value, 1 + rng_u32() % 100);
	default:
		return world_put(w, keys[rng_u32() % LENGTH(keys)], value);
	}
}

static struct bytes_view
any_alert(struct world *w, uint16_t *type)
{
	static const char *const subjects[] = { "one", "two", "three" };
	const char *subject = subjects[rng_u32() % LENGTH(subjects)];
	unix_ms since_ms = 1 + rng_u32() % 3;
	*type = rng_u32() % 4 == 0 ? ALERT_ACK : ALERT_STATEMENT;
	return *type == ALERT_ACK
	    ? world_ack(w, subject, since_ms)
	    : world_statement(w, subject, (enum alert_state)(rng_u32() % 3), since_ms);
}

static struct bytes_view
numbers(struct world *w, uint16_t dim, uint32_t number)
{
	struct bytes_out out = bytes_out(
	    arena_take(&w->arena, 1, dim * sizeof(float)), dim * sizeof(float));
	for (uint32_t i = 0; i < dim; i++) {
		float f = (float)((number * 31 + i * 17) % 97) - 48;
		uint32_t bits;
		memcpy(&bits, &f, sizeof bits);
		for (unsigned k = 0; k < sizeof bits; k++)
			bytes_put_u8(&out, (uint8_t)(bits >> 8 * k));
	}
	assert(!out.failed);
	return bytes_written(&out);
}

struct bytes_view
world_entry(struct world *w, const char *hash, const char *type, uint16_t dim,
    uint32_t number, unix_ms expires_ms)
{
	struct tree_item items[2];
	struct tree_out tree = tree_out(items, LENGTH(items));
	tree_put_f64(&tree, "confidence", (number % 4) / 4.0);
	tree_put_u64(&tree, "number", number);
	struct entry_put put = { .hash = bytes_view(hash, strlen(hash)),
		.type = text(type),
		.dtype = ENTRY_F32,
		.dim = dim,
		.metadata = tree_done(&tree),
		.expires_ms = expires_ms,
		.has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
		    1U << ENTRY_PUT_METADATA };
	put.has |= (uint64_t)(expires_ms != 0) << ENTRY_PUT_EXPIRES;
	if (dim > 0) {
		put.embedding = numbers(w, dim, number);
		put.has |= 1U << ENTRY_PUT_DTYPE | 1U << ENTRY_PUT_DIM |
		    1U << ENTRY_PUT_EMBEDDING;
	}
	assert(entry_fault(&put) == NULL);
	return encode(w, &entry_put_table, &put);
}

static struct bytes_view
any_entry(struct world *w)
{
	static const char *const hashes[] = { "aa", "ab", "abc", "b", "zz" };
	return world_entry(w, hashes[rng_u32() % LENGTH(hashes)],
	    rng_u32() % 2 ? "face" : "plate", (uint16_t)(rng_u32() % 3 * 8), rng_u32(),
	    0);
}

struct mesh_record
world_any(struct world *w)
{
	struct world_draft d = { .site = rng_u32() % WORLD_SITES, .type = 1 };
	switch (rng_u32() % 5) {
	case 4:
		d.lane = LANE_REGISTRY;
		if (w->seq[d.site][LANE_REGISTRY] > 2 && rng_u32() % 5 == 0) {
			d.type = RECORD_DROP;
			d.body = any_drop(w, w->seq[d.site][LANE_REGISTRY] + 1);
		} else {
			d.body = any_entry(w);
		}
		break;
	case 0:
		d.lane = LANE_STATE;
		if (w->seq[d.site][LANE_STATE] > 2 && rng_u32() % 5 == 0) {
			d.type = RECORD_DROP;
			d.body = any_drop(w, w->seq[d.site][LANE_STATE] + 1);
		} else {
			d.body = any_state(w, d.site);
		}
		break;
	case 1:
		d.lane = LANE_ALERT;
		d.body = any_alert(w, &d.type);
		break;
	default:
		d.lane = LANE_PACKET;
		d.body = world_reception(w, 1 + rng_u32() % 5, rng_u32() % 20,
		    1700000000000 + rng_u32() % 5000, -(int32_t)(rng_u32() % 120));
	}
	return world_record(w, &d);
}

/* --- stores --- */

struct store *
world_open(const char *path)
{
	struct store_params params = { .path = path };
	struct store *s;
	int err = store_open(&s, &params);
	assert(err == 0);
	return s;
}

struct store_outcome
world_store(struct store *s, const struct mesh_record *r)
{
	struct store_outcome out = { .err = MESH_NOT_FOUND };
	assert(store_put_record(s, r, SYNC_GROUP, 7) == MESH_OK);
	store_work(s);
	assert(store_next(s, &out));
	assert(out.token == 7);
	return out;
}

struct store_outcome
world_ask(struct store *s, const struct store_question *q)
{
	struct store_outcome out = { .err = MESH_NOT_FOUND };
	assert(store_ask(s, q, 9) == MESH_OK);
	store_work(s);
	assert(store_next(s, &out));
	assert(out.token == 9);
	return out;
}

const char *
world_shown(struct store *s, const char *hash, bool whole, unix_ms now)
{
	static char room[64 * 1024];
	struct store_question q = { .noun = STORE_ENTRIES,
		.audience = AUDIENCE_OPERATOR,
		.id = text(hash),
		.now_ms = now,
		.whole = whole };
	struct store_outcome o = world_ask(s, &q);
	struct bytes_out out = bytes_out(room, sizeof room);
	if (o.err != MESH_OK)
		return "";
	text_put_view(&out,
	    (struct text_view){ (const char *)o.page->json.ptr, o.page->json.len });
	store_page_free(o.page);
	return text_end(&out);
}

struct text_view
world_list(struct store *s, enum store_noun noun, uint32_t limit)
{
	static char all[8 << 20];
	char next[512];
	struct bytes_out out = bytes_out(all, sizeof all);
	struct store_question q = {
		.noun = noun, .limit = limit, .audience = AUDIENCE_OPERATOR
	};
	for (;;) {
		struct store_outcome o = world_ask(s, &q);
		assert(o.err == MESH_OK);
		assert(limit == 0 || o.page->count <= limit);
		if (o.page->count > 0 && out.len > 0)
			bytes_put_u8(&out, ',');
		bytes_put_view(&out, o.page->json);
		assert(o.page->next.len < sizeof next);
		q.after = (struct text_view){ next, o.page->next.len };
		if (o.page->next.len > 0)
			memcpy(next, o.page->next.ptr, o.page->next.len);
		store_page_free(o.page);
		if (q.after.len == 0)
			break;
	}
	assert(!out.failed);
	return text_written(&out);
}

/* --- paths --- */

static char folder[64];
static bool has_folder;

int64_t
world_number(const char *path, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int err = sqlite3_open(path, &db);
	assert(err == SQLITE_OK);
	err = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	assert(err == SQLITE_OK);
	err = sqlite3_step(st);
	assert(err == SQLITE_ROW);
	(void)err;
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

void
world_shuffle(
    struct mesh_record *r, size_t count, size_t window, uint32_t (*random)(void))
{
	for (size_t i = 0; i < count; i++) {
		size_t span = count - i < window ? count - i : window;
		size_t k = i + random() % span;
		struct mesh_record kept = r[i];
		r[i] = r[k];
		r[k] = kept;
	}
}

const char *
world_path(void)
{
	static char path[128];
	static unsigned count;
	if (!has_folder) {
		snprintf(folder, sizeof folder, "%s/check_store_XXXXXX", P_tmpdir);
		assert(mkdtemp(folder) != NULL);
		has_folder = true;
	}
	snprintf(path, sizeof path, "%s/%u.db", folder, count++);
	return path;
}

void
world_forget_paths(void)
{
	char path[512];
	DIR *dir = has_folder ? opendir(folder) : NULL;
	if (dir == NULL)
		return;
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		unlink(path);
	}
	closedir(dir);
	rmdir(folder);
	has_folder = false;
}
