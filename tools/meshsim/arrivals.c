#include "arrivals.h"
#include "must.h"
#include <string.h>

struct packet *
packet_new(struct bytes_view bytes)
{
	struct packet *p = must(malloc(sizeof *p + bytes.len));
	*p = (struct packet){ .users = 1, .len = bytes.len };
	if (bytes.len > 0)
		memcpy(p->bytes, bytes.ptr, bytes.len);
	return p;
}

void
packet_release(struct packet *p)
{
	if (--p->users == 0)
		free(p);
}

/* In one millisecond each site reads all that has come: its four megabytes are fetched
 * into the processor's cache once. */
static bool
is_before(const struct arrival *a, const struct arrival *b)
{
	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms;
	return a->to != b->to ? a->to < b->to : a->number < b->number;
}

void
arrivals_put(struct arrivals *a, mesh_time_ms at, uint32_t to, struct packet *packet)
{
	struct arrival put = { at, a->number++, packet, to };
	size_t i = a->count++;
	a->items = grown(a->items, i, &a->cap, sizeof *a->items);
	packet->users++;
	for (; i > 0 && is_before(&put, &a->items[(i - 1) / 2]); i = (i - 1) / 2)
		a->items[i] = a->items[(i - 1) / 2];
	a->items[i] = put;
}

mesh_time_ms
arrivals_next(const struct arrivals *a)
{
	return a->count > 0 ? a->items[0].at_ms : MESH_NEVER;
}

struct arrival
arrivals_take(struct arrivals *a)
{
	struct arrival first = a->items[0], last = a->items[--a->count];
	size_t i = 0, child = 1;
	for (; child < a->count; child = 2 * i + 1) {
		if (child + 1 < a->count &&
		    is_before(&a->items[child + 1], &a->items[child]))
			child++;
		if (!is_before(&a->items[child], &last))
			break;
		a->items[i] = a->items[child];
		i = child;
	}
	a->items[i] = last;
	return first;
}

void
arrivals_free(struct arrivals *a)
{
	for (size_t i = 0; i < a->count; i++)
		packet_release(a->items[i].packet);
	free(a->items);
}
