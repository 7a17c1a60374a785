#include "arena.h"
#include "check_mesh.h"
#include "envelope.h"
#include "golden.h"
#include "messages.h"
#include "seal.h"
#include "text.h"
#include "wire.h"

static uint8_t secret[32];

static void
setup(void)
{
	for (size_t i = 0; i < sizeof secret; i++)
		secret[i] = (uint8_t)(64 + i);
}

static void
put_named(struct bytes_out *o, const char *name, const uint8_t *ptr, size_t len)
{
	text_printf(o, "%s%s=", o->len > 0 ? " " : "", name);
	text_put_hex(o, bytes_view(ptr, len));
}

static struct bytes_view
opened(const struct envelope *e)
{
	static uint8_t plain[ENVELOPE_MAX];
	uint8_t nonce[SEAL_NONCE];
	seal_nonce(e->counter, nonce);
	ck_assert_uint_ge(e->sealed.len, SEAL_TAG);
	bool ok = e->kind == ENVELOPE_DATA
	    ? seal_open(secret, nonce, e->head, e->sealed, plain)
	    : seal_open_x(secret, e->nonce, e->head, e->sealed, plain);
	ck_assert_msg(ok, "the head is not what was authenticated");
	return bytes_view(plain, e->sealed.len - SEAL_TAG);
}

static void
show(const struct envelope *e, struct bytes_out *o)
{
	bool plain = e->kind == ENVELOPE_BEACON || e->kind == ENVELOPE_DATA;
	if (e->hint != NULL)
		put_named(o, "hint", e->hint, 4);
	if (e->nonce != NULL)
		put_named(o, "nonce", e->nonce, 24);
	if (e->kind != ENVELOPE_BEACON)
		text_printf(o, "%ssid=%u", o->len > 0 ? " " : "", e->sid);
	if (e->kind == ENVELOPE_DATA)
		text_printf(o, " counter=%u", e->counter);
	if (e->cookie != NULL)
		put_named(o, "cookie", e->cookie, 16);
	if (e->tag != NULL)
		put_named(o, "tag", e->tag, 16);
	if (e->e != NULL)
		put_named(o, "e", e->e, 32);
	if (e->sealed_key.len > 0)
		text_printf(o, " key=%zu", e->sealed_key.len);
	if (plain)
		put_named(o, "plain", opened(e).ptr, opened(e).len);
	else if (e->sealed.len > 0)
		text_printf(o, " sealed=%zu", e->sealed.len);
}

/* Write the head again from what was read. */
static struct bytes_view
head_again(const struct envelope *e)
{
	static uint8_t room[ENVELOPE_MAX];
	struct bytes_out o = bytes_out(room, sizeof room);
	switch (e->kind) {
	case ENVELOPE_BEACON:
		envelope_put_beacon(&o, e->hint, e->nonce);
		ck_assert_uint_eq(o.len, ENVELOPE_BEACON_HEAD);
		break;
	case ENVELOPE_HS1:
		envelope_put_hs1(&o, e->hint, e->sid, e->cookie, e->e);
		ck_assert_uint_eq(o.len, ENVELOPE_HS1_HEAD);
		break;
	case ENVELOPE_HS2:
		envelope_put_hs2(&o, e->sid, e->e);
		ck_assert_uint_eq(o.len, ENVELOPE_HS2_HEAD);
		break;
	case ENVELOPE_HS3:
		envelope_put_hs3(&o, e->sid);
		ck_assert_uint_eq(o.len, ENVELOPE_HS3_HEAD);
		break;
	case ENVELOPE_COOKIE:
		envelope_put_cookie(&o, e->sid, e->cookie, e->tag);
		ck_assert_uint_eq(o.len, ENVELOPE_COOKIE_BYTES);
		break;
	case ENVELOPE_DATA:
		envelope_put_data(&o, e->sid, e->counter);
		ck_assert_uint_eq(o.len, ENVELOPE_DATA_HEAD);
		break;
	}
	return bytes_written(&o);
}

static void
check_line(const char *name, struct bytes_view datagram, const char *expected)
{
	static char shown[4096];
	struct bytes_out o = bytes_out(shown, sizeof shown);
	struct envelope e;
	ck_assert_msg(envelope_read(datagram, &e) == MESH_OK, "%s: refused", name);
	show(&e, &o);
	ck_assert_str_eq(text_end(&o), expected);
	struct bytes_view head = head_again(&e);
	ck_assert_mem_eq(head.ptr, datagram.ptr, head.len);
}

START_TEST(golden_datagrams_read_and_write)
{
	ck_assert_uint_eq(golden_each("wire/datagrams.txt", check_line), 7);
}
START_TEST(lengths_are_what_each_kind_allows)
{
	/* clang-format off */
	static const struct { uint8_t kind; size_t least, most; } row[] = {
		{ 0x10, 45, 1200 }, { 0x11, 256, 256 }, { 0x12, 101, 256 }, { 0x13, 69, 1200 },
		{ 0x14, 37, 37 }, { 0x15, 25, 1200 },
	}; /* clang-format on */
	struct envelope e;
	for (size_t i = 0; i < LENGTH(row); i++) {
		for (size_t len = 1; len < 1400; len++) {
			uint8_t *d = calloc(1, len);
			d[0] = row[i].kind;
			enum mesh_err err = envelope_read(bytes_view(d, len), &e);
			enum mesh_err want = len < row[i].least ? MESH_TRUNCATED
			    : len > row[i].most                 ? MESH_FULL
								: MESH_OK;
			ck_assert_int_eq(err, want);
			ck_assert(err != MESH_OK ||
			    e.sealed.ptr + e.sealed.len == d + len ||
			    e.sealed.len == 0);
			free(d);
		}
	}
	ck_assert_int_eq(
	    envelope_read((struct bytes_view){ NULL, 0 }, &e), MESH_TRUNCATED);
}
START_TEST(unknown_kinds_are_refused)
{
	uint8_t d[256] = { 0 };
	struct envelope e;
	for (unsigned kind = 0; kind < 256; kind++) {
		d[0] = (uint8_t)kind;
		bool known = kind >= 0x10 && kind <= 0x15;
		ck_assert(known ==
		    (envelope_read(bytes_view(d, sizeof d), &e) != MESH_MALFORMED));
	}
}
START_TEST(frames_come_one_by_one_and_unknown_ones_too)
{
	struct bytes_in in = bytes_in(hex("930207c0"
					  "9263a161"
					  "92cd012c01"
					  "910b"));
	static const uint8_t numbers[] = { FRAME_PING, 99, 0, FRAME_CLOSE };
	struct envelope_frame f;
	enum mesh_err err;
	for (size_t i = 0; i < LENGTH(numbers); i++) {
		ck_assert(envelope_next_frame(&in, &f, &err));
		ck_assert_uint_eq(f.number, numbers[i]);
	}
	ck_assert(!envelope_next_frame(&in, &f, &err) && err == MESH_OK);
}
START_TEST(plaintext_that_is_no_frame_is_told)
{
	/* clang-format off */
	static const struct { const char *hex; enum mesh_err err; } row[] = {
		{ "07", MESH_MALFORMED }, { "90", MESH_MALFORMED }, { "91c0", MESH_MALFORMED },
		{ "91ff", MESH_MALFORMED }, { "9302", MESH_TRUNCATED }, { "ddffffffff", MESH_TRUNCATED },
		{ "c1", MESH_MALFORMED },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct bytes_in in = bytes_in(hex(row[i].hex));
		struct envelope_frame f;
		enum mesh_err err;
		ck_assert(!envelope_next_frame(&in, &f, &err));
		ck_assert_msg(err == row[i].err, "%s", row[i].hex);
	}
}

/* A bundle is an opaque value here; a short one makes a readable test. */
static struct envelope_hop
hop_of(const char *bundle, const char *trail)
{
	return (struct envelope_hop){ .hops = 3,
		.age_ms = 1000,
		.bundle = hex(bundle),
		.trail = trail != NULL ? hex(trail) : (struct bytes_view){ NULL, 0 } };
}

START_TEST(a_push_written_by_hand_is_the_push_of_the_table)
{
	uint8_t sig[64] = { 1 }, core[3] = { 0x91, 0x01, 0x02 }, fill[32] = { 2 };
	struct message_bytes cores[] = { { { core, sizeof core } } };
	struct frame_push push = {
		.hops = 3,
		.age_ms = 1000,
		.bundle = { { sig, 64 }, 2, 1, { fill, 32 }, { cores, 1 } },
	};
	uint8_t a[512], b[512], alone[512], block[4096];
	for (int with_trail = 0; with_trail < 2; with_trail++) {
		struct bytes_out by_table = bytes_out(a, sizeof a);
		struct bytes_out by_hand = bytes_out(b, sizeof b);
		struct bytes_out bundle = bytes_out(alone, sizeof alone);
		push.trail = with_trail ? hex("0102030405060708")
					: (struct bytes_view){ NULL, 0 };
		ck_assert_int_eq(wire_encode_numbered(
				     &frame_push_table, FRAME_PUSH, &push, &by_table),
		    MESH_OK);
		ck_assert_int_eq(
		    wire_encode(&frame_bundle_table, &push.bundle, &bundle), MESH_OK);
		struct envelope_hop hop = { 3, 1000, push.trail, bytes_written(&bundle),
			push.stamps };
		ck_assert_int_eq(envelope_put_push(&by_hand, &hop), MESH_OK);
		ck_assert(
		    bytes_equal(bytes_written(&by_table), bytes_written(&by_hand)));
		ck_assert_uint_eq(envelope_push_bytes(&hop), by_hand.len);

		struct envelope_frame f = { FRAME_PUSH, bytes_written(&by_table), 0 };
		struct envelope_hop back;
		struct frame_push again;
		struct arena arena = arena_init(block, sizeof block);
		ck_assert_int_eq(envelope_push(&f, &back), MESH_OK);
		ck_assert(back.hops == 3 && back.age_ms == 1000);
		ck_assert(bytes_equal(back.bundle, bytes_written(&bundle)));
		ck_assert(bytes_equal(back.trail, hop.trail));
		ck_assert_int_eq(
		    wire_decode_numbered(&frame_push_table, f.bytes, &again, &arena),
		    MESH_OK);
		ck_assert(fields_equal(&frame_push_table, &push, &again));
	}
}
START_TEST(bad_hop_fields_are_refused)
{
	/* clang-format off */
	static const struct { const char *hex; bool ok; const char *why; } row[] = {
		{ "95010000" "9101" "c404aabbccdd", true, "one tag" },
		{ "95010000" "9101" "c0", true, "nil trail" },
		{ "94010000" "9101", true, "no trail" },
		{ "97010000" "9101" "c0" "c0" "07", true, "something added later" },
		{ "96010000" "9101" "c0" "c403aabbcc", false, "three bytes of a stamp" },
		{ "96010000" "9101" "c0" "07", false, "stamps that are a number" },
		{ "93010000", false, "no bundle" },
		{ "9501cd010000" "9101" "c0", false, "257 hops" },
		{ "95010000" "9101" "c403aabbcc", false, "three quarters of a tag" },
		{ "95010000" "9101" "a0", false, "a text" },
		{ "9501ff00" "9101" "c0", false, "-1 hops" },
		{ "95010000" "9101" "c0", true, "plain" },
		{ "95020000" "9101" "c0", false, "not a PUSH" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct envelope_frame f = { FRAME_PUSH, hex(row[i].hex), 0 };
		struct envelope_hop hop;
		ck_assert_msg((envelope_push(&f, &hop) == MESH_OK) == row[i].ok, "%s",
		    row[i].why);
	}
	uint8_t room[300];
	struct bytes_out o = bytes_out(room, sizeof room);
	static uint8_t tags[MESSAGE_TRAIL_MAX + 4];
	struct envelope_hop hop = hop_of("9101", NULL);
	hop.trail = bytes_view(tags, MESSAGE_TRAIL_MAX + 4);
	ck_assert_int_eq(envelope_put_push(&o, &hop), MESH_OK);
	struct envelope_frame f = { FRAME_PUSH, bytes_written(&o), 0 };
	ck_assert_msg(envelope_push(&f, &hop) == MESH_MALFORMED, "33 tags");
}
START_TEST(no_room_for_a_push_changes_nothing)
{
	uint8_t room[64];
	struct envelope_hop hop = hop_of("9101", "aabbccdd");
	for (size_t cap = 0; cap < envelope_push_bytes(&hop); cap++) {
		struct bytes_out o = bytes_out(room, cap);
		ck_assert_int_eq(envelope_put_push(&o, &hop), MESH_FULL);
		ck_assert(o.len == 0 && !o.failed);
	}
}
START_TEST(the_length_of_a_push_is_told_before_its_rows_have_grown)
{
	uint8_t *one = malloc(1); /* a look behind it is an error of ASan */
	struct envelope_hop hop = hop_of("9101", NULL);
	size_t bare = envelope_push_bytes(&hop);
	hop.trail = bytes_view(one, MESSAGE_TRAIL_MAX);
	hop.stamps = bytes_view(one, MESSAGE_STAMPS_MAX);
	size_t heads = 2 + 3 - 2; /* bin8 and bin16 for two nils */
	ck_assert_uint_eq(envelope_push_bytes(&hop),
	    bare + heads + MESSAGE_TRAIL_MAX + MESSAGE_STAMPS_MAX);
	free(one);
}
START_TEST(tags_are_found_at_their_places_only)
{
	struct bytes_view trail = hex("aabbccdd11223344");
	ck_assert(envelope_trail_has(trail, hex("aabbccdd").ptr));
	ck_assert(envelope_trail_has(trail, hex("11223344").ptr));
	ck_assert(!envelope_trail_has(trail, hex("ccdd1122").ptr));
	ck_assert(
	    !envelope_trail_has((struct bytes_view){ NULL, 0 }, hex("11223344").ptr));
}
CHECK_MODULE(envelope, setup, golden_datagrams_read_and_write,
    lengths_are_what_each_kind_allows, unknown_kinds_are_refused,
    frames_come_one_by_one_and_unknown_ones_too, plaintext_that_is_no_frame_is_told,
    a_push_written_by_hand_is_the_push_of_the_table, bad_hop_fields_are_refused,
    no_room_for_a_push_changes_nothing,
    the_length_of_a_push_is_told_before_its_rows_have_grown,
    tags_are_found_at_their_places_only)
