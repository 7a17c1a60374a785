#include "radio_hand.h"
#include "client.h"
#include "document.h"
#include "errors.h"
#include "radio_claim.h"
#include "tables.h"
#include "text.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 4 };
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

void
radio_hand_heed(void)
{
	struct sigaction act = { .sa_handler = on_interrupt };
	sigaction(SIGINT, &act, NULL);
}

bool
radio_hand_interrupted(void)
{
	return interrupted != 0;
}

void
radio_hand_pause(uint32_t ms)
{
	struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };
	while (!interrupted && nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

enum exit_code
radio_hand_refuse(enum exit_code code, const char *what)
{
	fprintf(stderr, "meshctl: %s\n", what);
	return code;
}

const char *
radio_hand_text(const json_t *object, const char *path)
{
	const char *s = json_string_value(member_at(object, path));
	return s != NULL ? s : "";
}

void
radio_hand_print(json_t *object)
{
	document_print(object, JSON_COMPACT);
	json_decref(object);
}

json_t *
radio_hand_tried(const struct radio_tried *t)
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

const json_t *
radio_hand_owner(const json_t *radios, const struct radio_place *p)
{
	size_t i;
	const json_t *radio;
	json_array_foreach(radios, i, radio)
	{
		if (is_place(p, radio_hand_text(radio, "link.address")))
			return radio;
	}
	return NULL;
}

static bool
is_released(const json_t *radio)
{
	return strcmp(radio_hand_text(radio, "error"),
		   "released for another program") == 0;
}

enum exit_code
radio_hand_release(const struct options *o, const char *id, uint32_t ms)
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
	return radio_hand_refuse(EXIT_DENIED,
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

enum exit_code
radio_hand_claim(const struct options *o, const struct radio_place *p)
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

enum exit_code
radio_hand_free(const struct options *o, const struct radio_place *p, uint32_t ms)
{
	struct reply r = client_ask(o, "GET", "/radios", NULL);
	json_t *all = errors_glance(&r);
	const json_t *owner = radio_hand_owner(json_object_get(all, "items"), p);
	enum exit_code code = EXIT_OK;
	if (!json_is_array(json_object_get(all, "items")))
		code = refuse_unknown();
	else if (owner != NULL && !is_released(owner))
		code = refuse_owned(radio_hand_text(owner, "name"));
	else if (owner != NULL)
		code = radio_hand_release(
		    o, radio_hand_text(owner, "name"), ms + RADIO_HAND_REST_MS);
	json_decref(all);
	reply_free(&r);
	return code;
}

/* --- progress --- */

void
radio_hand_tell(const struct radio_watching *w, uint32_t passed_ms, uint64_t frames,
    uint64_t losses)
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

bool
radio_hand_progress(void *ctx, const struct radio_tried *t, uint32_t passed_ms)
{
	radio_hand_tell(ctx, passed_ms, t->frames, t->losses);
	return interrupted == 0;
}

void
radio_hand_end(const struct options *o)
{
	if (!o->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\n");
}
