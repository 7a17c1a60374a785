/* What an answer says, as a short name: the same for the same. */
#include "call_inside.h"
#include <assert.h>
#include <string.h>

/* An entry ends by the clock, and comes from other sites, while no view changes here.
 */
static bool
is_tagged(const struct call *c)
{
	return c->op == &op_table[OP_ENTRY_LIST] || c->op == &op_table[OP_ENTRY_GET];
}

/* Its bytes without when it was and how long it took. */
static struct bytes_view
content_of(const struct call *c, const struct call_chunk *k)
{
	struct bytes_view all = k->view;
	size_t from = k == c->first ? c->content_from : 0;
	size_t upto = k == c->last && c->content_upto > 0 ? c->content_upto : all.len;
	assert(from <= upto && upto <= all.len);
	return bytes_view(all.ptr + from, upto - from);
}

bool
call_tag(const struct call *c, uint8_t out[static CALL_TAG])
{
	struct {
		uint8_t before[32], this[32];
	} chain = { { 0 }, { 0 } };
	if (!is_tagged(c))
		return false;
	for (const struct call_chunk *k = c->first; k != NULL; k = k->next) {
		struct bytes_view content = content_of(c, k);
		mesh_hash(content.ptr, content.len, chain.this);
		mesh_hash(&chain, sizeof chain, chain.before);
	}
	memcpy(out, chain.before, CALL_TAG);
	return true;
}
