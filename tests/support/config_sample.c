#include "config_sample.h"
#include "text.h"

static const char *const driver_words[] = { "meshtastic", "sim", NULL };

/* clang-format off */
static const struct conf_option mesh_rows[] = {
	OPTION(struct sample_mesh, port, UNIT_NONE, 1, 65535, "4470", APPLIES_RESTART, "Port."),
	OPTION(struct sample_mesh, interfaces, UNIT_NONE, 1, 20, "*", APPLIES_LIVE, "Where."),
	OPTION(struct sample_mesh, broadcast, UNIT_NONE, 0, 0, "yes", APPLIES_LIVE, "Whether."),
	OPTION_LIST(struct sample_mesh, seed, 3, 10, APPLIES_LIVE, "Whom."),
	OPTION_AUTO(struct sample_mesh, beacon_interval, UNIT_MS, 1000, 60000, APPLIES_LIVE, "How often."),
	OPTION(struct sample_mesh, size, UNIT_BYTES, 1024, 1LL << 40, "1GiB", APPLIES_RECONNECT, "How much."),
	OPTION(struct sample_mesh, latitude, UNIT_DEGREE, -90, 90, NULL, APPLIES_LIVE, "Where."),
	OPTION(struct sample_mesh, offset, UNIT_NONE, 0, 0, NULL, APPLIES_LIVE, "Any."),
};
static const struct conf_option radio_rows[] = {
	OPTION_WORDS(struct sample_radio, driver, driver_words, "meshtastic", APPLIES_RECONNECT, "Kind."),
	OPTION(struct sample_radio, host, UNIT_NONE, 0, 0, NULL, APPLIES_RECONNECT, "Where."),
	OPTION_SECRET(struct sample_radio, pin, APPLIES_LIVE, "Secret."),
	OPTION(struct sample_radio, heartbeat, UNIT_MS, 1000, 600000, "30s", APPLIES_LIVE, "How often."),
};
/* clang-format on */

static bool
check_radio(const void *instance, struct bytes_out *complaint)
{
	const struct sample_radio *r = instance;
	if (r->driver == 1 || r->host.len > 0)
		return true;
	text_put(complaint, "driver meshtastic needs host");
	return false;
}

const struct section sample_mesh_section = { "mesh", false, sizeof(struct sample_mesh),
	mesh_rows, LENGTH(mesh_rows), NULL };
const struct section sample_radio_section = { "radio", true,
	sizeof(struct sample_radio), radio_rows, LENGTH(radio_rows), check_radio };
const struct section *const sample_sections[] = { &sample_mesh_section,
	&sample_radio_section, NULL };
