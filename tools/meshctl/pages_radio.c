/* Radios by hand: what is plugged in, is that a radio, and why does a link not hold. */
#include "client.h"
#include "document.h"
#include "errors.h"
#include "pages.h"
#include "radio_claim.h"
#include "radio_try.h"
#include "tables.h"
#include "text.h"
#include "units.h"
#include "usb_ids.h"
#include "verdict.h"
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PROBE_MS = 20 * 1000,
	DIAGNOSE_MS = 90 * 1000,
	DIAGNOSE_LEAST_MS = 9 * 1000,
	DIAGNOSE_MOST_MS = 60 * 60 * 1000,
	WAYS = 3,
	REST_MS = 1000, /* the radio frees its last link */
	CONNECT_MS = 15000,
	LINES = 4
};
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static void
heed_interrupts(void)
{
	struct sigaction act = { .sa_handler = on_interrupt };
	sigaction(SIGINT, &act, NULL);
}

static void
pause_ms(uint32_t ms)
{
	struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };
	while (!interrupted && nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

static enum exit_code
refuse(enum exit_code code, const char *what)
{
	fprintf(stderr, "meshctl: %s\n", what);
	return code;
}

static const char *
text_in(const json_t *object, const char *path)
{
	const char *s = json_string_value(member_at(object, path));
	return s != NULL ? s : "";
}

static uint64_t
number_in(const json_t *object, const char *path)
{
	return (uint64_t)json_integer_value(member_at(object, path));
}

static void
print_json(json_t *object) /* takes it */
{
	document_print(object, JSON_COMPACT);
	json_decref(object);
}

/* --- whose is it? --- */

static bool
is_same_device(const char *a, const char *b)
{
	struct stat first, second;
	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &first) == 0 && stat(b, &second) == 0 &&
	    S_ISCHR(first.st_mode) && first.st_rdev == second.st_rdev;
}

static bool
is_place(const struct radio_place *p, const char *address)
{
	char own[2 * TRY_TEXT];
	bool v6 = strchr(p->host, ':') != NULL;
	if (p->device[0] != '\0')
		return is_same_device(p->device, address);
	snprintf(own, sizeof own, v6 ? "[%s]:%u" : "%s:%u", p->host, p->at.port);
	return strcmp(own, address) == 0;
}

/* The radio of this site that has this place; NULL: none. */
static const json_t *
owner_of(const json_t *radios, const struct radio_place *p)
{
	size_t i;
	const json_t *radio;
	json_array_foreach(radios, i, radio)
	{
		if (is_place(p, text_in(radio, "link.address")))
			return radio;
	}
	return NULL;
}

static bool
is_released(const json_t *radio)
{
	return strcmp(text_in(radio, "error"), "released for another program") == 0;
}

static enum exit_code
release(const struct options *o, const char *id, uint32_t ms)
{
	char name[400], path[460], body[64];
	client_encode(id, name, sizeof name);
	snprintf(path, sizeof path, "/radios/%s/release", name);
	snprintf(body, sizeof body, "{\"duration\":\"%us\"}", (ms + 999) / 1000);
	struct reply r = client_ask(o, "POST", path, body);
	enum exit_code code = errors_report(o, &r);
	reply_free(&r);
	return code;
}

/* Nobody can say whose it is.  A guess would throw its client out. */
static enum exit_code
refuse_unknown(void)
{
	return refuse(EXIT_DENIED,
	    "no meshd says whether it has this radio, and a radio has one client.\n\n"
	    "It listens elsewhere:  meshctl --socket PATH radio probe ...\n"
	    "It is not running:     systemctl start meshd\n"
	    "There is none here:    meshctl radio probe --no-daemon ...");
}

static enum exit_code
refuse_owned(const char *name)
{
	fprintf(stderr,
	    "meshctl: that is the radio '%s' of this site, and a radio has one "
	    "client.\n\nLook at it:       meshctl radio show %s\n"
	    "Test its link:    meshctl radio diagnose %s\n"
	    "Let go of it:     meshctl radio release %s --duration 1m\n",
	    name, name, name, name);
	return EXIT_DENIED;
}

static enum exit_code
claim(const struct options *o, const struct radio_place *p)
{
	char who[80];
	if (radio_claim(p, o->socket, who, sizeof who))
		return EXIT_OK;
	fprintf(stderr,
	    "meshctl: another meshctl is at that radio now, %s; a radio has one "
	    "client\n",
	    who);
	return EXIT_DENIED;
}

/* EXIT_OK: for so long no meshd here is at the radio, nor comes back to it. */
static enum exit_code
find_free(const struct options *o, const struct radio_place *p, uint32_t ms)
{
	struct reply r = client_ask(o, "GET", "/radios", NULL);
	json_t *all = errors_glance(&r);
	const json_t *owner = owner_of(json_object_get(all, "items"), p);
	enum exit_code code = EXIT_OK;
	if (!json_is_array(json_object_get(all, "items")))
		code = refuse_unknown();
	else if (owner != NULL && !is_released(owner))
		code = refuse_owned(text_in(owner, "name"));
	else if (owner != NULL)
		code = release(o, text_in(owner, "name"), ms + REST_MS);
	json_decref(all);
	reply_free(&r);
	return code;
}

/* --- progress --- */

struct watching {
	const struct options *o;
	const char *what;
	uint32_t of_ms;
};

static void
tell(const struct watching *w, uint32_t passed_ms, uint64_t frames, uint64_t losses)
{
	bool here = isatty(STDERR_FILENO) != 0;
	uint32_t each_s = w->of_ms / 1000 / LINES + 1; /* into a file: a few lines */
	if (w->o->quiet || (!here && passed_ms / 1000 % each_s != 0))
		return;
	fprintf(stderr, "%s%-9s %3u of %u s, %llu frames, %llu lost%s",
	    here ? "\r" : "", w->what, passed_ms / 1000, w->of_ms / 1000,
	    (unsigned long long)frames, (unsigned long long)losses,
	    here ? "   " : "\n");
}

static bool
on_progress(void *ctx, const struct radio_tried *t, uint32_t passed_ms)
{
	tell(ctx, passed_ms, t->frames, t->losses);
	return interrupted == 0;
}

static void
end_progress(const struct options *o)
{
	if (!o->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\n");
}

/* --- probe --- */

static json_t *
tried_json(const struct radio_tried *t)
{
	char room[ID_TEXT_MAX];
	struct bytes_out id = bytes_out(room, sizeof room);
	json_t *all = json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "reached", t->reached, "ready", t->ready, "held_ms", (json_int_t)t->held_ms,
	    "losses", (json_int_t)t->losses, "bytes", (json_int_t)t->bytes,
	    "skipped_bytes", (json_int_t)t->skipped, "frames", (json_int_t)t->frames,
	    "packets", (json_int_t)t->packets, "nodes", (json_int_t)t->nodes,
	    "ready_ms", (json_int_t)t->ready_ms);
	if (t->ready) {
		id_print(&t->node, &id);
		json_object_set_new(all, "node",
		    json_pack("{s:s, s:s, s:s, s:s}", "id", text_end(&id), "name",
			t->name, "firmware", t->firmware, "hardware", t->hardware));
	}
	if (t->error[0] != '\0')
		json_object_set_new(all, "error", json_string(t->error));
	return all;
}

static void
print_probe(const struct radio_tried *t, const char *place)
{
	char room[ID_TEXT_MAX];
	struct bytes_out id = bytes_out(room, sizeof room);
	if (!t->ready) {
		printf("%s: no Meshtastic radio answers: %s\n", place,
		    t->error[0] != '\0' ? t->error : "no answer in time");
		return;
	}
	id_print(&t->node, &id);
	printf("%s: Meshtastic %s  \"%s\" %s  %s\n", place, t->firmware, t->name,
	    text_end(&id), t->hardware);
	printf("told all in %u ms: %llu frames, %llu nodes, %llu bytes outside of "
	       "frames\n",
	    t->ready_ms, (unsigned long long)t->frames, (unsigned long long)t->nodes,
	    (unsigned long long)t->skipped);
}

enum exit_code
page_radio_probe(const struct options *o, const struct arguments *a)
{
	char why[256];
	struct radio_place place;
	struct radio_tried t;
	uint32_t ms = o->timeout_given ? o->timeout_ms : PROBE_MS;
	struct watching w = { o, "probe", ms };
	if (a->word_count != 1)
		return refuse(EXIT_USAGE, "radio probe wants a device or a host");
	if (!radio_place(&place, a->words[0], why, sizeof why))
		return refuse(EXIT_USAGE, why);
	enum exit_code code = claim(o, &place);
	if (code == EXIT_OK && argument(a, "no_daemon") == NULL)
		code = find_free(o, &place, ms);
	if (code != EXIT_OK)
		return code;
	heed_interrupts();
	radio_try(&place, ms, true, on_progress, &w, &t);
	if (o->output == OUTPUT_TABLE) {
		end_progress(o);
		print_probe(&t, a->words[0]);
	} else {
		json_t *all = tried_json(&t);
		json_object_set_new(all, "schema", json_string("meshd.probe/1"));
		print_json(all);
	}
	return t.ready ? EXIT_OK : EXIT_FAILED;
}

/* --- scan --- */

/* What is not told is absent. */
static const char *
told(const char *said)
{
	return said[0] != '\0' ? said : NULL;
}

static json_t *
scanned(const struct usb_port *port, const json_t *radios)
{
	struct radio_place place = { .kind = &link_serial };
	snprintf(place.device, sizeof place.device, "%.*s", USB_TEXT, port->path);
	const json_t *owner = owner_of(radios, &place);
	char id[16];
	snprintf(id, sizeof id, "%04x:%04x", port->vendor, port->product);
	return json_pack("{s:s, s:s, s:s*, s:s*, s:s*}", "device", port->path, "usb",
	    id, "board", port->board != NULL ? port->board->name : NULL, "serial",
	    told(port->serial), "radio", told(text_in(owner, "name")));
}

enum exit_code
page_radio_scan(const struct options *o, const struct arguments *a)
{
	static const struct column columns[] = { { "device", "DEVICE", COLUMN_TEXT, 14,
						     true },
		{ "usb", "USB", COLUMN_TEXT, 9, false },
		{ "board", "BOARD", COLUMN_TEXT, 0.4, true },
		{ "serial", "SERIAL", COLUMN_TEXT, 0.3, true },
		{ "radio", "RADIO", COLUMN_TEXT, 0.2, true }, { 0 } };
	struct usb_port ports[USB_PORTS_MAX];
	size_t count = usb_ports(NULL, ports, LENGTH(ports));
	struct reply r = client_ask(o, "GET", "/radios", NULL);
	json_t *all = errors_glance(&r);
	json_t *items = json_array();
	(void)a;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(
		    items, scanned(&ports[i], json_object_get(all, "items")));
	if (o->output == OUTPUT_TABLE)
		table_print(o, columns, items, 0);
	else
		print_json(
		    json_pack("{s:s, s:O}", "schema", "meshd.ports/1", "items", items));
	json_decref(items);
	json_decref(all);
	reply_free(&r);
	return EXIT_OK;
}

/* --- diagnose --- */

struct diagnosis {
	const struct options *o;
	const char *id;
	char path[512]; /* /radios/ID */
	uint32_t way_ms;
	struct radio_place place;
	struct radio_tried raw, plain;
	struct held kept;
};

/* The radio as meshd shows it now; NULL: `code`. */
static json_t *
show(const struct diagnosis *d, enum exit_code *code)
{
	struct reply r = client_ask(d->o, "GET", d->path, NULL);
	json_t *radio = errors_answer(d->o, &r, code);
	reply_free(&r);
	return radio;
}

static enum exit_code
find_place(struct diagnosis *d)
{
	enum exit_code code;
	char why[256];
	json_t *radio = show(d, &code);
	if (radio == NULL)
		return code;
	const char *address = text_in(radio, "link.address");
	if (address[0] == '\0' || strcmp(text_in(radio, "driver"), "meshtastic") != 0)
		code = refuse(EXIT_FAILED, "that radio has no link to diagnose");
	else if (!radio_place(&d->place, address, why, sizeof why))
		code = refuse(EXIT_FAILED, why);
	json_decref(radio);
	return code;
}

/* meshd lets go of the radio for this way alone: for all of them together could be
 * longer than it does that. */
static enum exit_code
try_way(struct diagnosis *d, const char *name, enum link_socket_options options,
    struct radio_tried *out)
{
	struct watching w = { d->o, name, d->way_ms };
	enum exit_code code = release(d->o, d->id, d->way_ms + REST_MS + CONNECT_MS);
	if (code != EXIT_OK || interrupted)
		return code;
	d->place.at.options = options;
	pause_ms(REST_MS);
	radio_try(&d->place, d->way_ms, false, on_progress, &w, out);
	end_progress(d->o);
	return code;
}

static uint64_t
losses_in(const json_t *radio)
{
	static const char *const why[] = { "link.lost.closed", "link.lost.broken",
		"link.lost.silent", "link.lost.handshake" };
	uint64_t sum = 0;
	for (size_t i = 0; i < LENGTH(why); i++)
		sum += number_in(radio, why[i]);
	return sum;
}

/* The third way is meshd's own: what it counts while nobody disturbs it. */
static enum exit_code
watch_kept(struct diagnosis *d)
{
	enum exit_code code;
	struct watching w = { d->o, "meshd", d->way_ms };
	json_t *before = show(d, &code);
	uint32_t waited = 0, passed = 0;
	while (before != NULL && !interrupted && passed < d->way_ms) {
		pause_ms(1000);
		json_t *radio = show(d, &code);
		if (radio == NULL)
			break;
		bool connected = strcmp(text_in(radio, "state"), "connected") == 0;
		struct held *k = &d->kept;
		k->reached |= connected;
		k->ready |= connected;
		k->losses = (uint32_t)(losses_in(radio) - losses_in(before));
		k->bytes = number_in(radio, "rx_bytes") - number_in(before, "rx_bytes");
		k->skipped = number_in(radio, "link.skipped_bytes") -
		    number_in(before, "link.skipped_bytes");
		uint64_t frames = number_in(radio, "link.frames") -
		    number_in(before, "link.frames");
		json_decref(radio);
		if (!k->ready && (waited += 1000) < CONNECT_MS)
			continue; /* the time counts from when it is there */
		passed += 1000;
		tell(&w, passed, frames, k->losses);
	}
	end_progress(d->o);
	json_decref(before);
	return code;
}

static struct held
held_of(const struct radio_tried *t)
{
	return (struct held){ t->reached, t->ready, t->losses, t->bytes, t->skipped };
}

static void
print_way(const char *name, const struct held *h, const char *error)
{
	printf("%-10s %-11s %6u lost  %10llu bytes  %8llu outside of frames  %s\n",
	    name,
	    h->ready         ? "ready"
		: h->reached ? "reached"
			     : "unreachable",
	    h->losses, (unsigned long long)h->bytes, (unsigned long long)h->skipped,
	    error);
}

static enum exit_code
conclude(const struct diagnosis *d)
{
	struct held raw = held_of(&d->raw), plain = held_of(&d->plain);
	struct verdict v = verdict_of(&raw, &plain, &d->kept);
	const char *noise = verdict_noise(&raw, &plain, &d->kept);
	bool fine = strcmp(v.word, "sound") == 0 || strcmp(v.word, "heartbeats") == 0;
	if (d->o->output != OUTPUT_TABLE) {
		json_t *kept = json_pack("{s:b, s:b, s:I, s:I, s:I}", "reached",
		    d->kept.reached, "ready", d->kept.ready, "losses",
		    (json_int_t)d->kept.losses, "bytes", (json_int_t)d->kept.bytes,
		    "skipped_bytes", (json_int_t)d->kept.skipped);
		print_json(json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s}", "schema",
		    "meshd.diagnosis/1", "name", d->id, "raw", tried_json(&d->raw),
		    "plain", tried_json(&d->plain), "supervised", kept, "verdict",
		    v.word, "text", v.text));
		return fine ? EXIT_OK : EXIT_DEGRADED;
	}
	print_way("raw", &raw, d->raw.error);
	print_way("plain", &plain, d->plain.error);
	print_way("supervised", &d->kept, "");
	printf("%s: %s\n", v.word, v.text);
	if (noise != NULL)
		printf("noise: %s\n", noise);
	return fine ? EXIT_OK : EXIT_DEGRADED;
}

static bool
read_duration(const struct arguments *a, uint32_t *way_ms)
{
	const char *given = argument(a, "duration");
	int64_t ms = DIAGNOSE_MS;
	if (given != NULL && units_parse(text(given), UNIT_MS, &ms) != MESH_OK)
		return false;
	*way_ms = (uint32_t)(ms / WAYS);
	return ms >= DIAGNOSE_LEAST_MS && ms <= DIAGNOSE_MOST_MS;
}

enum exit_code
page_radio_diagnose(const struct options *o, const struct arguments *a)
{
	static struct diagnosis d; /* large, and there is one */
	char name[400];
	d = (struct diagnosis){ .o = o };
	if (a->word_count != 1)
		return refuse(EXIT_USAGE, "radio diagnose wants the name of a radio");
	if (!read_duration(a, &d.way_ms))
		return refuse(EXIT_USAGE, "--duration wants a span of 9s to 1h");
	d.id = a->words[0];
	client_encode(d.id, name, sizeof name);
	snprintf(d.path, sizeof d.path, "/radios/%s", name);
	enum exit_code code = find_place(&d);
	if (code == EXIT_OK)
		code = claim(o, &d.place);
	heed_interrupts();
	if (code == EXIT_OK)
		code = try_way(&d, "raw", LINK_OPTIONS_NONE, &d.raw);
	if (code == EXIT_OK && !interrupted)
		code = try_way(&d, "plain", LINK_OPTIONS_PLAIN, &d.plain);
	if (code == EXIT_OK)
		code = release(o, d.id, 0);
	if (code == EXIT_OK && !interrupted)
		code = watch_kept(&d);
	if (interrupted)
		return refuse(EXIT_FAILED, "interrupted; meshd has its radio again");
	return code == EXIT_OK ? conclude(&d) : code;
}
