/* How an answer grows: chunks of text, and pages of the store between them. */
#include "call_inside.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void
chain(struct call *c, struct call_chunk *chunk)
{
	if (c->last != NULL)
		c->last->next = chunk;
	else
		c->first = chunk;
	c->last = chunk;
}

/* What was written since the last border becomes the last chunk's view. */
static void
settle(struct call *c)
{
	if (c->last != NULL && c->last->page == NULL)
		c->last->view = bytes_written(&c->out);
}

static bool
grow(struct call *c, size_t bytes)
{
	settle(c);
	struct call_chunk *chunk = malloc(sizeof *chunk + bytes);
	if (chunk == NULL) {
		c->out.failed = true;
		return false;
	}
	*chunk = (struct call_chunk){ 0 };
	c->out = bytes_out((uint8_t *)(chunk + 1), bytes);
	chain(c, chunk);
	return true;
}

struct json_out *
call_json(struct call *c)
{
	if (c->last == NULL || c->last->page != NULL ||
	    c->out.cap - c->out.len < CALL_ITEM)
		grow(c, CALL_CHUNK);
	c->json.out = &c->out;
	return &c->json;
}

void
call_fail(struct call *c, uint16_t status, const char *format, ...)
{
	char text[256];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	size_t bytes = len < 0          ? 0
	    : (size_t)len < sizeof text ? (size_t)len
					: sizeof text - 1;
	struct bytes_out clean = bytes_out(
	    arena_take(&c->arena, 1, sizeof text), sizeof text);
	if (clean.ptr == NULL)
		clean.cap = 0;
	/* The text may quote what a stranger sent. */
	text_put_clean(&clean, bytes_view(text, bytes), sizeof text);
	c->answer = (struct call_answer){ .status = status,
		.detail = text_written(&clean) };
	c->wait = CALL_DONE;
}

void
call_fail_err(struct call *c, enum mesh_err err)
{
	switch (err) {
	case MESH_NOT_FOUND:
		call_fail(c, 404, "nothing by that name");
		return;
	case MESH_DENIED:
		call_fail(c, 403, "not allowed");
		return;
	case MESH_FULL:
		call_fail(c, 503, "busy: no room for this now, try again");
		return;
	case MESH_TRUNCATED:
	case MESH_MALFORMED:
		call_fail(c, 400, "malformed");
		return;
	case MESH_OK:
	case MESH_QUOTA:
	case MESH_IO:
		break;
	}
	call_fail(c, 503, "the store cannot be read or written now");
}

void
call_open(struct call *c)
{
	c->json = json_out(&c->out);
	struct json_out *j = call_json(c);
	char schema[48];
	snprintf(schema, sizeof schema, "meshd.%s/1", c->op->noun);
	json_open_object(j);
	json_key(j, "schema");
	json_put_string(j, schema);
	json_key(j, "generated_at");
	json_put_i64(j, c->world->now.unix_ms);
	c->content_from = c->out.len;
	if (c->shape != OP_LIST)
		return;
	json_key(j, "items");
	json_open_array(j);
}

static void
write_item(struct call *c, const struct field_table *t, const void *object)
{
	c->json.out = &c->out;
	if (c->shape == OP_LIST)
		describe_json(t, object, c->audience, &c->json);
	else
		describe_members(t, object, c->audience, &c->json);
}

void
call_item(struct call *c, const struct field_table *t, const void *object)
{
	struct json_out before = *call_json(c);
	size_t len = c->out.len;
	write_item(c, t, object);
	/* An object greater than CALL_ITEM may meet a chunk's end: once more, in a new
	 * chunk; the first try is taken back. */
	if (c->out.failed && !(len == 0 && c->out.cap > CALL_CHUNK)) {
		c->out.failed = false;
		c->out.len = len;
		c->json = before;
		if (grow(c, (size_t)13 * CALL_CHUNK))
			write_item(c, t, object);
	}
	c->items++;
}

void
call_raw(struct call *c, struct text_view json)
{
	struct json_out *j = call_json(c);
	if (c->out.cap - c->out.len < json.len + 2)
		grow(c, json.len + CALL_CHUNK);
	json_put_raw(j, json);
	c->items++;
}

void
call_content_ends(struct call *c)
{
	c->content_upto = c->out.len;
}

void
call_close(struct call *c, struct text_view next)
{
	struct json_out *j = call_json(c);
	if (c->shape == OP_LIST)
		json_shut_array(j);
	if (next.len > 0) {
		json_key(j, "next");
		json_put_text(j, next);
	}
	if (c->closing != NULL)
		c->closing(c, j);
	json_shut_object(j);
	bytes_put(&c->out, "\n", 1);
	settle(c);
	c->answer.status = c->out.failed ? 500 : 200;
}

/* Many chunks -> the array of parts that doors read. */
void
call_finish(struct call *c)
{
	size_t count = 0;
	c->wait = CALL_DONE;
	if (c->answer.status == 0)
		call_close(c, (struct text_view){ 0 });
	for (struct call_chunk *k = c->first; k != NULL; k = k->next)
		count++;
	c->parts = calloc(count + 1, sizeof c->parts[0]);
	if (c->parts == NULL || c->answer.status != 200) {
		call_fail(c, 500, "no memory for the answer");
		return;
	}
	for (struct call_chunk *k = c->first; k != NULL; k = k->next) {
		c->parts[c->answer.part_count++] = (struct call_part){ k->view };
		c->answer.bytes += k->view.len;
	}
	c->answer.parts = c->parts;
}

/* The store's items as one raw piece of the open array or object. */
void
call_write_page(struct call *c, struct store_page *page)
{
	struct json_out *j = call_json(c);
	/* Let the writer put its comma and go on as if the items had been written. */
	if (page->json.len > 0)
		json_put_raw(j, (struct text_view){ "", 0 });
	settle(c);
	struct call_chunk *chunk = malloc(sizeof *chunk);
	if (chunk == NULL) {
		c->out.failed = true;
		store_page_free(page);
		return;
	}
	*chunk = (struct call_chunk){ .page = page, .view = page->json };
	if (c->shape == OP_OBJECT) /* its members stand among ours */
		chunk->view = bytes_view(page->json.ptr + 1, page->json.len - 2);
	chain(c, chunk);
	c->items += (uint32_t)page->count;
}
