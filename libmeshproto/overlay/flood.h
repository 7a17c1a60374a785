/* flood.h - carry a record on, or drop this copy.
 *
 * Every record goes to all neighbours but the one it came from; the duplicate cache
 * ends the flood, trail and hop limit end what a forgetful cache would let circle.
 * These fields are no one's signature: they show, and decide only about this copy.
 * Floor 3.  Pure.  Source: PROTOCOL.md 7 and 8. */
#ifndef MESH_FLOOD_H
#define MESH_FLOOD_H
#include "envelope.h"
#include "mesh_words.h"

enum flood_verdict { FLOOD_TAKE, FLOOD_HOPS, FLOOD_TRAIL };
enum { FLOOD_TAG = 4, FLOOD_TRAIL_MAX = 32 * FLOOD_TAG };

/* May this copy be taken by the site with `tag`? */
enum flood_verdict flood_judge(const struct envelope_hop *hop, uint8_t hop_max,
    const uint8_t tag[static FLOOD_TAG]);
/* Would the copy we send on still be welcome? */
bool flood_goes_on(const struct envelope_hop *hop, uint8_t hop_max);
/* PROTOCOL.md 7: lanes 2-6 carry a trail, and what is asked and answered in lane 0;
 * FORK and TELL need the room. */
bool flood_has_trail(enum mesh_lane lane, uint16_t type);
/* The hop fields of the copy we send, our tag last on the trail (in `trail`).  A full
 * trail loses its first tag: it is the hop limit that ends such a flood. */
struct envelope_hop flood_next(const struct envelope_hop *hop,
    const uint8_t tag[static FLOOD_TAG], uint8_t trail[static FLOOD_TRAIL_MAX]);
#endif
