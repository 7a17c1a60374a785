#include "model_world.h"
#include "ports.h"
#include "text.h"
#include <errno.h>

static struct meshd_counts counts;
static const struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
static struct link_params opened;
static char opened_host[64];
static unsigned opened_count;

static int
refuse(struct link **out, const struct link_params *params)
{
	(void)out;
	opened = *params;
	opened_count++;
	memcpy(opened_host, params->host.ptr, params->host.len);
	return -ECONNREFUSED;
}
static const struct link_ops refusing = { .name = "tcp", .open = refuse };

static struct ports *ports;

static void
setup(void)
{
	ports_free(ports);
	ports = ports_new(&(struct ports_params){
	    .serial = &refusing, .tcp = &refusing, .counts = &counts });
	ck_assert(ports != NULL);
}

START_TEST(hosts_are_split_from_their_port)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} rows[] = {
		{ "10.0.0.7", "10.0.0.7", 0 },
		{ "10.0.0.7:4403", "10.0.0.7", 4403 },
		{ "radio.local:1", "radio.local", 1 },
		{ "[fe80::1]", "fe80::1", 0 },
		{ "[fe80::1]:65535", "fe80::1", 65535 },
		{ "fe80::1", "fe80::1", 0 },
		{ "", NULL, 0 },
		{ ":4403", NULL, 0 },
		{ "a:", NULL, 0 },
		{ "a:0", NULL, 0 },
		{ "a:65536", NULL, 0 },
		{ "a:x", NULL, 0 },
		{ "[fe80::1", NULL, 0 },
		{ "[]:1", NULL, 0 },
		{ "[::1]x", NULL, 0 },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct text_view host;
		uint16_t port;
		bool good = ports_split_host(text(rows[i].text), &host, &port);
		ck_assert_msg(good == (rows[i].host != NULL), "%s", rows[i].text);
		if (good)
			ck_assert_msg(
			    text_is(host, rows[i].host) && port == rows[i].port, "%s",
			    rows[i].text);
	}
}
START_TEST(a_section_says_where_the_radio_is)
{
	static const struct {
		uint8_t driver;
		const char *device, *host;
		bool good;
	} rows[] = {
		{ DRIVER_MESHTASTIC, "", "10.0.0.7", true },
		{ DRIVER_MESHTASTIC, "/dev/ttyUSB0", "", true },
		{ DRIVER_MESHTASTIC, "udp:eth0", "", true },
		{ DRIVER_MESHTASTIC, "udp:eth0", "10.0.0.7", false },
		{ DRIVER_MESHTASTIC, "", "", false },
		{ DRIVER_MESHTASTIC, "/dev/ttyUSB0", "10.0.0.7", false },
		{ DRIVER_MESHTASTIC, "", "10.0.0.7:x", false },
		{ DRIVER_SIM, "", "", true },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char room[200];
		struct bytes_out complaint = bytes_out(room, sizeof room);
		struct radio_section s = { .driver = rows[i].driver,
			.device = text(rows[i].device),
			.host = text(rows[i].host) };
		ck_assert(radio_section.check(&s, &complaint) == rows[i].good);
		ck_assert((complaint.len == 0) == rows[i].good);
	}
}
static struct mesh_now
at(mesh_time_ms later)
{
	return (struct mesh_now){ now.ms + later, now.unix_ms + (unix_ms)later, 0 };
}

static struct radio_status
status(const char *name)
{
	struct radio_status s;
	port_status(ports_find(ports, text(name)), &s);
	return s;
}

START_TEST(the_same_section_again_keeps_the_link)
{
	struct radio_section s = { .driver = DRIVER_MESHTASTIC,
		.host = text("10.0.0.7:4403") };
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_OK);
	const struct port *before = ports_find(ports, text("roof"));
	s.host = text("10.0.0.7"); /* 4403 is what it means */
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_OK);
	ck_assert_ptr_eq(ports_find(ports, text("roof")), before);
	s.silence = 5000;
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_OK);
	ck_assert_ptr_ne(ports_find(ports, text("roof")), before);
}
START_TEST(two_sections_for_one_host_have_one_link)
{
	struct radio_section s = { .driver = DRIVER_MESHTASTIC,
		.host = text("10.0.0.7") };
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_OK);
	s.host = text("10.0.0.7:4403");
	ck_assert_int_eq(ports_put(ports, text("barn"), &s, now), MESH_OK);
	opened_count = 0;
	ports_tick(ports, now);
	ck_assert_uint_eq(opened_count, 1);
	ck_assert_uint_eq(status("roof").state, RADIO_WAITING);
	ck_assert_uint_eq(status("barn").state, RADIO_FAILED);
	ck_assert(text_is(status("barn").error, "this is the radio of 'roof'"));
	ck_assert(ports_remove(ports, text("roof")));
	ports_tick(ports, now);
	ck_assert_uint_eq(opened_count, 1);
	ports_tick(ports, at(PORT_REST_MS)); /* the other's link is gone */
	ck_assert_uint_eq(opened_count, 2);
	ck_assert_uint_eq(status("barn").state, RADIO_WAITING);
}
START_TEST(radios_come_change_and_go)
{
	struct radio_section s = { .driver = DRIVER_MESHTASTIC,
		.host = text("10.0.0.7") };
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_OK);
	ports_tick(ports, now);
	ck_assert_uint_eq(opened.port, 4403);
	ck_assert_str_eq(opened_host, "10.0.0.7");
	ck_assert_uint_le(ports_deadline(ports), now.ms + PORT_FIRST_MS);
	s.host = text("10.0.0.8:99");
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_OK);
	ck_assert_uint_eq(ports_count(ports), 1);
	ports_tick(ports, now);
	ck_assert_uint_eq(opened.port, 4403); /* the radio frees its last link first */
	ports_tick(ports, at(PORT_REST_MS));
	ck_assert_uint_eq(opened.port, 99);
	ck_assert_int_eq(ports_put(ports, text("barn"), &s, now), MESH_OK);
	ck_assert(ports_find(ports, text("barn")) == ports_at(ports, 1));
	ck_assert(
	    ports_remove(ports, text("roof")) && !ports_remove(ports, text("roof")));
	ck_assert(ports_find(ports, text("barn")) == ports_see(ports, 0));
	ck_assert(
	    ports_at(ports, 1) == NULL && ports_find(ports, text("roof")) == NULL);
}
START_TEST(what_cannot_be_opened_is_refused)
{
	struct radio_section s = { .driver = DRIVER_MESHTASTIC };
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_MALFORMED);
	s.host = text("10.0.0.7");
	ck_assert_int_eq(ports_put(ports, text(""), &s, now), MESH_MALFORMED);
	for (int i = 0; i <= PORTS_MAX; i++) {
		char name[8];
		snprintf(name, sizeof name, "r%d", i);
		ck_assert_int_eq(ports_put(ports, text(name), &s, now),
		    i < PORTS_MAX ? MESH_OK : MESH_FULL);
	}
}
START_TEST(the_rows_say_what_they_are_about)
{
	for (size_t i = 0; i < radio_section.count; i++)
		ck_assert(radio_section.rows[i].field.doc[0] != '\0');
	ck_assert_uint_eq(radio_section.bytes, sizeof(struct radio_section));
}
CHECK_MODULE(ports, setup, hosts_are_split_from_their_port,
    a_section_says_where_the_radio_is, the_same_section_again_keeps_the_link,
    two_sections_for_one_host_have_one_link, radios_come_change_and_go,
    what_cannot_be_opened_is_refused, the_rows_say_what_they_are_about)
