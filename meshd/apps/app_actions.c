#include "app_actions.h"
#include "app_hits.h"
#include "app_request.h"
#include "app_write.h"
#include "describe.h"
#include "json_in.h"
#include "text.h"
#include "tree.h"
#include <stdlib.h>

/* A thousand numbers, twice as values and once more as text. */
enum { BLOCK = 512 * 1024, BODY = 2 * APP_ACTION_BYTES, SECOND_MS = 1000 };

/* `topic` tells rows of one word apart, the first is meant without one; `sets` is a
 * member that the word itself says; `id` the member that is the path's; `tells`: the
 * operation's answer is part of ours; `open`: it changes nothing and needs no token.
 * OP_COUNT: about a search that runs, no operation. */
static const struct action {
	const char *word, *topic;
	enum op_number op;
	const char *sets, *to;
	const char *id;
	bool tells, open;
} action_table[] = {
	{ "raise", NULL, OP_ALERT_RAISE, NULL, NULL, NULL, false, false },
	{ "resolve", NULL, OP_ALERT_RAISE, "state", "resolved", NULL, true, false },
	{ "state", NULL, OP_STATE_SET, NULL, NULL, NULL, false, false },
	{ "add", NULL, OP_ENTRY_ADD, NULL, NULL, NULL, false, false },
	{ "remove", "registry", OP_ENTRY_REMOVE, NULL, NULL, "hash", false, false },
	{ "remove", "state", OP_STATE_REMOVE, NULL, NULL, NULL, false, false },
	{ "search", NULL, OP_ENTRY_SEARCH, NULL, NULL, NULL, true, false },
	{ "metric", NULL, OP_METRIC_ADD, NULL, NULL, NULL, false, false },
	{ "publish", NULL, OP_APP_PUBLISH, NULL, NULL, NULL, false, false },
	{ "send", "text", OP_MESSAGE_SEND, NULL, NULL, NULL, true, false },
	{ "send", "waypoint", OP_WAYPOINT_SEND, NULL, NULL, NULL, true, false },
	{ "hits", NULL, OP_COUNT, NULL, NULL, NULL, false, false },
	{ "get", "alert", OP_ALERT_SHOW, NULL, NULL, "id", true, true },
	{ "get", "packet", OP_PACKET_SHOW, NULL, NULL, "id", true, true },
	{ "get", "message", OP_PACKET_SHOW, NULL, NULL, "id", true, true },
	{ "get", "node", OP_NODE_SHOW, NULL, NULL, "id", true, true },
	{ "get", "peer", OP_PEER_SHOW, NULL, NULL, "id", true, true },
	{ "get", "radio", OP_RADIO_SHOW, NULL, NULL, "id", true, true },
	{ "get", "registry", OP_ENTRY_GET, NULL, NULL, "id", true, true },
	{ "get", "state", OP_STATE_GET, NULL, NULL, NULL, true, true },
	{ "get", "search", OP_COUNT, NULL, NULL, "id", true, false },
};
/* Members that are ours; all others are the operation's. */
static const char *const own_members[] = { "op", "v", "token", "ref", "offset" };

struct running {
	struct call *call; /* NULL: free */
	struct app_addr to;
	bool has_ref, tells, stranger;
	uint64_t ref;
	int64_t offset; /* of the piece that is wanted; below 0: the whole */
};
struct actor { /* whose actions are counted */
	struct app_addr addr;
	mesh_time_ms second_ms;
	uint32_t count;
};
struct app_actions {
	struct app_actions_params at;
	struct running running[APP_ACTIONS];
	struct actor actors[APP_ACTORS];
	bool heard;
	uint8_t block[BLOCK];
};
struct asked { /* a request, read */
	const struct action *action;
	struct tree_view members;
	struct text_view token, id;
	bool has_ref, early;
	uint64_t ref;
	int64_t offset;
};

struct app_actions *
app_actions_new(const struct app_actions_params *params)
{
	struct app_actions *a = calloc(1, sizeof *a);
	if (a != NULL)
		a->at = *params;
	return a;
}

void
app_actions_free(struct app_actions *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < APP_ACTIONS; i++)
		if (a->running[i].call != NULL)
			call_end(a->running[i].call);
	mesh_wipe(a->at.token, sizeof a->at.token);
	free(a);
}

/* --- reading --- */

static bool
is_own(const struct action *a, struct text_view name)
{
	if (a->op != OP_COUNT && op_table[a->op].early && text_is(name, "early"))
		return true;
	for (size_t i = 0; i < LENGTH(own_members); i++)
		if (text_is(name, own_members[i]))
			return true;
	return false;
}

static const struct action *
action_of(struct text_view word, struct text_view topic)
{
	for (size_t i = 0; i < LENGTH(action_table); i++) {
		const struct action *a = &action_table[i];
		bool meant = a->topic == NULL || topic.len == 0 ||
		    text_is(topic, a->topic);
		if (meant && text_is(word, a->word))
			return a;
	}
	return NULL;
}

static bool
read_asked(struct text_view json, struct arena *into, struct asked *out)
{
	struct json_error why;
	int64_t ref;
	*out = (struct asked){ .action = NULL };
	if (json_in_tree(json, into, &out->members, &why) != MESH_OK)
		return false;
	out->action = action_of(
	    tree_text(out->members, "op"), tree_text(out->members, "topic"));
	if (out->action == NULL)
		return false;
	out->token = tree_text(out->members, "token");
	out->has_ref = tree_i64(out->members, "ref", &ref) && ref >= 0;
	out->ref = out->has_ref ? (uint64_t)ref : 0;
	if (!tree_i64(out->members, "offset", &out->offset))
		out->offset = -1;
	const struct tree_item *early = tree_find(out->members, text("early"));
	out->early = early != NULL && early->kind == TREE_BOOL && early->as.b;
	if (out->action->id != NULL)
		out->id = tree_text(out->members, out->action->id);
	return true;
}

/* What is the operation's, as JSON again. */
static struct text_view
body_of(const struct asked *q, struct arena *into)
{
	struct tree_item *items = arena_take(into, q->members.count + 1, sizeof *items);
	struct bytes_out out = bytes_out(arena_take(into, BODY, 1), BODY);
	size_t count = 0, step;
	if (items == NULL || out.ptr == NULL || q->action->id != NULL)
		return (struct text_view){ "", 0 };
	for (size_t i = 0; i < q->members.count; i += step) {
		const struct tree_item *item = &q->members.items[i];
		step = item->span;
		if (is_own(q->action, item->name) ||
		    (q->action->topic != NULL && text_is(item->name, "topic")) ||
		    (q->action->sets != NULL && text_is(item->name, q->action->sets)))
			continue;
		memcpy(&items[count], item, step * sizeof *item);
		count += step;
	}
	if (q->action->sets != NULL)
		items[count++] = (struct tree_item){ .name = text(q->action->sets),
			.kind = TREE_TEXT,
			.span = 1,
			.as.text = text(q->action->to) };
	struct json_out j = json_out(&out);
	if (count == 0)
		text_put(&out, "{}");
	else
		describe_tree((struct tree_view){ items, count }, &j);
	return text_written(&out);
}

/* --- may it? --- */

static bool
may_act(const struct app_actions *a, const struct asked *q, const struct app_addr *from)
{
	return from->trusted || app_token_is(a->at.token, q->token);
}

static struct actor *
actor_of(struct app_actions *a, const struct app_addr *from)
{
	struct actor *oldest = &a->actors[0];
	for (size_t i = 0; i < APP_ACTORS; i++) {
		struct actor *one = &a->actors[i];
		if (one->addr.len == from->len &&
		    memcmp(one->addr.bytes, from->bytes, from->len) == 0)
			return one;
		if (one->second_ms < oldest->second_ms)
			oldest = one;
	}
	*oldest = (struct actor){ .addr = *from };
	return oldest;
}

static bool
is_too_fast(struct app_actions *a, const struct app_addr *from, mesh_time_ms now)
{
	struct actor *one = actor_of(a, from);
	if (now - one->second_ms >= SECOND_MS || one->count == 0) {
		one->second_ms = now;
		one->count = 0;
	}
	return ++one->count > APP_ACTIONS_RATE;
}

/* Strangers leave places to those who may act. */
static struct running *
free_place(struct app_actions *a, bool stranger)
{
	struct running *place = NULL;
	size_t strangers = 0;
	for (size_t i = 0; i < APP_ACTIONS; i++) {
		struct running *r = &a->running[i];
		if (r->call != NULL)
			strangers += r->stranger;
		else if (place == NULL)
			place = r;
	}
	return stranger && strangers >= APP_ACTIONS_OPEN ? NULL : place;
}

/* --- doing --- */

static const char busy_text[] = "busy: too many actions are under way";

/* False: there is no place, or other doors have all calls. */
static bool
begin(struct app_actions *a, const struct asked *q, const struct app_addr *from,
    struct arena *into)
{
	bool stranger = !may_act(a, q, from);
	struct running *place = free_place(a, stranger);
	struct call_request request = { .op = &op_table[q->action->op],
		.id = q->id,
		.body = body_of(q, into),
		.who = text("a local program"),
		.early = q->early,
		.audience = stranger ? AUDIENCE_VIEWER : AUDIENCE_OPERATOR };
	struct call *call = place != NULL ? call_begin(a->at.calls, &request) : NULL;
	if (call == NULL)
		return false;
	*place = (struct running){ call, *from, q->has_ref, q->action->tells, stranger,
		q->ref, q->offset };
	return true;
}

struct refusal {
	enum app_counter count;
	const char *reason;
};

/* NULL reason: it may. */
static struct refusal
refusal_of(struct app_actions *a, const struct asked *q, const struct app_addr *from,
    mesh_time_ms now)
{
	if (!q->action->open && !may_act(a, q, from))
		return (struct refusal){ COUNT_APPS_DENIED,
			"token: not the one in apps.token of meshd's run folder" };
	if (is_too_fast(a, from, now))
		return (struct refusal){ COUNT_APPS_TOO_FAST,
			"too fast: 20 actions a second" };
	return (struct refusal){ COUNT_APPS_TAKEN, NULL };
}

static void
put_question(const struct app_actions *a, const struct asked *q, struct bytes_out *out)
{
	const uint64_t *ref = q->has_ref ? &q->ref : NULL;
	struct bytes_out before = *out;
	struct json_out j = json_out(out);
	app_write_ended(ref, (struct text_view){ NULL, 0 }, a->at.boot, out);
	out->len--; /* the last brace */
	text_put(out, ",\"answer\":");
	bool found = app_hits_question(a->at.hearsay, q->id, &j);
	text_put(out, "}");
	if (found && !out->failed)
		return;
	*out = before;
	app_write_ended(ref, text("id: that search is over"), a->at.boot, out);
}

/* What is about a search that runs is answered at once. */
static void
answer_now(struct app_actions *a, const struct asked *q, int lease, mesh_time_ms now,
    struct arena *arena, struct bytes_out *reply)
{
	if (q->action->tells) {
		put_question(a, q, reply);
		return;
	}
	const char *fault = a->at.hearsay == NULL
	    ? "hits: no searches are told here"
	    : app_hits_take(a->at.hearsay, q->members, lease, now, arena);
	a->heard |= fault == NULL;
	app_write_ended(q->has_ref ? &q->ref : NULL,
	    fault != NULL ? text(fault) : (struct text_view){ NULL, 0 }, a->at.boot,
	    reply);
}

bool
app_actions_heard(struct app_actions *a)
{
	bool heard = a->heard;
	a->heard = false;
	return heard;
}

bool
app_actions_request(struct app_actions *a, struct app_leases *counts,
    const struct app_addr *from, struct bytes_view datagram, mesh_time_ms now,
    struct bytes_out *reply)
{
	struct text_view json = { (const char *)datagram.ptr, datagram.len };
	struct arena arena = arena_init(a->block, sizeof a->block);
	struct asked q;
	if (datagram.len > APP_ACTION_BYTES || !read_asked(json, &arena, &q))
		return false;
	struct refusal r = refusal_of(a, &q, from, now);
	bool now_answered = r.reason == NULL && q.action->op == OP_COUNT;
	if (now_answered)
		answer_now(
		    a, &q, app_leases_searches(counts, from, now), now, &arena, reply);
	else if (r.reason == NULL && !begin(a, &q, from, &arena))
		r = (struct refusal){ COUNT_APPS_BUSY, busy_text };
	app_leases_count(counts, COUNT_APPS_REQUESTS);
	app_leases_count(counts, r.count);
	if (r.reason != NULL)
		app_write_ended(
		    q.has_ref ? &q.ref : NULL, text(r.reason), a->at.boot, reply);
	return true;
}

/* --- answering --- */

/* Of the answer as text, from its piece's offset; at most `most` bytes into `room`. */
static struct bytes_view
piece_of(const struct call_answer *answer, uint64_t offset, size_t most, uint8_t *room)
{
	struct bytes_out out = bytes_out(room, most);
	for (size_t i = 0; i < answer->part_count && out.len < most; i++) {
		struct bytes_view part = answer->parts[i].bytes;
		size_t skip = offset < part.len ? (size_t)offset : part.len;
		size_t len = part.len - skip, left = most - out.len;
		offset -= skip;
		bytes_put(&out, part.ptr + skip, len < left ? len : left);
	}
	return bytes_written(&out);
}

/* Pieces of two answers must not be put together: FNV-1a over all but the first chunk's
 * head, which has the time. */
static uint64_t
tag_of(const struct call_answer *answer)
{
	uint64_t tag = 0xcbf29ce484222325;
	unsigned commas = 0;
	for (size_t i = 0; i < answer->part_count; i++) {
		struct bytes_view part = answer->parts[i].bytes;
		for (size_t k = 0; k < part.len; k++) {
			commas += part.ptr[k] == ',';
			if (commas >= 2) /* schema, generated_at */
				tag = (tag ^ part.ptr[k]) * 0x100000001b3;
		}
	}
	return tag;
}

static void
write_piece(struct app_actions *a, const struct running *r,
    const struct call_answer *answer, struct bytes_out *out)
{
	size_t most = out->cap - out->len;
	struct app_piece piece = { .ref = r->has_ref ? &r->ref : NULL,
		.boot = a->at.boot,
		.offset = (uint64_t)r->offset,
		.total = answer->bytes,
		.tag = tag_of(answer) };
	struct bytes_view part = piece_of(answer, piece.offset,
	    most < sizeof a->block ? most : sizeof a->block, a->block);
	piece.text = (struct text_view){ (const char *)part.ptr, part.len };
	app_write_piece(&piece, out);
}

static void
write_told(const struct running *r, const struct call_answer *answer, uint64_t boot,
    struct bytes_out *out)
{
	app_write_ended(
	    r->has_ref ? &r->ref : NULL, (struct text_view){ NULL, 0 }, boot, out);
	if (!r->tells)
		return;
	out->len--; /* the last brace */
	text_put(out, ",\"answer\":");
	for (size_t i = 0; i < answer->part_count; i++)
		bytes_put_view(out, answer->parts[i].bytes);
	text_put(out, "}");
}

static const char long_text[] =
    "answer: longer than a datagram may be; ask for less, or "
    "for its pieces, from \"offset\":0 on";

static void
write_answer(struct app_actions *a, const struct running *r,
    const struct call_answer *answer, struct bytes_out *out)
{
	const uint64_t *ref = r->has_ref ? &r->ref : NULL;
	struct bytes_out before = *out;
	if (answer->status != 200) {
		app_write_ended(ref, answer->detail, a->at.boot, out);
		return;
	}
	if (r->tells && r->offset >= 0)
		write_piece(a, r, answer, out);
	else
		write_told(r, answer, a->at.boot, out);
	if (!out->failed)
		return;
	*out = before;
	app_write_ended(ref, text(long_text), a->at.boot, out);
}

/* What it knows so far; false: nothing new. */
static bool
write_early(struct app_actions *a, struct running *r, struct bytes_out *out)
{
	struct text_view early = call_early(r->call);
	const char *end = early.len > 0 ? memchr(early.ptr, '\n', early.len) : NULL;
	struct bytes_out before = *out;
	if (end == NULL)
		return false;
	struct text_view line = { early.ptr, (size_t)(end - early.ptr) };
	app_write_early(r->has_ref ? &r->ref : NULL, line, a->at.boot, out);
	call_early_took(r->call, line.len + 1);
	if (out->failed) /* longer than a datagram: the answer has it */
		*out = before;
	return !before.failed && out->len > before.len;
}

bool
app_actions_next(struct app_actions *a, struct app_addr *to, struct bytes_out *datagram)
{
	for (size_t i = 0; i < APP_ACTIONS; i++) {
		struct running *r = &a->running[i];
		if (r->call != NULL && write_early(a, r, datagram)) {
			*to = r->to;
			return true;
		}
		if (r->call == NULL || !call_is_done(r->call))
			continue;
		write_answer(a, r, call_answer(r->call), datagram);
		*to = r->to;
		call_end(r->call);
		*r = (struct running){ .call = NULL };
		return true;
	}
	return false;
}
