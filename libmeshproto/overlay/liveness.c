#include "liveness.h"

static mesh_time_ms
rest_until(const struct liveness *l, uint32_t dice, mesh_time_ms now)
{
	uint32_t p = l->period_ms;
	p = p - p / 10 + dice % (p / 5 + 1); /* +-10 % */
	return now + (l->pinged_last ? p : p + p / 10);
}

void
liveness_start(struct liveness *l, uint32_t period_ms, uint32_t dice, mesh_time_ms now)
{
	*l = (struct liveness){ .period_ms = period_ms,
		.ping_id = (uint16_t)(dice >> 16),
		.heard_ms = now };
	if (period_ms == 0)
		l->period_ms = LIVENESS_PERIOD_MS;
	l->due_ms = rest_until(l, dice, now);
}

bool
liveness_heard(struct liveness *l, uint32_t dice, mesh_time_ms now)
{
	bool back = l->state == LIVENESS_SILENT;
	l->state = LIVENESS_GOOD;
	l->probes = 0;
	l->heard_ms = now;
	l->due_ms = rest_until(l, dice, now);
	return back;
}

void
liveness_pinged(struct liveness *l)
{
	l->pinged_last = false;
}

bool
liveness_ponged(struct liveness *l, uint16_t id, uint32_t held_ms, mesh_time_ms now,
    uint32_t *rtt_us)
{
	if (l->ping_ms == 0 || id != l->ping_id)
		return false;
	mesh_time_ms took = now + 1 - l->ping_ms; /* ping_ms is kept one higher */
	l->ping_ms = 0;
	*rtt_us = took > held_ms ? (uint32_t)((took - held_ms) * 1000) : 1;
	return true;
}

static enum liveness_action
ping(struct liveness *l, uint32_t patience_ms, mesh_time_ms now)
{
	l->pinged_last = true;
	l->ping_id++;
	l->ping_ms = now + 1; /* 0 means none is out */
	l->due_ms = now + patience_ms;
	return LIVENESS_PING;
}

static enum liveness_action
burst(struct liveness *l, unsigned probes, mesh_time_ms now)
{
	if (l->probes < probes) {
		l->state = LIVENESS_PROBING;
		l->probes++;
		return ping(l, LIVENESS_PROBE_MS, now);
	}
	l->state = LIVENESS_SILENT;
	l->due_ms = now + l->period_ms;
	return LIVENESS_ACCUSE;
}

enum liveness_action
liveness_tick(struct liveness *l, uint32_t wait_ms, unsigned probes, uint32_t dice,
    mesh_time_ms now)
{
	if (now < l->due_ms)
		return LIVENESS_REST;
	bool late = now > l->due_ms + LIVENESS_LATE_MS;
	bool asking = l->state == LIVENESS_WAITING || l->state == LIVENESS_PROBING;
	if (late && asking) { /* we slept: their answer may lie in the socket */
		l->state = LIVENESS_GOOD;
		l->probes = 0;
		l->due_ms = rest_until(l, dice, now);
		return LIVENESS_REST;
	}
	switch ((enum liveness_state)l->state) {
	case LIVENESS_GOOD:
		l->state = LIVENESS_WAITING;
		return ping(l, wait_ms, now);
	case LIVENESS_WAITING:
	case LIVENESS_PROBING:
		return burst(l, probes, now);
	case LIVENESS_SILENT: /* keep knocking */
		return ping(l, l->period_ms, now);
	}
	return LIVENESS_REST;
}

void
liveness_ask(struct liveness *l, mesh_time_ms now)
{
	if (l->state == LIVENESS_GOOD)
		l->due_ms = now;
}

void
liveness_doubt(struct liveness *l, mesh_time_ms now)
{
	if (l->state == LIVENESS_GOOD || l->state == LIVENESS_WAITING) {
		l->state = LIVENESS_WAITING;
		l->due_ms = now;
	}
}

bool
liveness_is_silent(const struct liveness *l)
{
	return l->state == LIVENESS_SILENT;
}
