/* packet.h - what one site heard of a radio packet, and what all sites heard together.
 *
 * `struct reception` is the body of a packet record (PROTOCOL.md 2).  `struct packet`
 * is the view: one per packet as the radio network names it, with one reception per
 * site and radio.  The fold between them knows neither order nor repetition: of one
 * (site, radio) the earliest reception stands, of all the 32 earliest, and what the
 * packet itself is (type, contents) comes from the reception that shows most, ties by
 * site key.  So any order of the same records gives the same bytes.  Contents are
 * decoded when the view is made, from the raw bytes.  Floor 5.  Pure. */
#ifndef MODEL_PACKET_H
#define MODEL_PACKET_H
#include "arena.h"
#include "meshproto.h"
#include "radio.h"
#include "sites.h"

struct reception { /* body of LANE_PACKET type 1; `has` bits: RECEPTION_* of radio.h */
	uint64_t has;
	struct id packet, from, to;
	uint8_t network;
	uint16_t type;
	uint8_t channel, hop_limit, hop_start;
	int32_t rssi;
	float snr;
	unix_ms time_ms, claimed_ms;
	uint32_t via;
	struct text_view radio; /* the radio's name at its site */
	struct bytes_view raw;
};
extern const struct field_table reception_table;
/* What a driver said, as a body: the same values plus the radio's name.  Borrows. */
void reception_of(
    const struct radio_reception *heard, struct text_view radio, struct reception *out);
/* When it was on the air, as far as is known: what a radio kept for us while we were
 * away was heard when it says, if that can be true. */
unix_ms reception_heard_ms(const struct reception *r);
/* Relays between the sender and us; false: not known. */
bool reception_hops(const struct reception *r, uint8_t *hops);

enum {
	PACKET_NETWORK,
	PACKET_ID,
	PACKET_FROM,
	PACKET_TO,
	PACKET_CHANNEL,
	PACKET_TYPE,
	PACKET_TIME,
	PACKET_PAYLOAD,
	PACKET_RAW,
	PACKET_RECEPTIONS,
	PACKET_SIMULATED,
	PACKET_LOCAL
};
struct packet_channel { /* the name is the radio's own and not known yet */
	uint64_t has;
	struct text_view name;
	uint8_t index, hash;
};
struct packet_reception {
	uint64_t has;
	struct text_view site, radio;
	unix_ms time_ms;
	int32_t rssi;
	float snr;
	uint8_t hop_limit, hop_start;
	struct list_view
	    via;    /* of struct word: mqtt udp backlog echo decrypted simulated */
	bool local; /* kept at this site alone: its record has no epoch */
	/* not shown: */
	struct mesh_position at;
	uint32_t via_bits;
};
struct packet { /* `meshd.packets/1` */
	uint64_t has;
	uint8_t network;
	struct id id, from, to;
	struct packet_channel channel;
	struct text_view type; /* "TEXT_MESSAGE_APP", or the number */
	unix_ms time_ms;       /* of the earliest reception */
	struct tree_view payload;
	struct bytes_view raw;
	struct list_view receptions; /* of struct packet_reception, earliest first */
	bool simulated;
	bool local;    /* all its receptions are */
	uint16_t port; /* not shown: the network's number of `type` */
};
extern const struct field_table packet_table, packet_reception_table;

enum { PACKET_HEARD_MAX = 32 };
struct packet_fold { /* about 5 KiB; views borrow from what was added */
	size_t count;
	struct packet_reception heard[PACKET_HEARD_MAX];
	struct reception best; /* the reception that shows most */
	struct mesh_position best_at;
};
struct packet_fold packet_fold(void); /* empty */
/* Take in one reception of this packet; all of one fold share r->packet. */
void packet_fold_add(
    struct packet_fold *f, const struct mesh_position *at, const struct reception *r);
/* The view, its lists and decoded contents carved from `into` (16 KiB are plenty);
 * MESH_FULL: too small.  MESH_NOT_FOUND: nothing was added. */
MESH_MUST_CHECK enum mesh_err packet_fold_view(const struct packet_fold *f,
    const struct sites *names, struct arena *into, struct packet *out);
#endif
