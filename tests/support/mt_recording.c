#include "mt_recording.h"
#include "text.h"
#include <dirent.h>

#define FOLDER TEST_VECTORS "/meshtastic"

static uint8_t
nibble(char c)
{
	ck_assert((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

uint8_t *
mt_hex(json_t *object, const char *key, size_t *len)
{
	const char *text = json_string_value(json_object_get(object, key));
	*len = text != NULL ? strlen(text) / 2 : 0;
	if (text == NULL)
		return NULL;
	uint8_t *block = malloc(*len > 0 ? *len : 1);
	for (size_t i = 0; i < *len; i++)
		block[i] = (uint8_t)(nibble(text[2 * i]) << 4 |
		    nibble(text[2 * i + 1]));
	return block;
}

static void
read_chunks(struct mt_recording *r, const char *path)
{
	static char line[1 << 16];
	FILE *f = fopen(path, "r");
	ck_assert_msg(f != NULL, "cannot open %s", path);
	while (fgets(line, sizeof line, f) != NULL) {
		json_t *o = json_loads(line, 0, NULL);
		ck_assert_msg(o != NULL, "%s: line %zu is no JSON", path, r->count + 1);
		r->chunks = realloc(r->chunks, (r->count + 1) * sizeof *r->chunks);
		struct mt_chunk *c = &r->chunks[r->count++];
		snprintf(c->from, sizeof c->from, "%s",
		    json_string_value(json_object_get(o, "from")));
		c->ptr = mt_hex(o, "hex", &c->len);
		json_decref(o);
	}
	fclose(f);
}

struct mt_recording
mt_recording_read(const char *name)
{
	struct mt_recording r = { 0 };
	char path[512];
	snprintf(r.name, sizeof r.name, "%s", name);
	snprintf(path, sizeof path, FOLDER "/%s.jsonl", r.name);
	read_chunks(&r, path);
	snprintf(path, sizeof path, FOLDER "/%s.decoded.json", r.name);
	r.decoded = json_load_file(path, 0, NULL);
	ck_assert_msg(r.decoded != NULL, "no %s", path);
	r.list = json_object_get(r.decoded, "frames") != NULL ? "frames" : "datagrams";
	return r;
}

void
mt_recording_free(struct mt_recording *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->chunks[i].ptr);
	free(r->chunks);
	json_decref(r->decoded);
}

size_t
mt_recordings(void (*each)(const struct mt_recording *r))
{
	size_t count = 0;
	DIR *dir = opendir(FOLDER);
	ck_assert_msg(dir != NULL, "no folder " FOLDER);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		const char *end = strrchr(e->d_name, '.');
		if (end == NULL || strcmp(end, ".jsonl") != 0)
			continue;
		char name[128];
		snprintf(name, sizeof name, "%.*s", (int)(end - e->d_name), e->d_name);
		struct mt_recording r = mt_recording_read(name);
		each(&r);
		mt_recording_free(&r);
		count++;
	}
	closedir(dir);
	return count;
}

const char *
mt_base64(struct bytes_view v)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static char out[2048];
	size_t at = 0;
	ck_assert_uint_lt(v.len * 4 / 3 + 8, sizeof out);
	for (size_t i = 0; i < v.len; i += 3) {
		unsigned n = (unsigned)v.ptr[i] << 16;
		if (i + 1 < v.len)
			n |= (unsigned)v.ptr[i + 1] << 8;
		if (i + 2 < v.len)
			n |= v.ptr[i + 2];
		for (unsigned k = 0; k < 4; k++)
			out[at++] = i + k > v.len ? '='
						  : digits[n >> (18 - 6 * k) & 63];
	}
	out[at] = '\0';
	return out;
}

static bool
base64_equal(struct bytes_view v, const char *official)
{
	return strcmp(mt_base64(v), official) == 0;
}

static bool
number_equal(const struct tree_item *item, json_t *official)
{
	json_int_t n = json_integer_value(official);
	if (item->kind == TREE_U64)
		return n >= 0 && item->as.u == (uint64_t)n;
	return item->kind == TREE_I64 && item->as.i == n;
}

static bool
leaf_equal(const struct tree_item *item, json_t *official)
{
	const char *text = json_string_value(official);
	if (json_is_boolean(official))
		return item->kind == TREE_BOOL && item->as.b == json_is_true(official);
	if (json_is_integer(official))
		return number_equal(item, official);
	if (json_is_real(official))
		return item->kind == TREE_F32 &&
		    !(item->as.f < (float)json_real_value(official)) &&
		    !(item->as.f > (float)json_real_value(official));
	if (text == NULL)
		return false;
	if (item->kind == TREE_BYTES)
		return base64_equal(item->as.bytes, text);
	return item->kind == TREE_TEXT && text_is(item->as.text, text);
}

static void compare_item(const struct tree_item *, json_t *, const char *);

static void
compare_list(const struct tree_item *head, json_t *official, const char *where)
{
	size_t i = 0, at = 1;
	for (; at < head->span; at += head[at].span, i++)
		compare_item(&head[at], json_array_get(official, i), where);
	ck_assert_msg(i == json_array_size(official), "%s: %zu elements", where, i);
}

static void
compare_item(const struct tree_item *item, json_t *official, const char *where)
{
	if (item->kind == TREE_MAP)
		mt_compare(
		    (struct tree_view){ item + 1, item->span - 1 }, official, where);
	else if (item->kind == TREE_LIST)
		compare_list(item, official, where);
	else
		ck_assert_msg(leaf_equal(item, official), "%s: value differs from %s",
		    where, json_dumps(official, JSON_ENCODE_ANY));
}

void
mt_compare(struct tree_view tree, json_t *official, const char *where)
{
	char path[512];
	size_t count = 0;
	ck_assert_msg(
	    json_is_object(official), "%s: not in the official decoding", where);
	for (size_t i = 0; i < tree.count; i += tree.items[i].span) {
		const struct tree_item *item = &tree.items[i];
		snprintf(path, sizeof path, "%s.%.*s", where, (int)item->name.len,
		    item->name.ptr);
		json_t *value = json_object_getn(
		    official, item->name.ptr, item->name.len);
		ck_assert_msg(value != NULL, "%s: we have it, they do not", path);
		compare_item(item, value, path);
		count++;
	}
	ck_assert_msg(count == json_object_size(official),
	    "%s: %zu members, the official decoding has %zu", where, count,
	    json_object_size(official));
}
