#include "searching.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A list of what all sites hold, page by page: each page is a search of its own, which
 * begins behind the last entry of the one before.  Nothing is kept between them. */

/* Room for the longest hash: PARAM_AFTER takes as much. */
enum { PLACE_TEXT = 2 * (ENTRY_HASH_MAX + 32 + 8 + 8) + 3, PARTS = 4 };

/* --- a place, as text: hash.key.time.confidence in hex --- */

static bool
next_part(struct text_view *left, struct text_view *part)
{
	const char *dot = left->len > 0 ? memchr(left->ptr, '.', left->len) : NULL;
	*part = *left;
	if (dot == NULL)
		return false;
	part->len = (size_t)(dot - left->ptr);
	*left = (struct text_view){ dot + 1, left->len - part->len - 1 };
	return true;
}

static bool
read_bytes(struct text_view hex, size_t len, void *to)
{
	struct bytes_out out = bytes_out(to, len);
	return text_hex_decode(hex, &out) == MESH_OK && out.len == len;
}

static bool
read_place(struct call *c, struct text_view after, struct seek_place *place)
{
	struct text_view parts[PARTS];
	struct bytes_out hash = bytes_out(
	    arena_take(&c->arena, 1, ENTRY_HASH_MAX), ENTRY_HASH_MAX);
	for (size_t i = 0; i + 1 < PARTS; i++)
		if (!next_part(&after, &parts[i]))
			return false;
	if (hash.ptr == NULL || next_part(&after, &parts[PARTS - 1]) ||
	    text_hex_decode(parts[0], &hash) != MESH_OK ||
	    !read_bytes(parts[1], sizeof place->origin, &place->origin) ||
	    !read_bytes(parts[2], sizeof place->time_ms, &place->time_ms) ||
	    !read_bytes(parts[3], sizeof place->score, &place->score))
		return false;
	place->hash = bytes_written(&hash);
	place->has = 15;
	return true;
}

static void
put_bytes(struct bytes_out *out, const void *bytes, size_t len)
{
	bytes_put_u8(out, '.');
	text_put_hex(out, bytes_view(bytes, len));
}

static struct text_view
place_of(struct call *c, const struct seek_hit *last)
{
	struct bytes_out out = bytes_out(
	    arena_take(&c->arena, 1, PLACE_TEXT), PLACE_TEXT);
	const struct seek_said *said = seek_said(last);
	unix_ms time_ms = said != NULL ? said->time_ms : 0;
	if (out.ptr == NULL)
		return (struct text_view){ NULL, 0 };
	text_put_hex(&out, last->hash);
	put_bytes(&out, &last->origin, sizeof last->origin);
	put_bytes(&out, &time_ms, sizeof time_ms);
	put_bytes(&out, &last->score, sizeof last->score);
	return text_written(&out);
}

struct text_view
searching_pages_next(struct call *c)
{
	const struct searching *s = searching_of(c);
	const struct merging *m = &s->merging;
	bool full = s->pages && m->count > 0 && m->count == m->top;
	return full && s->next.len == 0 ? place_of(c, &m->best[m->count - 1].hit)
					: s->next;
}

/* --- a page --- */

bool
searching_pages_words(struct call *c, struct seek *k)
{
	const struct op_params *p = &c->params;
	if (p->limit > 0 && p->limit < k->top)
		k->top = p->limit;
	if (p->from_ms != 0 || p->to_ms != 0) {
		call_fail(c, 400,
		    "parameter everywhere: not with from_ms or to_ms; filter time_ms");
		return false;
	}
	if (p->after.len == 0)
		return true;
	if (!read_place(c, p->after, &k->after)) {
		call_fail(c, 400, "parameter after: not the `next` of such a list");
		return false;
	}
	k->has |= 1U << SEEK_AFTER;
	const char *fault = seek_fault(k);
	if (fault != NULL)
		call_fail(c, 400, "parameter after: %s", fault);
	return fault == NULL;
}

void
searching_pages_owe(struct searching *s)
{
	if (!s->asked_again || s->owes)
		return; /* what is owed first stands first */
	for (size_t i = 0; i < s->short_count; i++)
		s->owes |= !s->shorts[i].for_good;
	if (s->owes)
		merging_place_keep(&s->owed, &s->asked);
}

void
searching_pages_cut(struct call *c, const struct merging_place *after)
{
	struct searching *s = searching_of(c);
	searching_pages_owe(s);
	if (s->owes)
		after = &s->owed;
	if (after == NULL)
		return;
	merging_end(&s->merging, after);
	s->next = place_of(c, &after->hit);
}
