#include "pins.h"
#include "text.h"

static const char prefix[] = "pin/";
enum { PREFIX = sizeof prefix - 1 };

void
pins_load(struct daemon *d, const struct store_saved *saved)
{
	for (size_t i = 0; i < saved->kept_count; i++) {
		struct bytes_view key = saved->kept[i].key, body = saved->kept[i].body;
		struct mesh_key site;
		if (key.len <= PREFIX || memcmp(key.ptr, prefix, PREFIX) != 0 ||
		    body.len != sizeof site.bytes)
			continue;
		memcpy(site.bytes, body.ptr, sizeof site.bytes);
		sites_pin(live_pins(d->live), &site,
		    (struct text_view){
			(const char *)key.ptr + PREFIX, key.len - PREFIX });
	}
}

/* False: the writer is behind, later. */
static bool
keep(struct daemon *d, struct text_view name, struct bytes_view holder)
{
	char room[PREFIX + SITE_NAME_MAX];
	struct bytes_out key = bytes_out(room, sizeof room);
	text_put(&key, prefix);
	text_put_view(&key, name);
	return store_keep(d->store, text("mesh"), bytes_written(&key), holder, SYNC_NOW,
		   STORE_TOKEN(OWNER_PINS, 0)) == MESH_OK;
}

static bool
keep_pin(struct daemon *d, const struct site_name *site)
{
	return keep(d, (struct text_view){ site->name, site->name_len },
	    bytes_view(site->key.bytes, sizeof site->key.bytes));
}

/* A full writer leaves the pin: it is forgotten here, and back after a restart. */
void
pins_forget(struct daemon *d, const struct mesh_key *site)
{
	static const uint8_t nobody[1];
	char room[SITE_NAME_MAX];
	struct bytes_out name = bytes_out(room, sizeof room);
	sites_forget(live_pins(d->live), site, &name);
	if (name.len > 0)
		(void)keep(d, text_written(&name), bytes_view(nobody, sizeof nobody));
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
	const struct site_name *site;
	while ((site = sites_next_news(sites)) != NULL) {
		if (site->news == SITES_TAKEN)
			tell(d, site);
		else if (!keep_pin(d, site))
			return;
		sites_told(sites, &site->key);
	}
}
