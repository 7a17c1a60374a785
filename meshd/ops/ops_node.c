#include "call_inside.h"
#include "node.h"

void
ops_node_list(struct call *c)
{
	struct store_question q = { .noun = STORE_NODES };
	if (call_filter(c, &node_table, c->params.filter, &q))
		call_ask(c, &q);
}

void
ops_node_show(struct call *c)
{
	call_ask(c, &(struct store_question){ .noun = STORE_NODES });
}
