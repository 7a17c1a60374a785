#include "sites.h"
#include "arena.h"
#include "text.h"
#include <string.h>

struct sites
sites_init(struct site_name *slots, size_t cap)
{
	return (struct sites){ .slots = slots, .cap = cap };
}

static struct site_name *
slot_of(const struct sites *s, const struct mesh_key *key)
{
	for (size_t i = 0; i < s->count; i++) {
		if (key_equal(&s->slots[i].key, key))
			return &s->slots[i];
	}
	return NULL;
}

static struct text_view
bare_name(const struct site_name *site)
{
	return (struct text_view){ site->name, site->name_len };
}

static struct text_view
shown_name(const struct site_name *site)
{
	return (struct text_view){ site->shown, site->shown_len };
}

/* Whose name it is; NULL: nobody's. */
static struct site_name *
holder_of(const struct sites *s, struct text_view name)
{
	for (size_t i = 0; name.len > 0 && i < s->count; i++)
		if (s->slots[i].pinned && text_equal(bare_name(&s->slots[i]), name))
			return &s->slots[i];
	return NULL;
}

static void
show(struct site_name *site)
{
	struct bytes_out out = bytes_out(site->shown, sizeof site->shown);
	text_put_view(&out, bare_name(site));
	if (site->name_len == 0 || !site->pinned) {
		if (site->name_len > 0)
			text_put(&out, "-");
		key_print_short(&site->key, &out);
	}
	site->shown_len = (uint8_t)out.len;
}

/* Its name is its own, or somebody else's. */
static void
claim(struct sites *s, struct site_name *site)
{
	site->pinned = false;
	if (site->name_len > 0) {
		site->pinned = holder_of(s, bare_name(site)) == NULL;
		site->news = site->pinned ? SITES_PINNED : SITES_TAKEN;
	}
	show(site);
}

static struct site_name *
new_slot(struct sites *s, const struct mesh_key *key)
{
	if (s->count >= s->cap)
		return NULL;
	struct site_name *site = &s->slots[s->count++];
	*site = (struct site_name){ .key = *key };
	return site;
}

static void
set_name(struct site_name *site, struct text_view name)
{
	if (name.len > 0)
		memcpy(site->name, name.ptr, name.len);
	site->name_len = (uint8_t)name.len;
}

void
sites_put(struct sites *s, const struct mesh_position *at, struct text_view name)
{
	struct site_name *site = slot_of(s, &at->origin);
	if (site == NULL)
		site = new_slot(s, &at->origin);
	if (site == NULL || at->epoch < site->epoch ||
	    (at->epoch == site->epoch && at->seq < site->seq))
		return;
	char name_room[SITE_NAME_MAX];
	struct bytes_out out = bytes_out(name_room, sizeof name_room);
	text_put_clean(&out, bytes_view(name.ptr, name.len), SITE_NAME_MAX);
	site->epoch = at->epoch;
	site->seq = at->seq;
	if (site->shown_len > 0 && text_equal(bare_name(site), text_written(&out)))
		return;
	set_name(site, text_written(&out));
	claim(s, site);
}

void
sites_pin(struct sites *s, const struct mesh_key *key, struct text_view name)
{
	struct site_name *site = slot_of(s, key);
	if (site != NULL || name.len > SITE_NAME_MAX ||
	    (site = new_slot(s, key)) == NULL)
		return;
	set_name(site, name);
	claim(s, site);
	site->news = SITES_NONE; /* it was told then */
}

void
sites_forget(struct sites *s, const struct mesh_key *key, struct bytes_out *name)
{
	struct site_name *site = slot_of(s, key);
	if (site == NULL)
		return;
	if (site->pinned)
		text_put_view(name, bare_name(site));
	site->name_len = 0;
	site->epoch = site->seq = 0;
	site->pinned = false;
	site->news = SITES_NONE;
	show(site);
	for (size_t i = 0; name->len > 0 && i < s->count; i++)
		if (text_equal(bare_name(&s->slots[i]), text_written(name))) {
			claim(s, &s->slots[i]);
			return;
		}
}

const struct site_name *
sites_next_news(const struct sites *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->slots[i].news != SITES_NONE)
			return &s->slots[i];
	return NULL;
}

void
sites_told(struct sites *s, const struct mesh_key *key)
{
	struct site_name *site = slot_of(s, key);
	if (site != NULL)
		site->news = SITES_NONE;
}

struct text_view
sites_name(
    const struct sites *s, const struct mesh_key *key, char room[static SITE_SHOWN_MAX])
{
	const struct site_name *site = slot_of(s, key);
	if (site != NULL)
		return shown_name(site);
	struct bytes_out out = bytes_out(room, SITE_SHOWN_MAX);
	key_print_short(key, &out);
	return text_written(&out);
}

struct text_view
sites_peer_name(const struct sites *s, const struct mesh_peer *peer,
    char room[static SITE_SHOWN_MAX])
{
	struct text_view shown = sites_name(s, &peer->key, room);
	struct bytes_out out = bytes_out(room, SITE_NAME_MAX);
	if (shown.ptr != room || peer->name.len == 0)
		return shown;
	text_put_clean(&out, bytes_view(peer->name.ptr, peer->name.len), SITE_NAME_MAX);
	out.cap = SITE_SHOWN_MAX;
	if (holder_of(s, text_written(&out)) != NULL) { /* it is somebody else's */
		text_put(&out, "-");
		key_print_short(&peer->key, &out);
	}
	return text_written(&out);
}

struct text_view
sites_name_copy(const struct sites *s, const struct mesh_key *key, struct arena *into)
{
	char room[SITE_SHOWN_MAX];
	return arena_text(into, sites_name(s, key, room));
}

/* 8 or more hex digits that a key begins with; a name may look like that, too. */
static bool
key_begins(const struct mesh_key *key, struct text_view digits)
{
	char all[64];
	struct bytes_out out = bytes_out(all, sizeof all);
	text_put_hex(&out, bytes_view(key->bytes, sizeof key->bytes));
	return digits.len >= 8 && digits.len <= sizeof all &&
	    memcmp(all, digits.ptr, digits.len) == 0;
}

const struct mesh_key *
sites_find(const struct sites *s, struct text_view text, bool *ambiguous)
{
	const struct mesh_key *found = NULL;
	size_t count = 0;
	*ambiguous = false;
	for (size_t i = 0; i < s->count; i++) {
		const struct site_name *site = &s->slots[i];
		if (text_equal(shown_name(site), text))
			return &site->key;
		if (text_equal(bare_name(site), text) || key_begins(&site->key, text)) {
			found = &site->key;
			count++;
		}
	}
	*ambiguous = count > 1;
	return count == 1 ? found : NULL;
}
