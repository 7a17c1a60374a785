/* live.h - what is now: the nodes, radios and sites, in memory.
 *
 * Fed by ingest from every record, own and foreign, and by our ports; read by rules,
 * ops and doors without asking the disk.  A full table forgets the node heard least
 * recently; the store still has it.  Floor 6.  Pure. */
#ifndef LIVE_H
#define LIVE_H
#include "node.h"
#include "sample.h"
#include "sites.h"
#include "status.h"

enum { LIVE_RADIOS = 16, LIVE_SITES = 1024 };
struct live;

struct live *live_new(size_t nodes); /* NULL: no memory */
void live_free(struct live *l);

/* --- sites --- */
void live_site(struct live *l, const struct mesh_position *at, struct text_view name,
    struct text_view version);
const struct sites *live_sites(const struct live *l);
/* The same, for its pins: sites.h. */
struct sites *live_pins(struct live *l);
/* What a site says its software is; empty: has not said. */
struct text_view live_version(const struct live *l, const struct mesh_key *site);

/* --- nodes --- */
void live_node_facts(struct live *l, const struct id *node,
    const struct mesh_position *at, const struct node_facts *facts);
void live_node_hearing(struct live *l, const struct id *node,
    const struct mesh_key *site, const struct node_hearing *hearing);
/* What upto->origin said and heard of nodes up to upto->epoch does not count; its name
 * stays, so that people can speak of it. */
void live_purge(struct live *l, const struct mesh_position *upto);
/* NULL: not known here. */
const struct node_fold *live_node(const struct live *l, const struct id *node);
size_t live_node_count(const struct live *l);

/* --- samples --- */
enum { LIVE_SAMPLES = 1024 };
/* The newest of each site, name, radio and reason since our start, taken before or at
 * `now_ms`: what says that it is from the future is from now, or nothing would follow
 * it.  A full table forgets the oldest of the site that has most. */
void live_sample(struct live *l, const struct mesh_key *site,
    const struct sample *sample, unix_ms now_ms);
/* NULL past the end; texts live until the next live_sample. */
const struct sample *live_sample_at(const struct live *l, size_t index);
const struct mesh_key *live_sample_site(const struct live *l, size_t index);

/* --- our own radios --- */
/* Texts are copied.  False: LIVE_RADIOS are there already. */
bool live_radio(struct live *l, const struct radio_status *status);
void live_radio_gone(struct live *l, struct text_view name);
size_t live_radio_count(const struct live *l);
/* In order of appearance; borrowed until the next live_radio; NULL past the end. */
const struct radio_status *live_radio_at(const struct live *l, size_t index);
/* All of them in one array, for struct status. */
struct list_view live_radios(const struct live *l);
#endif
