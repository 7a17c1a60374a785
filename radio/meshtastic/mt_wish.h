/* mt_wish.h - what somebody wants a section to be, and what that would change.
 *
 * A wish is a tree as people write it: bytes are hex, an enum's value is its word, null
 * leaves what the radio has, and what is not said gets its default, for that is how the
 * radio tells it, too.  Every value is held against its row before anything is sent:
 * the radio would drop a message that it cannot read without a word.  Floor 3.  Pure.
 */
#ifndef RADIO_MT_WISH_H
#define RADIO_MT_WISH_H
#include "mt_settings.h"

struct mt_wish {
	const struct mt_cache *cache; /* what the radio told */
	uint32_t node;                /* who it is */
	struct text_view section;
	struct tree_view wanted;
};
/* MESH_NOT_FOUND: no such section.  MESH_MALFORMED: `complaint` names the place.
 * MESH_FULL: no room in the arena or the plan. */
MESH_MUST_CHECK enum mesh_err mt_wish_compare(const struct mt_wish *w,
    struct arena *into, struct radio_plan *plan, struct bytes_out *complaint);
#endif
