/* state.h - versioned facts that a site says about itself, by key.
 *
 * A PUT of the state lane carries `[key, value]`, the value a tree with its names
 * (PROTOCOL.md 2).  Keys in use: `site`, `radio/NAME`, `node/NETWORK:ID`, `mesh.links`,
 * `mesh.addr`, and the user's `user/KEY`.  Newest (epoch, seq) per site and key wins.
 * Floor 5.  Pure. */
#ifndef MODEL_STATE_H
#define MODEL_STATE_H
#include "arena.h"
#include "meshproto.h"
#include "node.h"

enum { STATE_KEY_MAX = 64, STATE_VALUE_BYTES = 60 * 1024 };
enum state_kind {
	STATE_OTHER,
	STATE_SITE,
	STATE_RADIO,
	STATE_NODE,
	STATE_MESH,
	STATE_USER
};

struct state_put {             /* body of LANE_STATE RECORD_PUT */
	struct bytes_view key; /* 1..64 bytes of text */
	struct tree_view value;
};
extern const struct field_table state_put_table;

struct site_value { /* value of key `site` */
	uint64_t has;
	struct text_view name, version;
	double latitude, longitude;
	float altitude_m;
	unix_ms started_ms;
	bool demo;
};
enum {
	SITE_NAME,
	SITE_VERSION,
	SITE_LATITUDE,
	SITE_LONGITUDE,
	SITE_ALTITUDE,
	SITE_STARTED,
	SITE_DEMO
};
extern const struct field_table site_value_table;

/* What a key is about; for STATE_NODE `id` is the node, for STATE_RADIO `name` the
 * radio's name, for STATE_USER the user's part of the key. */
enum state_kind state_kind(
    struct bytes_view key, struct id *id, struct text_view *name);
/* "node/meshtastic:!a1b2c3d4"; at most STATE_KEY_MAX bytes (long ids are cut; the value
 * holds the whole). */
void state_node_key(const struct id *id, struct bytes_out *out);

struct state_version {
	uint64_t epoch, seq;
};
extern const struct field_table state_version_table;
struct state { /* `meshd.state/1` */
	uint64_t has;
	struct text_view site, key;
	struct tree_view value;
	struct state_version version;
	unix_ms time_ms;
};
enum {
	STATE_ROW_SITE,
	STATE_ROW_KEY,
	STATE_ROW_VALUE,
	STATE_ROW_VERSION,
	STATE_ROW_TIME
};
extern const struct field_table state_table;
/* The view of one PUT.  Borrows from `put`; the key is cleaned into `into`.  MESH_FULL.
 */
MESH_MUST_CHECK enum mesh_err state_view(const struct mesh_position *at,
    unix_ms time_ms, const struct state_put *put, const struct sites *names,
    struct arena *into, struct state *out);
#endif
