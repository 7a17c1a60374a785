/* The simulated radio against recordings of the real one: support/mt_play.h says how.
 */
#include "mt_play.h"

/* --- the sessions --- */

static const struct play_session sessions[] = {
	{ "admin_get_config", NULL, SAME },
	{ "admin_get_raw", NULL, SAME },
	{ "admin_remote_refused", NULL, LEFTOVER },
	{ "admin_set_owner.a1", NULL, SAME },
	{ "admin_set_owner.a2", "admin_set_owner.a1", SAME },
	{ "admin_set_owner.b", NULL, SAME },
	{ "backlog.a", NULL, SAME },
	{ "backlog.b", NULL, SAME },
	{ "chain_nodeinfo.a", NULL, SAME },
	{ "chain_nodeinfo.b", NULL, SAME },
	{ "chain_nodeinfo.c", NULL, SAME },
	{ "chain_text.a", NULL, SAME },
	{ "chain_text.b", NULL, SAME },
	{ "chain_text.c", NULL, SAME },
	{ "chain_traceroute_cli.a", NULL, SAME },
	{ "chain_traceroute_cli.b", NULL, SAME },
	{ "chain_traceroute_cli.c", NULL, SAME },
	{ "chain_undeliverable.a", NULL, SAME },
	{ "chain_undeliverable.b", NULL, SAME },
	{ "dm_undeliverable", NULL, SAME },
	{ "handshake_chopped", NULL, SAME },
	{ "handshake_cli_info", NULL, SAME },
	{ "handshake_js", NULL, SAME },
	{ "handshake_two_stage", NULL, SAME },
	{ "heartbeat_queuestatus", NULL, SAME },
	{ "idle_telemetry.a", NULL, SAME },
	{ "idle_telemetry.b", NULL, SAME },
	{ "kickout.a1", NULL, KICKED },
	{ "kickout.a2", "kickout.a1", SAME },
	{ "mqtt_proxy_downlink.a", NULL, SAME },
	{ "mqtt_proxy_downlink.b", NULL, BROKER },
	{ "mqtt_proxy_downlink.c", NULL, SAME },
	{ "mqtt_proxy_encrypted.a", NULL, SAME },
	{ "mqtt_proxy_encrypted.b", NULL, BROKER },
	{ "mqtt_proxy_encrypted.c", NULL, SAME },
	{ "mqtt_proxy_plain.a", NULL, SAME },
	{ "mqtt_proxy_plain.b", NULL, BROKER },
	{ "mqtt_proxy_plain.c", NULL, SAME },
	{ "nodeinfo_exchange.a", NULL, SAME },
	{ "nodeinfo_exchange.b", NULL, SAME },
	{ "oversize.a", NULL, SAME },
	{ "oversize.b", NULL, SAME },
	{ "position.a1", NULL, SAME },
	{ "position.a2", "position.a1", POSITIONS | CROWDED },
	{ "position.b", NULL, SAME },
	{ "position_request_cli.a", NULL, SAME },
	{ "position_request_cli.b", NULL, SAME },
	{ "rate_limit_text.a", NULL, SAME },
	{ "rate_limit_text.b", NULL, SAME },
	{ "rate_limit_traceroute", NULL, SAME },
	{ "reboot.a1", NULL, SAME },
	{ "reboot.a2", "reboot.a1", SAME },
	{ "resync_to_client", NULL, SAME },
	{ "resync_to_radio", NULL, RETEST },
	{ "telemetry_request_cli.a", NULL, SAME },
	{ "telemetry_request_cli.b", NULL, SAME },
	{ "text_broadcast.a", NULL, SAME },
	{ "text_broadcast.b", NULL, SAME },
	{ "text_dm_ack.a", NULL, SAME },
	{ "text_dm_ack.b", NULL, SAME },
	{ "time_and_rx_time.a", NULL, SAME },
	{ "time_and_rx_time.b", NULL, SAME },
	{ "traceroute_broadcast_refused", NULL, SAME },
	{ "traceroute_udp_cli.a", NULL, SAME },
	{ "traceroute_udp_cli.b", NULL, SAME },
	{ "udp_multicast.a", NULL, SAME },
	{ "udp_multicast.b", NULL, SAME },
};

START_TEST(the_simulated_radio_answers_as_the_recorded_one)
{
	play_session(&sessions[_i]);
}

/* --- no session is left out --- */

static size_t listed;

static void
look_up(const struct mt_recording *r)
{
	if (strcmp(r->list, "frames") != 0)
		return; /* datagrams have no client */
	for (size_t i = 0; i < LENGTH(sessions); i++)
		if (strcmp(sessions[i].name, r->name) == 0) {
			listed++;
			return;
		}
	ck_abort_msg("%s is not played to the simulated radio", r->name);
}

START_TEST(every_recorded_session_is_listed)
{
	(void)mt_recordings(look_up);
	ck_assert_uint_eq(listed, LENGTH(sessions));
}

int
main(void)
{
	Suite *suite = suite_create("mt_device");
	TCase *sessions_case = tcase_create("recordings");
	tcase_set_timeout(sessions_case, 600);
	tcase_add_loop_test(sessions_case,
	    the_simulated_radio_answers_as_the_recorded_one, 0, LENGTH(sessions));
	tcase_add_test(sessions_case, every_recorded_session_is_listed);
	suite_add_tcase(suite, sessions_case);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
