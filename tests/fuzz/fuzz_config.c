/* fuzz_config.c - any bytes as a configuration: the first chooses the kind of source.
 */
#include "conf_print.h"
#include "config_sample.h"
#include "text.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char room[4096], value[4096];
	if (size == 0)
		return 0;
	struct bytes_out complaints = bytes_out(room, sizeof room);
	struct config_source s = { (enum conf_source_kind)(data[0] % 3), "fuzz",
		{ (const char *)data + 1, size - 1 } };
	struct config *c = config_load(sample_sections, &s, 1, &complaints);
	if ((c == NULL) != (complaints.len > 0))
		abort(); /* refused without a reason, or complained and accepted */
	if (c != NULL) {
		const struct sample_mesh *m = config_get(c, &sample_mesh_section, "");
		if (m->port == 0 || m->seed.count > CONF_LIST_MAX)
			abort(); /* a bound that does not hold */
		for (size_t i = 0; i < sample_mesh_section.count; i++) {
			struct bytes_out out = bytes_out(value, sizeof value);
			conf_print_value(&sample_mesh_section.rows[i], m, &out);
		}
	}
	config_free(c);
	return 0;
}
