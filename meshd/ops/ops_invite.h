/* ops_invite.h - what the operations on invitations and on moving share.  Floor 8. */
#ifndef OPS_INVITE_H
#define OPS_INVITE_H
#include "call_inside.h"

/* As texts in the call's arena, a list of struct address_text. */
struct list_view ops_invite_addresses(
    struct call *c, const struct mesh_path *paths, size_t count);
#endif
