#include "usage.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

enum { WIDTH = 80, WORDS_AT = 27, OPTIONS_AT = 17 };

/* Word by word from `column` on; further lines begin at `indent`. */
static void
print_words(const char *words, size_t column, size_t indent)
{
	for (size_t len; words[0] != '\0'; words += len) {
		size_t blanks = strspn(words, " ");
		len = blanks + strcspn(words + blanks, " ");
		bool fits = column + len <= WIDTH;
		if (!fits)
			printf("\n%*s", (int)indent, "");
		column = fits ? column + len : indent + len - blanks;
		printf("%.*s", (int)(fits ? len : len - blanks),
		    fits ? words : words + blanks);
	}
	printf("\n");
}

/* What begins a line, and its words from `at` on. */
static void
print_line(const char *begin, const char *words, size_t at)
{
	size_t len = strlen(begin);
	printf("%s", begin);
	if (len + 1 > at)
		printf("\n");
	printf("%*s", (int)(len + 1 > at ? at : at - len), "");
	print_words(words, at, at);
}

/* "state list [site]" */
static const char *
usage_words(const struct command *c)
{
	static char words[96];
	struct bytes_out out = bytes_out(words, sizeof words);
	text_printf(&out, "%s%s%s", c->noun, c->verb != NULL ? " " : "",
	    c->verb != NULL ? c->verb : "");
	if (c->places[0] != '\0') {
		text_put(&out, " ");
		/* A page may take more than its operation: a file to write to. */
		size_t known = c->op != NULL ? strlen(c->op->places) : 0;
		if (known > 0)
			op_put_places(c->op, &out);
		if (strlen(c->places) > known)
			text_put(&out, c->places + known);
	}
	return text_end(&out);
}

static void
print_noun(const char *noun)
{
	for (const struct command *c = commands(); c->noun != NULL; c++) {
		char begin[128];
		snprintf(begin, sizeof begin, "  %s", usage_words(c));
		if (strcmp(c->noun, noun) == 0)
			print_line(begin, c->help, WORDS_AT);
	}
}

static bool
first_of_noun(const struct command *c)
{
	for (const struct command *other = commands(); other != c; other++)
		if (strcmp(other->noun, c->noun) == 0)
			return false;
	return true;
}

bool
noun_usage(const char *noun)
{
	size_t count = 0;
	for (const struct command *c = commands(); c->noun != NULL; c++)
		count += strcmp(c->noun, noun) == 0;
	if (count < 2)
		return false;
	printf("usage: meshctl %s COMMAND [ARGUMENT...]\n\n", noun);
	print_noun(noun);
	printf("\n  meshctl %s COMMAND --help tells its options.\n", noun);
	return true;
}

void
commands_usage(void)
{
	printf("usage: meshctl [--socket PATH] [--json] COMMAND [ARGUMENT...]\n\n");
	for (const struct command *c = commands(); c->noun != NULL; c++)
		if (first_of_noun(c))
			print_noun(c->noun);
	printf(
	    "\n  --json         the API's answer                   --jsonl    one item "
	    "per line\n"
	    "  --socket PATH  default "
	    "/run/meshd/meshd.sock, or MESHD_SOCKET\n"
	    "  --timeout 5s   give up after                      --no-header, --quiet\n"
	    "  meshctl COMMAND --help tells its options.  See also: man meshctl\n");
}

void
command_usage(const struct command *c)
{
	printf("usage: meshctl %s\n  ", usage_words(c));
	print_words(c->help, 2, 2);
	for (size_t i = 0; c->op != NULL && i < c->op->params->count; i++) {
		const struct field *f = &c->op->params->rows[i];
		char begin[64], words[512];
		snprintf(begin, sizeof begin, "  --%s", f->name);
		snprintf(words, sizeof words, "%s%s", f->doc,
		    (f->flags & FIELD_REQUIRED) ? " (needed)" : "");
		print_line(begin, words, OPTIONS_AT);
	}
	if (c->flags[0] != '\0')
		printf("  options: --%s\n", c->flags);
}
