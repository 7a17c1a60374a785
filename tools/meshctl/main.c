/* meshctl - ask a running meshd, from the command line. */
#include "commands.h"
#include "text.h"
#include "units.h"
#include "usage.h"
#include <curl/curl.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/run/meshd/meshd.sock"

static int
terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	int given = columns != NULL ? (int)strtol(columns, NULL, 10) : 0;
	if (given >= 40)
		return given;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	return 80;
}

static struct options
default_options(void)
{
	const char *socket = getenv("MESHD_SOCKET");
	return (struct options){ .socket = socket != NULL ? socket : DEFAULT_SOCKET,
		.timeout_ms = 5000,
		.width = terminal_width() };
}

/* Flags without a value; the rest are --NAME VALUE or --NAME=VALUE. */
static bool
take_flag(const char *flag, struct options *o)
{
	if (strcmp(flag, "--json") == 0 || strcmp(flag, "-j") == 0)
		o->output = OUTPUT_JSON;
	else if (strcmp(flag, "--jsonl") == 0)
		o->output = OUTPUT_JSONL;
	else if (strcmp(flag, "--no-header") == 0)
		o->no_header = true;
	else if (strcmp(flag, "--help") == 0 || strcmp(flag, "-h") == 0)
		o->help = true;
	else if (strcmp(flag, "-q") == 0 || strcmp(flag, "--quiet") == 0)
		o->quiet = true;
	else
		return false;
	return true;
}

static bool
take_global(const char *name, const char *value, struct options *o)
{
	int64_t ms;
	if (strcmp(name, "socket") == 0) {
		o->socket = value;
	} else if (strcmp(name, "timeout") == 0) {
		if (units_parse(text(value), UNIT_MS, &ms) != MESH_OK || ms < 1 ||
		    ms > 86400000) {
			fprintf(stderr,
			    "meshctl: --timeout %s: not a span from 1ms to 1d\n",
			    value);
			exit(EXIT_USAGE);
		}
		o->timeout_ms = (uint32_t)ms;
		o->timeout_given = true;
	} else {
		return false;
	}
	return true;
}

static void
usage_error(const char *what, const char *word)
{
	fprintf(stderr, "meshctl: %s '%s'\nSee: meshctl --help\n", what, word);
	exit(EXIT_USAGE);
}

/* Parameters that are yes without a value. */
static bool
is_switch(const char *name)
{
	static const char *const switches[] = { "strangers", "ready", "check", "qr",
		"yes", "wait", "embeddings", "dry_run", "purge", "programs", "emoji",
		"tell", "remove", "local", "secrets", "everywhere", "other_node",
		"no_daemon" };
	for (size_t i = 0; i < LENGTH(switches); i++)
		if (strcmp(name, switches[i]) == 0)
			return true;
	return false;
}

/* --dry-run is the parameter dry_run. */
static void
underscore(char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] == '-')
			name[i] = '_';
}

/* --purge=no does not purge. */
static bool
is_on(const char *name, const char *value)
{
	static const char *const words[] = { "no", "false", "0", "yes", "true", "1" };
	size_t i = 0;
	while (i < LENGTH(words) && strcmp(value, words[i]) != 0)
		i++;
	if (i == LENGTH(words))
		usage_error("takes yes or no:", name);
	return i >= LENGTH(words) / 2;
}

/* --NAME VALUE, --NAME=VALUE or --SWITCH at argv[*i]. */
static void
take_option(char **argv, int argc, int *i, struct options *o, struct arguments *a)
{
	char *equals = strchr(argv[*i], '=');
	underscore(argv[*i] + 2, strcspn(argv[*i] + 2, "="));
	const char *name = strcmp(argv[*i], "-s") == 0 ? "socket" : argv[*i] + 2;
	const char *value;
	if (equals != NULL)
		*equals = '\0';
	bool yes = is_switch(name) || (a->waits && strcmp(name, "radio") == 0);
	if (equals != NULL) {
		value = equals + 1;
		if (yes && !is_on(name, value))
			return;
	} else if (yes) {
		value = "true";
	} else if (*i + 1 < argc) {
		value = argv[++*i];
	} else {
		usage_error("needs a value:", argv[*i]);
		return;
	}
	if (take_global(name, value, o))
		return;
	if (a->pair_count == OPTION_PAIRS)
		usage_error("too many options at", name);
	a->pairs[a->pair_count++] = (struct pair){ name, value };
}

/* A number below zero is one. */
static bool
is_word(const char *arg)
{
	return arg[0] != '-' || arg[1] == '\0' || (arg[1] >= '0' && arg[1] <= '9');
}

static bool
takes_next(const char *arg)
{
	char name[32];
	struct options none = { 0 };
	snprintf(name, sizeof name, "%s", strncmp(arg, "--", 2) == 0 ? arg + 2 : arg);
	underscore(name, strlen(name));
	return strchr(arg, '=') == NULL && !take_flag(arg, &none) && !is_switch(name) &&
	    strcmp(name, "radio") != 0;
}

/* `--radio` names a radio, but for `meshctl wait` it is a switch, wherever it stands.
 */
static bool
is_wait(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (is_word(argv[i]))
			return strcmp(argv[i], "wait") == 0;
		if (strcmp(argv[i], "--") != 0 && takes_next(argv[i]))
			i++;
	}
	return false;
}

static void
take_arguments(int argc, char **argv, struct options *o, struct arguments *a)
{
	bool only_words = false;
	a->waits = is_wait(argc, argv);
	for (int i = 1; i < argc; i++) {
		if (!only_words && strcmp(argv[i], "--") == 0) {
			only_words = true;
		} else if (!only_words && !is_word(argv[i]) && !take_flag(argv[i], o)) {
			if (strncmp(argv[i], "--", 2) != 0 &&
			    strcmp(argv[i], "-s") != 0)
				usage_error("unknown option", argv[i]);
			take_option(argv, argc, &i, o, a);
		} else if (only_words || is_word(argv[i])) {
			if (a->word_count == OPTION_PAIRS)
				usage_error("too many words at", argv[i]);
			a->words[a->word_count++] = argv[i];
		}
	}
}

/* What an unknown command could have been. */
static enum exit_code
unknown_command(const struct arguments *a)
{
	const char *noun = a->words[0], *verb = a->word_count > 1 ? a->words[1] : "";
	const char *near = command_guess(NULL, noun);
	bool noun_known = near != NULL && strcmp(near, noun) == 0;
	const char *word = noun_known ? verb : noun;
	const char *guess = command_guess(noun_known ? noun : NULL, word);
	fprintf(stderr, "meshctl: unknown command '%s%s%s'", noun,
	    noun_known ? " " : "", noun_known ? verb : "");
	if (guess != NULL)
		fprintf(stderr, "; did you mean '%s%s%s'?", noun_known ? noun : "",
		    noun_known ? " " : "", guess);
	fprintf(stderr, "\nSee: meshctl --help\n");
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	struct options o = default_options();
	struct arguments a = { 0 };
	size_t used = 0;
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C"); /* JSON's point, whatever the user's is */
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(
		    LC_CTYPE, "C.UTF-8"); /* names are UTF-8 whatever the locale */
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("meshctl %s\n", MESHD_VERSION);
		return EXIT_OK;
	}
	take_arguments(argc, argv, &o, &a);
	if (a.word_count == 0) {
		commands_usage();
		return o.help ? EXIT_OK : EXIT_USAGE;
	}
	const struct command *c = command_find(a.words, a.word_count, &used);
	if (o.help && a.word_count == 1 && noun_usage(a.words[0]))
		return EXIT_OK;
	if (c == NULL)
		return unknown_command(&a);
	if (o.help) {
		command_usage(c);
		return EXIT_OK;
	}
	memmove(a.words, a.words + used, (a.word_count - used) * sizeof a.words[0]);
	a.word_count -= used;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	enum exit_code code = command_run(c, &o, &a);
	curl_global_cleanup();
	if (fflush(stdout) != 0 && errno != EPIPE) {
		fprintf(stderr, "meshctl: cannot write: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	return (int)code;
}
