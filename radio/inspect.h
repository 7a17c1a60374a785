/* inspect.h - raw radio bytes to named values, for views, API, filters and tools.
 * One decoder for every network; unknown fields are kept by number.  Floor 3.  Pure. */
#ifndef RADIO_INSPECT_H
#define RADIO_INSPECT_H
#include "radio.h"

/* Decode the contents of a reception: payload fields under API.md's words (text,
 * position{lat,lon,alt_m,..}, user{id,long_name,..}, device_metrics{..}, route ...).
 * Views point into `raw` or `into`.  MESH_MALFORMED: kept raw, `out` holds what could
 * be read.  MESH_NOT_FOUND: unknown network. */
MESH_MUST_CHECK enum mesh_err inspect(enum radio_network network, struct bytes_view raw,
    struct arena *into, struct tree_view *out);
/* "TEXT_MESSAGE_APP" or the number as text. */
struct text_view inspect_type(
    enum radio_network network, uint16_t type, struct arena *into);
/* What a packet says about its sender, in the words of RADIO_NODE's facts; empty:
 * nothing. */
struct tree_view inspect_node(
    enum radio_network network, struct bytes_view raw, struct arena *into);
/* The sender did not say that others may carry this packet over the internet, as old
 * firmware never does; what is sealed says nothing. */
bool inspect_is_private(enum radio_network network, struct bytes_view raw);
/* A number that a node can have: others name nobody, everybody, or what is reserved. */
bool inspect_is_node(enum radio_network network, const struct id *node);
/* Why a request failed (radio.h): the network's word, or ours, or NULL. */
const char *inspect_reason(enum radio_network network, uint16_t reason);
enum inspect_place { PLACE_NONE, PLACE_CUT, PLACE_UNSURE };
/* Cut the place that a packet tells of to so many bits (1 to 32) of each coordinate, in
 * `raw` itself.  NONE: it tells of none, or is sealed.  UNSURE: it may, in a way that
 * cannot be cut; `raw` is not to be passed on. */
enum inspect_place inspect_cut_place(
    enum radio_network network, uint8_t *raw, size_t len, unsigned bits);
/* The same for one coordinate of its own. */
double inspect_cut_degrees(double degrees, unsigned bits);
#endif
