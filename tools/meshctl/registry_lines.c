#include "registry_lines.h"
#include "document.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LIFE_MIN_MS = 1000 };

/* What an entry's field is called where entries are made; NULL: it is left out. */
static const struct {
	const char *from, *to;
} fields[] = { { "hash", "hash" }, { "type", "type" }, { "embedding", "embedding" },
	{ "dtype", "dtype" }, { "scale", "scale" }, { "metadata", "meta" },
	{ "meta", "meta" }, { "ttl", "ttl" }, { "expires_ms", "ttl" }, { "site", NULL },
	{ "dim", NULL }, { "version", NULL }, { "time_ms", NULL },
	{ "told_by", NULL } };

static enum line_sort
bad(struct embedding_fault *why, const char *what, const char *about)
{
	snprintf(why->text, sizeof why->text, "%s%.80s", what, about);
	return LINE_BAD;
}

static json_t *
life_of(const json_t *expires_ms, int64_t now_ms)
{
	char life[40];
	int64_t end = json_integer_value(expires_ms);
	snprintf(life, sizeof life, "%lldms",
	    end > now_ms ? (long long)(end - now_ms) : 0LL);
	return json_string(life);
}

static enum line_sort
copy_field(json_t *to, const char *name, json_t *value, int64_t now_ms,
    struct embedding_fault *why)
{
	size_t i = 0;
	while (i < LENGTH(fields) && strcmp(fields[i].from, name) != 0)
		i++;
	if (i == LENGTH(fields))
		return bad(why, "no field of an entry: ", name);
	if (fields[i].to == NULL)
		return LINE_ENTRY;
	if (json_object_get(to, fields[i].to) != NULL)
		return bad(why, "said twice: ", name);
	if (strcmp(name, "expires_ms") != 0) {
		json_object_set(to, fields[i].to, value);
		return LINE_ENTRY;
	}
	if (!json_is_integer(value))
		return bad(why, "no whole number: ", name);
	json_object_set_new(to, fields[i].to, life_of(value, now_ms));
	return json_integer_value(value) < now_ms + LIFE_MIN_MS ? LINE_OVER
								: LINE_ENTRY;
}

static bool
is_plain(const json_t *entry)
{
	const char *dtype = json_string_value(json_object_get(entry, "dtype"));
	return dtype != NULL && strcmp(dtype, "none") == 0;
}

/* Of an index: that would go in without them. */
static bool
lacks_numbers(const json_t *request)
{
	return json_object_get(request, "dtype") != NULL &&
	    json_object_get(request, "embedding") == NULL;
}

static enum line_sort
copy_entry(json_t *to, json_t *entry, int64_t now_ms, struct embedding_fault *why)
{
	const char *name;
	json_t *value;
	enum line_sort sort = LINE_ENTRY;
	json_object_foreach(entry, name, value)
	{
		enum line_sort said = copy_field(to, name, value, now_ms, why);
		if (said == LINE_BAD)
			return said;
		sort = said == LINE_OVER ? said : sort;
	}
	if (!json_is_string(json_object_get(to, "hash")))
		return bad(why, "an entry needs a text: ", "hash");
	if (!json_is_string(json_object_get(to, "type")))
		return bad(why, "an entry needs a text: ", "type");
	if (is_plain(entry))
		json_object_del(to, "dtype");
	else if (lacks_numbers(to))
		return bad(why, "it has a dtype, but no embedding",
		    ": export it where that is kept");
	return sort;
}

static bool
is_empty(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r\n", line[i]) == NULL || line[i] == '\0')
			return false;
	return true;
}

static double
confidence_of(const json_t *request)
{
	double n = json_number_value(
	    json_object_get(json_object_get(request, "meta"), "confidence"));
	return isfinite(n) ? n : 0;
}

static void
keep_entry(const json_t *request, const json_t *entry, struct registry_line *out)
{
	const char *hash = json_string_value(json_object_get(request, "hash"));
	*out = (struct registry_line){ .body = document_dump(request, JSON_COMPACT),
		.hash = strdup(hash),
		.confidence = confidence_of(request),
		.time_ms = json_integer_value(json_object_get(entry, "time_ms")) };
}

enum line_sort
registry_line_read(const char *line, size_t len, int64_t now_ms,
    struct registry_line *out, struct embedding_fault *why)
{
	json_error_t error;
	*out = (struct registry_line){ .body = NULL };
	if (is_empty(line, len))
		return LINE_EMPTY;
	json_t *entry = document_read(
	    (struct text_view){ line, len }, JSON_REJECT_DUPLICATES, &error);
	if (entry == NULL)
		return bad(why, "not JSON: ", error.text);
	json_t *to = json_object();
	enum line_sort sort = json_is_object(entry) ? copy_entry(to, entry, now_ms, why)
						    : bad(why, "not a JSON object", "");
	if (sort == LINE_ENTRY)
		keep_entry(to, entry, out);
	json_decref(to);
	json_decref(entry);
	return sort;
}

void
registry_line_free(struct registry_line *l)
{
	free(l->body);
	free(l->hash);
	*l = (struct registry_line){ .body = NULL };
}

bool
registry_line_same(const struct registry_line *a, const struct registry_line *b)
{
	return strcasecmp(a->hash, b->hash) == 0; /* hex */
}

bool
registry_line_before(const struct registry_line *a, const struct registry_line *b)
{
	if (a->confidence > b->confidence || a->confidence < b->confidence)
		return a->confidence > b->confidence;
	return a->time_ms > b->time_ms;
}
