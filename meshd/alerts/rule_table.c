#include "rule_table.h"
#include "id.h"
#include "text.h"
#include "tree.h"
#include <string.h>

/* A packet that one of our radios heard and that its sender calls an alarm. */
static bool
is_alarm(const struct packet *p)
{
	static const char *const types[] = { "ALERT_APP", "DETECTION_SENSOR_APP" };
	for (size_t i = 0; i < LENGTH(types); i++) {
		if (text_is(p->type, types[i]))
			return true;
	}
	return false;
}

static struct text_view
id_text(const struct id *id, struct arena *into)
{
	char room[ID_TEXT_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	id_print(id, &out);
	return arena_text(into, text_written(&out));
}

/* The sender's name if it is known here.  It is not part of the alert's id. */
static struct text_view
name_of(const struct live *live, const struct id *node)
{
	const struct node_fold *known = live_node(live, node);
	if (known == NULL || (known->has >> FACTS_LONG_NAME & 1) == 0)
		return (struct text_view){ "", 0 };
	return (struct text_view){ known->long_name, known->len[0] };
}

static struct text_view
clean(struct text_view said, struct arena *into)
{
	char room[ALERT_TEXT_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	text_put_clean(&out, bytes_view(said.ptr, said.len), sizeof room);
	return arena_text(into, text_written(&out));
}

static struct tree_view
data_of(const struct packet *p, struct arena *into)
{
	enum { ITEMS = 4 };
	struct tree_item *items = arena_take(into, ITEMS, sizeof *items);
	struct tree_out out = tree_out(items, items != NULL ? ITEMS : 0);
	tree_put_text(&out, "type", p->type);
	if (id_is(&p->from))
		tree_put_text(&out, "from", id_text(&p->from, into));
	return tree_done(&out);
}

/* Every site that hears the packet says the same, so that all write one alert. */
static bool
message_alert(const struct feed_item *item, const struct live *live, struct arena *into,
    struct alert_statement *out)
{
	const struct packet *p = item->object;
	/* What stays here is no alert for all. */
	if (item->table != &packet_table || !item->own || p->local || !is_alarm(p))
		return false;
	struct text_view name = name_of(live, &p->from);
	out->subject = (struct alert_subject){
		.has = 1 << SUBJECT_TYPE | 1 << SUBJECT_ID |
		    (uint64_t)(name.len > 0) << SUBJECT_NAME,
		.type = text("packet"),
		.id = id_text(&p->id, into),
		.name = name,
	};
	out->since_ms = p->time_ms;
	out->text = clean(tree_text(p->payload, "text"), into);
	out->data = data_of(p, into);
	out->has |= 1 << STATEMENT_SUBJECT | 1 << STATEMENT_SINCE;
	out->has |= (uint64_t)(out->text.len > 0) << STATEMENT_TEXT;
	out->has |= (uint64_t)(out->data.items != NULL) << STATEMENT_DATA;
	return out->subject.id.ptr != NULL;
}

const struct rule rule_table[] = {
	{ "message.alert", FEED_PACKET, SEVERITY_HIGH, ALERT_INFO, "message.alert",
	    message_alert, "A node sent an alert, or its detection sensor fired." },
	{ NULL, 0, 0, 0, NULL, NULL, NULL },
};
