/* sites.h - the names under which people know the sites.
 *
 * A site is its key; its name comes from its own `site` state record.  Two sites may
 * bear one name (every Raspberry Pi is called raspberrypi, or somebody pretends), so a
 * name is pinned to the first key that bore it here: that one shows the bare name, all
 * others `name-KEY8`; a site that has not yet said its name is KEY8.  Who was first is
 * known over restarts (sites_pin), so a newcomer never takes a known site's name.
 * Capacity is the caller's; when it is used up, further sites stay KEY8.  Floor 5.
 * Pure. */
#ifndef MODEL_SITES_H
#define MODEL_SITES_H
#include "id.h"
#include "meshproto.h"

enum { SITE_NAME_MAX = 32, SITE_SHOWN_MAX = SITE_NAME_MAX + 10 };
struct site_name {
	struct mesh_key key;
	uint64_t epoch, seq; /* of the record that said it; older ones do not count */
	uint8_t name_len, shown_len;
	bool pinned;  /* it bore its name first */
	bool gone;    /* forgotten: what it said up to epoch, seq does not count */
	uint8_t news; /* enum sites_news, not yet taken */
	mesh_time_ms told_ms; /* when news of it was taken last; 0: never */
	char name[SITE_NAME_MAX], shown[SITE_SHOWN_MAX];
};
struct sites {
	struct site_name *slots; /* borrowed */
	size_t cap, count;
};
struct sites sites_init(struct site_name *slots, size_t cap);
/* What `at` (a `site` state record) says its origin's name is.  Names are cleaned here.
 */
void sites_put(struct sites *s, const struct mesh_position *at, struct text_view name);
/* As kept before this start: it bore that name first, by the record `at`.  Without a
 * name: it was forgotten, and its records up to `at` say nothing. */
void sites_pin(struct sites *s, const struct mesh_position *at, struct text_view name);
#define SITES_PIN "pin/"
bool sites_is_pin(struct bytes_view key); /* of a kept row: `pin/KEY` */
/* The same from a row as it is kept: `pin/KEY`, with epoch and number of the record
 * that said the name, and the name.  Zeroes: another's, or none.  Other rows are
 * passed. */
void sites_pin_row(struct sites *s, struct bytes_view key, struct bytes_view body);
/* That key bears no name here until it says one anew; who bears the same gets it. */
void sites_forget(struct sites *s, const struct mesh_key *key);
enum sites_news {
	SITES_NONE,
	SITES_KEEP, /* the first that bears its name, or it bears one no more: a row */
	SITES_TAKEN /* the same, and it claims the name that another one bears */
};
/* A site renames itself as often as it likes; what follows of it has its time. */
enum { SITES_NEWS_MS = 60 * 1000 };
/* A site whose name is news, or NULL; sites_told when that was dealt with. */
const struct site_name *sites_next_news(const struct sites *s, mesh_time_ms now_ms);
void sites_told(struct sites *s, const struct mesh_key *key, mesh_time_ms now_ms);
/* What was kept of slots[slot] was not: it is news again. */
void sites_unkept(struct sites *s, size_t slot);
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
