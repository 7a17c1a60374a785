/* app_talk.h - local programs that subscribe at a site, in virtual time.  Programs are
 * called by a number. */
#ifndef APP_TALK_H
#define APP_TALK_H
#include "app_leases.h"
#include "tree.h"

extern struct app_leases *apps;
extern mesh_time_ms now;
extern char said[2048]; /* the last datagram or reply */

void talk_start(void); /* afresh */
struct app_addr addr(uint8_t n);
struct tree_view tree_of(const char *json); /* until the next one */
/* What app `n` says, and what it is told at once. */
const char *ask(uint8_t n, const char *request);
int64_t number(const char *member); /* of what was said */
/* The next datagram for app `n`; its seq, or 0 when there is none. */
int64_t next_for(uint8_t n);
#endif
