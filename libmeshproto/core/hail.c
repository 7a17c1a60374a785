#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "inside_trust.h"
#include "wire.h"

/* --- ours --- */

static struct beacon_seal
sealing(const struct netkey *keys, const uint8_t *nonce)
{
	return (struct beacon_seal){ keys->hint, keys->beacon, nonce };
}

bool
hail_make(struct mesh_site *s, struct bytes_out *datagram)
{
	uint8_t body_bytes[128], bundle_bytes[512], nonce[24];
	struct bytes_out body = bytes_out(body_bytes, sizeof body_bytes);
	struct bytes_out bundle = bytes_out(bundle_bytes, sizeof bundle_bytes);
	struct live_beacon b = { .boot_id = bytes_view(s->boot_id, sizeof s->boot_id),
		.proto_min = INSIDE_PROTO,
		.proto_max = INSIDE_PROTO,
		.features = INSIDE_FEATURES,
		.digest = bytes_view(digest_sum(&s->holdings.digest), DIGEST),
		.links = (uint8_t)pool_taken(&s->neighbours),
		.name = { s->name, s->name_len } };
	s->random(s->random_ctx, nonce, sizeof nonce);
	struct beacon_seal with = sealing(&s->ring.keys[NETKEY_CURRENT], nonce);
	return wire_encode(&live_beacon_table, &b, &body) == MESH_OK &&
	    append_sign_live(s, LIVE_BEACON, bytes_written(&body), &bundle) ==
	    MESH_OK &&
	    beacon_close(&with, bytes_written(&bundle), datagram) == MESH_OK;
}

/* --- theirs --- */

struct hail { /* a beacon as far as it was read */
	struct record record;
	struct live_beacon body;
	const struct mesh_path *from;
	const struct netkey *keys; /* it was sent under */
};

/* Our own key: our voice come back, an old recording of it, or a second body.  What a
 * former life of ours said may come again, and as often as somebody likes. */
static void
hear_ourselves(struct mesh_site *s, const struct hail *h)
{
	uint64_t boot = h->record.at.epoch;
	uint64_t least = s->former && s->cloned_ms == 0 ? s->boot : s->begun;
	if (memcmp(h->body.boot_id.ptr, s->boot_id, sizeof s->boot_id) == 0 ||
	    boot < least) {
		inside_count(s, COUNT_RX_BEACON_OLD);
		return;
	}
	recover_clone(s, boot, &s->identity.key, h->from);
}

static bool
is_older(const struct peer *p, const struct record *r)
{
	return p != NULL &&
	    (r->at.epoch < p->boot ||
		(r->at.epoch == p->boot && r->at.seq <= p->beacon_seq));
}

/* Looked up once per beacon of ours: they come far more often. */
uint32_t
hail_known(const struct mesh_site *s, uint16_t iface)
{
	const struct peer *p;
	uint32_t known = 0;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++)
		if (p->met && p->addr.iface == iface)
			known++;
	return known;
}

/* It discovers an address and a boot; it never proves life and moves no session. */
static void
meet(struct mesh_site *s, const struct hail *h)
{
	struct handle row = peering_row(s, &h->record.at.origin);
	struct peer *p = peers_at(&s->peers, row);
	if (p == NULL) {
		inside_count(s, COUNT_RECORD_NOT_ADMITTED);
		return;
	}
	inside_count(s, COUNT_RX_TAKEN);
	/* Known from before our own start is as good as not known. */
	bool unheard = p->beacon_seq == 0 && p->proof_ms == 0;
	bool fresh = !p->met || unheard || h->record.at.epoch > p->boot;
	(void)peers_boot(p, h->record.at.epoch);
	p->beacon_seq = h->record.at.seq;
	p->old_key = h->keys == &s->ring.keys[NETKEY_PREVIOUS];
	peers_rename(p, h->body.name);
	if (p->neighbour.generation == 0 || !p->met)
		p->addr = *h->from;
	p->met = true;
	kept_news(s, p);
	if (!fresh) {
		if (p->dial_ms <= s->now.ms && calling_wants(s, row))
			s->dial_ms = s->now.ms; /* there it is: try again */
		return;
	}
	beacon_newcomer(
	    &s->beacon, h->from->iface, (uint32_t)inside_dice(s), s->now.ms);
	handshake_cancel(&s->handshake, &p->addr); /* that was another life */
	p->dial_count = 0;
	peering_alive(s, row);
	peering_known(s, row);
	calling_met(s, row);
}

static bool
read_hail(const struct bundle *b, struct hail *h)
{
	return b->count == 1 && bundle_record(b, 0, &h->record) == MESH_OK &&
	    h->record.at.lane == LANE_LIVE && h->record.type == LIVE_BEACON &&
	    h->record.hop_max == 0 &&
	    wire_decode(&live_beacon_table, h->record.body, &h->body, NULL) == MESH_OK;
}

static bool
is_signed(struct mesh_site *s, const struct bundle *b, const struct mesh_key *origin)
{
	switch (bundle_verify(b, s->network.id, origin)) {
	case MESH_OK:
		return true;
	case MESH_DENIED:
		inside_count(s, COUNT_RECORD_BAD_SIG);
		return false;
	case MESH_TRUNCATED:
	case MESH_MALFORMED:
	case MESH_FULL:
	case MESH_NOT_FOUND:
	case MESH_QUOTA:
	case MESH_IO:
		break;
	}
	inside_count(s, COUNT_RECORD_BAD_PROOF);
	return false;
}

static void
take(struct mesh_site *s, const struct bundle *b, const struct hail *h)
{
	const struct mesh_key *origin = &h->record.at.origin;
	bool ours = inside_is_us(s, origin);
	const struct peer *p = peers_at(&s->peers, peers_find(&s->peers, origin));
	if (!ours && is_older(p, &h->record)) {
		inside_count(s, COUNT_RX_BEACON_OLD);
		return;
	}
	if (!judge_has_time(s, JUDGE_BEACON))
		return;
	if (!is_signed(s, b, origin))
		return;
	if (ours)
		hear_ourselves(s, h);
	else if (certs_would_look(s, origin))
		certs_look(s, h->from, origin);
	else if (!newcomers_admit(s, origin, h->from))
		receive_candidate(s, h->from, origin);
	else
		meet(s, h);
	if (!ours && admit_is_in(&s->admit, origin))
		rekey_heard(s, h->keys->hint);
}

void
hail_receive(
    struct mesh_site *s, const struct envelope *env, const struct mesh_path *from)
{
	uint8_t plain[ENVELOPE_MAX];
	struct bytes_view raw;
	struct bundle b;
	struct hail h = { .from = from, .keys = keyring_find(&s->ring, env->hint) };
	if (h.keys == NULL) {
		receive_stranger(s, from);
		inside_count(s, COUNT_RX_STRANGER);
		return;
	}
	struct beacon_seal with = sealing(h.keys, NULL);
	if (beacon_open(&with, env, plain, &raw) != MESH_OK) {
		inside_count(s, COUNT_RX_BEACON_TAG);
	} else if (bundle_read(raw, &b) != MESH_OK || !read_hail(&b, &h)) {
		inside_count(s, COUNT_RX_SHAPE);
	} else {
		take(s, &b, &h);
	}
}
