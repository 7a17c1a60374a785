/* papers.h - admission = ca: the authority's key, and what it signed for this site.
 *
 * Read at the start.  A certificate that does not hold is told and shown to the others
 * all the same: they decide, and the clock here may be wrong.  Floor 10. */
#ifndef PAPERS_H
#define PAPERS_H
#include "daemon_inside.h"

struct papers {
	struct mesh_key authority;
	uint8_t bytes[MESH_CERTIFICATE_MAX];
	size_t len; /* 0: no certificate */
};
/* 0, or an exit status: the file is there and is no certificate. */
int papers_read(struct daemon *d, struct papers *out, struct mesh_now now);
#endif
