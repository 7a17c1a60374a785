/* radio_try.h - one attempt at a radio by hand: open, ask, listen, until the time is
 * over.
 *
 * The same links and the same driver as the daemon's, without its supervision: no
 * heartbeats, nothing is sent but the question for the configuration.  The clock is
 * the system's.  Floor 11. */
#ifndef MESHCTL_RADIO_TRY_H
#define MESHCTL_RADIO_TRY_H
#include "id.h"
#include "link.h"
#include "types.h"

enum { TRY_TEXT = 64 };
struct radio_tried {
	bool reached; /* the link stood */
	bool ready;   /* it said who it is, with all of its configuration */
	uint32_t reached_ms, ready_ms, held_ms; /* since the attempt; since it stood */
	uint32_t losses;                        /* links that ended before their time */
	uint64_t bytes, skipped, frames, packets, nodes;
	struct id node;
	char name[TRY_TEXT], firmware[TRY_TEXT], hardware[TRY_TEXT];
	char error[2 * TRY_TEXT]; /* why it was not reached, or ended */
};
struct radio_place { /* where it is, as links take it */
	const struct link_ops *kind;
	struct link_params at;
	char host[TRY_TEXT], device[4 * TRY_TEXT];
};
/* "/dev/ttyUSB0", or a name or address with or without a port.  False: `why`.
 */
bool radio_place(struct radio_place *p, const char *text, char *why, size_t cap);
typedef bool (*radio_progress)(
    void *ctx, const struct radio_tried *t, uint32_t passed_ms);
struct radio_how {
	uint32_t ms;             /* so long, or: */
	bool once;               /* until the radio is ready or the link ends */
	radio_progress progress; /* about once a second; false: stop.  NULL: none */
	/* The radio said which node it is, which it does first; false: let go of it.
	 * NULL: whoever it is. */
	bool (*meets)(void *ctx, const struct id *node);
	void *ctx;
};
void radio_try(
    const struct radio_place *p, const struct radio_how *how, struct radio_tried *out);
#endif
