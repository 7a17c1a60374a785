#include "client.h"
#include "document.h"
#include "pages.h"
#include "tables.h"
#include "text.h"
#include "units.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { AS_IT_IS = -1 }; /* with a colon behind it; nothing where there is nothing */
struct watched {        /* what one line shows */
	const struct column *columns; /* ends with a row of zeros */
	const int *width;             /* 0: what is left of the line; AS_IT_IS */
};
struct watch {
	const struct options *o;
	const struct watched *shown; /* NULL: JSON with the topic before it */
	size_t left;                 /* events still to print */
	bool failed;                 /* at least one could not be shown */
};

/* clang-format off */
static const struct column packet_cells[] = {
	{ "from", "", COLUMN_TEXT, 0, KEPT },
	{ "type", "", COLUMN_TEXT, 0, KEPT },
	{ "receptions.0.site", "", COLUMN_TEXT, 0, KEPT },
	{ "receptions.0.snr", "", COLUMN_SNR, 0, KEPT },
	{ "payload", "", COLUMN_JSON, 0, KEPT },
	{ 0 },
};
static const struct column message_cells[] = {
	{ "from", "", COLUMN_TEXT, 0, KEPT },
	{ "to", "", COLUMN_TEXT, 0, KEPT },
	{ "state", "", COLUMN_TEXT, 0, KEPT },
	{ "waits|reason", "", COLUMN_TEXT, 0, KEPT },
	{ "", "", COLUMN_SAID, 0, KEPT },
	{ 0 },
};
/* clang-format on */
static const int packet_width[] = { 10, 17, 10, 6, 0 };
static const int message_width[] = { 10, 10, 9, AS_IT_IS, 0 };
static const struct watched packets = { packet_cells, packet_width };
static const struct watched messages = { message_cells, message_width };

/* At most `room` bytes, cut between characters. */
static void
cut_cell(char *cell, int room)
{
	size_t cut = room > 0 ? (size_t)room : 0;
	if (strlen(cell) <= cut)
		return;
	while (cut > 0 && ((unsigned char)cell[cut] & 0xc0) == 0x80)
		cut--;
	cell[cut] = '\0';
}

/* How much of the line it took. */
static int
print_cell(char *cell, int width, int left)
{
	cut_cell(cell, width > 0 ? width : left - 1);
	if (width == AS_IT_IS)
		return cell[0] != '\0' ? printf("%s: ", cell) : 0;
	return printf("%-*s%s", width, cell, width > 0 ? " " : "");
}

static void
print_line(const struct watch *w, const json_t *object)
{
	const struct column *c = w->shown->columns;
	char cell[512], clock[16];
	time_t now = time(NULL);
	strftime(clock, sizeof clock, "%H:%M:%S", localtime(&now));
	int used = printf("%s ", clock);
	for (size_t i = 0; c[i].path != NULL; i++) {
		cell_text(&c[i], object, 0, cell, sizeof cell);
		used += print_cell(cell, w->shown->width[i], w->o->width - used);
	}
	printf("\n");
}

static void
print_event(struct watch *w, const char *data)
{
	json_error_t why;
	json_t *object = document_read(text(data), 0, &why);
	if (object != NULL) {
		print_line(w, object);
	} else {
		fprintf(stderr, "meshctl: an event is no JSON, column %d: %s\n",
		    why.column, why.text);
		w->failed = true;
	}
	json_decref(object);
}

static bool
on_event(void *ctx, const char *topic, const char *data)
{
	struct watch *w = ctx;
	if (strcmp(topic, "reset") == 0) {
		fprintf(stderr, "meshctl: events were missed; see the lists\n");
		return true;
	}
	if (w->o->output != OUTPUT_TABLE || w->shown == NULL) {
		if (w->o->output == OUTPUT_TABLE)
			printf("%s ", topic);
		document_print_text(text(data));
		printf("\n");
	} else {
		print_event(w, data);
	}
	fflush(stdout);
	return w->left == 0 || --w->left > 0;
}

static void
add_parameter(char *path, size_t size, const char *name, const struct arguments *a)
{
	char encoded[1024];
	size_t len = strlen(path);
	if (argument(a, name) == NULL)
		return;
	client_encode(argument(a, name), encoded, sizeof encoded);
	snprintf(path + len, size - len, "&%s=%s", name, encoded);
}

static enum exit_code
watch_topics(const struct options *o, const struct arguments *a, const char *topics,
    const struct watched *shown)
{
	const char *count = argument(a, "count"), *span = argument(a, "for");
	char path[4096], encoded[1024];
	int64_t for_ms = 0;
	struct watch w = { o, shown, count != NULL ? strtoul(count, NULL, 10) : 0,
		false };
	if (span != NULL &&
	    (units_parse(text(span), UNIT_MS, &for_ms) != MESH_OK || for_ms < 1 ||
		for_ms > UINT32_MAX)) {
		fprintf(stderr, "meshctl: --for %s: not a span such as 30s\n", span);
		return EXIT_USAGE;
	}
	client_encode(topics, encoded, sizeof encoded);
	snprintf(path, sizeof path, "/events?topics=%s", encoded);
	add_parameter(path, sizeof path, "filter", a);
	add_parameter(path, sizeof path, "stage", a);
	enum exit_code code = client_follow(o, path, (uint32_t)for_ms, on_event, &w);
	if (code == EXIT_UNREACHABLE)
		fprintf(stderr, "meshctl: cannot reach meshd at %s\n", o->socket);
	else if (code != EXIT_OK)
		fprintf(stderr,
		    "meshctl: the daemon refused; are topics, stage and filter "
		    "right?\n");
	return code == EXIT_OK && w.failed ? EXIT_FAILED : code;
}

enum exit_code
page_packet_watch(const struct options *o, const struct arguments *a)
{
	return watch_topics(o, a, "packet", &packets);
}

enum exit_code
page_message_watch(const struct options *o, const struct arguments *a)
{
	return watch_topics(o, a, "message", &messages);
}

enum exit_code
page_event_watch(const struct options *o, const struct arguments *a)
{
	const char *topics = argument(a, "topics");
	return watch_topics(o, a,
	    topics != NULL ? topics : "node,packet,peer,alert,radio,state,registry",
	    NULL);
}
