#include "address.h"
#include "live.h"
#include "ops_peer.h"
#include "reaching.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>

/* Both ask the mesh and write what comes back: answers one by one, then the end. */

enum { BUDGET_MS = 2000, WARNINGS = 24, WARNING_TEXT = 200, ADDRESSES = 32 };
enum { CLOCK_WRONG_MS = 2000, DATAGRAM_BYTES = 1200 /* PROTOCOL.md 4 */ };
static const double lossy = 0.1;

static float
ms_of(uint32_t us)
{
	return (float)us / 1000.0f;
}

static struct list_view
way_of(struct call *c, const struct mesh_echo *e)
{
	const struct field_table *t = &hop_status_table;
	struct hop_status *hops = arena_take(&c->arena, e->count, sizeof *hops);
	if (hops == NULL)
		return (struct list_view){ "", 0 }; /* of many answers: the first */
	for (size_t i = 0; i < e->count; i++) {
		const struct mesh_hop *hop = &e->way[i];
		hops[i] = (struct hop_status){ .key = hop->site,
			.rtt_ms = ms_of(hop->rtt_us),
			.unverified = hop->is_doubtful };
		if (hop->is_known)
			hops[i].name = ops_site_name(c, &hop->site);
		field_mark(t, HOP_ROW_NAME, &hops[i], hop->is_known);
		field_mark(t, HOP_ROW_KEY, &hops[i], hop->is_known);
		field_mark(t, HOP_ROW_RTT, &hops[i], hop->is_timed);
		field_mark(t, HOP_ROW_UNVERIFIED, &hops[i], hop->is_doubtful);
	}
	return (struct list_view){ hops, e->count };
}

/* --- peer ping --- */

static void
ping_answered(struct call *c, const struct mesh_event *e)
{
	const struct field_table *t = &ping_status_table;
	if (e->kind != MESH_ANSWER || e->echo == NULL) {
		call_fail(c, 504, "'%.*s' did not answer within %d ms",
		    (int)c->params.id.len, c->params.id.ptr, (int)BUDGET_MS);
		return;
	}
	struct ping_status s = { .has = ~UINT64_C(0),
		.name = ops_site_name(c, &e->site),
		.key = e->site,
		.rtt_ms = ms_of(e->echo->rtt_us),
		.hops = e->echo->hops,
		.hops_back = e->echo->hops_back,
		.clock_ms = e->echo->clock_ms,
		.way = way_of(c, e->echo) };
	field_mark(t, PING_ROW_CLOCK, &s, e->echo->has_clock);
	call_open(c);
	call_item(c, t, &s);
	call_finish(c);
}

void
ops_peer_ping(struct call *c)
{
	struct mesh_peer peer;
	if (!ops_peer_named(c, &peer))
		return;
	if (peer.state == PEER_ALIVE || peer.state == PEER_SUSPECT)
		call_echo(c, &peer.key, BUDGET_MS, ping_answered);
	else
		call_fail(c, 503, "'%.*s' is not reachable: %s%s%s",
		    (int)c->params.id.len, c->params.id.ptr,
		    peer_state_words[peer.state],
		    peer.reason != REASON_NONE ? ", " : "",
		    peer_reason_words[peer.reason]);
}

/* --- netcheck --- */

struct echoed { /* an answer that has come */
	struct echoed *next;
	struct mesh_key site;
	float rtt_ms;
	uint8_t hops;
	bool has_clock;
	int64_t clock_ms;
	struct list_view way;
};
struct checking { /* what the answer is being made of */
	struct call *c;
	struct netcheck result;
	struct own_address addresses[ADDRESSES];
	uint8_t bound[ADDRESSES][ADDRESS_BYTES];
	struct check_peer *peers;
	struct warning warnings[WARNINGS];
	uint16_t port; /* as the neighbours see it; 0: none has said */
};

static void
keep_echo(struct call *c, const struct mesh_event *e)
{
	struct echoed *one = arena_take(&c->arena, 1, sizeof *one);
	if (one == NULL)
		return; /* it will count as answered, without figures */
	*one = (struct echoed){ .next = c->answers,
		.site = e->site,
		.rtt_ms = ms_of(e->echo->rtt_us),
		.hops = e->echo->hops,
		.has_clock = e->echo->has_clock,
		.clock_ms = e->echo->clock_ms,
		.way = way_of(c, e->echo) };
	c->answers = one;
}

static const struct echoed *
echo_of(const struct call *c, const struct mesh_key *site)
{
	const struct echoed *e = c->answers;
	while (e != NULL && !key_equal(&e->site, site))
		e = e->next;
	return e;
}

__attribute__((format(printf, 2, 3))) static void
warn(struct checking *k, const char *format, ...)
{
	char line[WARNING_TEXT];
	va_list args;
	size_t n = k->result.warnings.count;
	va_start(args, format);
	int len = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (n == WARNINGS || len < 0)
		return;
	size_t bytes = (size_t)len < sizeof line ? (size_t)len : sizeof line - 1;
	k->warnings[n].text = arena_text(
	    &k->c->arena, (struct text_view){ line, bytes });
	if (k->warnings[n].text.ptr != NULL)
		k->result.warnings.count++;
}

static struct text_view
address_text(struct call *c, const struct mesh_path *path)
{
	char room[ADDRESS_TEXT];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (address_port(path) == 0)
		return (struct text_view){ "", 0 };
	address_print_path(path, &out);
	return arena_text(&c->arena, text_written(&out));
}

static uint64_t
sites_on(const struct call *c, uint16_t number)
{
	struct mesh_peer peer;
	uint64_t count = 0;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &peer); i++)
		count += peer.state == PEER_ALIVE && peer.addr.iface == number;
	return count;
}

static void
check_addresses(struct checking *k)
{
	struct op_bound b;
	const struct op_world *w = k->c->world;
	size_t n = 0;
	for (; n < ADDRESSES && w->bound != NULL && w->bound(w->bound_ctx, n, &b);
	     n++) {
		bool v4 = address_is_v4(b.path.addr);
		memcpy(k->bound[n], b.path.addr, ADDRESS_BYTES);
		k->addresses[n] = (struct own_address){ .interface = arena_text(
							    &k->c->arena, b.interface),
			.addr = address_text(k->c, &b.path),
			.hails = b.hails,
			.sites = sites_on(k->c, b.path.iface) };
		k->result.ipv4 |= v4;
		k->result.ipv6 |= !v4;
		if (b.hails && k->addresses[n].sites == 0)
			warn(k, "nobody is heard on %.*s, though beacons go out there",
			    (int)b.interface.len, b.interface.ptr);
	}
	k->result.addresses = (struct list_view){ k->addresses, n };
	if (n == 0)
		warn(k, "no address is bound: see mesh.interfaces");
}

static bool
is_bound(const struct checking *k, const uint8_t addr[static ADDRESS_BYTES])
{
	for (size_t i = 0; i < k->result.addresses.count; i++)
		if (memcmp(k->bound[i], addr, ADDRESS_BYTES) == 0)
			return true;
	return false;
}

/* How a neighbour sees us. */
static void
check_observed(struct checking *k, const struct mesh_peer *peer)
{
	uint16_t port = address_port(&peer->observed);
	if (!peer->direct || port == 0)
		return;
	k->result.nat |= !is_bound(k, peer->observed.addr);
	k->result.port_stable &= k->port == 0 || k->port == port;
	k->port = port;
}

static void
check_peer(struct checking *k, const struct mesh_peer *peer, struct check_peer *out)
{
	const struct field_table *t = &check_peer_table;
	const struct echoed *e = echo_of(k->c, &peer->key);
	*out = (struct check_peer){ .has = ~UINT64_C(0),
		.name = ops_site_name(k->c, &peer->key),
		.key = peer->key,
		.state = (uint8_t)peer->state,
		.direct = peer->direct,
		.answered = e != NULL,
		.rtt_ms = e != NULL ? e->rtt_ms : ms_of(peer->rtt_us),
		.loss = peer->loss,
		.hops = e != NULL ? e->hops : peer->hops,
		.clock_ms = e != NULL ? e->clock_ms : 0,
		.addr = address_text(k->c, &peer->addr),
		.observed = address_text(k->c, &peer->observed),
		.way = e != NULL ? e->way : (struct list_view){ "", 0 },
		.datagram_bytes = peer->datagram_bytes };
	field_mark(t, CHECK_ROW_RTT, out, e != NULL || peer->rtt_us != 0);
	field_mark(t, CHECK_ROW_LOSS, out, peer->direct);
	field_mark(t, CHECK_ROW_HOPS, out, out->hops != 0);
	field_mark(t, CHECK_ROW_CLOCK, out, e != NULL && e->has_clock);
	field_mark(t, CHECK_ROW_ADDR, out, out->addr.len > 0);
	field_mark(t, CHECK_ROW_OBSERVED, out, peer->direct && out->observed.len > 0);
	field_mark(t, CHECK_ROW_WAY, out, out->way.count > 0);
	field_mark(t, CHECK_ROW_DATAGRAM, out, peer->direct);
}

static void
warn_of_peer(struct checking *k, const struct check_peer *p)
{
	int len = (int)p->name.len;
	const char *name = p->name.ptr;
	bool alive = p->state == PEER_ALIVE || p->state == PEER_SUSPECT;
	if (alive && !p->answered)
		warn(k, "%.*s did not answer within %d ms", len, name, (int)BUDGET_MS);
	if (p->direct && (double)p->loss > lossy)
		warn(k, "%.*s: %d %% of what is sent is lost", len, name,
		    (int)(p->loss * 100.0f + 0.5f));
	if (p->direct && p->datagram_bytes < DATAGRAM_BYTES)
		warn(k, "%.*s: only datagrams of %d bytes get there, of %d", len, name,
		    (int)p->datagram_bytes, (int)DATAGRAM_BYTES);
	if (p->clock_ms > CLOCK_WRONG_MS || p->clock_ms < -CLOCK_WRONG_MS)
		warn(k, "%.*s: its clock is %+.1f s from ours", len, name,
		    (double)p->clock_ms / 1000.0);
	for (size_t i = 0; i < p->way.count; i++)
		if (((const struct hop_status *)p->way.items)[i].unverified) {
			warn(k, "the way to %.*s has a hop that is not verified", len,
			    name);
			return;
		}
}

static void
check_peers(struct checking *k)
{
	struct mesh_peer peer;
	size_t count = 0, n = 0, direct = 0;
	while (mesh_site_peer(k->c->world->core, count, &peer))
		count++;
	k->peers = arena_take(&k->c->arena, count, sizeof k->peers[0]);
	for (size_t i = 0; k->peers != NULL && i < count; i++) {
		if (!mesh_site_peer(k->c->world->core, i, &peer) ||
		    peer.state == PEER_STRANGER)
			continue;
		check_observed(k, &peer);
		direct += peer.direct;
		check_peer(k, &peer, &k->peers[n]);
		warn_of_peer(k, &k->peers[n++]);
	}
	k->result.peers = (struct list_view){ "", 0 };
	if (n > 0)
		k->result.peers = (struct list_view){ k->peers, n };
	if (direct == 0)
		warn(k, "no session stands with any site: check port, key and seeds");
}

static void
check_counters(struct checking *k)
{
	static const struct {
		const char *counter, *says;
	} rows[] = {
		{ "rx.kernel", "datagrams were lost in a full receive buffer" },
		{ "rx.stranger", "datagrams came from another network" },
		{ "frag.timeout",
		    "messages never came whole: a path drops large ones" },
	};
	const struct op_world *w = k->c->world;
	for (size_t l = 0; l < w->counters_count; l++)
		for (size_t i = 0; i < w->counters[l].list->count; i++)
			for (size_t r = 0; r < LENGTH(rows); r++) {
				const struct op_counters *of = &w->counters[l];
				if (strcmp(of->list->rows[i].name, rows[r].counter) !=
					0 ||
				    of->get(of->room, i) == 0)
					continue;
				warn(k, "%llu %s (%s)",
				    (unsigned long long)of->get(of->room, i),
				    rows[r].says, rows[r].counter);
			}
}

static void
netcheck_answered(struct call *c, const struct mesh_event *e)
{
	if (e->kind == MESH_ANSWER && e->echo != NULL) {
		keep_echo(c, e);
		return;
	}
	struct checking *k = arena_take(&c->arena, 1, sizeof *k);
	if (k == NULL) {
		call_fail(c, 500, "no memory for the answer");
		return;
	}
	*k = (struct checking){ .c = c,
		.result = {
		    .asked = e->known, .answered = e->answered, .port_stable = true } };
	k->result.warnings.items = k->warnings;
	check_addresses(k);
	check_peers(k);
	if (k->result.nat)
		warn(k, "behind NAT: neighbours see another address than ours");
	if (!k->result.port_stable)
		warn(k, "neighbours see different ports: such a NAT hides this site");
	check_counters(k);
	call_open(c);
	call_item(c, &netcheck_table, &k->result);
	call_finish(c);
}

void
ops_netcheck(struct call *c)
{
	call_echo(c, NULL, BUDGET_MS, netcheck_answered);
}
