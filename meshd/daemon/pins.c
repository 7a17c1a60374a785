#include "pins.h"
#include "text.h"

/* A row for each key, so that a site that renames itself overwrites its own: `pin/KEY`
 * with epoch and number of the record that said the name, and the name.  Without a
 * name: forgotten up to that record; with zeroes: nothing to remember. */
enum {
	PREFIX = sizeof SITES_PIN - 1,
	PIN_KEY = PREFIX + sizeof(struct mesh_key),
	PIN_BODY = 2 * sizeof(uint64_t) + SITE_NAME_MAX
};

/* Our own name is ours, whatever was pinned. */
void
pins_load(struct daemon *d, const struct store_saved *saved)
{
	struct sites *sites = live_pins(d->live);
	struct mesh_position own = { .origin = d->identity.key, .lane = LANE_STATE };
	sites_pin(sites, &own, text(d->site_name));
	for (size_t i = 0; i < saved->kept_count; i++)
		sites_pin_row(sites, saved->kept[i].key, saved->kept[i].body);
}

/* False: the writer is behind, later. */
static bool
keep(struct daemon *d, const struct site_name *site)
{
	uint8_t key_room[PIN_KEY], body_room[PIN_BODY];
	struct bytes_out key = bytes_out(key_room, sizeof key_room);
	struct bytes_out body = bytes_out(body_room, sizeof body_room);
	bool counts = site->pinned || site->gone;
	bytes_put(&key, SITES_PIN, PREFIX);
	bytes_put(&key, site->key.bytes, sizeof site->key.bytes);
	bytes_put_u64(&body, counts ? site->epoch : 0);
	bytes_put_u64(&body, counts ? site->seq : 0);
	if (site->pinned)
		bytes_put(&body, site->name, site->name_len);
	size_t slot = (size_t)(site - live_pins(d->live)->slots);
	return store_keep(d->store, text("mesh"), bytes_written(&key),
		   bytes_written(&body), SYNC_NOW,
		   STORE_TOKEN(OWNER_PINS, slot)) == MESH_OK;
}

void
pins_forget(struct daemon *d, const struct mesh_key *site)
{
	sites_forget(live_pins(d->live), site);
}

static void
tell(struct daemon *d, const struct site_name *site)
{
	struct text_view name = { site->name, site->name_len };
	struct text_view shown = { site->shown, site->shown_len };
	log_warn(d->log, EVENT(SITE_CLAIMED), KEY("site", &site->key),
	    TEXT("name", name), TEXT("shown", shown),
	    STRING("hint",
		"another site bore this name first, and keeps it here; if that one is "
		"gone for good: meshctl peer remove"));
}

void
pins_chores(struct daemon *d)
{
	struct sites *sites = live_pins(d->live);
	mesh_time_ms now = d->world.now.ms;
	const struct site_name *site;
	while ((site = sites_next_news(sites, now)) != NULL) {
		if (!keep(d, site))
			return;
		if (site->news == SITES_TAKEN)
			tell(d, site);
		sites_told(sites, &site->key, now);
	}
}
