#include "messages.h"

/* clang-format off */
const struct message messages[] = {
	{ MESSAGE_FRAME, FRAME_PUSH, "PUSH", NULL, &frame_push_table, CLASS_P1, true },
	{ MESSAGE_FRAME, FRAME_PING, "PING", NULL, &frame_ping_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PONG, "PONG", NULL, &frame_pong_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_ACK, "ACK", NULL, &frame_ack_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PRUNE, "PRUNE", NULL, &frame_prune_table, CLASS_P0, true },
	{ MESSAGE_FRAME, FRAME_PROBE, "PROBE", NULL, &frame_probe_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PROBED, "PROBED", NULL, &frame_probed_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_FRAG, "FRAG", NULL, &frame_frag_table, CLASS_P2, true },
	{ MESSAGE_FRAME, FRAME_PATH, "PATH", NULL, &frame_path_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PATH_ACK, "PATH_ACK", NULL, &frame_path_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_CLOSE, "CLOSE", NULL, &frame_close_table, CLASS_P0, false },
	{ MESSAGE_FRAME, FRAME_PEERS, "PEERS", NULL, &frame_peers_table, CLASS_P2, true },
	{ MESSAGE_FRAME, FRAME_NETKEY_ASK, "NETKEY_ASK", NULL, &frame_netkey_ask_table, CLASS_P1, true },
	{ MESSAGE_FRAME, FRAME_NETKEY, "NETKEY", NULL, &frame_netkey_table, CLASS_P1, true },
	{ MESSAGE_FRAME, FRAME_CERT, "CERT", NULL, &frame_cert_table, CLASS_P0, true },
	{ MESSAGE_FRAME, FRAME_SUM, "SUM", NULL, &frame_sum_table, CLASS_P2, false },
	{ MESSAGE_FRAME, FRAME_ROWS, "ROWS", NULL, &frame_rows_table, CLASS_P2, true },
	{ MESSAGE_FRAME, FRAME_PULL, "PULL", NULL, &frame_pull_table, CLASS_P2, false },
	{ MESSAGE_FRAME, FRAME_PAGE, "PAGE", NULL, &frame_page_table, CLASS_P3, true },
	{ MESSAGE_FRAME, FRAME_NONE, "NONE", NULL, &frame_none_table, CLASS_P3, true },
	{ MESSAGE_FRAME, FRAME_SKETCH, "SKETCH", NULL, &frame_sketch_table, CLASS_P2, false },
	{ MESSAGE_FRAME, FRAME_CELLS, "CELLS", NULL, &frame_cells_table, CLASS_P3, true },
	{ MESSAGE_FRAME, FRAME_PUNCH, "PUNCH", NULL, &frame_punch_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_BEACON, "BEACON", NULL, &live_beacon_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_SUSPECT, "SUSPECT", NULL, &live_suspect_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_REFUTE, "REFUTE", NULL, &live_boot_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_BYE, "BYE", NULL, &live_boot_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_ECHO, "ECHO", NULL, &live_echo_table, CLASS_P1, false },
	{ MESSAGE_LIVE, LIVE_ECHO_REPLY, "ECHO_REPLY", NULL, &live_echo_reply_table, CLASS_P1, false },
	{ MESSAGE_LIVE, LIVE_QUERY, "QUERY", NULL, &live_query_table, CLASS_P1, false },
	{ MESSAGE_LIVE, LIVE_REPLY, "REPLY", NULL, &live_reply_table, CLASS_P1, false },
	{ MESSAGE_LIVE, LIVE_TRACE, "TRACE", NULL, &live_echo_table, CLASS_P1, false },
	{ MESSAGE_LIVE, LIVE_FORK, "FORK", NULL, &live_fork_table, CLASS_P0, false },
	{ MESSAGE_LIVE, LIVE_COMMAND, "COMMAND", NULL, &live_command_table, CLASS_P1, false },
	{ MESSAGE_LIVE, LIVE_TELL, "TELL", NULL, &live_tell_table, CLASS_P1, false },
	{ MESSAGE_KEYED, RECORD_PUT, "PUT", NULL, &keyed_put_table, CLASS_P1, false },
	{ MESSAGE_KEYED, RECORD_DROP, "DROP", NULL, &keyed_drop_table, CLASS_P1, false },
	{ MESSAGE_KEYED, RECORD_CHECKPOINT, "CHECKPOINT", NULL, &keyed_checkpoint_table, CLASS_P1, false },
	{ MESSAGE_STATE, RECORD_PUT, "LINKS", MESSAGE_LINKS_KEY, &state_links_put_table, CLASS_P1, false },
	{ MESSAGE_STATE, RECORD_PUT, "ADDR", MESSAGE_ADDR_KEY, &state_addr_put_table, CLASS_P1, false },
	{ MESSAGE_CONTROL, RECORD_PUT, "ADMIN", MESSAGE_ADMIN_KEY, &control_grant_table, CLASS_P0, false },
	{ MESSAGE_CONTROL, RECORD_PUT, "ALLOW", MESSAGE_ALLOW_KEY, &control_grant_table, CLASS_P0, false },
	{ MESSAGE_CONTROL, RECORD_PUT, "REVOKE", MESSAGE_REVOKE_KEY, &control_revoke_table, CLASS_P0, false },
	{ MESSAGE_CONTROL, RECORD_PUT, "NETWORK_KEY", MESSAGE_NETKEY_KEY, &control_netkey_table, CLASS_P0, false },
	{ MESSAGE_CONTROL, RECORD_PUT, "INVITE", MESSAGE_INVITE_KEY, &control_invite_table, CLASS_P0, false },
	{ MESSAGE_CONTROL, RECORD_PUT, "USE", MESSAGE_USE_KEY, &control_grant_table, CLASS_P0, false },
	{ MESSAGE_CONTROL, RECORD_PUT, "CERT_PUT", MESSAGE_CERT_KEY, &control_cert_table, CLASS_P0, false },
	{ MESSAGE_PART, 1, "CERTIFICATE", NULL, &certificate_table, CLASS_P0, false },
	{ MESSAGE_HANDSHAKE, 0, "INFO", NULL, &hand_info_table, CLASS_P0, false },
	{ MESSAGE_PART, 0, "BUNDLE", NULL, &frame_bundle_table, CLASS_P0, false },
};
/* clang-format on */
const size_t message_count = LENGTH(messages);

const struct message *
message_find(enum message_place place, uint8_t number)
{
	for (size_t i = 0; i < LENGTH(messages); i++) {
		if (messages[i].place == place && messages[i].number == number)
			return &messages[i];
	}
	return NULL;
}

/* News of life and of forks is urgent; what is asked, answered or invented later is
 * not. */
static enum message_class
live_class(uint16_t type)
{
	bool urgent = (type >= LIVE_BEACON && type <= LIVE_BYE) || type == LIVE_FORK;
	return urgent ? CLASS_P0 : CLASS_P1;
}

enum message_class
message_class_of(enum mesh_lane lane, uint16_t type)
{
	switch (lane) {
	case LANE_LIVE:
		return live_class(type);
	case LANE_CONTROL:
	case LANE_ALERT:
		return CLASS_P0;
	case LANE_STATE:
	case LANE_PACKET:
	case LANE_METRIC:
		return CLASS_P1;
	case LANE_REGISTRY:
	case LANE_COUNT:
		break;
	}
	return CLASS_P2;
}
