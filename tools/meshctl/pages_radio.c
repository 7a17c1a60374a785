/* Radios by hand: what is plugged in, and is that a radio? */
#include "client.h"
#include "errors.h"
#include "pages.h"
#include "radio_hand.h"
#include "radio_kin.h"
#include "radio_taken.h"
#include "tables.h"
#include "text.h"
#include "usb_ids.h"
#include <jansson.h>
#include <stdio.h>

enum { PROBE_MS = 20 * 1000 };

/* --- probe --- */

struct probing { /* begins as what on_progress gets */
	struct radio_watching watching;
	const struct radio_kin_lists *kin;
	bool anyway; /* nobody here knows whose it is, and that is said */
	struct radio_kin owner;
	bool owned;
};

/* It said who it is.  False: then let go of it, its own site waits for it. */
static bool
meets(void *ctx, const struct id *node)
{
	struct probing *p = ctx;
	char room[ID_TEXT_MAX];
	struct bytes_out id = bytes_out(room, sizeof room);
	id_print(node, &id);
	p->owned = !p->anyway && radio_kin_find(p->kin, text_end(&id), &p->owner);
	return !p->owned || !p->owner.holds;
}

static bool
goes_on(void *ctx, const struct radio_tried *t, uint32_t passed_ms)
{
	struct probing *p = ctx;
	return radio_hand_progress(&p->watching, t, passed_ms);
}

/* Its meshd was thrown out by the connection, and takes it back within a second. */
static enum exit_code
refuse_kin(const struct radio_kin *k)
{
	fprintf(stderr,
	    "meshctl: %s is the radio '%s' of site '%s', and a radio has one client; "
	    "it "
	    "was let go of at once\n\nLook at it:     meshctl state list --filter "
	    "'key=\"radio/%s\"'\nLet go of it:   meshctl radio release %s, there\n",
	    k->node, k->radio, k->site, k->radio, k->radio);
	return EXIT_DENIED;
}

static enum exit_code
refuse_taken(unsigned uid)
{
	fprintf(stderr,
	    "meshctl: a program of user %u on this machine is connected to that radio, "
	    "and a radio has one client\n",
	    uid);
	return EXIT_DENIED;
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

static enum exit_code
show(const struct options *o, const struct radio_tried *t, const char *place)
{
	if (o->output == OUTPUT_TABLE) {
		print_probe(t, place);
	} else {
		json_t *all = radio_hand_tried(t);
		json_object_set_new(all, "schema", json_string("meshd.probe/1"));
		radio_hand_print(all);
	}
	return t->ready ? EXIT_OK : EXIT_FAILED;
}

static enum exit_code
probe(const struct options *o, const struct radio_place *place, struct probing *p,
    const char *name)
{
	struct radio_tried t;
	radio_hand_heed();
	radio_try(place,
	    &(struct radio_how){ .ms = p->watching.of_ms,
		.once = true,
		.progress = goes_on,
		.meets = meets,
		.ctx = p },
	    &t);
	if (o->output == OUTPUT_TABLE)
		radio_hand_end(o);
	if (p->owned && p->owner.holds)
		return refuse_kin(&p->owner);
	if (p->owned && !o->quiet)
		fprintf(stderr, "%s was the radio '%s' of site '%s', as last told\n",
		    p->owner.node, p->owner.radio, p->owner.site);
	return show(o, &t, name);
}

enum exit_code
page_radio_probe(const struct options *o, const struct arguments *a)
{
	char why[256];
	unsigned uid;
	struct radio_place place;
	struct radio_kin_lists kin = { .states = NULL };
	uint32_t ms = o->timeout_given ? o->timeout_ms : PROBE_MS;
	struct probing p = { .watching = { o, "probe", ms },
		.kin = &kin,
		.anyway = argument(a, "no_daemon") != NULL };
	if (a->word_count != 1)
		return radio_hand_refuse(
		    EXIT_USAGE, "radio probe wants a device or a host");
	if (!radio_place(&place, a->words[0], why, sizeof why))
		return radio_hand_refuse(EXIT_USAGE, why);
	enum exit_code code = radio_hand_claim(o, &place);
	if (code == EXIT_OK && !p.anyway)
		code = radio_hand_free(o, &place, ms);
	if (code == EXIT_OK && radio_taken(&place, &uid))
		code = refuse_taken(uid);
	if (code != EXIT_OK)
		return code;
	if (!p.anyway)
		radio_kin_ask(&kin, o);
	code = probe(o, &place, &p, a->words[0]);
	radio_kin_free(&kin);
	return code;
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
	const json_t *owner = radio_hand_owner(radios, &place);
	char id[16];
	snprintf(id, sizeof id, "%04x:%04x", port->vendor, port->product);
	return json_pack("{s:s, s:s, s:s*, s:s*, s:s*}", "device", port->path, "usb",
	    id, "board", port->board != NULL ? port->board->name : NULL, "serial",
	    told(port->serial), "radio", told(radio_hand_text(owner, "name")));
}

enum exit_code
page_radio_scan(const struct options *o, const struct arguments *a)
{
	static const struct column columns[] = { { "device", "DEVICE", COLUMN_TEXT, 14,
						     true },
		{ "usb", "USB", COLUMN_TEXT, 9, KEPT },
		{ "board", "BOARD", COLUMN_TEXT, 0.4, CUT },
		{ "serial", "SERIAL", COLUMN_TEXT, 0.3, CUT },
		{ "radio", "RADIO", COLUMN_TEXT, 0.2, CUT }, { 0 } };
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
		radio_hand_print(
		    json_pack("{s:s, s:O}", "schema", "meshd.ports/1", "items", items));
	json_decref(items);
	json_decref(all);
	reply_free(&r);
	return EXIT_OK;
}
