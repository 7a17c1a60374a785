/* shelf.h - the bundles that all disks of a world hold, each of them once.
 *
 * A thousand sites store the same records; a disk keeps pointers.  Found by the leaf
 * hash, kept until the world ends. */
#ifndef MESHSIM_SHELF_H
#define MESHSIM_SHELF_H
#include "meshproto.h"

struct body {
	uint8_t leaf[32];
	uint32_t weight;
	size_t len;
	uint8_t bundle[];
};
struct shelf {               /* zero is valid */
	struct body **slots; /* open addressing */
	size_t count, cap;
};
/* The body of that record, made if it is new. */
const struct body *shelf_of(struct shelf *b, const struct mesh_record *r);
void shelf_free(struct shelf *b);
#endif
