/* endpoint.h - the two ends at which a program can be a radio: a TCP port and a pty.
 *
 * Each prints where it is reached, one line to stdout.  Anything wrong ends the program
 * with `name` and the reason.  Edge. */
#ifndef ENDPOINT_H
#define ENDPOINT_H

/* A listening socket at "ADDRESS:PORT" (port 0: any). */
int endpoint_tcp(const char *name, const char *where);
/* Again at the port of a listener before it, without a line. */
int endpoint_tcp_again(const char *name, int listener);
/* The program's side of a new pty, raw. */
int endpoint_pty(const char *name);
/* True when somebody has the other side of a pty open; it cannot be waited for. */
_Bool endpoint_pty_is_open(int fd);
#endif
