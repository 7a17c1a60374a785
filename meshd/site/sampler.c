#include "sampler.h"
#include "arena.h"
#include "status.h"
#include "text.h"
#include "units.h"

enum { METRIC_SAMPLES = 1 }; /* PROTOCOL.md 2: type 1 */

void
sampler_init(struct sampler *s, const struct ports *ports, struct intents *intents,
    struct meshd_counts *counts)
{
	s->ports = ports;
	s->intents = intents;
	s->counts = counts;
	s->every_ms = 0;
	s->due_ms = MESH_NEVER;
	s->next = 0;
}

void
sampler_every(struct sampler *s, uint32_t seconds, struct mesh_now now)
{
	s->every_ms = (mesh_time_ms)seconds * 1000;
	s->due_ms = seconds > 0 ? now.ms + s->every_ms : MESH_NEVER;
	s->retry_ms = SAMPLER_RETRY_MS;
	s->next = 0;
}

static struct sample
sample_of(const struct figure *f, struct text_view radio, unix_ms now_ms)
{
	struct sample s = { .has = 1U << SAMPLE_NAME | 1U << SAMPLE_VALUE |
		    1U << SAMPLE_TIME | 1U << SAMPLE_RADIO,
		.name = f->name,
		.value = f->value,
		.kind = (uint8_t)f->kind,
		.unit = text(units_name(f->row->unit)),
		.time_ms = now_ms,
		.radio = radio,
		.reason = f->reason };
	field_mark(&sample_table, SAMPLE_KIND, &s, f->kind == SAMPLE_COUNTER);
	field_mark(&sample_table, SAMPLE_UNIT, &s, s.unit.len > 0);
	field_mark(&sample_table, SAMPLE_REASON, &s, s.reason.len > 0);
	return s;
}

/* False: the intents are full; later. */
static bool
write_batch(struct sampler *s, const struct sample_batch *batch)
{
	enum mesh_err err = intents_is_calm(s->intents)
	    ? intents_append(s->intents, LANE_METRIC, METRIC_SAMPLES,
		  &sample_batch_table, batch, 0)
	    : MESH_FULL;
	count_one(s->counts,
	    err == MESH_OK         ? COUNT_SAMPLER_WRITTEN
		: err == MESH_FULL ? COUNT_SAMPLER_FULL
				   : COUNT_SAMPLER_REFUSED);
	return err != MESH_FULL;
}

static bool
write_radio(struct sampler *s, const struct port *port, struct mesh_now now)
{
	struct arena names = arena_init(s->names, sizeof s->names);
	struct sample_batch batch = { { s->samples, 0 } };
	struct radio_status status;
	if (!port_wants_link(port))
		return true;
	port_status(port, &status);
	size_t count = catalogue_figures(
	    &radio_status_table, &status, "radio", &names, s->figures);
	for (size_t i = 0; i < count; i++) {
		const struct figure *f = &s->figures[i];
		if (f->value > 0 || f->kind == SAMPLE_GAUGE)
			s->samples[batch.samples.count++] = sample_of(
			    f, status.name, now.unix_ms);
	}
	return batch.samples.count == 0 || write_batch(s, &batch);
}

/* They may be full for as long as nothing can be signed. */
static void
wait_for_room(struct sampler *s, struct mesh_now now)
{
	mesh_time_ms wait = s->retry_ms < s->every_ms ? s->retry_ms : s->every_ms;
	s->due_ms = now.ms + wait;
	s->retry_ms = 2 * wait;
}

void
sampler_tick(struct sampler *s, struct mesh_now now)
{
	const struct port *port;
	if (now.ms < s->due_ms)
		return;
	while ((port = ports_see(s->ports, s->next)) != NULL) {
		if (!write_radio(s, port, now)) {
			wait_for_room(s, now);
			return;
		}
		s->retry_ms = SAMPLER_RETRY_MS;
		s->next++;
	}
	s->next = 0;
	s->due_ms = now.ms + s->every_ms;
}

mesh_time_ms
sampler_deadline(const struct sampler *s)
{
	return s->due_ms;
}
