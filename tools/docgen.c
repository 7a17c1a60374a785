/* docgen - the documents that the tables write themselves.
 *
 * `docgen ROOT` writes docs/WIRE.md CONFIG.md COUNTERS.md EVENTS.md API.md, the man
 * page of meshctl and conf/meshd.conf below ROOT.  A test compares them with what is
 * committed. */
#include "apps.h"
#include "conf_print.h"
#include "hit.h"
#include "http_server.h"
#include "lanes.h"
#include "log_events.h"
#include "meshctl_man.h"
#include "meshd_counters.h"
#include "meshproto.h"
#include "messages.h"
#include "op.h"
#include "radio.h"
#include "schemas.h"
#include "sections.h"
#include "seek.h"
#include "store.h"
#include "text.h"
#include "units.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MADE                                                                           \
	"<!-- Made by tools/docgen from the tables in the code: do not edit. -->\n\n"

static const char *const kind_words[] = { [FIELD_BOOL] = "bool",
	[FIELD_U8] = "u8",
	[FIELD_U16] = "u16",
	[FIELD_U32] = "u32",
	[FIELD_U64] = "u64",
	[FIELD_I32] = "i32",
	[FIELD_I64] = "i64",
	[FIELD_F32] = "f32",
	[FIELD_F64] = "f64",
	[FIELD_KEY] = "key",
	[FIELD_ID] = "id",
	[FIELD_TEXT] = "text",
	[FIELD_BYTES] = "bytes",
	[FIELD_LIST] = "list",
	[FIELD_TREE] = "value",
	[FIELD_STRUCT] = "object" };

static void
put_bounds(const struct field *f, struct bytes_out *out)
{
	if (f->lo == 0 && f->hi == 0)
		return;
	if (f->hi == INT64_MAX)
		text_printf(out, "%lld or more", (long long)f->lo);
	else if (f->lo == f->hi)
		text_printf(out, "%lld", (long long)f->lo);
	else
		text_printf(out, "%lld..%lld", (long long)f->lo, (long long)f->hi);
}

enum form { FORM_JSON, FORM_WIRE }; /* there a word is shown, here its number */

static void
put_words(const char *const *words, enum form form, struct bytes_out *out)
{
	bool first = true;
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		if (words[i][0] == '\0')
			continue;
		text_put(out, first ? "" : " ");
		if (form == FORM_WIRE)
			text_printf(out, "%zu ", i);
		text_printf(out, "`%s`", words[i]);
		first = false;
	}
}

static void put_tables_inside(
    const struct field_table *t, enum form form, struct bytes_out *out);

/* A table of rows, and after it the tables that stand inside it. */
static void
put_table(const struct field_table *t, enum form form, struct bytes_out *out)
{
	text_put(out,
	    "| member | kind | unit | bounds, words | meaning "
	    "|\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->rows[i];
		text_printf(out, "| %s | %s%s%s | %s | ", f->name, kind_words[f->kind],
		    f->sub != NULL ? " of " : "", f->sub != NULL ? f->sub->name : "",
		    units_name(f->unit));
		put_bounds(f, out);
		put_words(f->words, form, out);
		text_printf(out, " | %s%s%s%s |\n", f->doc,
		    (f->flags & FIELD_REQUIRED) ? "; required" : "",
		    (f->flags & FIELD_SECRET) ? "; secret" : "",
		    (f->flags & FIELD_PRIVATE) ? "; private" : "");
	}
	text_put(out, "\n");
	put_tables_inside(t, form, out);
}

/* An element of a list that is a value alone. */
static void
put_bare(const struct field_table *t, struct bytes_out *out)
{
	const struct field *f = &t->rows[0];
	text_printf(out, "each **%s**: %s ", t->name, kind_words[f->kind]);
	put_bounds(f, out);
	text_printf(out, "%s%s\n\n", f->lo != 0 || f->hi != 0 ? ". " : "- ", f->doc);
}

static void
put_tables_inside(const struct field_table *t, enum form form, struct bytes_out *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct field_table *sub = t->rows[i].sub;
		if (sub == NULL)
			continue;
		if (!sub->bare) {
			text_printf(out, "inside, **%s**:\n\n", sub->name);
			put_table(sub, form, out);
		} else if (form == FORM_WIRE) {
			put_bare(sub, out);
		}
	}
}

static void
put_message(const struct message *m, struct bytes_out *out)
{
	static const char *const classes[] = { "P0", "P1", "P2", "P3" };
	text_printf(out, "### %u %s\n\n", m->number, m->name);
	if (m->place == MESSAGE_FRAME)
		text_printf(
		    out, "%s.\n\n", m->acked ? "Acknowledged" : "Not acknowledged");
	else if (m->place == MESSAGE_LIVE)
		text_printf(out, "Class %s.\n\n", classes[m->class]);
	if (m->table != NULL)
		put_table(m->table, FORM_WIRE, out);
	else
		text_put(out,
		    "Known by name, skipped or relayed; not spoken by this "
		    "version.\n\n");
}

/* What a reader of the tables has to know about msgpack and about kinds. */
static const char wire_head[] =
    "How the messages are used: [PROTOCOL.md](PROTOCOL.md).  A message or object is a "
    "msgpack array of its\nmembers in the order of the rows.  An absent member is nil, "
    "a required one is never absent; elements after\nthe last row belong to later "
    "versions and are ignored.  Everything stands in its shortest form, nests at\nmost "
    "8 deep; floats are finite, and the names of a map are texts and different.\n\n"
    "| kind | on the wire |\n|---|---|\n"
    "| bool | true or false |\n"
    "| u8 .. u64, i32, i64 | integer; where the row has words, the number of one of "
    "them |\n"
    "| f32, f64 | float of 32 or 64 bits, each never as the other nor as an integer "
    "|\n"
    "| text | UTF-8 str; bounds are of its bytes |\n"
    "| bytes | bin; bounds are of its length |\n"
    "| key | bin of 32 bytes |\n"
    "| id | bin: one byte of kind, then the id. 1 site (32 bytes), 2 Meshtastic node "
    "(4), 3 MeshCore node (6..32), 4 simulated node (4), 5 Meshtastic packet (8: node "
    "and number), 6 MeshCore packet (8), 7 simulated packet (8), 8 entry (4..32), 9 "
    "alert (16), 10 radio (its name) |\n"
    "| list of X | array; bounds are of its length; X is an object, or a value alone "
    "where it says `each` |\n"
    "| object of X | array, the table of X stands behind |\n"
    "| value | anything: map, array or single value, at most 1024 values |\n\n";

static void
wire_page(struct bytes_out *out)
{
	/* clang-format off */
	static const struct { enum message_place place; const char *title, *note; } parts[] = {
		{ MESSAGE_FRAME, "Frames of a session", "The first element of the array is the frame's number, then its members." },
		{ MESSAGE_LIVE, "Lane 0: live news", "The body of a core; the type is the core's." },
		{ MESSAGE_KEYED, "Keyed lanes", "Bodies of lanes 1, 3 and 6." },
		{ MESSAGE_STATE, "State values that the mesh reads", "The body of a PUT: its key, then the value." },
		{ MESSAGE_CONTROL, "Control values: who belongs, and under which key", "The body of a PUT of lane 1: its key, then the values." },
		{ MESSAGE_HANDSHAKE, "Handshake", "INFO inside HS2 and HS3." },
		{ MESSAGE_PART, "Parts of messages", "What stands as bytes in others, and is signed for itself." },
	}; /* clang-format on */
	text_put(out, "# Every message on the wire\n\n" MADE);
	text_put(out, wire_head);
	for (size_t p = 0; p < LENGTH(parts); p++) {
		text_printf(out, "## %s\n\n%s\n\n", parts[p].title, parts[p].note);
		for (size_t i = 0; i < message_count; i++) {
			if (messages[i].place == parts[p].place)
				put_message(&messages[i], out);
		}
	}
	text_put(out, "## Bodies of the time lanes\n\n");
	for (enum mesh_lane lane = LANE_ALERT; lane < LANE_COUNT; lane++) {
		const struct field_table *t = lane_body(lane, 1);
		if (t == NULL || mesh_lane_is_keyed(lane))
			continue;
		text_printf(out, "### lane %d, type 1: %s\n\n", (int)lane, t->name);
		put_table(t, FORM_WIRE, out);
	}
	text_put(out, "## The registry\n\n### lane 6, PUT: entry\n\n");
	put_table(&entry_put_table, FORM_WIRE, out);
	text_put(out, "### the question of a QUERY: search\n\n");
	put_table(&seek_table, FORM_WIRE, out);
	text_put(out, "### the answer of its REPLY\n\n");
	put_table(&seek_answer_table, FORM_WIRE, out);
}

static void
config_page(struct bytes_out *out)
{
	static const char *const applies[] = { "at once", "reconnects", "restart" };
	text_put(out, "# Options\n\n" MADE);
	text_put(out,
	    "In `meshd.conf`, in `conf.d/*.conf` beside it (alphabetical), in the "
	    "environment as\n"
	    "`MESHD_SECTION__KEY`, or as `--set section.key=value`; later ones win.\n"
	    "`meshd --check-config` names every fault with file and line.\n\n");
	for (size_t s = 0; sections[s] != NULL; s++) {
		const struct section *section = sections[s];
		text_printf(out,
		    "## [%s%s]\n\n| option | default | range | applies | meaning |\n"
		    "|---|---|---|---|---|\n",
		    section->name, section->named ? " \"NAME\"" : "");
		for (size_t i = 0; i < section->count; i++) {
			const struct conf_option *row = &section->rows[i];
			text_printf(out, "| %s | %s | ", row->field.name,
			    row->fallback != NULL ? row->fallback : "");
			conf_print_range(row, out);
			text_printf(out, " | %s | %s |\n", applies[row->applies],
			    row->field.doc);
		}
		text_put(out, "\n");
	}
}

static void
counters_page(struct bytes_out *out)
{
	const struct counter_list *const lists[] = { &mesh_counters, &radio_counters,
		&meshd_counters, &store_counter_list, &http_counters, &apps_counters };
	text_put(out, "# Counters\n\n" MADE);
	text_put(out, "`meshctl stats` lists them; every drop moves exactly one.\n\n");
	for (size_t k = 0; k < LENGTH(lists); k++) {
		text_printf(out, "## %s\n\n| name | unit | counts |\n|---|---|---|\n",
		    lists[k]->tree);
		for (size_t i = 0; i < lists[k]->count; i++) {
			const struct counter_row *row = &lists[k]->rows[i];
			text_printf(out, "| `%s` | %s | %s |\n", row->name, row->unit,
			    row->doc);
		}
		text_put(out, "\n");
	}
	text_put(out, "## Errors\n\n| error | number | means |\n|---|---|---|\n");
#define ERROR_LINE(name, number, sentence)                                             \
	text_printf(out, "| %s | %d | %s |\n", #name, number, sentence);
	MESH_ERRORS(ERROR_LINE)
#undef ERROR_LINE
}

static void
events_page(struct bytes_out *out)
{
	text_put(out, "# Log events\n\n" MADE);
	text_put(out,
	    "The noun before the dot is the module for `log.levels` and `meshctl log "
	    "level`.\n\n"
	    "| event | when |\n|---|---|\n");
	for (size_t i = 0; i < LOG_EVENT_COUNT; i++)
		text_printf(out, "| `%s` | %s |\n", log_event_rows[i].name,
		    log_event_rows[i].doc);
}

static void
api_page(struct bytes_out *out)
{
	text_put(out, "# HTTP API and its objects\n\n" MADE);
	text_put(out,
	    "Below `/api/v1`, on the UNIX socket (everything) and on TCP 127.0.0.1 "
	    "(GET only).  A\n"
	    "list is `{\"schema\", \"generated_at\", \"items\": [...], \"next\"}`; "
	    "times are Unix\n"
	    "milliseconds, a missing value is absent.  Errors are problem JSON (RFC "
	    "9457).\n"
	    "`GET /events?topics=node,packet,peer,alert,radio,state,registry,search` "
	    "is an event "
	    "stream that\n"
	    "resumes by Last-Event-ID, and with `stage=stored` tells of records when "
	    "they are on\n"
	    "this site's disk instead of when they are heard; `/healthz`, `/readyz` "
	    "and, for Prometheus, `/metrics` stand at the root.  Nodes, packets, "
	    "states, alerts and\n"
	    "entries of the registry come with an `ETag`: who sends it back in "
	    "`If-None-Match` gets\n"
	    "304 while the answer would say the same.\n\n"
	    "| method | path | meshctl | schema | answers |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < OP_COUNT; i++) {
		const struct op *op = &op_table[i];
		text_printf(out, "| %s | `%s` | `%s` | meshd.%s/1 | %s |\n",
		    op_method_words[op->method], op->path, op->name, op->noun,
		    op->help);
	}
	text_put(out, "\n");
	for (size_t i = 0; i < OP_COUNT; i++) {
		if (op_table[i].params->count == 0)
			continue;
		text_printf(out, "## Parameters of %s\n\n", op_table[i].name);
		put_table(op_table[i].params, FORM_JSON, out);
	}
	for (size_t i = 0; schemas[i].noun != NULL; i++) {
		text_printf(out, "## meshd.%s/1\n\n", schemas[i].noun);
		put_table(schemas[i].table, FORM_JSON, out);
	}
	text_put(out,
	    "## Lines before the answer\n\n"
	    "To who says `Accept: application/x-ndjson` a search sends a line for each "
	    "site that\nhas answered, and its answer as the last one.\n\n");
	put_table(&hit_early_table, FORM_JSON, out);
}

static void
conf_page(struct bytes_out *out)
{
	conf_print_defaults(sections, out);
}

static const struct {
	const char *path;
	void (*make)(struct bytes_out *out);
} pages[] = {
	{ "docs/WIRE.md", wire_page },
	{ "docs/CONFIG.md", config_page },
	{ "docs/COUNTERS.md", counters_page },
	{ "docs/EVENTS.md", events_page },
	{ "docs/API.md", api_page },
	{ "docs/man/meshctl.1", meshctl_man },
	{ "conf/meshd.conf", conf_page },
};

int
main(int argc, char **argv)
{
	static uint8_t block[1 << 20];
	if (argc != 2) {
		fprintf(stderr,
		    "usage: docgen ROOT   (writes docs/*.md, docs/man, conf below "
		    "it)\n");
		return 2;
	}
	for (size_t i = 0; i < LENGTH(pages); i++) {
		char path[4096];
		struct bytes_out out = bytes_out(block, sizeof block);
		pages[i].make(&out);
		snprintf(path, sizeof path, "%s/%s", argv[1], pages[i].path);
		FILE *f = fopen(path, "w");
		if (out.failed || f == NULL ||
		    fwrite(block, 1, out.len, f) != out.len || fclose(f) != 0) {
			fprintf(stderr, "docgen: %s: %s\n", path,
			    out.failed ? "does not fit" : strerror(errno));
			return 1;
		}
	}
	return 0;
}
