/* ops_message.h - what operations that send have in common.  Floor 8.  Pure. */
#ifndef OPS_MESSAGE_H
#define OPS_MESSAGE_H
#include "call_inside.h"
#include "outbox.h"

/* An id that may be absent.  False: the call has failed. */
bool ops_message_id(
    struct call *c, const char *name, struct text_view said, struct id *out);
/* To the outbox; answered when the disk has it. */
void ops_message_give(struct call *c, struct outbox_ask *ask);
#endif
