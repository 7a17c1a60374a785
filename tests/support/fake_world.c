#include "fake_world.h"
#include "alert.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_world fake;

static enum mesh_err
set_level(void *ctx, struct text_view module, struct text_view level)
{
	(void)ctx;
	if (!text_is(level, "debug") && !text_is(level, "info"))
		return MESH_NOT_FOUND;
	snprintf(fake.level, sizeof fake.level, "%.*s", (int)level.len, level.ptr);
	snprintf(fake.module, sizeof fake.module, "%.*s", (int)module.len,
	    module.len > 0 ? module.ptr : "");
	return MESH_OK;
}

void
fake_stop(void)
{
	calls_free(fake.calls);
	feed_free(fake.feed);
	live_free(fake.world.live);
	intents_free(fake.world.intents);
	intents_free(fake.world.asks);
	memset(&fake, 0, sizeof fake);
}

void
fake_start(void)
{
	fake_stop();
	fake.world = (struct op_world){
		.now = { 1000000, 1700000000000 },
		.self = { { 0xaa, 0xbb } },
		.name = text("home"),
		.version = text("0.1.0"),
		.boot = 7,
		.started_ms = 1000,
		.ready = true,
		.live = live_new(16),
		.intents = intents_new(16, 16 * 1024),
		.asks = intents_new(16, 16 * 1024),
		.set_log_level = set_level,
	};
	fake.feed = feed_new(256, 256 * 1024);
	fake.version = 5;
	fake.calls = calls_new(&fake.world, FAKE_CALLS, FAKE_SHARED);
}

void
fake_answer(const char *items, size_t count, const char *next)
{
	size_t len = strlen(items), next_len = strlen(next);
	struct store_page *page = calloc(1, sizeof *page + len + next_len);
	char *room = (char *)(page + 1);
	memcpy(room, items, len);
	memcpy(room + len, next, next_len);
	page->json = bytes_view(room, len);
	page->next = (struct text_view){ room + len, next_len };
	page->count = count;
	fake.pages++;
	calls_outcome(fake.calls,
	    &(struct store_outcome){ .token = fake.asked_token, .page = page });
}

void
fake_found(const struct mesh_record *r)
{
	struct store_page *page = calloc(1, sizeof *page + sizeof *r);
	struct mesh_record *copy = (struct mesh_record *)(page + 1);
	*copy = *r;
	page->records = copy;
	page->count = 1;
	fake.pages++;
	calls_outcome(fake.calls,
	    &(struct store_outcome){ .token = fake.asked_token, .page = page });
}

void
fake_refuse(enum mesh_err err)
{
	calls_outcome(fake.calls,
	    &(struct store_outcome){ .token = fake.asked_token, .err = err });
}

void
fake_appended(enum mesh_err err)
{
	struct intent intent;
	if (!intents_peek(fake.world.intents, &intent))
		abort();
	uint64_t token = intent.token;
	intents_drop(fake.world.intents);
	calls_appended(fake.calls, token, err);
}

void
fake_alert(
    uint8_t id, const char *site, unix_ms since_ms, uint8_t state, const char *said)
{
	uint8_t bytes[16] = { id };
	struct alert alert = { .id = id_make(ID_ALERT, bytes, sizeof bytes),
		.time_ms = since_ms,
		.since_ms = since_ms,
		.site = text(site),
		.kind = text("door.open"),
		.severity = SEVERITY_HIGH,
		.state = state,
		.text = text(said) };
	static const uint8_t rows[] = { ALERT_ROW_ID, ALERT_ROW_TIME, ALERT_ROW_SINCE,
		ALERT_ROW_SITE, ALERT_ROW_KIND, ALERT_ROW_SEVERITY, ALERT_ROW_STATE,
		ALERT_ROW_TEXT };
	for (size_t i = 0; i < LENGTH(rows); i++)
		field_mark(&alert_table, rows[i], &alert, true);
	feed_append(fake.feed,
	    &(struct feed_item){ .topic = FEED_ALERT,
		.stage = FEED_HEARD,
		.late = fake.history,
		.time_ms = since_ms,
		.table = &alert_table,
		.object = &alert });
}

struct call *
fake_call(enum op_number op, const char *id, const char *body)
{
	struct call_request q = { .op = &op_table[op],
		.id = id != NULL ? text(id) : (struct text_view){ 0 },
		.body = body != NULL ? text(body) : (struct text_view){ 0 },
		.audience = AUDIENCE_OPERATOR };
	return call_begin(fake.calls, &q);
}

const char *
fake_text(const struct call *call)
{
	static char room[2 * 1024 * 1024];
	struct bytes_out out = bytes_out(room, sizeof room);
	const struct call_answer *answer = call_answer(call);
	for (size_t i = 0; i < answer->part_count; i++)
		bytes_put_view(&out, answer->parts[i].bytes);
	if (answer->status != 200)
		text_put_view(&out, answer->detail);
	return text_end(&out);
}

/* --- the store --- */

enum mesh_err
store_kept(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_out *value)
{
	(void)s, (void)room, (void)key, (void)value;
	return MESH_NOT_FOUND;
}

enum mesh_err
store_keep(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_view value, enum store_sync sync, uint64_t token)
{
	(void)s, (void)room, (void)key, (void)value, (void)sync;
	fake.kept_token = token;
	return fake.keep_err;
}

enum mesh_err
store_find(struct store *s, const struct mesh_key *origin, enum mesh_lane lane,
    struct bytes_view key, uint64_t token)
{
	(void)s;
	fake.asks++;
	fake.asked_token = token;
	fake.found_at = (struct mesh_position){ .origin = *origin, .lane = lane };
	snprintf(fake.asked_id, sizeof fake.asked_id, "%.*s", (int)key.len,
	    (const char *)key.ptr);
	return fake.ask_err;
}

enum mesh_err
store_ask(struct store *s, const struct store_question *q, uint64_t token)
{
	(void)s;
	fake.asks++;
	fake.asked = *q;
	fake.asked_token = token;
	snprintf(fake.asked_id, sizeof fake.asked_id, "%.*s", (int)q->id.len,
	    q->id.len > 0 ? q->id.ptr : "");
	snprintf(fake.asked_after, sizeof fake.asked_after, "%.*s", (int)q->after.len,
	    q->after.len > 0 ? q->after.ptr : "");
	return fake.ask_err;
}

enum mesh_err
store_over(struct store *s, const struct store_ending *q, uint64_t token)
{
	(void)s;
	fake.asks++;
	fake.asked_token = token;
	fake.found_at = (struct mesh_position){ .origin = q->origin };
	fake.ending = *q;
	return fake.ask_err;
}

enum mesh_err
store_search(struct store *s, const struct store_search *q, uint64_t token)
{
	(void)s;
	fake.searches++;
	fake.searched = *q;
	fake.search_token = token;
	return fake.ask_err;
}

void
store_hurry(struct store *s, uint64_t token)
{
	(void)s;
	fake.hurries += token == fake.search_token;
}

struct store_page *
fake_hits(const struct store_hit *hits, size_t count, bool partial)
{
	struct store_page *page = malloc(sizeof *page + count * sizeof *hits);
	struct store_hit *copy = (struct store_hit *)(page + 1);
	*page = (struct store_page){ .hits = copy, .count = count, .partial = partial };
	if (count > 0)
		memcpy(copy, hits, count * sizeof *hits);
	fake.pages++;
	return page;
}

void
store_cancel(struct store *s, uint64_t token)
{
	(void)s;
	fake.cancels += token == fake.asked_token;
}

void
store_page_free(struct store_page *page)
{
	if (page == NULL)
		return;
	fake.pages--;
	free(page);
}

uint64_t
store_version(const struct store *s, enum store_noun noun)
{
	(void)s;
	return noun == STORE_STATE ? 1 : fake.version;
}

struct store_counts
store_counts(const struct store *s)
{
	(void)s;
	return (struct store_counts){ 3, 20, 1, 4096, 2 };
}

bool
store_is_readonly(const struct store *s)
{
	(void)s;
	return false;
}

/* --- the core --- */

enum mesh_err
mesh_site_answer(struct mesh_site *site, uint64_t ticket, struct bytes_view body,
    struct mesh_now now)
{
	(void)site;
	(void)now;
	fake.answers++;
	fake.answer_ticket = ticket;
	fake.answer_len = body.ptr == NULL ? SIZE_MAX : body.len;
	if (body.ptr != NULL && body.len <= sizeof fake.answer)
		memcpy(fake.answer, body.ptr, body.len);
	return fake.answer_err;
}

bool
mesh_site_peer(const struct mesh_site *site, size_t index, struct mesh_peer *out)
{
	(void)site;
	if (index >= fake.peer_count)
		return false;
	*out = fake.peers[index];
	return true;
}

void
mesh_site_trust(const struct mesh_site *site, struct mesh_trust *out)
{
	(void)site;
	*out = fake.trust;
}

bool
mesh_site_is_admin(const struct mesh_site *site, const struct mesh_key *key)
{
	(void)site;
	return memcmp(key, &fake.admin, sizeof *key) == 0;
}

bool
mesh_site_has_purged(const struct mesh_site *site, const struct mesh_key *key)
{
	(void)site;
	return memcmp(key, &fake.purged, sizeof *key) == 0;
}

bool
mesh_site_invited(const struct mesh_site *site, size_t index, struct mesh_invited *out)
{
	(void)site;
	*out = fake.invited;
	return index == 0 && fake.has_invited;
}

enum mesh_writing
mesh_site_writing(const struct mesh_site *site)
{
	(void)site;
	return WRITING_YES;
}

bool
mesh_site_high(const struct mesh_site *site, const struct mesh_key *origin,
    enum mesh_lane lane, uint64_t *epoch, uint64_t *high)
{
	(void)site;
	*epoch = origin->bytes[0];
	*high = 10U * lane;
	return lane == LANE_PACKET || lane == LANE_STATE;
}
