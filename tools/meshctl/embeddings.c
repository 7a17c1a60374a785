#include "embeddings.h"
#include "bytes.h"
#include "registry_files.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { HEX_MAX = 2 * 4 * EMBEDDING_DIM_MAX };

/* All of it, one byte more than may be, so that too much shows. */
static bool
read_all(const char *path, uint8_t *to, size_t cap, size_t *len)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	if (f == NULL)
		return false;
	*len = fread(to, 1, cap, f);
	bool good = ferror(f) == 0;
	if (f != stdin)
		fclose(f);
	return good;
}

static bool
is_json(const char *value)
{
	return value[0] == '[' || value[0] == '"';
}

static bool
is_hex(const char *value)
{
	size_t hex = strspn(value, "0123456789abcdefABCDEF");
	return hex > 0 && value[hex] == '\0' && hex % 2 == 0;
}

static void
set(struct arguments *a, const char *name, const char *value)
{
	for (size_t i = 0; i < a->pair_count; i++) {
		if (strcmp(a->pairs[i].name, name) == 0) {
			a->pairs[i].value = value;
			return;
		}
	}
	if (a->pair_count < OPTION_PAIRS)
		a->pairs[a->pair_count++] = (struct pair){ name, value };
}

/* As the JSON text that parameters of any kind are read from. */
static const char *
hex_of(const struct embedding *e)
{
	static char hex[HEX_MAX + 3];
	struct bytes_out out = bytes_out(hex, sizeof hex);
	text_put(&out, "\"");
	text_put_hex(&out, bytes_view(e->bytes, e->len));
	text_put(&out, "\"");
	return text_end(&out);
}

static enum exit_code
fill(struct arguments *a, struct pair *pair)
{
	static uint8_t file[EMBEDDING_FILE_MAX + 1];
	static struct embedding e;
	static char scale[32];
	struct embedding_fault why;
	size_t len;
	errno = 0;
	if (is_json(pair->value))
		return EXIT_OK;
	if (!read_all(pair->value, file, sizeof file, &len)) {
		if (errno != EISDIR && is_hex(pair->value))
			return EXIT_OK;
		fprintf(stderr, "meshctl: --%s %s: %s\n", pair->name, pair->value,
		    strerror(errno));
		return EXIT_USAGE;
	}
	if (!embedding_read(bytes_view(file, len), argument(a, "dtype"), &e, &why)) {
		fprintf(stderr, "meshctl: --%s %s: %s\n", pair->name, pair->value,
		    why.text);
		return EXIT_USAGE;
	}
	pair->value = hex_of(&e);
	set(a, "dtype", e.dtype);
	snprintf(scale, sizeof scale, "%.9g", (double)e.scale);
	if (e.scale > 0 && strcmp(pair->name, "embedding") == 0)
		set(a, "scale", scale);
	return EXIT_OK;
}

enum exit_code
embeddings_fill(struct arguments *a)
{
	enum exit_code code = EXIT_OK;
	for (size_t i = 0; i < a->pair_count && code == EXIT_OK; i++)
		if (strcmp(a->pairs[i].name, "embedding") == 0 ||
		    strcmp(a->pairs[i].name, "like") == 0)
			code = fill(a, &a->pairs[i]);
	return code;
}
