/* world.h - several sites and the air between them, in virtual time from one seed.
 *
 * The production core runs here unchanged: the world is what a daemon, a store and a
 * network are to it.  Two sites hear each other where they are joined; every datagram
 * may be lost, late, doubled, broken or overtaken, a link may be blocked one way,
 * clogged or narrow, a site may be killed, unplugged, stopped or paused, its disk slow
 * or full, its wall clock wrong (world_faults.h draws all that).  A kill loses what was
 * not committed, a power cut what was not synced.  With every event the invariants are
 * looked at (world.violations): no record told twice in a life of the disk, one core
 * for one identity, own numbers rise, nothing told that nobody signed, memory, rest. No
 * work per event grows with the number of sites.  Shared by meshsim and the tests. */
#ifndef MESHSIM_WORLD_H
#define MESHSIM_WORLD_H
#include "arrivals.h"
#include "ledger.h"
#include "meshparams.h"
#include "wakes.h"

enum {
	WORLD_DATAGRAM = 1500,
	WORLD_BODY = 72 * 1024, /* filler of a record, at most */
	WORLD_VIOLATIONS = 8,
	WORLD_PORT = 4470,
	WORLD_IFACE = 1
};
#define WORLD_MEMORY_CAP ((size_t)4 * 1000 * 1000)

struct world_params {
	uint32_t sites;
	uint64_t seed;
	double loss;           /* 0..1, each datagram and receiver */
	uint32_t delay_min_ms; /* uniform between the two */
	uint32_t delay_max_ms;
	uint32_t store_ms; /* from MESH_RECORD or MESH_KEEP to _stored */
	bool standin;      /* cheap cryptography: standin.h */
	bool strict; /* nobody forges or is a clone: one core for one identity, and
		      * all that is told was signed here */
	uint32_t event_ms; /* 0: or a site hears one event in so long, between inputs */
	bool unlimited;    /* limits below, instead of the defaults */
	uint32_t dead_after_ms;
	uint32_t ping_ms; /* as mesh_params has it */
	enum mesh_admission admission;
	const struct mesh_key *authority; /* ADMISSION_CA; the caller's */
	struct mesh_limits limits;
};
struct world_record { /* what a site was told by MESH_RECORD */
	struct mesh_position at;
	uint32_t origin; /* index of the site, or UINT32_MAX */
	uint16_t type;
	mesh_time_ms told_ms;
	uint64_t tag; /* first bytes of the body's last bin, for the tests */
};
struct world_peer_change {
	mesh_time_ms at_ms;
	uint32_t peer;
	enum mesh_peer_state state;
	enum mesh_peer_reason reason;
	bool was_up; /* and heard: to call it dead was wrong */
};
struct world_datagram { /* what a tap sees, and may keep */
	uint32_t from, to;
	bool broadcast;
	struct mesh_path source;
	size_t len;
	uint8_t bytes[WORLD_DATAGRAM];
};
struct shelf;
struct world_mend;   /* a lane that is compared with others' */
struct world_disk;   /* what survives a kill */
struct world_shape { /* one direction of a link with little room */
	uint32_t from, to;
	uint64_t bits_per_s;
	uint32_t queue_bytes; /* what does not fit is lost */
	uint64_t busy_us;     /* until when it sends what it has */
};
/* What may befall each datagram; shares of 1. */
struct world_weather {
	double duplicate, corrupt, reorder;
	uint32_t reorder_ms; /* how much later at most */
};
struct world_site {
	struct mesh_site *site; /* NULL: down */
	struct mesh_identity identity;
	struct mesh_network network; /* as its file has it */
	uint8_t cert[MESH_CERTIFICATE_MAX];
	size_t cert_len;       /* 0: it has no certificate */
	enum mesh_join joined; /* how its last mesh_site_join went; 0: not yet */
	uint8_t join_key[32];
	struct mesh_path path;
	uint64_t boot;
	uint32_t starts, ticks_at_once;
	mesh_time_ms ticked_ms;
	uint64_t sent, sent_bytes, received, received_bytes;
	uint64_t random;
	unix_ms clock_ms;              /* what its wall clock is wrong by */
	mesh_time_ms paused_ms;        /* stands still until then, as by SIGSTOP */
	mesh_time_ms heard_ms;         /* its last event */
	uint32_t paused_bytes;         /* wait in its socket meanwhile */
	enum mesh_replicate replicate; /* from its next start on */
	uint32_t store_ms;             /* how long a commit takes */
	enum mesh_err store_err;       /* what becomes of it */
	struct world_record *records;  /* in the order they were told */
	size_t record_count, record_cap;
	struct world_peer_change *changes;
	size_t change_count, change_cap;
	struct mesh_position newest[LANE_REGISTRY + 1]; /* of its own log, by lane */
	uint32_t notices[16];                           /* by enum mesh_notice */
	uint32_t purges;         /* MESH_PURGE, over all its lives */
	struct mesh_event clone; /* its last NOTICE_CLONE, one with an address first */
	struct world_disk *disk;
	struct world_mend *mend; /* NULL: never needed */
};
enum world_fate { WORLD_DELIVER, WORLD_DROP };
/* What a site last said of another; PROTOCOL.md 15: it *knows* it after a verified
 * beacon or a session, and *reaches* it when it is alive and a path is found. */
enum {
	VIEW_STATE = 7 /* enum mesh_peer_state + 1; 0: never named */,
	VIEW_KNOWN = 8,
	VIEW_REACHED = 16
};
struct world {
	struct world_params params;
	struct mesh_network network;
	mesh_time_ms now;
	uint64_t random;
	struct world_site *sites;
	uint8_t *joined; /* sites x sites: from, to; LINK_* */
	struct world_shape *shapes;
	size_t shape_count, shape_cap;
	struct world_weather weather;
	uint8_t *views; /* sites x sites: whose, of whom */
	uint64_t known_pairs, reached_pairs;
	mesh_time_ms known_ms, reached_ms; /* when those last changed */
	uint32_t *by_key;                  /* site + 1 by hash of its key; 0: empty */
	mesh_time_ms clogged_ms;
	struct ledger ledger;
	uint64_t stray_bytes; /* sent to where nobody is */
	/* Hears of each of those datagrams; may be NULL. */
	void (*strayed)(void *ctx, const struct mesh_path *to, size_t len);
	void *strayed_ctx;
	struct arrivals arrivals;
	struct wakes wakes;
	struct shelf *shelf; /* the bundles that all disks hold */
	char violations[WORLD_VIOLATIONS][160];
	size_t violation_count;
	/* Sees every datagram before it arrives; may be NULL. */
	enum world_fate (*tap)(void *ctx, const struct world_datagram *d);
	void *tap_ctx;
	/* Hears what a site says of questions and answers; may be NULL. */
	void (*told)(void *ctx, uint32_t site, const struct mesh_event *e);
	void *told_ctx;
};

struct world *world_new(const struct world_params *params); /* all down, none joined */
void world_free(struct world *w);
uint64_t world_random(struct world *w);
struct mesh_now world_now(const struct world *w);
/* An invariant broke; only the first WORLD_VIOLATIONS are kept. */
__attribute__((format(printf, 2, 3))) void world_violated(
    struct world *w, const char *format, ...);

enum {
	LINK_JOINED = 1,
	LINK_BLOCKED = 2 /* a fault, this way */,
	LINK_SHAPED = 4,
	LINK_CLOGGED = 8 /* nothing arrives before world.clogged_ms */
};
void world_join(struct world *w, uint32_t a, uint32_t b);
void world_cut(struct world *w, uint32_t a, uint32_t b);
void world_block(struct world *w, uint32_t from, uint32_t to, bool blocked);
void world_clog(struct world *w, uint32_t from, uint32_t to, bool clogged);
/* Both directions; 0 bits: no longer shaped. */
void world_shape(
    struct world *w, uint32_t a, uint32_t b, uint64_t bits_per_s, uint32_t queue_bytes);
bool world_hears(const struct world *w, uint32_t from, uint32_t to);
void world_join_all(struct world *w);
void world_join_line(struct world *w); /* 0-1-2-... */
void world_join_ring(struct world *w);

/* Start it with what its disk holds and a higher boot. */
void world_start(struct world *w, uint32_t site);
void world_start_all(struct world *w);
void world_kill(struct world *w, uint32_t site); /* as kill -9 */
void world_power_cut(
    struct world *w, uint32_t site);             /* and unsynced commits are lost */
void world_stop(struct world *w, uint32_t site); /* goodbye first */
/* It stands still for that long; what it hears waits in its socket, if it fits. */
void world_pause(struct world *w, uint32_t site, mesh_time_ms ms);
void world_seed(struct world *w, uint32_t site, uint32_t to);
void world_segment_down(struct world *w, uint32_t site);

/* Run to that moment, all that is due at it included. */
void world_run(struct world *w, mesh_time_ms until);
/* Run until `done` says so, looked at every few milliseconds; false: not by then. */
bool world_wait(struct world *w, bool (*done)(const struct world *w, void *ctx),
    void *ctx, mesh_time_ms until);
/* Take out what a site has to say after something was put in. */
void world_drain(struct world *w, uint32_t site);
/* Send out what is due at this very moment. */
void world_flush(struct world *w, uint32_t site);
/* A datagram out of nowhere. */
void world_inject(struct world *w, uint32_t to, const struct mesh_path *from,
    struct bytes_view datagram);

/* A packet-like body [number, filler bin]; remembered under its number. */
MESH_MUST_CHECK enum mesh_err world_append(struct world *w, uint32_t site,
    enum mesh_lane lane, uint64_t number, size_t filler);
MESH_MUST_CHECK enum mesh_err world_put(
    struct world *w, uint32_t site, const char *key, uint64_t number);
/* How often was this (origin, lane, number) told at `site`? */
size_t world_told(const struct world *w, uint32_t site, uint32_t origin,
    enum mesh_lane lane, uint64_t number);
bool world_peer(
    const struct world *w, uint32_t site, uint32_t other, struct mesh_peer *out);
uint64_t world_counter(const struct world *w, uint32_t site, const char *name);
uint32_t world_site_of(const struct world *w, const struct mesh_key *key);
uint8_t world_view(const struct world *w, uint32_t site, uint32_t other);
bool world_all_known(const struct world *w);   /* all by all; all sites are up */
bool world_all_reached(const struct world *w); /* the same */

/* --- damage to a disk: world_mend.c --- */
enum world_damage {
	DAMAGE_SILENT,    /* a live row is gone, nobody has noticed */
	DAMAGE_FOUND,     /* and its store has, by counting */
	DAMAGE_UNREADABLE /* the row did not read back: its number is not held */
};
/* False: there is no such live row. */
bool world_damage(struct world *w, uint32_t site, const struct mesh_position *at,
    enum world_damage how);
/* Live rows of that lane. */
size_t world_live(
    const struct world *w, uint32_t site, uint32_t origin, enum mesh_lane lane);
/* Is every such row the same at both? */
bool world_same_rows(const struct world *w, uint32_t a, uint32_t b, uint32_t origin,
    enum mesh_lane lane);

/* --- between the world's own files --- */
void world_mend_event(struct world *w, uint32_t site, const struct mesh_event *e);
/* A record of a keyed lane was committed. */
void world_mend_look(struct world *w, uint32_t site, const struct mesh_position *at);
void world_mend_free(struct world_mend *m); /* NULL is fine */
void world_list_keys(struct world *w);
struct mesh_path world_path_of(uint32_t site);
uint32_t world_site_at(const struct world *w, const struct mesh_path *path);
struct mesh_now world_site_now(const struct world *w, uint32_t site);
bool world_chance(struct world *w, double share); /* draws only if share > 0 */
bool world_is_broadcast(const struct mesh_path *to);
void world_send(struct world *w, uint32_t from, const struct mesh_datagram *out);
void world_note(struct world *w, uint32_t site, const struct mesh_event *e);
void world_forget_views(struct world *w, uint32_t site); /* its own: it is down */
#endif
