/* outbox_item.h - one message of the outbox: as it was asked for, as a request to a
 * radio, and as the disk has it.  Its texts point into itself.  Floor 7.  Pure. */
#ifndef OUTBOX_ITEM_H
#define OUTBOX_ITEM_H
#include "air.h"
#include "message.h"

enum { OUTBOX_NAME = 64, OUTBOX_REASON = 64 };
struct outbox_ask { /* borrowed for the call */
	enum message_kind kind;
	struct text_view radio; /* empty: the first that may send to there */
	struct id to;           /* ID_NONE: everybody */
	uint8_t channel;
	struct text_view text;
	struct id reply; /* the packet it answers, or ID_NONE */
	bool emoji, tells;
	const struct waypoint *waypoint; /* WAYPOINT; its `id` may be 0: a new one */
	uint64_t caller; /* whom outbox_kept names when the disk has it; 0: nobody */
};
struct outbox_item {
	bool used;
	bool is_new;    /* the disk does not have it yet: nothing is done for it */
	bool due_kept;  /* the disk has an older state */
	bool was_given; /* a radio had it: it may be on the air */
	mesh_time_ms keep_ms; /* due_kept: not before */
	uint64_t caller;
	struct message m;
	mesh_time_ms patience_ms;
	enum air_wait waits; /* as last told */
	char radio[OUTBOX_NAME], reason[OUTBOX_REASON], icon[WAYPOINT_ICON_MAX];
	char text[MESSAGE_TEXT_MAX]; /* and, behind it, a waypoint's description */
};

/* `number`: the packet's, on the air. */
void outbox_item_fill(struct outbox_item *i, const struct outbox_ask *q,
    uint64_t request, uint32_t number, struct mesh_now now);
void outbox_item_route(struct outbox_item *i, struct text_view radio, struct id from);
/* False: it is none, and `i` stays unused. */
bool outbox_item_read(struct outbox_item *i, struct bytes_view kept);
void outbox_item_mark(struct outbox_item *i, unsigned row, bool is);
/* FAILED or UNCERTAIN, and why: both parts, one after the other. */
void outbox_item_blame(struct outbox_item *i, enum message_state state, const char *why,
    const char *for_what);
bool outbox_item_is_given_up(const struct outbox_item *i); /* failed, or uncertain */
struct radio_request outbox_item_request(const struct outbox_item *i);
enum radio_request_kind outbox_request_kind(enum message_kind kind);
/* The number of a packet at its sender; 0: no packet. */
uint32_t outbox_packet_number(const struct id *packet);
#endif
