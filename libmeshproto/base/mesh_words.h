/* mesh_words.h - lanes, positions, records: words shared from the layouts up to the
 * doors.
 *
 * Here and not in meshproto.h because libmeshproto's own mechanisms and layouts speak
 * them too and stand below or beside the public headers.  Everybody else has them
 * through meshproto.h.  Floor 0. */
#ifndef MESH_WORDS_H
#define MESH_WORDS_H
#include "types.h"

enum mesh_lane {
	LANE_LIVE,
	LANE_CONTROL,
	LANE_ALERT,
	LANE_STATE,
	LANE_PACKET,
	LANE_METRIC,
	LANE_REGISTRY,
	LANE_COUNT
};
enum mesh_keyed_type { RECORD_PUT = 1, RECORD_DROP = 2, RECORD_CHECKPOINT = 3 };

struct mesh_position {
	struct mesh_key origin;
	uint64_t epoch, seq;
	enum mesh_lane lane;
};
struct mesh_record { /* exactly the bytes that were signed, and the proof beside them */
	struct mesh_position at;
	uint64_t back;   /* PROTOCOL.md 2: distance to the preceding valid record of the
			    lane */
	uint64_t claims; /* so many numbers up to its own are settled here with it: as
			    `back` says, more when a page of a keyed lane proved the
			    rest dead (PROTOCOL.md 9) */
	uint16_t type;   /* RECORD_PUT ... or the lane's own */
	unix_ms time_ms; /* the origin's clock; 0 = unknown; advisory */
	struct bytes_view core, proof,
	    body;    /* body lies inside core; proof = whole bundle */
	bool hashed; /* its leaf is known already: mesh_record_leaf */
	uint8_t leaf[32];
};
struct mesh_live {
	uint64_t count;
	uint8_t sum[32]; /* PROTOCOL.md 2: CHECKPOINT */
	uint64_t weight; /* of all: mesh_record_weight */
};

/* What one origin may keep in a lane: live records of a keyed one, rows of a time lane.
 * Bytes are those of the records' cores; where they are bounded, a record counts once
 * for each begun share, bytes / records.  0: no such limit. */
struct mesh_quota {
	uint32_t records;
	uint64_t bytes;
};

enum { MESH_RUNS = 64, MESH_RESERVE = 1024 };
struct mesh_run {
	uint64_t first, last;
};
/* What is safe here of one (origin, lane): the have-set of PROTOCOL.md 9.  The store
 * keeps one row per holding and writes it in the record's own transaction. */
struct mesh_holding {
	struct mesh_key origin;
	enum mesh_lane lane;
	uint64_t epoch;
	uint32_t run_count;
	struct mesh_run runs[MESH_RUNS]; /* ascending, disjoint, not touching */
	struct mesh_live live;           /* keyed lanes */
};

struct mesh_path {        /* where a datagram comes from or goes to */
	uint8_t addr[18]; /* v6 (v4 mapped), port, big-endian */
	uint16_t iface;   /* != 0 and addr all zero: broadcast on that interface */
};
enum mesh_admission { ADMISSION_NETWORK_KEY, ADMISSION_ALLOW_LIST, ADMISSION_CA };
/* Our own certificate.  ENDING: a quarter of its life is left, and less than two weeks.
 */
enum mesh_certified {
	CERTIFIED_NOT_ASKED, /* admission by other means */
	CERTIFIED_MISSING,
	CERTIFIED_EARLY,
	CERTIFIED_HOLDS,
	CERTIFIED_ENDING,
	CERTIFIED_OVER
};
enum mesh_peer_state { PEER_ALIVE, PEER_SUSPECT, PEER_DEAD, PEER_LEFT, PEER_STRANGER };
enum mesh_peer_reason {
	REASON_NONE,
	REASON_SILENT,
	REASON_STOPPED,
	REASON_UNREACHABLE,
	REASON_BLOCKED,     /* revoked, or not allowed here */
	REASON_UNCERTIFIED, /* a stranger without certificate */
	REASON_FOREIGN,     /* certified by another authority or for another network */
	REASON_EARLY,       /* its certificate does not hold yet */
	REASON_EXPIRED      /* nor any more */
};
#endif
