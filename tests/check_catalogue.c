#include "arena.h"
#include "catalogue.h"
#include "model_world.h"
#include "status.h"
#include "text.h"

static uint8_t block[8192];
static struct figure figures[CATALOGUE_FIGURES];
static size_t count;

static void
list(const struct field_table *t, const void *object, size_t bytes)
{
	struct arena arena = arena_init(block, bytes);
	count = catalogue_figures(t, object, "radio", &arena, figures);
}

static const struct figure *
figure_called(const char *name, const char *reason)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(figures[i].name, name) &&
		    text_is(figures[i].reason, reason))
			return &figures[i];
	return NULL;
}

static struct radio_status
radio(void)
{
	return (struct radio_status){ .has = UINT64_MAX,
		.rx_packets = 3,
		.since_ms = 99,
		.reconnects = 2,
		.rx_bytes = 700,
		.link = { .has = UINT64_MAX, .rtt_ms = 40, .lost = { .broken = 2 } },
		.changes = { .wiped = 1 } };
}

START_TEST(figures_are_called_as_in_json)
{
	static const struct {
		const char *name, *reason;
		double value;
		enum sample_kind kind;
	} rows[] = {
		{ "radio.rx_packets", "", 3, SAMPLE_COUNTER },
		{ "radio.rx_bytes", "", 700, SAMPLE_COUNTER },
		{ "radio.reconnects", "", 2, SAMPLE_COUNTER },
		{ "radio.link.frames", "", 0, SAMPLE_COUNTER },
		{ "radio.link.rtt_ms", "", 40, SAMPLE_GAUGE },
		{ "radio.link.lost", "broken", 2, SAMPLE_COUNTER },
		{ "radio.link.lost", "silent", 0, SAMPLE_COUNTER },
		{ "radio.changes", "wiped", 1, SAMPLE_COUNTER },
	};
	struct radio_status s = radio();
	list(&radio_status_table, &s, sizeof block);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct figure *f = figure_called(rows[i].name, rows[i].reason);
		ck_assert_msg(f != NULL, "%s %s", rows[i].name, rows[i].reason);
		ck_assert_double_eq(f->value, rows[i].value);
		ck_assert_int_eq(f->kind, rows[i].kind);
	}
	ck_assert_ptr_null(figure_called("radio.since_ms", ""));
	ck_assert_uint_eq(count, 18);
}
START_TEST(what_is_absent_is_no_figure)
{
	struct radio_status s = radio();
	field_mark(&radio_link_table, LINK_ROW_RTT, &s.link, false);
	list(&radio_status_table, &s, sizeof block);
	ck_assert_uint_eq(count, 17);
	field_mark(&radio_status_table, RADIO_ROW_LINK, &s, false);
	list(&radio_status_table, &s, sizeof block);
	ck_assert_ptr_null(figure_called("radio.link.lost", "broken"));
	ck_assert_uint_eq(count, 8);
}
START_TEST(without_room_figures_are_left_out)
{
	struct radio_status s = radio();
	for (size_t bytes = 0; bytes < 2048; bytes++) {
		list(&radio_status_table, &s, bytes);
		ck_assert_uint_le(count, 18);
		for (size_t i = 0; i < count; i++)
			ck_assert(figures[i].name.len > 0);
	}
}
CHECK_MODULE(catalogue, NULL, figures_are_called_as_in_json,
    what_is_absent_is_no_figure, without_room_figures_are_left_out)
