/* Why does a link not hold? */
#include "client.h"
#include "errors.h"
#include "pages.h"
#include "radio_hand.h"
#include "tables.h"
#include "text.h"
#include "units.h"
#include "verdict.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
	DIAGNOSE_MS = 90 * 1000,
	DIAGNOSE_LEAST_MS = 9 * 1000,
	DIAGNOSE_MOST_MS = 60 * 60 * 1000,
	WAYS = 3,
	CONNECT_MS = 15000
};

static uint64_t
number_in(const json_t *object, const char *path)
{
	return (uint64_t)json_integer_value(member_at(object, path));
}

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
	const char *address = radio_hand_text(radio, "link.address");
	if (address[0] == '\0' ||
	    strcmp(radio_hand_text(radio, "driver"), "meshtastic") != 0)
		code = radio_hand_refuse(
		    EXIT_FAILED, "that radio has no link to diagnose");
	else if (!radio_place(&d->place, address, why, sizeof why))
		code = radio_hand_refuse(EXIT_FAILED, why);
	json_decref(radio);
	return code;
}

/* meshd lets go of the radio for this way alone: for all of them together could be
 * longer than it does that. */
static enum exit_code
try_way(struct diagnosis *d, const char *name, enum link_socket_options options,
    struct radio_tried *out)
{
	struct radio_watching w = { d->o, name, d->way_ms };
	enum exit_code code = radio_hand_release(
	    d->o, d->id, d->way_ms + RADIO_HAND_REST_MS + CONNECT_MS);
	if (code != EXIT_OK || radio_hand_interrupted())
		return code;
	d->place.at.options = options;
	radio_hand_pause(RADIO_HAND_REST_MS);
	radio_try(&d->place,
	    &(struct radio_how){
		.ms = d->way_ms, .progress = radio_hand_progress, .ctx = &w },
	    out);
	radio_hand_end(d->o);
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
	struct radio_watching w = { d->o, "meshd", d->way_ms };
	json_t *before = show(d, &code);
	uint32_t waited = 0, passed = 0;
	while (before != NULL && !radio_hand_interrupted() && passed < d->way_ms) {
		radio_hand_pause(1000);
		json_t *radio = show(d, &code);
		if (radio == NULL)
			break;
		bool connected = strcmp(radio_hand_text(radio, "state"), "connected") ==
		    0;
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
		radio_hand_tell(&w, passed, frames, k->losses);
	}
	radio_hand_end(d->o);
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
		radio_hand_print(json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s}",
		    "schema", "meshd.diagnosis/1", "name", d->id, "raw",
		    radio_hand_tried(&d->raw), "plain", radio_hand_tried(&d->plain),
		    "supervised", kept, "verdict", v.word, "text", v.text));
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
		return radio_hand_refuse(
		    EXIT_USAGE, "radio diagnose wants the name of a radio");
	if (!read_duration(a, &d.way_ms))
		return radio_hand_refuse(
		    EXIT_USAGE, "--duration wants a span of 9s to 1h");
	d.id = a->words[0];
	client_encode(d.id, name, sizeof name);
	snprintf(d.path, sizeof d.path, "/radios/%s", name);
	enum exit_code code = find_place(&d);
	if (code == EXIT_OK)
		code = radio_hand_claim(o, &d.place);
	radio_hand_heed();
	if (code == EXIT_OK)
		code = try_way(&d, "raw", LINK_OPTIONS_NONE, &d.raw);
	if (code == EXIT_OK && !radio_hand_interrupted())
		code = try_way(&d, "plain", LINK_OPTIONS_PLAIN, &d.plain);
	if (code == EXIT_OK)
		code = radio_hand_release(o, d.id, 0);
	if (code == EXIT_OK && !radio_hand_interrupted())
		code = watch_kept(&d);
	if (radio_hand_interrupted())
		return radio_hand_refuse(
		    EXIT_FAILED, "interrupted; meshd has its radio again");
	return code == EXIT_OK ? conclude(&d) : code;
}
