#include "arena.h"
#include "check_mesh.h"
#include "mt_facts.h"
#include "mt_words.h"
#include "text.h"
#include "tree.h"

static uint8_t block[1 << 16];
static struct arena arena;

static void
setup(void)
{
	arena = arena_init(block, sizeof block);
}

static struct tree_view
told_by(const char *telemetry)
{
	struct mt_packet p = { .port = MT_PORT_TELEMETRY,
		.has = MT_HAS_DECODED,
		.payload = hex(telemetry) };
	return mt_facts_sender(&p, &arena);
}

START_TEST(a_voltage_that_is_no_number_was_not_measured)
{
	/* clang-format off */
	static const struct { const char *hex; bool battery, volts; const char *why; } row[] = {
		{ "12070832" "1500007040", true, true, "50 %, 3.75 V" },
		{ "12070832" "150000807f", true, false, "50 %, endless V" },
		{ "12070832" "150000c07f", true, false, "50 %, NaN V" },
		{ "12070832" "15000080ff", true, false, "50 %, minus endless V" },
		{ "1205" "1500007040", true, true, "3.75 V" },
		{ "1205" "150000807f", false, false, "endless V" },
		{ "1205" "150000c07f", false, false, "NaN V" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct tree_view t = told_by(row[i].hex);
		bool battery = tree_find(t, text("battery")) != NULL;
		bool volts = tree_find(t, text("battery.volts")) != NULL;
		ck_assert_msg(battery == row[i].battery, "%s", row[i].why);
		ck_assert_msg(volts == row[i].volts, "%s", row[i].why);
	}
}
START_TEST(a_signal_that_is_no_number_was_not_measured)
{
	static const float signals[] = { 6.25F, -20.0F, 0.0F, INFINITY, -INFINITY,
		NAN };
	for (size_t i = 0; i < LENGTH(signals); i++) {
		struct tree_item items[1];
		struct tree_out said = tree_out(items, LENGTH(items));
		tree_put_f32(&said, "snr", signals[i]);
		struct tree_view node = mt_facts_node(
		    tree_done(&said), (struct tree_view){ NULL, 0 }, &arena);
		bool told = tree_find(node, text("snr")) != NULL;
		ck_assert_msg(told == (isfinite(signals[i]) != 0), "%zu", i);
	}
}
CHECK_MODULE(mt_facts, setup, a_voltage_that_is_no_number_was_not_measured,
    a_signal_that_is_no_number_was_not_measured)
