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
#endif
