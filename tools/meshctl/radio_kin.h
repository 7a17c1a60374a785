/* radio_kin.h - radios of all sites, by their node numbers.
 *
 * Sites do not tell each other at which addresses their radios are, for an address
 * means another radio in another network; but each tells which node its radio is.  So a
 * radio that has said who it is can be known as another site's.  Floor 11. */
#ifndef MESHCTL_RADIO_KIN_H
#define MESHCTL_RADIO_KIN_H
#include "arguments.h"
#include <jansson.h>

struct radio_kin { /* texts live as long as the lists */
	const char *site, *radio, *node;
	bool holds; /* that site is there, and says that it is connected to it */
};
struct radio_kin_lists {
	/* Owned; NULL: not known.  `own`: this site's radios as they are now. */
	json_t *states, *peers, *own;
	char self[80]; /* this site's name */
};
/* Asks meshd; without an answer nothing is known. */
void radio_kin_ask(struct radio_kin_lists *l, const struct options *o);
void radio_kin_free(struct radio_kin_lists *l);
/* Who has that node as its radio?  One that holds it before one that had it.  False:
 * nobody does. */
bool radio_kin_find(
    const struct radio_kin_lists *l, const char *node, struct radio_kin *out);
#endif
