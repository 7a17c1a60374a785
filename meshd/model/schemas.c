#include "schemas.h"
#include "alert.h"
#include "belonging.h"
#include "entry.h"
#include "hit.h"
#include "message.h"
#include "node.h"
#include "order.h"
#include "packet.h"
#include "post.h"
#include "reaching.h"
#include "sample.h"
#include "setting.h"
#include "state.h"
#include "status.h"
#include "text.h"
#include "words.h"

const struct schema schemas[] = {
	{ "status", &status_table },
	{ "radios", &radio_status_table },
	{ "radio_config", &radio_setting_table },
	{ "channels", &radio_channel_table },
	{ "radio_changes", &radio_difference_table },
	{ "peers", &peer_status_table },
	{ "ping", &ping_status_table },
	{ "netcheck", &netcheck_table },
	{ "nodes", &node_table },
	{ "packets", &packet_table },
	{ "messages", &message_table },
	{ "state", &state_table },
	{ "alerts", &alert_table },
	{ "post", &post_table },
	{ "samples", &sample_table },
	{ "registry", &entry_table },
	{ "hits", &hit_table },
	{ "invite", &invite_made_table },
	{ "invites", &invite_item_table },
	{ "decision", &decision_table },
	{ "key", &key_status_table },
	{ "rotation", &rotation_table },
	{ "move", &move_status_table },
	{ NULL, NULL },
};

const struct field_table *const schema_tables[] = {
	&status_table,
	&site_status_table,
	&radio_status_table,
	&radio_node_table,
	&radio_setting_table,
	&radio_channel_table,
	&radio_difference_table,
	&peer_status_table,
	&hop_status_table,
	&ping_status_table,
	&own_address_table,
	&check_peer_table,
	&netcheck_table,
	&warning_table,
	&node_table,
	&node_heard_table,
	&node_position_table,
	&node_battery_table,
	&node_facts_table,
	&node_hearing_table,
	&packet_table,
	&message_table,
	&post_table,
	&sample_table,
	&sample_batch_table,
	&post_body_table,
	&order_table,
	&order_done_table,
	&packet_reception_table,
	&reception_table,
	&state_table,
	&state_put_table,
	&site_value_table,
	&alert_table,
	&alert_statement_table,
	&alert_ack_table,
	&alert_subject_table,
	&entry_table,
	&hit_table,
	&hit_news_table,
	&hit_early_table,
	&asked_table,
	&entry_put_table,
	&word_table,
	&address_text_table,
	&invite_made_table,
	&invite_item_table,
	&decision_table,
	&key_status_table,
	&rotation_table,
	&move_status_table,
	NULL,
};

const struct schema *
schema_find(struct text_view noun)
{
	for (const struct schema *s = schemas; s->noun != NULL; s++) {
		if (text_is(noun, s->noun))
			return s;
	}
	return NULL;
}
