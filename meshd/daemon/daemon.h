/* daemon.h - meshd itself: owns every room, starts them in order, turns, stops them.
 *
 * Start: lock, configuration, store, boot number committed, core, sockets, doors,
 * radios, READY.  Stop is the way back.  Nothing else is global: a test may hold two of
 * these. Floor 10.  Edge. */
#ifndef DAEMON_H
#define DAEMON_H
#include "types.h"

enum { EXIT_CONFIG = 78, DAEMON_SETS = 64 }; /* EX_CONFIG of sysexits.h */
struct daemon_params {                       /* the command line; borrowed */
	const char *config; /* --config; NULL: /etc/meshd/meshd.conf if it is there */
	const char *state_dir; /* --state-dir; NULL: by who we are */
	const char *run_dir;
	const char *sets[DAEMON_SETS]; /* --set */
	size_t set_count;
	char *const *environment;
	bool demo;
};
/* Run until a signal ends it.  An exit status: 0, 1 (the world refused), 78 (the
 * configuration did); what was wrong is on stderr. */
int daemon_run(const struct daemon_params *params);
/* --check-config: 0 or 78 and every fault on stderr. */
int daemon_check(const struct daemon_params *params);
#endif
