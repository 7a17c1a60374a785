/* mt_radio.h - the state of one Meshtastic session, and the few verbs that all of it
 * uses.
 *
 * Private to mt_radio.c, mt_frames.c (what the radio says) and mt_session.c (the
 * driver: time, link, requests).  Frames are decoded one by one as events are fetched;
 * `arena` holds what the events of the present frame point to.  Floor 3.  Pure. */
#ifndef RADIO_MT_RADIO_H
#define RADIO_MT_RADIO_H
#include "arena.h"
#include "mt_admin.h"
#include "mt_cache.h"
#include "mt_clock.h"
#include "mt_codec.h"
#include "mt_delivery.h"
#include "mt_handshake.h"
#include "mt_hold.h"
#include "mt_identity.h"
#include "mt_opener.h"
#include "mt_repeats.h"
#include "radio_counters.h"
#include "stream.h"

enum mt_radio_limits {
	INPUT_BYTES = 16384, /* four reads of the port */
	OUTPUT_BYTES = 4096, /* what the port takes at once; eight frames */
	ARENA_BYTES = 98304, /* the worst frame: 512 bytes of one-byte fields, thrice */
	CACHE_BYTES = 65536, /* configuration 2 KiB, 250 nodes of up to 327 bytes */
	CACHE_ENTRIES = 384,
	EVENTS = 32,
	MT_OWN_BYTES = 96, /* a position or telemetry of ours */
	GRACE_MS = 5000    /* for an answer to a heartbeat; and between two clocks */
};
struct mt_own { /* payloads as our node said them last; mt_own.h */
	uint8_t position[MT_OWN_BYTES], metrics[MT_OWN_BYTES];
	uint8_t position_len, metrics_len; /* 0: not in this link */
};
struct radio {
	uint32_t heartbeat_ms, silence_ms, grace_ms;
	struct mesh_now now; /* of the last input */
	unix_ms up_unix_ms;
	bool undrained; /* events may wait */
	bool ready;
	bool answers; /* this firmware answers heartbeats */
	bool hears_proxy;
	bool recalls; /* this firmware tells old news as packets */
	mesh_time_ms heard_ms, heartbeat_due_ms, unanswered_ms;
	uint32_t unanswered;
	struct mt_handshake handshake;
	struct mt_delivery delivery;
	struct mt_admin admin;
	size_t asked_section;  /* by the order in it */
	struct mt_clock clock; /* orders of number 0 are its */
	uint32_t answer_time;  /* rx_time of the last answer to an order */
	bool air_known;        /* the radio told its modem settings */
	uint8_t hop_limit;
	struct radio_air air;
	struct mt_cache cache;
	struct mt_opener opener;
	struct mt_hold hold;
	struct mt_identity identity;
	struct mt_repeats repeats;
	struct mt_own own;
	uint32_t starts; /* of the radio in its life, as it told in this link */
	struct stream stream;
	struct arena arena;
	struct bytes_out output;
	size_t output_given;
	struct radio_event events[EVENTS];
	size_t event_next, event_count;
	uint64_t counters[COUNT_RADIO_ALL];
	uint8_t input_block[INPUT_BYTES], output_block[OUTPUT_BYTES];
	uint8_t cache_block[CACHE_BYTES], arena_block[ARENA_BYTES];
	struct mt_cache_entry cache_entries[CACHE_ENTRIES];
};

void mt_radio_count(struct radio *r, unsigned counter, uint64_t n);
/* For one event more. */
bool mt_radio_has_room(const struct radio *r);
/* NULL: nobody fetches events; the newest is lost. */
struct radio_event *mt_radio_event(struct radio *r, enum radio_event_kind kind);
/* SENT, and our own packet as a reception once it is on its way. */
void mt_radio_report(struct radio *r, const struct mt_outcome *outcome);
/* Decode again what the cache keeps; empty when there is nothing. */
struct tree_view mt_radio_cached(
    struct radio *r, const struct protobuf_table *t, uint32_t kind, uint32_t key);
/* First thing at every input: what next_bytes gave away is free again. */
void mt_radio_input(struct radio *r, struct mesh_now now);
/* False: no room, nothing was written. */
bool mt_radio_send(struct radio *r, struct bytes_view to_radio);
#endif
