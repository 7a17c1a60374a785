/* What is known before a call's end, for doors that pass it on at once. */
#include "call_inside.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static bool
has_room(struct call *c)
{
	if (c->early.ptr == NULL)
		c->early = bytes_out(malloc(CALL_EARLY), CALL_EARLY);
	return c->early.ptr != NULL;
}

void
call_say_early(struct call *c, const struct field_table *t, const void *object)
{
	if (!c->tells_early || !has_room(c))
		return;
	struct bytes_out before = c->early;
	struct json_out j = json_out(&c->early);
	describe_json(t, object, c->audience, &j);
	bytes_put_u8(&c->early, '\n');
	if (c->early.failed)
		c->early = before;
}

struct text_view
call_early(const struct call *call)
{
	return text_written(&call->early);
}

void
call_early_took(struct call *call, size_t bytes)
{
	call->early.len -= bytes;
	memmove(call->early.ptr, call->early.ptr + bytes, call->early.len);
}
