/* sampler.h - the figures of our radios' links, as samples for all sites.
 *
 * At each radio's turn one record of the metric lane holds what its status counts: the
 * figures of radio_status_table (catalogue.h) under the radio's name.  What never moved
 * is left out: most reasons for which links end stay at none.  A radio without a link
 * has nothing to tell.  Counters begin anew when meshd does.  Floor 7.  Pure. */
#ifndef SAMPLER_H
#define SAMPLER_H
#include "catalogue.h"
#include "intents.h"
#include "meshd_counters.h"
#include "ports.h"

enum {
	SAMPLER_RETRY_MS = 200, /* then twice as long each time */
	SAMPLER_NAMES = 4096
};
struct sampler {
	const struct ports *ports; /* borrowed, like the next two */
	struct intents *intents;
	struct meshd_counts *counts;
	mesh_time_ms every_ms;                    /* 0: never */
	mesh_time_ms due_ms;                      /* MESH_NEVER: nothing is due */
	mesh_time_ms retry_ms;                    /* when the intents are full again */
	size_t next;                              /* the radio whose turn it is then */
	struct figure figures[CATALOGUE_FIGURES]; /* of one radio, while it is told */
	struct sample samples[CATALOGUE_FIGURES];
	uint8_t names[SAMPLER_NAMES];
};
/* Silent until sampler_every. */
void sampler_init(struct sampler *s, const struct ports *ports, struct intents *intents,
    struct meshd_counts *counts);
/* From now on so often, the first time after that long; 0: never. */
void sampler_every(struct sampler *s, uint32_t seconds, struct mesh_now now);
void sampler_tick(struct sampler *s, struct mesh_now now);
mesh_time_ms sampler_deadline(const struct sampler *s);
#endif
