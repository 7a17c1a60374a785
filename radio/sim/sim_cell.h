/* sim_cell.h - a cell of radio nodes that does not exist.
 *
 * Everything is a pure function of the seed and Unix time: where node n is, when it
 * sends its packet k, what is in it.  So two daemons with one seed live in the same
 * cell without talking to each other: they hear the same packets under the same
 * numbers, each with the strength that its own place gives.  Loss follows distance
 * (log-distance path loss, exponent 3.5), a fixed shadow per pair, and fading per
 * packet; what is too weak may still arrive over one relay.  Places are metres east and
 * north of 0 N 0 E, in the sea, so that nobody takes them for real.  Floor 3.  Pure. */
#ifndef RADIO_SIM_CELL_H
#define RADIO_SIM_CELL_H
#include "types.h"

enum {
	SIM_NODES = 12, /* when nothing is said */
	SIM_NODES_MAX = 250,
	SIM_INTERVAL_MS = 4000, /* likewise: mean gap between packets of the cell */
	SIM_RADIUS_M = 2500,    /* around (0, 0) nodes have their homes */
	SIM_HOPS = 3,           /* hop_start of every packet */
};
enum sim_port { /* Meshtastic's numbers */
	SIM_TEXT = 1,
	SIM_POSITION = 3,
	SIM_NODEINFO = 4,
	SIM_TELEMETRY = 67,
	SIM_TRACEROUTE = 70
};
struct sim_place {
	double x, y; /* metres east, north */
};
struct sim_signal {
	bool heard;
	uint8_t hop_limit; /* SIM_HOPS: directly */
	uint8_t relay;     /* low byte of the relay's number; 0: none */
	int32_t rssi;
	float snr; /* in quarters of a decibel */
};
struct sim_node { /* what follows from (seed, index) alone */
	uint32_t number;
	uint32_t index;
	bool moves;
	struct sim_place home;
	uint64_t next; /* number of its next packet */
	unix_ms next_ms;
};
struct sim_packet {
	uint32_t from, id;
	uint32_t node; /* index of the sender */
	uint64_t k;    /* its packet k */
	enum sim_port port;
	unix_ms at_ms;
	struct sim_signal signal;
};
struct sim_cell {
	uint64_t seed;
	struct sim_place here;
	uint32_t node_count;
	uint64_t period_ms; /* of one node */
	struct sim_node nodes[SIM_NODES_MAX];
};
struct sim_cell_params {
	uint64_t seed;
	uint32_t nodes, interval_ms; /* 0: as above */
	struct sim_place here;
};

void sim_cell_init(
    struct sim_cell *c, const struct sim_cell_params *params, unix_ms now);
/* What was sent before `now` is past: after a start, or a jump of the clock. */
void sim_cell_seek(struct sim_cell *c, unix_ms now);
/* The next packet that was sent at or before `until` and is heard here. */
bool sim_cell_next(struct sim_cell *c, unix_ms until, struct sim_packet *out);
unix_ms sim_cell_next_ms(const struct sim_cell *c); /* when somebody next sends */

struct sim_place sim_cell_place(
    const struct sim_cell *c, const struct sim_node *node, unix_ms at);
/* How a packet with this salt, sent by `node` then, arrives here. */
struct sim_signal sim_cell_signal(
    const struct sim_cell *c, const struct sim_node *node, unix_ms at, uint64_t salt);
const struct sim_node *sim_cell_find(const struct sim_cell *c, uint32_t number);
/* A number of its own for every purpose: splitmix64 over the seed and what it is for.
 */
uint64_t sim_draw(uint64_t seed, uint64_t what, uint64_t a, uint64_t b);
/* Rounded half away from zero; `n` fits. */
static inline int64_t
sim_nearest(double n)
{
	return (int64_t)(n < 0 ? n - 0.5 : n + 0.5);
}
#endif
