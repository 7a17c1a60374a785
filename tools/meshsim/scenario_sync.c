#include "disk_state.h"
#include "inside.h"
#include "pack.h"
#include "scenarios.h"
#include "seal.h"
#include "text.h"
#include "world_disk.h"
#include <string.h>

/* What it costs to agree: a site comes back, and others wrote meanwhile. PROTOCOL.md 9.
 */

enum {
	ENTRIES = 1000 * 1000, /* that all hold already, numbers without bodies */
	CHANGES = 1000,
	CHANGED = 10,                    /* origins that wrote meanwhile */
	ENTRY_FIELDS = 8,                /* of a PUT of the registry: hash, type ... */
	HEADERS = 28,                    /* IP and UDP */
	AROUND = 9 + SEAL_TAG + HEADERS, /* and the envelope */
	WAIT_MS = 120 * 1000
};

/* --- what is on the way --- */

/* Their headers count unless pages are in them. */
struct meter { /* datagrams that say who holds what, and who is asked for what */
	const struct world *w;
	uint32_t a, b; /* between those two; equal: between any */
	uint64_t bytes, datagrams;
	uint64_t all;                 /* of any datagram, IP and UDP headers included */
	mesh_time_ms sum_ms, page_ms; /* the first SUM, the first PAGE */
};

static struct bytes_view
open_data(const struct world *w, const struct world_datagram *d, uint8_t *plain)
{
	struct envelope env;
	uint8_t nonce[SEAL_NONCE];
	struct mesh_site *to = w->sites[d->to].site;
	if (to == NULL ||
	    envelope_read(bytes_view(d->bytes, d->len), &env) != MESH_OK ||
	    env.kind != ENVELOPE_DATA)
		return bytes_view(plain, 0);
	struct session *s = session_at(
	    &to->sessions, table_find(&to->sessions.by_sid, &env.sid));
	if (s == NULL)
		return bytes_view(plain, 0);
	seal_nonce(env.counter, nonce);
	return seal_open(s->receive, nonce, env.head, env.sealed, plain)
	    ? bytes_view(plain, env.sealed.len - SEAL_TAG)
	    : bytes_view(plain, 0);
}

static bool
is_metadata(uint64_t frame)
{
	return frame == FRAME_SUM || frame == FRAME_ROWS || frame == FRAME_PULL ||
	    frame == FRAME_NONE || frame == FRAME_SKETCH;
}

static enum world_fate
measure(void *ctx, const struct world_datagram *d)
{
	struct meter *m = ctx;
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct bytes_in in = bytes_in(open_data(m->w, d, plain));
	struct envelope_frame frame;
	enum mesh_err err;
	bool between = (d->from == m->a && d->to == m->b) ||
	    (d->from == m->b && d->to == m->a);
	size_t said = 0;
	if (m->a != m->b && !between)
		return WORLD_DELIVER;
	m->all += d->len + HEADERS;
	bool pages = false;
	while (envelope_next_frame(&in, &frame, &err)) {
		if (is_metadata(frame.number))
			said += frame.bytes.len;
		pages |= frame.number == FRAME_PAGE;
		if (frame.number == FRAME_SUM && m->sum_ms == 0)
			m->sum_ms = m->w->now;
		if (frame.number == FRAME_PAGE && m->page_ms == 0)
			m->page_ms = m->w->now;
	}
	m->datagrams += said > 0 && !pages;
	m->bytes += said + (said > 0 && !pages ? AROUND : 0);
	return WORLD_DELIVER;
}

static void
begin_measuring(struct world *w, struct meter *m, uint32_t a, uint32_t b)
{
	*m = (struct meter){ .w = w, .a = a, .b = b };
	w->tap = measure;
	w->tap_ctx = m;
}

/* --- what the registry writes --- */

/* An entry of a hash of 8 bytes and a type, and nothing else: the body that meshd
 * makes of `registry add`, byte for byte; 148 with its proof. */
static enum mesh_err
enter(struct world *w, uint32_t site, uint64_t number)
{
	uint8_t hash[8], bytes[32];
	uint64_t seq;
	struct bytes_out key = bytes_out(hash, sizeof hash);
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	bytes_put_u64(&key, number);
	pack_array(&body, ENTRY_FIELDS);
	pack_bin(&body, bytes_written(&key));
	pack_text(&body, text("a"));
	for (size_t i = 2; i < ENTRY_FIELDS; i++)
		pack_nil(&body);
	struct mesh_draft d = { LANE_REGISTRY, RECORD_PUT, 0, NULL,
		bytes_written(&body) };
	enum mesh_err err = mesh_site_append(
	    w->sites[site].site, &d, &seq, world_site_now(w, site));
	world_drain(w, site);
	return err;
}

/* --- a long history that everybody has --- */

static void
remember(struct world *w, uint32_t site, uint32_t origin, uint64_t high)
{
	struct mesh_position at = w->sites[origin].newest[LANE_REGISTRY];
	disk_state_extend(disk_state_of(w->sites[site].disk), &at, high);
}

static bool
begin_equal(struct world *w, struct report *r, uint32_t origins)
{
	world_join_all(w);
	if (!scenario_converge(w, r))
		return false;
	for (uint32_t i = 0; i < origins; i++)
		if (enter(w, i, i) != MESH_OK)
			return false;
	scenario_second(w, 30);
	for (uint32_t i = 0; i < w->params.sites; i++)
		world_stop(w, i);
	for (uint32_t i = 0; i < w->params.sites; i++)
		for (uint32_t o = 0; o < origins; o++)
			remember(w, i, o, ENTRIES / origins);
	world_start_all(w);
	bool healed = scenario_heals(w, r, 120);
	scenario_second(w, 90);
	return healed;
}

/* --- agreeing --- */

struct pair {
	uint32_t a, b, origins;
};

static bool
agree(const struct world *w, void *ctx)
{
	const struct pair *p = ctx;
	for (uint32_t o = 0; o < p->origins; o++) {
		const struct mesh_key *key = &w->sites[o].identity.key;
		uint64_t epoch, a = 0, b = 0;
		if (!mesh_site_high(
			w->sites[p->a].site, key, LANE_REGISTRY, &epoch, &a) ||
		    !mesh_site_high(
			w->sites[p->b].site, key, LANE_REGISTRY, &epoch, &b) ||
		    a != b)
			return false;
	}
	return true;
}

static void
set_apart(struct world *w, uint32_t one, bool apart)
{
	for (uint32_t i = 0; i < w->params.sites; i++)
		if (i != one) {
			world_block(w, i, one, apart);
			world_block(w, one, i, apart);
		}
}

static void
write_meanwhile(struct world *w, struct report *r)
{
	for (uint64_t n = 0; n < CHANGES; n++) {
		if (enter(w, (uint32_t)(n % CHANGED), 100 + n) != MESH_OK)
			report_violation(r, "change %u was refused", (unsigned)n);
		world_run(w, w->now + 10);
	}
	scenario_second(w, 60);
}

/* With one neighbour alone.  From its first SUM to the first page. */
static void
catch_up(struct world *w, const struct options *o, struct report *r, uint32_t origins)
{
	struct pair pair = { 0, w->params.sites - 1, origins };
	struct meter m;
	double trip = (double)(o->delay_min_ms + o->delay_max_ms);
	mesh_time_ms began = w->now;
	begin_measuring(w, &m, pair.a, pair.b);
	world_block(w, pair.a, pair.b, false);
	world_block(w, pair.b, pair.a, false);
	if (!world_wait(w, agree, &pair, w->now + WAIT_MS))
		report_violation(
		    r, "two sites do not agree after %u s", WAIT_MS / 1000);
	report_add_u64(r, "metadata_bytes", WORSE_MORE, m.bytes);
	report_add_u64(r, "metadata_datagrams", WORSE_MORE, m.datagrams);
	report_add_u64(r, "all_bytes", WORSE_MORE, m.all);
	report_add(r, "round_trips", WORSE_MORE,
	    trip > 0 ? (double)(m.page_ms - m.sum_ms) / trip : 0);
	report_add(r, "agree_s", WORSE_MORE, (double)(w->now - began) / 1000);
	set_apart(w, pair.b, false);
	scenario_second(w, 120);
	begin_measuring(w, &m, 0, 0);
	scenario_second(w, o->duration_s);
	report_add_u64(r, "idle_metadata_bytes", WORSE_MORE, m.bytes);
	w->tap = NULL;
}

void
run_registry_sync(struct world *w, const struct options *o, struct report *r)
{
	uint32_t origins = w->params.sites - 1;
	if (origins < CHANGED) {
		report_violation(r, "at least %u sites", CHANGED + 1U);
		return;
	}
	if (!begin_equal(w, r, origins))
		return;
	set_apart(w, w->params.sites - 1, true);
	write_meanwhile(w, r);
	catch_up(w, o, r, origins);
}
