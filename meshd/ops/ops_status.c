#include "call_inside.h"
#include "catalogue.h"
#include "live.h"
#include "ports.h"
#include "text.h"
#include "units.h"

static struct peers_status
peers_of(const struct mesh_site *core)
{
	struct peers_status peers = { 0 };
	struct mesh_peer peer;
	for (size_t i = 0; mesh_site_peer(core, i, &peer); i++) {
		if (peer.state == PEER_STRANGER)
			continue;
		peers.known++;
		peers.alive += peer.state == PEER_ALIVE;
	}
	return peers;
}

/* Whoever asked may have gone away before the answer came; then nobody moved. */
static struct join_status
join_of(const struct op_world *w)
{
	enum { LONG_MS = 30 * 1000 };
	struct join_status join = { .has = 1, .state = JOIN_NONE };
	if (w->join != NULL && w->join->has != 0)
		join = *w->join;
	if (join.state == JOIN_ASKING && w->now.unix_ms - join.time_ms > LONG_MS) {
		join.state = JOIN_FAILED;
		join.error = text("whoever asked went away before the answer came");
		join.has |= 1 << JOIN_ROW_ERROR;
	}
	return join;
}

/* `room`: for the id's text. */
static struct network_status
network_of(const struct op_world *w, char room[static 32])
{
	struct mesh_trust trust;
	struct bytes_out id = bytes_out(room, 32);
	mesh_site_trust(w->core, &trust);
	text_put_hex(&id, bytes_view(trust.netid, sizeof trust.netid));
	return (struct network_status){ text_written(&id), (uint8_t)trust.admission,
		trust.is_admin, w->demo, join_of(w), (uint8_t)trust.certified };
}

void
ops_status(struct call *c)
{
	char netid[32];
	const struct op_world *w = c->world;
	struct store_counts counts = store_counts(w->store);
	struct status status = {
		.site = { .has = UINT64_MAX,
		    .name = w->name,
		    .key = w->self,
		    .version = w->version,
		    .uptime_s = (w->now.ms - w->started_ms) / 1000 },
		.radios = live_radios(w->live),
		.peers = peers_of(w->core),
		.counts = { counts.nodes, counts.packets, counts.alerts_open },
		.store = { counts.bytes, counts.schema, store_is_readonly(w->store) },
		.ready = w->ready,
		.writing = (uint8_t)mesh_site_writing(w->core),
		.network = network_of(w, netid),
	};
	call_open(c);
	call_item(c, &status_table, &status);
	call_finish(c);
}

struct counter_item {
	struct text_view name, label, unit;
	uint64_t value;
	struct text_view doc;
};
/* clang-format off */
static const struct field counter_rows[] = {
	FIELD(struct counter_item, name, UNIT_NONE, FIELD_REQUIRED, 0, 0, "stable name"),
	FIELD(struct counter_item, label, UNIT_NONE, 0, 0, 0, "which radio; absent: the site's"),
	FIELD(struct counter_item, unit, UNIT_NONE, 0, 0, 0, "what is counted"),
	FIELD(struct counter_item, value, UNIT_COUNT, FIELD_REQUIRED, 0, 0, "since the start"),
	FIELD(struct counter_item, doc, UNIT_NONE, 0, 0, 0, "what it means"),
};
/* clang-format on */
static const struct field_table counter_table = { "counter", counter_rows,
	LENGTH(counter_rows), sizeof(struct counter_item), FIELD_NO_HAS, false };

static void
put_counters(struct call *c, const struct op_counters *from)
{
	for (size_t i = 0; i < from->list->count; i++) {
		const struct counter_row *row = &from->list->rows[i];
		struct counter_item item = { .name = text(row->name),
			.label = from->label,
			.unit = text(row->unit),
			.value = from->get(from->room, i),
			.doc = text(row->doc) };
		if (item.label.len == 0)
			item.label.ptr = NULL;
		call_item(c, &counter_table, &item);
	}
}

/* What its status counts, under the names that its series have. */
static void
put_figures(struct call *c, const struct port *port)
{
	struct radio_status status;
	char room[64 + SAMPLE_REASON_MAX];
	struct figure *all = arena_take(&c->arena, CATALOGUE_FIGURES, sizeof *all);
	size_t count = 0;
	port_status(port, &status);
	if (all != NULL)
		count = catalogue_figures(
		    &radio_status_table, &status, "radio", &c->arena, all);
	for (size_t i = 0; i < count; i++) {
		struct bytes_out name = bytes_out(room, sizeof room);
		text_put_view(&name, all[i].name);
		text_put(&name, all[i].reason.len > 0 ? "." : "");
		text_put_view(&name, all[i].reason);
		struct counter_item item = { text_written(&name), status.name,
			text(units_name(all[i].row->unit)), (uint64_t)all[i].value,
			text(all[i].row->doc) };
		if (all[i].kind == SAMPLE_COUNTER)
			call_item(c, &counter_table, &item);
	}
}

static void
put_radios(struct call *c)
{
	const struct port *port;
	size_t used = c->arena.used;
	for (size_t i = 0;
	     c->world->ports != NULL && (port = ports_see(c->world->ports, i)) != NULL;
	     i++) {
		put_figures(c, port);
		c->arena.used = used;
	}
}

void
ops_counters(struct call *c)
{
	call_open(c);
	for (size_t i = 0; i < c->world->counters_count; i++)
		put_counters(c, &c->world->counters[i]);
	put_radios(c);
	call_finish(c);
}

struct level_answer {
	struct text_view level, module;
};
/* clang-format off */
static const struct field level_rows[] = {
	FIELD(struct level_answer, level, UNIT_NONE, FIELD_REQUIRED, 0, 0, "the level now"),
	FIELD(struct level_answer, module, UNIT_NONE, 0, 0, 0, "of this room; absent: of all"),
};
/* clang-format on */
static const struct field_table level_table = { "log", level_rows, LENGTH(level_rows),
	sizeof(struct level_answer), FIELD_NO_HAS, false };

void
ops_log_level(struct call *c)
{
	const struct op_params *p = &c->params;
	const struct op_world *w = c->world;
	enum mesh_err err = w->set_log_level(w->log_ctx, p->module, p->level);
	if (err != MESH_OK) {
		call_fail(c, err == MESH_FULL ? 503 : 400,
		    "no level '%.*s', or no room '%.*s'", (int)p->level.len,
		    p->level.ptr, (int)p->module.len,
		    p->module.len > 0 ? p->module.ptr : "");
		return;
	}
	struct level_answer said = { p->level, p->module };
	if (said.module.len == 0)
		said.module.ptr = NULL;
	call_open(c);
	call_item(c, &level_table, &said);
	call_finish(c);
}
