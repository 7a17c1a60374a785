#include "replay.h"

void
replay_init(struct replay *r)
{
	*r = (struct replay){ 0 };
}

static uint64_t
bit_of(uint64_t counter)
{
	return 1ULL << counter % 64;
}

static size_t
word_of(uint64_t counter)
{
	return counter % REPLAY_WINDOW / 64;
}

static bool
is_marked(const struct replay *r, uint64_t counter)
{
	return (r->bits[word_of(counter)] & bit_of(counter)) != 0;
}

bool
replay_is_fresh(const struct replay *r, uint64_t counter)
{
	if (counter == UINT64_MAX) /* never used: `next` could not stand above it */
		return false;
	if (counter >= r->next)
		return true;
	return r->next - counter <= REPLAY_WINDOW && !is_marked(r, counter);
}

/* Numbers that the window leaves behind free their bits for the new ones. */
static void
advance(struct replay *r, uint64_t next)
{
	uint64_t steps = next - r->next;
	if (steps >= REPLAY_WINDOW) {
		*r = (struct replay){ .next = next };
		return;
	}
	for (uint64_t n = r->next; n < next; n++)
		r->bits[word_of(n)] &= ~bit_of(n);
	r->next = next;
}

void
replay_mark(struct replay *r, uint64_t counter)
{
	if (!replay_is_fresh(r, counter))
		return;
	if (counter >= r->next)
		advance(r, counter + 1);
	r->bits[word_of(counter)] |= bit_of(counter);
}

bool
replay_report(const struct replay *r, uint64_t *highest, uint64_t *bits)
{
	if (r->next == 0)
		return false;
	*highest = r->next - 1;
	*bits = 0;
	for (uint64_t i = 0; i < 64 && i < *highest; i++) {
		if (is_marked(r, *highest - 1 - i))
			*bits |= 1ULL << i;
	}
	return true;
}
