#include "must.h"
#include "world.h"
#include "world_disk.h"
#include <assert.h>

/* --- who is who --- */

enum { PER_SITE = 4 }; /* slots of the table of keys */

static size_t
slot_of(const struct world *w, const struct mesh_key *key)
{
	size_t slots = (size_t)w->params.sites * PER_SITE, at = 0;
	memcpy(&at, key->bytes, sizeof at);
	for (at %= slots; w->by_key[at] != 0; at = (at + 1) % slots)
		if (memcmp(&w->sites[w->by_key[at] - 1].identity.key, key,
			sizeof *key) == 0)
			break;
	return at;
}

void
world_list_keys(struct world *w)
{
	w->by_key = must(calloc((size_t)w->params.sites * PER_SITE, sizeof *w->by_key));
	for (uint32_t i = 0; i < w->params.sites; i++)
		w->by_key[slot_of(w, &w->sites[i].identity.key)] = i + 1;
}

uint32_t
world_site_of(const struct world *w, const struct mesh_key *key)
{
	uint32_t found = w->by_key[slot_of(w, key)];
	return found > 0 ? found - 1 : UINT32_MAX;
}

/* Where a site starts; it may move. */
struct mesh_path
world_path_of(uint32_t site)
{
	struct mesh_path p = { .iface = WORLD_IFACE };
	uint32_t host = site + 1;
	uint8_t v4[] = { 0xff, 0xff, 10, (uint8_t)(host >> 16), (uint8_t)(host >> 8),
		(uint8_t)host, WORLD_PORT >> 8, WORLD_PORT & 0xff };
	memcpy(p.addr + 10, v4, sizeof v4);
	return p;
}

static bool
is_at(const struct world *w, uint32_t site, const struct mesh_path *path)
{
	return memcmp(w->sites[site].path.addr, path->addr, sizeof path->addr) == 0;
}

uint32_t
world_site_at(const struct world *w, const struct mesh_path *path)
{
	const uint8_t *v4 = path->addr + 12;
	uint32_t host = (uint32_t)v4[1] << 16 | (uint32_t)v4[2] << 8 | v4[3];
	if (host > 0 && host <= w->params.sites && is_at(w, host - 1, path))
		return host - 1;
	for (uint32_t i = 0; i < w->params.sites; i++)
		if (is_at(w, i, path)) /* it has moved */
			return i;
	return UINT32_MAX;
}

bool
world_is_broadcast(const struct mesh_path *to)
{
	static const struct mesh_path none;
	return to->iface == WORLD_IFACE &&
	    memcmp(to->addr, none.addr, sizeof to->addr) == 0;
}

/* --- records --- */

enum mesh_err
world_append(
    struct world *w, uint32_t site, enum mesh_lane lane, uint64_t number, size_t filler)
{
	static uint8_t bytes[WORLD_BODY + 64]; /* too much for some stacks */
	uint64_t seq;
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	disk_body(&body, NULL, number, filler);
	struct mesh_draft d = { lane, mesh_lane_is_keyed(lane) ? 99 : 1, 0, NULL,
		bytes_written(&body) };
	enum mesh_err err = mesh_site_append(
	    w->sites[site].site, &d, &seq, world_site_now(w, site));
	world_drain(w, site);
	return err;
}

enum mesh_err
world_put(struct world *w, uint32_t site, const char *key, uint64_t number)
{
	uint8_t bytes[256];
	uint64_t seq;
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	disk_body(&body, key, number, 0);
	struct mesh_draft d = { LANE_STATE, RECORD_PUT, 0, NULL, bytes_written(&body) };
	enum mesh_err err = mesh_site_append(
	    w->sites[site].site, &d, &seq, world_site_now(w, site));
	world_drain(w, site);
	return err;
}

size_t
world_told(const struct world *w, uint32_t site, uint32_t origin, enum mesh_lane lane,
    uint64_t number)
{
	const struct world_site *s = &w->sites[site];
	size_t times = 0;
	for (size_t i = 0; i < s->record_count; i++)
		times += s->records[i].origin == origin &&
		    s->records[i].at.lane == lane && s->records[i].tag == number;
	return times;
}

bool
world_peer(const struct world *w, uint32_t site, uint32_t other, struct mesh_peer *out)
{
	const struct world_site *s = &w->sites[site];
	if (s->site != NULL &&
	    mesh_site_peer_of(s->site, &w->sites[other].identity.key, out))
		return true;
	*out = (struct mesh_peer){ .state = PEER_DEAD };
	return false;
}

static bool
is_all(const struct world *w, uint64_t pairs)
{
	return pairs == (uint64_t)w->params.sites * (w->params.sites - 1);
}

bool
world_all_known(const struct world *w)
{
	return is_all(w, w->known_pairs);
}

bool
world_all_reached(const struct world *w)
{
	return is_all(w, w->reached_pairs);
}

uint64_t
world_counter(const struct world *w, uint32_t site, const char *name)
{
	struct text_view text = { name, strlen(name) };
	size_t i = counter_find(&mesh_counters, text);
	assert(i != SIZE_MAX);
	return w->sites[site].site != NULL ? mesh_site_counter(w->sites[site].site, i)
					   : 0;
}
