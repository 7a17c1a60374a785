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

/* A link that is being made for ever. */
struct link {
	unsigned closed;
};
static struct link making;
static int
begin(struct link **out, const struct link_params *params)
{
	(void)refuse(out, params);
	*out = &making;
	return 0;
}
static int
go_on(struct link *l)
{
	(void)l;
	return 0;
}
static void
close_making(struct link *l)
{
	l->closed++;
}
static const struct link_ops slow = {
	.name = "tcp", .open = begin, .finish = go_on, .close = close_making
};

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
START_TEST(a_speed_is_one_that_ports_have)
{
	static const struct {
		uint32_t baud;
		bool good;
	} rows[] = { { 0, true }, { 1200, true }, { 115200, true }, { 921600, true },
		{ 3000000, true }, { 250000, false }, { 1201, false },
		{ 2999999, false } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char room[240];
		struct bytes_out complaint = bytes_out(room, sizeof room);
		struct radio_section s = { .device = text("/dev/ttyUSB0"),
			.baud = rows[i].baud };
		ck_assert(radio_section.check(&s, &complaint) == rows[i].good);
		ck_assert(!complaint.failed);
		if (!rows[i].good)
			ck_assert_ptr_nonnull(strstr(text_end(&complaint),
			    "115200, 230400, 460800, 921600, 1000000"));
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
/* --- hosts that are names --- */

static struct radio_section
named(const char *host, const char *name)
{
	return (struct radio_section){
		.driver = DRIVER_MESHTASTIC, .host = text(host), .called = text(name)
	};
}

static struct port *
put_named(const char *radio, const char *host, const char *name)
{
	struct radio_section s = named(host, name);
	ck_assert_int_eq(ports_put(ports, text(radio), &s, now), MESH_OK);
	return ports_find(ports, text(radio));
}

/* Its next attempt, at the place that its name has then. */
static void
attempt_at(struct port *p, const char *place, mesh_time_ms later)
{
	struct text_view called;
	ports_tick(ports, at(later));
	ck_assert(port_wants_place(p, &called) && text_is(called, "radio.local"));
	ck_assert(!port_wants_place(p, &called)); /* once */
	memset(opened_host, 0, sizeof opened_host);
	port_place(p, text(place), at(later));
	ports_tick(ports, at(later));
}

START_TEST(a_name_is_looked_up_before_each_attempt)
{
	struct port *p = put_named("roof", "radio.local:4404", "radio.local");
	opened_count = 0;
	attempt_at(p, "10.0.0.7", 0);
	ck_assert_str_eq(opened_host, "10.0.0.7");
	ck_assert_uint_eq(opened.port, 4404);
	attempt_at(p, "10.0.0.9", 10000);
	ck_assert_str_eq(opened_host, "10.0.0.9");
	ck_assert(text_is(status("roof").link.address, "10.0.0.9:4404"));
	ck_assert_uint_eq(opened_count, 2);
	attempt_at(p, "", 20000); /* nobody can say: where it was last */
	ck_assert_str_eq(opened_host, "10.0.0.9");
}
START_TEST(a_name_that_nobody_answers_for_holds_nothing_up)
{
	struct text_view called;
	struct port *p = put_named("roof", "radio.local", "radio.local");
	attempt_at(p, "10.0.0.7", 0);
	ports_tick(ports, at(10000));
	ck_assert(port_wants_place(p, &called));
	opened_count = 0;
	ck_assert_uint_eq(ports_deadline(ports), now.ms + 10000 + PORT_SEEK_MS);
	ports_tick(ports, at(10000 + PORT_SEEK_MS));
	ck_assert_uint_eq(opened_count, 1);         /* at the last one */
	port_place(p, text("10.0.0.9"), at(13000)); /* too late, but not lost */
	ck_assert(port_is_at(p, text("10.0.0.9")));
	ports_tick(ports, at(13000));
	ck_assert_uint_eq(opened_count, 1);
}
START_TEST(an_answer_amid_an_attempt_moves_it_and_counts_nothing)
{
	struct text_view called;
	ports_free(ports);
	ports = ports_new(&(struct ports_params){ .tcp = &slow, .counts = &counts });
	struct port *p = put_named("roof", "radio.local", "radio.local");
	attempt_at(p, "10.0.0.7", 0);
	ports_tick(ports, at(PORT_CONNECT_MS));
	uint64_t failed = counts.n[COUNT_PORT_OPEN_FAILED];
	uint64_t refused = status("roof").link.lost.refused;
	ports_tick(ports, at(30000));
	ck_assert(port_wants_place(p, &called));
	ports_tick(ports, at(30000 + PORT_SEEK_MS)); /* at the last one */
	opened_count = making.closed = 0;
	port_place(p, text("10.0.0.9"), at(33000));
	ck_assert_uint_le(ports_deadline(ports), at(33000).ms);
	ports_tick(ports, at(33000));
	ck_assert_str_eq(opened_host, "10.0.0.9");
	ck_assert_uint_eq(opened_count, 1);
	ck_assert_uint_eq(making.closed, 1);
	ck_assert_uint_eq(status("roof").link.lost.refused, refused);
	ck_assert_uint_eq(counts.n[COUNT_PORT_OPEN_FAILED], failed);
	ck_assert_uint_eq(ports_deadline(ports), at(33000 + PORT_CONNECT_MS).ms);
}
START_TEST(a_name_without_an_address_is_a_radio_that_waits)
{
	struct port *p = put_named("roof", "radio.local", "radio.local");
	opened_count = 0;
	attempt_at(p, "", 0);
	ck_assert_uint_eq(opened_count, 0);
	ck_assert_uint_eq(status("roof").state, RADIO_WAITING);
	ck_assert(text_is(status("roof").error, "the name radio.local has no address"));
	attempt_at(p, "10.0.0.7", 10000);
	ck_assert_uint_eq(opened_count, 1);
}
START_TEST(a_name_that_means_a_radio_with_a_link_yields)
{
	struct radio_section s = { .driver = DRIVER_MESHTASTIC,
		.host = text("10.0.0.7") };
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_OK);
	struct port *barn = put_named("barn", "radio.local", "radio.local");
	struct text_view called;
	opened_count = 0;
	attempt_at(barn, "10.0.0.7", 0);
	ck_assert_uint_eq(opened_count, 1); /* the roof's */
	ck_assert(text_is(status("barn").error, "this is the radio of 'roof'"));
	ports_tick(ports, at(PORT_SEEK_AGAIN_MS)); /* it looks, but calls nobody */
	ck_assert(port_wants_place(barn, &called));
	port_place(barn, text("10.0.0.8"), at(PORT_SEEK_AGAIN_MS));
	ports_tick(ports, at(PORT_SEEK_AGAIN_MS));
	attempt_at(barn, "10.0.0.8", PORT_SEEK_AGAIN_MS + PORT_REST_MS);
	ck_assert_str_eq(opened_host, "10.0.0.8");
}
START_TEST(a_name_and_its_address_are_one_spelling)
{
	struct port *p = put_named("roof", "radio.local", "radio.local");
	struct text_view called;
	attempt_at(p, "10.0.0.7", 0);
	ck_assert_ptr_eq(put_named("roof", "10.0.0.7:4403", "radio.local"), p);
	ck_assert_ptr_eq(put_named("roof", "10.0.0.7", ""), p);
	ports_tick(ports, at(10000)); /* an address is not looked up */
	ck_assert(!port_wants_place(p, &called));
	ck_assert_ptr_ne(put_named("roof", "10.0.0.8", ""), p);
}
START_TEST(a_released_radio_stays_released_under_a_new_section)
{
	struct radio_section s = { .driver = DRIVER_MESHTASTIC,
		.host = text("10.0.0.7") };
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, now), MESH_OK);
	ck_assert_int_eq(
	    port_release(ports_find(ports, text("roof")), 60000, now), MESH_OK);
	s.silence = 5000;
	ck_assert_int_eq(ports_put(ports, text("roof"), &s, at(1000)), MESH_OK);
	ck_assert(text_is(status("roof").error, "released for another program"));
	opened_count = 0;
	ports_tick(ports, at(59000));
	ck_assert_uint_eq(opened_count, 0);
	ports_tick(ports, at(60000));
	ck_assert_uint_eq(opened_count, 1);
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
    a_section_says_where_the_radio_is, a_speed_is_one_that_ports_have,
    the_same_section_again_keeps_the_link, two_sections_for_one_host_have_one_link,
    a_name_is_looked_up_before_each_attempt,
    a_name_that_nobody_answers_for_holds_nothing_up,
    an_answer_amid_an_attempt_moves_it_and_counts_nothing,
    a_name_without_an_address_is_a_radio_that_waits,
    a_name_that_means_a_radio_with_a_link_yields,
    a_name_and_its_address_are_one_spelling,
    a_released_radio_stays_released_under_a_new_section, radios_come_change_and_go,
    what_cannot_be_opened_is_refused, the_rows_say_what_they_are_about)
