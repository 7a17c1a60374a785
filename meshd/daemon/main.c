#include "conf_print.h"
#include "confine.h"
#include "daemon.h"
#include "sections.h"
#include "text.h"
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

extern char **environ;

enum {
	OPT_CONFIG = 256,
	OPT_STATE,
	OPT_RUN,
	OPT_SET,
	OPT_FOREGROUND,
	OPT_CHECK,
	OPT_DEFAULTS,
	OPT_DEMO,
	OPT_VERSION,
	OPT_VERBOSE,
	OPT_HELP
};

static const struct option options[] = {
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "state-dir", required_argument, NULL, OPT_STATE },
	{ "run-dir", required_argument, NULL, OPT_RUN },
	{ "set", required_argument, NULL, OPT_SET },
	{ "foreground", no_argument, NULL, OPT_FOREGROUND },
	{ "check-config", no_argument, NULL, OPT_CHECK },
	{ "print-defaults", no_argument, NULL, OPT_DEFAULTS },
	{ "demo", no_argument, NULL, OPT_DEMO },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
    "meshd - one site of a mesh of radio sites\n\n"
    "  --config FILE       configuration (/etc/meshd/meshd.conf); conf.d/ beside it "
    "too\n"
    "  --state-dir DIR     identity, network and database (/var/lib/meshd)\n"
    "  --run-dir DIR       the socket meshd.sock (/run/meshd)\n"
    "  --set KEY=VALUE     section.key=value or section.name.key=value, repeatable\n"
    "  --foreground        stay in the foreground (meshd always does)\n"
    "  --check-config      say what is wrong with the configuration, and end\n"
    "  --print-defaults    every option with its range and default\n"
    "  --demo              a private folder, a demo network, one simulated radio\n"
    "  --version [--verbose]\n\n"
    "Name your radio:\n"
    "  meshd --set radio.roof.host=10.0.0.7\n"
    "  meshd --set radio.roof.device=/dev/ttyUSB0\n";

enum task { TASK_RUN, TASK_CHECK, TASK_DEFAULTS, TASK_VERSION, TASK_HELP, TASK_USAGE };
struct command {
	struct daemon_params params;
	enum task task;
	bool verbose;
};

static void
take_set(struct command *c, const char *set)
{
	if (c->params.set_count == DAEMON_SETS) {
		fprintf(stderr, "meshd: more than %d times --set\n", DAEMON_SETS);
		c->task = TASK_USAGE;
	} else {
		c->params.sets[c->params.set_count++] = set;
	}
}

static void
take_option(struct command *c, int option)
{
	switch (option) {
	case OPT_CONFIG:
		c->params.config = optarg;
		break;
	case OPT_STATE:
		c->params.state_dir = optarg;
		break;
	case OPT_RUN:
		c->params.run_dir = optarg;
		break;
	case OPT_SET:
		take_set(c, optarg);
		break;
	case OPT_CHECK:
		c->task = TASK_CHECK;
		break;
	case OPT_DEFAULTS:
		c->task = TASK_DEFAULTS;
		break;
	case OPT_DEMO:
		c->params.demo = true;
		break;
	case OPT_VERSION:
		c->task = TASK_VERSION;
		break;
	case OPT_VERBOSE:
		c->verbose = true;
		break;
	case OPT_HELP:
		c->task = TASK_HELP;
		break;
	case OPT_FOREGROUND:
		break;
	default:
		c->task = TASK_USAGE;
	}
}

static int
print_defaults(void)
{
	enum { ROOM = 64 * 1024 };
	char *room = malloc(ROOM);
	struct bytes_out out = bytes_out(room, room != NULL ? ROOM : 0);
	conf_print_defaults(sections, &out);
	size_t written = fwrite(out.ptr, 1, out.len, stdout);
	bool good = !out.failed && written == out.len;
	free(room);
	return good ? 0 : 1;
}

static int
print_version(bool verbose)
{
	printf("meshd %s\n", MESHD_VERSION);
	if (verbose)
		printf("protocol 1\ncompiler %s\n", __VERSION__);
	return 0;
}

int
main(int argc, char **argv)
{
	struct command c = { .params = { .environment = environ } };
	/* One arena for the loop and the store's threads: each further one would keep
	 * its own free pages. */
	(void)mallopt(M_ARENA_MAX, 1);
	/* Said aloud it stays: left alone it grows with every large block that is
	 * freed, and then untouched capacities come from the heap, zeroed, that is,
	 * touched. */
	(void)mallopt(M_MMAP_THRESHOLD, 64 * 1024);
	(void)mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	confine_memory();
	umask(0027); /* the database is nobody else's to read */
	signal(SIGPIPE, SIG_IGN);
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
		take_option(&c, option);
	if (optind < argc) {
		fprintf(stderr, "meshd: unexpected argument '%s'\n", argv[optind]);
		c.task = TASK_USAGE;
	}
	switch (c.task) {
	case TASK_RUN:
		return daemon_run(&c.params);
	case TASK_CHECK:
		return daemon_check(&c.params);
	case TASK_DEFAULTS:
		return print_defaults();
	case TASK_VERSION:
		return print_version(c.verbose);
	case TASK_HELP:
		fputs(usage, stdout);
		return 0;
	case TASK_USAGE:
		break;
	}
	fputs(usage, stderr);
	return 2;
}
