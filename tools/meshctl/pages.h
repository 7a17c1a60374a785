/* pages.h - commands that are more than a table: status, wait, watch, ping.  Floor 11.
 */
#ifndef MESHCTL_PAGES_H
#define MESHCTL_PAGES_H
#include "arguments.h"

enum exit_code page_status(const struct options *o, const struct arguments *a);
enum exit_code page_wait(const struct options *o, const struct arguments *a);
enum exit_code page_packet_watch(const struct options *o, const struct arguments *a);
enum exit_code page_event_watch(const struct options *o, const struct arguments *a);
enum exit_code page_peer_ping(const struct options *o, const struct arguments *a);
enum exit_code page_netcheck(const struct options *o, const struct arguments *a);
#endif
