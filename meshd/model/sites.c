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
	bool had = site->pinned;
	site->pinned = false;
	site->pinned = site->name_len > 0 && holder_of(s, bare_name(site)) == NULL;
	if (site->name_len > 0 && !site->pinned)
		site->news = SITES_TAKEN;
	else if (site->pinned || had)
		site->news = SITES_KEEP;
	show(site);
}

/* Nobody holds that name any more: it is the next one's that bears it. */
static void
pass_on(struct sites *s, struct text_view name)
{
	for (size_t i = 0; name.len > 0 && i < s->count; i++)
		if (text_equal(bare_name(&s->slots[i]), name)) {
			claim(s, &s->slots[i]);
			return;
		}
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

/* What it held before is free then. */
static void
bear(struct sites *s, struct site_name *site, struct text_view name)
{
	char room[SITE_NAME_MAX];
	struct bytes_out before = bytes_out(room, sizeof room);
	if (site->pinned)
		text_put_view(&before, bare_name(site));
	if (name.len > 0)
		memcpy(site->name, name.ptr, name.len);
	site->name_len = (uint8_t)name.len;
	claim(s, site);
	pass_on(s, text_written(&before));
}

/* Not what counts now, and of who was forgotten not even that. */
static bool
is_over(const struct site_name *site, const struct mesh_position *at)
{
	if (at->epoch != site->epoch)
		return at->epoch < site->epoch;
	return site->gone ? at->seq <= site->seq : at->seq < site->seq;
}

void
sites_put(struct sites *s, const struct mesh_position *at, struct text_view name)
{
	struct site_name *site = slot_of(s, &at->origin);
	if (site == NULL)
		site = new_slot(s, &at->origin);
	if (site == NULL || is_over(site, at))
		return;
	char name_room[SITE_NAME_MAX];
	struct bytes_out out = bytes_out(name_room, sizeof name_room);
	text_put_clean(&out, bytes_view(name.ptr, name.len), SITE_NAME_MAX);
	site->epoch = at->epoch;
	site->seq = at->seq;
	site->gone = false;
	if (site->shown_len == 0 || !text_equal(bare_name(site), text_written(&out)))
		bear(s, site, text_written(&out));
}

void
sites_pin(struct sites *s, const struct mesh_position *at, struct text_view name)
{
	if (slot_of(s, &at->origin) != NULL)
		return;
	sites_put(s, at, name);
	struct site_name *site = slot_of(s, &at->origin);
	if (site == NULL)
		return;
	site->gone = name.len == 0;
	if (site->news == SITES_KEEP)
		site->news = SITES_NONE; /* it was kept then */
}

enum { PIN_PREFIX = sizeof SITES_PIN - 1 };

bool
sites_is_pin(struct bytes_view key)
{
	return key.len == PIN_PREFIX + sizeof(struct mesh_key) &&
	    memcmp(key.ptr, SITES_PIN, PIN_PREFIX) == 0;
}

void
sites_pin_row(struct sites *s, struct bytes_view key, struct bytes_view body)
{
	struct mesh_position at = { .lane = LANE_STATE };
	struct bytes_in in = bytes_in(body);
	if (!sites_is_pin(key))
		return;
	memcpy(at.origin.bytes, key.ptr + PIN_PREFIX, sizeof at.origin.bytes);
	at.epoch = bytes_u64(&in);
	at.seq = bytes_u64(&in);
	if (!in.failed && (in.left > 0 || at.epoch > 0 || at.seq > 0))
		sites_pin(s, &at, (struct text_view){ (const char *)in.ptr, in.left });
}

void
sites_forget(struct sites *s, const struct mesh_key *key)
{
	struct site_name *site = slot_of(s, key);
	if (site == NULL)
		return;
	bear(s, site, (struct text_view){ "", 0 });
	site->gone = true;
	site->news = SITES_KEEP;
	site->told_ms = 0;
}

const struct site_name *
sites_next_news(const struct sites *s, mesh_time_ms now_ms)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct site_name *site = &s->slots[i];
		if (site->news != SITES_NONE &&
		    (site->told_ms == 0 || now_ms - site->told_ms >= SITES_NEWS_MS))
			return site;
	}
	return NULL;
}

void
sites_told(struct sites *s, const struct mesh_key *key, mesh_time_ms now_ms)
{
	struct site_name *site = slot_of(s, key);
	if (site == NULL)
		return;
	site->news = SITES_NONE;
	site->told_ms = now_ms;
}

void
sites_unkept(struct sites *s, size_t slot)
{
	if (slot < s->count && s->slots[slot].news == SITES_NONE)
		s->slots[slot].news = SITES_KEEP;
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
