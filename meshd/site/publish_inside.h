/* publish_inside.h - struct publish, for the files that are it: publish.c (its life,
 * and what is known of nodes) and publish_radios.c.  Floor 7.  Pure. */
#ifndef PUBLISH_INSIDE_H
#define PUBLISH_INSIDE_H
#include "known.h"
#include "known_radio.h"
#include "publish.h"

enum {
	PUBLISH_ARENA = 16 * 1024,
	PUBLISH_ITEMS = 96,
	PUBLISH_RADIOS = 16,
	PUBLISH_RETRY_MS = 200
};

struct publish {
	struct publish_params at;
	struct known *nodes;
	size_t node_count;
	struct known_radio radios[PUBLISH_RADIOS];
	struct site_value site;
	char site_name[SITE_NAME_MAX], site_version[32];
	bool site_due;
	mesh_time_ms site_after_ms; /* not before: greetings come in bursts */
	mesh_time_ms due_ms; /* when something may be written that could not before */
	uint8_t block[PUBLISH_ARENA];
};
void publish_due_at(struct publish *p, mesh_time_ms ms);
/* `[key, value]`, the value by its field table; as an intent. */
MESH_MUST_CHECK enum mesh_err publish_write_state(struct publish *p,
    struct bytes_view key, const struct field_table *t, const void *value);
/* Its record, if one is wanted and may be written by now. */
void publish_radio_if_due(
    struct publish *p, struct known_radio *k, struct mesh_now now);
#endif
