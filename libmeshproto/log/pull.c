#include "pull.h"
#include <string.h>

enum { OWED_MAX = 2 * PULL_WINDOW_MAX }; /* what is sent again counts, too */
enum { KIB = 1024 };                     /* a PULL asks for so many of them */
enum { CLOCK_MS = 8 * 1024 };            /* of `begun`: a byte lasts for half an hour */

/* --- windows --- */

void
pull_window_begin(struct pull_window *w)
{
	/* Slots remember turns of former sessions. */
	*w = (struct pull_window){ .size = PULL_WINDOW, .turn = w->turn };
}

uint32_t
pull_window_room(const struct pull_window *w)
{
	uint32_t room = w->size > w->out ? w->size - w->out : 0;
	if (room < PULL_PIECE_MIN)
		return 0;
	return room < PULL_PIECE_MAX ? room : PULL_PIECE_MAX;
}

bool
pull_owes(struct pull_window *w, uint32_t bytes)
{
	bool owes = w->owed >= bytes;
	w->owed -= owes ? bytes : 0;
	return owes;
}

static void
give_back(struct pull *one, struct pull_window *w)
{
	if (one->asked)
		w->out -= one->bytes;
	one->asked = false;
}

/* --- slots --- */

static bool
same_handle(struct handle a, struct handle b)
{
	return a.index == b.index && a.generation == b.generation;
}

static bool
same_log(const struct holdings_log *a, const struct holdings_log *b)
{
	return a->lane == b->lane && a->epoch == b->epoch &&
	    memcmp(a->oid, b->oid, sizeof a->oid) == 0;
}

static bool
is_keyed(enum mesh_lane lane)
{
	return lane == LANE_CONTROL || lane == LANE_STATE || lane == LANE_REGISTRY;
}

/* Move the run's beginning above everything that is asked for already; true if it
 * moved, and those passed over before are to be looked at again. */
static bool
pass_over(const struct pulls *p, const struct holdings_log *log, struct mesh_run *run)
{
	for (size_t i = 0; i < PULL_SLOTS; i++) {
		const struct pull *one = &p->slots[i];
		if (one->state == PULL_ACTIVE && same_log(&one->log, log) &&
		    one->from <= run->first && run->first <= one->to) {
			run->first = one->to + 1;
			return true;
		}
	}
	return false;
}

/* Where the next slot above it begins, the run ends. */
static void
stop_below(const struct pulls *p, const struct holdings_log *log, struct mesh_run *run)
{
	for (size_t i = 0; i < PULL_SLOTS; i++) {
		const struct pull *one = &p->slots[i];
		if (one->state == PULL_ACTIVE && same_log(&one->log, log) &&
		    one->from > run->first && one->from <= run->last)
			run->last = one->from - 1;
	}
}

void
pull_chunk(const struct holdings_log *log, struct mesh_run *run)
{
	/* Of a keyed log a page may pass over a million dead numbers, so it comes in
	 * few pieces: no more than keep the window full. */
	uint64_t part = PULL_CHUNK;
	if (is_keyed(log->lane))
		part = (run->last - run->first) / PULL_PARTS + PULL_PART_MIN;
	if (run->last - run->first >= part)
		run->last = run->first + part - 1;
}

bool
pull_is_open(const struct pulls *p, struct handle neighbour,
    const struct holdings_log *log, struct mesh_run *run)
{
	uint32_t here = 0, of_log = 0;
	for (size_t i = 0; i < PULL_SLOTS; i++) {
		const struct pull *one = &p->slots[i];
		if (one->state != PULL_ACTIVE)
			continue;
		here += same_handle(one->neighbour, neighbour);
		of_log += same_log(&one->log, log);
	}
	while (run->first <= run->last && pass_over(p, log, run))
		continue;
	if (run->first > run->last)
		return false;
	stop_below(p, log, run);
	return p->count < PULL_SLOTS && here < PULL_EACH && of_log < PULL_PARTS;
}

struct pull *
pull_add(struct pulls *p, struct handle neighbour, const struct holdings_log *log,
    struct mesh_run run, uint64_t claimed)
{
	struct pull *one = NULL;
	for (size_t i = 0; i < PULL_SLOTS; i++)
		if (p->slots[i].state == PULL_FREE ||
		    (one == NULL && p->slots[i].state == PULL_OVER)) {
			one = &p->slots[i];
			if (one->state == PULL_FREE)
				break;
		}
	*one = (struct pull){ .state = PULL_ACTIVE,
		.tries = 1,
		.neighbour = neighbour,
		.log = *log,
		.begin = run.first,
		.from = run.first,
		.to = run.last,
		.claimed = claimed };
	p->count++;
	return one;
}

uint64_t
pull_end(const struct pulls *p, const struct holdings_log *log)
{
	uint64_t end = 0;
	for (size_t i = 0; i < PULL_SLOTS; i++) {
		const struct pull *one = &p->slots[i];
		if (one->state != PULL_FREE && same_log(&one->log, log) &&
		    one->to > end)
			end = one->to;
	}
	return end;
}

enum { LEAD_MAX = 2 * PULL_WINDOW_MAX }; /* what is further ahead is very old */

/* Where the next piece of its origin begins: behind what that has had or is to get, or
 * where the window is now. */
static uint32_t
turn_of(const struct pulls *p, const struct pull *of, const struct pull_window *w)
{
	uint32_t turn = w->turn;
	for (size_t i = 0; i < PULL_SLOTS; i++) {
		const struct pull *one = &p->slots[i];
		if (one->state == PULL_FREE ||
		    !same_handle(one->neighbour, of->neighbour) ||
		    memcmp(one->log.oid, of->log.oid, sizeof of->log.oid) != 0)
			continue;
		uint32_t end = one->turn + (one->asked ? one->bytes : 0);
		if (end - turn <= LEAD_MAX)
			turn = end;
	}
	return turn;
}

struct pull *
pull_next(struct pulls *p, struct handle neighbour, const struct pull_window *w)
{
	struct pull *first = NULL;
	uint32_t least = 0, asked = 0;
	for (size_t i = 0; p->count > 0 && i < PULL_SLOTS; i++) {
		struct pull *one = &p->slots[i];
		if (one->state != PULL_ACTIVE ||
		    !same_handle(one->neighbour, neighbour))
			continue;
		asked += one->asked;
		if (one->asked)
			continue;
		uint32_t turn = turn_of(p, one, w);
		if (first != NULL && (int32_t)(turn - least) >= 0)
			continue;
		first = one;
		least = turn;
	}
	return asked < PULL_ASKED ? first : NULL;
}

/* No more of the window than its numbers will need, so that others have some. */
static uint32_t
piece_of(const struct pull *one, uint32_t room)
{
	uint64_t numbers = one->to - one->from;
	uint64_t each = one->number > PULL_NUMBER ? one->number : PULL_NUMBER;
	uint64_t need = numbers < PULL_PIECE_MAX / each
	    ? PULL_PIECE_LEAST + numbers * each + KIB - 1
	    : PULL_PIECE_MAX;
	return (need < room ? (uint32_t)need : room) / KIB * KIB;
}

void
pull_asked(
    struct pulls *p, struct pull *one, struct pull_window *w, mesh_time_ms due_ms)
{
	give_back(one, w);
	one->turn = w->turn = turn_of(p, one, w);
	one->bytes = piece_of(one, pull_window_room(w));
	one->former = one->ticket;
	one->ticket = ++p->ticket;
	one->asked = true;
	one->came = one->ended = false;
	one->begun = (uint8_t)(due_ms / CLOCK_MS);
	one->due_ms = due_ms;
	w->out += one->bytes;
	w->owed = w->owed + one->bytes < OWED_MAX ? w->owed + one->bytes : OWED_MAX;
}

struct pull *
pull_find(struct pulls *p, struct handle neighbour, uint16_t ticket, bool pages)
{
	for (size_t i = 0; i < PULL_SLOTS; i++) {
		struct pull *one = &p->slots[i];
		if (one->state == PULL_FREE || !same_handle(one->neighbour, neighbour))
			continue;
		if (one->ticket == ticket && (pages || one->asked))
			return one;
		if (pages && one->former == ticket)
			return one;
	}
	return NULL;
}

/* Who sends a page that is here already each time we would give up keeps no range for
 * himself. */
void
pull_waits(struct pull *one, mesh_time_ms due_ms)
{
	uint8_t since = (uint8_t)(due_ms / CLOCK_MS - one->begun);
	if (one->due_ms < due_ms && since < PULL_PATIENCE_MS / CLOCK_MS)
		one->due_ms = due_ms;
}

/* Only what was not here opens it, and forgives. */
static void
window_came(struct pull_window *w, uint32_t bytes)
{
	w->brought = true;
	w->given_up = 0;
	w->size = w->size + bytes < PULL_WINDOW_MAX ? w->size + bytes : PULL_WINDOW_MAX;
}

void
pull_came(struct pull *one, struct pull_window *w, uint64_t to, uint32_t bytes,
    mesh_time_ms due_ms)
{
	if (one->from <= to) {
		uint64_t each = bytes / (to - one->from + 1);
		one->number = each < UINT16_MAX ? (uint16_t)each : UINT16_MAX;
		one->from = to + 1;
		one->tries = 1;
		window_came(w, bytes);
	}
	one->turn += bytes;
	one->came = true;
	pull_waits(one, due_ms);
}

/* A page in pieces takes longer than the word that it was the last. */
bool
pull_ends(struct pull *one, uint64_t last)
{
	uint64_t ahead = last > one->begin ? last - one->begin : 0;
	one->ended = !one->came || one->from <= last;
	one->ahead = ahead < UINT32_MAX ? (uint32_t)ahead : UINT32_MAX;
	return one->ended;
}

bool
pull_is_whole(const struct pull *one)
{
	return one->ended && one->from > one->begin + one->ahead;
}

void
pull_answered(struct pull *one, struct pull_window *w)
{
	give_back(one, w);
	one->due_ms = MESH_NEVER;
}

bool
pull_late(struct pull *one, struct pull_window *w)
{
	give_back(one, w);
	w->size = w->size / 2 > PULL_WINDOW_MIN ? w->size / 2 : PULL_WINDOW_MIN;
	return one->tries++ < PULL_TRIES;
}

bool
pull_withholds(struct pull_window *w, mesh_time_ms now)
{
	if (w->given_up == 0)
		w->given_up_ms = now;
	if (w->given_up < PULL_BLAME)
		w->given_up++;
	return w->given_up == PULL_BLAME && now - w->given_up_ms >= PULL_BLAME_MS;
}

void
pull_drop(struct pulls *p, struct pull *one)
{
	one->state = PULL_OVER;
	p->count--;
}

bool
pull_is_idle(const struct pulls *p, struct handle neighbour)
{
	for (size_t i = 0; p->count > 0 && i < PULL_SLOTS; i++)
		if (p->slots[i].state == PULL_ACTIVE &&
		    same_handle(p->slots[i].neighbour, neighbour))
			return false;
	return true;
}

struct pull *
pull_walk(struct pulls *p, uint32_t *index)
{
	for (; p->count > 0 && *index < PULL_SLOTS; ++*index)
		if (p->slots[*index].state == PULL_ACTIVE)
			return &p->slots[*index];
	return NULL;
}

mesh_time_ms
pull_deadline(const struct pulls *p)
{
	mesh_time_ms soonest = MESH_NEVER;
	for (size_t i = 0; p->count > 0 && i < PULL_SLOTS; i++) {
		const struct pull *one = &p->slots[i];
		if (one->state == PULL_ACTIVE && one->asked && one->due_ms < soonest)
			soonest = one->due_ms;
	}
	return soonest;
}
