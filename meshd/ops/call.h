/* call.h - a question or an action in progress, whichever door it came through.
 *
 * A door begins a call with a row of op_table and its parameters as text; the call is
 * done at once, or when the store or our own record's commit has answered, and never
 * later than CALL_TIMEOUT_MS.  The door looks at call_is_done() after each turn (no
 * callbacks), sends the parts, and ends the call; ending one that is not done cancels
 * it.  At most `cap` calls at a time: the newest caller is refused.
 * Floor 8.  Pure: reads op_world, writes intents. */
#ifndef CALL_H
#define CALL_H
#include "counters.h"
#include "intents.h"
#include "op.h"
#include "status.h"
#include "store.h"

enum {
	CALL_TIMEOUT_MS = 10000,
	CALL_BODY_MAX = 128 * 1024,
	CALL_PAIRS = 32,
	CALL_WHO = 64
};

struct feed;
struct outbox;
struct ports;
struct hearsay;
struct live;
struct intents;
/* Counters of one room; `label` names the instance (a radio), empty: there is one. */
struct op_counters {
	const struct counter_list *list;
	uint64_t (*get)(const void *room, size_t index);
	const void *room;
	struct text_view label;
};
struct op_bound {                   /* an address of the mesh's sockets */
	struct text_view interface; /* borrowed until the next call */
	struct mesh_path path;      /* with the port */
	bool hails;                 /* beacons go out there */
};
struct op_pace { /* of all that this site's programs publish, or measure */
	mesh_time_ms full_ms;
	struct meshd_counts *counts; /* borrowed */
};
struct op_deed { /* what is done to a radio itself; texts are lent for the call */
	struct text_view who, radio;
	struct text_view what;   /* "tell lora", "set lora.region owner.short_name" */
	uint64_t order;          /* its number at the radio; 0: it was not given */
	bool question;           /* it changes nothing */
	struct text_view denied; /* why; empty: it was given */
};
struct op_world { /* all that operations may see; the daemon owns it and keeps it
		     current */
	struct mesh_now now; /* set at the start of every turn */
	struct mesh_key self;
	struct text_view name, version;
	uint64_t boot;
	mesh_time_ms started_ms;
	bool ready, demo;
	uint8_t place_bits;    /* of a coordinate that other sites are told; 0: all */
	struct replica others; /* what is kept here of their registry */
	struct store *store;
	struct live *live;
	struct outbox *outbox; /* NULL: nothing is sent */
	struct ports *ports;   /* NULL: no radio can be let go of or recorded */
	struct feed *feed;
	struct intents *intents;
	/* What makes no record of ours: it passes records that wait for a number. */
	struct intents *asks;
	const struct mesh_site *core;
	const struct op_counters *counters;
	size_t counters_count;
	/* Level of `module` ("" for all); MESH_NOT_FOUND: no such word. */
	enum mesh_err (*set_log_level)(
	    void *ctx, struct text_view module, struct text_view level);
	/* For the log; NULL: nobody keeps one. */
	void (*note)(void *ctx, const struct op_deed *deed);
	void *log_ctx;
	/* The addresses that are bound, one after the other; NULL: not known. */
	bool (*bound)(void *ctx, size_t index, struct op_bound *out);
	void *bound_ctx;
	/* What `[mesh] address` names; NULL: nothing. */
	bool (*configured)(void *ctx, size_t index, struct mesh_path *out);
	struct join_status *join;        /* ops_move.c writes it; NULL: nobody looks */
	struct hearsay *hearsay;         /* programs that answer searches; NULL: none */
	struct op_pace *posts, *samples; /* ops_pace.c writes them; NULL: no limit */
	/* Cryptographic, for tokens and keys. */
	void (*random)(void *ctx, uint8_t *out, size_t len);
	void *random_ctx;
};

struct call_pair {
	struct text_view name, value;
};                    /* of a query string, decoded */
struct call_request { /* borrowed for the call */
	const struct op *op;
	struct text_view id; /* decoded {id} of the path; empty: none */
	const struct call_pair *pairs;
	size_t pair_count;
	struct text_view body; /* a JSON object; empty: none */
	enum audience audience;
	bool abroad;          /* another site asks */
	bool early;           /* what is known before the end is wanted, too */
	struct text_view who; /* for the log: "uid 1000 pid 77"; empty: not known */
};
struct call_part {
	struct bytes_view bytes;
};
struct call_answer {                   /* valid until call_end */
	uint16_t status;               /* as HTTP says it: 200, 400, ... (problem.c) */
	struct text_view detail;       /* what was wrong, for people; empty when 200 */
	const struct call_part *parts; /* status 200: one JSON object in pieces */
	size_t part_count;
	uint64_t bytes; /* of all parts */
};
struct call;
struct calls;
enum { CALL_EARLY = 64 * 1024, CALL_TAG = 16 };

/* `cap` at once, of them `shared` at most by others than operators.  NULL: no memory.
 */
struct calls *calls_new(const struct op_world *world, size_t cap, size_t shared);
void calls_free(struct calls *c); /* every call has been ended by its door */
/* NULL: `cap` calls are running. */
struct call *call_begin(struct calls *c, const struct call_request *q);
bool call_is_done(const struct call *call);
/* It changes nothing: a view, or a dry run. */
bool call_only_looks(const struct call *call);
const struct call_answer *call_answer(const struct call *call); /* requires: done */
void call_end(struct call *call);
/* What is known so far, if the request wanted it: JSON objects, a newline behind each.
 * Until call_early_took says how much was read.  At most CALL_EARLY wait, what is more
 * is left out: the answer has it all. */
struct text_view call_early(const struct call *call);
void call_early_took(struct call *call, size_t bytes);
/* The noun of the store whose version says whether what `op` answers is new, for an
 * ETag; false: there is none. */
bool call_noun(const struct op *op, enum store_noun *noun);
/* The same from the answer itself, whoever it came from: of what it says, but for when
 * and how long that took.  False: this operation's has none.  Requires: done, 200. */
bool call_tag(const struct call *call, uint8_t out[static CALL_TAG]);

/* From the daemon's turn.  Outcomes of tokens with OWNER_CALL; takes the page. */
void calls_outcome(struct calls *c, const struct store_outcome *outcome);
/* Our own record, asked for by an intent with `token`, is stored here (MESH_OK) or not.
 */
void calls_appended(struct calls *c, uint64_t token, enum mesh_err err);
/* The caller's PUT was refused: a new key would be one too many.  It may be known. */
void calls_over_quota(struct calls *c, const struct intent *i);
/* The core's MESH_ANSWER and MESH_ANSWERED to our question, or how a join went as
 * MESH_JOIN (code 0: nobody answered); and: it was not asked. */
void calls_event(struct calls *c, const struct mesh_event *e);
void calls_refused(struct calls *c, uint64_t token, enum mesh_err err);
/* Is somebody there who waits under that token? */
bool calls_waits(const struct calls *c, uint64_t token);
size_t calls_count(const struct calls *c); /* begun and not yet ended */
void calls_tick(struct calls *c, mesh_time_ms now);
mesh_time_ms calls_deadline(const struct calls *c);
#endif
