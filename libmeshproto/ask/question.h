/* question.h - questions that wait for answers: ours, and those asked of us.
 *
 * A question to one site or to all has a number that travels, a token that does not,
 * and a moment at which it is over whoever is still missing.  It counts who has
 * answered, each site once, so that the asker can say "7 of 9".  What others ask us is
 * kept only until it is answered or too late; a full table forgets what ends first.
 * Numbers are ours alone, so that an answer by somebody who
 * was not asked, or too late, finds nothing.  Floor 3.  Pure.  Source: PROTOCOL.md 8.
 */
#ifndef MESH_QUESTION_H
#define MESH_QUESTION_H
#include "types.h"

enum {
	QUESTION_OPEN = 16,
	QUESTION_ASKED = 32,
	QUESTION_BUDGET_MS = 2000,
	QUESTION_BUDGET_MAX_MS = 60000
};

struct question {        /* ours */
	uint64_t number; /* on the wire; 0: free */
	uint64_t token;  /* the asker's */
	bool is_echo, is_to_one;
	struct mesh_key to; /* is_to_one */
	mesh_time_ms ends_ms;
	uint64_t asked_us;
	int64_t asked_unix_ms;    /* 0: no clock */
	uint32_t known, answered; /* sites that were asked; that answered */
	uint8_t chain[32];        /* is_echo: where the stamps of the way there begin */
	uint8_t *who;             /* borrowed bits: rows that answered */
};
struct question_asked { /* of us */
	struct mesh_key asker;
	uint64_t number;
	uint32_t ticket; /* 0: free */
	mesh_time_ms ends_ms;
};
struct questions {
	struct question open[QUESTION_OPEN];
	struct question_asked asked[QUESTION_ASKED];
	size_t row_bytes;
	uint64_t last_number;
	uint32_t last_ticket;
};

size_t question_bytes(uint32_t rows); /* rows of peers.h */
/* `block`: question_bytes long; stays the caller's.  `number`: the next will be above.
 */
void question_init(struct questions *q, void *block, uint32_t rows, uint64_t number);
/* A new one with a number; the caller fills the rest.  NULL: too many are open. */
struct question *question_open(
    struct questions *q, uint64_t token, uint32_t budget_ms, mesh_time_ms now);
struct question *question_find(struct questions *q, uint64_t number); /* or NULL */
/* The site of that row has answered.  False: it had before, or was not asked. */
bool question_count(struct question *open, uint32_t row, const struct mesh_key *site);
/* One that is over, because all have answered or it is time; NULL: none.  Close it. */
struct question *question_over(struct questions *q, mesh_time_ms now);
void question_close(struct question *open);
mesh_time_ms question_deadline(const struct questions *q);

/* Remember what `asker` wants to know; the ticket to answer with. */
uint32_t question_note(struct questions *q, const struct mesh_key *asker,
    uint64_t number, mesh_time_ms ends_ms);
/* Forget it, for it is answered now.  False: too late, or answered. */
bool question_take(
    struct questions *q, uint32_t ticket, mesh_time_ms now, struct question_asked *out);
#endif
