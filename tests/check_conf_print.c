#include "check_mesh.h"
#include "conf_print.h"
#include "conf_value.h"
#include "config_sample.h"
#include "text.h"

static char room[8192];

START_TEST(printed_defaults_load_and_change_nothing)
{
	struct bytes_out out = bytes_out(room, sizeof room);
	conf_print_defaults(sample_sections, &out);
	ck_assert(!out.failed);
	char wrong[1024];
	struct bytes_out complaints = bytes_out(wrong, sizeof wrong);
	struct config_source s = { CONF_FILE, "sample", text_written(&out) };
	struct config *printed = config_load(sample_sections, &s, 1, &complaints);
	ck_assert_msg(printed != NULL, "%s", text_end(&complaints));
	struct config *built_in = config_load(sample_sections, NULL, 0, &complaints);
	struct config_change change;
	size_t place = 0;
	ck_assert(!config_next_change(built_in, printed, &place, &change));
	config_free(printed);
	config_free(built_in);
}
START_TEST(ranges_and_values_read_as_one_would_write_them)
{
	/* clang-format off */
	static const struct { size_t row; const char *range, *value; } row[] = {
		{ SAMPLE_PORT, "1 to 65535, default 4470", "4470" },
		{ SAMPLE_INTERFACES, "text, default *", "*" },
		{ SAMPLE_BROADCAST, "yes or no, default yes", "yes" },
		{ SAMPLE_SEED, "text, repeatable", "" },
		{ SAMPLE_BEACON, "auto or 1s to 1m, default auto", "auto" },
		{ SAMPLE_SIZE, "1KiB to 1TiB, default 1GiB", "1GiB" },
		{ SAMPLE_LATITUDE, "-90 degrees to 90 degrees", "0" },
	}; /* clang-format on */
	struct bytes_out none = bytes_out(room, sizeof room);
	struct config *c = config_load(sample_sections, NULL, 0, &none);
	const void *mesh = config_get(c, &sample_mesh_section, "");
	for (size_t i = 0; i < LENGTH(row); i++) {
		const struct conf_option *o = &sample_mesh_section.rows[row[i].row];
		struct bytes_out out = bytes_out(room, sizeof room);
		conf_print_range(o, &out);
		ck_assert_str_eq(text_end(&out), row[i].range);
		out = bytes_out(room, sizeof room);
		conf_print_value(o, mesh, &out);
		ck_assert_str_eq(text_end(&out), row[i].value);
	}
	config_free(c);
}
START_TEST(secrets_are_not_printed)
{
	struct sample_radio r = { .pin = text("1234") };
	struct bytes_out out = bytes_out(room, sizeof room);
	conf_print_value(&sample_radio_section.rows[2], &r, &out);
	ck_assert_str_eq(text_end(&out), "(secret)");
	out = bytes_out(room, sizeof room);
	conf_print_value(&sample_radio_section.rows[0], &r, &out);
	ck_assert_str_eq(text_end(&out), "meshtastic");
}
CHECK_MODULE(conf_print, NULL, printed_defaults_load_and_change_nothing,
    ranges_and_values_read_as_one_would_write_them, secrets_are_not_printed)
