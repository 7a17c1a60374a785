/* leaving.h - what leaves this site, and how exactly.
 *
 * A reception becomes a record for all sites, or stays here, or is dropped.  It stays
 * here if it is other people's direct message, if it came over a network and its sender
 * does not want it carried on, if `site.publish` does not pass it, or if it tells of a
 * place that `site.position_precision` cannot cut.  Elsewhere places are cut in the
 * radio's own bytes, in what is known of nodes, and in what we say of ourselves, all
 * before they enter a record (DECISIONS/0330).  Floor 7.  Pure. */
#ifndef LEAVING_H
#define LEAVING_H
#include "filter.h"
#include "meshd_counters.h"
#include "state.h"

enum { LEAVING_EXACT = 32, LEAVING_RAW_MAX = 1024 };
struct leaving_rules {
	const struct filter *publish; /* over packet_table, borrowed; NULL: all */
	uint8_t precision; /* bits of a coordinate; 0 or LEAVING_EXACT: all */
	bool demo;         /* simulated receptions may become records */
};
/* What becomes of a reception: a counter that says so, COUNT_PUBLISH_TAKEN for a
 * record. `out` is what may leave, its bytes perhaps in `into` (16 KiB are plenty).
 * `self` is the radio's own node. */
enum meshd_counter leaving_packet(const struct leaving_rules *rules,
    const struct reception *r, const struct id *self, const struct sites *names,
    struct arena *into, struct reception *out);
/* Shown and kept here, told to nobody? */
bool leaving_stays(enum meshd_counter what);
/* May what it teaches about its sender be told? */
bool leaving_teaches(enum meshd_counter what);
/* An entry of a radio's own node list is told as packets with it would be: not at all
 * unless the filter passes a NODEINFO_APP of that node, its place as a POSITION_APP,
 * its battery as a TELEMETRY_APP. */
struct leaving_entry {
	bool told, place, battery;
};
struct leaving_entry leaving_listed(const struct leaving_rules *rules,
    const struct id *node, const struct sites *names, struct arena *into);
void leaving_node(const struct leaving_rules *rules, struct node_facts *facts);
void leaving_site(const struct leaving_rules *rules, struct site_value *site);
#endif
