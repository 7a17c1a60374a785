/* player_recording.h - a recorded session, cut up for playing.
 *
 * Radio lines are split around the ends of the configuration, because those must carry
 * the number of whoever asks; a line that is cut keeps its pieces joined.  Lines
 * `ether` are not the radio's and are left out.  Anything wrong ends the program. */
#ifndef PLAYER_RECORDING_H
#define PLAYER_RECORDING_H
#include "mt_codec.h"

enum side { SIDE_CLIENT, SIDE_RADIO };

struct line { /* of the recording */
	enum side side;
	int64_t t_ms;
	struct bytes_view bytes;
	bool eof;
	bool complete;  /* the end of the configuration, with our client's number */
	bool joined;    /* the same chunk as the line before */
	uint32_t wants; /* SIDE_CLIENT: asks for the configuration so many times */
};
struct recording {
	struct line *lines;
	size_t count;
};

void recording_read(const char *path, struct recording *r);
#endif
