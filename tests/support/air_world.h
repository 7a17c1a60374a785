/* air_world.h - a site's gate and outbox with one Meshtastic radio, "roof", node 16,
 * played by a test over a link that exists in memory only. */
#ifndef AIR_WORLD_H
#define AIR_WORLD_H
#include "check_mesh.h"
#include "mt_codec.h"
#include "outbox.h"

enum { AIR_SENT = 128 };
enum air_radio_mood { RADIO_TAKES, RADIO_MUTE, RADIO_REFUSES, RADIO_IS_FULL };
struct air_world {
	struct ports *ports;
	struct air *air;
	struct outbox *outbox;
	struct feed *feed;
	struct feed_reader told; /* of topic FEED_MESSAGE */
	struct meshd_counts counts;
	struct mesh_now now;
	enum air_radio_mood mood;
	bool away;        /* nobody answers at its address */
	const char *lora; /* Config.lora in hex, of its next connection */
	uint8_t free_places;
	struct { /* what it was given */
		struct mt_packet p;
		mesh_time_ms ms;
		char text[240];
	} sent[AIR_SENT];
	size_t sent_count;
	struct { /* what the store was given by slot */
		uint8_t bytes[OUTBOX_BODY];
		size_t len;
	} kept[OUTBOX_MESSAGES];
	struct { /* airtime, as outbox messages are */
		uint8_t bytes[512];
		size_t len;
	} airtime[PORTS_MAX];
	bool store_is_full;
	enum mesh_err disk_err; /* what becomes of a write that the store took */
	struct {
		uint64_t number;
		enum mesh_err err;
	} written[AIR_SENT]; /* not told yet */
	size_t written_count;
	uint64_t caller; /* of the writes that were told of, together */
};
extern struct air_world world;

void air_world_start(bool tx);
void air_world_restart(bool tx); /* the same disk */
void air_world_stop(void);
/* Everything that comes to pass in so long, at its time. */
void air_world_pass(mesh_time_ms ms);
void air_world_hang_up(void); /* the radio does */
/* It says a FromRadio member; of a packet of ours what Routing says, from whom. */
void air_world_say(uint32_t member, struct bytes_view message);
void air_world_route(uint32_t from, uint32_t packet, uint8_t error);
void air_world_queue(uint8_t free_places);
void air_world_utilization(float channel, float ours);
#endif
