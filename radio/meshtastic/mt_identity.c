#include "mt_identity.h"

void
mt_identity_restarted(struct mt_identity *m)
{
	m->restarted = m->known;
}

enum radio_change
mt_identity_learn(struct mt_identity *m, uint32_t node, uint32_t starts)
{
	struct mt_identity before = *m;
	*m = (struct mt_identity){ .node = node, .starts = starts, .known = true };
	if (!before.known)
		return CHANGE_NONE;
	if (before.node != node)
		return CHANGE_NODE;
	if (starts < before.starts)
		return CHANGE_RESET;
	return starts > before.starts || before.restarted ? CHANGE_REBOOTED
							  : CHANGE_NONE;
}
