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
is_list(const char *value)
{
	return value[0] == '[';
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

/* What is to be converted: a list that stands here, else a file's bytes.  EXIT_OK and
 * an empty view: it stays as it is. */
static enum exit_code
read_value(const struct pair *pair, struct bytes_view *out)
{
	static uint8_t file[EMBEDDING_FILE_MAX + 1];
	size_t len;
	errno = 0;
	*out = bytes_view(NULL, 0);
	if (is_list(pair->value)) {
		*out = bytes_view(pair->value, strlen(pair->value));
	} else if (pair->value[0] == '"') {
		return EXIT_OK;
	} else if (read_all(pair->value, file, sizeof file, &len)) {
		*out = bytes_view(file, len);
	} else if (errno == EISDIR || !is_hex(pair->value)) {
		fprintf(stderr, "meshctl: --%s %.60s: %s%s\n", pair->name, pair->value,
		    errno == ENOENT ? "neither a list, nor hex, nor a file: " : "",
		    strerror(errno));
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

/* Who says a scale says bytes: they stay as they are. */
static bool
is_bytes(const struct arguments *a, const struct pair *pair)
{
	return is_list(pair->value) && strcmp(pair->name, "embedding") == 0 &&
	    argument(a, "scale") != NULL;
}

static enum exit_code
fill(struct arguments *a, struct pair *pair)
{
	static struct embedding e;
	static char scale[32];
	struct embedding_fault why;
	struct bytes_view given;
	if (is_bytes(a, pair))
		return EXIT_OK;
	enum exit_code code = read_value(pair, &given);
	if (code != EXIT_OK || given.ptr == NULL)
		return code;
	if (!embedding_read(given, argument(a, "dtype"), &e, &why)) {
		fprintf(stderr, "meshctl: --%s %.60s: %s\n", pair->name, pair->value,
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
