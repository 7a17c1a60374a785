#include "inside_events.h"
#include "inside_travel.h"

/* One block for everything, in a fixed order; PROTOCOL.md 13 for the figures. */
enum {
	ALIGN = 16,
	ORIGINS = 1024,
	PEERS = 1024,
	SESSIONS = 64,
	HALVES = 64,
	SEEN = 16384,
	BAD = 2048, /* PROTOCOL.md 13: 4096; the rest went into who belongs */
	PROVEN = 512,
	BUFFERS = 692,
	PENDING = 1280,
	NEIGHBOUR_PER_S = 2000,
	CHECKS_PER_S = 13000,
	CLAUSES = 256,
	TICKETS = 1 << 20,       /* events.c: bits of an index in a ticket */
	CHUNKS_PER_ORIGIN_X2 = 1 /* half a chunk of spare runs per origin */
};

static void
or_else(uint32_t *limit, uint32_t fallback)
{
	if (*limit == 0)
		*limit = fallback;
}

void
limits_fill(struct mesh_limits *l)
{
	or_else(&l->origins, ORIGINS);
	or_else(&l->peers, PEERS);
	or_else(&l->sessions, SESSIONS);
	or_else(&l->halves, HALVES);
	or_else(&l->seen, SEEN);
	or_else(&l->bad, BAD);
	or_else(&l->buffers, BUFFERS);
	or_else(&l->pending, PENDING);
	or_else(&l->origin_per_s, SHARE_PER_S);
	or_else(&l->neighbour_per_s, NEIGHBOUR_PER_S);
	or_else(&l->checks_per_s, CHECKS_PER_S);
	or_else(&l->clauses, CLAUSES);
	for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++)
		if (record_lane_is_keyed(lane))
			or_else(&l->quota[lane], quota_of(lane).records);
	if (l->peers > TICKETS)
		l->peers = TICKETS;
	if (l->pending > TICKETS)
		l->pending = TICKETS;
	if (l->buffers < 2 * INSIDE_LINK_PARCELS)
		l->buffers = 2 * INSIDE_LINK_PARCELS;
}

struct carver {
	uint8_t *block; /* NULL: only measure */
	size_t used;
};

static void *
take(struct carver *c, size_t bytes)
{
	void *at = c->block != NULL ? c->block + c->used : NULL;
	c->used += (bytes + ALIGN - 1) / ALIGN * ALIGN;
	return at;
}

/* The caches are at most three quarters full (dedup.h): so many slots, not marks. */
static size_t
marks_in(uint32_t slots)
{
	return (size_t)(slots / 4) * 3;
}

static uint16_t
chunks_for(uint32_t origins)
{
	uint32_t chunks = origins / 2 * CHUNKS_PER_ORIGIN_X2 + SPILL_CHUNK;
	return chunks < UINT16_MAX ? (uint16_t)chunks : UINT16_MAX;
}

struct pieces { /* where each organ's storage lies */
	void *site, *admit, *charter, *handshake, *sessions, *parcels, *verified, *bad,
	    *proven, *peers, *prune, *share, *choice, *reach, *holdings, *neighbours,
	    *flights, *questions, *news;
};

static struct pieces
lay_out(const struct mesh_limits *l, struct carver *c)
{
	struct pieces p;
	p.site = take(c, sizeof(struct mesh_site));
	p.admit = take(c, admit_bytes(l->peers));
	p.charter = take(c, charter_bytes(l->clauses));
	p.handshake = take(c, handshake_bytes(l->halves));
	p.sessions = take(c, session_bytes(l->sessions));
	p.parcels = take(c, parcel_bytes(l->buffers));
	p.verified = take(c, dedup_bytes(marks_in(l->seen)));
	p.bad = take(c, dedup_bytes(marks_in(l->bad)));
	p.proven = take(c, dedup_bytes(marks_in(PROVEN)));
	p.peers = take(c, peers_bytes(l->peers));
	p.prune = take(c, ((size_t)l->peers + 1) * sizeof(struct prune_row));
	p.share = take(c, ((size_t)l->peers + 1) * sizeof(struct share_row));
	p.choice = take(c, l->peers * sizeof(struct neighbours_site));
	p.reach = take(c, reach_bytes(l->peers));
	p.holdings = take(c, holdings_bytes(l->origins, chunks_for(l->origins)));
	p.neighbours = take(c, pool_bytes(l->sessions, sizeof(struct neighbour)));
	p.flights = take(c, pool_bytes(l->pending, sizeof(struct flight)));
	p.questions = take(c, question_bytes(l->peers));
	p.news = take(c, KEPT_WORDS(l->peers) * sizeof(uint64_t));
	return p;
}

size_t
limits_bytes(const struct mesh_limits *l)
{
	struct carver c = { NULL, 0 };
	(void)lay_out(l, &c);
	return c.used;
}

static void
secret(struct mesh_site *s, uint8_t out[static TABLE_SECRET])
{
	s->random(s->random_ctx, out, TABLE_SECRET);
}

static void
carve_tables(struct mesh_site *s, const struct pieces *p)
{
	const struct mesh_limits *l = &s->limits;
	uint8_t key[TABLE_SECRET];
	secret(s, key);
	admit_init(&s->admit, p->admit, l->peers, key);
	charter_init(&s->charter, p->charter, l->clauses, &s->network.founder);
	secret(s, key);
	peers_init(&s->peers, p->peers, l->peers, key);
	secret(s, key);
	reach_init(&s->reach, p->reach, l->peers, key);
	secret(s, key);
	struct holdings_setup holdings = { l->origins, chunks_for(l->origins), key,
		s->network.id, s->oid, s->replicate != REPLICATE_ALL, { 0 } };
	for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++)
		holdings.most[lane - LANE_CONTROL] = quota_seen(l->quota[lane]);
	holdings_init(&s->holdings, p->holdings, &holdings);
	secret(s, key);
	struct session_setup setup = { &s->identity.key, key, s->counters };
	session_init(&s->sessions, p->sessions, l->sessions, &setup);
}

void
limits_carve(struct mesh_site *s, const struct handshake_self *self)
{
	const struct mesh_limits *l = &s->limits;
	struct carver c = { (uint8_t *)s, 0 };
	struct pieces p = lay_out(l, &c);
	uint8_t key[DEDUP_KEY];
	s->memory = c.used;
	carve_tables(s, &p);
	secret(s, key);
	dedup_init(&s->verified, p.verified, marks_in(l->seen), key);
	secret(s, key);
	dedup_init(&s->bad, p.bad, marks_in(l->bad), key);
	secret(s, key);
	dedup_init(&s->proven, p.proven, marks_in(PROVEN), key);
	struct handshake_setup setup = { l->halves, self, &s->sessions, s->counters };
	handshake_init(&s->handshake, p.handshake, &setup, s->now.ms);
	parcel_init(&s->parcels, p.parcels, l->buffers);
	frag_init(&s->frags, 2 * INSIDE_LINK_PARCELS, s->counters);
	prune_init(&s->prune, p.prune, l->peers + 1);
	share_init(&s->share, p.share, l->peers + 1, l->origin_per_s);
	rate_init(&s->checks, l->checks_per_s, l->checks_per_s / 10 + 1, s->now.ms);
	neighbours_init(&s->choice, p.choice, l->peers);
	pool_init(&s->neighbours, p.neighbours, l->sessions, sizeof(struct neighbour));
	pool_init(&s->flights, p.flights, l->pending, sizeof(struct flight));
	asking_init(s, p.questions);
	s->news = p.news;
	routing_init(s);
}
