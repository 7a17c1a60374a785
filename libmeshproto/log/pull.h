/* pull.h - what we have asked neighbours for, and may ask them for yet.
 *
 * One slot is one range of one log that one neighbour is to send: it asks for a piece,
 * takes the pages, asks for the next piece until the range is here.  Ranges of one log
 * do not overlap, so that four neighbours bring four parts of it.  How much may be on
 * its way from a neighbour is its window: it grows by what arrives and halves when
 * nothing does.  Origins take turns in it by bytes, as in the queues (pace.h), so that
 * a busy one does not hold up what others wrote.  Pages are gaps in the have-set until
 * they are stored; what goes wrong here is asked for again after the next exchange.
 * Floor 3.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MESH_PULL_H
#define MESH_PULL_H
#include "holdings.h"

enum {
	PULL_SLOTS = 64,
	PULL_EACH = 40,       /* of one neighbour ... */
	PULL_ASKED = 24,      /* ... and so many of them asked for at once */
	PULL_PARTS = 4,       /* of one log */
	PULL_PART_MIN = 4096, /* numbers of a keyed lane per slot, at least */
	PULL_CHUNK = 1024,    /* numbers of a time lane per slot */
	PULL_TRIES = 3,
	PULL_PIECE_MAX = 64 * 1024, /* bytes asked for at once */
	PULL_PIECE_MIN = 16 *
	    1024, /* of the window: below, each would bring a page or two */
	PULL_PIECE_LEAST = 2 * 1024, /* for few numbers */
	PULL_WINDOW = 256 * 1024,
	PULL_NUMBER = 256, /* bytes that a number is taken for, until some came */
	PULL_WINDOW_MIN = PULL_PIECE_MIN,
	PULL_WINDOW_MAX = 1024 * 1024,
	PULL_WAIT_MS = 500,
	PULL_PATIENCE_MS = 5 * 60 * 1000, /* for a piece in all, however it drips */
	PULL_BLAME = 3,           /* ranges given up without a page in between ... */
	PULL_BLAME_MS = 15 * 1000 /* ... over at least that long */
};

struct pull_window {              /* one per neighbour, by value */
	uint32_t size, out;       /* bytes; asked for and not answered */
	uint32_t owed;            /* bytes of pieces that may come because we asked */
	bool brought;             /* something new came since it was last idle */
	uint8_t given_up;         /* ranges, since its last page */
	uint32_t turn;            /* of the last one asked for: struct pull */
	mesh_time_ms given_up_ms; /* the first of them */
};
enum pull_state { PULL_FREE, PULL_ACTIVE, PULL_OVER };
struct pull {
	uint8_t state; /* enum pull_state; OVER: stragglers are welcome */
	uint8_t tries;
	uint16_t ticket, former; /* of the piece under way, and of the one before */
	bool asked;              /* a PULL is out */
	bool came;               /* a page of it has come */
	bool ended;              /* the answer's end came before all its pages */
	uint8_t begun;           /* when it was asked for, by a clock of its own */
	uint16_t number; /* bytes of each in the page that came last; 0: none came */
	struct handle neighbour;
	uint32_t ahead; /* ENDED: the answer's last number, counted from `begin` */
	struct holdings_log log;
	uint64_t begin;    /* of the whole range */
	uint64_t from, to; /* still to come */
	uint64_t claimed;  /* so far the neighbour holds that log, it says */
	uint32_t bytes;    /* the piece asked for */
	uint32_t turn; /* the byte of the window's answers up to which it has had its
			  share */
	mesh_time_ms due_ms; /* answered by then, or asked again */
};
struct pulls {
	struct pull slots[PULL_SLOTS];
	uint16_t ticket; /* the last one given out */
	uint32_t count;
};

void pull_window_begin(struct pull_window *w);
/* Room for a piece; 0: not now. */
uint32_t pull_window_room(const struct pull_window *w);

/* Shorten `run` to what no slot is after yet; false: nothing is left, or no slot is. */
bool pull_is_open(const struct pulls *p, struct handle neighbour,
    const struct holdings_log *log, struct mesh_run *run);
/* No more of it than one slot is to bring, so that several can at once. */
void pull_chunk(const struct holdings_log *log, struct mesh_run *run);
/* Requires: pull_is_open said so.  `claimed`: what the neighbour says it holds of that
 * log, if more than `run`. */
struct pull *pull_add(struct pulls *p, struct handle neighbour,
    const struct holdings_log *log, struct mesh_run run, uint64_t claimed);
/* The highest number of that log that was asked for of late. */
uint64_t pull_end(const struct pulls *p, const struct holdings_log *log);
/* A piece of so many bytes came.  False: not because it was asked for. */
bool pull_owes(struct pull_window *w, uint32_t bytes);
/* The one that is to be asked for next, there: of the origin that has had least.  NULL:
 * none waits. */
struct pull *pull_next(
    struct pulls *p, struct handle neighbour, const struct pull_window *w);
/* A new ticket: the PULL is sent. */
void pull_asked(
    struct pulls *p, struct pull *one, struct pull_window *w, mesh_time_ms due_ms);
/* The one whose present piece has that ticket; for `pages` also the former piece, and
 * those that are over: a lost page comes again when all others are here. */
struct pull *pull_find(
    struct pulls *p, struct handle neighbour, uint16_t ticket, bool pages);
/* A page up to `to` came, `bytes` long. */
void pull_came(struct pull *one, struct pull_window *w, uint64_t to, uint32_t bytes,
    mesh_time_ms due_ms);
/* Something of its neighbour came, so it may be on its way: later, but no later than
 * its patience lasts. */
void pull_waits(struct pull *one, mesh_time_ms due_ms);
/* Its end came, and says that pages up to `last` went out; 0: nothing of that.  True:
 * some of them are still to come. */
bool pull_ends(struct pull *one, uint64_t last);
/* The end came, and now all before it is here. */
bool pull_is_whole(const struct pull *one);
/* The piece is answered: nothing more comes of it. */
void pull_answered(struct pull *one, struct pull_window *w);
/* Nothing came in time: ask again, or false: enough. */
bool pull_late(struct pull *one, struct pull_window *w);
/* A range was given up.  True: this neighbour has claimed for long what it does not
 * send.
 */
bool pull_withholds(struct pull_window *w, mesh_time_ms now);
void pull_drop(struct pulls *p, struct pull *one);
bool pull_is_idle(const struct pulls *p, struct handle neighbour);
/* Every slot in use: start with *index = 0, add one each time. */
struct pull *pull_walk(struct pulls *p, uint32_t *index);
mesh_time_ms pull_deadline(const struct pulls *p);
#endif
