/* introduce.h - INFO: what two sites say of themselves inside a handshake.
 *
 * The identity must be the one whose X25519 image just proved itself, and not ours;
 * the protocol ranges must overlap.  Floor 3.  Pure.  Source: PROTOCOL.md 6. */
#ifndef MESH_INTRODUCE_H
#define MESH_INTRODUCE_H
#include "mesh_counters.h"
#include "messages.h"
#include "session.h"

struct introduce { /* ourselves; texts borrowed */
	struct mesh_key key;
	uint64_t boot;
	uint8_t boot_id[MESSAGE_BOOT_ID];
	uint8_t proto_min, proto_max;
	uint64_t features;
	uint8_t ping_s; /* the least time between pings; 0: the default */
	bool has_cert;
	uint8_t cert_hash[32]; /* has_cert */
	struct text_view name; /* at most 24 bytes of it are told */
};
/* Append our INFO for the site at `to`, which reaches this session under `sid`. */
void introduce_write(const struct introduce *self, uint32_t sid,
    const struct mesh_path *to, struct bytes_out *out);
/* Read the other's.  `proved` is the static key of the handshake.  COUNT_RX_TAKEN, or
 * what to count: rx.shape, rx.hs_identity, rx.hs_version. */
enum mesh_counter introduce_read(const struct introduce *self, struct bytes_view info,
    const uint8_t proved[static NOISE_KEY], struct session_start *out);
#endif
