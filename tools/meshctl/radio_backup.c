#include "radio_backup.h"
#include "document.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA "meshd.radio_backup/1"
enum { NAME_MAX_BYTES = 160, DEPTH = 8 };

struct level { /* an object that is being walked */
	json_t *object;
	void *iter;
	size_t name_len;
};

/* --- making --- */

json_t *
radio_backup_make(const json_t *items, const json_t *radio, int64_t now_ms)
{
	json_t *settings = json_object();
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item)
	{
		if (json_is_true(json_object_get(item, "told")))
			json_object_set(settings,
			    json_string_value(json_object_get(item, "section")),
			    json_object_get(item, "values"));
	}
	return json_pack("{s:s, s:s, s:O?, s:I, s:o}", "schema", SCHEMA, "network",
	    "meshtastic", "node", json_object_get(radio, "node"), "exported_ms",
	    (json_int_t)now_ms, "settings", settings);
}

size_t
radio_backup_secrets(json_t *settings)
{
	struct level levels[DEPTH] = { { settings, json_object_iter(settings), 0 } };
	size_t count = 0, depth = 1;
	while (depth > 0) {
		struct level *l = &levels[depth - 1];
		if (l->iter == NULL) {
			depth--;
			continue;
		}
		json_t *value = json_object_iter_value(l->iter);
		l->iter = json_object_iter_next(l->object, l->iter);
		count += json_is_null(value);
		if (json_is_object(value) && depth < DEPTH)
			levels[depth++] = (struct level){ value,
				json_object_iter(value), 0 };
	}
	return count;
}

/* --- reading --- */

/* Who is told a place says from then on that it is fixed. */
static bool
contradicts_itself(const json_t *settings)
{
	const json_t *position = json_object_get(settings, "position");
	return json_object_size(json_object_get(settings, "fixed_position")) > 0 &&
	    position != NULL &&
	    !json_is_true(json_object_get(position, "fixed_position"));
}

json_t *
radio_backup_read(const char *path, char *why, size_t cap)
{
	json_error_t fault;
	json_t *file = document_load(path, JSON_REJECT_DUPLICATES, &fault);
	const char *schema = json_string_value(json_object_get(file, "schema"));
	const char *network = json_string_value(json_object_get(file, "network"));
	if (file == NULL && fault.line < 1)
		snprintf(why, cap, "%s: %s", path, fault.text);
	else if (file == NULL)
		snprintf(why, cap, "%s:%d:%d: %s", path, fault.line, fault.column,
		    fault.text);
	else if (schema == NULL || strcmp(schema, SCHEMA) != 0)
		snprintf(why, cap,
		    "%s: not the settings of a radio: schema %s, wanted " SCHEMA, path,
		    schema != NULL ? schema : "missing");
	else if (network == NULL || strcmp(network, "meshtastic") != 0)
		snprintf(why, cap, "%s: network: of another kind of radio", path);
	else if (json_object_size(json_object_get(file, "settings")) == 0)
		snprintf(why, cap, "%s: settings: missing or empty", path);
	else if (contradicts_itself(json_object_get(file, "settings")))
		snprintf(why, cap,
		    "%s: settings: with a fixed_position, position.fixed_position is "
		    "true",
		    path);
	else
		return file;
	json_decref(file);
	return NULL;
}

/* --- lines --- */

/* The members of one section, inner ones under dotted names. */
static void
put_lines(json_t *lines, const char *section, json_t *values)
{
	char name[NAME_MAX_BYTES];
	struct level levels[DEPTH];
	size_t depth = 1;
	size_t at = (size_t)snprintf(name, sizeof name, "%s", section);
	levels[0] = (struct level){ values, json_object_iter(values), at };
	while (depth > 0) {
		struct level *l = &levels[depth - 1];
		if (l->iter == NULL) {
			depth--;
			continue;
		}
		json_t *value = json_object_iter_value(l->iter);
		int more = snprintf(name + l->name_len, sizeof name - l->name_len,
		    ".%s", json_object_iter_key(l->iter));
		l->iter = json_object_iter_next(l->object, l->iter);
		size_t len = l->name_len + (size_t)more;
		if (json_is_object(value) && depth < DEPTH && len < sizeof name) {
			levels[depth++] = (struct level){ value,
				json_object_iter(value), len };
			continue;
		}
		json_array_append_new(lines,
		    json_pack("{s:s, s:o}", "name", name, "value",
			json_is_null(value) ? json_string("(secret)")
					    : json_incref(value)));
	}
}

json_t *
radio_backup_lines(const json_t *items)
{
	json_t *lines = json_array(), *item;
	size_t i;
	json_array_foreach(items, i, item)
	{
		const char *section = json_string_value(
		    json_object_get(item, "section"));
		json_t *values = json_object_get(item, "values");
		const char *word = !json_is_true(json_object_get(item, "told"))
		    ? "(not told)"
		    : json_object_size(values) == 0 ? "(defaults)"
						    : NULL;
		if (word != NULL)
			json_array_append_new(lines,
			    json_pack("{s:s, s:s}", "name", section, "value", word));
		else
			put_lines(lines, section, values);
	}
	return lines;
}
