/* inside.h - one site: other rooms' structs side by side, and how the core's files call
 * each other.
 *
 * Nothing here is a mechanism.  Every input begins with inside_enter; then one file per
 * input works on the organs; emit.c and events.c hand out what has become due.  All of
 * it lies in one block that limits.c carves.  Floor 4.  Pure. */
#ifndef MESH_INSIDE_H
#define MESH_INSIDE_H
#include "accused.h"
#include "admit.h"
#include "arena.h"
#include "backstop.h"
#include "beacon.h"
#include "bulletin.h"
#include "bundle.h"
#include "charter.h"
#include "dedup.h"
#include "errands.h"
#include "exchange.h"
#include "flood.h"
#include "frag.h"
#include "gaps.h"
#include "handshake.h"
#include "health.h"
#include "holdings.h"
#include "hop.h"
#include "lag.h"
#include "liveness.h"
#include "mesh_counters.h"
#include "meshparams.h"
#include "neighbours.h"
#include "netkey.h"
#include "own.h"
#include "peers.h"
#include "phase.h"
#include "places.h"
#include "prune.h"
#include "pull.h"
#include "question.h"
#include "quota.h"
#include "rate.h"
#include "reach.h"
#include "roam.h"
#include "serve.h"
#include "session.h"
#include "share.h"
#include "stamps.h"
#include "suspect.h"
#include "twins.h"

enum {
	INSIDE_SEEDS = 32,
	INSIDE_URGENT = 16,        /* small datagrams on their way out */
	INSIDE_URGENT_BYTES = 512, /* a list of some 30 links; HS1 and HS2 have 256 */
	INSIDE_NOTICES = 8,
	INSIDE_FORGOTTEN = 4, /* removed at once, until the disk knows */
	INSIDE_ANSWERS = 8,
	INSIDE_PASSAGES = 64,
	INSIDE_DOUBTS = 4,
	INSIDE_LEADS = 32,
	INSIDE_LIVES = 4,
	INSIDE_LIFE_BYTES = 256,  /* a REFUTE and its proof: 170 */
	INSIDE_LINK_PARCELS = 64, /* kept free of records: PING, PONG */
	INSIDE_OWN_BATCHES = 64,
	INSIDE_PROTO = 1, /* PROTOCOL.md 5: protocol version */
	INSIDE_NETWORK_FILE = 1024,
	INSIDE_PROOFS = 4,
	INSIDE_PROOF_BYTES =
	    960 /* of a fork: fits a datagram, and a row that is kept */
};

/* PROTOCOL.md 6: optional abilities, told in INFO; 0.1 has none of these. */
enum inside_feature {
	/* Answers PRUNE, PEERS, SUM, ROWS, PULL, PAGE, NONE.  Who does not acknowledge
	 * them gets none: sent again and again they would fill the window. */
	FEATURE_REPAIR = 1,
	FEATURE_BATCHES = 2,   /* reads bundles of more than one core */
	FEATURE_FRAGMENTS = 4, /* puts frames of more than one datagram together */
	FEATURE_SKETCHES = 8,  /* answers SKETCH */
	INSIDE_FEATURES = FEATURE_REPAIR | FEATURE_BATCHES | FEATURE_FRAGMENTS |
	    FEATURE_SKETCHES
};

#define INSIDE_PEER_KEY "peer/"    /* kept rows: where and who it is */
#define INSIDE_FORK_KEY "fork/"    /* kept rows: a frozen lane */
#define INSIDE_ALL_NEWS UINT32_MAX /* nothing is left to be told */

struct neighbour { /* a peer with a session */
	struct handle peer, session;
	struct hop hop;
	size_t limit; /* of frames: what waits is no longer */
	struct pace pace;
	struct liveness liveness;
	struct roam roam;
	struct rate pushes; /* datagrams with news that it sends us */
	uint32_t told; /* row of the next peer whose links it is told; decisions 1 */
	uint8_t bulletin_told; /* its slot that comes next; decisions 70 */
	uint8_t closing; /* enum close_reason: say so when all else is out; 0: no */
	mesh_time_ms silent_ms; /* since when; MESH_NEVER: it answers */
	struct exchange exchange;
	struct lag lag; /* what we lack of its, and it of ours */
	struct pull_window window;
	uint64_t rows_mask; /* ROWS under way to it: buckets ... */
	uint32_t rows_next; /* ... and the next row */
	bool sum_out;       /* it owes us ROWS */
	bool rows_more;     /* and they came in several frames */
	bool left;          /* it closed the session to stop: last words may come */
	uint8_t owed_next;  /* address of `owed`: leads.c */
	uint32_t credit;    /* bytes we may send to addresses that it tells: leads.c */
	struct handle owed; /* PEERS of it that waits for credit; generation 0: none */
	mesh_time_ms punch_ms; /* its next PUNCH is not heard before */
};
struct flight { /* a record handed out and not yet _stored */
	struct mesh_position at;
	uint64_t claims;
	struct handle parcel; /* the bundle it came in; generation 0: given back */
	union {
		struct handle proof; /* the record alone, while somebody reads it */
		struct {
			uint32_t at, len;
		} cargo; /* LARGE: the same, in the cargo's buffer */
	};
	uint32_t next;  /* in the queue of those not yet told, or of the lent */
	uint32_t chain; /* flying.c */
	uint16_t type;
	uint8_t index;    /* of the cores in `parcel`; LARGE: cargo.c, leaf_of */
	uint8_t batch;    /* 1 + index of the own batch it belongs to; 0: alone */
	uint8_t refusals; /* of ours: by the store, so often; `told` is false then */
	uint8_t weight;   /* as so many records it counts: quota.h */
	uint8_t kib;      /* of its bytes, which its store copies */
	bool own : 1, late : 1, queued : 1, told : 1;
	bool large : 1; /* more than a datagram: it is read in the cargo's buffer */
	bool laid : 1;  /* ours: `parcel` is the first of those that hold its bundle */
	bool recovered : 1; /* ours, from others */
	bool settle : 1;    /* no record: numbers that need none any more; weight 0 */
};
enum { INSIDE_FLYING = 1024 }; /* a power of two: flying.c */
enum {
	CARGO_HEAD = 256, /* for what stands before the body of a record of ours */
	CARGO_BYTES = CARGO_HEAD + MESSAGE_FRAME_MAX,
	CARGO_KNOWN = 8,
	CARGO_MARKED = 128 /* bytes of a bundle that tell it from all others */
};
struct recent {             /* what was pushed a moment ago: recent.c */
	struct handle room; /* a buffer, for handles of parcels */
	uint32_t first, count;
};
struct cargo { /* the one frame of more than a datagram that is worked on: cargo.c */
	uint32_t readers; /* of something in `bytes`, who are not done */
	uint32_t last;    /* the flight that was held last, index + 1; 0: none */
	uint32_t leaves;  /* at the end of `bytes`, of what was hashed to verify it */
	size_t used;      /* what is read ends there */
	size_t filled;    /* and there the frame that came last */
	struct cargo_known { /* records of late, to be known by their first piece */
		struct dedup_mark head, mark;
		struct mesh_position at;
	} known[CARGO_KNOWN];
	uint32_t known_next;
	uint8_t bytes[CARGO_BYTES];
};
struct batch { /* own records of one lane that have a number and no signature yet */
	uint64_t epoch; /* of all of them */
	uint16_t len, count;
	uint16_t ends[BUNDLE_CORES];
	mesh_time_ms due_ms, after_ms; /* sign them; the next not before */
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
};
struct bulk { /* own records of more than a datagram, without a signature yet: bulk.c */
	uint64_t epoch; /* of all of them, as the lane */
	enum mesh_lane lane;
	uint32_t first, last; /* flights by their numbers, index + 1; 0: none */
	uint32_t count;
	mesh_time_ms due_ms, after_ms; /* as in struct batch */
};
struct own_batch { /* signed as one, pushed as one when the last of it is safe */
	struct handle parcel;
	uint64_t safe;   /* stored so far, by index */
	uint8_t waiting; /* for so many; 0: free */
};
struct known_leaves { /* of the bundle that was last cut: its records come in a row */
	struct handle parcel;
	struct merkle_hash leaf[BUNDLE_CORES];
};
struct lead { /* an address that only a neighbour vouched for, and we called */
	struct mesh_path path;
	uint8_t calls;         /* so often */
	mesh_time_ms until_ms; /* not more before */
};
enum sketch_state { SKETCH_FREE, SKETCH_WAITS, SKETCH_OPEN };
struct sketch_work { /* cells on their way between a neighbour and the store */
	/* what a neighbour asked for; WAITS: the store is to be asked */
	uint8_t state;
	uint16_t ticket, first, count, scope_count; /* the neighbour's ticket */
	uint32_t generation;
	struct handle neighbour;
	mesh_time_ms due_ms;
	struct sketch_scope {
		uint8_t oid[HOLDINGS_OID];
		uint64_t epoch, high;
		uint8_t lane;
	} scopes[SKETCH_SCOPES_MAX];
	/* what came for us, until the store takes it */
	uint16_t cells_first, cells_len; /* 0: nothing */
	uint8_t cells[CELLS_BYTES_MAX];
};
struct doubt { /* a record whose number is held: is it the same? */
	enum doubt_state { DOUBT_FREE, DOUBT_WAITS, DOUBT_ASKED } state;
	struct mesh_position at;
	struct handle parcel; /* as it came */
};
struct fork_proof {              /* for those who were away: proofs.c */
	struct mesh_position at; /* seq 0: free */
	uint16_t len;
	uint8_t bytes[INSIDE_PROOF_BYTES]; /* body of LIVE_FORK */
};
struct life { /* what somebody signed whose list of links is not known */
	struct mesh_key key;
	uint64_t boot; /* 0: free */
	uint16_t len;
	uint8_t bytes[INSIDE_LIFE_BYTES];
};
struct seed {
	struct mesh_path path;
	mesh_time_ms dial_ms; /* not before */
	uint8_t dial_count;
	bool used;
	bool is_self; /* the last answer there was our own: a router sent it back */
};
struct urgent {
	struct mesh_path to;
	uint16_t len;
	uint8_t bytes[INSIDE_URGENT_BYTES];
};
struct notice {
	enum mesh_notice code;
	enum mesh_lane lane; /* NOTICE_QUOTA */
	struct mesh_key site;
	struct mesh_path addr;
};
struct forgotten { /* a removed site, until its row is emptied */
	struct mesh_key key;
	enum forgotten_state {
		FORGOTTEN_FREE,
		FORGOTTEN_UNTOLD,
		FORGOTTEN_TOLD,
		FORGOTTEN_REFUSED /* by the disk: again later */
	} state;
};
struct passage {              /* a record for one site, as long as it may come back */
	struct handle parcel; /* generation 0: free */
	struct handle to;     /* peer; generation 0: unknown here */
	struct handle from, last; /* neighbours: who brought it, 0: ours; who got it */
	/* Neighbours by bits of their slots: who ever got it, who may carry it on, whom
	 * we told that we have it already. */
	uint64_t tried, waiting, returned;
	uint32_t count; /* how often it was handed on */
	mesh_time_ms due_ms, ends_ms;
};
struct came { /* by which neighbour the last live record of a site came */
	struct handle origin, from;
	mesh_time_ms ms;
};
struct answer { /* MESH_QUESTION or MESH_ANSWER */
	struct mesh_event event;
	struct handle parcel; /* of its body */
	bool large;           /* its body lies in the cargo's buffer */
	struct mesh_echo echo;
};
struct answers {
	struct answer ring[INSIDE_ANSWERS];
	uint32_t first, count, told; /* told: lent until the next input */
};

struct rekey {              /* the network's next key: rekey.c */
	uint8_t wanted[32]; /* its hash */
	uint64_t after_ms;
	bool wants;
	uint8_t drawn[32]; /* by our operator: offered once its record is stored */
	bool has_drawn;
	mesh_time_ms ask_ms;
	uint32_t cursor; /* neighbours are asked in turn */
	bool file_due, file_under_way;
	mesh_time_ms file_after;
	struct mesh_network written; /* what the file will say */
};
struct papers { /* certs.c */
	struct mesh_key authority;
	uint8_t own[MESH_CERTIFICATE_MAX]; /* our certificate */
	uint16_t own_len;                  /* 0: none */
	bool written;                      /* to our control lane */
	mesh_time_ms look_ms;              /* who is still certified then? */
};
struct joining { /* secret: guests.c */
	bool active, at_front;
	struct mesh_invite invite;
	struct handshake_door door, front;
	struct handle session;
	mesh_time_ms knock_ms, ask_ms;
	mesh_time_ms unknown_ms; /* when nobody is asked any more; MESH_NEVER */
	uint8_t key[32];
	uint8_t outcome; /* enum mesh_join, to be told; 0: nothing */
};

struct mesh_site {
	/* who we are */
	struct mesh_limits limits;
	struct mesh_identity identity;
	struct mesh_network network;
	struct keyring ring; /* as the network file has it */
	struct handshake_door front;
	uint8_t oid[8], tag[4], boot_id[8];
	char name[PEERS_NAME];
	uint8_t name_len;
	uint64_t boot,
	    begun; /* begun: as it was at the start; recover_clone raises it */
	enum mesh_replicate replicate;
	uint8_t hop_limit;
	uint32_t ping_ms; /* 0: the default, and as few as many links allow */
	void (*random)(void *ctx, uint8_t *out, size_t len);
	void *random_ctx;
	struct mesh_now now; /* of the last input */
	size_t memory;
	uint64_t counters[COUNT_MESH];

	/* organs */
	struct admit admit;
	struct charter charter;
	struct bulletin bulletin;
	struct rekey rekey;
	struct joining join;
	struct papers papers;
	struct handshake handshake;
	struct sessions sessions;
	struct parcels parcels;
	struct dedup verified, bad, proven; /* proven: signed roots of batches */
	struct beacon beacon;
	struct peers peers;
	struct suspect suspect;
	struct accused accused;
	struct health health;
	struct errands errands;
	struct neighbours choice;
	struct reach reach;
	struct prune prune;
	struct share share;
	struct rate checks; /* of signatures */
	struct holdings holdings;
	struct own own;
	struct pulls pulls;
	struct serve serve;
	struct backstop backstop;
	struct sketch_work sketching;
	struct gaps gaps;
	mesh_time_ms holes_ms; /* the next look for holes */
	struct twins twins;
	struct doubt doubt[INSIDE_DOUBTS];
	enum mesh_lane rewrite_lane; /* how far live PUTs are written again */
	uint64_t rewrite_from;
	struct rate doubts; /* signatures looked at for what may be a fork or a clone */
	struct pool neighbours; /* struct neighbour */
	struct pool flights;    /* struct flight */
	struct batch batch[LANE_COUNT - LANE_CONTROL];
	struct bulk bulk;
	struct own_batch own_batch[INSIDE_OWN_BATCHES];
	struct known_leaves known;
	struct frags frags;
	struct cargo cargo;
	struct recent recent;
	struct questions questions;
	struct passage passages[INSIDE_PASSAGES];
	struct came came[INSIDE_PASSAGES];
	struct answers answers;
	struct rate stamping, echoing;
	struct seed seeds[INSIDE_SEEDS];
	struct places places;
	struct lead leads[INSIDE_LEADS]; /* the oldest goes first */
	uint32_t lead_next;
	mesh_time_ms candidate_ms; /* no newcomer is called before, while we choose */
	struct life lives[INSIDE_LIVES]; /* the oldest goes first */
	uint32_t life_next;
	struct fork_proof proofs[INSIDE_PROOFS]; /* the oldest goes first */
	uint32_t proof_next;

	/* what is due */
	mesh_time_ms settled_ms; /* by then most of a segment was heard: choose */
	mesh_time_ms dial_ms;    /* the next peer or seed to be called */
	mesh_time_ms lost_ms;    /* the next peer to be given up for want of a path */
	mesh_time_ms surplus_ms; /* the next look whether we hold too many sessions */
	mesh_time_ms
	    refused_ms;  /* the store takes nothing: ask for nothing until then */
	bool pulls_wait; /* some were not asked for, since the store was behind */
	mesh_time_ms fresh_ms, doubt_ms; /* recover_clone: a former life of ours? */
	mesh_time_ms refuted_ms, cloned_ms;
	mesh_time_ms links_ms; /* when to write mesh.links; MESH_NEVER: up to date */
	mesh_time_ms links_after_ms;
	uint32_t links_gap_ms;  /* how much after the next one */
	mesh_time_ms places_ms; /* the same for mesh.addr */
	mesh_time_ms places_after_ms;
	mesh_time_ms crowded_ms;    /* an operator is told again */
	mesh_time_ms cert_again_ms; /* ours is shown again to a repeated HS3 */
	mesh_time_ms expire_ms;     /* the next look at invitations */
	mesh_time_ms moved_ms;      /* when to persist addresses; MESH_NEVER: none */
	mesh_time_ms moved_after_ms;
	mesh_time_ms dead_ms; /* the next of the dead to be called while we choose */
	uint32_t dead_cursor;
	uint8_t links_kept[ENVELOPE_PLAIN_MAX]; /* our newest, for new neighbours */
	uint16_t links_kept_len;
	struct forgotten forgotten[INSIDE_FORGOTTEN];
	bool review; /* neighbours' choice: something changed */
	bool leaving;
	bool revoked;     /* we are out, as far as we know */
	bool clone_found; /* where the other one with our key is, was told */
	bool former;      /* a later life was stepped past */
	bool refute_due;  /* whoever came may know another body: lives_tick */
	uint8_t steps;    /* of our boot, by what they cost: recover.c */

	/* what waits to be drained */
	struct urgent urgent[INSIDE_URGENT];
	uint32_t urgent_first, urgent_count;
	struct notice notices[INSIDE_NOTICES];
	uint32_t notice_first, notice_count;
	uint32_t untold_first, untold_last; /* flights, index + 1; 0: none */
	uint32_t lent_first; /* told, and still holding its parcel for its reader;
				chained as those are */
	struct handle newest_flight;
	uint32_t flying[INSIDE_FLYING]; /* flights, index + 1: flying.c */
	uint32_t flying_kib;            /* of all of them */
	bool clauses_unkept;            /* some clause is to be persisted */
	bool purges_due;                /* some clause is `unpurged` */
	bool twins_news;                /* some twin is unkept */
	bool news_wait;                 /* some bit of `news` is set */
	mesh_time_ms keep_again_ms; /* offer unkept rows again; 0: none was refused */
	mesh_time_ms own_again_ms;  /* offer refused records of ours again; 0: none */
	uint64_t *news;       /* rows of peers that may have `changed` or `unkept` */
	uint32_t emit_cursor; /* neighbours take turns */
	uint32_t unsent;      /* mesh_site_is_pressed */
	uint8_t out[ENVELOPE_MAX], keep_key[64], keep_body[INSIDE_NETWORK_FILE];
};

/* --- mesh_site.c --- */
void inside_enter(struct mesh_site *s, struct mesh_now now);
uint64_t inside_dice(struct mesh_site *s);
void inside_count(struct mesh_site *s, enum mesh_counter c);
uint64_t inside_us(const struct mesh_site *s); /* our clock, for measuring */
bool inside_is_us(const struct mesh_site *s, const struct mesh_key *key);

/* --- limits.c --- */
void limits_fill(struct mesh_limits *l); /* zero: the default */
size_t limits_bytes(const struct mesh_limits *l);
void limits_carve(struct mesh_site *s, const struct handshake_self *self);

/* --- newcomers.c: who may come in --- */
/* Would it be admitted, who shows the network's key at that address (NULL: by a record
 * that others bring)?  May give the row of another to it. */
bool newcomers_would(
    struct mesh_site *s, const struct mesh_key *key, const struct mesh_path *from);
/* The same of the origin of a record, before anything of it is verified. */
bool newcomers_might(const struct mesh_site *s, const struct mesh_key *key);
bool newcomers_admit(
    struct mesh_site *s, const struct mesh_key *key, const struct mesh_path *from);

/* --- peering.c: who is met, lost, dead, called --- */
void peering_forget(struct mesh_site *s, struct handle evicted); /* its row is gone */
struct handle peering_row(struct mesh_site *s, const struct mesh_key *key);
void peering_known(struct mesh_site *s, struct handle peer); /* now it is met */
void peering_alive(struct mesh_site *s, struct handle peer);
/* It is alive, and said so `age_ms` ago. */
void peering_proof(struct mesh_site *s, struct handle peer, uint32_t age_ms);
void peering_dead(
    struct mesh_site *s, struct handle peer, enum mesh_peer_reason reason);
void peering_accuse(struct mesh_site *s, struct handle peer);
/* A handshake is done. */
void peering_met(struct mesh_site *s, const struct session_start *start);
/* Its certificate came, in a session that waited for it; that session now, generation
 * 0: gone. */
struct handle peering_certified(struct mesh_site *s, struct handle session);
void peering_part(struct mesh_site *s, struct neighbour *n); /* forget the session */
void peering_left(struct mesh_site *s, struct neighbour *n); /* CLOSE: stopping */
/* It is silent here, and heard elsewhere. */
void peering_quit(struct mesh_site *s, struct handle peer);
/* A witness spoke: row, or SUSPECT_SELF. */
void peering_suspect(struct mesh_site *s, struct handle peer, uint32_t witness);
void peering_back(struct mesh_site *s, struct neighbour *n); /* no longer silent */
/* Out, at once: nothing but its ACKs is heard.  What is queued for it, the word that
 * put it out, still goes, and again if it is lost; then the session ends. */
void peering_block(
    struct mesh_site *s, struct handle peer, enum mesh_peer_reason reason);
void peering_readmit(struct mesh_site *s, struct handle peer); /* no longer blocked */
/* Whoever measures found that it takes and does not give: another gets its slot. */
/* Names its list fewer than one chooses, and `but` more?  Or is there none of this
 * life? */
bool peering_is_poor(const struct mesh_site *s, struct handle peer, uint32_t but);
void peering_blame(struct mesh_site *s, struct handle peer);
/* A walk over the links found it that far away, or not at all. */
void peering_reached(struct mesh_site *s, uint32_t row, uint8_t hops);
/* Has the other shown that it has the keys?  Before, HS3 may be lost and what we say
 * would be for nobody. */
bool peering_is_open(const struct mesh_site *s, const struct neighbour *n);
bool peering_can(const struct mesh_site *s, const struct neighbour *n,
    enum inside_feature what); /* agreed in the handshake */
struct neighbour *peering_neighbour(const struct mesh_site *s, struct handle peer);
struct neighbour *peering_walk(const struct mesh_site *s, uint32_t *index);

/* --- surplus.c: sessions that neither side needs --- */
enum { SURPLUS_MS = 10 * 1000 }; /* between two looks */
void surplus_tick(struct mesh_site *s);
mesh_time_ms surplus_deadline(const struct mesh_site *s);

/* --- calling.c: who is to be called, and when --- */
void calling_dial(struct mesh_site *s, struct handle peer, mesh_time_ms start_ms);
/* A beacon of a new life. */
/* Would we call it, if it were time? */
bool calling_wants(const struct mesh_site *s, struct handle peer);
void calling_met(struct mesh_site *s, struct handle peer);
void calling_again(struct mesh_site *s, const struct session *session); /* new keys */
void calling_call(struct mesh_site *s, const struct handshake_target *target);
void calling_review(struct mesh_site *s); /* whom we choose, now */
void calling_tick(struct mesh_site *s);
void calling_ourselves(struct mesh_site *s, const struct mesh_path *path);

/* --- finding.c: addresses, as each site signs its own --- */
bool finding_is_addresses(const struct record *r); /* a PUT of mesh.addr */
void finding_learn(struct mesh_site *s, struct handle row, const struct record *r);
void finding_observed(struct mesh_site *s, const struct session *session);
void finding_anew(struct mesh_site *s);    /* our log has begun anew: say it again */
void finding_changed(struct mesh_site *s); /* maybe: mesh.addr is to be written */
void finding_tick(struct mesh_site *s);
/* Another address of it is known: to be persisted, not at once. */
void finding_moved(struct mesh_site *s, struct peer *p);
void finding_keep(struct mesh_site *s); /* now: we stop */
/* Our addresses are to be written soon; write them now, with what is being written. */
bool finding_is_near(const struct mesh_site *s);
void finding_along(struct mesh_site *s);

/* --- leads.c: addresses that a neighbour vouches for; PEERS and PUNCH --- */
/* It sent us so much: that pays for calls. */
void leads_heard(struct mesh_site *s, struct neighbour *n, size_t bytes);
void leads_part(struct mesh_site *s, struct neighbour *n); /* what it told is void */
/* Tell a new neighbour of others.  False: no slot, later. */
bool leads_tell(struct mesh_site *s, struct neighbour *n);
/* The address of one who may show a certificate. */
void leads_candidate(
    struct mesh_site *s, const struct mesh_path *path, const struct mesh_key *key);
void leads_ask(struct mesh_site *s, struct handle peer); /* for a PUNCH */

/* --- append.c: own records --- */
void append_tick(struct mesh_site *s);
mesh_time_ms append_deadline(const struct mesh_site *s);
/* A lane-0 record to everybody or, with `dst`, to one.  `chain` (may be NULL): where
 * its stamps begin. */
enum mesh_err append_draft(struct mesh_site *s, const struct mesh_draft *d,
    uint64_t *seq, struct stamps_chain *chain);
/* The same, if it fits one datagram: MESH_MALFORMED. */
MESH_MUST_CHECK enum mesh_err append_checked(struct mesh_site *s,
    const struct mesh_draft *d, uint64_t *seq, struct stamps_chain *chain);
/* A lane-0 record to everybody; `body` by its table. */
void append_live(struct mesh_site *s, enum live_type type, const struct field_table *t,
    const void *body);
/* A signed lane-0 bundle that is not flooded: beacons. */
MESH_MUST_CHECK enum mesh_err append_sign_live(struct mesh_site *s, enum live_type type,
    struct bytes_view body, struct bytes_out *bundle);

/* Any record of ours. */
MESH_MUST_CHECK enum mesh_err append_record(
    struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq);
void append_live_body(struct mesh_site *s, enum live_type type, struct bytes_view body);
/* As mesh_site_append, for what an earlier epoch of ours said. */
MESH_MUST_CHECK enum mesh_err append_again(
    struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq);
void append_links_changed(struct mesh_site *s);
/* A PUT of ours in the state lane. */
MESH_MUST_CHECK enum mesh_err append_state(struct mesh_site *s, struct bytes_view body);
struct bundle_signer append_signer(const struct mesh_site *s);
/* Number and sign a live draft, and tell nobody; `r` views into `bundle`. */
MESH_MUST_CHECK enum mesh_err append_signed(struct mesh_site *s,
    const struct mesh_draft *d, struct record *r, struct bytes_out *bundle);
/* The record that a draft becomes, without its number. */
struct record append_drafted(const struct mesh_site *s, const struct mesh_draft *d);
/* A parcel of our own bundle, whose first record is `first`. */
struct handle append_parcel(
    struct mesh_site *s, const struct bundle *b, const struct record *first);

/* --- batch.c: own records between number and signature, and until they are safe --- */
/* MESH_FULL: not now.  Afterwards batch_put of so many bytes succeeds. */
MESH_MUST_CHECK enum mesh_err batch_make_room(
    struct mesh_site *s, const struct mesh_draft *d, size_t core_bytes);
void batch_put(struct mesh_site *s, enum mesh_lane lane, struct bytes_view core);
/* Even a lane at rest waits a moment: more is about to be written. */
void batch_gather(struct mesh_site *s, enum mesh_lane lane);
/* Sign what gathered: something else is numbered next.  MESH_FULL: not now. */
MESH_MUST_CHECK enum mesh_err batch_sign(struct mesh_site *s, enum mesh_lane lane);
void batch_tick(struct mesh_site *s);
void batch_close(struct mesh_site *s); /* sign what gathered: we stop */
mesh_time_ms batch_deadline(const struct mesh_site *s);
/* The store answered for a record of ours. */
void batch_stored(struct mesh_site *s, const struct flight *f, enum mesh_err err);

/* --- bulk.c: the same of records that need more than a datagram each --- */
/* Does one gather of that lane?  Then what is small may join. */
bool bulk_gathers(const struct mesh_site *s, enum mesh_lane lane);
/* MESH_FULL: not now.  Afterwards bulk_put of a core of at most so many bytes succeeds.
 */
MESH_MUST_CHECK enum mesh_err bulk_make_room(
    struct mesh_site *s, enum mesh_lane lane, size_t bytes);
void bulk_put(struct mesh_site *s, const struct record *r, struct bytes_view core);
void bulk_sign(struct mesh_site *s); /* what gathered */
void bulk_tick(struct mesh_site *s);
mesh_time_ms bulk_deadline(const struct mesh_site *s);
/* It is stored; `row`: as for spread_flood. */
void bulk_push(struct mesh_site *s, const struct flight *f, uint32_t row);

/* --- spread.c: records on their way to neighbours --- */
bool spread_has_room(const struct mesh_site *s); /* for one more parcel of records */
/* Does a bundle of so many bytes fit one datagram with the longest trail on its way? */
bool spread_fits(enum mesh_lane lane, uint16_t type, size_t bundle_bytes);
/* By what a core is known again.  A long one by its leaf: whoever verifies it needs
 * that in any case, and two passes over all of it cost more than one. */
enum { SPREAD_LONG = 512 };
struct dedup_mark spread_core_mark(const struct mesh_site *s, struct bytes_view core);
/* The same; from SPREAD_LONG bytes on it also says the leaf, else leaves it as it is.
 */
struct dedup_mark spread_leaf_mark(
    const struct mesh_site *s, struct bytes_view core, struct merkle_hash *leaf);
/* What tells whether a neighbour has this bundle: its one core, or all of them. */
struct dedup_mark spread_mark(const struct mesh_site *s, const struct bundle *b);
/* A parcel of the bundle as this site sends it on, by its first record; one reference.
 * Generation 0: no slot, or too large. */
struct handle spread_parcel(struct mesh_site *s, const struct record *r,
    const struct envelope_hop *hop, const struct dedup_mark *mark);
/* Empty: no such parcel. */
struct bytes_view spread_bundle(const struct mesh_site *s, struct handle parcel);
/* The chosen of the cores in a parcel, with their proof and the same hop fields:
 * another parcel, or one more reference if all are chosen.  Generation 0: no slot. */
struct handle spread_piece(struct mesh_site *s, struct handle parcel, uint64_t chosen);
/* A record of more than a datagram, with its hop fields as it goes on. */
struct spread_large {
	const struct record *record;
	struct envelope_hop hop;
	struct dedup_mark mark;
};
/* Its pieces for links of that limit: parcel_release_all.  Generation 0: no slots. */
struct handle spread_cut(
    struct mesh_site *s, const struct spread_large *large, size_t limit);
/* How long a frame to that neighbour may be (mtu.h), and the least of all. */
size_t spread_limit_of(const struct mesh_site *s, const struct neighbour *n);
size_t spread_limit(const struct mesh_site *s);
/* That limit as it is now; if it has become less, what waits is cut anew. */
size_t spread_width(struct mesh_site *s, struct neighbour *n);
/* Like spread_flood. */
void spread_large(struct mesh_site *s, const struct spread_large *large, uint32_t row,
    const struct neighbour *but);
/* The same of a record of ours, whose pieces were cut before. */
void spread_pieces(
    struct mesh_site *s, struct handle pieces, enum mesh_lane lane, uint32_t row);
/* Queue a parcel, in pieces if its way is that narrow, or all pieces from it on.
 * False: shed. */
bool spread_put(struct mesh_site *s, struct neighbour *n, struct handle parcel);
/* To all neighbours but one, and of P1 but those who get it from others; `row`: the
 * origin's (branch_row). */
void spread_flood(struct mesh_site *s, struct handle parcel, uint32_t row,
    const struct neighbour *but);
/* To one whose link came later than the record, unless it has it or is on its way. */
void spread_again(struct mesh_site *s, struct neighbour *n, struct handle parcel);
void spread_frame(struct mesh_site *s, struct neighbour *n, uint8_t number,
    const struct field_table *t, const void *frame);
/* Some of what a new neighbour has to know, if there is any left. */
void spread_news(struct mesh_site *s, struct neighbour *n);

/* --- recent.c: what was pushed a moment ago --- */
/* A parcel of records, the first of which is `r`. */
void recent_note(struct mesh_site *s, const struct record *r, struct handle parcel);
void recent_tell(struct mesh_site *s, struct neighbour *n); /* it was just started */
void recent_tick(struct mesh_site *s);

/* --- branch.c: along which links the records of an origin travel --- */
enum { BRANCH_NONE = UINT32_MAX }; /* no origin we know */
uint32_t branch_row(const struct mesh_site *s, const struct mesh_key *origin);
uint32_t branch_of(const struct mesh_site *s, const struct record *r); /* its tree */
/* Shall it have a copy of this origin's records? */
bool branch_wants(const struct mesh_site *s, uint32_t row, const struct neighbour *n);
/* PRUNE. */
void branch_told(
    struct mesh_site *s, const struct neighbour *n, struct bytes_view oid, bool spare);
/* It brought a record that is new, or one that we have. */
void branch_news(
    struct mesh_site *s, const struct neighbour *n, const struct record *r);
void branch_copy(struct mesh_site *s, struct neighbour *n,
    const struct mesh_position *at, uint32_t age_ms);
void branch_end(struct mesh_site *s, uint32_t row); /* everybody shall send again */
/* Our store begins to refuse: all that were asked to stop shall send again. */
void branch_distrust(struct mesh_site *s);
void branch_lost(struct mesh_site *s, const struct neighbour *n); /* silent or gone */

/* --- apply.c: frames and live records, by table --- */
struct apply_input { /* one frame of an opened datagram */
	struct neighbour *n;
	struct handle session;
	const struct mesh_path *from;
	const struct envelope_frame *frame;
};
enum apply_verdict {
	APPLY_DONE,    /* decided, for good or bad */
	APPLY_PENDING, /* not decided: the other shall send it again */
	APPLY_BAD,     /* no well-formed message */
};
enum apply_verdict apply_frame(struct mesh_site *s, const struct apply_input *in);
struct apply_record {         /* a verified lane-0 record */
	struct handle origin; /* peer */
	const struct record *record;
	const struct envelope_hop *hop; /* as it came */
	const struct neighbour *from;
	struct handle parcel; /* the same record as we send it on */
};
void apply_live(struct mesh_site *s, const struct apply_record *in);

/* --- cargo.c: frames of more than one datagram --- */
enum apply_verdict cargo_on_frag(struct mesh_site *s, const struct apply_input *in);
/* A record of ours that needs more than a datagram.  MESH_FULL: not now.
 * MESH_MALFORMED: too long even so (tx.too_large), or a bad body. */
MESH_MUST_CHECK enum mesh_err cargo_append(
    struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq);
/* Is nothing read there, or is this bundle of the page that came with what is? */
bool cargo_takes(const struct mesh_site *s, struct bytes_view bundle);
/* A record that cargo_takes: its flight, to be told before all that was not yet, but
 * behind those of the same page. */
struct flight *cargo_flight(struct mesh_site *s, const struct record *r,
    struct bytes_view proof, const uint8_t leaf[static MERKLE_HASH]);
void cargo_return(struct mesh_site *s, struct flight *f); /* read */
/* The same of one that is kept in parcels, beside what is read already.  False: no
 * room until that is done. */
bool cargo_show(struct mesh_site *s, struct flight *f);
/* The record that this flight is to read there. */
bool cargo_record(
    const struct mesh_site *s, const struct flight *f, struct mesh_record *out);
/* A bundle that is kept in parcels, until the next input.  False: not now. */
bool cargo_read(struct mesh_site *s, struct handle stored, struct bytes_view *bundle);
/* Lying there, from now on if it did not before.  Empty: somebody reads there. */
struct bytes_view cargo_copy(struct mesh_site *s, struct bytes_view what);
/* The same for what is read at once.  False: it lies elsewhere. */
bool cargo_lend(struct mesh_site *s, struct bytes_view body);
void cargo_take_back(struct mesh_site *s);
/* A bundle of more than a datagram, kept in parcels: parcel_release_all.  Generation 0:
 * no slots. */
struct handle cargo_store(struct mesh_site *s, struct bytes_view bundle);
/* Copy it out; how long it is, at most `cap`. */
size_t cargo_load(
    const struct mesh_site *s, struct handle stored, uint8_t *out, size_t cap);
/* From now on its first piece is enough to know it. */
void cargo_note(struct mesh_site *s, const struct bundle *b, const struct record *r,
    const struct dedup_mark *mark);

/* --- routing.c: records for one site, from hop to hop --- */
void routing_init(struct mesh_site *s);
/* `from` NULL: ours. */
void routing_send(struct mesh_site *s, const struct mesh_key *to, struct handle parcel,
    const struct neighbour *from);
/* What is asked by `origin` came by `from`: that way its answers go back. */
void routing_came(
    struct mesh_site *s, struct handle origin, const struct neighbour *from);
/* A copy came back from `n`: perhaps because it has nobody to hand it to. */
void routing_returned(
    struct mesh_site *s, struct neighbour *n, const struct dedup_mark *mark);
void routing_tick(struct mesh_site *s);
mesh_time_ms routing_deadline(const struct mesh_site *s);
/* Our stamp on what goes on, if it wants one; `room` then holds all of them. */
void routing_stamp(struct mesh_site *s, const struct record *r,
    const struct neighbour *from, struct envelope_hop *next, struct bytes_out *room);

/* --- asking.c: questions and answers --- */
void asking_init(struct mesh_site *s, void *block);
void asking_take(struct mesh_site *s, const struct apply_record *in);
bool asking_next(struct mesh_site *s, struct mesh_event *out);
void asking_return(struct mesh_site *s); /* what was lent for reading */

/* --- echo.c: how far, which way, how long --- */
void echo_answer(struct mesh_site *s, const struct apply_record *in, uint64_t number);
/* What a reply says about the way. */
void echo_read(const struct mesh_site *s, const struct question *q,
    const struct apply_record *in, const struct live_echo_reply *reply,
    struct mesh_echo *out);

enum apply_verdict leads_peers(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict leads_punch(struct mesh_site *s, const struct apply_input *in);

/* --- watch.c: is everybody still there, are we --- */
void watch_begin(struct mesh_site *s, struct neighbour *n);
void watch_tick(struct mesh_site *s, mesh_time_ms late);
void watch_heard(struct mesh_site *s, struct neighbour *n); /* a session datagram */
void watch_used(struct mesh_site *s, struct neighbour *n);  /* by PING or PONG */
enum apply_verdict watch_probe(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict watch_probed(struct mesh_site *s, const struct apply_input *in);
mesh_time_ms watch_deadline(const struct mesh_site *s);

/* --- ruling.c: the control lane takes effect --- */
void ruling_load(struct mesh_site *s, struct bytes_view key, struct bytes_view body);
void ruling_start(struct mesh_site *s); /* all is loaded */
void ruling_sort(struct mesh_site *s);  /* who is out is so at once */
/* A record of the control lane holds from now on; `bundle` is its proof. */
void ruling_take(struct mesh_site *s, const struct record *r, struct bytes_view bundle);
/* By somebody who is out, and not from before. */
bool ruling_is_cut_off(const struct mesh_site *s, const struct record *r);
/* Our own word, as a record. */
MESH_MUST_CHECK enum mesh_err ruling_say(
    struct mesh_site *s, const struct clause *c, uint64_t *seq);
/* The next row to keep and its slot; and what became of it. */
bool ruling_next_keep(struct mesh_site *s, struct bytes_out *key,
    struct bytes_out *body, uint32_t *index);
void ruling_kept(struct mesh_site *s, uint32_t index, enum mesh_err err);

/* --- certs.c: an authority admits --- */
void certs_start(
    struct mesh_site *s, const struct mesh_params *p, struct introduce *told);
uint32_t certs_until_s(const struct mesh_site *s); /* ours; 0: none */
enum mesh_certified certs_standing(const struct mesh_site *s);
/* What was kept of a site: the authority, and its time. */
void certs_load(struct mesh_site *s, const struct mesh_key *key, struct bytes_view by,
    uint32_t from_s, uint32_t until_s);
/* A handshake with one whose certificate we do not have; it says that it has one. */
void certs_met(struct mesh_site *s, const struct session_start *start);
/* HS3 again: our CERT was lost. */
void certs_again(struct mesh_site *s, uint32_t sid_local);
/* Data in such a session.  True: it is a member's now, `got->session`, and its frames
 * are to be looked at. */
bool certs_data(
    struct mesh_site *s, struct session_opened *got, const struct mesh_path *from);
/* A site refuses ours: CLOSE with that reason. */
void certs_refused(struct mesh_site *s, const struct mesh_key *by, uint8_t reason);
void certs_show(struct mesh_site *s, struct neighbour *n); /* ours, to a new session */
enum apply_verdict certs_on_frame(struct mesh_site *s, const struct apply_input *in);
/* A beacon by one of whom we have no certificate, and who may have one. */
bool certs_would_look(const struct mesh_site *s, const struct mesh_key *key);
void certs_look(
    struct mesh_site *s, const struct mesh_path *from, const struct mesh_key *key);
/* Is it the certificate of its origin, and does it let it in? */
bool certs_is_shown(struct mesh_site *s, const struct record *r);
bool certs_take(struct mesh_site *s, const struct record *r); /* false: none */
/* Our log has begun anew: ours is to be written again. */
void certs_anew(struct mesh_site *s);
void certs_tick(struct mesh_site *s);
mesh_time_ms certs_deadline(const struct mesh_site *s);

/* --- rekey.c: the network's key is replaced --- */
void rekey_settle(struct mesh_site *s); /* the charter changed */
/* Our operator's next key: it is told, and goes to the file, once the record that names
 * it is stored; a cut before that leaves the old key alone. */
void rekey_draw(struct mesh_site *s, const uint8_t key[static 32]);
void rekey_heard(struct mesh_site *s, const uint8_t hint[static 4]);
enum apply_verdict rekey_on_ask(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict rekey_on_key(struct mesh_site *s, const struct apply_input *in);
void rekey_tick(struct mesh_site *s);
mesh_time_ms rekey_deadline(const struct mesh_site *s);
bool rekey_next_file(struct mesh_site *s, struct bytes_out *file);
void rekey_file_kept(struct mesh_site *s, enum mesh_err err);

/* --- guests.c: invitations --- */
void guests_start(struct mesh_site *s);
void guests_member_door(
    const struct mesh_site *s, const struct netkey *keys, struct handshake_door *out);
/* The door that a hint names.  False: a stranger's. */
bool guests_door(const struct mesh_site *s, const uint8_t hint[static 4],
    struct handshake_door *out);
/* May the handshake be finished? */
bool guests_would(struct mesh_site *s, const struct session_start *start);
void guests_met(struct mesh_site *s, const struct session_start *start);
void guests_data(struct mesh_site *s, const struct session_opened *got);
void guests_tick(struct mesh_site *s);
mesh_time_ms guests_deadline(const struct mesh_site *s);
bool guests_next_join(struct mesh_site *s, struct mesh_event *out);

/* --- hail.c: beacons --- */
bool hail_make(struct mesh_site *s, struct bytes_out *datagram);
uint32_t hail_known(const struct mesh_site *s, uint16_t iface); /* O(peers) */
void hail_receive(
    struct mesh_site *s, const struct envelope *env, const struct mesh_path *from);

/* --- receive.c --- */
void receive_stranger(struct mesh_site *s, const struct mesh_path *from);
/* One who has the network's key and is not admitted: counted, listed, no more. */
void receive_candidate(
    struct mesh_site *s, const struct mesh_path *from, const struct mesh_key *key);

/* --- arrive.c: a bundle on its way through the checks --- */
enum apply_verdict arrive_push(struct mesh_site *s, const struct apply_input *in);
/* That neighbour has the record: as good as its ACK. */
void arrive_spare(
    struct mesh_site *s, struct neighbour *n, const struct dedup_mark *mark);
struct arrive_place { /* where in which page a bundle stands */
	const struct holdings_log *log;
	uint64_t after, to; /* `after`: the number before it, moves on */
	uint64_t back;      /* of the one just taken */
};
/* The same checks for a bundle that we asked for. */
enum apply_verdict arrive_page(struct mesh_site *s, struct neighbour *n,
    struct bytes_view bundle, struct arrive_place *place);

/* --- judge.c: what makes a record acceptable --- */
struct judge_record {
	const struct neighbour *from;
	const struct record *record;
	const struct bundle *bundle;    /* in which it came */
	const struct envelope_hop *hop; /* NULL: in a page, history */
	uint64_t claims;                /* numbers that it settles, its own included */
};
/* By what it says and what is known.  COUNT_MESH: yes; else the counter to move.
 * `passes`: stored in an earlier life; unknown to our reach. */
enum mesh_counter judge_record(
    struct mesh_site *s, const struct judge_record *j, bool *passes);
/* Who is served first when there is no time for all signatures: a quarter of the budget
 * is kept for alerts and suspicions, another for what sessions bring; anybody who has
 * the network's key, revoked or not, can send beacons. */
enum judge_rank { JUDGE_URGENT, JUDGE_RECORD, JUDGE_BEACON };
/* Time for one signature; counted (shed.verify) if there is none. */
bool judge_has_time(struct mesh_site *s, enum judge_rank rank);
/* Have we room, time and its origin a share for `n` records of a bundle, the first as
 * told?  Counted if not. */
bool judge_load(struct mesh_site *s, const struct record *first, uint32_t n, bool page);
void judge_carried(struct mesh_site *s, const struct record *r); /* it is passed on */
/* `leaf`: of its cores.  MESH_DENIED: not signed by `origin`; MESH_MALFORMED: no proof.
 */
MESH_MUST_CHECK enum mesh_err judge_signature(struct mesh_site *s,
    const struct bundle *b, const struct mesh_key *origin,
    const struct merkle_hash leaf[static BUNDLE_CORES]);
/* Its origin is out: what is still let in was said before that. */
bool judge_is_from_before(const struct mesh_site *s, const struct mesh_key *origin);
bool judge_is_of_one_log(const struct mesh_position *a, const struct mesh_position *b);
/* Neither held nor on its way to the store. */
bool judge_is_lacked(const struct mesh_site *s, const struct record *r);

/* --- sync.c: who holds what --- */
/* A new session.  Not of a new life: what was asked over the former one goes on. */
void sync_begin(struct mesh_site *s, struct neighbour *n, bool new_life);
/* Our digest, if it must be told in the PING or PONG now made; else empty. */
struct bytes_view sync_news(struct mesh_site *s, struct neighbour *n);
void sync_heard(struct mesh_site *s, struct neighbour *n, struct bytes_view digest);
enum apply_verdict sync_on_sum(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict sync_on_rows(struct mesh_site *s, const struct apply_input *in);
/* False: not queued, and counted. */
bool sync_send(struct mesh_site *s, struct neighbour *n, enum parcel_class class,
    enum parcel_keep keep, struct bytes_view frame);
void sync_tick(struct mesh_site *s);
mesh_time_ms sync_deadline(const struct mesh_site *s);

/* --- repair.c: what we lack --- */
/* That neighbour holds these numbers of a log. */
void repair_offer(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, struct mesh_run held);
/* Ask for one range, unless it is asked for, or this neighbour lacks it. */
void repair_pull(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, struct mesh_run *run);
/* A piece of something came from there: its answers are only on their way. */
void repair_goes_on(struct mesh_site *s, const struct neighbour *n);
/* Ask for all of it, whatever it claims, and then for what else is missing up to
 * `claimed`.  False: not now, or it is asked for. */
bool repair_ask(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, struct mesh_run run, uint64_t claimed);
enum apply_verdict repair_on_page(struct mesh_site *s, const struct apply_input *in);
enum apply_verdict repair_on_none(struct mesh_site *s, const struct apply_input *in);
void repair_part(struct mesh_site *s, struct neighbour *n);
void repair_tick(struct mesh_site *s);
mesh_time_ms repair_deadline(const struct mesh_site *s);

/* --- purges.c: sites that are out with all that they said --- */
/* From before its origin was purged.  Of others' the have-sets say so, too. */
bool purges_is_void(const struct mesh_site *s, const struct mesh_position *at);
/* What a REVOKE that is said now adds to or keeps of what is void.  False: it would
 * hide a purge of ours. */
bool purges_fill(
    const struct mesh_site *s, const struct mesh_decree *d, struct clause *c);
void purges_settle(struct mesh_site *s); /* the statements have changed */
/* The next event but for its ticket, which wants `index`. */
bool purges_next(struct mesh_site *s, struct mesh_event *out, uint32_t *index);
void purges_outcome(struct mesh_site *s, uint32_t index, enum mesh_err err);

/* --- holes.c: what is missing below what we hold --- */
/* A neighbour lacks the gap that begins there: who is next? */
void holes_denied(struct mesh_site *s, const struct holdings_log *log, uint64_t first);
/* A neighbour asked us for these, and `row` is what we hold of that origin. */
void holes_asked(struct mesh_site *s, struct neighbour *n,
    const struct holdings_row *row, const struct want *w);
/* Whatever is missing of the log up to there, every neighbour lacks it too. */
bool holes_denied_by_all(
    struct mesh_site *s, const struct holdings_log *log, uint64_t to);
void holes_tick(struct mesh_site *s);
mesh_time_ms holes_deadline(const struct mesh_site *s);

/* --- quotas.c: what one site may keep --- */
/* Can it be taken without losing count of what its origin keeps? */
bool quotas_allow(const struct mesh_site *s, const struct record *r, uint64_t claims);
/* So much of its lane is live now (NULL: unknown). */
void quotas_stored(
    struct mesh_site *s, const struct mesh_position *at, const struct mesh_live *live);
/* `replaced`: what the record counts for whose key this one takes; 0: it is new. */
bool quotas_may_write(
    struct mesh_site *s, const struct mesh_draft *d, uint32_t replaced);
uint32_t quotas_weight(const struct mesh_site *s, const struct mesh_draft *d);

/* --- recover.c: our own log as others know it --- */
enum { RECOVER_CLONE_GAP_MS = 10 * 1000, RECOVER_DOUBTS = 10 };
void recover_start(struct mesh_site *s, bool nobody_knows_us);
void recover_greeted(struct mesh_site *s); /* a neighbour said all it holds of us */
/* Somebody holds our log up to `high`.  True: pull what is missing of it. */
bool recover_offer(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, uint64_t high);
/* May a record of ours come back?  COUNT_MESH: yes. */
enum mesh_counter recover_judge(const struct mesh_site *s, const struct record *r);
void recover_proved(struct mesh_site *s, const struct record *r); /* it is verified */
void recover_stored(
    struct mesh_site *s, const struct mesh_position *at, const struct mesh_live *live);
void recover_heard(struct mesh_site *s, const struct judge_record *j);
/* Verified: another body with our key, heard itself at `addr`, or (NULL) only by what
 * the neighbour `by` brought. */
void recover_clone(struct mesh_site *s, uint64_t boot, const struct mesh_key *by,
    const struct mesh_path *addr);
void recover_new_epoch(struct mesh_site *s, uint64_t above);
void recover_tick(struct mesh_site *s);

/* --- lives.c: two lives of one key --- */
void lives_note(struct mesh_site *s, const struct apply_record *in); /* a REFUTE */
/* Refused for its older boot: show it the newer life. */
void lives_show(struct mesh_site *s, const struct session_start *start);
/* Its last list of links is by another life with the same boot. */
bool lives_differ(const struct mesh_site *s, const struct neighbour *n);
void lives_say(struct mesh_site *s);    /* to all neighbours: this is our boot */
void lives_refute(struct mesh_site *s); /* the same, unless it was just said */
void lives_tick(struct mesh_site *s);

/* --- fork.c: two records under one number --- */
/* Its number is held, its bytes were never seen. */
void fork_suspect(
    struct mesh_site *s, const struct record *r, struct bytes_view bundle);
void fork_heard(struct mesh_site *s, const struct record *r); /* a verified LIVE_FORK */
void fork_load(struct mesh_site *s, const struct mesh_position *at);
void fork_supplied(struct mesh_site *s, struct want *w,
    const struct mesh_record *records, size_t count);
void fork_supply_end(struct mesh_site *s, struct want *w, uint64_t upto);
void fork_tick(struct mesh_site *s);
mesh_time_ms fork_deadline(const struct mesh_site *s);

/* --- proofs.c: known forks, for those who were away --- */
void proofs_keep(
    struct mesh_site *s, const struct mesh_position *at, struct bytes_view body);
struct bytes_view proofs_of(const struct mesh_site *s, const struct mesh_position *at);
/* To a neighbour of late.  False: no slot, later. */
bool proofs_tell(struct mesh_site *s, struct neighbour *n);
/* A neighbour told it to us alone: to the others. */
void proofs_pass_on(struct mesh_site *s, struct bytes_view body);

/* --- sketching.c: lanes that are not what their origin says --- */
enum apply_verdict sketching_on_sketch(
    struct mesh_site *s, const struct apply_input *in);
enum apply_verdict sketching_on_cells(
    struct mesh_site *s, const struct apply_input *in);
/* The next event but for its ticket, which wants `what`. */
bool sketching_next(struct mesh_site *s, struct mesh_event *out, struct handle *what);
/* Nothing of our own lane is missing, as far as we know: it may be said what it is. */
bool sketching_is_whole(struct mesh_site *s, enum mesh_lane lane);
void sketching_part(struct mesh_site *s, struct neighbour *n);
void sketching_tick(struct mesh_site *s);
mesh_time_ms sketching_deadline(const struct mesh_site *s);

/* --- serving.c: what others lack --- */
enum apply_verdict serving_on_pull(struct mesh_site *s, const struct apply_input *in);
void serving_tick(struct mesh_site *s);

/* --- emit.c --- */
void emit_urgent(
    struct mesh_site *s, const struct mesh_path *to, struct bytes_view datagram);
void emit_close(struct mesh_site *s, struct handle session, enum close_reason reason);
void emit_path(struct mesh_site *s, struct handle session, enum frame_number frame,
    const struct mesh_path *to, struct bytes_view token);
mesh_time_ms emit_deadline(const struct mesh_site *s);

/* --- events.c --- */
/* Queue the record that is core `index` of the parcel's.  Requires: a free slot. */
struct flight *events_flight(
    struct mesh_site *s, const struct record *r, struct handle parcel, size_t index);
/* The same, told before all others but `before` and those in front of it (index + 1; 0:
 * none): it is read in the cargo's buffer, which they may need. */
struct flight *events_flight_behind(
    struct mesh_site *s, uint32_t before, const struct record *r);
/* The same, not queued yet. */
struct flight *events_hold(
    struct mesh_site *s, const struct record *r, struct handle parcel, size_t index);
/* Numbers that a page of a keyed lane proved dead, the last of them at `at`. */
void events_settle(
    struct mesh_site *s, const struct mesh_position *at, uint64_t claims);
struct want *events_want(struct mesh_site *s, uint64_t ticket); /* NULL: stale */
/* What sketching_next gave; false: another kind of ticket. */
bool events_sketch(uint64_t ticket, struct handle *what);
void events_late(struct mesh_site *s, struct flight *f); /* it is history */
void events_return(struct mesh_site *s);                 /* what was lent for reading */
void events_queue(struct mesh_site *s, struct handle flight); /* to be told */
/* The last word on a record of ours; events_end_flight follows. */
void events_own_outcome(struct mesh_site *s, const struct flight *f, enum mesh_err err,
    const struct mesh_live *live);
void events_end_flight(struct mesh_site *s, struct handle flight);

/* --- flying.c: what is on its way to the disk, by its number --- */
void flying_add(struct mesh_site *s, struct flight *f);
void flying_remove(struct mesh_site *s, const struct flight *f); /* it was added */
/* Verified, handed out, and its store has not answered yet. */
bool flying_has(const struct mesh_site *s, const struct mesh_position *at);

/* --- kept.c: rows of peers, on the disk and told --- */
#define KEPT_WORDS(peers) (((size_t)(peers) + 63) / 64)
void kept_load(struct mesh_site *s, struct bytes_view key, struct bytes_view body);
/* After a row has changed: it is told, or kept, if its flags say so. */
void kept_news(struct mesh_site *s, const struct peer *p);
void kept_all_news(struct mesh_site *s);
/* The next event but for its ticket; MESH_KEEP wants one of that row, or index. */
bool kept_next(struct mesh_site *s, struct mesh_event *out, uint32_t *row);
bool kept_next_forgotten(struct mesh_site *s, struct mesh_event *out, uint32_t *index);
void kept_outcome(struct mesh_site *s, struct handle row, enum mesh_err err);
void kept_forgotten_outcome(struct mesh_site *s, uint32_t index, enum mesh_err err);
/* Empty the row of a removed site.  False: those before are not kept yet. */
bool kept_forget(struct mesh_site *s, const struct mesh_key *key);
void kept_offer_forgotten(struct mesh_site *s); /* those that the disk refused */

/* --- refusals.c: what the store refused --- */
/* A record of ours: it waits until all that was given out is decided. */
void refusals_note(struct mesh_site *s, struct flight *f, enum mesh_err err);
void refusals_decide(struct mesh_site *s, enum mesh_lane lane); /* is it by now? */
void refusals_of_row(struct mesh_site *s); /* marked unkept again */
void refusals_tick(struct mesh_site *s);
mesh_time_ms refusals_deadline(const struct mesh_site *s);

void events_notice(
    struct mesh_site *s, enum mesh_notice code, const struct mesh_key *site);
void events_quota(struct mesh_site *s, const struct mesh_position *at);
void events_cloned(
    struct mesh_site *s, const struct mesh_key *by, const struct mesh_path *addr);
#endif
