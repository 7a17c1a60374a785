/* store_world.h - a few sites that sign records, and a store to put them into.
 *
 * Records are real: cores and bundles by libmeshproto's own writers, so what a test
 * stores is what a site would.  Asserts, so that benchmarks may use it too.  Memory
 * lives until world_release. */
#ifndef STORE_WORLD_H
#define STORE_WORLD_H
#include "alert.h"
#include "check_mesh.h"
#include "entry.h"
#include "meshtrust.h"
#include "node.h"
#include "packet.h"
#include "state.h"
#include "store.h"

enum { WORLD_SITES = 4, WORLD_BYTES = 64 << 20, WORLD_EPOCH = 1700000000 };
struct world {
	struct arena arena;
	struct mesh_identity site[WORLD_SITES];
	uint8_t netid[16];
	uint64_t seq[WORLD_SITES][LANE_COUNT]; /* the last one given */
};
void world_init(struct world *w);
void world_release(struct world *w);

struct world_draft {
	size_t site;
	enum mesh_lane lane;
	uint16_t type;
	uint64_t epoch, seq,
	    back;        /* 0: WORLD_EPOCH, the next, as many as it counts for */
	unix_ms time_ms; /* 0: made from seq */
	struct bytes_view body;
};
struct mesh_record world_record(struct world *w, const struct world_draft *draft);

/* The next `n` records of a site, signed together, each with a proof of its own; bodies
 * are made by `body` if the draft has none. */
void world_batch(struct world *w, const struct world_draft *draft, size_t n,
    struct bytes_view (*body)(struct world *w, size_t i), struct mesh_record *out);

/* Bodies. */
struct bytes_view world_reception(
    struct world *w, uint32_t from, uint32_t packet, unix_ms time_ms, int32_t rssi);
/* A Meshtastic text "hi"; `reply`: the number of the packet it answers, or 0. */
struct bytes_view world_text(
    struct world *w, uint32_t from, uint32_t packet, unix_ms time_ms, uint32_t reply);
struct bytes_view world_put(struct world *w, const char *key, const char *text);
struct bytes_view world_site(struct world *w, const char *name); /* key `site` */
struct bytes_view world_node(
    struct world *w, uint32_t node, const char *long_name, unix_ms named_ms);
struct bytes_view world_statement(
    struct world *w, const char *subject, enum alert_state state, unix_ms since_ms);
struct id world_alert_id(const char *subject);
/* An entry of one hash: `dim` numbers of f32 made from `number`, none for 0. */
struct bytes_view world_entry(struct world *w, const char *hash, const char *type,
    uint16_t dim, uint32_t number, unix_ms expires_ms);
struct bytes_view world_ack(struct world *w, const char *subject, unix_ms since_ms);
struct bytes_view world_drop(
    struct world *w, const struct mesh_run *runs, size_t count);
struct bytes_view world_settled(
    struct world *w, const struct mesh_live *live, uint64_t tomb_floor);
struct bytes_view world_checkpoint(
    struct world *w, const struct mesh_live *live, uint64_t tomb_floor);
/* A made-up record of any kind, numbered next at its site; a few subjects only, so that
 * they meet. */
struct mesh_record world_any(struct world *w);

/* A store without threads. */
struct store *world_open(const char *path);
/* Put, work, and the outcome. */
struct store_outcome world_store(struct store *s, const struct mesh_record *r);
/* The whole list of a noun, page by page of `limit`, as one text (static, 8 MiB). */
struct text_view world_list(struct store *s, enum store_noun noun, uint32_t limit);
struct store_outcome world_ask(struct store *s, const struct store_question *q);
/* The one entry of that hash as JSON, "" if there is none; until the next call. */
const char *world_shown(struct store *s, const char *hash, bool whole, unix_ms now);
/* The first number that a statement gives, by a connection of its own. */
int64_t world_number(const char *path, const char *sql);
/* Put records into another order, none further from its place than `window`: no lane
 * opens more gaps than a have-set has runs for. */
void world_shuffle(
    struct mesh_record *r, size_t count, size_t window, uint32_t (*random)(void));
/* A fresh path below a new temporary folder; the folder goes with world_forget_paths.
 */
const char *world_path(void);
void world_forget_paths(void);
#endif
