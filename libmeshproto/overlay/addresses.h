/* addresses.h - a few addresses of one site, packed: for every known site there is one.
 *
 * Each entry is its wire form behind its length: three IPv4 addresses fit, or one of
 * each family.  The best comes first; what does not fit is left out.  Floor 3.  Pure.
 */
#ifndef MESH_ADDRESSES_H
#define MESH_ADDRESSES_H
#include "address.h"

enum { ADDRESSES_BYTES = 27 };
struct addresses { /* all zero: none */
	uint8_t len, bytes[ADDRESSES_BYTES];
};

/* Behind the others; nothing if it is there, has no room, or names no machine. */
void addresses_add(struct addresses *a, const struct mesh_path *path);
bool addresses_at(const struct addresses *a, size_t index, struct mesh_path *out);
size_t addresses_count(const struct addresses *a);
bool addresses_have(const struct addresses *a, const struct mesh_path *path);
/* As they were written into `bytes`; anything else gives what is sound of it. */
void addresses_read(struct addresses *a, struct bytes_view bytes);
#endif
