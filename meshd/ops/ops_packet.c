#include "call_inside.h"
#include "packet.h"

void
ops_packet_list(struct call *c)
{
	struct store_question q = { .noun = STORE_PACKETS };
	if (call_filter(c, &packet_table, c->params.filter, &q))
		call_ask(c, &q);
}

void
ops_packet_show(struct call *c)
{
	call_ask(c, &(struct store_question){ .noun = STORE_PACKETS });
}
