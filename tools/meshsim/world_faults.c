#include "world_faults.h"
#include "world_disk.h"

#define YEAR_MS ((unix_ms)365 * 24 * 3600 * 1000)

static uint32_t
below(struct world *w, uint32_t n)
{
	return (uint32_t)(world_random(w) % n);
}

static double
share(struct world *w, double most)
{
	return most * (double)(1 + below(w, 100)) / 100;
}

/* Some site that runs and does not stand still; false: none. */
static bool
some_site(struct world *w, uint32_t *out)
{
	uint32_t n = w->params.sites, first = below(w, n);
	for (uint32_t i = 0; i < n; i++) {
		*out = (first + i) % n;
		const struct world_site *s = &w->sites[*out];
		if (s->site != NULL && s->paused_ms <= w->now)
			return true;
	}
	return false;
}

/* --- weather --- */

static bool
begin_loss(struct faults *f, struct fault_state *s)
{
	(void)s;
	f->w->params.loss = f->was_loss + share(f->w, 0.4);
	return true;
}
static void
end_loss(struct faults *f, struct fault_state *s)
{
	(void)s;
	f->w->params.loss = f->was_loss;
}
static bool
begin_duplicate(struct faults *f, struct fault_state *s)
{
	(void)s;
	f->w->weather.duplicate = share(f->w, 0.3);
	return true;
}
static void
end_duplicate(struct faults *f, struct fault_state *s)
{
	(void)s;
	f->w->weather.duplicate = 0;
}
static bool
begin_corrupt(struct faults *f, struct fault_state *s)
{
	(void)s;
	f->w->weather.corrupt = share(f->w, 0.2);
	return true;
}
static void
end_corrupt(struct faults *f, struct fault_state *s)
{
	(void)s;
	f->w->weather.corrupt = 0;
}
static bool
begin_reorder(struct faults *f, struct fault_state *s)
{
	(void)s;
	f->w->weather.reorder = share(f->w, 0.5);
	f->w->weather.reorder_ms = 1 + below(f->w, 400);
	return true;
}
static void
end_reorder(struct faults *f, struct fault_state *s)
{
	(void)s;
	f->w->weather.reorder = 0;
}

/* --- partitions --- */

static void
end_partition(struct faults *f, struct fault_state *s)
{
	(void)s;
	for (uint32_t a = 0; a < f->w->params.sites; a++)
		for (uint32_t b = 0; b < f->w->params.sites; b++)
			world_block(f->w, a, b, false);
}

/* `both`: neither side hears the other; `bridge`: but that one; UINT32_MAX: none. */
static bool
split(struct faults *f, bool both, uint32_t bridge)
{
	uint64_t dice[16]; /* a side for each site */
	struct world *w = f->w;
	for (size_t i = 0; i < LENGTH(dice); i++)
		dice[i] = world_random(w);
	for (uint32_t a = 0; a < w->params.sites; a++) {
		for (uint32_t b = 0; b < w->params.sites; b++) {
			bool side_a = dice[a / 64 % LENGTH(dice)] >> a % 64 & 1;
			bool side_b = dice[b / 64 % LENGTH(dice)] >> b % 64 & 1;
			bool apart = both ? side_a != side_b : side_a && !side_b;
			if (apart && a != bridge && b != bridge)
				world_block(w, a, b, true);
		}
	}
	return true;
}
static bool
begin_halves(struct faults *f, struct fault_state *s)
{
	(void)s;
	return split(f, true, UINT32_MAX);
}
static bool
begin_one_way(struct faults *f, struct fault_state *s)
{
	(void)s;
	return split(f, false, UINT32_MAX);
}
static bool
begin_bridge(struct faults *f, struct fault_state *s)
{
	(void)s;
	return split(f, true, below(f->w, f->w->params.sites));
}
static bool
begin_alone(struct faults *f, struct fault_state *s)
{
	s->victim = below(f->w, f->w->params.sites);
	for (uint32_t i = 0; i < f->w->params.sites; i++) {
		world_block(f->w, s->victim, i, true);
		world_block(f->w, i, s->victim, true);
	}
	return true;
}

/* --- links --- */

static bool
some_link(struct faults *f, struct fault_state *s)
{
	s->victim = below(f->w, f->w->params.sites);
	s->other = below(f->w, f->w->params.sites);
	return s->victim != s->other;
}
static bool
begin_clog(struct faults *f, struct fault_state *s)
{
	if (!some_link(f, s))
		return false;
	f->w->clogged_ms = s->until_ms;
	world_clog(f->w, s->victim, s->other, true);
	return true;
}
static void
end_clog(struct faults *f, struct fault_state *s)
{
	world_clog(f->w, s->victim, s->other, false);
}
static bool
begin_narrow(struct faults *f, struct fault_state *s)
{
	if (!some_link(f, s))
		return false;
	world_shape(f->w, s->victim, s->other, 8000U << below(f->w, 8),
	    2000U << below(f->w, 6));
	return true;
}
static void
end_narrow(struct faults *f, struct fault_state *s)
{
	world_shape(f->w, s->victim, s->other, 0, 0);
}

/* --- sites --- */

static void
end_life(struct faults *f, struct fault_state *s)
{
	if (f->w->sites[s->victim].site == NULL)
		world_start(f->w, s->victim);
}
static bool
begin_kill(struct faults *f, struct fault_state *s)
{
	if (!some_site(f->w, &s->victim))
		return false;
	world_kill(f->w, s->victim);
	return true;
}
static bool
begin_power(struct faults *f, struct fault_state *s)
{
	if (!some_site(f->w, &s->victim))
		return false;
	world_power_cut(f->w, s->victim);
	return true;
}
static bool
begin_stop(struct faults *f, struct fault_state *s)
{
	if (!some_site(f->w, &s->victim))
		return false;
	world_stop(f->w, s->victim);
	return true;
}
static bool
begin_pause(struct faults *f, struct fault_state *s)
{
	if (!some_site(f->w, &s->victim))
		return false;
	world_pause(f->w, s->victim, s->until_ms - f->w->now);
	return true;
}
static void
end_pause(struct faults *f, struct fault_state *s)
{
	if (f->w->sites[s->victim].paused_ms > f->w->now)
		world_pause(f->w, s->victim, 0);
}
static bool
begin_slow(struct faults *f, struct fault_state *s)
{
	s->victim = below(f->w, f->w->params.sites);
	f->w->sites[s->victim].store_ms = 100 + below(f->w, 5000);
	return true;
}
static void
end_slow(struct faults *f, struct fault_state *s)
{
	f->w->sites[s->victim].store_ms = f->w->params.store_ms;
}
static bool
begin_full(struct faults *f, struct fault_state *s)
{
	s->victim = below(f->w, f->w->params.sites);
	f->w->sites[s->victim].store_err = MESH_IO;
	return true;
}
static void
end_full(struct faults *f, struct fault_state *s)
{
	f->w->sites[s->victim].store_err = MESH_OK;
}
static bool
begin_clock(struct faults *f, struct fault_state *s)
{
	static const unix_ms jumps[] = { 10 * YEAR_MS, -10 * YEAR_MS,
		-(unix_ms)1800000000000 /* 1970 */, (unix_ms)3600 * 1000,
		(unix_ms)-3600 * 1000 };
	s->victim = below(f->w, f->w->params.sites);
	f->w->sites[s->victim].clock_ms = jumps[below(f->w, LENGTH(jumps))];
	return true;
}
static void
end_clock(struct faults *f, struct fault_state *s)
{
	f->w->sites[s->victim].clock_ms = 0;
}

/* --- the table --- */

struct fault {
	const char *name;
	uint32_t group; /* 0: on its own */
	uint32_t least_ms, most_ms;
	bool (*begin)(struct faults *f, struct fault_state *s); /* false: not now */
	void (*end)(struct faults *f, struct fault_state *s);
};
enum { GROUP_NONE, GROUP_PARTITION, GROUP_LIFE };
static const struct fault table[FAULT_KINDS] = {
	{ "loss", GROUP_NONE, 500, 20000, begin_loss, end_loss },
	{ "duplicate", GROUP_NONE, 500, 20000, begin_duplicate, end_duplicate },
	{ "corrupt", GROUP_NONE, 500, 20000, begin_corrupt, end_corrupt },
	{ "reorder", GROUP_NONE, 500, 20000, begin_reorder, end_reorder },
	{ "halves", GROUP_PARTITION, 200, 30000, begin_halves, end_partition },
	{ "alone", GROUP_PARTITION, 200, 30000, begin_alone, end_partition },
	{ "one-way", GROUP_PARTITION, 200, 30000, begin_one_way, end_partition },
	{ "bridge", GROUP_PARTITION, 200, 30000, begin_bridge, end_partition },
	{ "clog", GROUP_NONE, 100, 10000, begin_clog, end_clog },
	{ "narrow", GROUP_NONE, 1000, 20000, begin_narrow, end_narrow },
	{ "kill", GROUP_LIFE, 50, 15000, begin_kill, end_life },
	{ "power", GROUP_LIFE, 50, 15000, begin_power, end_life },
	{ "stop", GROUP_LIFE, 50, 15000, begin_stop, end_life },
	{ "pause", GROUP_LIFE, 100, 20000, begin_pause, end_pause },
	{ "slow", GROUP_NONE, 1000, 20000, begin_slow, end_slow },
	{ "full", GROUP_NONE, 1000, 20000, begin_full, end_full },
	{ "clock", GROUP_NONE, 1000, 20000, begin_clock, end_clock },
};

const char *
fault_name(enum fault_kind kind)
{
	return table[kind].name;
}

void
faults_init(struct faults *f, struct world *w, uint32_t mask, double each_s)
{
	*f = (struct faults){
		.w = w, .mask = mask, .each_s = each_s, .was_loss = w->params.loss
	};
	for (uint32_t i = 0; (mask >> FAULT_POWER & 1) != 0 && i < w->params.sites; i++)
		disk_may_lose(w->sites[i].disk);
}

static bool
group_is_busy(const struct faults *f, uint32_t group)
{
	for (size_t k = 0; group != GROUP_NONE && k < FAULT_KINDS; k++)
		if (f->states[k].active && table[k].group == group)
			return true;
	return false;
}

static void
maybe_begin(struct faults *f, size_t kind, uint32_t step_ms)
{
	const struct fault *is = &table[kind];
	struct fault_state *s = &f->states[kind];
	if (!world_chance(f->w, step_ms / (f->each_s * 1000)) ||
	    group_is_busy(f, is->group))
		return;
	s->until_ms = f->w->now + is->least_ms +
	    below(f->w, is->most_ms - is->least_ms);
	s->active = is->begin(f, s);
	f->begun[kind] += s->active;
}

static void
finish(struct faults *f, size_t kind)
{
	f->states[kind].active = false;
	table[kind].end(f, &f->states[kind]);
}

void
faults_step(struct faults *f, uint32_t step_ms)
{
	for (size_t k = 0; k < FAULT_KINDS; k++) {
		if (f->states[k].active && f->states[k].until_ms <= f->w->now)
			finish(f, k);
		else if (!f->states[k].active && (f->mask >> k & 1) != 0)
			maybe_begin(f, k, step_ms);
	}
	world_run(f->w, f->w->now + step_ms);
}

void
faults_end(struct faults *f)
{
	for (size_t k = 0; k < FAULT_KINDS; k++)
		if (f->states[k].active)
			finish(f, k);
}
