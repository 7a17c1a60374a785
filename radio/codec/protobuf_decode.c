#include "protobuf.h"
#include "text.h"
#include <assert.h>

struct seen { /* one field of one message, on its way into the tree */
	const struct protobuf_field *row; /* NULL: unknown */
	struct protobuf_item item;
	struct seen *next; /* in the order of first appearance */
	struct seen
	    *same; /* a later one of the same row: list element, piece to merge */
	struct seen *last; /* of the `same` chain; kept in its head */
	bool dead;         /* pushed out by another member of its oneof */
};
struct level {
	struct seen *at;
	struct seen *element; /* next message of the list that is open */
	bool in_list;
};
struct decoder {
	struct arena *arena;
	struct tree_out out;
	struct level levels[TREE_DEPTH + 1];
	size_t depth;
	enum mesh_err err;
};
struct gathering { /* of one message's fields */
	const struct protobuf_table *t;
	struct seen **heads; /* per row */
	struct seen *first, *last;
};

static void *
take(struct decoder *d, size_t count, size_t size)
{
	void *p = arena_take(d->arena, count, size);
	if (p == NULL)
		d->err = MESH_FULL;
	return p;
}

static bool
wire_fits(const struct protobuf_field *row, uint8_t wire)
{
	return wire == protobuf_wire_of(row->kind) ||
	    (row->rule == PROTOBUF_REPEATED && wire == WIRE_LEN);
}

static void
leave_others(struct gathering *g, const struct protobuf_field *row)
{
	for (size_t i = 0; i < g->t->count; i++) {
		if (g->t->rows[i].rule != row->rule || &g->t->rows[i] == row)
			continue;
		if (g->heads[i] != NULL)
			g->heads[i]->dead = true;
		g->heads[i] = NULL;
	}
}

static void
append(struct gathering *g, struct seen *s)
{
	s->last = s;
	if (g->first == NULL)
		g->first = s;
	else
		g->last->next = s;
	g->last = s;
}

static void
gather_known(struct gathering *g, struct seen *s)
{
	assert(g->heads != NULL); /* there is a row, so there are heads */
	struct seen **head = &g->heads[s->row - g->t->rows];
	if (s->row->rule >= PROTOBUF_ONEOF)
		leave_others(g, s->row);
	if (*head == NULL) {
		*head = s;
		append(g, s);
	} else if (s->row->rule == PROTOBUF_REPEATED || s->row->kind == PROTOBUF_SUB) {
		(*head)->last->same = s;
		(*head)->last = s;
	} else {
		(*head)->item = s->item; /* the last one wins */
	}
}

/* The fields of one message, those of one row joined; the first of them. */
static struct seen *
gather(struct decoder *d, const struct protobuf_table *t, struct bytes_view bytes)
{
	struct gathering g = { t, NULL, NULL, NULL };
	struct bytes_in in = bytes_in(bytes);
	struct protobuf_item item;
	if (t->count > 0 &&
	    (g.heads = take(d, t->count, sizeof(struct seen *))) == NULL)
		return NULL;
	while (protobuf_next(&in, &item)) {
		struct seen *s = take(d, 1, sizeof *s);
		if (s == NULL)
			return NULL;
		s->item = item;
		s->row = protobuf_row(t, item.number);
		if (s->row != NULL && !wire_fits(s->row, item.wire))
			s->row = NULL;
		if (s->row != NULL)
			gather_known(&g, s);
		else
			append(&g, s);
	}
	if (in.failed)
		d->err = MESH_MALFORMED;
	return g.first;
}

static void
enter(struct decoder *d, const char *name, const struct protobuf_table *t,
    struct bytes_view bytes)
{
	if (d->depth > 0) {
		if (d->depth > TREE_DEPTH || d->out.depth == TREE_DEPTH) {
			d->err = MESH_FULL;
			return;
		}
		tree_open_map(&d->out, name);
	}
	d->levels[d->depth++] = (struct level){ .at = gather(d, t, bytes) };
}

/* Messages are defined so that joining their bytes merges them. */
static struct bytes_view
merged(struct decoder *d, const struct seen *s)
{
	if (s->same == NULL)
		return s->item.bytes;
	size_t len = 0;
	for (const struct seen *p = s; p != NULL; p = p->same)
		len += p->item.bytes.len;
	struct bytes_out out = bytes_out(take(d, len > 0 ? len : 1, 1), len);
	if (out.ptr == NULL)
		return bytes_view(NULL, 0);
	for (const struct seen *p = s; p != NULL; p = p->same)
		bytes_put_view(&out, p->item.bytes);
	return bytes_written(&out);
}

static const char *
word_of(const struct protobuf_word *words, int32_t value)
{
	for (; words->name != NULL; words++)
		if (words->value == value)
			return words->name;
	return NULL;
}

static void
put_enum(struct tree_out *out, const struct protobuf_field *row, const char *name,
    uint64_t value)
{
	int32_t n = (int32_t)(uint32_t)value;
	const char *word = word_of(row->words, n);
	if (word != NULL)
		tree_put_text(out, name, text(word));
	else
		tree_put_i64(out, name, n);
}

static void
put_bytes(struct tree_out *out, uint8_t kind, const char *name, struct bytes_view v)
{
	if (kind == PROTOBUF_TEXT && text_is_utf8(v))
		tree_put_text(
		    out, name, (struct text_view){ (const char *)v.ptr, v.len });
	else
		tree_put_bytes(out, name, v);
}

static void
put_value(struct tree_out *out, const struct protobuf_field *row, const char *name,
    const struct protobuf_item *item)
{
	uint32_t low = (uint32_t)item->value;
	switch ((enum protobuf_kind)row->kind) {
	case PROTOBUF_U32:
	case PROTOBUF_FX32:
		tree_put_u64(out, name, low);
		break;
	case PROTOBUF_U64:
		tree_put_u64(out, name, item->value);
		break;
	case PROTOBUF_I32:
	case PROTOBUF_SFX32:
		tree_put_i64(out, name, (int32_t)low);
		break;
	case PROTOBUF_S32:
		tree_put_i64(out, name, (int32_t)(low >> 1 ^ (0 - (low & 1))));
		break;
	case PROTOBUF_BOOL:
		tree_put_bool(out, name, item->value != 0);
		break;
	case PROTOBUF_ENUM:
		put_enum(out, row, name, item->value);
		break;
	case PROTOBUF_F32:
		tree_put_f32(out, name, protobuf_float(item->value));
		break;
	case PROTOBUF_TEXT:
	case PROTOBUF_BYTES:
		put_bytes(out, row->kind, name, item->bytes);
		break;
	case PROTOBUF_SUB:
		break;
	}
}

static bool
holds_default(const struct protobuf_field *row, const struct protobuf_item *item)
{
	if (row->rule != PROTOBUF_PLAIN)
		return false;
	if (item->wire == WIRE_LEN)
		return item->bytes.len == 0;
	bool narrow = row->kind != PROTOBUF_U64 && row->kind != PROTOBUF_BOOL;
	return narrow ? (uint32_t)item->value == 0 : item->value == 0;
}

static void
put_packed(struct decoder *d, const struct protobuf_field *row, struct bytes_view bytes)
{
	struct bytes_in in = bytes_in(bytes);
	while (in.left > 0 && !in.failed && !d->out.failed) {
		struct protobuf_item item = { .wire = protobuf_wire_of(row->kind) };
		protobuf_take(&in, &item);
		if (!in.failed)
			put_value(&d->out, row, NULL, &item);
	}
	if (in.failed)
		d->err = MESH_MALFORMED;
}

static bool
is_packed(const struct seen *s)
{
	return s->item.wire == WIRE_LEN && protobuf_wire_of(s->row->kind) != WIRE_LEN;
}

static void
put_list(struct decoder *d, const struct seen *head)
{
	const struct seen *s = head;
	while (s != NULL && is_packed(s) && s->item.bytes.len == 0)
		s = s->same;
	if (s == NULL)
		return; /* packed lists of nothing are no list */
	tree_open_list(&d->out, head->row->name);
	for (; s != NULL && d->err == MESH_OK; s = s->same) {
		if (is_packed(s))
			put_packed(d, s->row, s->item.bytes);
		else
			put_value(&d->out, s->row, NULL, &s->item);
	}
	tree_shut(&d->out);
}

static const char *
unknown_suffix(uint8_t wire)
{
	if (wire == WIRE_I32)
		return ":i32";
	if (wire == WIRE_I64)
		return ":i64";
	return wire == WIRE_GROUP ? ":group" : "";
}

static void
put_unknown(struct decoder *d, const struct protobuf_item *item)
{
	enum { NAME_BYTES = 20 };
	struct bytes_out name = bytes_out(take(d, NAME_BYTES, 1), NAME_BYTES);
	if (name.ptr == NULL)
		return;
	text_put(&name, "#");
	text_put_u64(&name, item->number);
	text_put(&name, unknown_suffix(item->wire));
	struct tree_item leaf = { .kind = TREE_U64, .span = 1, .as.u = item->value };
	if (item->wire == WIRE_LEN || item->wire == WIRE_GROUP) {
		leaf.kind = TREE_BYTES;
		leaf.as.bytes = item->bytes;
	}
	tree_put_item(&d->out, text_written(&name), leaf);
}

static void
visit(struct decoder *d, const struct seen *s)
{
	if (s->dead)
		return;
	if (s->row == NULL)
		put_unknown(d, &s->item);
	else if (s->row->kind == PROTOBUF_SUB)
		enter(d, s->row->name, s->row->sub, merged(d, s));
	else if (s->row->rule == PROTOBUF_REPEATED)
		put_list(d, s);
	else if (!holds_default(s->row, &s->item))
		put_value(&d->out, s->row, s->row->name, &s->item);
}

static bool
is_message_list(const struct seen *s)
{
	return s->row != NULL && !s->dead && s->row->kind == PROTOBUF_SUB &&
	    s->row->rule == PROTOBUF_REPEATED;
}

/* One step of the walk: the next element, the next field, or back up. */
static void
step(struct decoder *d)
{
	struct level *l = &d->levels[d->depth - 1];
	struct seen *s = l->at;
	if (l->in_list && l->element != NULL) {
		struct seen *e = l->element;
		l->element = e->same;
		enter(d, NULL, s->row->sub, e->item.bytes);
	} else if (l->in_list) {
		tree_shut(&d->out);
		l->in_list = false;
		l->at = s->next;
	} else if (s == NULL) {
		if (--d->depth > 0)
			tree_shut(&d->out);
	} else if (is_message_list(s)) {
		tree_open_list(&d->out, s->row->name);
		l->in_list = true;
		l->element = s;
	} else {
		l->at = s->next;
		visit(d, s);
	}
	if (d->out.failed && d->err == MESH_OK)
		d->err = MESH_FULL;
}

enum mesh_err
protobuf_decode(const struct protobuf_table *t, struct bytes_view bytes,
    struct arena *into, struct tree_view *out)
{
	struct decoder d = { .arena = into };
	/* Every item of the tree takes at least one byte of the message. */
	size_t cap = bytes.len < TREE_ITEMS ? bytes.len : TREE_ITEMS;
	*out = (struct tree_view){ NULL, 0 };
	if (bytes.len == 0)
		return MESH_OK;
	struct tree_item *items = take(&d, cap, sizeof *items);
	if (items == NULL)
		return MESH_FULL;
	d.out = tree_out(items, cap);
	enter(&d, NULL, t, bytes);
	while (d.depth > 0 && d.err == MESH_OK)
		step(&d);
	if (d.err == MESH_OK)
		*out = tree_done(&d.out);
	return d.err;
}
