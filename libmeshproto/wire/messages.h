/* messages.h - the table of all protocol messages: name, layout, class.
 *
 * docgen, the random generator, the golden vectors and the dispatcher walk messages[];
 * the layouts themselves are in frames.h and bodies.h.  Floor 2.  Pure.  Source:
 * PROTOCOL.md. */
#ifndef MESH_MESSAGES_H
#define MESH_MESSAGES_H
#include "bodies.h"

enum message_class { CLASS_P0, CLASS_P1, CLASS_P2, CLASS_P3, CLASS_COUNT };
enum message_place {
	MESSAGE_FRAME,     /* number = first element */
	MESSAGE_LIVE,      /* lane 0; number = type */
	MESSAGE_KEYED,     /* lanes 1, 3, 6; number = type */
	MESSAGE_STATE,     /* lane 3, PUT of `key` */
	MESSAGE_CONTROL,   /* lane 1, PUT of a key that begins with `key` */
	MESSAGE_HANDSHAKE, /* INFO */
	MESSAGE_PART,      /* only inside others */
};
struct message {
	enum message_place place;
	uint8_t number;
	const char *name; /* "PING" */
	const char *key;  /* MESSAGE_STATE, MESSAGE_CONTROL */
	const struct field_table *table;
	enum message_class class;
	bool acked; /* frames: the datagram that holds it wants an ACK */
};
extern const struct message messages[];
extern const size_t message_count;

/* The row of (place, number), or NULL. */
const struct message *message_find(enum message_place place, uint8_t number);
/* PROTOCOL.md 8: class follows from lane and type alone. */
enum message_class message_class_of(enum mesh_lane lane, uint16_t type);
#endif
