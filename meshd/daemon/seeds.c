#include "daemon_inside.h"
#include "text.h"
#include <string.h>

/* Names get other addresses (PROTOCOL.md 12): asked again after a minute, twice as long
 * each time while the answer stays the same and somebody answers there, and at once
 * when a site dies, because it may be the one behind the name. */
enum {
	AGAIN_MS = 60 * 1000,
	AGAIN_MAX_MS = 600 * 1000,
	BUSY_MS = 1000,
	HASTE_MS = 5000
};

static const struct mesh_options *
options(const struct daemon *d)
{
	return config_get(d->config, &mesh_section, "");
}

/* The option's seed `i`; false: there is none. */
static bool
seed_at(const struct daemon *d, size_t i, struct text_view *text,
    struct text_view *host, uint16_t *port)
{
	const struct mesh_options *o = options(d);
	const struct text_view *seeds = o->seed.items;
	if (i >= o->seed.count || i >= DAEMON_SEEDS)
		return false;
	*text = seeds[i];
	return sections_seed(seeds[i], o->port, host, port);
}

/* Answers to questions from before a reload are for other names. */
static uint64_t
token_of(const struct daemon *d, size_t i)
{
	return RESOLVE_SEED(i | (uint64_t)(d->seeds_round & 0xffffff) << 8);
}

static void
ask(struct daemon *d, size_t i, struct mesh_now now)
{
	struct watched_seed *w = &d->seeds[i];
	struct text_view text, host;
	uint16_t port;
	w->ask_ms = now.ms + AGAIN_MS;
	if (!seed_at(d, i, &text, &host, &port) || w->asked)
		return;
	if (resolve_ask(d->resolve, host, token_of(d, i)) == MESH_OK)
		w->asked = true;
	else
		w->ask_ms = now.ms + BUSY_MS;
	w->asked_ms = now.ms;
}

/* --- what a name means --- */

static bool
means(const struct mesh_path *list, size_t count, const struct mesh_path *path)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(list[i].addr, path->addr, sizeof path->addr) == 0)
			return true;
	return false;
}

/* Another seed may mean the same address. */
static bool
is_meant(const struct daemon *d, const struct mesh_path *path)
{
	for (size_t i = 0; i < DAEMON_SEEDS; i++)
		if (means(d->seeds[i].paths, d->seeds[i].count, path))
			return true;
	return false;
}

static bool
is_own(const struct daemon *d, const struct mesh_path *path)
{
	struct iface bound;
	uint16_t number;
	for (size_t i = 0; udp_bound(d->udp, i, &bound, &number); i++)
		if (address_port(path) == options(d)->port &&
		    memcmp(bound.addr, path->addr, sizeof bound.addr) == 0)
			return true;
	return false;
}

static void
drop_old(struct daemon *d, const struct watched_seed *before, struct mesh_now now)
{
	for (size_t i = 0; i < before->count; i++)
		if (!is_meant(d, &before->paths[i]))
			mesh_site_unseed(d->core, &before->paths[i], now);
}

static void
take_new(struct daemon *d, struct text_view seed, const struct watched_seed *w,
    struct mesh_now now)
{
	for (size_t i = 0; i < w->count; i++) {
		char room[ADDRESS_TEXT];
		struct bytes_out out = bytes_out(room, sizeof room);
		address_print_path(&w->paths[i], &out);
		log_debug(d->log, EVENT(SEED_RESOLVED), TEXT("seed", seed),
		    STRING("addr", text_end(&out)));
		mesh_site_seed(d->core, &w->paths[i], now);
	}
}

static bool
is_same(const struct watched_seed *a, const struct watched_seed *b)
{
	bool same = a->count == b->count;
	for (size_t i = 0; same && i < a->count; i++)
		same = means(b->paths, b->count, &a->paths[i]);
	return same;
}

static bool
is_answered(const struct daemon *d, const struct watched_seed *w)
{
	struct mesh_peer peer;
	for (size_t i = 0; mesh_site_peer(d->core, i, &peer); i++)
		if (peer.direct && means(w->paths, w->count, &peer.addr))
			return true;
	return false;
}

static void
again_after(struct daemon *d, struct watched_seed *w, bool same, struct mesh_now now)
{
	uint32_t longer = same && is_answered(d, w) ? 2 * w->wait_ms : AGAIN_MS;
	w->wait_ms = longer < AGAIN_MAX_MS ? longer : AGAIN_MAX_MS;
	w->ask_ms = now.ms + w->wait_ms;
	if (w->ask_ms < d->seeds_ms)
		d->seeds_ms = w->ask_ms;
}

void
seeds_answer(struct daemon *d, const struct resolve_answer *answer, struct mesh_now now)
{
	size_t i = (size_t)(answer->token & 0xff);
	struct watched_seed *w = &d->seeds[i], before = *w;
	struct text_view seed, host;
	uint16_t port;
	bool own = false;
	if (answer->token != token_of(d, i) || !seed_at(d, i, &seed, &host, &port))
		return; /* a reload took it away meanwhile */
	w->asked = false;
	if (answer->count == 0) {
		log_warn(d->log, EVENT(SEED_FAILED), TEXT("seed", seed));
		return; /* what it meant may still be right */
	}
	w->count = 0;
	for (size_t k = 0; k < answer->count; k++) {
		struct mesh_path path = address_path(answer->addrs[k], port);
		if (is_own(d, &path))
			own = true;
		else
			w->paths[w->count++] = path;
	}
	bool same = is_same(w, &before) && w->wait_ms > 0;
	again_after(d, w, same, now);
	if (same)
		return;
	if (own)
		log_info(d->log, EVENT(SEED_OWN), TEXT("seed", seed));
	drop_old(d, &before, now);
	take_new(d, seed, w, now);
}

/* --- when --- */

void
seeds_reload(struct daemon *d, struct mesh_now now)
{
	for (size_t i = 0; i < DAEMON_SEEDS; i++) {
		struct watched_seed before = d->seeds[i];
		d->seeds[i] = (struct watched_seed){ .ask_ms = now.ms };
		drop_old(d, &before, now);
	}
	d->seeds_round++;
	d->seeds_ms = now.ms;
}

void
seeds_haste(struct daemon *d, struct mesh_now now)
{
	for (size_t i = 0; i < DAEMON_SEEDS; i++) {
		struct watched_seed *w = &d->seeds[i];
		mesh_time_ms soon = w->asked_ms + HASTE_MS;
		soon = soon > now.ms ? soon : now.ms;
		if (w->ask_ms > soon)
			w->ask_ms = soon;
	}
	d->seeds_ms = now.ms;
}

void
seeds_chores(struct daemon *d, struct mesh_now now)
{
	if (d->seeds_ms > now.ms)
		return;
	d->seeds_ms = MESH_NEVER;
	for (size_t i = 0; i < options(d)->seed.count && i < DAEMON_SEEDS; i++) {
		if (d->seeds[i].ask_ms <= now.ms)
			ask(d, i, now);
		if (d->seeds[i].ask_ms < d->seeds_ms)
			d->seeds_ms = d->seeds[i].ask_ms;
	}
}
