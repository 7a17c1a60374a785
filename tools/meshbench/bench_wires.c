#include "bench_wires.h"
#include "udp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wires {
	struct udp *udp[WIRES_MAX];
};

/* Nobody sleeps here: the benchmark knows when something is there. */
static void *
watch(void *ctx, int fd)
{
	(void)fd;
	return ctx;
}

static void
unwatch(void *ctx, void *handle)
{
	(void)ctx, (void)handle;
}

struct mesh_path
wires_path(size_t site)
{
	struct mesh_path path = { .iface = 1 }; /* the only one that is bound */
	const uint8_t v4[] = { 0xff, 0xff, 127, 77, 0, (uint8_t)(site + 1),
		WIRES_PORT >> 8, WIRES_PORT & 0xff };
	memcpy(path.addr + 10, v4, sizeof v4);
	return path;
}

static bool
open_one(struct wires *w, size_t site)
{
	struct iface iface = { .name = "bench" };
	struct mesh_path path = wires_path(site);
	struct udp_params params = {
		.port = WIRES_PORT, .watch = watch, .unwatch = unwatch, .ctx = w
	};
	memcpy(iface.addr, path.addr, sizeof iface.addr);
	w->udp[site] = udp_new(&params);
	return w->udp[site] != NULL && udp_bind(w->udp[site], &iface) == path.iface;
}

struct wires *
wires_open(size_t sites)
{
	struct wires *w = calloc(1, sizeof *w);
	for (size_t i = 0; w != NULL && i < sites; i++) {
		if (open_one(w, i))
			continue;
		fprintf(stderr, "meshbench: 127.77.0.%zu cannot be bound\n", i + 1);
		wires_close(w);
		return NULL;
	}
	return w;
}

void
wires_close(struct wires *w)
{
	for (size_t i = 0; w != NULL && i < WIRES_MAX; i++)
		udp_close(w->udp[i]);
	free(w);
}

void
wires_send(struct wires *w, size_t from, const struct mesh_path *to,
    struct bytes_view datagram)
{
	udp_send(w->udp[from], to, datagram);
}

void
wires_flush(struct wires *w, size_t from)
{
	udp_flush(w->udp[from]);
}

bool
wires_next(
    struct wires *w, size_t site, struct mesh_path *from, struct bytes_view *datagram)
{
	return udp_next(w->udp[site], from, datagram);
}
