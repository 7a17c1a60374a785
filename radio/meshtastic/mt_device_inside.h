/* mt_device_inside.h - the state of a simulated radio, and the verbs its files share.
 *
 * Private to mt_device*.c.  Rings hold whole messages, because the firmware's queues
 * do. Floor 3.  Pure. */
#ifndef RADIO_MT_DEVICE_INSIDE_H
#define RADIO_MT_DEVICE_INSIDE_H
#include "mt_cache.h"
#include "mt_codec.h"
#include "mt_device.h"
#include "mt_handshake.h"
#include "stream.h"

enum mt_device_limits {
	DEVICE_NODES = 250,
	DEVICE_NODE_BYTES = 327, /* the longest NodeInfo that the firmware writes */
	DEVICE_CONFIG_BYTES = 16384,
	DEVICE_CONFIG_ENTRIES = 128,
	DEVICE_PACKETS = 32, /* for the client */
	DEVICE_STATUSES = 2, /* likewise; so few in the firmware */
	DEVICE_NOTES = 4,
	DEVICE_LOCAL = 8,
	DEVICE_QUEUE = 16,  /* packets to be transmitted: maxlen of every status */
	DEVICE_FILTER = 20, /* ids of the client that are not taken again */
	DEVICE_PLANS = 32,  /* of the mesh around it */
	DEVICE_HEARD = 100, /* packets that are not taken again */
	DEVICE_TRIES = 3,
	DEVICE_POLL_MS = 1, /* between a frame of the client and the answer */
	DEVICE_AIR_MS = 60, /* a packet's stay in the queue */
	DEVICE_RETRY_MS = 7000,
	DEVICE_BOOT_MS = 1500,
	DEVICE_SAVE_MS = 7000, /* a changed configuration is booted into so late */
	DEVICE_METRICS_MS = 60000,
	DEVICE_INFO_MS =
	    60000, /* its NodeInfo goes out at the client's wish so often */
	DEVICE_MESSAGE_MAX = STREAM_PAYLOAD_MAX,
	DEVICE_LOG_BYTES = 64,
	DEVICE_ARENA_BYTES = 98304,
	DEVICE_HOPS = 3
};
enum mt_device_result { /* of a QueueStatus, beside the errors of Routing */
	RESULT_OK = 0,
	RESULT_FULL = 32
};
enum mt_routing_error {
	ROUTING_NONE = 0,
	ROUTING_MAX_RETRANSMIT = 5,
	ROUTING_TOO_LARGE = 7,
	ROUTING_NO_RESPONSE = 8,
	ROUTING_ADMIN_UNAUTHORIZED = 37,
	ROUTING_NO_PUBLIC_KEY = 39
};
enum mt_priority {
	PRIORITY_BACKGROUND = 10,
	PRIORITY_RELIABLE = 70,
	PRIORITY_ACK = 120
};

struct device_message {
	uint16_t len;
	bool text; /* pushes out others when the ring is full */
	uint8_t bytes[DEVICE_MESSAGE_MAX];
};
struct device_ring { /* of whole messages, oldest first */
	struct device_message *slots;
	size_t cap, first, count;
};
struct device_sending { /* one packet that was accepted for the air */
	uint32_t id, to;
	mesh_time_ms due_ms;
	uint8_t tries;
	bool used, queued, want_ack;
	struct device_message packet;
};
struct device_plan { /* what the mesh around it will do */
	bool used;
	mesh_time_ms due_ms;
	uint32_t overhears; /* this id is relayed; 0: `packet` is heard */
	struct device_message packet;
};
struct device_limit { /* by port: when the client last used it */
	uint32_t port;
	mesh_time_ms last_ms;
};
enum device_stage { STAGE_FRESH, STAGE_ANSWERING, STAGE_LIVE };

struct mt_device {
	struct mt_device_params params;
	uint32_t number;
	struct mesh_now now;
	unix_ms clock_ms; /* what its clock is ahead of ours */
	bool clock_set, up, hangs_up, editing, made_up;
	bool forgets;                 /* when it boots */
	mesh_time_ms heard_ms;        /* from its client */
	mesh_time_ms wake_ms;         /* when it next looks at its client */
	mesh_time_ms boot_ms, off_ms; /* hangs up then; back again then */
	mesh_time_ms metrics_due_ms, info_ms;
	struct mt_handshake random;
	uint32_t configured; /* times that its client was told all */
	uint32_t asked;      /* times that it was asked for canned messages, ringtone */
	/* the answer to want_config */
	enum device_stage stage;
	uint32_t nonce;
	size_t step, cursor;
	uint32_t heartbeats; /* to be answered */
	/* for the client; `local` is what it sends to itself, which reaches the client
	 * behind what is there already */
	struct device_ring packets, statuses, notes, local;
	struct device_ring inbox; /* from the client to itself: done at the next look */
	/* rules of one connection */
	uint32_t filter[DEVICE_FILTER];
	size_t filter_next;
	struct device_limit limits[8];
	/* for the air */
	struct device_sending queue[DEVICE_QUEUE];
	struct device_ring sent;
	struct device_message fetched;
	struct device_plan plans[DEVICE_PLANS];
	uint64_t heard[DEVICE_HEARD]; /* sender and id */
	size_t heard_next;
	/* faults */
	enum mt_device_fault fault;
	uint32_t fault_n, fault_frames;
	bool stalled;         /* inside a frame, until the client is gone */
	mesh_time_ms slow_ms; /* the next frame not before */
	struct mt_cache cache;
	struct mt_cache saved; /* while it is edited: what it starts with if it dies */
	struct stream stream;
	struct bytes_out output;
	uint8_t passkey[8];
	uint8_t input_block[4096], output_block[4096];
	uint8_t arena_block[DEVICE_ARENA_BYTES];
	struct device_message slots[DEVICE_PACKETS + DEVICE_STATUSES + DEVICE_NOTES +
	    2 * DEVICE_LOCAL + DEVICE_QUEUE];
};

/* --- mt_device_say.c: messages --- */

struct device_say { /* a packet of our own */
	uint32_t from, to, id, port, request_id;
	uint32_t reply_id, emoji, channel;
	uint32_t rx_time; /* 0: its clock's, if that is set */
	uint32_t hop_limit, hop_start, relay, priority;
	bool want_ack, want_response, pki, bitfield;
	struct bytes_view payload;
};
void device_wake(struct mt_device *d);     /* there is something for the client */
uint32_t device_draw(struct mt_device *d); /* an id of our own choice */
struct tree_view device_tree(struct mt_device *d, const struct protobuf_table *t,
    struct bytes_view bytes); /* until the next; empty if it is none */
bool device_push(struct device_ring *r, struct bytes_view message, bool text);
bool device_pop(struct device_ring *r, struct device_message *out);
void device_packet(const struct device_say *say, struct bytes_out *out);
/* Into the ring for the client. */
void device_tell(struct mt_device *d, const struct device_say *say);
void device_tell_raw(struct mt_device *d, struct bytes_view packet, bool text);
void device_put_status(
    struct mt_device *d, uint32_t result, uint32_t id, struct bytes_out *out);
void device_status(struct mt_device *d, uint32_t result, uint32_t id);
void device_note(struct mt_device *d, uint32_t id, const char *sentence);
/* A Routing error, or ROUTING_NONE, from ourselves about a packet of ours. */
void device_error(struct mt_device *d, uint32_t request_id, enum mt_routing_error e);
void device_put_routing(struct bytes_out *out, enum mt_routing_error error);

/* --- mt_device_config.c: what it knows and how it tells --- */

void device_make_up(struct mt_device *d);
/* The next FromRadio of the answer; false: the answer is over. */
bool device_next_config(struct mt_device *d, struct bytes_out *out);
struct bytes_view device_own_user(struct mt_device *d);
/* The message that such a tree is, instead of what had that key. */
void device_keep_tree(struct mt_device *d, uint32_t kind, uint32_t key,
    const struct protobuf_table *t, struct tree_view tree);
struct bytes_view device_position(const struct mt_device *d, uint32_t node);
void device_set_own_user(struct mt_device *d, struct bytes_view changes);
/* Fixed from then on, until it is removed. */
void device_set_own_position(struct mt_device *d, struct bytes_view position);
void device_remove_own_position(struct mt_device *d);
bool device_has_key(struct mt_device *d, uint32_t node);
bool device_knows(const struct mt_device *d, uint32_t node);
void device_learn(struct mt_device *d, const struct mt_packet *p);
void device_forget(struct mt_device *d, bool everything);
void device_count_boot(struct mt_device *d);
void device_save(struct mt_device *d);   /* what it is set to now */
void device_unsave(struct mt_device *d); /* back to that */

/* --- mt_device_send.c: what goes on the air and what comes of it --- */

void device_take(struct mt_device *d, struct bytes_view packet);
void device_take_inbox(struct mt_device *d);
/* Transmit a packet of our own; the queue's result. */
enum mt_device_result device_send(struct mt_device *d, const struct device_say *say);
void device_send_info(struct mt_device *d);
void device_air(struct mt_device *d); /* what is due */
mesh_time_ms device_air_due(const struct mt_device *d);
uint32_t device_free(const struct mt_device *d);
void device_reset_limits(struct mt_device *d);

/* --- mt_device_hear.c: what others say --- */

/* False: it has none, or may not tell. */
bool device_put_position(struct mt_device *d, struct bytes_out *out);
void device_put_metrics(struct bytes_out *out);

/* --- mt_device_admin.c: being administered --- */

void device_administer(struct mt_device *d, const struct mt_packet *p);

/* --- mt_device_mesh.c: the mesh around it --- */

void device_mesh_plan(struct mt_device *d, struct bytes_view packet);
void device_mesh(struct mt_device *d); /* what is due */
void device_replay(struct mt_device *d);
mesh_time_ms device_mesh_due(const struct mt_device *d);
#endif
