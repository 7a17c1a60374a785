/* config_sample.h - one section of every kind of option, for the tests of config/. */
#ifndef CONFIG_SAMPLE_H
#define CONFIG_SAMPLE_H
#include "bytes.h"
#include "options.h"

struct sample_mesh {
	uint16_t port;
	struct text_view interfaces;
	bool broadcast;
	struct list_view seed;
	uint32_t beacon_interval;
	uint64_t size;
	float latitude;
	int32_t offset;
};
struct sample_radio {
	uint8_t driver;
	struct text_view host, pin;
	uint32_t heartbeat;
};
enum {
	SAMPLE_PORT,
	SAMPLE_INTERFACES,
	SAMPLE_BROADCAST,
	SAMPLE_SEED,
	SAMPLE_BEACON,
	SAMPLE_SIZE,
	SAMPLE_LATITUDE,
	SAMPLE_OFFSET
};
extern const struct section sample_mesh_section, sample_radio_section;
extern const struct section *const sample_sections[];
#endif
