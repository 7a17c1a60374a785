#include "app_request.h"
#include "json_in.h"
#include "post.h"
#include "text.h"
#include "topics.h"
#include "tree.h"

static const char *const op_words[] = { "sub", "unsub", "ping", "ack" };
static const char *const reply_words[] = { "ok", "error", "overflow" };

/* clang-format off */
#define R struct app_request
static const struct field rows[] = {
	FIELD(R, op, UNIT_NONE, FIELD_REQUIRED, 1, 16, "sub, unsub, ping or ack"),
	FIELD(R, v, UNIT_NONE, 0, 1, 1, "version of this language: 1"),
	FIELD(R, name, UNIT_NONE, 0, 0, 48, "under which a numbering is found again"),
	FIELD(R, topics, UNIT_NONE, 0, 0, 0, "what to be told: a word or a list; default alert"),
	FIELD(R, filter, UNIT_NONE, 0, 0, 256, "only what the expression says"),
	FIELD(R, format, UNIT_NONE, 0, 0, 16, "json or msgpack; default: as the request is"),
	FIELD(R, ttl, UNIT_S, 0, 1, 3600, "seconds until the subscription ends; default 120"),
	FIELD(R, ack, UNIT_NONE, 0, 0, 0, "send again until acknowledged"),
	FIELD(R, since, UNIT_COUNT, 0, 0, 0, "go on after this number; 0: all that is kept"),
	FIELD(R, sid, UNIT_NONE, 0, 0, 24, "which subscription; only needed by people"),
	FIELD(R, seq, UNIT_COUNT, 0, 0, 0, "ack: the number that arrived"),
	FIELD(R, token, UNIT_NONE, 0, 0, 64, "sub to search: the one in apps.token"),
	FIELD(R, late, UNIT_NONE, 0, 0, 0, "sub: also what was over five minutes old when it came"),
};
#undef R
/* clang-format on */
const struct field_table app_request_table = { "app_request", rows, LENGTH(rows),
	sizeof(struct app_request), offsetof(struct app_request, has), false };

static bool
is_one_of(struct text_view word, const char *const *words, size_t count, size_t *which)
{
	for (*which = 0; *which < count; ++*which)
		if (text_is(word, words[*which]))
			return true;
	return false;
}

/* "app.NAME" stands for itself beside the row of all such. */
static const struct topic *
read_channel(struct app_request *q, struct text_view word)
{
	if (!post_topic_is_sound(word) || q->channel_count == APP_CHANNELS)
		return NULL;
	q->channels[q->channel_count++] = word;
	return topic_of(TOPIC_APPS, FEED_POST);
}

/* A word, or a list of words; none: alerts. */
static bool
read_topics(struct app_request *q)
{
	struct tree_view said = q->topics;
	q->wanted = 0;
	q->channel_count = 0;
	for (size_t i = 0; i < said.count; i++) {
		const struct tree_item *item = &said.items[i];
		if (i == 0 && item->kind == TREE_LIST)
			continue;
		if (item->kind != TREE_TEXT)
			return false;
		const struct topic *t = text_begins(item->as.text, "app.")
		    ? read_channel(q, item->as.text)
		    : topic_called(TOPIC_APPS, item->as.text);
		if (t == NULL)
			return false;
		q->wanted |= 1U << (t - topics);
	}
	if (q->wanted == 0)
		q->wanted = 1U << (topic_called(TOPIC_APPS, text("alert")) - topics);
	return true;
}

static enum mesh_err
check(struct app_request *q, struct bytes_out *reason)
{
	size_t which;
	if (is_one_of(q->op, reply_words, LENGTH(reply_words), &which))
		return MESH_DENIED;
	if (!is_one_of(q->op, op_words, LENGTH(op_words), &which)) {
		text_put(reason,
		    "op: sub, unsub, ping, ack, get, raise, resolve, state, add, "
		    "remove, search, hits, metric or publish");
		return MESH_MALFORMED;
	}
	q->number = (enum app_op)which;
	if (!read_topics(q)) {
		text_put(reason, "topics: some of ");
		topics_put(TOPIC_APPS, reason);
		text_put(reason, "NAME (of those at most 4)");
		return MESH_MALFORMED;
	}
	if (q->format.len > 0 && !text_is(q->format, "json") &&
	    !text_is(q->format, "msgpack")) {
		text_put(reason, "format: json or msgpack");
		return MESH_MALFORMED;
	}
	if (q->number == APP_ACK &&
	    !field_is_present(&app_request_table, APP_ROW_SEQ, q)) {
		text_put(reason, "ack: seq is missing");
		return MESH_MALFORMED;
	}
	return MESH_OK;
}

/* An answer's `op` even where other members make it no request: {"op":"ok","sid":...}.
 */
static bool
is_reply(struct text_view json, struct arena *into)
{
	struct json_error why;
	struct tree_view tree;
	size_t which;
	struct arena before = *into;
	bool reply = json_in_tree(json, into, &tree, &why) == MESH_OK &&
	    is_one_of(tree_text(tree, "op"), reply_words, LENGTH(reply_words), &which);
	*into = before;
	return reply;
}

enum mesh_err
app_request_read(struct bytes_view datagram, struct arena *into,
    struct app_request *out, struct bytes_out *reason)
{
	struct text_view json = { (const char *)datagram.ptr, datagram.len };
	struct json_error why = { 0 };
	if (datagram.len > APP_REQUEST_BYTES) {
		text_put(reason, "larger than 2048 bytes");
		return MESH_MALFORMED;
	}
	if (is_reply(json, into))
		return MESH_DENIED;
	enum mesh_err err = json_in_object(&app_request_table, json, out, into, &why);
	if (err == MESH_OK)
		return check(out, reason);
	if (why.line > 0)
		text_printf(reason, "column %u: ", why.column);
	/* It may quote what was sent. */
	text_put_clean(reason, bytes_view(why.text, strlen(why.text)), APP_REASON / 2);
	return MESH_MALFORMED;
}
