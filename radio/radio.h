/* radio.h - what every radio driver is, and what every radio says.
 *
 * A driver is a session without a link: bytes from the radio go in, bytes for it and
 * events in normal form come out.  Opening the link, and again after a failure, is the
 * port's affair (meshd/site/port.c).  One contract suite, check_radio.c, runs against
 * every row.  Floor 1.  Pure.  Views in outputs live until the next input. */
#ifndef RADIO_H
#define RADIO_H
#include "bytes.h"
#include "counters.h"
#include "fields.h"
#include "types.h"

struct radio; /* one driver's session */
enum radio_network { NETWORK_NONE, NETWORK_MESHTASTIC, NETWORK_MESHCORE, NETWORK_SIM };
extern const char *const radio_network_words[]; /* "" meshtastic meshcore sim NULL */
enum radio_event_kind {
	RADIO_READY = 1,
	RADIO_RECEPTION,
	RADIO_NODE,
	RADIO_SAMPLE,
	RADIO_SENT,
	RADIO_FRAME,
	RADIO_STUCK,
	RADIO_CHANGED,
	RADIO_ORDERED,
	RADIO_TENDED,
	RADIO_EVENT_KINDS
};
enum radio_request_kind {
	REQUEST_TEXT = 1,
	REQUEST_TRACE,
	REQUEST_POLL,
	REQUEST_FRAME,
	REQUEST_POSITION,
	REQUEST_TELEMETRY,
	REQUEST_WAYPOINT,
	REQUEST_KINDS
};
enum radio_sent {
	SENT_ACCEPTED,
	SENT_HEARD_RELAYED,
	SENT_ACKED,
	SENT_FAILED,
	SENT_ANSWERED,  /* what was asked for came */
	SENT_LINK_LOST, /* the link is, and no word was said of it: nobody knows */
	SENT_BUSY       /* not taken, its queue was full: later, under another number */
};
enum radio_stuck { STUCK_SILENT = 1, STUCK_HANDSHAKE }; /* `reason` of RADIO_STUCK */
enum radio_change { /* `reason` of RADIO_CHANGED, told before the READY it goes with */
	CHANGE_NONE,
	CHANGE_REBOOTED,
	CHANGE_RESET, /* its memory was wiped */
	CHANGE_NODE /* it is another node than before: another radio, or a new number */
};
enum radio_tended { /* `reason` of RADIO_TENDED: what its driver told it unasked */
	TENDED_CLOCK = 1, /* the time */
	TENDED_RESTART    /* to start anew, so that an edit that failed is forgotten */
};
enum { /* `reason` of SENT_FAILED, beside the numbers that the network names */
	SENT_UNANSWERED = 0x8000,
	SENT_UNKNOWN, /* any other number that was said */
	SENT_UNSURE,  /* no answer to a second try: the first may have been taken */
	SENT_REFUSED, /* by its queue, which does not say why */
	SENT_NO_INTERFACE, /* the radio finds no transmitter */
	SENT_DISABLED      /* its transmitter is switched off */
};
enum radio_via {
	VIA_MQTT = 1,
	VIA_UDP = 2,
	VIA_BACKLOG = 4,
	VIA_ECHO = 8,
	VIA_DECRYPTED = 16,
	VIA_SIMULATED = 32,
	VIA_PROXY = 64 /* handed to its client for an MQTT broker */
};

struct radio_reception { /* one copy of one packet; contents are decoded on demand */
	uint64_t has;    /* fields.h: which optional rows are present */
	struct id packet, from, to; /* `packet` is the network's own name for it; `to`
				       ID_NONE: broadcast */
	uint8_t network;            /* enum radio_network */
	uint16_t type;              /* the network's own: a Meshtastic port number */
	uint8_t hop_limit, hop_start, channel;
	int32_t rssi;                /* dBm */
	float snr;                   /* dB */
	unix_ms time_ms, claimed_ms; /* our clock; the sender's */
	uint32_t via;                /* enum radio_via, or-ed */
	struct bytes_view raw;       /* as the radio gave it; inspect.h reads it */
};
enum {
	RECEPTION_PACKET,
	RECEPTION_NETWORK,
	RECEPTION_FROM,
	RECEPTION_TO,
	RECEPTION_TYPE,
	RECEPTION_CHANNEL,
	RECEPTION_HOP_LIMIT,
	RECEPTION_HOP_START,
	RECEPTION_RSSI,
	RECEPTION_SNR,
	RECEPTION_TIME,
	RECEPTION_CLAIMED,
	RECEPTION_VIA,
	RECEPTION_RADIO,
	RECEPTION_RAW
}; /* `has` bits; PROTOCOL.md 2: order of the body */

struct radio_event {
	enum radio_event_kind kind;
	uint64_t request;     /* SENT, ORDERED: the request or order it is about */
	enum radio_sent sent; /* ORDERED: ACKED, FAILED or LINK_LOST; TENDED:
				 ACCEPTED (it has no answer), ACKED or FAILED */
	struct id packet; /* SENT: what it became on the air; ANSWERED: the answer */
	uint16_t reason;  /* SENT_FAILED, STUCK, CHANGED, TENDED; ORDERED */
	bool question;    /* ORDERED: it was asked, and nothing was changed */
	struct id node;   /* READY, CHANGED: ourselves.  NODE, SAMPLE: whom */
	struct radio_reception reception;
	struct tree_view
	    facts; /* READY, NODE, SAMPLE: named values, valid only until the
		      next next_event.  READY and NODE use
		      API.md's node words: long_name, short_name, role,
		      hardware, firmware, position{lat,lon,alt_m,precision},
		      battery{percent,volts}, last_ms, hops, snr */
	struct bytes_view frame; /* FRAME: one whole upstream frame, for the share */
};
enum { WAYPOINT_NAME_MAX = 29, WAYPOINT_DESCRIPTION_MAX = 99 }; /* bytes */
enum { WAYPOINT_GONE_S = 1 }; /* `expire_s` that takes one away */
struct radio_waypoint {
	uint32_t number;             /* names it, so that it can be changed */
	int32_t latitude, longitude; /* 1e-7 degrees */
	uint32_t expire_s;           /* Unix time; 0: never */
	uint32_t locked_to;          /* the only node that may change it; 0: any */
	uint32_t icon;               /* code point; 0: none */
	uint8_t name_len; /* of the request's body; the description follows */
};
struct radio_request { /* made by meshd/site/air.c and by nobody else */
	uint64_t request;
	enum radio_request_kind kind;
	struct id to; /* ID_NONE: everybody */
	uint8_t channel, want_ack;
	uint8_t hop_limit;      /* HOPS_AS_SET: the radio's own */
	bool emoji;             /* TEXT: a reaction to `reply` */
	bool tells;             /* POSITION, TELEMETRY: with what is known of ours */
	uint32_t packet;        /* its number on the air; 0: the driver makes one up */
	uint32_t reply;         /* TEXT: the number of the packet it answers; 0: none */
	struct bytes_view body; /* text, poll command, or a client's frame */
	struct radio_waypoint waypoint; /* WAYPOINT: all but its words */
};
enum { HOPS_AS_SET = 255 };
struct radio_modem {
	uint32_t bandwidth_hz;
	uint8_t spread, rate; /* spreading factor; 5 to 8: 4/5 to 4/8 */
};
struct radio_air {     /* what the radio told of the air, and of its queue */
	uint64_t cell; /* radios with one number share one channel of the air */
	struct radio_modem modem;
	uint32_t duty_permille;    /* of an hour, that the region allows */
	bool transmits;            /* false: switched off at the radio */
	float channel_utilization; /* percent of the last minute; 0 until told */
	float air_util_tx;         /* percent of the last hour */
	uint8_t queue_free;        /* places; UINT8_MAX: not told */
	uint8_t channels;          /* in use, by index a bit each; 0: not told */
};
struct radio_setting {                   /* a section of what a radio is set to */
	struct text_view section, group; /* "lora"; "config" */
	bool told;                       /* false: the radio has not told it */
	bool asked;              /* it tells it when asked, and not with the rest */
	struct tree_view values; /* by official names; a secret may be null */
};
struct radio_difference { /* between what a radio is set to and what is wanted */
	struct text_view section, name; /* "lora", "hop_limit" */
	struct tree_view from, to;      /* bare values; empty: its default */
};
struct radio_plan { /* what would make it so; `rows` is the caller's */
	struct radio_difference *rows;
	size_t cap, count;
	struct bytes_out orders; /* in the driver's own words */
	bool transmits;          /* the radio tells its mesh some of it at once */
};
enum radio_order_kind { ORDER_APPLY, ORDER_TELL };
struct radio_order {    /* to the radio itself; what it hears so it keeps to itself */
	uint64_t order; /* RADIO_ORDERED says how it ended; never 0 */
	enum radio_order_kind kind;
	struct bytes_view orders; /* APPLY: of a plan; all of them or none */
	bool transmits;           /* APPLY: as the plan says */
	struct text_view section; /* TELL: which the radio is to tell */
};
struct radio_ordered { /* how it ended */
	enum radio_sent sent;
	uint16_t reason;
};
enum {                 /* `reason` of an APPLY whose link was lost */
	ORDER_CUT = 1, /* amid it: nothing is saved */
	ORDER_SAVED    /* when all was said and the radio was to save it */
};
enum { RADIO_ORDER_MS = 310 * 1000 }; /* an order that was taken has ended by then */
struct radio_channel {                /* one that the radio has the key of */
	uint64_t has;                 /* RADIO_CHANNEL_* */
	uint8_t index, hash;          /* as packets name it, read and sealed */
	struct text_view role, name, key;
	bool uplink, downlink, muted;
	uint32_t precision; /* bits of a position told on it */
};
enum {
	RADIO_CHANNEL_INDEX,
	RADIO_CHANNEL_ROLE,
	RADIO_CHANNEL_NAME,
	RADIO_CHANNEL_KEY,
	RADIO_CHANNEL_HASH,
	RADIO_CHANNEL_UPLINK,
	RADIO_CHANNEL_DOWNLINK,
	RADIO_CHANNEL_MUTED,
	RADIO_CHANNEL_PRECISION
};
struct radio_params { /* from the [radio] section; texts borrowed for create */
	struct text_view name;
	uint32_t heartbeat_ms, silence_ms;
	bool hears_proxy;         /* what it hands its client for an MQTT broker */
	struct text_view keys;    /* lines of a keys file; may be empty */
	bool set_time;            /* a clock that is missing or far off is set */
	uint64_t seed;            /* driver sim, and nonces of the others */
	uint32_t sim_nodes;       /* driver sim: nodes in the cell; 0: 12 */
	double sim_x, sim_y;      /* driver sim: our place in the cell, metres */
	uint32_t sim_interval_ms; /* driver sim: mean gap between packets; 0: 4000 */
};
/* What a radio is set to, and orders to the radio itself. */
struct radio_admin_ops { /* all rows filled */
	/* Section `index` of its settings, as far as told; false past the end. */
	bool (*setting)(const struct radio *r, size_t index, bool secrets,
	    struct arena *into, struct radio_setting *out);
	/* Channel `index` of those in use; false past the end. */
	bool (*channel)(const struct radio *r, size_t index, struct arena *into,
	    struct radio_channel *out);
	/* What `wanted` would change of a section, added to `plan`; null there means
	 * "as it is", what is absent gets its default.  MESH_NOT_FOUND: no such
	 * section. MESH_MALFORMED: `complaint` says "lora.hop_limit: ...".  MESH_FULL:
	 * no room. */
	enum mesh_err (*compare)(const struct radio *r, struct text_view section,
	    struct tree_view wanted, struct arena *into, struct radio_plan *plan,
	    struct bytes_out *complaint);
	/* MESH_FULL: not connected, or busy with another order.  MESH_MALFORMED: no
	 * orders, no such section.  MESH_TRUNCATED: too many. */
	enum mesh_err (*administer)(
	    struct radio *r, const struct radio_order *o, struct mesh_now now);
};
struct radio_ops {        /* all rows but `admin` filled */
	const char *name; /* config word */
	enum radio_network network;
	bool needs_link; /* false: sim, it has no bytes */
	bool datagrams;  /* each `receive` is one whole message, not a stretch of a
			    stream */
	struct radio *(*create)(
	    const struct radio_params *params); /* NULL: no memory */
	void (*destroy)(struct radio *r);
	void (*link_up)(struct radio *r, struct mesh_now now);
	void (*link_down)(struct radio *r, struct mesh_now now);
	void (*receive)(struct radio *r, struct bytes_view bytes, struct mesh_now now);
	void (*tick)(struct radio *r, struct mesh_now now);
	enum mesh_err (*submit)(
	    struct radio *r, const struct radio_request *q, struct mesh_now now);
	/* Bytes of text that such a request may carry. */
	size_t (*text_max)(const struct radio_request *q);
	/* On the air, once, in ms. */
	uint32_t (*airtime)(const struct radio *r, const struct radio_request *q);
	/* False: not told yet, or it has no transmitter. */
	bool (*air)(const struct radio *r, struct radio_air *out);
	const struct radio_admin_ops *admin; /* NULL: it has nothing of that */
	bool (*next_bytes)(struct radio *r, struct bytes_view *out); /* for the link */
	bool (*next_event)(struct radio *r, struct radio_event *out);
	mesh_time_ms (*deadline)(const struct radio *r);
	uint64_t (*counter)(const struct radio *r, size_t index); /* radio_counters */
};
/* The driver's; of one without: nothing is told, and MESH_DENIED.  Never NULL. */
const struct radio_admin_ops *radio_admin(const struct radio_ops *driver);
/* Are these lines of a keys file?  False: `complaint` says "line 3: ...". */
bool radio_keys_check(struct text_view keys, struct bytes_out *complaint);
extern const struct radio_ops *const radio_drivers[]; /* ends with NULL; drivers.c */
const struct radio_ops *radio_driver(struct text_view name); /* or NULL */
extern const struct counter_list radio_counters;
#endif
