/* ops_peer.h - a site by the name people call it, for operations on one site.
 * Floor 8. */
#ifndef OPS_PEER_H
#define OPS_PEER_H
#include "call_inside.h"

/* The peer that the parameter `id` names: by name, key, or 8 or more of its digits.
 * False: the call has failed, and says who is known. */
bool ops_peer_named(struct call *c, struct mesh_peer *out);
/* The site that the parameter `site` names; `*out` NULL: it names none.  False: the
 * call has failed. */
bool ops_site_named(struct call *c, const struct mesh_key **out);
/* The name under which `peer list` shows the site `key`, copied into the call's arena.
 */
struct text_view ops_site_name(struct call *c, const struct mesh_key *key);
#endif
