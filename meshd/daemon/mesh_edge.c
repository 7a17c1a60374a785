#include "daemon_inside.h"
#include "ifaces.h"
#include "text.h"
#include <errno.h>
#include <unistd.h>

/* The kernel says when addresses change; the scan beside it is for what it loses. */
enum { SCAN_MS = 30 * 1000, RETRY_MS = 1000 };

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
addr_text(const struct iface *i, char room[static ADDRESS_TEXT])
{
	struct bytes_out out = bytes_out(room, ADDRESS_TEXT);
	address_print(i->addr, &out);
	return text_end(&out);
}

/* --- addresses --- */

static const struct iface *
find(const struct iface *list, size_t count, const struct iface *one)
{
	for (size_t i = 0; i < count; i++) {
		if (iface_equal(&list[i], one))
			return &list[i];
	}
	return NULL;
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

/* Beacons go out where the address hails, if at all. */
static void
set_segment(struct daemon *d, uint16_t number, bool hails, struct mesh_now now)
{
	mesh_site_segment(d->core, number, options(d)->broadcast && hails, now);
}

/* Others may call us there; link-local ones mean nothing elsewhere. */
static void
tell_address(struct daemon *d, const struct iface *i, bool up, struct mesh_now now)
{
	struct mesh_path path = address_path(i->addr, options(d)->port);
	if (!address_is_link_local(i->addr))
		mesh_site_address(d->core, &path, false, up, now);
}

static void
tell_configured(struct daemon *d, struct mesh_now now)
{
	const struct text_view *list = options(d)->address.items;
	struct mesh_path path;
	for (size_t i = 0; i < options(d)->address.count; i++)
		if (sections_address(list[i], options(d)->port, &path))
			mesh_site_address(d->core, &path, true, true, now);
}

static void
unbind_missing(
    struct daemon *d, const struct iface *wanted, size_t count, struct mesh_now now)
{
	struct iface bound;
	uint16_t number;
	char room[ADDRESS_TEXT];
	for (size_t i = 0; udp_bound(d->udp, i, &bound, &number);) {
		const struct iface *same = find(wanted, count, &bound);
		if (same != NULL) {
			if (udp_hail(d->udp, number, same->hails))
				set_segment(d, number, same->hails, now);
			i++;
			continue;
		}
		set_segment(d, number, false, now);
		udp_unbind(d->udp, number);
		tell_address(d, &bound, false, now);
		log_info(d->log, EVENT(MESH_UNBOUND),
		    STRING("addr", addr_text(&bound, room)));
	}
}

/* 0 or -errno. */
static int
bind_one(struct daemon *d, const struct iface *one, struct mesh_now now)
{
	char room[ADDRESS_TEXT];
	int number = udp_bind(d->udp, one);
	if (number < 0)
		return number;
	set_segment(d, (uint16_t)number, one->hails, now);
	tell_address(d, one, true, now);
	log_info(d->log, EVENT(MESH_BOUND), STRING("interface", one->name),
	    STRING("addr", addr_text(one, room)), NUMBER("port", options(d)->port));
	return 0;
}

/* The kernel lists IPv6 addresses a second before it lets them be used. */
static bool
is_not_yet(const struct iface *one, int error)
{
	return error == -EADDRNOTAVAIL && !address_is_v4(one->addr);
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
		if (e != 0 && (error == 0 || is_not_yet(refused, error))) {
			error = e;
			*refused = wanted[i];
		}
	}
	return error;
}

static void
log_refused(struct daemon *d, const struct iface *one, int error)
{
	if (is_not_yet(one, error))
		return;
	char room[ADDRESS_TEXT], hint[64];
	struct bytes_out out = bytes_out(hint, sizeof hint);
	text_put(&out,
	    error == -EADDRINUSE
		? "another program uses it; choose another with mesh.port"
		: "see mesh.interfaces");
	if (error == -EADDRINUSE)
		log_error(d->log, EVENT(MESH_REFUSED),
		    STRING("addr", addr_text(one, room)),
		    NUMBER("port", options(d)->port), ERRNO("error", error),
		    STRING("hint", text_end(&out)));
	else
		log_warn(d->log, EVENT(MESH_REFUSED),
		    STRING("addr", addr_text(one, room)),
		    NUMBER("port", options(d)->port), ERRNO("error", error),
		    STRING("hint", text_end(&out)));
}

static void
scan(struct daemon *d, struct mesh_now now)
{
	struct iface refused, any;
	uint16_t number;
	int error = bind_wanted(d, &refused, now);
	d->scan_ms = now.ms + (error == 0 ? SCAN_MS : RETRY_MS);
	if (error != 0 && error != d->bind_error_told)
		log_refused(d, &refused, error);
	d->bind_error_told = error;
	bool nothing = !udp_bound(d->udp, 0, &any, &number);
	if (nothing && !d->nothing_bound_told && error == 0)
		log_warn(d->log, EVENT(MESH_REFUSED),
		    TEXT("interfaces", options(d)->interfaces),
		    STRING("error", "no such address now; looked for again"));
	d->nothing_bound_told = nothing;
}

/* --- start and chores --- */

static void
on_change(void *ctx, unsigned ready)
{
	struct daemon *d = ctx;
	(void)ready;
	ifaces_watch_read(d->ifaces_fd);
	d->scan_ms = 0;
}

static void
watch_ifaces(struct daemon *d)
{
	d->ifaces_fd = ifaces_watch();
	if (d->ifaces_fd >= 0)
		d->ifaces_watch = loop_watch(
		    d->loop, d->ifaces_fd, LOOP_READ, on_change, d);
}

static size_t
read_allowed(const struct mesh_options *o, struct prefix out[static UDP_PREFIXES])
{
	const struct text_view *list = o->allow_from.items;
	size_t count = 0;
	for (size_t i = 0; i < o->allow_from.count && count < UDP_PREFIXES; i++)
		count += prefix_read(list[i], &out[count]);
	return count;
}

int
mesh_edge_start(struct daemon *d)
{
	const struct mesh_options *o = options(d);
	struct prefix allowed[UDP_PREFIXES];
	struct udp_params params = { .port = o->port,
		.broadcast = o->broadcast,
		.allowed = allowed,
		.allowed_count = read_allowed(o, allowed),
		.watch = on_watch,
		.unwatch = on_unwatch,
		.ctx = d };
	struct iface refused;
	d->udp = udp_new(&params);
	d->resolve = resolve_new(loop_wake, d->loop);
	if (d->udp == NULL || d->resolve == NULL)
		return 1;
	watch_ifaces(d);
	int error = bind_wanted(d, &refused, d->world.now);
	if (error != 0)
		log_refused(d, &refused, error);
	d->bind_error_told = error;
	tell_configured(d, d->world.now);
	for (size_t i = 0; i < d->network.seed_count; i++)
		mesh_site_seed(d->core, &d->network.seeds[i], d->world.now);
	d->scan_ms = d->world.now.ms + (error == 0 ? SCAN_MS : RETRY_MS);
	d->seeds_ms = d->world.now.ms;
	/* Somebody else's port stays theirs: better to end than to be half there. */
	return error == -EADDRINUSE || error == -EACCES ? 1 : 0;
}

void
mesh_edge_chores(struct daemon *d, struct mesh_now now)
{
	if (d->scan_ms <= now.ms)
		scan(d, now);
	seeds_chores(d, now);
}

bool
mesh_edge_bound(void *ctx, size_t index, struct op_bound *out)
{
	struct daemon *d = ctx;
	struct iface *iface = &d->shown;
	uint16_t number;
	if (!udp_bound(d->udp, index, iface, &number))
		return false;
	*out = (struct op_bound){ .interface = text(iface->name),
		.path = address_path(iface->addr, options(d)->port),
		.hails = iface->hails };
	out->path.iface = number;
	return true;
}

bool
mesh_edge_configured(void *ctx, size_t index, struct mesh_path *out)
{
	const struct daemon *d = ctx;
	const struct text_view *list = options(d)->address.items;
	return index < options(d)->address.count &&
	    sections_address(list[index], options(d)->port, out);
}

mesh_time_ms
mesh_edge_deadline(const struct daemon *d)
{
	return d->scan_ms < d->seeds_ms ? d->scan_ms : d->seeds_ms;
}

void
mesh_edge_stop(struct daemon *d)
{
	loop_unwatch(d->ifaces_watch);
	if (d->ifaces_watch != NULL)
		close(d->ifaces_fd);
	udp_close(d->udp);
}
