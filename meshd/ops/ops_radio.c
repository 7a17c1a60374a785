#include "call_inside.h"
#include "live.h"
#include "text.h"

void
ops_radio_list(struct call *c)
{
	const struct live *live = c->world->live;
	call_open(c);
	for (size_t i = 0; i < live_radio_count(live); i++)
		call_item(c, &radio_status_table, live_radio_at(live, i));
	call_finish(c);
}

void
ops_radio_show(struct call *c)
{
	const struct live *live = c->world->live;
	for (size_t i = 0; i < live_radio_count(live); i++) {
		const struct radio_status *radio = live_radio_at(live, i);
		if (!text_equal(radio->name, c->params.id))
			continue;
		call_open(c);
		call_item(c, &radio_status_table, radio);
		call_finish(c);
		return;
	}
	call_fail(c, 404, "no radio '%.*s' at this site", (int)c->params.id.len,
	    c->params.id.ptr);
}
