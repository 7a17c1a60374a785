/* One site in the middle: it hears datagrams of one neighbour and passes news on to
 * three. Everything runs in this process; without --sockets what is measured is the
 * core, with it also the way from the kernel and back. */
#include "bench.h"
#include "bench_wires.h"
#include "bytes.h"
#include "meshparams.h"
#include "seal.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

enum {
	SITES = 5,
	MIDDLE = 0,
	SOURCE = 1,
	ECHO = 2,
	BATCH = 40,
	BARE_STEPS = 10,
	CHEAP_STEPS = 200, /* of those that take a microsecond */
	BODY = 120,
	GATHER_MS = 5, /* what is queued so long is signed as one */
	DATAGRAM = 1280
};
struct held { /* on its way to the middle, kept back so that only the middle is timed */
	size_t from;
	uint16_t len;
	uint8_t bytes[DATAGRAM];
};
struct bench_site {
	struct mesh_site *core;
	uint64_t seed;
};
/* What nothing can do without: to relay a record open, verify, three times seal; to
 * know a copy open; to refuse what is damaged look at its tag. */
struct bare {
	uint8_t key[32], nonce[12], seed[32], public_key[32], signature[64];
	uint8_t plain[400], sealed[416];
	bool good;
};
struct relay {
	struct bench_site sites[SITES];
	struct mesh_now now;
	uint64_t sent, delivered; /* by and at the middle */
	double spent_s;           /* inside the middle */
	struct bare bare;
	double bare_s;
	uint64_t bare_steps;
	void (*bare_step)(struct bare *b);
	struct wires *wires; /* NULL: none */
	struct held held[4 * BATCH];
	size_t held_count;
	struct held out[8 * BATCH]; /* of the middle; `from`: to whom */
	size_t out_count;
	bool batched; /* sign what is queued, not each record alone */
	bool hold;    /* keep what is meant for the middle instead of delivering it */
};

static struct mesh_path
path_of(size_t site)
{
	return wires_path(site);
}

static size_t
site_of(const struct mesh_path *path)
{
	return (size_t)path->addr[15] - 1;
}

static void
take_events(struct relay *w, size_t site)
{
	struct mesh_event e;
	while (mesh_site_next_event(w->sites[site].core, &e)) {
		if (e.kind == MESH_RECORD && site == MIDDLE)
			w->delivered++;
		if (e.kind == MESH_RECORD || e.kind == MESH_KEEP) {
			struct mesh_live live = { 0 };
			mesh_site_stored(
			    w->sites[site].core, e.ticket, MESH_OK, &live, w->now);
		}
	}
}

static void
deliver(struct relay *w, size_t from, const struct mesh_datagram *d)
{
	struct mesh_path source = path_of(from);
	size_t to = site_of(&d->to);
	if (to < SITES && to != from)
		mesh_site_receive(w->sites[to].core, &source, d->bytes, w->now);
}

static void
keep_back(struct relay *w, size_t from, struct bytes_view bytes)
{
	if (w->held_count == LENGTH(w->held) || bytes.len < BODY ||
	    bytes.len > DATAGRAM)
		return;
	struct held *h = &w->held[w->held_count++];
	h->from = from;
	h->len = (uint16_t)bytes.len;
	memcpy(h->bytes, bytes.ptr, bytes.len);
}

/* All that is due at `site` goes out; false: nothing was. */
static bool
flush_site(struct relay *w, size_t site)
{
	struct mesh_datagram d;
	bool any = false;
	take_events(w, site);
	while (mesh_site_next_datagram(w->sites[site].core, &d)) {
		uint8_t copy[DATAGRAM];
		any = true;
		if (w->hold && site_of(&d.to) == MIDDLE) {
			keep_back(w, site, d.bytes);
			continue;
		}
		memcpy(copy, d.bytes.ptr, d.bytes.len);
		d.bytes.ptr = copy;
		deliver(w, site, &d);
	}
	return any;
}

static void
run_for(struct relay *w, uint64_t ms)
{
	for (uint64_t i = 0; i < ms; i++) {
		bool any = true;
		w->now.ms++;
		w->now.unix_ms++;
		for (size_t s = 0; s < SITES; s++)
			mesh_site_tick(w->sites[s].core, w->now);
		while (any) {
			any = false;
			for (size_t s = 0; s < SITES; s++)
				any = flush_site(w, s) || any;
		}
	}
}

static int
make_sites(struct relay *w)
{
	uint64_t seed = 7;
	uint8_t secret[48];
	struct mesh_network network;
	struct mesh_identity identity;
	bench_random(&seed, secret, sizeof secret);
	mesh_identity_of(secret, &identity);
	mesh_network_of(&identity.key, secret, false, &network);
	w->now = (struct mesh_now){ .ms = 1000, .unix_ms = 1764000000000 };
	for (size_t s = 0; s < SITES; s++) {
		w->sites[s].seed = s + 100;
		bench_random(&w->sites[s].seed, secret, sizeof secret);
		mesh_identity_of(secret, &identity);
		struct mesh_params params = { .identity = &identity,
			.network = &network,
			.name = { "bench", 5 },
			.boot = 1764000000,
			.fresh = true,
			.epoch = 1764000000,
			.random = bench_random,
			.random_ctx = &w->sites[s].seed,
			/* what is measured is the work, not its limits */
			.limits = { .origin_per_s = 100000,
			    .neighbour_per_s = 1000000,
			    .checks_per_s = 1000000 } };
		if (mesh_site_new(&w->sites[s].core, &params, w->now) != MESH_OK)
			return 1;
	}
	/* A star: everybody knows the middle alone. */
	for (size_t s = 1; s < SITES; s++) {
		struct mesh_path middle = path_of(MIDDLE);
		mesh_site_seed(w->sites[s].core, &middle, w->now);
	}
	/* Except the echo, which hears the source too and so brings its news twice. */
	struct mesh_path source = path_of(SOURCE);
	mesh_site_seed(w->sites[ECHO].core, &source, w->now);
	run_for(w, 3000);
	return 0;
}

/* What gathered at the source is signed, stored, and goes out. */
static void
settle(struct relay *w)
{
	w->now.ms += GATHER_MS;
	w->now.unix_ms += GATHER_MS;
	mesh_site_tick(w->sites[SOURCE].core, w->now);
	flush_site(w, SOURCE);
}

/* The source signs records, each when it comes or as many as fit one datagram; what
 * comes to the middle is kept back. */
static void
fill_batch(struct relay *w)
{
	uint8_t body[BODY + 8];
	w->held_count = 0;
	w->hold = true;
	for (int i = 0; i < BATCH; i++) {
		struct bytes_out out = bytes_out(body, sizeof body);
		uint64_t seq;
		bytes_put_u8(&out, 0x91); /* [bin8 BODY] */
		bytes_put_u8(&out, 0xc4);
		bytes_put_u8(&out, BODY);
		bench_random(&w->sites[SOURCE].seed, bytes_room(&out, BODY), BODY);
		struct mesh_draft draft = { .lane = w->batched ? LANE_PACKET
							       : LANE_ALERT, /* alone */
			.type = 1,
			.body = bytes_written(&out) };
		if (mesh_site_append(w->sites[SOURCE].core, &draft, &seq, w->now) ==
			MESH_OK &&
		    !w->batched)
			flush_site(w, SOURCE);
	}
	if (w->batched)
		settle(w);
	flush_site(w, ECHO);
	w->hold = false;
}

static void
take_out(struct relay *w)
{
	struct mesh_datagram d;
	take_events(w, MIDDLE);
	while (mesh_site_next_datagram(w->sites[MIDDLE].core, &d)) {
		w->sent++;
		if (w->wires != NULL) {
			wires_send(w->wires, MIDDLE, &d.to, d.bytes);
			continue;
		}
		struct held *h = &w->out[w->out_count++];
		h->from = site_of(&d.to);
		h->len = (uint16_t)d.bytes.len;
		memcpy(h->bytes, d.bytes.ptr, d.bytes.len);
		if (w->out_count == LENGTH(w->out))
			return; /* the rest with the next tick */
	}
}

/* The others' time is not ours. */
static void
deliver_out(struct relay *w)
{
	for (size_t i = 0; i < w->out_count; i++) {
		struct mesh_path to = path_of(w->out[i].from);
		struct mesh_datagram d = { to,
			bytes_view(w->out[i].bytes, w->out[i].len) };
		deliver(w, MIDDLE, &d);
	}
	w->out_count = 0;
}

static void
feed(struct relay *w, size_t from)
{
	struct mesh_path source = path_of(from);
	double begin = bench_worked();
	for (size_t i = 0; i < w->held_count; i++) {
		const struct held *h = &w->held[i];
		if (h->from != from || w->out_count == LENGTH(w->out))
			continue;
		mesh_site_receive(w->sites[MIDDLE].core, &source,
		    bytes_view(h->bytes, h->len), w->now);
		take_out(w);
	}
	w->spent_s += bench_worked() - begin;
	deliver_out(w);
}

/* As the daemon's turn does it. */
static void
take_wires(struct relay *w)
{
	struct mesh_path from;
	struct bytes_view bytes;
	while (wires_next(w->wires, MIDDLE, &from, &bytes)) {
		mesh_site_receive(w->sites[MIDDLE].core, &from, bytes, w->now);
		take_out(w);
	}
	wires_flush(w->wires, MIDDLE);
}

/* What `from` sent is in the middle's socket before the clock starts; what comes out of
 * there is read by the others when it has stopped. */
static void
feed_wires(struct relay *w, size_t from)
{
	struct mesh_path to = path_of(MIDDLE), source;
	struct bytes_view bytes;
	for (size_t i = 0; i < w->held_count; i++)
		if (w->held[i].from == from)
			wires_send(w->wires, from, &to,
			    bytes_view(w->held[i].bytes, w->held[i].len));
	wires_flush(w->wires, from);
	double begin = bench_worked();
	take_wires(w);
	w->spent_s += bench_worked() - begin;
	for (size_t s = 0; s < SITES; s++)
		while (wires_next(w->wires, s, &source, &bytes))
			mesh_site_receive(w->sites[s].core, &source, bytes, w->now);
}

static void
step_open(struct bare *b)
{
	uint8_t out[416];
	b->good = seal_open(b->key, b->nonce, bytes_view(NULL, 0),
	    bytes_view(b->sealed, sizeof b->sealed), out);
}

static void
step_refuse(struct bare *b)
{
	b->sealed[0] ^= 1;
	step_open(b);
	b->sealed[0] ^= 1;
}

static void
step_bare(struct bare *b)
{
	uint8_t out[416];
	b->good = seal_open(b->key, b->nonce, bytes_view(NULL, 0),
		      bytes_view(b->sealed, sizeof b->sealed), out) &&
	    seal_verify(b->public_key, bytes_view(b->plain, 43), b->signature);
	for (int i = 0; i < 3; i++)
		seal_close(b->key, b->nonce, bytes_view(NULL, 0),
		    bytes_view(b->plain, sizeof b->plain), out);
}

static void
make_bare(struct bare *b)
{
	*b = (struct bare){ .key = { 1 }, .seed = { 2 } };
	seal_public_of(b->seed, b->public_key);
	seal_sign(b->seed, b->public_key, bytes_view(b->plain, 43), b->signature);
	seal_close(b->key, b->nonce, bytes_view(NULL, 0),
	    bytes_view(b->plain, sizeof b->plain), b->sealed);
}

/* A few steps after every batch, so that a machine that others use as well is equally
 * slow for both. */
static void
run_bare(struct relay *w)
{
	double begin = bench_worked();
	uint64_t steps = w->bare_step == step_bare ? BARE_STEPS : CHEAP_STEPS;
	for (uint64_t i = 0; i < steps; i++)
		w->bare_step(&w->bare);
	w->bare_s += bench_worked() - begin;
	w->bare_steps += steps;
}

static uint64_t
feed_from(struct relay *w, size_t from)
{
	uint64_t fed = 0;
	for (size_t i = 0; i < w->held_count; i++)
		fed += w->held[i].from == from;
	if (w->wires != NULL)
		feed_wires(w, from);
	else
		feed(w, from);
	return fed;
}

/* Unique records until the time is over; how many were relayed. */
static uint64_t
run_single(struct relay *w, double seconds)
{
	uint64_t fed = 0;
	for (int round = 0; w->spent_s < seconds && round < 100000; round++) {
		fill_batch(w);
		fed += feed_from(w, SOURCE);
		double spent_s = w->spent_s;
		feed_from(w, ECHO);
		w->spent_s = spent_s;
		run_bare(w);
		run_for(w, 20); /* acknowledgements, so that windows stay open */
	}
	return fed;
}

static uint64_t
duplicates(const struct relay *w)
{
	size_t i = counter_find(&mesh_counters, text("record.duplicate"));
	return mesh_site_counter(w->sites[MIDDLE].core, i);
}

static uint64_t
run_batched(struct relay *w, double seconds)
{
	w->batched = true;
	uint64_t before = w->delivered;
	(void)run_single(w, seconds);
	return w->delivered - before;
}

/* The same records, by another neighbour: refused after their seal and one short hash.
 * Records are counted, several of which share a datagram. */
static uint64_t
run_duplicate(struct relay *w, double seconds)
{
	uint64_t fed = 0;
	for (int round = 0; w->spent_s < seconds && round < 100000; round++) {
		fill_batch(w);
		double spent_s = w->spent_s;
		feed_from(w, SOURCE);
		w->spent_s = spent_s;
		uint64_t before = duplicates(w);
		feed_from(w, ECHO);
		fed += duplicates(w) - before;
		run_bare(w);
		run_for(w, 20);
	}
	return fed;
}

/* Bytes that look like session data and are not: refused by their tag. */
static uint64_t
run_garbage(struct relay *w, double seconds)
{
	uint64_t fed = 0, seed = 3;
	fill_batch(w);
	if (w->held_count == 0)
		return 0;
	for (size_t i = 1; i < BATCH; i++)
		w->held[i] = w->held[0];
	w->held_count = BATCH;
	while (w->spent_s < seconds) {
		for (size_t i = 0; i < BATCH; i++)
			bench_random(&seed, w->held[i].bytes + 9, 4);
		fed += feed_from(w, w->held[0].from);
		run_bare(w);
	}
	return fed;
}

int
bench_relay(const struct bench_options *o, struct bench_report *r)
{
	const char *mode = o->mode != NULL ? o->mode : "single";
	static const struct {
		const char *mode, *unit;
		uint64_t (*run)(struct relay *w, double seconds);
		void (*bare_step)(struct bare *b);
	} modes[] = {
		{ "single", "unique single-signed datagrams/s", run_single, step_bare },
		{ "batched", "unique records/s, signed as they gather", run_batched,
		    step_bare },
		{ "duplicate", "repeated records refused/s", run_duplicate, step_open },
		{ "garbage", "damaged datagrams refused/s", run_garbage, step_refuse }
	};
	static struct relay w;
	size_t m = 0;
	while (m < LENGTH(modes) && strcmp(mode, modes[m].mode) != 0)
		m++;
	if (m == LENGTH(modes)) {
		fprintf(stderr,
		    "meshbench: --mode is single, batched,"
		    " duplicate or garbage\n");
		return 2;
	}
	if (make_sites(&w) != 0) {
		fprintf(stderr, "meshbench: the sites could not be made\n");
		return 1;
	}
	make_bare(&w.bare);
	w.bare_step = modes[m].bare_step;
	w.wires = o->sockets ? wires_open(SITES) : NULL;
	if (o->sockets && w.wires == NULL)
		return 1;
	w.spent_s = 0;
	w.delivered = w.sent = 0;
	uint64_t fed = modes[m].run(&w, o->seconds);
	r->unit = modes[m].unit;
	r->value = (double)fed / w.spent_s;
	r->limit = (double)w.bare_steps / w.bare_s;
	bench_add(r, "fed", (double)fed);
	bench_add(r, "delivered", (double)w.delivered);
	bench_add(r, "sent", (double)w.sent);
	wires_close(w.wires);
	for (size_t s = 0; s < SITES; s++)
		mesh_site_free(w.sites[s].core);
	return fed > 0 ? 0 : 1;
}
