/* recorder.h - what goes over a Meshtastic link, as a recording that may be given away.
 *
 * Frame by frame, redacted (meshtastic/mt_redact.h), with the time since the recording
 * began: written down as tests/vectors/README.md says, it is a recording like those.
 * What no frame begins (console text, noise) is as many zero bytes before the next
 * frame, because it could hold anything.  RECORDER_BYTES wait for whoever fetches; when
 * they are full the newest frame is lost and counted.  Floor 4.  Pure. */
#ifndef RADIO_RECORDER_H
#define RADIO_RECORDER_H
#include "types.h"

enum { RECORDER_BYTES = 512 * 1024 };
struct recorder;
struct recorder_line {
	uint64_t t_ms;
	bool from_client, eof;   /* eof: the link ended */
	struct bytes_view bytes; /* until the next call */
};
struct recorder *recorder_new(mesh_time_ms now); /* NULL: no memory */
void recorder_free(struct recorder *r);
void recorder_take(
    struct recorder *r, bool from_client, struct bytes_view bytes, mesh_time_ms now);
void recorder_end(struct recorder *r, mesh_time_ms now);
bool recorder_next(struct recorder *r, struct recorder_line *out);
uint64_t recorder_lost(const struct recorder *r);
#endif
