/* raise.h - alerts that people and programs raise and resolve.
 *
 * Without a subject every raise is an alert of its own (its subject is this site, its
 * rule `manual:TIME:N`); with one, kind and subject name the condition and raising it
 * again is the same alert.  Floor 7.  Pure. */
#ifndef RAISE_H
#define RAISE_H
#include "alert.h"
#include "intents.h"

struct raise {                   /* borrowed for the call */
	struct text_view kind;   /* empty: "manual.raised" */
	uint8_t severity, state; /* enum alert_severity; ALERT_INFO or ALERT_FIRING */
	struct alert_subject subject; /* has 0: none */
	struct text_view text;
	struct tree_view data;
};
/* Check and queue it; `id` is the alert's.  MESH_MALFORMED: kind is not `noun.word`, or
 * a value is too long.  MESH_FULL: later. */
MESH_MUST_CHECK enum mesh_err raise_alert(struct intents *q,
    const struct mesh_key *self, const struct raise *what, uint64_t token,
    struct mesh_now now, struct id *id);
/* End a firing: `said` is any site's statement of it. */
MESH_MUST_CHECK enum mesh_err raise_resolve(
    struct intents *q, const struct alert_statement *said, uint64_t token);
/* "node.silent": two words of a-z, 0-9 and _, at most ALERT_KIND_MAX bytes together. */
bool raise_is_kind(struct text_view kind);
#endif
