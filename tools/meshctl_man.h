/* meshctl_man.h - the manual page of meshctl: what follows from the operation table,
 * and what meshctl does beside it, in words of its own.
 *
 * A test compares it with what meshctl --help lists.  Floor 11. */
#ifndef MESHCTL_MAN_H
#define MESHCTL_MAN_H
#include "bytes.h"

void meshctl_man(struct bytes_out *out);
#endif
