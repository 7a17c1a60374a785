/* commands.h - meshctl's commands: made from op_table, plus what only people need.
 *
 * A command is noun and verb of an operation's name, its columns for a list, and a page
 * of its own where a table would not do.  Floor 11. */
#ifndef MESHCTL_COMMANDS_H
#define MESHCTL_COMMANDS_H
#include "arguments.h"
#include "op.h"
#include "tables.h"

struct command {
	const char *noun, *verb; /* verb NULL: the noun alone ("status") */
	const struct op *op;     /* NULL: `run` does all */
	const struct column *columns;
	enum exit_code (*run)(const struct options *o, const struct arguments *a);
	const char *places; /* words by place, for usage */
	const char *flags; /* own --flags, for usage and checking: "count for filter" */
	const char *help;
};
/* All of them, ended by noun NULL. */
const struct command *commands(void);
/* The command for these words, a verb may have two of them; `*used` says how many it
 * took.  NULL: none. */
const struct command *command_find(
    const char *const *words, size_t count, size_t *used);
/* The known noun (or verb of `noun`) nearest to a mistyped word, or NULL. */
const char *command_guess(const char *noun, const char *word);
enum exit_code command_run(
    const struct command *c, const struct options *o, const struct arguments *a);
#endif
