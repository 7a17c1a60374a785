/* mt_play.h - recorded sessions played to the simulated radio, for its test.
 *
 * What the recorded client said goes in at the recorded times; what the recorded radio
 * heard from others goes in as heard; what comes out must be what the recorded radio
 * said, frame by frame in its order, every field of it.  Its state comes from the
 * recording.  Ids of the radio's own choice are other ones, but mean the same packets.
 * Not compared, because no client caused it:
 *  - copies of simulated air (port 69, `encrypted` from itself), each with one status;
 *  - statistics, and positions nobody asked for, each with its status;
 *  - what the tap put in (frames that are none, or empty);
 *  - metrics by content: they are another machine's;
 *  - the order of the other nodes in a list, and one place in the queue more or less:
 *    real air is not so punctual. */
#ifndef MT_PLAY_H
#define MT_PLAY_H
#include "check_mesh.h"
#include "mt_codec.h"
#include "mt_device.h"
#include "mt_recording.h"
#include "stream.h"

enum play_limits {
	ROUND = 512,
	START_MS = 1000, /* where the recorded clock is 0 */
	NEAR_MS = 1500,  /* between the recorded time of a frame and ours */
	SENT_MS = 100,
	LATE_MS = 10,   /* before a client is gone: the radio may not have come to it */
	ARENA = 1 << 17 /* of one decoded frame */
};
enum play_but { /* what is different, and why */
	SAME,
	RETEST = 1,    /* a real radio does not look twice at the byte behind 94; we do,
			  so one request more is answered */
	CROWDED = 2,   /* the second status of simulated air pushed one out of two */
	BROKER = 4,    /* MQTT through the client is not simulated: its messages, what
			  came down by it and what it led to */
	LEFTOVER = 8,  /* a status that the client before did not wait for */
	KICKED = 16,   /* the next client ended it; that is the server's part */
	POSITIONS = 32 /* its own positions are caused by the client, and compared */
};
struct play_session {
	const char *name;
	const char *before; /* another connection that was played to the same radio */
	unsigned but;       /* enum play_but, or-ed */
};
struct play_sent { /* one packet of ours on the air */
	uint32_t id, to, request_id;
	bool matched;
};
struct play {
	const struct play_session *session;
	struct mt_device *device;
	struct mesh_now now;
	struct stream stream;
	uint8_t block[8192];
	json_t *expected[ROUND * 2];
	size_t expected_count, next; /* the one that must come now */
	bool comparing, crowded;
	mesh_time_ms more_ms; /* when more came than was recorded; 0: never */
	struct play_sent sent[ROUND];
	size_t sent_count;
	uint32_t theirs[ROUND], ours[ROUND]; /* ids of the radio's choice */
	size_t id_count;
	mesh_time_ms client_gone_ms;
	bool radio_ended, must_end;
};
extern struct play play;

uint32_t play_uint(json_t *object, const char *key);
mesh_time_ms play_time_of(json_t *frame);
bool play_is_from(json_t *frame, const char *who);
const char *play_port_of(json_t *packet);
/* Simulated air's copy of something that the radio transmitted. */
bool play_is_copy(json_t *packet);
/* Ids of the radio's choice: theirs and ours. */
bool play_knows_id(uint32_t their);
uint32_t play_our_id(uint32_t their);
void play_learn_id(uint32_t their, uint32_t our);
/* Time goes from deadline to deadline, as in a server. */
void play_run_to(mesh_time_ms until);
/* Play the whole session to a radio with the recording's state; the test fails at the
 * first answer that is another. */
void play_session(const struct play_session *s);

/* --- mt_play_compare.c --- */

void play_expect(const struct mt_recording *r); /* all that will be compared */
void play_on_frame(struct bytes_view said);     /* our radio said it, now */
void play_check_end(void);
#endif
