#include "usage.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

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
	for (const struct command *c = commands(); c->noun != NULL; c++)
		if (strcmp(c->noun, noun) == 0)
			printf("  %-24s %s\n", usage_words(c), c->help);
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
	printf("usage: meshctl %s\n  %s\n", usage_words(c), c->help);
	for (size_t i = 0; c->op != NULL && i < c->op->params->count; i++) {
		const struct field *f = &c->op->params->rows[i];
		printf("  --%-12s %s%s\n", f->name, f->doc,
		    (f->flags & FIELD_REQUIRED) ? " (needed)" : "");
	}
	if (c->flags[0] != '\0')
		printf("  options: --%s\n", c->flags);
}
