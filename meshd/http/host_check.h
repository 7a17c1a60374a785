/* host_check.h - is a request's Host header one of ours?
 *
 * A page elsewhere may give its own name the address 127.0.0.1 (DNS rebinding) and read
 * our answers as its own; what it cannot forge is the Host header.  Floor 9.  Pure. */
#ifndef HOST_CHECK_H
#define HOST_CHECK_H
#include "types.h"

/* localhost, 127.0.0.1, [::1] or `configured` (NULL: none), with or without a port. */
bool host_is_ours(struct text_view host, const char *configured);
#endif
