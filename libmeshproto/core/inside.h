/* inside.h - one site: other rooms' structs side by side.
 *
 * How the core's files call each other say inside_peers.h, inside_own.h,
 * inside_travel.h, inside_trust.h, inside_logs.h and inside_events.h.
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
#endif
