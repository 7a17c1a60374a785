/* resolve.h - names to addresses without waiting.
 *
 * Numeric addresses, IPv4 and IPv6, are answered at once.  A name starts a thread that
 * asks the system and ends; a name that takes long delays nobody, and meshd may end
 * meanwhile. Floor 6.  Edge. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H
#include "address.h"

enum { RESOLVE_NAME = 256, RESOLVE_PENDING = 32, RESOLVE_ADDRS = 4 };
struct resolve;
struct resolve_answer {
	uint64_t token;
	size_t count; /* 0: the name has no address now */
	uint8_t addrs[RESOLVE_ADDRS][ADDRESS_BYTES]; /* in the system's order */
};
struct resolve *resolve_new(void (*wake)(void *ctx), void *ctx); /* NULL: no memory */
void resolve_free(struct resolve *r); /* answers under way are forgotten */
bool resolve_numeric(struct text_view name, uint8_t addr[static ADDRESS_BYTES]);
/* MESH_FULL: RESOLVE_PENDING are under way, or no thread. */
MESH_MUST_CHECK enum mesh_err resolve_ask(
    struct resolve *r, struct text_view name, uint64_t token);
bool resolve_next(struct resolve *r, struct resolve_answer *out);
#endif
