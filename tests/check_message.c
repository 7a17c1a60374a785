#include "check_mesh.h"
#include "id.h"
#include "message.h"
#include "model_world.h"
#include "text.h"

static uint8_t block[1 << 16];
static struct sites names;

static void
setup(void)
{
	names = world_sites(3);
}

static bool
message_of(const struct reception *r, struct message *out)
{
	struct arena arena = arena_init(block, sizeof block);
	struct packet_fold fold = packet_fold();
	static struct packet packet;
	struct mesh_position at = world_at(1, LANE_PACKET, 1);
	packet_fold_add(&fold, &at, r);
	ck_assert_int_eq(packet_fold_view(&fold, &names, &arena, &packet), MESH_OK);
	return message_of_packet(&packet, out);
}

START_TEST(a_text_that_was_heard_is_a_message_without_a_state)
{
	struct reception r = world_reception(0x11, 0x22, 1700000000000);
	struct message m;
	ck_assert(message_of(&r, &m));
	ck_assert(text_is(m.text, "hi") && text_is(m.site, "s1"));
	ck_assert(id_equal(&m.id, &r.packet) && id_equal(&m.from, &r.from));
	ck_assert_int_eq(m.time_ms, 1700000000000);
	ck_assert(!field_is_present(&message_table, MESSAGE_STATE, &m));
	ck_assert(!field_is_present(&message_table, MESSAGE_REQUEST, &m));
	const struct field *bad = NULL;
	ck_assert_int_eq(fields_check(&message_table, &m, &bad), MESH_OK);
}
START_TEST(a_reaction_names_what_it_is_about)
{
	/* Data{1 text, 2 "hi", 7 reply_id 9, 8 emoji 1} */
	struct reception r = world_reception(0x11, 0x22, 1700000000000);
	struct message m;
	r.raw = hex("0d11000000"
		    "15ffffffff"
		    "2210080112026869"
		    "3d09000000"
		    "4501000000"
		    "3522000000");
	ck_assert(message_of(&r, &m));
	struct id nine = id_of_packet(ID_MT_PACKET, 0, 9);
	ck_assert(m.emoji && id_equal(&m.reply, &nine));
}
START_TEST(other_packets_are_no_messages)
{
	struct reception r = world_reception(0x11, 0x22, 1700000000000);
	struct message m;
	r.type = 3;
	ck_assert(!message_of(&r, &m));
	r = world_reception(0x11, 0x22, 1700000000000);
	r.raw = hex("0d1100000022020801"); /* a text without one */
	ck_assert(!message_of(&r, &m));
}
START_TEST(what_waits_or_is_given_is_not_settled)
{
	for (unsigned state = 0; state <= MESSAGE_UNCERTAIN; state++) {
		struct message m = { .state = (uint8_t)state };
		ck_assert(message_is_settled(&m) == (state >= MESSAGE_ACCEPTED));
		ck_assert_ptr_nonnull(message_state_words[state]);
	}
}
CHECK_MODULE(message, setup, a_text_that_was_heard_is_a_message_without_a_state,
    a_reaction_names_what_it_is_about, other_packets_are_no_messages,
    what_waits_or_is_given_is_not_settled)
