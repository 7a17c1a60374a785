/* port_inside.h - struct port, for the files that are it: port.c (its life),
 * port_place.c (where a name leads), port_lend.c (who else has the radio) and
 * port_show.c (looking in).  Floor 7.  Pure. */
#ifndef PORT_INSIDE_H
#define PORT_INSIDE_H
#include "link.h"
#include "meshd_counters.h"
#include "port_path.h"
#include "port_pause.h"
#include "port_recording.h"
#include "port_stats.h"
#include "status.h"

enum {
	PORT_TEXT = 64,
	PORT_PLACE = 128,
	PORT_REASON = 160,
	PORT_READ = 4096,
	PORT_WRITE = 4096,
	PORT_NODE_TEXTS = STATUS_NODE_ROWS - STATUS_NODE_NAME
};
enum port_seek {
	SEEK_NOT,
	SEEK_WANTED, /* the caller is to look the name up */
	SEEK_ASKED,
	SEEK_FOUND, /* the next attempt goes there; one under way makes room for it */
	SEEK_FAILED /* the name has no address, and never had one */
};
struct port {
	const struct radio_ops *driver;
	const struct link_ops *kind; /* NULL: the driver needs no link */
	struct radio *radio;         /* owned */
	struct link *link;           /* owned; NULL: none */
	struct meshd_counts *counts; /* borrowed */
	struct link_params at;       /* texts point into `device` and `host` */
	char name[PORT_TEXT], device[PORT_PLACE], host[PORT_PLACE];
	char called[PORT_PLACE]; /* the host's name; "": it is an address */
	size_t name_len, called_len;
	enum port_seek seek;
	mesh_time_ms seek_ms; /* the next look by one that yields */

	enum radio_state state;
	bool stood; /* it stood before */
	bool up;    /* the link stands and the driver knows */
	bool stuck; /* the driver gave the radio up */
	unix_ms since_ms;
	mesh_time_ms next_ms; /* the next attempt; MESH_NEVER: a link stands, or may */
	mesh_time_ms connect_by_ms; /* MESH_NEVER: no connection is being made */
	mesh_time_ms listen_by_ms;  /* MESH_NEVER: nobody listens before speaking */
	int write_err; /* the link ends when all that it still holds was read; 0: none
			*/
	struct port_pause pause;
	struct port_path path;
	uint64_t link_number, version, mark;
	mesh_time_ms released_ms; /* until then the radio is somebody else's */
	unix_ms released_until;   /* the same for people; 0: it is ours */
	bool yields;              /* another port has this radio */

	struct id node;
	char node_texts[PORT_NODE_TEXTS][PORT_TEXT]; /* rows of radio_node_table */
	size_t node_lens[PORT_NODE_TEXTS];
	char error[PORT_REASON];
	size_t error_len;
	uint64_t rx_packets, tx_packets, reconnects, rx_bytes, tx_bytes;
	unix_ms last_rx_ms;
	struct port_stats stats;
	struct port_recording recording;
	enum radio_stuck why; /* it is stuck */
	bool admin;           /* its settings may be changed */
	bool tx;              /* and what it then tells its mesh at once */
	uint64_t order;       /* the last one; 0: none yet */
	struct port_outcome { /* of order N at N % PORT_OUTCOMES */
		uint64_t order;
		struct radio_ordered how;
	} outcomes[PORT_OUTCOMES];

	uint8_t in[PORT_READ], out[PORT_WRITE];
	size_t out_len, out_sent;
};
/* Before an attempt: false: it can be made, the address is known.  Else the name is
 * looked up first, and the attempt is planned anew. */
bool port_seeks(struct port *p, struct mesh_now now);
void port_seek_yielding(struct port *p, struct mesh_now now);
/* A state of its own version; why it is so; no link, and no attempt. */
void port_enter(struct port *p, enum radio_state state, struct mesh_now now);
void port_explain(struct port *p, const char *doing, int err);
void port_stop(struct port *p, struct mesh_now now);
#endif
