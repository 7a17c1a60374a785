#include "beacon.h"
#include "seal.h"

static const uint16_t quick_start_ms[] = { 250, 1000, 2000, 5000 };
enum {
	FIRST_MS = 50,
	GREETINGS = 1, /* steps that no crowd slows down */
	EXTRA_EACH_MS = 5,
	EXTRA_MAX_MS = 250
};

void
beacon_init(struct beacon *b, uint32_t period_ms)
{
	*b = (struct beacon){ .period_ms = period_ms > 0 ? period_ms
							 : BEACON_PERIOD_MS };
}

static struct beacon_segment *
segment_of(struct beacon *b, uint16_t iface)
{
	for (size_t i = 0; i < BEACON_SEGMENTS; i++)
		if (b->segments[i].iface == iface)
			return &b->segments[i];
	return NULL;
}

bool
beacon_up(struct beacon *b, uint16_t iface, uint32_t dice, mesh_time_ms now)
{
	if (iface == 0 || segment_of(b, iface) != NULL)
		return iface != 0;
	struct beacon_segment *free = segment_of(b, 0);
	if (free == NULL)
		return false;
	*free = (struct beacon_segment){ .iface = iface,
		.due_ms = now + dice % (FIRST_MS + 1),
		.extra_ms = MESH_NEVER };
	return true;
}

void
beacon_down(struct beacon *b, uint16_t iface)
{
	struct beacon_segment *gone = iface != 0 ? segment_of(b, iface) : NULL;
	if (gone != NULL)
		*gone = (struct beacon_segment){ .iface = 0 };
}

static uint32_t
crowds_on(const struct beacon_segment *s)
{
	uint32_t crowds = (s->known + BEACON_CROWD - 1U) / BEACON_CROWD;
	return crowds > 0 ? crowds : 1;
}

static mesh_time_ms
period_of(const struct beacon *b, const struct beacon_segment *s, uint32_t dice)
{
	uint32_t base = b->period_ms * crowds_on(s);
	return base - base / 10 + dice % (base / 5 + 1); /* +-10 % */
}

static mesh_time_ms
step_of(struct beacon_segment *s)
{
	bool greeting = s->step < GREETINGS;
	return (mesh_time_ms)quick_start_ms[s->step++] * (greeting ? 1 : crowds_on(s));
}

static void
move_on(struct beacon *b, struct beacon_segment *s, uint32_t dice, mesh_time_ms now)
{
	if (s->extra_ms <= now)
		s->extra_ms = MESH_NEVER;
	if (s->due_ms > now)
		return; /* only the extra one was due */
	s->due_ms = now;
	if (s->step < LENGTH(quick_start_ms))
		s->due_ms += step_of(s);
	else
		s->due_ms += period_of(b, s, dice);
}

static mesh_time_ms
next_of(const struct beacon_segment *s)
{
	if (s->iface == 0)
		return MESH_NEVER;
	return s->due_ms < s->extra_ms ? s->due_ms : s->extra_ms;
}

bool
beacon_due(struct beacon *b, uint32_t dice, mesh_time_ms now, uint16_t *iface)
{
	for (size_t i = 0; i < BEACON_SEGMENTS; i++) {
		struct beacon_segment *s = &b->segments[i];
		if (next_of(s) > now)
			continue;
		*iface = s->iface;
		move_on(b, s, dice, now);
		return true;
	}
	return false;
}

mesh_time_ms
beacon_deadline(const struct beacon *b)
{
	mesh_time_ms soonest = MESH_NEVER;
	for (size_t i = 0; i < BEACON_SEGMENTS; i++)
		if (next_of(&b->segments[i]) < soonest)
			soonest = next_of(&b->segments[i]);
	return soonest;
}

void
beacon_crowd(struct beacon *b, uint16_t iface, uint32_t known)
{
	struct beacon_segment *s = iface != 0 ? segment_of(b, iface) : NULL;
	if (s != NULL)
		s->known = known;
}

/* Each throws a die, and about BEACON_ANSWERS answer. */
static bool
is_chosen(const struct beacon_segment *s, uint32_t dice)
{
	return s->known <= BEACON_ANSWERS || dice % s->known < BEACON_ANSWERS;
}

void
beacon_newcomer(struct beacon *b, uint16_t iface, uint32_t dice, mesh_time_ms now)
{
	struct beacon_segment *s = iface != 0 ? segment_of(b, iface) : NULL;
	if (s == NULL)
		return;
	s->known++;
	if (s->extra_ms != MESH_NEVER || now < s->extra_after_ms ||
	    s->due_ms <= now + EXTRA_MAX_MS || !is_chosen(s, dice))
		return;
	uint32_t spread = EXTRA_EACH_MS * s->known;
	spread = spread < EXTRA_MAX_MS ? spread : EXTRA_MAX_MS;
	s->extra_ms = now + (dice >> 16) % (spread + 1);
	s->extra_after_ms = s->extra_ms + BEACON_EXTRA_GAP_MS;
}

enum mesh_err
beacon_close(const struct beacon_seal *with, struct bytes_view bundle,
    struct bytes_out *datagram)
{
	size_t start = datagram->len;
	envelope_put_beacon(datagram, with->hint, with->nonce);
	uint8_t *sealed = bytes_room(datagram, bundle.len + SEAL_TAG);
	if (sealed == NULL || datagram->len - start > ENVELOPE_MAX) {
		datagram->len = start;
		return MESH_FULL;
	}
	struct bytes_view ad = { datagram->ptr + start, 1 + 4 };
	seal_close_x(with->key, with->nonce, ad, bundle, sealed);
	return MESH_OK;
}

enum mesh_err
beacon_open(const struct beacon_seal *with, const struct envelope *env, uint8_t *plain,
    struct bytes_view *bundle)
{
	if (env->sealed.len < SEAL_TAG ||
	    !seal_open_x(with->key, env->nonce, env->head, env->sealed, plain))
		return MESH_DENIED;
	*bundle = bytes_view(plain, env->sealed.len - SEAL_TAG);
	return MESH_OK;
}
