#include "client.h"
#include "document.h"
#include "errors.h"
#include "pages.h"
#include "tables.h"
#include "text.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *
text_at(const json_t *object, const char *path, const char *otherwise)
{
	static char cells[8][256];
	static size_t next;
	char *cell = cells[next++ % LENGTH(cells)];
	struct column c = { path, "", COLUMN_TEXT, 0, KEPT };
	cell_text(&c, object, 0, cell, sizeof cells[0]);
	return cell[0] != '\0' ? cell : otherwise;
}

static int64_t
number_at(const json_t *object, const char *path)
{
	return json_integer_value(member_at(object, path));
}

static void
print_span(int64_t seconds)
{
	if (seconds >= 86400)
		printf("%lldd %lldh", (long long)(seconds / 86400),
		    (long long)(seconds / 3600 % 24));
	else if (seconds >= 3600)
		printf("%lldh %lldm", (long long)(seconds / 3600),
		    (long long)(seconds / 60 % 60));
	else if (seconds >= 60)
		printf("%lldm %llds", (long long)(seconds / 60),
		    (long long)(seconds % 60));
	else
		printf("%llds", (long long)seconds);
}

static void
print_radios(const json_t *radios)
{
	size_t i;
	json_t *radio;
	json_array_foreach(radios, i, radio)
	{
		printf("  %-9s%.16s  %.12s  %.20s  %.12s%s\n", i == 0 ? "radio" : "",
		    text_at(radio, "name", "?"), text_at(radio, "driver", "?"),
		    text_at(radio, "node.name", text_at(radio, "node.id", "-")),
		    text_at(radio, "state", "?"),
		    json_is_true(json_object_get(radio, "simulated")) ? "  (simulated)"
								      : "");
	}
	if (json_array_size(radios) == 0)
		printf("  radio    none configured; name yours:\n"
		       "           meshd --set radio.roof.driver=meshtastic --set "
		       "radio.roof.host=ADDRESS\n");
}

/* Why this site writes no records, and what to do; NULL: it does, or will by itself. */
static const char *
stopped(const json_t *s)
{
	const char *writing = text_at(s, "writing", "");
	if (strcmp(writing, "cloned") == 0)
		return "stopped: another machine runs with this site's key.  Stop one\n"
		       "           of the two, remove identity.key and meshd.db* from\n"
		       "           its state folder, then restart both";
	if (strcmp(writing, "forked") == 0)
		return "stopped: this site's log forked five times in a day.  Look\n"
		       "           for a second copy of the state folder; then restart";
	return NULL;
}

static void
print_network(const json_t *s)
{
	printf("  network  %.8s  admission %.12s%s%s\n", text_at(s, "network.id", "?"),
	    text_at(s, "network.admission", "?"),
	    json_is_true(member_at(s, "network.admin")) ? "  (admin here)" : "",
	    json_is_true(member_at(s, "network.demo")) ? "  (demonstration)" : "");
}

/* What an operator must do about this site's own certificate; NULL: nothing. */
static const char *
uncertified(const json_t *s)
{
	static const char *const rows[][2] = {
		{ "missing", "none: other sites will not let this one in" },
		{ "early", "not valid yet, or this clock is wrong" },
		{ "ending", "ends soon: see key show" },
		{ "over", "has ended: other sites do not let this one in" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++)
		if (strcmp(text_at(s, "network.certificate", ""), rows[i][0]) == 0)
			return rows[i][1];
	return NULL;
}

static void
print_certificate(const json_t *s)
{
	if (uncertified(s) != NULL)
		printf(
		    "  certificate  %s.\n"
		    "           Have it signed (meshctl ca sign), then reload meshd\n",
		    uncertified(s));
}

static void
print_join(const json_t *s)
{
	const char *state = text_at(s, "network.join.state", "none");
	if (strcmp(state, "asking") == 0 || strcmp(state, "failed") == 0)
		printf("  join     %.12s  %s\n", state,
		    text_at(s, "network.join.error", ""));
}

static void
print_status(const json_t *s)
{
	struct column bytes = { "store.bytes", "", COLUMN_BYTES, 0, KEPT };
	char size[32];
	cell_text(&bytes, s, 0, size, sizeof size);
	printf("meshd %.20s on %.32s  (site key %.8s)  up ",
	    text_at(s, "site.version", "?"), text_at(s, "site.name", "?"),
	    text_at(s, "site.key", "?"));
	print_span(number_at(s, "site.uptime_s"));
	printf("\n");
	print_radios(member_at(s, "radios"));
	print_network(s);
	print_certificate(s);
	print_join(s);
	printf("  peers    %lld known, %lld alive\n",
	    (long long)number_at(s, "peers.known"),
	    (long long)number_at(s, "peers.alive"));
	printf("  holds    %lld nodes, %lld packets, %lld open alerts; %s on disk\n",
	    (long long)number_at(s, "counts.nodes"),
	    (long long)number_at(s, "counts.packets"),
	    (long long)number_at(s, "counts.alerts_open"), size);
	if (!json_is_true(member_at(s, "ready")))
		printf("  not ready yet\n");
	if (stopped(s) != NULL)
		printf("  writing  %s\n", stopped(s));
	if (json_is_true(member_at(s, "store.readonly")))
		printf(
		    "  store    read-only: is the disk full?  Nothing new is kept\n");
}

/* Something an operator would want to know of: for --check. */
static bool
is_degraded(const json_t *s)
{
	size_t i;
	json_t *radio;
	json_array_foreach(member_at(s, "radios"), i, radio)
	{
		if (strcmp(text_at(radio, "state", ""), "connected") != 0)
			return true;
	}
	return !json_is_true(member_at(s, "ready")) ||
	    number_at(s, "peers.alive") < number_at(s, "peers.known") ||
	    json_is_true(member_at(s, "store.readonly")) || stopped(s) != NULL ||
	    uncertified(s) != NULL;
}

enum exit_code
page_status(const struct options *o, const struct arguments *a)
{
	struct reply r = client_ask(o, "GET", "/status", NULL);
	enum exit_code code;
	json_t *s = errors_answer(o, &r, &code);
	if (code == EXIT_OK && o->output != OUTPUT_TABLE)
		document_print_text((struct text_view){ r.body, r.len });
	else if (code == EXIT_OK)
		print_status(s);
	if (code == EXIT_OK && argument(a, "check") != NULL && is_degraded(s))
		code = EXIT_DEGRADED;
	json_decref(s);
	reply_free(&r);
	return code;
}

/* One look at one question; NULL when the daemon did not answer. */
static json_t *
look(const struct options *o, const char *path)
{
	struct options quick = *o;
	quick.timeout_ms = 2000;
	struct reply r = client_ask(&quick, "GET", path, NULL);
	json_t *answer = errors_glance(&r);
	reply_free(&r);
	return answer;
}

static bool
any_connected(const json_t *status)
{
	size_t i;
	json_t *radio;
	json_array_foreach(member_at(status, "radios"), i, radio)
	{
		if (strcmp(text_at(radio, "state", ""), "connected") == 0)
			return true;
	}
	return false;
}

/* Where each log ends at one site, as one comparable text, sorted; *packets: lane 4 is
 * not empty.  NULL: not reached. */
static char *
ends_of(const struct options *o, size_t site, bool *packets)
{
	char name[32];
	struct options other = *o;
	snprintf(name, sizeof name, "MESHD_SOCKET_%zu", site);
	const char *socket = getenv(name);
	other.socket = socket != NULL ? socket : o->socket;
	json_t *answer = look(&other, "/holdings"), *ends = json_object(), *item;
	size_t i;
	json_array_foreach(json_object_get(answer, "items"), i, item)
	{
		char key[128];
		const char *lane = text_at(item, "lane", "");
		snprintf(key, sizeof key, "%.70s/%.16s/%lld", text_at(item, "key", "?"),
		    lane, (long long)number_at(item, "epoch"));
		json_object_set(ends, key, json_object_get(item, "high"));
		*packets = *packets ||
		    (strcmp(lane, "packet") == 0 && number_at(item, "high") > 0);
	}
	char *all = answer != NULL ? json_dumps(ends, JSON_SORT_KEYS | JSON_COMPACT)
				   : NULL;
	json_decref(ends);
	json_decref(answer);
	return all;
}

/* PROTOCOL.md: every log ends at the same number at all sites, and there are packets.
 */
static bool
sites_agree(const struct options *o, size_t count)
{
	bool packets = false, same = true;
	char *first = ends_of(o, 1, &packets);
	for (size_t site = 2; site <= count && same; site++) {
		char *here = ends_of(o, site, &packets);
		same = first != NULL && here != NULL && strcmp(first, here) == 0;
		free(here);
	}
	same = same && first != NULL && packets;
	free(first);
	return same;
}

static size_t
count_of(const struct arguments *a, const char *name)
{
	const char *value = argument(a, name);
	return value != NULL ? (size_t)strtoul(value, NULL, 10) : 0;
}

static bool
is_reached(const struct options *o, const struct arguments *a)
{
	json_t *s = look(o, "/status");
	bool reached = s != NULL &&
	    (argument(a, "ready") == NULL || json_is_true(member_at(s, "ready"))) &&
	    (argument(a, "radio") == NULL || any_connected(s)) &&
	    number_at(s, "peers.alive") >= (int64_t)count_of(a, "peers");
	json_decref(s);
	return reached &&
	    (count_of(a, "agree") == 0 || sites_agree(o, count_of(a, "agree")));
}

static int64_t
clock_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum exit_code
page_wait(const struct options *o, const struct arguments *a)
{
	int64_t limit_ms = o->timeout_given ? o->timeout_ms : 30000;
	int64_t until = clock_ms() + limit_ms;
	while (!is_reached(o, a)) {
		if (clock_ms() >= until) {
			fprintf(stderr, "meshctl: still not so after %lld ms\n",
			    (long long)limit_ms);
			return EXIT_TIMEOUT;
		}
		nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
	}
	return EXIT_OK;
}
