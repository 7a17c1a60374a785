/* radio_target.h - which radio is meant, of this site or another, and asking it.
 *
 * A radio of another site (`--site`) is asked through this site's meshd, which must be
 * an admin of the network; what it says comes in parts that fit into a datagram, and
 * is put together here.  Floor 11. */
#ifndef MESHCTL_RADIO_TARGET_H
#define MESHCTL_RADIO_TARGET_H
#include "arguments.h"
#include <jansson.h>

struct radio_target {
	const struct options *o;
	const char *site;          /* NULL: this one */
	char name[128], path[512]; /* /radios/NAME */
	json_t *known; /* owned: of another site's, what it told all; `node` in it */
};
/* Named by --radio, or the only one that has settings. */
enum exit_code radio_target_find(
    const struct options *o, const struct arguments *a, struct radio_target *t);
void radio_target_free(struct radio_target *t);
json_t *radio_target_ask(const struct options *o, const char *method, const char *path,
    const char *body, enum exit_code *code);
/* `meshd.radio_config/1` with all items; `section` NULL: all.  NULL: `code`. */
json_t *radio_target_settings(
    const struct radio_target *t, const char *section, enum exit_code *code);
json_t *radio_target_channels(const struct radio_target *t, enum exit_code *code);
/* `meshd.radio_changes/1`: what `settings` would change, section by section where it is
 * far; `differing` gets those sections that would be changed, if it is not NULL.
 * Sections that differ in more than an answer from there holds are named in `unshown`,
 * and have no items.  A change that was made far away may come without `items` at all.
 */
struct radio_wish {
	json_t *settings;
	const char *node; /* whose they are; "": anybody's */
	bool dry;
};
json_t *radio_target_change(const struct radio_target *t, const struct radio_wish *w,
    json_t *differing, enum exit_code *code);
bool radio_target_differs(const json_t *changes); /* shown or not */
/* Nothing would be changed; silent.  False: something would, or nobody said. */
bool radio_target_is(const struct radio_target *t, const struct radio_wish *w);
#endif
