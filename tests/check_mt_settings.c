#include "arena.h"
#include "mt_admin.h"
#include "mt_driver.h"
#include "mt_recording.h"
#include "mt_settings.h"
#include "stream.h"
#include "text.h"
#include "tree.h"

static uint8_t block[1 << 21];
static struct arena arena;

static void
setup(void)
{
	mt_driver_start(text(""));
	arena = arena_init(block, sizeof block);
}

/* The driver hears what a recorded radio said until its configuration was told. */
static void
hear_recorded(const char *name)
{
	static uint8_t stream_block[1 << 16];
	struct mt_recording r = mt_recording_read(name);
	struct stream stream = stream_init(stream_block, sizeof stream_block);
	struct stream_frame frame;
	uint32_t nonce = ask();
	for (size_t i = 0; i < r.count; i++)
		if (strcmp(r.chunks[i].from, "radio") == 0)
			(void)stream_put(
			    &stream, bytes_view(r.chunks[i].ptr, r.chunks[i].len));
	while (stream_next(&stream, &frame) && frame.payload.ptr[0] != 0x38) {
		say(frame.payload);
		(void)next_of(RADIO_STUCK);
	}
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
	mt_recording_free(&r);
}

static struct radio_setting
section(const char *name, bool secrets)
{
	struct radio_setting s;
	for (size_t i = 0; radio_admin(ops)->setting(radio, i, secrets, &arena, &s);
	     i++)
		if (text_is(s.section, name))
			return s;
	ck_abort_msg("no section %s", name);
	return s;
}

START_TEST(every_section_has_a_name_of_its_own)
{
	struct mt_section s, found;
	size_t count = 0, index;
	for (; mt_section_at(count, 16, &s); count++) {
		ck_assert(mt_section_named(text(s.name), 16, &found, &index));
		ck_assert_uint_eq(index, count);
		ck_assert_ptr_nonnull(s.table);
	}
	ck_assert_uint_eq(count, 1 + 8 + 16 + 8 + 2 + 1);
	/* all of them, begin and commit, each at its slowest */
	ck_assert_uint_le((count + 2) * MT_ADMIN_ANSWER_MS, RADIO_ORDER_MS);
	ck_assert(!mt_section_named(text("channel_8"), 16, &found, &index));
}
START_TEST(what_a_radio_told_is_shown_by_official_names)
{
	hear_recorded("handshake_cli_info");
	struct radio_setting lora = section("lora", false);
	ck_assert(lora.told && text_is(lora.group, "config"));
	ck_assert(text_is(tree_text(lora.values, "region"), "EU_868"));
	struct radio_setting owner = section("owner", false);
	ck_assert(text_is(tree_text(owner.values, "short_name"), "TALN"));
	ck_assert_ptr_null(tree_find(owner.values, text("id")));
	struct radio_setting channel = section("channel_1", false);
	ck_assert(text_is(tree_text(channel.values, "settings.name"), "vec128"));
	ck_assert_ptr_null(tree_find(channel.values, text("index")));
	ck_assert(section("serial", false).told);
	ck_assert(!section("tak", false).told);
}
START_TEST(secrets_are_null_unless_asked_for)
{
	/* clang-format off */
	static const struct { const char *section, *path; bool hidden; const char *why; } rows[] = {
		{ "security", "private_key", true, "the node's own" },
		{ "security", "public_key", true, "goes with it" },
		{ "mqtt", "password", true, "of the broker" },
		{ "bluetooth", "fixed_pin", true, "opens it" },
		{ "channel_1", "settings.psk", true, "16 bytes" },
		{ "channel_0", "settings.psk", false, "one byte: everybody has it" },
		{ "mqtt", "username", false, "a name" },
	}; /* clang-format on */
	hear_recorded("handshake_cli_info");
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct radio_setting shut = section(rows[i].section, false);
		struct radio_setting open = section(rows[i].section, true);
		const struct tree_item *a = tree_find(shut.values, text(rows[i].path));
		const struct tree_item *b = tree_find(open.values, text(rows[i].path));
		ck_assert_msg(a != NULL && b != NULL, "%s", rows[i].path);
		ck_assert_msg(
		    (a->kind == TREE_NULL) == rows[i].hidden, "%s", rows[i].why);
		ck_assert_msg(b->kind != TREE_NULL, "%s", rows[i].path);
	}
}
START_TEST(what_no_table_knows_is_hidden_where_secrets_are)
{
	/* clang-format off */
	static const struct { const char *section, *member; enum tree_kind kind; bool hidden; } rows[] = {
		{ "security", "#77", TREE_BYTES, true },
		{ "security", "#77:group", TREE_BYTES, true },
		{ "security", "#77", TREE_U64, false },
		{ "network", "#77", TREE_BYTES, true },
		{ "mqtt", "#77", TREE_BYTES, true },
		{ "bluetooth", "#77", TREE_BYTES, true },
		{ "lora", "#77", TREE_BYTES, false },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct mt_section s;
		size_t index;
		const struct tree_item item = {
			.name = text(rows[i].member), .kind = rows[i].kind, .span = 1
		};
		ck_assert(mt_section_named(text(rows[i].section), 16, &s, &index));
		struct tree_view shut = mt_settings_redact(
		    &s, (struct tree_view){ &item, 1 }, &arena);
		ck_assert_uint_eq(shut.count, 1);
		ck_assert_msg(
		    (shut.items[0].kind == TREE_NULL) == rows[i].hidden, "%zu", i);
	}
}
START_TEST(channels_are_told_with_their_keys_sort)
{
	static const struct {
		const char *name, *role, *key;
	} rows[] = { { "LongFast", "PRIMARY", "public" },
		{ "vec128", "SECONDARY", "aes128" },
		{ "vec256", "SECONDARY", "aes256" },
		{ "short1", "SECONDARY", "public" } };
	struct radio_channel c;
	size_t count = 0;
	hear_recorded("handshake_cli_info");
	for (; radio_admin(ops)->channel(radio, count, &arena, &c); count++) {
		ck_assert_uint_lt(count, LENGTH(rows));
		ck_assert(text_is(c.name, rows[count].name));
		ck_assert(text_is(c.role, rows[count].role));
		ck_assert(text_is(c.key, rows[count].key));
		ck_assert_uint_eq(c.index, count);
	}
	ck_assert_uint_eq(count, LENGTH(rows));
	ck_assert(radio_admin(ops)->channel(radio, 0, &arena, &c));
	ck_assert_uint_eq(c.hash, 8); /* LongFast with the known key */
	ck_assert_uint_eq(c.precision, 13);
}
START_TEST(a_radio_tells_what_it_can)
{
	hear_recorded("handshake_cli_info");
	ck_assert(text_is(tree_text(event.facts, "can"), "wifi pkc"));
	ck_assert(text_is(tree_text(event.facts, "hardware"), "PORTDUINO"));
}
CHECK_MODULE(mt_settings, setup, every_section_has_a_name_of_its_own,
    what_a_radio_told_is_shown_by_official_names, secrets_are_null_unless_asked_for,
    what_no_table_knows_is_hidden_where_secrets_are,
    channels_are_told_with_their_keys_sort, a_radio_tells_what_it_can)
