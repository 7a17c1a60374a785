#include "golden.h"
#include "bytes.h"
#include "check_mesh.h"
#include "text.h"

static void
line_of(char *line, void (*check)(const char *, struct bytes_view, const char *))
{
	char *bar = strstr(line, " | "),
	     *second = bar != NULL ? strstr(bar + 3, " | ") : NULL;
	ck_assert_msg(second != NULL, "not `name | hex | text`: %s", line);
	*bar = *second = '\0';
	size_t digits = (size_t)(second - bar - 3);
	uint8_t *block = malloc(digits / 2 + 1);
	ck_assert_ptr_nonnull(block);
	/* One byte into the block, so that nobody gets alignment for free. */
	struct bytes_out out = bytes_out(block + 1, digits / 2);
	ck_assert_int_eq(
	    text_hex_decode((struct text_view){ bar + 3, digits }, &out), MESH_OK);
	check(line, bytes_written(&out), second + 3);
	free(block);
}

size_t
golden_each(const char *path,
    void (*check)(const char *name, struct bytes_view bytes, const char *text))
{
	size_t len, count = 0;
	char *file = (char *)check_file(path, &len);
	char *terminated = realloc(file, len + 1);
	ck_assert_ptr_nonnull(terminated);
	terminated[len] = '\0';
	for (char *line = terminated, *end; (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		*end = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		line_of(line, check);
		count++;
	}
	free(terminated);
	return count;
}
