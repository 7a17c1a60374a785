#include "numbered.h"
#include "bind.h"
#include "column.h"
#include "view.h"

enum { NUMBER = 4 };

void
numbered_begin(struct numbered *n)
{
	n->walk = NULL;
	n->begun = false;
	n->first = n->count = n->walked = 0;
}

size_t
numbered_walked(const struct numbered *n)
{
	return n->walked;
}

static struct numbered_row *
row_at(struct numbered *n, size_t i)
{
	return &n->rows[(n->first + i) % NUMBERED_ROWS];
}

static uint32_t
number_of(struct bytes_view id)
{
	uint32_t number = 0;
	if (id.len >= NUMBER)
		memcpy(&number, id.ptr + id.len - NUMBER, NUMBER);
	return number;
}

/* --- the walk --- */

static void
begin_walk(struct numbered *n, struct statements *s, unix_ms until)
{
	n->first = n->count = 0;
	n->begun = true;
	n->walk = statement_of(s, ST_PACKET_UNTIL);
	bind_i64(n->walk, 1, until);
}

/* False: that was the oldest. */
static bool
walk_on(struct numbered *n, struct statements *s)
{
	if (n->walk == NULL || !statement_row(s, n->walk)) {
		n->walk = NULL;
		return false;
	}
	*row_at(n, n->count) = (struct numbered_row){ column_i64(n->walk, 0),
		number_of(column_bytes(n->walk, 1)) };
	n->count++;
	n->walked++;
	return true;
}

static void
leave_newer(struct numbered *n, unix_ms until)
{
	while (n->count > 0 && n->rows[n->first].time_ms > until) {
		n->first = (n->first + 1) % NUMBERED_ROWS;
		n->count--;
	}
}

/* What lies between is jumped over once nothing of it is in reach. */
static void
reach(struct numbered *n, struct statements *s, unix_ms until)
{
	if (n->begun && until <= n->until)
		leave_newer(n, until);
	else
		n->begun = false;
	if (!n->begun || (n->count == 0 && n->walk != NULL))
		begin_walk(n, s, until);
	n->until = until;
	while (n->count < NUMBERED_ROWS && walk_on(n, s))
		continue;
}

/* --- whose it is --- */

static const struct numbered_row *
find_only(struct numbered *n, uint32_t number)
{
	const struct numbered_row *found = NULL;
	for (size_t i = 0; i < n->count; i++) {
		const struct numbered_row *row = row_at(n, i);
		if (row->number != number)
			continue;
		if (found != NULL)
			return NULL;
		found = row;
	}
	return found;
}

static bool
read_id(struct statements *s, const struct numbered_row *row, struct id *out)
{
	bool found = false;
	sqlite3_stmt *st = statement_of(s, ST_PACKET_AT);
	bind_i64(st, 1, row->time_ms);
	while (!found && statement_row(s, st)) {
		struct bytes_view key = column_bytes(st, 0);
		found = number_of(key) == row->number && view_id_of_key(key, out);
	}
	statement_end(st);
	return found;
}

bool
numbered_name(
    struct numbered *n, struct statements *s, unix_ms until, struct id *packet)
{
	struct id found;
	if (packet->len <= NUMBER)
		return false;
	reach(n, s, until);
	const struct numbered_row *row = find_only(
	    n, number_of(bytes_view(packet->bytes, packet->len)));
	if (row == NULL || !read_id(s, row, &found) || found.kind != packet->kind)
		return false;
	*packet = found;
	return true;
}
