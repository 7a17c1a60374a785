/* refusing_link.h - a link that can never be made: the radio behind it refuses every
 * connection, which is the one figure of a link that moves without a radio. */
#ifndef REFUSING_LINK_H
#define REFUSING_LINK_H
#include "link.h"

extern const struct link_ops refusing_link;
#endif
