#include "feed.h"
#include "arena.h"
#include "describe.h"
#include "filter.h"
#include "text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_SLOTS = 8, SHOWN_BYTES = 16 * 1024, AUDIENCES = 3, FEED_ALIGN = 16 };

struct slot { /* one item of the ring and where its copy lies */
	struct feed_item item;
	size_t from, to; /* bytes of the data ring; from <= to */
};
struct shown { /* an item as JSON, for one audience */
	uint64_t id;
	size_t len;
	char text[SHOWN_BYTES];
};
struct feed {
	struct slot *slots;
	size_t cap;
	uint64_t first, next; /* ids: the oldest still here, the next to give */
	uint8_t *data;
	size_t bytes, head; /* where the next copy goes */
	uint8_t *staging; /* a copy to measure, and to copy items of the ring itself */
	struct shown shown[AUDIENCES][SHOWN_SLOTS];
};

struct feed *
feed_new(size_t items, size_t bytes)
{
	struct feed *f = calloc(1, sizeof *f);
	if (f == NULL)
		return NULL;
	assert(items > 0);
	f->cap = items;
	f->first = f->next = 1;
	f->bytes = (bytes > FEED_ITEM_BYTES ? bytes : FEED_ITEM_BYTES) / FEED_ALIGN *
	    FEED_ALIGN;
	f->slots = calloc(items, sizeof *f->slots);
	f->data = calloc(1, f->bytes);
	f->staging = calloc(1, FEED_ITEM_BYTES);
	if (f->slots != NULL && f->data != NULL && f->staging != NULL)
		return f;
	feed_free(f);
	return NULL;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	free(f->slots);
	free(f->data);
	free(f->staging);
	free(f);
}

static struct slot *
slot_of(const struct feed *f, uint64_t id)
{
	return &f->slots[id % f->cap];
}

static void
forget_oldest(struct feed *f)
{
	f->first++;
}

static bool
overlaps(const struct slot *s, size_t from, size_t to)
{
	return s->from < to && from < s->to;
}

/* Items lie in the order of their ids, so the ones in the way are the oldest. */
static size_t
make_room(struct feed *f, size_t need)
{
	if (f->next - f->first == f->cap)
		forget_oldest(f);
	if (f->bytes - f->head < need) { /* what lies in the unused end goes as well */
		while (f->first < f->next && slot_of(f, f->first)->from >= f->head)
			forget_oldest(f);
		f->head = 0;
	}
	while (f->first < f->next &&
	    overlaps(slot_of(f, f->first), f->head, f->head + need))
		forget_oldest(f);
	return f->head;
}

uint64_t
feed_append(struct feed *f, const struct feed_item *item)
{
	struct arena staging = arena_init(f->staging, FEED_ITEM_BYTES);
	const void *copy = fields_copy(item->table, item->object, &staging);
	if (copy == NULL)
		return 0;
	/* One more: the blocks may start differently aligned. */
	size_t need = (staging.used + 2 * (size_t)FEED_ALIGN - 1) / FEED_ALIGN *
	    FEED_ALIGN;
	size_t at = make_room(f, need);
	struct arena into = arena_init(f->data + at, need);
	struct slot *slot = slot_of(f, f->next);
	*slot = (struct slot){ *item, at, at + need };
	slot->item.id = f->next;
	slot->item.object = fields_copy(item->table, copy, &into);
	assert(slot->item.object != NULL);
	f->head = at + need;
	return f->next++;
}

void
feed_join(const struct feed *f, struct feed_reader *r)
{
	r->next = f->next;
}

bool
feed_resume(const struct feed *f, struct feed_reader *r, uint64_t id)
{
	if (id + 1 < f->first || id >= f->next) {
		r->next = f->next;
		return false;
	}
	r->next = id + 1;
	return true;
}

static bool
is_wanted(const struct feed_reader *r, const struct feed_item *item)
{
	if ((r->topics & (unsigned)item->topic) == 0 ||
	    (r->stages & (unsigned)item->stage) == 0)
		return false;
	return r->filter == NULL ||
	    (r->filter->table == item->table && filter_eval(r->filter, item->object));
}

bool
feed_next(const struct feed *f, struct feed_reader *r, struct feed_item *out)
{
	if (r->next < f->first) {
		r->missed += f->first - r->next;
		r->next = f->first;
	}
	while (r->next < f->next) {
		const struct feed_item *item = &slot_of(f, r->next++)->item;
		if (is_wanted(r, item)) {
			*out = *item;
			return true;
		}
	}
	return false;
}

bool
feed_find(const struct feed *f, uint64_t id, struct feed_item *out)
{
	if (id < f->first || id >= f->next)
		return false;
	*out = slot_of(f, id)->item;
	return true;
}

uint64_t
feed_newest(const struct feed *f)
{
	return f->next - 1;
}

uint64_t
feed_oldest(const struct feed *f)
{
	return f->first;
}

struct text_view
feed_json(struct feed *f, uint64_t id, enum audience audience)
{
	struct shown *shown = &f->shown[audience][id % SHOWN_SLOTS];
	struct feed_item item;
	if (!feed_find(f, id, &item))
		return (struct text_view){ NULL, 0 };
	if (shown->id != id) {
		struct bytes_out out = bytes_out(shown->text, sizeof shown->text);
		struct json_out json = json_out(&out);
		describe_json(item.table, item.object, audience, &json);
		shown->id = id;
		shown->len = out.failed ? 0 : out.len;
	}
	return (struct text_view){ shown->text, shown->len };
}
