/* places.h - where this site may be called: what it says of itself in `mesh.addr`.
 *
 * Local addresses are those of its sockets, static ones were configured; observed is
 * what two different neighbours see it come from, as one alone may lie.  A router's
 * mapping that moved pushes the older observation out.  The list is in the order in
 * which others should try: static, observed, local.  Floor 3.  Pure.  Source:
 * PROTOCOL.md 12. */
#ifndef MESH_PLACES_H
#define MESH_PLACES_H
#include "address.h"

enum place_kind { PLACE_LOCAL = 1, PLACE_OBSERVED, PLACE_STATIC };
enum { PLACES_MAX = 8, PLACES_SEEN = 8, PLACES_WITNESS = 8 };

struct place {
	struct mesh_path path;
	uint8_t kind; /* enum place_kind; 0: free */
};
struct places {
	struct place list[PLACES_MAX];
	struct { /* who says so, each witness once */
		struct mesh_path path;
		uint8_t witness[PLACES_WITNESS];
	} seen[PLACES_SEEN];
	uint8_t seen_next;
	bool changed; /* since the owner cleared it */
};

void places_add(struct places *p, const struct mesh_path *path, enum place_kind kind);
void places_remove(
    struct places *p, const struct mesh_path *path, enum place_kind kind);
/* That neighbour sees us there. */
void places_observed(struct places *p, const struct mesh_path *path,
    const uint8_t witness[static PLACES_WITNESS]);
bool places_have(const struct places *p, const struct mesh_path *path);
/* The index-th in the order to be tried: false past the end. */
bool places_at(const struct places *p, size_t index, struct place *out);
#endif
