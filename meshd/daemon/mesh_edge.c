#include "daemon_inside.h"
#include "ifaces.h"
#include "text.h"
#include <errno.h>
#include <string.h>

/* Interfaces come and go; names get other addresses (PROTOCOL.md 12: each 60 s). */
enum { SCAN_MS = 3000, SEEDS_MS = 60000, BUSY_MS = 1000 };

static const struct mesh_options *
options(const struct daemon *d)
{
	return config_get(d->config, &mesh_section, "");
}

static void *
on_watch(void *ctx, int fd)
{
	struct daemon *d = ctx;
	return loop_watch(d->loop, fd, LOOP_READ, NULL, NULL);
}

static void
on_unwatch(void *ctx, void *handle)
{
	(void)ctx;
	loop_unwatch(handle);
}

static const char *
addr_text(uint32_t addr, char room[static 32])
{
	struct bytes_out out = bytes_out(room, 32);
	text_printf(&out, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
	    addr & 255);
	return text_end(&out);
}

/* --- addresses --- */

static bool
is_in(const struct iface *list, size_t count, const struct iface *one)
{
	for (size_t i = 0; i < count; i++) {
		if (iface_equal(&list[i], one))
			return true;
	}
	return false;
}

static bool
is_bound(const struct daemon *d, const struct iface *one)
{
	struct iface bound;
	uint16_t number;
	for (size_t i = 0; udp_bound(d->udp, i, &bound, &number); i++) {
		if (iface_equal(&bound, one))
			return true;
	}
	return false;
}

static void
unbind_missing(
    struct daemon *d, const struct iface *wanted, size_t count, struct mesh_now now)
{
	struct iface bound;
	uint16_t number;
	char room[32];
	for (size_t i = 0; udp_bound(d->udp, i, &bound, &number);) {
		if (is_in(wanted, count, &bound)) {
			i++;
			continue;
		}
		mesh_site_segment(d->core, number, false, now);
		udp_unbind(d->udp, number);
		log_info(d->log, EVENT(MESH_UNBOUND),
		    STRING("addr", addr_text(bound.addr, room)));
	}
}

/* 0 or -errno. */
static int
bind_one(struct daemon *d, const struct iface *one, struct mesh_now now)
{
	char room[32];
	int number = udp_bind(d->udp, one);
	if (number < 0)
		return number;
	if (options(d)->broadcast && one->broadcast != 0)
		mesh_site_segment(d->core, (uint16_t)number, true, now);
	log_info(d->log, EVENT(MESH_BOUND), STRING("interface", one->name),
	    STRING("addr", addr_text(one->addr, room)),
	    NUMBER("port", options(d)->port));
	return 0;
}

/* The first address that could not be bound goes to `refused`. */
static int
bind_wanted(struct daemon *d, struct iface *refused, struct mesh_now now)
{
	struct iface wanted[IFACES_MAX];
	size_t count = ifaces_scan(options(d)->interfaces, wanted);
	int error = 0;
	unbind_missing(d, wanted, count, now);
	for (size_t i = 0; i < count; i++) {
		int e = is_bound(d, &wanted[i]) ? 0 : bind_one(d, &wanted[i], now);
		if (e != 0 && error == 0) {
			error = e;
			*refused = wanted[i];
		}
	}
	return error;
}

static void
log_refused(struct daemon *d, const struct iface *one, int error)
{
	char room[32], hint[64];
	struct bytes_out out = bytes_out(hint, sizeof hint);
	text_put(&out,
	    error == -EADDRINUSE
		? "another program uses it; choose another with mesh.port"
		: "see mesh.interfaces");
	if (error == -EADDRINUSE)
		log_error(d->log, EVENT(MESH_REFUSED),
		    STRING("addr", addr_text(one->addr, room)),
		    NUMBER("port", options(d)->port), ERRNO("error", error),
		    STRING("hint", text_end(&out)));
	else
		log_warn(d->log, EVENT(MESH_REFUSED),
		    STRING("addr", addr_text(one->addr, room)),
		    NUMBER("port", options(d)->port), ERRNO("error", error),
		    STRING("hint", text_end(&out)));
}

static void
scan(struct daemon *d, struct mesh_now now)
{
	struct iface refused, any;
	uint16_t number;
	int error = bind_wanted(d, &refused, now);
	d->scan_ms = now.ms + SCAN_MS;
	if (error != 0)
		log_refused(d, &refused, error);
	bool nothing = !udp_bound(d->udp, 0, &any, &number);
	if (nothing && !d->nothing_bound_told && error == 0)
		log_warn(d->log, EVENT(MESH_REFUSED),
		    TEXT("interfaces", options(d)->interfaces),
		    STRING("error", "no such address now; looked for again"));
	d->nothing_bound_told = nothing;
}

/* --- seeds --- */

static void
ask_seeds(struct daemon *d, struct mesh_now now)
{
	const struct text_view *seeds = options(d)->seed.items;
	struct text_view host;
	uint16_t port;
	d->seeds_ms = now.ms + SEEDS_MS;
	for (size_t i = 0; i < options(d)->seed.count && i < DAEMON_SEEDS; i++) {
		if (sections_seed(seeds[i], options(d)->port, &host, &port) &&
		    resolve_ask(d->resolve, host, RESOLVE_SEED(i)) != MESH_OK)
			d->seeds_ms = now.ms + BUSY_MS;
	}
}

void
mesh_edge_answer(
    struct daemon *d, const struct resolve_answer *answer, struct mesh_now now)
{
	const struct text_view *seeds = options(d)->seed.items;
	size_t i = (size_t)(uint32_t)answer->token;
	struct text_view host;
	uint16_t port;
	char room[32];
	if (i >= options(d)->seed.count ||
	    !sections_seed(seeds[i], options(d)->port, &host, &port))
		return; /* a reload took it away meanwhile */
	if (!answer->found) {
		log_warn(d->log, EVENT(SEED_FAILED), TEXT("seed", seeds[i]));
		return;
	}
	struct mesh_path path = udp_path(answer->addr, port);
	log_debug(d->log, EVENT(SEED_RESOLVED), TEXT("seed", seeds[i]),
	    STRING("addr", addr_text(answer->addr, room)));
	mesh_site_seed(d->core, &path, now);
}

/* --- start and chores --- */

int
mesh_edge_start(struct daemon *d)
{
	const struct mesh_options *o = options(d);
	struct udp_params params = { .port = o->port,
		.broadcast = o->broadcast,
		.watch = on_watch,
		.unwatch = on_unwatch,
		.ctx = d };
	struct iface refused;
	d->udp = udp_new(&params);
	d->resolve = resolve_new(loop_wake, d->loop);
	if (d->udp == NULL || d->resolve == NULL)
		return 1;
	int error = bind_wanted(d, &refused, d->world.now);
	if (error != 0)
		log_refused(d, &refused, error);
	d->scan_ms = d->world.now.ms + (error == 0 ? SCAN_MS : 0);
	d->seeds_ms = d->world.now.ms;
	/* Somebody else's port stays theirs: better to end than to be half there. */
	return error == -EADDRINUSE || error == -EACCES ? 1 : 0;
}

void
mesh_edge_chores(struct daemon *d, struct mesh_now now)
{
	if (d->scan_ms <= now.ms)
		scan(d, now);
	if (d->seeds_ms <= now.ms)
		ask_seeds(d, now);
}

mesh_time_ms
mesh_edge_deadline(const struct daemon *d)
{
	return d->scan_ms < d->seeds_ms ? d->scan_ms : d->seeds_ms;
}
