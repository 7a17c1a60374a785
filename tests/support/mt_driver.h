/* mt_driver.h - one Meshtastic driver and the radio before it, played by a test. */
#ifndef MT_DRIVER_H
#define MT_DRIVER_H
#include "check_mesh.h"
#include "mt_codec.h"
#include "radio.h"

extern const struct radio_ops *const ops;
extern struct radio *radio;
extern struct mesh_now now;
extern struct radio_event event; /* of next_of */
extern struct bytes_view bytes;

/* A new driver with its link up; the one before goes.  `keys`: lines of a keys file. */
void mt_driver_start(struct text_view keys);
void wait_ms(uint32_t ms);
/* The radio says one FromRadio message; one of its members; a packet by its fields. */
void say(struct bytes_view payload);
void say_member(uint32_t number, struct bytes_view message);
void say_packet(const char *fields);
bool next_of(enum radio_event_kind kind);
/* The one member of the ToRadio that was sent last, 0 if none. */
struct protobuf_item sent(void);
/* It is asked for its configuration; returns the number to end the answer with. */
uint32_t ask(void);
void complete(uint32_t nonce);
/* All of that: firmware 2.7.26, node 16. */
void become_ready(void);
#endif
