/* Radios of the configuration whose hosts are names: which answer is for whom.  The
 * resolver, the gate to the air and the turn stand in the test itself. */
#include "check_mesh.h"
#include "daemon_inside.h"
#include "mt_session.h"
#include "radio_keys.h"
#include "text.h"
#include <arpa/inet.h>
#include <errno.h>

enum { ASKED = 16 };
static struct question {
	char name[64];
	uint64_t token;
} asked[ASKED];
static size_t asked_count;
static struct daemon d;
static struct mesh_now now;

enum mesh_err
resolve_ask(struct resolve *r, struct text_view name, uint64_t token)
{
	ck_assert_uint_lt(asked_count, ASKED);
	struct question *q = &asked[asked_count++];
	(void)r;
	snprintf(q->name, sizeof q->name, "%.*s", (int)name.len, name.ptr);
	q->token = token;
	return MESH_OK;
}

static bool
read_v4(struct text_view name, uint8_t addr[static ADDRESS_BYTES])
{
	char room[64];
	struct in_addr v4;
	snprintf(room, sizeof room, "%.*s", (int)name.len, name.ptr);
	if (inet_pton(AF_INET, room, &v4) != 1)
		return false;
	address_of_v4(ntohl(v4.s_addr), addr);
	return true;
}

bool
resolve_numeric(struct text_view name, uint8_t addr[static ADDRESS_BYTES])
{
	return read_v4(name, addr);
}

/* A build with one driver. */
const char *const radio_network_words[] = { "", "meshtastic", "meshcore", "sim", NULL };
const struct radio_ops *const radio_drivers[] = { &radio_meshtastic_ops, NULL };
const struct radio_ops *
radio_driver(struct text_view name)
{
	return text_is(name, "meshtastic") ? &radio_meshtastic_ops : NULL;
}

void
radio_keys_read(struct daemon *unused, const char *radio, struct radio_section *section,
    char room[static RADIO_KEYS_BYTES])
{
	(void)unused, (void)radio, (void)section;
	room[0] = '\0';
}
void
turn_forget_radios(struct turn *t)
{
	(void)t;
}
void
air_permit(struct air *a, struct text_view radio, bool tx)
{
	(void)a, (void)radio, (void)tx;
}
void
air_prefer(struct air *a, struct text_view radio, uint32_t priority)
{
	(void)a, (void)radio, (void)priority;
}
void
publish_radio_gone(struct publish *p, struct text_view radio)
{
	(void)p, (void)radio;
}

/* A link that never comes about. */
static int
refuse(struct link **out, const struct link_params *params)
{
	(void)out, (void)params;
	return -ECONNREFUSED;
}
static const struct link_ops refusing = { .name = "tcp", .open = refuse };

static void
setup(void)
{
	ports_free(d.ports);
	config_free(d.config);
	memset(&d, 0, sizeof d);
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	d.ports = ports_new(
	    &(struct ports_params){ .tcp = &refusing, .counts = &d.counts });
	ck_assert_ptr_nonnull(d.ports);
	asked_count = 0;
}

static void
configure(const char *options)
{
	static char room[4096];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct config_source s = { CONF_ARGUMENTS, "--set",
		{ options, strlen(options) } };
	config_free(d.config);
	d.config = config_load(sections, &s, 1, &out);
	ck_assert_msg(d.config != NULL, "%s", text_end(&out));
	radio_edge_put(&d, "roof", now);
}

static void
pass(mesh_time_ms ms)
{
	now.ms += ms;
	ports_tick(d.ports, now);
	radio_edge_chores(&d, now);
	ports_tick(d.ports, now);
}

static void
answer(size_t number, const char *place)
{
	struct resolve_answer a = { .token = asked[number].token };
	a.count = read_v4(text(place), a.addrs[0]);
	radio_edge_answer(&d, &a, now);
	pass(0);
}

static bool
is_at(const char *place)
{
	struct port *roof = ports_find(d.ports, text("roof"));
	return roof != NULL && port_is_at(roof, text(place));
}

/* Asked for the new name once, for the one of the port that stands another time. */
static void
ask_for_both(void)
{
	configure("radio.roof.host=old.example");
	pass(0);
	answer(0, "10.0.0.1");
	ck_assert(is_at("10.0.0.1"));
	configure("radio.roof.host=new.example");
	pass(9000); /* the next attempt of the port that stands */
	ck_assert_uint_eq(asked_count, 3);
	ck_assert_str_eq(asked[1].name, "new.example");
	ck_assert_str_eq(asked[2].name, "old.example");
}

START_TEST(the_old_name_first_is_no_answer_for_the_new)
{
	ask_for_both();
	answer(2, "10.0.0.2");
	pass(30000);
	ck_assert_str_eq(asked[asked_count - 1].name, "old.example");
	answer(1, "10.0.0.9");
	ck_assert_msg(is_at("10.0.0.9"), "where the new name leads");
}
START_TEST(the_old_name_last_moves_the_new_nowhere)
{
	ask_for_both();
	answer(1, "10.0.0.9");
	answer(2, "10.0.0.2");
	ck_assert_msg(is_at("10.0.0.9"), "where the new name leads");
	pass(30000);
	ck_assert_str_eq(asked[asked_count - 1].name, "new.example");
}
START_TEST(a_removed_radio_leaves_no_answer_to_the_next)
{
	configure("radio.roof.host=old.example");
	pass(0);
	radio_edge_remove(&d, "roof");
	configure("radio.roof.host=new.example");
	pass(0);
	ck_assert_uint_eq(asked_count, 2);
	answer(0, "10.0.0.2");
	ck_assert(is_at(""));
	answer(1, "10.0.0.9");
	ck_assert(is_at("10.0.0.9"));
}
START_TEST(a_section_that_fails_leaves_the_port_its_name)
{
	configure("radio.roof.host=old.example");
	pass(0);
	answer(0, "10.0.0.1");
	configure("radio.roof.driver=sim"); /* not built in */
	for (int i = 0; i < 4; i++) {
		pass(30000);
		ck_assert_msg(ports_deadline(d.ports) > now.ms, "it is asked for");
		ck_assert_uint_gt(radio_edge_deadline(&d), now.ms);
		ck_assert_uint_eq(asked_count, 2 + (size_t)i);
		ck_assert_str_eq(asked[1 + i].name, "old.example");
		answer(1 + (size_t)i, "10.0.0.2");
		ck_assert(is_at("10.0.0.2"));
	}
}
START_TEST(one_question_at_a_time)
{
	configure("radio.roof.host=old.example");
	pass(0);
	answer(0, "10.0.0.1");
	for (int i = 0; i < 10; i++)
		pass(30000); /* attempts at the last address */
	ck_assert_uint_eq(asked_count, 2);
	configure("radio.roof.host=new.example");
	for (int i = 0; i < 10; i++)
		pass(30000);
	ck_assert_uint_eq(asked_count, 3);
	answer(2, ""); /* it may have one later */
	pass(30000);
	ck_assert_uint_eq(asked_count, 4);
	answer(1, "10.0.0.3"); /* the port that stands still looks for its own */
	ck_assert(is_at("10.0.0.3"));
	answer(3, "10.0.0.9");
	ck_assert(is_at("10.0.0.9"));
}
CHECK_MODULE(radio_edge, setup, the_old_name_first_is_no_answer_for_the_new,
    the_old_name_last_moves_the_new_nowhere,
    a_removed_radio_leaves_no_answer_to_the_next,
    a_section_that_fails_leaves_the_port_its_name, one_question_at_a_time)
