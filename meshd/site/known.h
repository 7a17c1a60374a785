/* known.h - what this site knows of one radio node, and when to write it down again.
 *
 * Learns from receptions and from the radio's own list; texts are cleaned and owned
 * here. Floor 7.  Pure. */
#ifndef KNOWN_H
#define KNOWN_H
#include "node.h"

enum { KNOWN_NODE_GAP_MS = 60 * 1000, KNOWN_HEARD_GAP_MS = 15 * 60 * 1000 };
struct known {                   /* what this site knows of a node */
	struct node_facts facts; /* texts point into `chars` */
	char chars[5][NODE_NAME_MAX];
	bool changed;            /* a fact, not only the hearing */
	mesh_time_ms written_ms; /* 0: never in this run */
	bool written;
	bool written_named; /* with a name */
	bool old; /* what is known was learnt, in part, by other rules than today's */
	unix_ms written_last_ms; /* last_ms as it was written */
};

void known_init(struct known *node, const struct id *id);
/* Facts in RADIO_NODE's words (radio.h), learnt at that moment. */
void known_learn(struct known *node, struct tree_view said, unix_ms now_ms);
void known_hear(struct known *node, const struct reception *r);
/* An entry of the radio's own list: facts, and `last_ms` if it says so. */
void known_report(struct known *node, struct tree_view said, unix_ms now_ms,
    bool with_place, bool with_battery);
/* What we wrote before this start; what was learnt since then stands. */
void known_remember(struct known *node, const struct node_facts *said);
/* All but who it is. */
void known_forget(struct known *node);
void known_forget_place(struct known *node);
void known_forget_battery(struct known *node);
void known_written(struct known *node, mesh_time_ms now_ms);
/* When it may be written (again); MESH_NEVER: there is nothing new to say. */
mesh_time_ms known_due(const struct known *node);
#endif
