#include "exchange.h"
#include <string.h>

void
exchange_begin(struct exchange *e, mesh_time_ms now)
{
	*e = (struct exchange){ .gap_ms = EXCHANGE_GAP_MS,
		.differ_ms = MESH_NEVER,
		.next_ms = now,
		.said_ms = now };
}

bool
exchange_tells(const struct exchange *e, const struct digest *ours)
{
	return e->said != ours->version;
}

void
exchange_said(struct exchange *e, const struct digest *ours, mesh_time_ms now)
{
	e->said = ours->version;
	e->said_ms = now;
}

bool
exchange_is_overdue(
    const struct exchange *e, const struct digest *ours, mesh_time_ms now)
{
	return exchange_tells(e, ours) && now >= e->said_ms + EXCHANGE_TELL_MS;
}

void
exchange_heard(struct exchange *e, const uint8_t theirs[static DIGEST])
{
	memcpy(e->theirs, theirs, sizeof e->theirs);
	if (!e->heard)
		e->differ_ms = MESH_NEVER;
	e->heard = true;
	exchange_answered(e);
}

void
exchange_answered(struct exchange *e)
{
	e->spared = false;
	e->in_vain = 0;
}

bool
exchange_is_mute(const struct exchange *e, mesh_time_ms now)
{
	return e->in_vain >= EXCHANGE_MUTE_ASKED &&
	    now >= e->asked_ms + EXCHANGE_MUTE_MS;
}

static void
asked(struct exchange *e, mesh_time_ms now)
{
	if (e->in_vain == 0)
		e->asked_ms = now;
	if (e->in_vain < EXCHANGE_MUTE_ASKED)
		e->in_vain++;
}

static mesh_time_ms
ask_at(const struct exchange *e)
{
	return e->differ_ms + (e->heard ? EXCHANGE_DIFFER_MS : EXCHANGE_UNHEARD_MS);
}

static bool
is_settled(const struct exchange *e, const uint8_t *ours)
{
	return e->is_settled && memcmp(e->settled[0], ours, DIGEST) == 0 &&
	    memcmp(e->settled[1], e->theirs, DIGEST) == 0;
}

bool
exchange_is_even(const struct exchange *e, struct digest *ours)
{
	return e->heard && memcmp(digest_sum(ours), e->theirs, DIGEST) == 0;
}

bool
exchange_due(struct exchange *e, struct digest *ours, mesh_time_ms now)
{
	const uint8_t *sum = digest_sum(ours);
	if (e->heard && (memcmp(sum, e->theirs, DIGEST) == 0 || is_settled(e, sum))) {
		e->differ_ms = MESH_NEVER;
		return false;
	}
	if (e->differ_ms == MESH_NEVER)
		e->differ_ms = now;
	if (now < ask_at(e) || now < e->next_ms)
		return false;
	e->found = e->blocked = false;
	e->next_ms = now + e->gap_ms;
	asked(e, now);
	return true;
}

void
exchange_found(struct exchange *e, bool blocked)
{
	e->found = e->found || !blocked;
	e->blocked = e->blocked || blocked;
}

void
exchange_done(struct exchange *e, struct digest *ours, mesh_time_ms now)
{
	uint32_t doubled = 2 * e->gap_ms;
	e->is_settled = !e->found && !e->blocked;
	if (e->found) {
		e->gap_ms = EXCHANGE_GAP_MS;
	} else {
		memcpy(e->settled[0], digest_sum(ours), DIGEST);
		memcpy(e->settled[1], e->theirs, DIGEST);
		e->gap_ms = doubled < EXCHANGE_GAP_MAX_MS ? doubled
							  : EXCHANGE_GAP_MAX_MS;
	}
	e->next_ms = now + e->gap_ms;
}

void
exchange_asked(struct exchange *e, mesh_time_ms now)
{
	if (!e->spared && e->next_ms < now + EXCHANGE_GAP_MS)
		e->next_ms = now + EXCHANGE_GAP_MS;
	e->spared = true;
}

void
exchange_hurry(struct exchange *e, mesh_time_ms now)
{
	if (e->next_ms > now + EXCHANGE_HURRY_MS)
		e->next_ms = now + EXCHANGE_HURRY_MS;
}

mesh_time_ms
exchange_deadline(const struct exchange *e, const struct digest *ours)
{
	mesh_time_ms tell = exchange_tells(e, ours) ? e->said_ms + EXCHANGE_TELL_MS
						    : MESH_NEVER;
	if (e->differ_ms == MESH_NEVER)
		return tell;
	mesh_time_ms ask = ask_at(e);
	if (ask < e->next_ms)
		ask = e->next_ms;
	return ask < tell ? ask : tell;
}
