#include "commands.h"
#include "client.h"
#include "columns.h"
#include "document.h"
#include "early.h"
#include "embeddings.h"
#include "errors.h"
#include "left_out.h"
#include "pages.h"
#include "text.h"
#include "usage.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
/* What stands only here is for people alone. */
static const struct command extra[] = {
	{ "status", NULL, &op_table[OP_STATUS], NULL, page_status, "", "check",
	    "This site at a glance; --check: exit 7 if degraded." },
	{ "peer", "ping", &op_table[OP_PEER_PING], NULL, page_peer_ping, "id", "count interval",
	    "Whether a site answers, and each hop's round trip; --count 0: no end." },
	{ "netcheck", NULL, &op_table[OP_NETCHECK], NULL, page_netcheck, "", "",
	    "How this site is reached, and how it reaches the others." },
	{ "invite", "create", &op_table[OP_INVITE_CREATE], NULL, page_invite_create, "", "qr",
	    "A token that lets another site join; --qr draws it, too." },
	{ "join", NULL, &op_table[OP_JOIN], NULL, page_join, "token", "yes",
	    "Move this site to where a token leads; - reads it." },
	{ "leave", NULL, &op_table[OP_LEAVE], NULL, page_leave, "", "yes",
	    "Move this site to a network of its own." },
	{ "peer", "block", &op_table[OP_PEER_BLOCK], NULL, page_peer_block, "id", "yes",
	    "Put a site out: by an admin everywhere, else here." },
	{ "key", "rotate", &op_table[OP_KEY_ROTATE], NULL, page_key_rotate, "", "yes",
	    "A new network key for all sites; needs an admin." },
	{ "radio", "scan", NULL, NULL, page_radio_scan, "", "",
	    "Serial ports on USB, and which boards are known; nothing is written to any." },
	{ "radio", "probe", NULL, NULL, page_radio_probe, "device", "no_daemon",
	    "Is that a radio?  A device or HOST[:PORT] that no radio of this site has; --no-daemon: no meshd is here to ask." },
	{ "radio", "diagnose", NULL, NULL, page_radio_diagnose, "id", "duration",
	    "Why a radio's link does not hold: raw, with plain options, and as meshd keeps it." },
	{ "registry", "import", NULL, NULL, page_registry_import, "file", "from",
	    "Enter each line of a file (- is stdin), as export writes them." },
	{ "registry", "export", NULL, NULL, page_registry_export, "", "filter type site",
	    "Entries with their embeddings, a JSON object a line." },
	{ "registry", "sync", NULL, NULL, page_registry_sync, "", "wait",
	    "What the neighbours have and we lack; --wait: until it is nothing." },
	{ "ca", "create", NULL, NULL, page_ca_create, "file", "",
	    "A key for an authority that certifies sites, into a new file." },
	{ "ca", "sign", NULL, NULL, page_ca_sign, "file", "site network name for out",
	    "Certify a site: --site KEY --network ID, both as its key show says; --for 365d." },
	{ "ca", "show", NULL, NULL, page_ca_show, "file", "",
	    "What a certificate says; exit 7 if it is over." },
	{ "wait", NULL, NULL, NULL, page_wait, "", "ready radio peers agree",
	    "Until --ready, --radio, --peers N alive or --agree N." },
	{ "radio", "record", &op_table[OP_RADIO_RECORD], NULL, page_radio_record, "id file", "for",
	    "What goes over a radio's link, into a file that may be given away; --for 60s." },
	{ "radio", "channels", &op_table[OP_RADIO_CHANNELS], NULL, page_radio_channels, "id", "site",
	    "The channels that a radio has the keys of." },
	{ "radio", "config get", &op_table[OP_RADIO_CONFIG_GET], NULL, page_radio_config_get, "section", "radio site",
	    "What a radio is set to, without its secrets; of several radios --radio NAME." },
	{ "radio", "config export", &op_table[OP_RADIO_CONFIG_EXPORT], NULL, page_radio_config_export, "file", "radio site",
	    "The same into a new file that restore takes; --secrets: with its keys and passwords." },
	{ "radio", "config restore", &op_table[OP_RADIO_CONFIG_RESTORE], NULL, page_radio_config_restore, "file", "radio site yes other_node",
	    "What differs from such a file; --yes: set the radio to it, and look that it is." },
	{ "packet", "watch", NULL, NULL, page_packet_watch, "", "count for filter",
	    "Packets as they come; --jsonl: one object a line." },
	{ "msg", "watch", NULL, NULL, page_message_watch, "", "count for filter",
	    "Texts as they come, and what becomes of ours; --jsonl: one object a line." },
	{ "msg", "wait", NULL, NULL, page_message_wait, "request", "for site",
	    "Until it is acked, answered, or repeated if it is for all, or --for 2m is over." },
	{ "event", "watch", NULL, NULL, page_event_watch, "", "count for filter stage topics",
	    "All as it happens; --topics node,packet,alert." },
};
/* clang-format on */
enum { EXTRA = LENGTH(extra), TABLE_CAP = OP_COUNT + EXTRA + 1 };

/* "node.list" -> noun "node", verb "list"; a word alone has no verb, and one may have
 * two words. */
static struct command
command_of(const struct op *op)
{
	static char names[OP_COUNT][40];
	char *name = names[op - op_table];
	snprintf(name, sizeof names[0], "%s", op->name);
	char *dot = strchr(name, '.');
	if (dot != NULL)
		*dot++ = '\0';
	for (char *more = dot; more != NULL && (more = strchr(more, '.')) != NULL;)
		*more = ' ';
	return (struct command){ .noun = name,
		.verb = dot,
		.op = op,
		.columns = columns_of_list(op),
		.places = op->places,
		.flags = "",
		.help = op->help };
}

static bool
has_page(const struct op *op)
{
	for (size_t i = 0; i < EXTRA; i++)
		if (extra[i].op == op)
			return true;
	return false;
}

const struct command *
commands(void)
{
	static struct command table[TABLE_CAP];
	size_t count = 0;
	if (table[0].noun != NULL)
		return table;
	for (size_t i = 0; i < EXTRA; i++)
		table[count++] = extra[i];
	for (size_t i = 0; i < OP_COUNT; i++) {
		if (!has_page(&op_table[i]))
			table[count++] = command_of(&op_table[i]);
	}
	return table;
}

static const struct command *
find_pair(const char *noun, const char *verb)
{
	for (const struct command *c = commands(); c->noun != NULL; c++) {
		if (strcmp(c->noun, noun) == 0 &&
		    (c->verb == NULL ? verb == NULL
				     : verb != NULL && strcmp(c->verb, verb) == 0))
			return c;
	}
	return NULL;
}

const struct command *
command_find(const char *const *words, size_t count, size_t *used)
{
	char both[64];
	const struct command *c = NULL;
	if (count > 2) {
		snprintf(both, sizeof both, "%s %s", words[1], words[2]);
		c = find_pair(words[0], both);
	}
	*used = 3;
	if (c == NULL && count > 1)
		*used = 2, c = find_pair(words[0], words[1]);
	if (c == NULL)
		*used = 1, c = find_pair(words[0], NULL);
	if (c == NULL && count == 1) /* the noun alone lists */
		c = find_pair(words[0], "list");
	return c;
}

/* Edits between two words, by the usual table of two rows. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[64], len = strlen(b);
	if (len >= LENGTH(row))
		return SIZE_MAX;
	for (size_t k = 0; k <= len; k++)
		row[k] = k;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t k = 0; k < len; k++) {
			size_t change = diagonal + (a[i] != b[k]);
			diagonal = row[k + 1];
			size_t insert = (row[k] < diagonal ? row[k] : diagonal) + 1;
			row[k + 1] = change < insert ? change : insert;
		}
	}
	return row[len];
}

const char *
command_guess(const char *noun, const char *word)
{
	const char *best = NULL;
	size_t least = 3;
	for (const struct command *c = commands(); c->noun != NULL; c++) {
		const char *candidate = noun == NULL ? c->noun : c->verb;
		if (candidate == NULL || (noun != NULL && strcmp(noun, c->noun) != 0))
			continue;
		size_t len = strlen(word), edits = distance(word, candidate);
		if (noun != NULL && len > 0 && strncmp(word, candidate, len) == 0 &&
		    candidate[len] == ' ')
			edits = 0; /* the first word of two */
		if (edits < least) {
			least = edits;
			best = candidate;
		}
	}
	return best;
}

/* The value of parameter `name`: by place, by flag, or NULL. */
static const char *
parameter(const struct command *c, const struct arguments *a, const char *name)
{
	const char *place = c->op->places;
	for (size_t i = 0; i < a->word_count && place[0] != '\0'; i++) {
		size_t len = strcspn(place, " ");
		if (strlen(name) == len && strncmp(place, name, len) == 0)
			return a->words[i];
		place += len + (place[len] == ' ');
	}
	return argument(a, name);
}

static size_t
places_count(const char *places)
{
	size_t count = places[0] != '\0';
	for (; *places != '\0'; places++)
		count += *places == ' ';
	return count;
}

static const char *
required_missing(const struct command *c, const struct arguments *a)
{
	for (size_t i = 0; i < c->op->params->count; i++) {
		const struct field *f = &c->op->params->rows[i];
		bool in_path = strcmp(f->name, "id") == 0 &&
		    strchr(c->op->path, '{') != NULL;
		if ((in_path || (f->flags & FIELD_REQUIRED)) &&
		    parameter(c, a, f->name) == NULL)
			return f->name;
	}
	return NULL;
}

static const char *
unknown_flag(const struct command *c, const struct arguments *a)
{
	for (size_t i = 0; i < a->pair_count; i++) {
		const char *name = a->pairs[i].name;
		const char *own = strstr(c->flags, name);
		if (c->op != NULL && field_find(c->op->params, text(name)) != NULL)
			continue;
		if (own == NULL ||
		    strspn(own + strlen(name), "abcdefghijklmnopqrstuvwxyz") > 0)
			return name;
	}
	return NULL;
}

/* A complaint about the words themselves, or EXIT_OK. */
static enum exit_code
check_arguments(const struct command *c, const struct arguments *a)
{
	const char *flag = unknown_flag(c, a);
	const char *missing = c->op != NULL && c->run == NULL ? required_missing(c, a)
							      : NULL;
	const char *verb = c->verb != NULL ? c->verb : "";
	if (flag != NULL)
		fprintf(stderr, "meshctl: %s%s%s does not know --%s\n", c->noun,
		    verb[0] != '\0' ? " " : "", verb, flag);
	else if (missing != NULL)
		fprintf(stderr, "meshctl: %s %s needs %s\n", c->noun, verb, missing);
	else if (a->word_count > places_count(c->places))
		fprintf(stderr, "meshctl: %s %s: one word too many: '%s'\n", c->noun,
		    verb, a->words[places_count(c->places)]);
	else
		return EXIT_OK;
	command_usage(c);
	return EXIT_USAGE;
}

static enum exit_code
fail_value(const struct command *c, const struct arguments *a, const char *name,
    const char *why)
{
	fprintf(stderr, "meshctl: %s %s: %s%s%s\n", c->noun,
	    c->verb != NULL ? c->verb : "", argument(a, name) ? "--" : "", name, why);
	return EXIT_USAGE;
}

/* A name twice in one object: the daemon would be sent one of the two.  What begins as
 * JSON is meant as JSON, and no text because it has a mistake; words are texts. */
static bool
is_no_value(const struct field *f, const char *value, json_error_t *why)
{
	if (f->kind == FIELD_TEXT)
		return false;
	json_t *parsed = document_read(
	    text(value), JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, why);
	bool begins = strchr("{[\"", value[strspn(value, " \t\r\n")]) != NULL &&
	    value[strspn(value, " \t\r\n")] != '\0';
	bool bad = parsed == NULL &&
	    (begins || json_error_code(why) == json_error_duplicate_key);
	json_decref(parsed);
	return bad;
}

/* JSON could not say it, and a word left out is another request. */
static enum exit_code
check_values(const struct command *c, const struct arguments *a)
{
	char text_why[200];
	json_error_t why;
	for (size_t i = 0; c->op != NULL && i < c->op->params->count; i++) {
		const struct field *f = &c->op->params->rows[i];
		const char *value = parameter(c, a, f->name);
		struct text_view said = text(value != NULL ? value : "");
		if (!text_is_utf8(bytes_view(said.ptr, said.len)))
			return fail_value(c, a, f->name, " is not UTF-8 text");
		if (value == NULL || !is_no_value(f, value, &why))
			continue;
		snprintf(text_why, sizeof text_why, ", line %d, column %d: %.150s",
		    why.line, why.column, why.text);
		return fail_value(c, a, f->name, text_why);
	}
	return EXIT_OK;
}

/* By a query string; what may be long goes as a body. */
static bool
reads(const struct op *op)
{
	return op->method == OP_GET && !op->posts;
}

/* /nodes/{id}?limit=5, /peers/{id}/allow */
static void
build_path(const struct command *c, const struct arguments *a, char *to, size_t cap)
{
	char encoded[1024];
	const char *brace = strchr(c->op->path, '{');
	int fixed = brace != NULL ? (int)(brace - c->op->path)
				  : (int)strlen(c->op->path);
	int len = snprintf(to, cap, "%.*s", fixed, c->op->path);
	if (brace != NULL) {
		client_encode(parameter(c, a, "id"), encoded, sizeof encoded);
		len += snprintf(to + len, cap - (size_t)len, "%s%s", encoded,
		    strchr(brace, '}') + 1);
	}
	if (!reads(c->op))
		return;
	char mark = '?';
	for (size_t i = 0; i < c->op->params->count; i++) {
		const char *name = c->op->params->rows[i].name;
		const char *value = strcmp(name, "id") == 0 ? NULL
							    : parameter(c, a, name);
		if (value == NULL)
			continue;
		client_encode(value, encoded, sizeof encoded);
		len += snprintf(
		    to + len, cap - (size_t)len, "%c%s=%s", mark, name, encoded);
		mark = '&';
	}
}

/* Texts stay texts; what the operation takes as a value may be any JSON. */
static json_t *
value_of(const struct field *f, const char *value)
{
	if (f->kind == FIELD_TEXT)
		return json_string(value);
	json_error_t why;
	json_t *parsed = document_read(text(value), JSON_DECODE_ANY, &why);
	return parsed != NULL ? parsed : json_string(value);
}

static char *
build_body(const struct command *c, const struct arguments *a)
{
	json_t *object = json_object();
	for (size_t i = 0; i < c->op->params->count; i++) {
		const struct field *f = &c->op->params->rows[i];
		const char *value = parameter(c, a, f->name);
		if (value != NULL && strcmp(f->name, "id") != 0)
			json_object_set_new(object, f->name, value_of(f, value));
	}
	char *body = json_object_size(object) > 0 ? document_dump(object, JSON_COMPACT)
						  : NULL;
	json_decref(object);
	return body;
}

static const json_t *
teller(const json_t *items, size_t i)
{
	return json_object_get(json_array_get(items, i), "told_by");
}

static bool
is_new_teller(const json_t *items, size_t at)
{
	const json_t *name = teller(items, at);
	for (size_t i = 0; i < at; i++)
		if (json_equal(teller(items, i), name))
			return false;
	return name != NULL;
}

/* Who told of what is not kept here. */
static void
print_tellers(const json_t *items)
{
	static const struct column name = { "told_by", "", COLUMN_TEXT, 0, KEPT };
	size_t named = 0;
	for (size_t i = 0; i < json_array_size(items); i++) {
		char text[80];
		if (!is_new_teller(items, i))
			continue;
		cell_text(&name, json_array_get(items, i), 0, text, sizeof text);
		fprintf(stderr, "%s%s", named++ == 0 ? "; told by " : ", ", text);
	}
}

/* Beside the list, for people: did everybody have a say? */
static void
print_complete(const struct options *o, const json_t *answer)
{
	const json_t *complete = json_object_get(answer, "complete");
	if (o->quiet || complete == NULL)
		return;
	json_int_t away = json_integer_value(json_object_get(complete, "away"));
	fprintf(stderr, "%lld of %lld sites, %lld ms",
	    (long long)json_integer_value(json_object_get(complete, "answered")),
	    (long long)json_integer_value(json_object_get(complete, "known")),
	    (long long)json_integer_value(json_object_get(answer, "took_ms")));
	if (away > 0)
		fprintf(stderr, "; %lld not reached", (long long)away);
	print_tellers(json_object_get(answer, "items"));
	fputc('\n', stderr);
}

static void
print_next(const struct options *o, const json_t *answer)
{
	const char *next = json_string_value(json_object_get(answer, "next"));
	if (!o->quiet && next != NULL)
		fprintf(stderr, "more: --after %s\n", next);
}

static bool
any_has(const json_t *items, const char *name)
{
	for (size_t i = 0; i < json_array_size(items); i++)
		if (json_object_get(json_array_get(items, i), name) != NULL)
			return true;
	return false;
}

/* A search that compares nothing has no use for its first column; entries have their
 * numbers if they were asked for. */
static const struct column *
columns_for(const struct command *c, const json_t *items)
{
	bool entries = c->op == &op_table[OP_ENTRY_GET] ||
	    c->op == &op_table[OP_ENTRY_LIST];
	if (entries && any_has(items, "embedding"))
		return columns_of_embeddings();
	bool bare = c->op == &op_table[OP_ENTRY_SEARCH] && !any_has(items, "score");
	return c->columns + bare;
}

/* Texts read downwards, the newest next to the prompt. */
static void
print_table(const struct command *c, const struct options *o, const json_t *items,
    int64_t now_ms)
{
	if (c->op != &op_table[OP_MESSAGE_LIST]) {
		table_print(o, columns_for(c, items), items, now_ms);
		return;
	}
	json_t *downwards = json_array();
	for (size_t i = json_array_size(items); i-- > 0;)
		json_array_append(downwards, json_array_get(items, i));
	table_print(o, c->columns, downwards, now_ms);
	json_decref(downwards);
}

static enum exit_code
print_reply(const struct command *c, const struct options *o, const struct reply *r)
{
	enum exit_code code = EXIT_OK;
	if (o->output == OUTPUT_JSON) {
		document_print_text((struct text_view){ r->body, r->len });
		return code;
	}
	json_t *answer = errors_answer(o, r, &code);
	const json_t *items = json_object_get(answer, "items");
	int64_t now_ms = json_integer_value(json_object_get(answer, "generated_at"));
	size_t i;
	json_t *item;
	if (o->output == OUTPUT_JSONL && items != NULL) {
		json_array_foreach(items, i, item)
		{
			document_print(item, JSON_COMPACT);
		}
		fflush(stdout);
		print_next(o, answer);
	} else if (items != NULL && c->columns != NULL) {
		print_table(c, o, items, now_ms);
		fflush(
		    stdout); /* what stands beside it comes behind it in a pipe, too */
		print_complete(o, answer);
		left_out_print(o, answer);
		print_next(o, answer);
	} else if (answer != NULL && (c->op->method == OP_GET || !o->quiet)) {
		object_print(o, answer, now_ms);
	}
	json_decref(answer);
	return code;
}

enum exit_code
command_run(const struct command *c, const struct options *o, const struct arguments *a)
{
	char path[4096];
	struct arguments filled = *a;
	enum exit_code code = check_arguments(c, a);
	if (code == EXIT_OK)
		code = embeddings_fill(&filled);
	if (code == EXIT_OK)
		code = check_values(c, &filled);
	if (code != EXIT_OK || c->run != NULL)
		return code != EXIT_OK ? code : c->run(o, a);
	a = &filled;
	build_path(c, a, path, sizeof path);
	char *body = reads(c->op) ? NULL : build_body(c, a);
	struct reply r = (early_is_wanted(o, c->op) ? early_ask : client_ask)(
	    o, op_method_words[c->op->posts ? OP_POST : c->op->method], path, body);
	code = errors_report(o, &r);
	if (code == EXIT_OK && r.body != NULL)
		code = print_reply(c, o, &r);
	reply_free(&r);
	free(body);
	return code;
}
