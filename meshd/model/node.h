/* node.h - what the sites know of a radio node, each by itself and all together.
 *
 * Two sources: `struct node_facts`, the value of a site's state key `node/NETWORK:ID`,
 * and `struct node_hearing`, what receptions say about who heard it and how well.  The
 * view takes per group of fields (names, position, battery) what was learnt last, ties
 * by site key, and per site its newest hearing, the 16 newest of them.  Neither order
 * nor repetition of what is added matters.  The fold owns its texts, so it may be kept.
 * Floor 5.  Pure. */
#ifndef MODEL_NODE_H
#define MODEL_NODE_H
#include "arena.h"
#include "packet.h"
#include "sites.h"

enum {
	NODE_POSITION_LAT,
	NODE_POSITION_LON,
	NODE_POSITION_ALT,
	NODE_POSITION_PRECISION
};
struct node_position {
	uint64_t has;
	double lat, lon;
	float alt_m;
	uint8_t precision; /* bits */
};
struct node_battery {
	uint64_t has;
	uint8_t percent;
	float volts;
};
/* clang-format off */
enum { FACTS_LONG_NAME, FACTS_SHORT_NAME, FACTS_ROLE, FACTS_HARDWARE, FACTS_FIRMWARE,
	FACTS_NAMED_MS, FACTS_POSITION, FACTS_POSITION_MS, FACTS_BATTERY, FACTS_BATTERY_MS,
	FACTS_FIRST_MS, FACTS_LAST_MS, FACTS_RSSI, FACTS_SNR, FACTS_HOPS, FACTS_DIRECT,
	FACTS_ID };
/* clang-format on */
struct node_facts { /* a state value: written with names (named.h) */
	uint64_t has;
	struct text_view long_name, short_name, role, hardware, firmware;
	unix_ms named_ms; /* when the names were learnt */
	struct node_position position;
	unix_ms position_ms;
	struct node_battery battery;
	unix_ms battery_ms;
	unix_ms first_ms, last_ms; /* heard by this site */
	int32_t rssi;
	float snr;
	uint8_t hops;
	bool direct;
	struct id id;
};
extern const struct field_table node_facts_table, node_position_table,
    node_battery_table;

/* clang-format off */
enum { HEARING_FIRST_MS, HEARING_LAST_MS, HEARING_RSSI, HEARING_SNR, HEARING_HOPS,
	HEARING_DIRECT, HEARING_EPOCH, HEARING_SEQ };
/* clang-format on */
struct node_hearing { /* one site's receptions of one node, folded; the store's row */
	uint64_t has;
	unix_ms first_ms, last_ms;
	int32_t rssi;
	float snr;
	uint8_t hops;
	bool direct;
	/* Of the record of last_ms: breaks ties.  Twice its seq, plus 1 for a packet
	 * record, so that no state record is its equal. */
	uint64_t epoch, seq;
};
extern const struct field_table node_hearing_table;
/* False: the reception says nothing about who sent it, or is no hearing (echo). */
bool node_hearing_of(const struct mesh_position *at, const struct reception *r,
    struct node_hearing *out);
void node_hearing_add(struct node_hearing *into, const struct node_hearing *other);

enum {
	NODE_NETWORK,
	NODE_ID,
	NODE_LONG_NAME,
	NODE_SHORT_NAME,
	NODE_ROLE,
	NODE_HARDWARE,
	NODE_FIRMWARE,
	NODE_POSITION,
	NODE_BATTERY,
	NODE_HEARD,
	NODE_FIRST,
	NODE_LAST
};
struct node_heard {
	uint64_t has;
	struct text_view site;
	unix_ms last_ms;
	int32_t rssi;
	float snr;
	uint8_t hops;
	bool direct;
	/* not shown: */
	struct mesh_key key;
	uint64_t epoch, seq;
};
struct node { /* `meshd.nodes/1` */
	uint64_t has;
	uint8_t network;
	struct id id;
	struct text_view long_name, short_name, role, hardware, firmware;
	struct node_position position;
	struct node_battery battery;
	struct list_view heard; /* of struct node_heard, newest first */
	unix_ms first_ms, last_ms;
};
extern const struct field_table node_table, node_heard_table;

enum { NODE_HEARD_MAX = 16, NODE_NAME_MAX = 40, NODE_WORD_MAX = 32 };
struct node_rank { /* who said a group of fields last */
	bool known;
	unix_ms ms;
	struct mesh_key key;
	uint64_t epoch, seq;
};
struct node_fold { /* about 2 KiB; owns everything it needs */
	struct id id;
	struct node_rank named, placed, charged;
	uint64_t has; /* FACTS_* bits of the texts, position and battery */
	uint8_t len[5];
	char long_name[NODE_NAME_MAX], short_name[NODE_WORD_MAX], role[NODE_WORD_MAX],
	    hardware[NODE_WORD_MAX], firmware[NODE_WORD_MAX];
	struct node_position position;
	struct node_battery battery;
	bool heard_before; /* first_ms and last_ms mean something */
	unix_ms first_ms, last_ms;
	size_t count;
	struct node_heard heard[NODE_HEARD_MAX];
};
struct node_fold node_fold(const struct id *id); /* empty */
/* `at`: the state record's position. */
void node_fold_facts(struct node_fold *f, const struct mesh_position *at,
    const struct node_facts *facts);
void node_fold_hearing(struct node_fold *f, const struct mesh_key *site,
    const struct node_hearing *hearing);
/* What upto->origin said and heard up to upto->epoch is taken out, but for the oldest
 * and newest moment.  False: nothing is left. */
bool node_fold_purge(struct node_fold *f, const struct mesh_position *upto);
/* The view: texts stay in `f`, lists are carved from `into`.  MESH_FULL: too small. */
MESH_MUST_CHECK enum mesh_err node_fold_view(const struct node_fold *f,
    const struct sites *names, struct arena *into, struct node *out);
/* The network a node's id belongs to, and the word of it; NETWORK_NONE: no node's id.
 */
enum radio_network node_network(const struct id *id);
#endif
