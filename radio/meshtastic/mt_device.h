/* mt_device.h - a Meshtastic radio that does not exist, as its one client sees it.
 *
 * Bytes of the client go in, the radio's bytes come out; its mesh is what the caller
 * lets it hear.  It answers as firmware 2.7 does: configuration in its fixed order,
 * limits by port, the filter of repeated ids, queue statuses, acknowledgements, its own
 * administration; check_mt_device.c holds it to recordings of the real one.  Used by
 * the demo and by tests, never by the daemon.  Whoever serves it owns the link: the
 * newest client wins, mt_device_hangs_up says when the radio closes, and while
 * mt_device_is_off nobody is let in.  What it keeps and answers is bounded as in the
 * firmware: the oldest status goes, the newest packet goes unless it is text.
 * Source: Meshtastic's stream API.  Floor 3.  Pure.  Views live until the next call. */
#ifndef RADIO_MT_DEVICE_H
#define RADIO_MT_DEVICE_H
#include "bytes.h"
#include "types.h"

struct mt_device;
struct mt_device_params {
	uint64_t seed;       /* of the ids that it chooses */
	uint64_t passkey;    /* of its administration; 0: from the seed */
	uint32_t number;     /* its own; 0: told by mt_device_keep, or from the seed */
	uint32_t nodes;      /* room for so many others; 0: 250 */
	uint32_t metrics_ms; /* first report of its own metrics; 0: never any */
	bool simulated_air;  /* the firmware's simulator: repeated ids are taken */
	bool mesh;           /* known nodes acknowledge, relay and answer questions */
	bool clock_set;      /* it knows the time before anybody tells it */
	bool replays;        /* 2.8: old packets come again after the configuration */
};
enum mt_device_fault {
	MT_FAULT_NONE,
	MT_FAULT_FULL,     /* its queue takes no packet */
	MT_FAULT_SLOW,     /* one frame per `n` ms */
	MT_FAULT_DEAF,     /* takes bytes and says nothing, as behind a black hole */
	MT_FAULT_HALF,     /* half of the next frame, then nothing on this link */
	MT_FAULT_GARBAGE,  /* once, `n` bytes that start no frame */
	MT_FAULT_LOG,      /* a line of console text before every `n`-th frame */
	MT_FAULT_REBOOTED, /* once, the frame that old firmware starts with */
	MT_FAULT_MUTE,     /* tells neither its canned messages nor its ringtone */
	MT_FAULT_DIES      /* starts anew at the `n`-th message about itself, once */
};

/* NULL: no memory. */
struct mt_device *mt_device_new(const struct mt_device_params *params);
void mt_device_free(struct mt_device *d);
/* One FromRadio of the configuration or the node list becomes its own; what is not
 * told so is made up when the first client comes.  False: of another kind, or no room.
 */
bool mt_device_keep(struct mt_device *d, struct bytes_view from_radio);
uint32_t mt_device_number(const struct mt_device *d);

/* The client's link.  Limits and the filter count from link_up. */
void mt_device_link_up(struct mt_device *d, struct mesh_now now);
void mt_device_link_down(struct mt_device *d, struct mesh_now now);
void mt_device_receive(
    struct mt_device *d, struct bytes_view bytes, struct mesh_now now);
void mt_device_tick(struct mt_device *d, struct mesh_now now);
bool mt_device_next_bytes(struct mt_device *d, struct bytes_view *out);
mesh_time_ms mt_device_deadline(const struct mt_device *d);
uint32_t mt_device_configured(const struct mt_device *d); /* times it told all of it */
uint32_t mt_device_asked(const struct mt_device *d); /* for texts on request alone */
bool mt_device_hangs_up(const struct mt_device *d);  /* until link_down */
bool mt_device_is_off(const struct mt_device *d);    /* it boots, or was shut down */

/* The air.  A whole MeshPacket, as it stands when this radio has received it. */
void mt_device_hear(struct mt_device *d, struct bytes_view packet, struct mesh_now now);
/* Somebody repeated our packet `id`: that much is certain, and no more. */
void mt_device_overhear(struct mt_device *d, uint32_t id, struct mesh_now now);
/* MeshPackets that it transmitted since; the oldest go when nobody fetches them. */
bool mt_device_next_sent(struct mt_device *d, struct bytes_view *out);

void mt_device_fault(struct mt_device *d, enum mt_device_fault fault, uint32_t n);
#endif
