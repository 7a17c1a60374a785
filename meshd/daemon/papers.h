/* papers.h - admission = ca: the authority's key, and what it signed for this site.
 *
 * Read at the start and with each reload.  A certificate that does not hold at the
 * start is told and shown to the others all the same: they decide, and the clock here
 * may be wrong; one that does not hold at a reload leaves the former one in force.
 * Floor 10. */
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
/* Its file again: a renewed certificate comes into force without a restart. */
void papers_reload(struct daemon *d, struct mesh_now now);
/* Is it about to end, or over?  Told at once and then daily. */
void papers_chores(struct daemon *d, struct mesh_now now);
#endif
