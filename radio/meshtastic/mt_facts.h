/* mt_facts.h - what Meshtastic messages say, in the words that users see.
 *
 * The radio's own decoding keeps official names and units; here they become
 * API.md's: degrees, metres, decibels, Unix milliseconds, ids as text, a hop that
 * nobody knows as null.  `ids` is the kind of node id to write: the simulated network
 * speaks the same messages.  Views point into the packet or `into`.  Floor 2.  Pure. */
#ifndef RADIO_MT_FACTS_H
#define RADIO_MT_FACTS_H
#include "id.h"
#include "mt_codec.h"

/* Contents by port: text; position{}; user{}; device_metrics{}; route[]; ... and of the
 * envelope request_id, reply_id, emoji, want_response.  MESH_MALFORMED: the payload is
 * not what its port says; `out` then has the envelope and the payload's bytes. */
MESH_MUST_CHECK enum mesh_err mt_facts_contents(const struct mt_packet *p,
    enum id_kind ids, struct arena *into, struct tree_view *out);
/* What a packet says about its sender, in RADIO_NODE's words; empty: nothing. */
struct tree_view mt_facts_sender(const struct mt_packet *p, struct arena *into);
/* The same of a NodeInfo as the codec decoded it.  `metadata`, likewise, may be empty.
 */
struct tree_view mt_facts_node(
    struct tree_view node_info, struct tree_view metadata, struct arena *into);
#endif
