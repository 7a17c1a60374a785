/* kept.c - rows of peers: on the disk over a restart, and told to those above.
 *
 * Whoever changes a row says so (kept_news): a bit for each row, so that with a
 * thousand of them nobody looks through all.  Each is told once however often it
 * changed meanwhile.  A row of the disk cannot be taken back: of who was removed an
 * empty one is written, again until the disk has it.  Floor 4.  Pure.  Source:
 * PROTOCOL.md 10. */
#include "inside_events.h"
#include "inside_peers.h"
#include "inside_trust.h"
#include "pack.h"
#include <assert.h>

enum { PATH_BYTES = 18 };

static void
put_key(struct bytes_out *out, const struct mesh_key *key)
{
	static const char prefix[] = INSIDE_PEER_KEY;
	bytes_put(out, prefix, sizeof prefix - 1);
	bytes_put(out, key->bytes, sizeof key->bytes);
}

/* --- at the start --- */

void
kept_load(struct mesh_site *s, struct bytes_view key, struct bytes_view body)
{
	static const char prefix[] = INSIDE_PEER_KEY;
	struct mesh_key site;
	if (key.len != sizeof prefix - 1 + sizeof site.bytes ||
	    memcmp(key.ptr, prefix, sizeof prefix - 1) != 0)
		return;
	memcpy(site.bytes, key.ptr + sizeof prefix - 1, sizeof site.bytes);
	struct bytes_in in = bytes_in(body);
	size_t items = pack_read_array(&in);
	uint64_t boot = pack_read_uint(&in, UINT64_MAX);
	uint64_t epoch = pack_read_uint(&in, UINT64_MAX);
	struct bytes_view addr = pack_read_bin(&in);
	struct bytes_view more = items > 3 ? pack_read_bin(&in) : bytes_view(NULL, 0);
	bool steady = items <= 4 || pack_read_uint(&in, 1) != 0;
	struct bytes_view by = items > 5 ? pack_read_bin(&in) : bytes_view(NULL, 0);
	uint32_t from_s = items > 6 ? (uint32_t)pack_read_uint(&in, UINT32_MAX) : 0;
	uint32_t until_s = items > 7 ? (uint32_t)pack_read_uint(&in, UINT32_MAX) : 0;
	struct handle h;
	if (!in.failed && until_s > 0)
		certs_load(s, &site, by, from_s, until_s);
	if (in.failed || items < 3 || addr.len != PATH_BYTES ||
	    (admit_proved(&s->admit, &site) != MESH_OK &&
		!admit_may_show(&s->admit, &site)) ||
	    (h = peering_row(s, &site)).generation == 0)
		return;
	struct peer *peer = peers_at(&s->peers, h);
	struct neighbours_site *choice = &s->choice.sites[h.index];
	peer->boot = boot;
	peer->epoch = epoch;
	memcpy(peer->addr.addr, addr.ptr, addr.len);
	choice->prefix = neighbours_prefix(&peer->addr);
	addresses_read(&peer->more, more);
	peer->met = true;
	peer->steady = steady;
	peer->unkept = peer->changed = false;
	peer->state = PEER_DEAD; /* until it shows itself */
	peer->reason = REASON_UNREACHABLE;
	peer->dial_ms = s->now.ms;
	s->dial_ms = s->now.ms;
}

/* --- what has changed --- */

void
kept_news(struct mesh_site *s, const struct peer *p)
{
	uint32_t row = pool_index(&s->peers.pool, p);
	if (!p->changed && !p->unkept)
		return;
	s->news[row / 64] |= UINT64_C(1) << row % 64;
	s->news_wait = true;
}

void
kept_all_news(struct mesh_site *s)
{
	const struct peer *p;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++)
		kept_news(s, p);
}

static void
keep_peer(struct mesh_site *s, uint32_t row, struct mesh_event *out)
{
	struct peer *p = peers_walk(&s->peers, &row);
	struct bytes_out key = bytes_out(s->keep_key, sizeof s->keep_key);
	struct bytes_out body = bytes_out(s->keep_body, sizeof s->keep_body);
	put_key(&key, &p->key);
	pack_array(&body, 8);
	pack_uint(&body, p->boot);
	pack_uint(&body, p->epoch);
	pack_bin(&body, bytes_view(p->addr.addr, sizeof p->addr.addr));
	pack_bin(&body, bytes_view(p->more.bytes, p->more.len));
	pack_uint(&body, p->steady);
	/* By whom it is certified, from when, until when. */
	pack_bin(&body, bytes_view(s->papers.authority.bytes, sizeof(struct mesh_key)));
	pack_uint(&body, admit_from(&s->admit, &p->key));
	pack_uint(&body, admit_until(&s->admit, &p->key));
	assert(!key.failed && !body.failed);
	p->unkept = p->moved = false;
	out->kind = MESH_KEEP;
	out->code = KEEP_PEER;
	out->key = bytes_written(&key);
	out->body = bytes_written(&body);
}

/* The row may have become another's, or quiet again. */
static bool
tell_row(struct mesh_site *s, uint32_t row, struct mesh_event *out)
{
	uint32_t at = row;
	struct peer *p = peers_walk(&s->peers, &at);
	if (p == NULL || at != row)
		return false;
	if (p->unkept) {
		keep_peer(s, row, out);
		return true;
	}
	if (!p->changed)
		return false;
	p->changed = false;
	out->kind = MESH_PEER;
	out->site = p->key;
	out->code = p->state;
	return true;
}

bool
kept_next(struct mesh_site *s, struct mesh_event *out, uint32_t *row)
{
	if (!s->news_wait)
		return false;
	for (uint32_t i = 0; i < KEPT_WORDS(s->limits.peers); i++)
		for (; s->news[i] != 0; s->news[i] &= s->news[i] - 1) {
			*row = i * 64 + (uint32_t)__builtin_ctzll(s->news[i]);
			if (tell_row(s, *row, out))
				return true;
		}
	s->news_wait = false;
	return false;
}

/* --- who was removed --- */

bool
kept_forget(struct mesh_site *s, const struct mesh_key *key)
{
	uint32_t i = 0;
	while (i < INSIDE_FORGOTTEN && s->forgotten[i].state != FORGOTTEN_FREE)
		i++;
	if (i == INSIDE_FORGOTTEN)
		return false;
	s->forgotten[i] = (struct forgotten){ *key, FORGOTTEN_UNTOLD };
	return true;
}

/* No row can be taken back: an empty one says as much to kept_load. */
bool
kept_next_forgotten(struct mesh_site *s, struct mesh_event *out, uint32_t *index)
{
	struct bytes_out key = bytes_out(s->keep_key, sizeof s->keep_key);
	struct bytes_out body = bytes_out(s->keep_body, sizeof s->keep_body);
	uint32_t i = 0;
	while (i < INSIDE_FORGOTTEN && s->forgotten[i].state != FORGOTTEN_UNTOLD)
		i++;
	if (i == INSIDE_FORGOTTEN)
		return false;
	s->forgotten[i].state = FORGOTTEN_TOLD;
	put_key(&key, &s->forgotten[i].key);
	pack_array(&body, 0);
	out->kind = MESH_KEEP;
	*index = i;
	out->code = KEEP_PEER;
	out->key = bytes_written(&key);
	out->body = bytes_written(&body);
	return true;
}

/* Who came again meanwhile has a row that says so. */
void
kept_offer_forgotten(struct mesh_site *s)
{
	for (uint32_t i = 0; i < INSIDE_FORGOTTEN; i++) {
		struct forgotten *f = &s->forgotten[i];
		if (f->state != FORGOTTEN_REFUSED)
			continue;
		struct peer *p = peers_at(&s->peers, peers_find(&s->peers, &f->key));
		bool again = p != NULL && p->met;
		f->state = again ? FORGOTTEN_FREE : FORGOTTEN_UNTOLD;
		if (again)
			p->unkept = true;
	}
}

/* --- outcomes --- */

void
kept_outcome(struct mesh_site *s, struct handle h, enum mesh_err err)
{
	struct peer *p = peers_at(&s->peers, h);
	if (err == MESH_OK || p == NULL)
		return;
	p->unkept = true;
	refusals_of_row(s);
}

void
kept_forgotten_outcome(struct mesh_site *s, uint32_t index, enum mesh_err err)
{
	struct forgotten *f = &s->forgotten[index % INSIDE_FORGOTTEN];
	if (f->state != FORGOTTEN_TOLD)
		return;
	f->state = err == MESH_OK ? FORGOTTEN_FREE : FORGOTTEN_REFUSED;
	if (err != MESH_OK)
		refusals_of_row(s);
}
