#include "liveness.h"

static void
settle(struct liveness *l, mesh_time_ms due_ms)
{
	l->state = LIVENESS_GOOD;
	l->probes = 0;
	l->due_ms = due_ms;
}

static void
rest(struct liveness *l, uint32_t dice, mesh_time_ms now)
{
	uint32_t p = l->period_ms;
	p = p - p / 10 + dice % (p / 5 + 1); /* +-10 % */
	settle(l, now + (l->pinged_last ? p : p + p / 10));
}

/* A flood comes to all who watch a site at once; if it dies next, one of them shall
 * notice soon: anywhere in the later half of a period. */
static void
scatter(struct liveness *l, uint32_t dice, mesh_time_ms now)
{
	uint32_t half = l->period_ms / 2;
	if (l->steady)
		rest(l, dice, now);
	else
		settle(l, now + half + dice % (half + 1));
}

void
liveness_start(struct liveness *l, uint32_t period_ms, uint32_t dice, mesh_time_ms now)
{
	*l = (struct liveness){ .period_ms = period_ms,
		.ping_id = (uint16_t)(dice >> 16),
		.unplaced = true,
		.heard_ms = now };
	rest(l, dice, now);
}

bool
liveness_heard(struct liveness *l, uint32_t dice, mesh_time_ms now)
{
	bool back = l->state == LIVENESS_SILENT;
	l->vouched = false;
	l->heard_ms = now;
	scatter(l, dice, now);
	return back;
}

void
liveness_pinged(struct liveness *l, uint32_t dice, mesh_time_ms now)
{
	l->pinged_last = false;
	rest(l, dice, now);
}

bool
liveness_ponged(struct liveness *l, const struct liveness_pong *pong, mesh_time_ms now,
    uint32_t *rtt_us)
{
	rest(l, pong->dice, now);
	if (l->ping_ms == 0 || pong->id != l->ping_id)
		return false;
	mesh_time_ms took = now + 1 - l->ping_ms; /* ping_ms is kept one higher */
	l->ping_ms = 0;
	*rtt_us = took > pong->held_ms ? (uint32_t)((took - pong->held_ms) * 1000) : 1;
	return true;
}

static void
ping(struct liveness *l, uint32_t patience_ms, mesh_time_ms now)
{
	l->pinged_last = true;
	l->ping_id++;
	l->ping_ms = now + 1; /* 0 means none is out */
	l->due_ms = now + patience_ms;
}

static enum liveness_action
burst(struct liveness *l, const struct liveness_patience *patience, mesh_time_ms now)
{
	if (l->probes == 0)
		l->burst = (uint8_t)patience->probes;
	if (l->probes < l->burst) {
		bool first = l->probes++ == 0 && !l->doubted;
		l->state = LIVENESS_PROBING;
		ping(l, patience->probe_ms, now);
		return first ? LIVENESS_PROBE : LIVENESS_PING;
	}
	l->state = LIVENESS_SILENT;
	l->due_ms = now + l->period_ms;
	return l->vouched ? LIVENESS_QUIT : LIVENESS_ACCUSE;
}

enum liveness_action
liveness_tick(
    struct liveness *l, const struct liveness_patience *patience, mesh_time_ms now)
{
	if (now < l->due_ms)
		return LIVENESS_REST;
	switch ((enum liveness_state)l->state) {
	case LIVENESS_GOOD:
		l->state = LIVENESS_WAITING;
		l->doubted = l->hinted = false;
		ping(l, patience->wait_ms, now);
		return LIVENESS_PING;
	case LIVENESS_WAITING:
	case LIVENESS_PROBING:
		return burst(l, patience, now);
	case LIVENESS_SILENT: /* keep knocking */
		ping(l, l->period_ms, now);
		return LIVENESS_PING;
	}
	return LIVENESS_REST;
}

void
liveness_ask(struct liveness *l, mesh_time_ms now)
{
	if (l->state == LIVENESS_GOOD)
		l->due_ms = now;
}

static bool
burst_now(struct liveness *l, mesh_time_ms now)
{
	if (l->state != LIVENESS_GOOD && l->state != LIVENESS_WAITING)
		return false;
	l->state = LIVENESS_PROBING;
	l->probes = 0;
	l->due_ms = now;
	return true;
}

void
liveness_doubt(struct liveness *l, mesh_time_ms now)
{
	if (burst_now(l, now))
		l->doubted = true;
}

bool
liveness_hint(struct liveness *l, mesh_time_ms now)
{
	if (l->hinted || !burst_now(l, now))
		return false;
	l->hinted = true;
	l->doubted = false; /* nobody has asked around yet */
	return true;
}

bool
liveness_vouch(struct liveness *l, uint16_t id, uint32_t dice, mesh_time_ms now)
{
	bool asked = l->state == LIVENESS_PROBING && !l->doubted &&
	    (uint16_t)(l->ping_id - id) < l->probes;
	if (!asked)
		return false;
	bool again = l->vouched;
	l->vouched = true;
	if (!again)
		rest(l, dice, now);
	return true;
}

void
liveness_excuse(struct liveness *l, uint32_t dice, mesh_time_ms now)
{
	if (l->state == LIVENESS_WAITING || l->state == LIVENESS_PROBING)
		rest(l, dice, now);
}

bool
liveness_is_silent(const struct liveness *l)
{
	return l->state == LIVENESS_SILENT;
}
