#include "inside_own.h"
#include "inside_travel.h"
#include "wire.h"
#include <assert.h>

/* PROTOCOL.md 8: an ECHO gathers stamps on its way, its answer brings them back and
 * gathers its own.  Of a relay with both, the time between them on its own clock is
 * what the rest of the way took; our total less that is the round trip to the relay. */

static struct bytes_view
last_tags(struct bytes_view trail)
{
	if (trail.len <= MESSAGE_WAY_MAX)
		return trail.ptr != NULL ? trail : bytes_view("", 0);
	return bytes_view(trail.ptr + trail.len - MESSAGE_WAY_MAX, MESSAGE_WAY_MAX);
}

void
echo_answer(struct mesh_site *s, const struct apply_record *in, uint64_t number)
{
	uint8_t room[512];
	struct bytes_out out = bytes_out(room, sizeof room);
	const uint8_t *from = peers_at(&s->peers, in->from->peer)->tag;
	struct bytes_view none = bytes_view("", 0);
	struct live_echo_reply reply = { .number = number,
		.hops = in->hop->hops,
		.from = bytes_view(from, MESSAGE_TAG),
		.trail = last_tags(in->hop->trail),
		.stamps = in->hop->stamps.ptr != NULL ? in->hop->stamps : none };
	uint64_t seq;
	enum mesh_err err = wire_encode(&live_echo_reply_table, &reply, &out);
	assert(err == MESH_OK); /* all of it was checked when it came */
	struct mesh_draft d = { LANE_LIVE, LIVE_ECHO_REPLY, 0, &in->record->at.origin,
		bytes_written(&out) };
	err = append_draft(s, &d, &seq, NULL);
	(void)err; /* full: as if it were lost on the way */
}

/* --- the stamps of one direction --- */

enum { STAMPS = MESSAGE_STAMPS_MAX / MESSAGE_STAMP };
struct read_stamp {
	const uint8_t *tag;
	bool holds;
	uint64_t rx_us;
	uint32_t held_us;
};
struct read_stamps {
	struct read_stamp at[STAMPS];
	size_t count;
};

struct direction {
	struct bytes_view trail;
	struct read_stamps stamps;
};

static const struct peer *
peer_of_tag(const struct mesh_site *s, const uint8_t tag[static MESSAGE_TAG])
{
	const struct peer *p;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++)
		if (memcmp(p->tag, tag, MESSAGE_TAG) == 0)
			return p;
	return NULL;
}

/* Does the trail say as well that the record came to `tag` from `from`? */
static bool
trail_agrees(struct bytes_view trail, const uint8_t *from, const uint8_t *tag)
{
	for (size_t i = MESSAGE_TAG; i + MESSAGE_TAG <= trail.len; i += MESSAGE_TAG)
		if (memcmp(trail.ptr + i, tag, MESSAGE_TAG) == 0)
			return memcmp(trail.ptr + i - MESSAGE_TAG, from, MESSAGE_TAG) ==
			    0;
	return false;
}

static void
read_stamps(const struct mesh_site *s, struct stamps_chain chain,
    struct bytes_view stamps, struct direction *out)
{
	struct read_stamps *all = &out->stamps;
	all->count = stamps_count(stamps);
	for (size_t i = 0; i < all->count; i++) {
		struct stamp stamp = stamps_at(stamps, i);
		const struct peer *p = peer_of_tag(s, stamp.tag);
		bool holds = stamps_next(&chain, stamps, i, p != NULL ? &p->key : NULL);
		all->at[i] = (struct read_stamp){ stamp.tag,
			holds && trail_agrees(out->trail, stamp.from, stamp.tag),
			stamp.rx_us, stamp.held_us };
	}
}

static const struct read_stamp *
stamp_of(const struct read_stamps *all, const uint8_t tag[static MESSAGE_TAG])
{
	for (size_t i = 0; i < all->count; i++)
		if (memcmp(all->at[i].tag, tag, MESSAGE_TAG) == 0)
			return &all->at[i];
	return NULL;
}

/* Why a site that passed it on has left no stamp: the first ones took all the room. */
static bool
is_full(const struct read_stamps *all)
{
	size_t good = 0;
	for (size_t i = 0; i < all->count; i++)
		good += all->at[i].holds;
	return good == STAMPS;
}

/* --- the way --- */

/* Does the trail name it, and does its stamp not hold, or is it gone? */
static bool
is_doubtful(const struct direction *d, const uint8_t tag[static MESSAGE_TAG])
{
	const struct read_stamp *stamp = stamp_of(&d->stamps, tag);
	if (stamp != NULL)
		return !stamp->holds;
	return envelope_trail_has(d->trail, tag) && !is_full(&d->stamps);
}

/* From us to the relay and back: all of the time but what it saw pass by itself. */
static void
time_hop(const struct direction *there, const struct direction *back,
    const uint8_t tag[static MESSAGE_TAG], uint64_t total_us, struct mesh_hop *hop)
{
	const struct read_stamp *first = stamp_of(&there->stamps, tag);
	const struct read_stamp *second = stamp_of(&back->stamps, tag);
	hop->is_doubtful = is_doubtful(there, tag) || is_doubtful(back, tag);
	if (hop->is_doubtful || first == NULL || second == NULL)
		return;
	uint64_t behind_us = second->rx_us + second->held_us - first->rx_us;
	hop->is_timed = behind_us <= total_us;
	hop->is_doubtful = !hop->is_timed;
	if (hop->is_timed)
		hop->rtt_us = (uint32_t)(total_us - behind_us);
}

static struct mesh_hop
hop_of(const struct mesh_site *s, const uint8_t tag[static MESSAGE_TAG])
{
	const struct peer *p = peer_of_tag(s, tag);
	struct mesh_hop hop = { .is_known = p != NULL };
	if (p != NULL)
		hop.site = p->key;
	return hop;
}

static void
read_clock(const struct question *q, const struct record *r, uint64_t total_us,
    struct mesh_echo *out)
{
	const unix_ms plausible = 1700000000000;
	out->has_clock = q->asked_unix_ms > plausible && r->time_ms > plausible;
	if (out->has_clock)
		out->clock_ms = r->time_ms - q->asked_unix_ms -
		    (int64_t)(total_us / 2000);
}

static uint32_t
us32(uint64_t us)
{
	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

void
echo_read(const struct mesh_site *s, const struct question *q,
    const struct apply_record *in, const struct live_echo_reply *reply,
    struct mesh_echo *out)
{
	struct direction there = { .trail = reply->trail };
	struct direction back = { .trail = in->hop->trail };
	struct stamps_chain chain;
	uint64_t total_us = inside_us(s) - q->asked_us;
	struct bytes_view trail = reply->trail;
	memcpy(chain.hash, q->chain, sizeof chain.hash);
	read_stamps(s, chain, reply->stamps, &there);
	stamps_begin(&chain, s->network.id, in->record->core);
	read_stamps(s, chain, in->hop->stamps, &back);
	*out = (struct mesh_echo){ .hops = (uint8_t)(reply->hops + 1),
		.hops_back = (uint8_t)(in->hop->hops + 1) };
	out->rtt_us = us32(total_us > reply->held_us ? total_us - reply->held_us : 0);
	read_clock(q, in->record, total_us, out);
	for (size_t i = 0; i < trail.len && out->count + 1 < MESH_WAY_MAX;
	     i += MESSAGE_TAG) {
		const uint8_t *tag = trail.ptr + i;
		if (memcmp(tag, s->tag, MESSAGE_TAG) == 0)
			continue; /* the way begins here */
		struct mesh_hop *hop = &out->way[out->count++];
		*hop = hop_of(s, tag);
		time_hop(&there, &back, tag, total_us, hop);
	}
	bool agrees = trail.len >= MESSAGE_TAG && reply->from.len == MESSAGE_TAG &&
	    memcmp(trail.ptr + trail.len - MESSAGE_TAG, reply->from.ptr, MESSAGE_TAG) ==
		0;
	out->way[out->count++] = (struct mesh_hop){ .site = in->record->at.origin,
		.is_known = true,
		.is_timed = true,
		.is_doubtful = !agrees,
		.rtt_us = out->rtt_us };
}
