#include "state.h"
#include "id.h"
#include "text.h"

/* clang-format off */
static const struct field put_rows[] = {
	FIELD(struct state_put, key, UNIT_BYTES, FIELD_REQUIRED, 1, STATE_KEY_MAX, "What the value is about: site, radio/NAME, node/NETWORK:ID, user/KEY ..."),
	FIELD(struct state_put, value, UNIT_NONE, 0, 0, 0, "Named values."),
};
const struct field_table state_put_table = { "state put", put_rows, LENGTH(put_rows),
	sizeof(struct state_put), FIELD_NO_HAS, false };

static const struct field site_rows[] = {
	FIELD(struct site_value, name, UNIT_NONE, FIELD_REQUIRED, 1, SITE_NAME_MAX, "The site's name."),
	FIELD(struct site_value, version, UNIT_NONE, 0, 0, 32, "Its software."),
	FIELD(struct site_value, latitude, UNIT_DEGREE, FIELD_PRIVATE, -90, 90, "Where it is."),
	FIELD(struct site_value, longitude, UNIT_DEGREE, FIELD_PRIVATE, -180, 180, "Where it is."),
	FIELD(struct site_value, altitude_m, UNIT_M, FIELD_PRIVATE, -1000, 20000, "Altitude above the sea."),
	FIELD(struct site_value, started_ms, UNIT_UNIX_MS, 0, 0, 0, "When it started."),
	FIELD(struct site_value, demo, UNIT_NONE, 0, 0, 0, "Its radios may be simulated."),
};
const struct field_table site_value_table = { "site", site_rows, LENGTH(site_rows),
	sizeof(struct site_value), offsetof(struct site_value, has), false };

static const struct field version_rows[] = {
	FIELD(struct state_version, epoch, UNIT_NONE, 0, 0, 0, "The log it stands in."),
	FIELD(struct state_version, seq, UNIT_NONE, 0, 0, 0, "Its number there."),
};
const struct field_table state_version_table = { "version", version_rows,
	LENGTH(version_rows), sizeof(struct state_version), FIELD_NO_HAS, false };

static const struct field state_rows[] = {
	FIELD(struct state, site, UNIT_NONE, 0, 0, 0, "The site that says so."),
	FIELD(struct state, key, UNIT_NONE, 0, 0, 0, "What it is about."),
	FIELD(struct state, value, UNIT_NONE, FIELD_PRIVATE, 0, 0, "What it says."),
	FIELD_SUB(struct state, version, &state_version_table, 0, 0, 0, "Higher is newer."),
	FIELD(struct state, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When it was written, by that site's clock."),
};
const struct field_table state_table = { "state", state_rows, LENGTH(state_rows),
	sizeof(struct state), offsetof(struct state, has), false };

static const struct { const char *prefix; enum state_kind kind; } kinds[] = {
	{ "radio/", STATE_RADIO }, { "node/", STATE_NODE }, { "mesh.", STATE_MESH },
	{ "user/", STATE_USER },
};
/* clang-format on */

static struct text_view
after(struct text_view key, size_t len)
{
	return (struct text_view){ key.ptr + len, key.len - len };
}

/* "meshtastic:!a1b2c3d4": the network's word must be the one the id belongs to. */
static bool
node_of(struct text_view rest, struct id *id)
{
	const char *colon = rest.len > 0 ? memchr(rest.ptr, ':', rest.len) : NULL;
	if (colon == NULL)
		return false;
	struct text_view word = { rest.ptr, (size_t)(colon - rest.ptr) };
	return id_parse(after(rest, word.len + 1), id) == MESH_OK &&
	    node_network(id) != NETWORK_NONE &&
	    text_is(word, radio_network_words[node_network(id)]);
}

enum state_kind
state_kind(struct bytes_view key, struct id *id, struct text_view *name)
{
	struct text_view whole = { (const char *)key.ptr, key.len };
	*id = (struct id){ .kind = ID_NONE };
	*name = (struct text_view){ "", 0 };
	if (text_is(whole, "site"))
		return STATE_SITE;
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		if (!text_begins(whole, kinds[i].prefix))
			continue;
		*name = after(whole, strlen(kinds[i].prefix));
		if (kinds[i].kind == STATE_NODE && !node_of(*name, id)) {
			id->kind = ID_NONE;
			return STATE_OTHER;
		}
		return kinds[i].kind;
	}
	return STATE_OTHER;
}

void
state_node_key(const struct id *id, struct bytes_out *out)
{
	char room[ID_TEXT_MAX];
	struct bytes_out chars = bytes_out(room, sizeof room);
	struct id cut = *id;
	size_t most = ID_TEXT_MAX;
	text_put(out, "node/");
	text_put(out, radio_network_words[node_network(id)]);
	text_put(out, ":");
	most = STATE_KEY_MAX > out->len ? STATE_KEY_MAX - out->len : 0;
	id_print(&cut, &chars);
	while (chars.len > most && cut.len > 1) { /* whole bytes, so that it parses */
		cut.len--;
		chars = bytes_out(room, sizeof room);
		id_print(&cut, &chars);
	}
	bytes_put_view(out, bytes_written(&chars));
}

enum mesh_err
state_view(const struct mesh_position *at, unix_ms time_ms, const struct state_put *put,
    const struct sites *names, struct arena *into, struct state *out)
{
	char room[4 * STATE_KEY_MAX];
	struct bytes_out key = bytes_out(room, sizeof room);
	text_put_clean(&key, put->key, sizeof room);
	*out = (struct state){
		.has = 1 << STATE_ROW_SITE | 1 << STATE_ROW_KEY | 1 << STATE_ROW_VALUE |
		    1 << STATE_ROW_VERSION,
		.site = sites_name_copy(names, &at->origin, into),
		.key = arena_text(into, text_written(&key)),
		.value = put->value,
		.version = { at->epoch, at->seq },
		.time_ms = time_ms,
	};
	field_mark(&state_table, STATE_ROW_TIME, out, time_ms != 0);
	return out->site.ptr != NULL && out->key.ptr != NULL ? MESH_OK : MESH_FULL;
}
