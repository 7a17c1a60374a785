#include "radio_target.h"
#include "client.h"
#include "errors.h"
#include "tables.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOO_LARGE = 413 }; /* HTTP's word for it */

static const char *
text_in(const json_t *object, const char *path)
{
	const char *s = json_string_value(member_at(object, path));
	return s != NULL ? s : "";
}

json_t *
radio_target_ask(const struct options *o, const char *method, const char *path,
    const char *body, enum exit_code *code)
{
	struct reply r = client_ask(o, method, path, body);
	json_t *answer = errors_answer(o, &r, code);
	reply_free(&r);
	return answer;
}

/* --- which radio --- */

static enum exit_code
say_which(const struct radio_target *t, size_t count)
{
	if (count == 1)
		return EXIT_OK;
	fprintf(stderr, "meshctl: %s %s%s\n",
	    count == 0 ? "no radio of" : "several radios at",
	    t->site != NULL ? t->site : "this site",
	    count == 0 ? " has settings" : ": say which, with --radio NAME");
	return count == 0 ? EXIT_NOT_FOUND : EXIT_USAGE;
}

/* The only one of this site that has settings, if nobody named one. */
static enum exit_code
only_radio(struct radio_target *t)
{
	enum exit_code code;
	json_t *all = radio_target_ask(t->o, "GET", "/radios", NULL, &code), *radio;
	size_t i, count = 0;
	json_array_foreach(json_object_get(all, "items"), i, radio)
	{
		if (strcmp(text_in(radio, "driver"), "meshtastic") != 0)
			continue;
		count++;
		snprintf(t->name, sizeof t->name, "%s", text_in(radio, "name"));
	}
	json_decref(all);
	return code == EXIT_OK ? say_which(t, count) : code;
}

/* What that site told all of its radios: the names, and which nodes they are. */
static enum exit_code
far_radio(struct radio_target *t, const char *said)
{
	char site[400], path[600];
	enum exit_code code;
	json_t *state;
	size_t i, count = 0;
	client_encode(t->site, site, sizeof site);
	snprintf(path, sizeof path,
	    "/state?limit=500&site=%s&filter=key~%%22radio/*%%22", site);
	json_t *all = radio_target_ask(t->o, "GET", path, NULL, &code);
	json_array_foreach(json_object_get(all, "items"), i, state)
	{
		const char *name = text_in(state, "value.name");
		if (strcmp(text_in(state, "value.driver"), "meshtastic") != 0 ||
		    (said != NULL && strcmp(said, name) != 0))
			continue;
		count++;
		snprintf(t->name, sizeof t->name, "%s", name);
		json_decref(t->known);
		t->known = json_incref(json_object_get(state, "value"));
	}
	json_decref(all);
	if (code == EXIT_OK && said == NULL)
		code = say_which(t, count);
	return code;
}

enum exit_code
radio_target_find(
    const struct options *o, const struct arguments *a, struct radio_target *t)
{
	char name[400];
	const char *said = argument(a, argument(a, "id") != NULL ? "id" : "radio");
	enum exit_code code = EXIT_OK;
	*t = (struct radio_target){ .o = o, .site = argument(a, "site") };
	if (t->site != NULL)
		code = far_radio(t, said);
	else if (said == NULL)
		code = only_radio(t);
	if (said != NULL)
		snprintf(t->name, sizeof t->name, "%s", said);
	client_encode(t->name, name, sizeof name);
	snprintf(t->path, sizeof t->path, "/radios/%s", name);
	return code;
}

void
radio_target_free(struct radio_target *t)
{
	json_decref(t->known);
}

/* --- what it is set to --- */

/* "?section=lora&site=hill&after=3" */
static void
print_query(const struct radio_target *t, const char *what, const char *section,
    const char *after, char *to, size_t cap)
{
	const char *const names[] = { "section", "site", "after" };
	const char *const values[] = { section, t->site, after };
	size_t len = (size_t)snprintf(to, cap, "%s/%s", t->path, what);
	char mark = '?';
	for (size_t i = 0; i < sizeof names / sizeof names[0] && len < cap; i++) {
		char value[600];
		if (values[i] == NULL || values[i][0] == '\0')
			continue;
		client_encode(values[i], value, sizeof value);
		len += (size_t)snprintf(
		    to + len, cap - len, "%c%s=%s", mark, names[i], value);
		mark = '&';
	}
}

static json_t *
collect(const struct radio_target *t, const char *what, const char *section,
    enum exit_code *code)
{
	char path[2500], after[64] = "";
	json_t *all = NULL;
	do {
		print_query(t, what, section, after, path, sizeof path);
		json_t *answer = radio_target_ask(t->o, "GET", path, NULL, code);
		if (answer == NULL) {
			json_decref(all);
			return NULL;
		}
		snprintf(after, sizeof after, "%s", text_in(answer, "next"));
		json_object_del(answer, "next");
		if (all != NULL)
			json_array_extend(json_object_get(all, "items"),
			    json_object_get(answer, "items"));
		else
			all = json_incref(answer);
		json_decref(answer);
	} while (after[0] != '\0');
	return all;
}

json_t *
radio_target_settings(
    const struct radio_target *t, const char *section, enum exit_code *code)
{
	return collect(t, "config", section, code);
}

json_t *
radio_target_channels(const struct radio_target *t, enum exit_code *code)
{
	return collect(t, "channels", NULL, code);
}

/* --- what it is to be --- */

static struct reply
tell(const struct radio_target *t, const struct radio_wish *w, json_t *settings)
{
	char path[600];
	json_t *body = json_pack("{s:O, s:b, s:s*}", "settings", settings, "dry_run",
	    w->dry, "site", t->site);
	if (w->node[0] != '\0')
		json_object_set_new(body, "node", json_string(w->node));
	char *text = json_dumps(body, JSON_COMPACT);
	snprintf(path, sizeof path, "%s/config", t->path);
	struct reply r = client_ask(t->o, "POST", path, text);
	json_decref(body);
	free(text);
	return r;
}

static json_t *
change(const struct radio_target *t, const struct radio_wish *w, json_t *settings,
    enum exit_code *code)
{
	struct reply r = tell(t, w, settings);
	json_t *answer = errors_answer(t->o, &r, code);
	reply_free(&r);
	return answer;
}

bool
radio_target_is(const struct radio_target *t, const struct radio_wish *w)
{
	struct reply r = tell(t, w, w->settings);
	json_t *answer = errors_glance(&r);
	const json_t *items = json_object_get(answer, "items");
	bool is = json_is_array(items) && json_array_size(items) == 0;
	json_decref(answer);
	reply_free(&r);
	return is;
}

static json_t *
no_changes(void)
{
	return json_pack("{s:s, s:I, s:[], s:b}", "schema", "meshd.radio_changes/1",
	    "generated_at", (json_int_t)time(NULL) * 1000, "items", "applied", 0);
}

/* What one section differs in.  Without `items`: in more than an answer from there
 * holds; sites of before 413 said so with nothing.  NULL: `code`. */
static json_t *
differences(const struct radio_target *t, const struct radio_wish *w,
    const char *section, json_t *values, enum exit_code *code)
{
	json_t *one = json_pack("{s:O}", section, values);
	struct reply r = tell(t, w, one);
	json_t *answer = r.status == TOO_LARGE ? json_object()
					       : errors_answer(t->o, &r, code);
	reply_free(&r);
	json_decref(one);
	return answer;
}

/* Adds what `answer` says of `section` to what `all` says.  True: it differs. */
static bool
join(json_t *all, const char *section, const json_t *answer)
{
	json_t *items = json_object_get(answer, "items");
	if (json_is_true(json_object_get(answer, "transmits")))
		json_object_set_new(all, "transmits", json_true());
	if (json_is_array(items)) {
		json_array_extend(json_object_get(all, "items"), items);
		return json_array_size(items) > 0;
	}
	if (json_object_get(all, "unshown") == NULL)
		json_object_set_new(all, "unshown", json_array());
	json_array_append_new(json_object_get(all, "unshown"), json_string(section));
	return true;
}

json_t *
radio_target_change(const struct radio_target *t, const struct radio_wish *w,
    json_t *differing, enum exit_code *code)
{
	const char *section;
	json_t *values;
	if (t->site == NULL || !w->dry)
		return change(t, w, w->settings, code);
	json_t *all = no_changes();
	*code = EXIT_OK;
	json_object_foreach(w->settings, section, values)
	{
		json_t *answer = differences(t, w, section, values, code);
		if (answer == NULL) {
			json_decref(all);
			return NULL;
		}
		if (join(all, section, answer) && differing != NULL)
			json_object_set(differing, section, values);
		json_decref(answer);
	}
	return all;
}

bool
radio_target_differs(const json_t *changes)
{
	return json_array_size(json_object_get(changes, "items")) > 0 ||
	    json_array_size(json_object_get(changes, "unshown")) > 0;
}
