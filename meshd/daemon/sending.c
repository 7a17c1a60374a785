#include "daemon_inside.h"
#include "lending.h"
#include "text.h"

/* What was asked before this start. */
static void
load(struct daemon *d, struct mesh_now now)
{
	uint8_t room[OUTBOX_BODY];
	for (size_t i = 0; i < OUTBOX_MESSAGES; i++) {
		uint8_t slot = (uint8_t)i;
		struct bytes_out kept = bytes_out(room, sizeof room);
		if (store_kept(d->store, text(outbox_room), bytes_view(&slot, 1),
			&kept) == MESH_OK)
			outbox_load(d->outbox, i, bytes_written(&kept));
	}
	air_cells_load(air_airtime(d->air), d->store, now);
	const char *name;
	for (size_t i = 0; i < LENGTH(d->lent_ms) &&
	     (name = config_instance(d->config, &radio_section, i)) != NULL;
	     i++)
		d->lent_ms[i] = lending_left(d->store, text(name), now);
	outbox_resume(d->outbox, now);
}

bool
sending_start(struct daemon *d, struct mesh_now now)
{
	const struct air_params air = { d->ports, &d->counts };
	d->air = air_new(&air);
	const struct outbox_params outbox = { .air = d->air,
		.ports = d->ports,
		.feed = d->feed,
		.store = d->store,
		.counts = &d->counts,
		.site = text(d->site_name),
		.random = statedir_random };
	d->outbox = d->air != NULL ? outbox_new(&outbox) : NULL;
	d->world.outbox = d->outbox;
	d->world.ports = d->ports;
	d->remote = remote_new(
	    &(struct remote_params){ d->core, d->calls, &d->counts });
	if (d->outbox == NULL || d->remote == NULL)
		return false;
	load(d, now);
	return true;
}

void
sending_stop(struct daemon *d)
{
	outbox_free(d->outbox);
	air_free(d->air);
}
