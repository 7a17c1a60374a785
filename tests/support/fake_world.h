/* fake_world.h - a site for testing doors: real feed, live table, intents; a store and
 * a core that say what the test tells them.  Link it before meshops: it defines their
 * functions. */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H
#include "call.h"
#include "feed.h"
#include "intents.h"
#include "live.h"

enum { FAKE_PEERS = 20, FAKE_CALLS = 24, FAKE_SHARED = 8 };
struct fake_world {
	struct op_world world;
	struct calls *calls;
	struct feed *feed;
	/* the store */
	struct store_question asked;  /* the last one; texts are not kept */
	struct store_search searched; /* the last one; what it borrows is gone */
	uint64_t search_token;
	unsigned searches, hurries;
	struct store_ending ending;    /* store_over */
	struct mesh_position found_at; /* store_find: whose, which lane */
	char asked_id[80], asked_after[80];
	uint64_t asked_token;
	unsigned asks, cancels, pages; /* pages: not yet freed */
	enum mesh_err ask_err;
	uint64_t kept_token; /* store_keep's last */
	enum mesh_err keep_err;
	uint64_t version;
	/* the core */
	unsigned answers; /* to questions of others, and the last one: */
	uint64_t answer_ticket;
	enum mesh_err answer_err;
	size_t answer_len; /* SIZE_MAX: refused */
	uint8_t answer[1200];
	struct mesh_peer peers[FAKE_PEERS];
	size_t peer_count;
	struct mesh_trust trust;
	struct mesh_invited invited;
	bool has_invited;
	struct mesh_key admin; /* beside the founder */
	struct mesh_key purged;
	bool history; /* what fake_alert says next */
	/* the log */
	char level[16], module[16];
};
extern struct fake_world fake;

void fake_start(void); /* afresh; also frees what was */
void fake_stop(void);
/* An operator asks; texts may be NULL. */
struct call *fake_call(enum op_number op, const char *id, const char *body);
/* Answer the store's last question. */
void fake_answer(const char *items, size_t count, const char *next);
/* Answer store_find with a record. */
void fake_found(const struct mesh_record *r);
/* What a search of the store found, as a page; whoever takes the outcome owns it. */
struct store_page *fake_hits(const struct store_hit *hits, size_t count, bool partial);
void fake_refuse(enum mesh_err err);
/* The oldest intent is done: `err` is what became of its record. */
void fake_appended(enum mesh_err err);
/* An alert on the feed as site `name` says it; `id` fills the id. */
void fake_alert(
    uint8_t id, const char *site, unix_ms since_ms, uint8_t state, const char *text);
/* The whole answer of a call as text, in a static buffer. */
const char *fake_text(const struct call *call);
#endif
