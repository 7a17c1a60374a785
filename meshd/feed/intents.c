#include "intents.h"
#include "bytes.h"
#include "state.h"
#include <stdlib.h>
#include <string.h>

/* The longest is a state value with its key. */
enum { INTENT_BODY_MAX = STATE_VALUE_BYTES + STATE_KEY_MAX + 16 };

struct waiting {
	struct intent intent; /* body.ptr is set when it is looked at */
	size_t from, skip;    /* in the byte ring; bytes left unused before it */
};
struct intents {
	struct waiting *slots;
	size_t cap, first, count;
	uint8_t *bytes;
	size_t byte_cap, head, used;
	uint64_t serial;
	uint8_t scratch[INTENT_BODY_MAX];
};

struct intents *
intents_new(size_t count, size_t bytes)
{
	struct intents *q = calloc(1, sizeof *q);
	if (q == NULL)
		return NULL;
	q->cap = count;
	q->byte_cap = bytes;
	q->slots = calloc(count, sizeof *q->slots);
	q->bytes = calloc(1, bytes);
	if (q->slots != NULL && q->bytes != NULL)
		return q;
	intents_free(q);
	return NULL;
}

void
intents_free(struct intents *q)
{
	if (q == NULL)
		return;
	free(q->slots);
	free(q->bytes);
	free(q);
}

/* A body lies in one piece: what is left at the ring's end is skipped. */
static bool
take_bytes(struct intents *q, size_t len, struct waiting *w)
{
	size_t to_end = q->byte_cap - q->head;
	w->skip = len > to_end ? to_end : 0;
	if (len > q->byte_cap || q->used + w->skip + len > q->byte_cap)
		return false;
	w->from = len > to_end ? 0 : q->head; /* also when nothing is left to skip */
	q->head = w->from + len;
	q->used += w->skip + len;
	return true;
}

enum mesh_err
intents_put(struct intents *q, const struct intent *i)
{
	struct waiting *w = &q->slots[(q->first + q->count) % q->cap];
	if (q->count == q->cap)
		return MESH_FULL;
	struct waiting next = { .intent = *i };
	if (!take_bytes(q, i->body.len, &next))
		return MESH_FULL;
	*w = next;
	if (i->body.len > 0)
		memcpy(q->bytes + w->from, i->body.ptr, i->body.len);
	q->count++;
	q->serial++;
	return MESH_OK;
}

/* `i` with the object as its body. */
static enum mesh_err
put_object(
    struct intents *q, struct intent i, const struct field_table *t, const void *body)
{
	const struct field *bad;
	struct bytes_out out = bytes_out(q->scratch, sizeof q->scratch);
	if (fields_check(t, body, &bad) != MESH_OK ||
	    mesh_body_encode(t, body, &out) != MESH_OK)
		return MESH_MALFORMED;
	i.body = bytes_written(&out);
	return intents_put(q, &i);
}

enum mesh_err
intents_append(struct intents *q, enum mesh_lane lane, uint16_t type,
    const struct field_table *t, const void *body, uint64_t token)
{
	struct mesh_position any = { .lane = lane };
	return intents_append_in(q, &any, type, t, body, token);
}

enum mesh_err
intents_append_in(struct intents *q, const struct mesh_position *at, uint16_t type,
    const struct field_table *t, const void *body, uint64_t token)
{
	struct intent i = { .kind = INTENT_APPEND,
		.lane = at->lane,
		.type = type,
		.token = token,
		.epoch = at->epoch };
	return put_object(q, i, t, body);
}

enum mesh_err
intents_local(struct intents *q, enum mesh_lane lane, uint16_t type,
    const struct field_table *t, const void *body)
{
	struct intent i = { .kind = INTENT_LOCAL, .lane = lane, .type = type };
	return put_object(q, i, t, body);
}

enum mesh_err
intents_decree(struct intents *q, const struct mesh_decree *d, uint64_t token)
{
	return intents_put(q,
	    &(struct intent){ .kind = INTENT_DECREE,
		.token = token,
		.body = bytes_view((const uint8_t *)d, sizeof *d) });
}

bool
intents_peek(const struct intents *q, struct intent *out)
{
	const struct waiting *w = &q->slots[q->first];
	if (q->count == 0)
		return false;
	*out = w->intent;
	out->body.ptr = q->bytes + w->from;
	return true;
}

void
intents_drop(struct intents *q)
{
	const struct waiting *w = &q->slots[q->first];
	if (q->count == 0)
		return;
	memset(q->bytes + w->from, 0, w->intent.body.len); /* it may be a key */
	q->used -= w->skip + w->intent.body.len;
	q->first = (q->first + 1) % q->cap;
	if (--q->count == 0)
		q->head = q->used = 0;
}

size_t
intents_count(const struct intents *q)
{
	return q->count;
}

uint64_t
intents_serial(const struct intents *q)
{
	return q->serial;
}

bool
intents_is_tight(const struct intents *q)
{
	return q->count > q->cap / 4 * 3 || q->used > q->byte_cap / 4 * 3;
}

bool
intents_is_calm(const struct intents *q)
{
	return q->count <= q->cap / 2 && q->used <= q->byte_cap / 2;
}
