/* port.h - one radio: a link, a driver over it, and what to do when one of them fails.
 *
 * States as API.md names them: connecting (link opening, or the radio has not
 * said who it is), connected, waiting (for the next attempt), failed (like
 * waiting, but the last attempt was refused in a way that needs a person).  When the
 * next attempt comes is port_pause.h's affair.  What a lost link still holds is read
 * first, so that nothing is lost that the radio handed out.  A driver without a link
 * (sim) is up at once.  Nothing here waits; the caller watches port_fd().  Floor 7.
 * Pure over link.h. */
#ifndef PORT_H
#define PORT_H
#include "link.h"
#include "meshd_counters.h"
#include "port_pause.h"
#include "port_recording.h"
#include "radio.h"
#include "status.h"

enum {
	PORT_PLUG_MS = 300,  /* the system sets up a port that appeared */
	PORT_REST_MS = 500,  /* radios look for a new client ten times a second */
	PORT_SEEK_MS = 2000, /* then the address is tried that a name had last */
	PORT_SEEK_AGAIN_MS =
	    30000,               /* a port that yields makes no attempts, but looks */
	PORT_CONNECT_MS = 15000, /* a connection that takes longer is tried anew */
	PORT_OUTCOMES = 4        /* of the last orders are kept for who gave them */
};
struct port;
struct port_params { /* texts are copied */
	struct text_view name;
	const struct radio_ops *driver;
	struct text_view called; /* its host's name, looked up before each attempt; ""
				    : the host is an address.  at.host: the last one */
	const struct link_ops *link; /* NULL when the driver needs none */
	struct link_params at;
	struct radio_params radio;
	uint64_t seed;    /* of the jitter */
	uint64_t mark;    /* of all that makes a link another one; the caller's */
	uint32_t rest_ms; /* before the first attempt: the radio frees its last link */
	struct meshd_counts *counts; /* borrowed until port_free */
};
struct port *port_new(
    const struct port_params *params, struct mesh_now now); /* or NULL */
void port_free(struct port *p);                             /* closes the link */
/* Bytes from the link to the driver, at most 4 KiB per call: drain events after it.
 */
void port_readable(struct port *p, struct mesh_now now);
/* The link connects, or takes bytes again. */
void port_writable(struct port *p, struct mesh_now now);
/* Open when due, tick the driver, send what it wants to send. */
void port_tick(struct port *p, struct mesh_now now);
/* A serial port has appeared somewhere: do not wait as long as planned. */
void port_hurry(struct port *p, struct mesh_now now);
/* True once before each attempt at a host with a name: look it up and say port_place.
 */
bool port_wants_place(struct port *p, struct text_view *called);
/* Where the name leads, numeric; empty: it has no address now (the one that it had last
 * is tried, if there is one). */
void port_place(struct port *p, struct text_view host, struct mesh_now now);
bool port_is_at(const struct port *p, struct text_view host);
void port_call(struct port *p, struct text_view called); /* "": by no name */
/* What a new section must not change: for how long the radio is somebody else's. */
void port_inherit(struct port *p, const struct port *old, struct mesh_now now);
/* Another port has just let go of the radio: no attempt at once. */
void port_rest(struct port *p, struct mesh_now now);
bool port_has_link(const struct port *p);
mesh_time_ms port_deadline(const struct port *p);
/* The driver's next event; views live until the next input. */
bool port_next_event(struct port *p, struct radio_event *out, struct mesh_now now);
MESH_MUST_CHECK enum mesh_err port_submit(
    struct port *p, const struct radio_request *q, struct mesh_now now);
/* What the configuration says: may the radio's settings be changed, may it be told what
 * it tells its mesh at once? */
struct port_leave {
	bool admin, tx;
};
void port_permit(struct port *p, struct port_leave leave);
struct port_leave port_leave(const struct port *p);
/* An order to the radio itself; its number is made up here.  MESH_IO: no link.
 * MESH_DENIED: port_leave says no, or its driver takes no orders. */
MESH_MUST_CHECK enum mesh_err port_administer(
    struct port *p, struct radio_order *o, struct mesh_now now);
/* False: it has not ended yet.  SENT_UNSURE: another radio's, or too many came after
 * it.
 */
bool port_has_ordered(const struct port *p, uint64_t order, struct radio_ordered *out);
/* The descriptor to watch, or -1; it changes when port_link_number() does. */
int port_fd(const struct port *p);
bool port_wants_write(const struct port *p);
uint64_t port_link_number(const struct port *p);
/* Counts up whenever port_status would say something new beside its counters. */
uint64_t port_version(const struct port *p);
void port_status(const struct port *p, struct radio_status *out);
/* Begin to record the link, or go on; it is made anew, so that a recording has all that
 * the radio says of itself.  NULL: no memory, or its driver has no frames to record. */
struct recorder *port_record(struct port *p, struct mesh_now now);
/* For air.c: what its driver says about requests. */
const struct radio_ops *port_driver(const struct port *p, const struct radio **session);
const struct id *port_node(const struct port *p); /* the radio's own; ID_NONE unknown */
bool port_is_ready(const struct port *p);         /* its driver has all that it told */
struct text_view port_name(const struct port *p);
uint64_t port_mark(const struct port *p);
/* Both would open the same link: the same address and port.  Not of serial ports, which
 * are locked while they are open. */
bool port_is_place(const struct port *p, const struct port *other);
/* Let go of the radio for so long, so that another program can have it: never for a
 * shorter time than somebody was promised before; 0: take it back. MESH_DENIED: there
 * is no link to let go of, or another port has it. */
MESH_MUST_CHECK enum mesh_err port_release(
    struct port *p, uint32_t ms, struct mesh_now now);
/* Give the link up for as long as another port has this radio, named `by`; empty: it is
 * free again. */
void port_yield(struct port *p, struct text_view by, struct mesh_now now);
bool port_wants_link(const struct port *p); /* false: its driver is without */
uint64_t port_counter(const void *port, size_t index); /* radio_counters */
#endif
