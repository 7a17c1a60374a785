/* script.h - bytes as a script of inputs for a small mesh, one of whose sites lies.
 *
 * fuzz_site.c has the world, honest life and strangers; liar.c what an admitted site
 * can say: it holds its session's keys, so it may seal any frames, and its own, so it
 * may sign any record.  As the founder its words of the control lane count. */
#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H
#include "inside.h"
#include "world.h"

enum { SITES = 3, LIAR = 0, VICTIM = 1, SCRIPT_BUNDLES = 4 };

struct script {
	struct world *w;
	struct bytes_in in;
	struct world_datagram last; /* the last one that arrived */
	uint32_t counter;           /* of forged datagrams */
	uint64_t number;
	struct mesh_identity own; /* the last site's */
	/* What the liar signed last, in turns. */
	uint8_t bundle[SCRIPT_BUNDLES][ENVELOPE_MAX];
	size_t bundle_len[SCRIPT_BUNDLES], bundle_next;
};
typedef void (*script_op)(struct script *s);

struct bytes_view script_bytes(struct script *s, size_t most);
uint32_t script_site(struct script *s);
bool script_is_up(const struct script *s, uint32_t site);
/* For that site, signed by the liar, who is the authority if anybody is; into a static
 * buffer. */
struct bytes_view script_certificate(struct script *s, uint32_t site);

/* --- liar.c --- */
void liar_frames(struct script *s);  /* raw */
void liar_record(struct script *s);  /* one of any lane, raw body */
void liar_live(struct script *s);    /* of lane 0, a sound body */
void liar_state(struct script *s);   /* mesh.links, mesh.addr */
void liar_control(struct script *s); /* a clause */
void liar_batch(struct script *s);   /* several, signed as one, some left out */
void liar_forge(struct script *s);   /* one of its bundles, damaged */
void liar_fork(struct script *s);    /* two of its bundles as proof */
void liar_rows(struct script *s);
void liar_pull(struct script *s);
void liar_page(struct script *s); /* an answer to what the victim asked, or not */
void liar_none(struct script *s);
void liar_peers(struct script *s);
void liar_punch(struct script *s);
void liar_prune(struct script *s);
void liar_key(struct script *s); /* the network's */
void liar_cert(struct script *s);
#endif
