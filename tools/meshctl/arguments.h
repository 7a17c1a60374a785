/* arguments.h - what every command of meshctl is told beside its own arguments.
 * Floor 11.
 */
#ifndef MESHCTL_ARGUMENTS_H
#define MESHCTL_ARGUMENTS_H
#include "types.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_UNREACHABLE = 3,
	EXIT_NOT_FOUND = 4,
	EXIT_DENIED = 5,
	EXIT_TIMEOUT = 6,
	EXIT_DEGRADED = 7
};
enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_JSONL };

struct options {
	const char *socket; /* path of the daemon's UNIX socket */
	enum output output;
	bool no_header, quiet, help;
	uint32_t timeout_ms;
	bool timeout_given;
	int width; /* columns of a human table */
};
enum { OPTION_PAIRS = 24 };
struct pair {
	const char *name, *value;
};
struct arguments { /* after the global flags: words by place and --NAME VALUE pairs */
	const char *words[OPTION_PAIRS];
	size_t word_count;
	struct pair pairs[OPTION_PAIRS];
	size_t pair_count;
	bool waits; /* the command is `wait` */
};
/* The value of --NAME, or NULL. */
const char *argument(const struct arguments *a, const char *name);
#endif
