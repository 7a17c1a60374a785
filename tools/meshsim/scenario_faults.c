#include "bytes.h"
#include "must.h"
#include "scenarios.h"
#include "world_faults.h"

/* Something goes wrong, and afterwards nothing may be left of it. */

enum { STEP_MS = 50, PEACE_S = 180, QUIET_S = 30, FILLER = 120 };
/* Some are longer than a datagram. */
enum { LONG_ONE_IN = 40, LONG_MAX = 60 * 1024 };

/* --- what is written meanwhile, and what of it everybody must have in the end --- */

struct written {
	double rate, due;
	uint64_t count, refused;
};

static size_t
some_length(struct world *w)
{
	uint64_t dice = world_random(w);
	return dice % LONG_ONE_IN == 0 ? dice / LONG_ONE_IN % LONG_MAX : FILLER;
}

static void
write_some(struct world *w, struct written *t, uint32_t step_ms)
{
	static const enum mesh_lane lanes[] = { LANE_ALERT, LANE_PACKET, LANE_METRIC };
	t->due += t->rate * step_ms / 1000;
	while (t->due >= 1) {
		t->due -= 1;
		uint32_t from = (uint32_t)(world_random(w) % w->params.sites);
		enum mesh_lane lane = lanes[world_random(w) % LENGTH(lanes)];
		const struct world_site *s = &w->sites[from];
		if (s->site == NULL || s->paused_ms > w->now)
			continue;
		if (world_append(w, from, lane, t->count, some_length(w)) == MESH_OK)
			t->count++;
		else
			t->refused++;
	}
}

/* Of what a site itself has and still stands for: how much do others lack? */
static uint64_t
behind(const struct world *w)
{
	uint64_t lacking = 0;
	for (uint32_t of = 0; of < w->params.sites; of++) {
		const struct mesh_key *key = &w->sites[of].identity.key;
		for (enum mesh_lane lane = LANE_CONTROL; lane <= LANE_REGISTRY;
		     lane++) {
			uint64_t epoch, high, their_epoch, theirs;
			if (w->sites[of].site == NULL ||
			    !mesh_site_high(
				w->sites[of].site, key, lane, &epoch, &high))
				continue;
			for (uint32_t at = 0; at < w->params.sites; at++)
				lacking += w->sites[at].site == NULL ||
				    !mesh_site_high(w->sites[at].site, key, lane,
					&their_epoch, &theirs) ||
				    their_epoch != epoch || theirs < high;
		}
	}
	return lacking;
}

/* Looked at seldom: it asks every site for every lane of every other. */
static bool
becomes_even(struct world *w, mesh_time_ms until)
{
	while (behind(w) > 0) {
		if (w->now >= until)
			return false;
		world_run(w, w->now + 500);
	}
	return true;
}

/* Peace: all reach all, all have-sets become equal, and nobody is called dead. */
static void
expect_peace(struct world *w, struct report *r, mesh_time_ms began)
{
	if (scenario_heals(w, r, PEACE_S))
		report_add(r, "heal_s", WORSE_MORE, (double)(w->now - began) / 1000);
	if (becomes_even(w, w->now + PEACE_S * 1000ULL))
		report_add(r, "agree_s", WORSE_MORE, (double)(w->now - began) / 1000);
	uint64_t left = behind(w);
	report_add_u64(r, "behind", WORSE_MORE, left);
	if (left > 0)
		report_violation(r, "%llu lanes are behind their origin after %d s",
		    (unsigned long long)left, PEACE_S);
	mesh_time_ms quiet = w->now;
	scenario_second(w, QUIET_S);
	uint64_t wrong = scenario_false_deaths(w, quiet);
	report_add_u64(r, "false_positives", WORSE_MORE, wrong);
	if (wrong > 0)
		report_violation(r, "%llu times a site in order was called dead",
		    (unsigned long long)wrong);
}

/* --- partition --- */

static bool
halves_see_it(const struct world *w, void *ctx)
{
	const mesh_time_ms *since = ctx;
	uint32_t n = w->params.sites;
	for (uint32_t a = 0; a < n; a++)
		for (uint32_t b = 0; b < n; b++)
			if (a % 2 != b % 2 &&
			    (world_view(w, a, b) & VIEW_STATE) < PEER_DEAD + 1)
				return false;
	return *since <= w->now;
}

void
run_partition(struct world *w, const struct options *o, struct report *r)
{
	struct written t = { .rate = o->rate * w->params.sites };
	world_join_all(w);
	if (!scenario_converge(w, r))
		return;
	scenario_second(w, 10);
	mesh_time_ms began = w->now;
	for (uint32_t a = 0; a < w->params.sites; a++)
		for (uint32_t b = 0; b < w->params.sites; b++)
			world_block(w, a, b, a % 2 != b % 2);
	if (world_wait(w, halves_see_it, &began, began + 60000))
		report_add(r, "split_s", WORSE_MORE, (double)(w->now - began) / 1000);
	while (w->now < began + o->duration_s * 1000ULL) {
		write_some(w, &t, STEP_MS);
		world_run(w, w->now + STEP_MS);
	}
	for (uint32_t a = 0; a < w->params.sites; a++)
		for (uint32_t b = 0; b < w->params.sites; b++)
			world_block(w, a, b, false);
	report_add_u64(r, "written", WORSE_LESS, t.count);
	expect_peace(w, r, w->now);
}

/* --- faults by table --- */

static void
suffer(struct world *w, const struct options *o, struct report *r, uint32_t mask,
    double each_s)
{
	struct faults f;
	struct written t = { .rate = o->rate };
	uint64_t begun = 0;
	if (!scenario_converge(w, r))
		return;
	faults_init(&f, w, mask, each_s);
	mesh_time_ms end = w->now + o->duration_s * 1000ULL;
	while (w->now < end) {
		write_some(w, &t, STEP_MS);
		faults_step(&f, STEP_MS);
	}
	faults_end(&f);
	for (size_t k = 0; k < FAULT_KINDS; k++)
		begun += f.begun[k];
	report_add_u64(r, "faults", WORSE_MORE, begun);
	report_add_u64(r, "written", WORSE_LESS, t.count);
	report_add_u64(r, "refused", WORSE_MORE, t.refused);
	expect_peace(w, r, w->now);
}

void
run_churn(struct world *w, const struct options *o, struct report *r)
{
	world_join_all(w);
	suffer(w, o, r, 1U << FAULT_KILL | 1U << FAULT_POWER | 1U << FAULT_STOP, 10);
}

/* Each seed leaves out some kinds: what is always there hides the rest. */
void
run_faults(struct world *w, const struct options *o, struct report *r)
{
	uint32_t mask = (uint32_t)world_random(w) & FAULTS_ALL;
	world_join_all(w);
	suffer(w, o, r, mask, 15);
}

/* --- attack --- */

enum { HEARD = 256, SOURCES = 64, HELLOS = 16 };

struct attacker {
	struct world *w;
	struct world_datagram heard[HEARD];  /* the air's last, to be used again */
	struct world_datagram hello[HELLOS]; /* what a stranger may be answered */
	size_t hellos;
	size_t next, count;
	uint64_t bytes;
	/* By where it strikes from: what it sent, and what was sent there. */
	uint64_t in[SOURCES], out[SOURCES];
	uint32_t first; /* of the sources, as a site's number */
};

static void
answered(void *ctx, const struct mesh_path *to, size_t len)
{
	struct attacker *a = ctx;
	for (uint32_t i = 0; i < SOURCES; i++) {
		struct mesh_path from = world_path_of(a->first + i);
		if (memcmp(from.addr, to->addr, sizeof from.addr) == 0)
			a->out[i] += len;
	}
}
/* Of any one address: bytes got for a byte sent. */
static double
most_answered(const struct attacker *a)
{
	double most = 0;
	for (size_t i = 0; i < SOURCES; i++)
		if (a->in[i] > 0 && (double)a->out[i] / (double)a->in[i] > most)
			most = (double)a->out[i] / (double)a->in[i];
	return most;
}

static enum world_fate
listen(void *ctx, const struct world_datagram *d)
{
	struct attacker *a = ctx;
	enum { HS1 = 0x11 };
	if (d->len > 0 && d->bytes[0] == HS1)
		a->hello[a->hellos++ % HELLOS] = *d;
	a->heard[a->next] = *d;
	a->next = (a->next + 1) % HEARD;
	a->count += a->count < HEARD;
	return WORLD_DELIVER;
}

static void
strike(struct attacker *a)
{
	struct world *w = a->w;
	struct world_datagram d = a->heard[world_random(w) % a->count];
	if (a->hellos > 0 && world_random(w) % 4 == 0)
		d = a->hello[world_random(w) %
		    (a->hellos < HELLOS ? a->hellos : HELLOS)];
	uint32_t source = (uint32_t)(world_random(w) % SOURCES);
	struct mesh_path from = world_path_of(a->first + source);
	uint64_t how = world_random(w) % 4;
	if (how == 1) /* broken */
		d.bytes[world_random(w) % d.len] ^= (uint8_t)(1U
		    << world_random(w) % 8);
	if (how == 2) /* cut */
		d.len = (size_t)(world_random(w) % (d.len + 1));
	for (size_t i = 1; how == 3 && i < d.len; i++) /* noise behind a good kind */
		d.bytes[i] = (uint8_t)world_random(w);
	uint32_t to = (uint32_t)(world_random(w) % w->params.sites);
	if (world_random(w) % 2 == 0)
		to = d.to;
	world_inject(w, to, &from, bytes_view(d.bytes, d.len));
	a->bytes += d.len;
	a->in[source] += d.len;
}

void
run_attack(struct world *w, const struct options *o, struct report *r)
{
	struct attacker *a = must(calloc(1, sizeof *a));
	a->w = w;
	a->first = 0x9000;
	w->strayed = answered;
	w->strayed_ctx = a;
	w->tap = listen;
	w->tap_ctx = a;
	world_join_all(w);
	if (scenario_converge(w, r)) {
		scenario_second(w, 10);
		mesh_time_ms began = w->now;
		uint64_t strikes = (uint64_t)(o->rate * o->duration_s);
		for (uint64_t n = 0; n < strikes; n++) {
			world_run(
			    w, began + (mesh_time_ms)((double)n * 1000 / o->rate));
			strike(a);
		}
		uint64_t wrong = scenario_false_deaths(w, began);
		report_add_u64(r, "injected", WORSE_LESS, strikes);
		report_add(r, "answered_share", WORSE_MORE,
		    a->bytes > 0 ? (double)w->stray_bytes / (double)a->bytes : 0);
		report_add(r, "most_answered_share", WORSE_MORE, most_answered(a));
		report_add_u64(r, "false_positives", WORSE_MORE, wrong);
		if (wrong > 0)
			report_violation(r, "%llu sites in order were called dead",
			    (unsigned long long)wrong);
		if (w->stray_bytes > a->bytes || most_answered(a) > 1)
			report_violation(r, "more bytes out than in");
	}
	w->strayed = NULL;
	w->tap = NULL;
	free(a);
}
