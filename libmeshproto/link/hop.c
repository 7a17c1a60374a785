#include "hop.h"
#include "mesh_counters.h"
#include "wire.h"
#include <assert.h>

enum {
	SAME_TICK_US = 500, /* what a round trip within one millisecond counts for */
	FORGET_AFTER = 16,  /* slow answers to the smallest window */
	MTU_MORE = 2        /* more than of PINGs: those who wait for these have time */
};

void
hop_init(struct hop *h, uint64_t *counters)
{
	*h = (struct hop){ .window = HOP_WINDOW, .ack_due_ms = MESH_NEVER };
	h->counters = counters;
	rtt_init(&h->rtt);
}

static void
free_slot(struct hop *h, struct parcels *ps, struct hop_slot *slot)
{
	for (size_t i = 0; i < slot->count; i++)
		parcel_release(ps, slot->frames[i]);
	*slot = (struct hop_slot){ 0 };
	h->out--;
	if (h->filling == slot)
		h->filling = NULL;
}

void
hop_clear(struct hop *h, struct parcels *ps)
{
	for (size_t i = 0; i < HOP_OUT; i++)
		if (h->slots[i].count > 0)
			free_slot(h, ps, &h->slots[i]);
	hop_new_session(h);
}

void
hop_new_session(struct hop *h)
{
	for (size_t i = 0; i < HOP_OUT; i++) {
		h->slots[i].due_now = h->slots[i].count > 0;
		h->slots[i].flying = false;
	}
	h->has_ack = false;
	h->ack_due_ms = MESH_NEVER;
	h->filling = NULL;
}

/* --- sending --- */

static bool
is_due(const struct hop_slot *slot, mesh_time_ms now)
{
	return slot->count > 0 && (slot->due_now || now >= slot->due_ms);
}

static struct hop_slot *
due_slot(struct hop *h, mesh_time_ms now)
{
	struct hop_slot *first = NULL;

	for (size_t i = 0, left = h->out; left > 0 && i < HOP_OUT; i++) {
		struct hop_slot *slot = &h->slots[i];
		left -= slot->count > 0;
		if (is_due(slot, now) &&
		    (first == NULL || slot->due_ms < first->due_ms))
			first = slot;
	}
	return first;
}

/* When a datagram that was not sent before may go out. */
static mesh_time_ms
turn(const struct hop *h, const struct pace *q, mesh_time_ms now)
{
	if (pace_has_urgent(q) && h->out < HOP_OUT)
		return now;
	if (h->out >= h->window || pace_is_empty(q))
		return MESH_NEVER;
	bool full = pace_fills(q, HOP_FRAMES, HOP_FULL);
	return full || h->gap_ms <= now ? now : h->gap_ms;
}

bool
hop_wants(const struct hop *h, const struct pace *q, mesh_time_ms now)
{
	return hop_deadline(h, q, now) <= now;
}

mesh_time_ms
hop_deadline(const struct hop *h, const struct pace *q, mesh_time_ms now)
{
	mesh_time_ms new = turn(h, q, now);
	mesh_time_ms soonest = new < h->ack_due_ms ? new : h->ack_due_ms;

	if (pace_has_link(q) || soonest <= now)
		return now;
	for (size_t i = 0, left = h->out; left > 0 && i < HOP_OUT; i++) {
		left -= h->slots[i].count > 0;
		if (is_due(&h->slots[i], now))
			return now;
		if (h->slots[i].count > 0 && h->slots[i].due_ms < soonest)
			soonest = h->slots[i].due_ms;
	}
	return soonest;
}

static void
put_ack(struct hop *h, struct bytes_out *out, mesh_time_ms now)
{
	const struct frame_ack ack = { .counter = h->ack_counter, .bits = h->ack_bits };

	if (h->ack_due_ms == MESH_NEVER ||
	    wire_encode_numbered(&frame_ack_table, FRAME_ACK, &ack, out) != MESH_OK)
		return; /* no room: it stays due */
	h->unsaid = 0;
	h->acks_left--;
	h->ack_due_ms = h->acks_left > 0 ? now + HOP_ACK_AGAIN_MS : MESH_NEVER;
}

static void
put_link_frames(
    struct pace *q, struct parcels *ps, struct bytes_out *out, mesh_time_ms now)
{
	struct handle p;

	while ((p = pace_take_link(q, ps, out->cap - out->len, now)).generation != 0) {
		enum mesh_err err = parcel_write(parcel_at(ps, p), now, out);
		assert(err == MESH_OK); /* its length was asked for */
		(void)err;
		parcel_release(ps, p);
	}
}

static void
step_back(struct hop *h, uint32_t by, mesh_time_ms now)
{
	if (now - h->halved_ms < rtt_retry_ms(&h->rtt, 0))
		return;
	h->halved_ms = now;
	h->steady = true;
	h->credit = 0;
	h->window = h->window > by + HOP_WINDOW_MIN ? h->window - by : HOP_WINDOW_MIN;
}

static void
note_timeout(struct hop *h, mesh_time_ms now)
{
	rtt_lost(&h->rtt);
	step_back(h, h->window / 2, now);
}

static size_t
slot_length(const struct parcels *ps, const struct hop_slot *slot)
{
	size_t len = 0;

	for (size_t i = 0; i < slot->count; i++)
		len += parcel_length(parcel_at(ps, slot->frames[i]));
	return len;
}

/* A datagram that nobody acknowledged, in a new one. */
static void
fill_again(struct hop *h, struct parcels *ps, struct hop_slot *slot,
    struct bytes_out *out, mesh_time_ms now)
{
	if (!slot->due_now) {
		note_timeout(h, now);
		mtu_lost(&h->mtu, slot->len, rtt_probes(&h->rtt) + MTU_MORE, now);
		if (slot->attempt >= RTT_TRIES) {
			h->counters[COUNT_TX_GAVE_UP]++;
			free_slot(h, ps, slot);
			return;
		}
	}
	if (slot_length(ps, slot) > out->cap - out->len) {
		assert(out->len > 0);
		slot->due_now = true; /* the next datagram has nothing before it */
		return;
	}
	for (size_t i = 0; i < slot->count; i++) {
		enum mesh_err err = parcel_write(
		    parcel_at(ps, slot->frames[i]), now, out);
		assert(err == MESH_OK);
		(void)err;
	}
	h->filling = slot;
}

static struct hop_slot *
free_slot_of(struct hop *h)
{
	for (size_t i = 0; i < HOP_OUT; i++)
		if (h->slots[i].count == 0)
			return &h->slots[i];
	return NULL;
}

static void
fill_new(struct hop *h, struct pace *q, struct parcels *ps, struct bytes_out *out,
    mesh_time_ms now)
{
	struct hop_slot *slot = free_slot_of(h);
	struct handle p;
	/* When it is sent again all frames are at their longest, and an ACK before
	 * them. */
	size_t used = out->len + PARCEL_ACK_MAX;

	assert(slot != NULL); /* out < window <= HOP_OUT */
	while (slot->count < HOP_FRAMES) {
		p = pace_take(q, ps, out->cap > used ? out->cap - used : 0, now);
		const struct parcel *frame = parcel_at(ps, p);
		if (frame == NULL)
			break;
		used += parcel_length(frame);
		enum mesh_err err = parcel_write(frame, now, out);
		assert(err == MESH_OK);
		(void)err;
		if (frame->acked)
			slot->frames[slot->count++] = p;
		else
			parcel_release(ps, p);
	}
	if (slot->count == 0)
		return;
	slot->due_now = true; /* until hop_sent */
	h->gap_ms = now + HOP_GAP_MS;
	h->out++;
	h->filling = slot;
}

void
hop_fill(struct hop *h, struct pace *q, struct parcels *ps, struct bytes_out *out,
    mesh_time_ms now)
{
	struct hop_slot *due = due_slot(h, now);

	h->filling = NULL;
	put_link_frames(q, ps, out, now);
	put_ack(h, out, now);
	if (due != NULL)
		fill_again(h, ps, due, out, now);
	else if (turn(h, q, now) <= now)
		fill_new(h, q, ps, out, now);
	if (h->filling != NULL)
		h->filling->len = (uint16_t)out->len;
}

struct handle
hop_take_long(struct hop *h, const struct parcels *ps, size_t most)
{
	for (size_t i = 0; h->out > 0 && i < HOP_OUT; i++) {
		struct hop_slot *slot = &h->slots[i];
		if (slot_length(ps, slot) <= most)
			continue;
		struct handle frame = slot->frames[--slot->count];
		slot->due_now = true;
		if (slot->count > 0)
			return frame;
		*slot = (struct hop_slot){ 0 };
		h->out--;
		if (h->filling == slot)
			h->filling = NULL;
		return frame;
	}
	return (struct handle){ 0, 0 };
}

void
hop_sent(struct hop *h, uint32_t counter, mesh_time_ms now)
{
	struct hop_slot *slot = h->filling;

	h->filling = NULL;
	if (slot == NULL)
		return;
	if (slot->attempt > 0)
		h->counters[COUNT_TX_RETRY]++;
	slot->before = slot->flying ? slot->counter : counter;
	slot->counter = counter;
	slot->flying = true;
	slot->due_now = false;
	slot->sent_ms = now;
	slot->due_ms = now + rtt_retry_ms(&h->rtt, slot->attempt);
	slot->attempt++;
}

/* --- acknowledgements --- */

/* A lost ACK costs all the records of a datagram once more, and is small itself: what
 * half the round trips are lost on hears it four times before it would send again. */
static uint8_t
ack_times(const struct hop *h)
{
	unsigned times = 1 + (unsigned)(rtt_loss(&h->rtt) * 6);
	return (uint8_t)(times < HOP_ACKS ? times : HOP_ACKS);
}

void
hop_decided(struct hop *h, uint32_t counter, mesh_time_ms now)
{
	uint32_t ahead = counter - h->ack_counter, behind = h->ack_counter - counter;

	if (!h->has_ack) {
		h->has_ack = true;
		h->ack_counter = counter;
		h->ack_bits = 0;
	} else if (counter > h->ack_counter) {
		h->ack_bits = ahead < 64 ? h->ack_bits << ahead : 0;
		if (ahead <= 64)
			h->ack_bits |= 1ULL << (ahead - 1);
		h->ack_counter = counter;
	} else if (behind >= 1 && behind <= 64) {
		h->ack_bits |= 1ULL << (behind - 1);
	}
	h->acks_left = ack_times(h);
	if (h->unsaid < HOP_ACK_MANY)
		h->unsaid++;
	mesh_time_ms due = h->unsaid < HOP_ACK_MANY ? now + HOP_ACK_MS : now;
	if (due < h->ack_due_ms)
		h->ack_due_ms = due;
}

static bool
names(uint32_t counter, uint64_t bits, uint32_t one)
{
	uint32_t behind = counter - one;

	if (one > counter)
		return false;
	return behind == 0 || (behind <= 64 && (bits >> (behind - 1) & 1) != 0);
}

/* The round trip in microseconds; 0: not known. */
static uint32_t
measure(struct hop *h, const struct hop_slot *slot, mesh_time_ms now)
{
	const uint64_t longest_us = 60000000; /* a minute */
	uint64_t us = (now - slot->sent_ms) * 1000;

	if (slot->attempt != 1) /* Karn: whose ACK is it? */
		return 0;
	us = us > 0 ? us : SAME_TICK_US;
	us = us < longest_us ? us : longest_us;
	rtt_measured(&h->rtt, (uint32_t)us);
	return (uint32_t)us;
}

/* So few datagrams make no queue: the way has become longer. */
static void
forget_best(struct hop *h, uint32_t us)
{
	if (h->window > HOP_WINDOW_MIN || ++h->credit < FORGET_AFTER)
		return;
	h->credit = 0;
	h->rtt.best_us = us;
}

static void
open_window(struct hop *h, uint32_t us, mesh_time_ms now)
{
	if (us > h->rtt.best_us + HOP_QUEUE_US) {
		step_back(h, (h->window + 3) / 4, now);
		forget_best(h, us);
		return;
	}
	if (us > h->rtt.best_us + HOP_QUEUE_US / 4)
		h->steady = true; /* a queue begins: double no further (RFC 9406) */
	if (h->window == HOP_OUT || (h->steady && ++h->credit < h->window))
		return;
	h->credit = 0;
	h->window++;
}

void
hop_acked(struct hop *h, struct parcels *ps, uint32_t counter, uint64_t bits,
    mesh_time_ms now)
{
	for (size_t i = 0, left = h->out; left > 0 && i < HOP_OUT; i++) {
		struct hop_slot *slot = &h->slots[i];
		left -= slot->count > 0;
		if (slot->count == 0 || !slot->flying ||
		    !(names(counter, bits, slot->counter) ||
			names(counter, bits, slot->before)))
			continue;
		uint32_t us = measure(h, slot, now);
		mtu_passed(&h->mtu, slot->len);
		free_slot(h, ps, slot);
		open_window(h, us, now);
	}
}

static void
take_out(struct hop_slot *slot, struct parcels *ps, const struct dedup_mark *mark)
{
	uint8_t kept = 0;

	for (size_t i = 0; i < slot->count; i++)
		if (parcel_is_copy(ps, slot->frames[i], mark))
			parcel_release(ps, slot->frames[i]);
		else
			slot->frames[kept++] = slot->frames[i];
	slot->count = kept;
}

void
hop_seen(struct hop *h, struct parcels *ps, const struct dedup_mark *mark)
{
	for (size_t i = 0, left = h->out; left > 0 && i < HOP_OUT; i++) {
		struct hop_slot *slot = &h->slots[i];
		if (slot->count == 0)
			continue;
		left--;
		take_out(slot, ps, mark);
		if (slot->count == 0)
			free_slot(h, ps, slot);
	}
}

static bool
slot_has(const struct hop_slot *slot, const struct parcels *ps, struct handle parcel)
{
	for (size_t i = 0; i < slot->count; i++) {
		struct handle frame = slot->frames[i];
		if (parcel_stands_for(parcel_at(ps, frame), frame, parcel))
			return true;
	}
	return false;
}

bool
hop_has(const struct hop *h, const struct parcels *ps, struct handle parcel)
{
	for (size_t i = 0; h->out > 0 && i < HOP_OUT; i++)
		if (slot_has(&h->slots[i], ps, parcel))
			return true;
	return false;
}
