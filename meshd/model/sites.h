/* sites.h - the names under which people know the sites.
 *
 * A site is its key; its name comes from its own `site` state record.  Two sites may
 * bear one name (every Raspberry Pi is called raspberrypi), so the name shown is the
 * bare name only while nobody else bears it, else `name-KEY8`; a site that has not yet
 * said its name is KEY8.  That is a function of the records alone, so all sites show
 * the same. Capacity is the caller's; when it is used up, further sites stay KEY8.
 * Floor 5.  Pure. */
#ifndef MODEL_SITES_H
#define MODEL_SITES_H
#include "id.h"
#include "meshproto.h"

enum { SITE_NAME_MAX = 32, SITE_SHOWN_MAX = SITE_NAME_MAX + 10 };
struct site_name {
	struct mesh_key key;
	uint64_t epoch, seq; /* of the record that said it; older ones do not count */
	uint8_t name_len, shown_len;
	char name[SITE_NAME_MAX], shown[SITE_SHOWN_MAX];
};
struct sites {
	struct site_name *slots; /* borrowed */
	size_t cap, count;
};
struct sites sites_init(struct site_name *slots, size_t cap);
/* What `at` (a `site` state record) says its origin's name is.  Names are cleaned here.
 * Any order of calls ends in the same names. */
void sites_put(struct sites *s, const struct mesh_position *at, struct text_view name);
/* The name to show, borrowed until the next put; KEY8 goes into `room`. */
struct text_view sites_name(const struct sites *s, const struct mesh_key *key,
    char room[static SITE_SHOWN_MAX]);
/* The same of a peer; until its records have come, the name in its beacon. */
struct text_view sites_peer_name(const struct sites *s, const struct mesh_peer *peer,
    char room[static SITE_SHOWN_MAX]);
/* As sites_name, copied into `into`; empty if it does not fit. */
struct text_view sites_name_copy(
    const struct sites *s, const struct mesh_key *key, struct arena *into);
/* A site by shown name, bare name, key, or 8 or more digits of the key.  NULL: none, or
 * (`*ambiguous`) more than one. */
const struct mesh_key *sites_find(
    const struct sites *s, struct text_view text, bool *ambiguous);
#endif
