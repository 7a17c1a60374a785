#include "question.h"
#include <string.h>

size_t
question_bytes(uint32_t rows)
{
	return (size_t)QUESTION_OPEN * ((rows + 7) / 8);
}

void
question_init(struct questions *q, void *block, uint32_t rows, uint64_t number)
{
	uint8_t *bits = block;
	*q = (struct questions){ .row_bytes = (rows + 7) / 8, .last_number = number };
	for (size_t i = 0; i < QUESTION_OPEN; i++)
		q->open[i].who = bits + i * q->row_bytes;
}

/* --- ours --- */

static uint32_t
bounded(uint32_t budget_ms)
{
	if (budget_ms == 0)
		return QUESTION_BUDGET_MS;
	return budget_ms < QUESTION_BUDGET_MAX_MS ? budget_ms : QUESTION_BUDGET_MAX_MS;
}

struct question *
question_open(struct questions *q, uint64_t token, uint32_t budget_ms, mesh_time_ms now)
{
	for (size_t i = 0; i < QUESTION_OPEN; i++) {
		struct question *open = &q->open[i];
		if (open->number != 0)
			continue;
		*open = (struct question){ .number = ++q->last_number,
			.token = token,
			.ends_ms = now + bounded(budget_ms),
			.who = open->who };
		memset(open->who, 0, q->row_bytes);
		return open;
	}
	return NULL;
}

struct question *
question_find(struct questions *q, uint64_t number)
{
	for (size_t i = 0; i < QUESTION_OPEN && number != 0; i++)
		if (q->open[i].number == number)
			return &q->open[i];
	return NULL;
}

bool
question_count(struct question *open, uint32_t row, const struct mesh_key *site)
{
	uint8_t bit = (uint8_t)(1U << row % 8);
	bool asked = !open->is_to_one || memcmp(&open->to, site, sizeof *site) == 0;
	if (!asked || (open->who[row / 8] & bit) != 0)
		return false;
	open->who[row / 8] |= bit;
	open->answered++;
	if (open->known < open->answered)
		open->known = open->answered; /* it came meanwhile */
	return true;
}

struct question *
question_over(struct questions *q, mesh_time_ms now)
{
	for (size_t i = 0; i < QUESTION_OPEN; i++) {
		struct question *open = &q->open[i];
		if (open->number != 0 &&
		    (open->ends_ms <= now || open->answered >= open->known))
			return open;
	}
	return NULL;
}

void
question_close(struct question *open)
{
	open->number = 0;
}

mesh_time_ms
question_deadline(const struct questions *q)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < QUESTION_OPEN; i++)
		if (q->open[i].number != 0 && q->open[i].ends_ms < first)
			first = q->open[i].ends_ms;
	return first;
}

/* --- of us --- */

uint32_t
question_note(struct questions *q, const struct mesh_key *asker, uint64_t number,
    mesh_time_ms ends_ms)
{
	struct question_asked *first = &q->asked[0];
	for (size_t i = 0; i < QUESTION_ASKED; i++)
		if (q->asked[i].ends_ms < first->ends_ms) /* free: 0 */
			first = &q->asked[i];
	if (++q->last_ticket == 0)
		q->last_ticket = 1;
	*first = (struct question_asked){ *asker, number, q->last_ticket, ends_ms };
	return q->last_ticket;
}

bool
question_take(
    struct questions *q, uint32_t ticket, mesh_time_ms now, struct question_asked *out)
{
	for (size_t i = 0; i < QUESTION_ASKED && ticket != 0; i++) {
		if (q->asked[i].ticket != ticket || q->asked[i].ends_ms <= now)
			continue;
		*out = q->asked[i];
		q->asked[i] = (struct question_asked){ .ticket = 0 };
		return true;
	}
	return false;
}
