/* air.h - the one gate to the antennas of this site.
 *
 * Everything that is to be transmitted waits here and leaves when its radio may send at
 * all (`tx = yes`), is connected, has room and has answered for what came before; when
 * the gap that the radio asks between requests of a kind is over; and while the channel
 * is not too full and this site has not been on the air for longer in the last hour
 * than its share, which radios of one channel use together.  People go before programs,
 * then first come first served.  What the loss of a link took away waits again under
 * the number it had, so that the mesh takes it once; what found a radio's queue full,
 * under another one, for a radio passes over a number that it has seen.  Nobody else
 * calls a driver's submit; a test looks.  Full: the newest is refused.  Floor 7.  Pure.
 */
#ifndef AIR_H
#define AIR_H
#include "air_cells.h"

enum { AIR_WAITING = 64, AIR_BODY = 256, AIR_ANSWER_MS = 40000 };
enum air_wait { /* what stands before the antenna, the first of them */
	AIR_NOTHING,
	AIR_NO_RADIO,
	AIR_FORBIDDEN,
	AIR_DOWN,
	AIR_SILENCED,
	AIR_UNANSWERED,
	AIR_FULL,
	AIR_SOON,
	AIR_CROWDED,
	AIR_SPENT
};
extern const char *const air_wait_words[]; /* for people: "tx = no", ... */
struct air;
struct air_params { /* borrowed until air_free */
	struct ports *ports;
	struct meshd_counts *counts;
};
struct air *air_new(const struct air_params *params); /* NULL: no memory */
void air_free(struct air *a);                         /* NULL is fine */
/* What the configuration says of that radio; a radio that was not named may not.  What
 * waits for one that may not is refused: it would leave when somebody turns `tx` on for
 * something else. */
void air_permit(struct air *a, struct text_view radio, bool tx);
/* Of several radios that may send now the one with the highest does. */
void air_prefer(struct air *a, struct text_view radio, uint32_t priority);
uint32_t air_priority(struct air *a, struct text_view radio);
/* Would a request for that radio stand before more than time and traffic? */
enum air_wait air_allows(struct air *a, struct text_view radio);
/* Copied; `q->request` is not in use.  MESH_FULL: AIR_WAITING are there.
 * MESH_TRUNCATED: its body is longer than AIR_BODY. */
MESH_MUST_CHECK enum mesh_err air_ask(struct air *a, struct text_view radio,
    enum pace_rank rank, const struct radio_request *q);
void air_withdraw(struct air *a, uint64_t request);
/* What it waits for; AIR_NOTHING: it left, or was never here. */
enum air_wait air_waits(const struct air *a, uint64_t request);
/* Gives the radios what is due.  True: air_next has news. */
bool air_tick(struct air *a, struct mesh_now now);
struct air_news { /* `err` MESH_OK: the radio was given it; else refused for good */
	uint64_t request;
	enum mesh_err err;
	enum air_wait wait; /* refused by us: for what */
	bool again; /* not given: the radio that had it is gone, and it waits again */
	bool busy;  /* `again`: its queue was full; next time the number is `packet` */
	uint32_t packet;
};
bool air_next(struct air *a, struct air_news *out);
/* RADIO_SENT of a driver, before others see it. */
void air_event(struct air *a, const struct radio_event *event, struct mesh_now now);
/* Airtime of the last hour, to be loaded at start and kept when it changes. */
struct air_cells *air_airtime(struct air *a);
mesh_time_ms air_deadline(const struct air *a);
#endif
