/* The golden handshake, byte for byte: made by other code (vectors/wire/handshake.txt).
 */
#include "check_mesh.h"
#include "golden.h"
#include "handshake.h"
#include "mesh_counters.h"
#include "netkey.h"
#include "seal.h"
#include "text.h"

enum { CAP = 4, LINES = 32 };

static struct line {
	char name[16];
	uint8_t bytes[ENVELOPE_MAX];
	size_t len;
} lines[LINES];
static size_t line_count;

static void
keep_line(const char *name, struct bytes_view bytes, const char *text)
{
	(void)text;
	ck_assert(line_count < LINES && bytes.len <= ENVELOPE_MAX);
	struct line *l = &lines[line_count++];
	snprintf(l->name, sizeof l->name, "%s", name);
	memcpy(l->bytes, bytes.ptr, bytes.len);
	l->len = bytes.len;
}
static struct bytes_view
golden(const char *name)
{
	for (size_t i = 0; i < line_count; i++)
		if (strcmp(lines[i].name, name) == 0)
			return bytes_view(lines[i].bytes, lines[i].len);
	ck_abort_msg("no line is called %s", name);
	return (struct bytes_view){ NULL, 0 };
}
static void
is_golden(const char *name, struct bytes_view made)
{
	ck_assert_msg(bytes_equal(golden(name), made), "%s: other bytes", name);
}

/* What handshake.txt says beside the keys. */
static const struct {
	const char *name, *seed, *ephemeral;
	uint32_t sid;
	uint64_t boot;
	uint8_t boot_id[8];
	struct mesh_path path;
} who[2] = {
	/* clang-format off */
	{ "berg", "site_i", "ephemeral_i", 0x01020304, 1765432100, { 1, 2, 3, 4, 5, 6, 7, 8 },
	    { .addr = { [10] = 0xff, 0xff, 10, 0, 0, 1, 0x11, 0x76 } } },
	{ "tal", "site_r", "ephemeral_r", 0xa1a2a3a4, 1765432200, { 8, 7, 6, 5, 4, 3, 2, 1 },
	    { .addr = { [10] = 0xff, 0xff, 10, 0, 0, 2, 0x11, 0x76 } } },
}; /* clang-format on */

static struct side {
	struct handshake h;
	struct sessions ss;
	uint64_t counters[COUNT_MESH];
	uint8_t random[HANDSHAKE_RANDOM];
	_Alignas(16) uint8_t sessions[16 * 1024], halves[16 * 1024];
} side[2];
static struct handshake_out out;

static void
start_side(int i, const struct mesh_network *network, const struct netkey *keys)
{
	static const uint8_t secret[16];
	struct side *s = &side[i];
	struct bytes_out sid = bytes_out(s->random + NOISE_KEY, 4);
	struct handshake_self self = { .told = { .boot = who[i].boot,
					   .proto_min = 1,
					   .proto_max = 1,
					   .name = text(who[i].name) } };
	memset(s, 0, sizeof *s);
	memcpy(s->random, golden(who[i].ephemeral).ptr, NOISE_KEY);
	bytes_put_u32(&sid, who[i].sid);
	memcpy(self.told.boot_id, who[i].boot_id, sizeof self.told.boot_id);
	memcpy(self.seed, golden(who[i].seed).ptr, sizeof self.seed);
	seal_public_of(self.seed, self.told.key.bytes);
	memcpy(self.door.netid, network->id, sizeof self.door.netid);
	memcpy(self.door.hint, keys->hint, sizeof self.door.hint);
	memcpy(self.door.k_hs, keys->hs, sizeof self.door.k_hs);
	memcpy(self.door.k_cookie, keys->cookie, sizeof self.door.k_cookie);
	ck_assert_uint_le(session_bytes(CAP), sizeof s->sessions);
	ck_assert_uint_le(handshake_bytes(CAP), sizeof s->halves);
	session_init(&s->ss, s->sessions, CAP,
	    &(struct session_setup){ &self.told.key, secret, s->counters });
	handshake_init(&s->h, s->halves,
	    &(struct handshake_setup){ CAP, &self, &s->ss, s->counters }, 0);
}

static struct mesh_network network;
static struct netkey keys;

static void
setup(void)
{
	uint8_t random48[48];
	struct mesh_key founder;
	line_count = 0;
	ck_assert_uint_gt(golden_each("wire/handshake.txt", keep_line), 10);
	struct bytes_view n = golden("network"); /* founder, salt, key */
	memcpy(founder.bytes, n.ptr, sizeof founder.bytes);
	memcpy(random48, n.ptr + 32, sizeof random48);
	mesh_network_of(&founder, random48, false, &network);
	netkey_derive(network.key, &keys);
	start_side(0, &network, &keys);
	start_side(1, &network, &keys);
}

static enum handshake_outcome
give(int to, const char *name)
{
	struct envelope env;
	struct bytes_view datagram = golden(name);
	ck_assert_int_eq(envelope_read(datagram, &env), MESH_OK);
	return handshake_receive(&side[to].h,
	    &(struct handshake_input){
		&env, datagram, &who[1 - to].path, side[to].random, 0, NULL },
	    &out);
}
static struct session *
install(int at)
{
	struct session_change change;
	ck_assert_int_eq(session_install(&side[at].ss, out.start, 0, &change), MESH_OK);
	return session_at(&side[at].ss, change.made);
}
static void
first_data(struct session *from, const char *name, const char *frames)
{
	uint8_t datagram[ENVELOPE_MAX];
	uint32_t counter;
	struct bytes_view plain = hex(frames);
	memcpy(datagram + ENVELOPE_DATA_HEAD, plain.ptr, plain.len);
	size_t len = session_seal(from, datagram, plain.len, &counter);
	is_golden(name, bytes_view(datagram, len));
}

START_TEST(the_golden_handshake_is_ours)
{
	const struct handshake_verdict yes = { true, 0 };
	ck_assert_int_eq(
	    handshake_call(&side[0].h,
		&(struct handshake_target){ who[1].path, NULL, 0, 0, NULL },
		side[0].random, 0),
	    MESH_OK);
	ck_assert_int_eq(handshake_next(&side[0].h, 0, &out), HANDSHAKE_REPLY);
	is_golden("hs1", out.reply);
	ck_assert_int_eq(give(1, "hs1"), HANDSHAKE_REPLY);
	is_golden("hs2", out.reply);
	ck_assert_int_eq(give(0, "hs2"), HANDSHAKE_ASK);
	ck_assert_int_eq(handshake_judge(&side[0].h, &yes, 0, &out), HANDSHAKE_MET);
	is_golden("hs3", out.reply);
	struct session *i = install(0);
	ck_assert_int_eq(give(1, "hs3"), HANDSHAKE_ASK);
	ck_assert_int_eq(handshake_judge(&side[1].h, &yes, 0, &out), HANDSHAKE_MET);
	struct session *r = install(1);
	first_data(i, "data_i", "930207c0");
	first_data(r, "data_r", "94030700c093040000");
}
START_TEST(the_golden_cookie_holds_at_the_initiator)
{
	ck_assert_int_eq(
	    handshake_call(&side[0].h,
		&(struct handshake_target){ who[1].path, NULL, 0, 0, NULL },
		side[0].random, 0),
	    MESH_OK);
	ck_assert_int_eq(handshake_next(&side[0].h, 0, &out), HANDSHAKE_REPLY);
	ck_assert_int_eq(give(0, "cookie"), HANDSHAKE_REPLY);
	ck_assert_uint_eq(side[0].counters[COUNT_RX_COOKIE_BAD], 0);
}

CHECK_MODULE(transcript, setup, the_golden_handshake_is_ours,
    the_golden_cookie_holds_at_the_initiator)
