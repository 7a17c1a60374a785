/* model_world.h - sites, receptions and records for the tests of meshd's model and
 * above. */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H
#include "check_mesh.h"
#include "describe.h"
#include "packet.h"
#include "sites.h"

/* The key of test site `n`: all its bytes are n. */
struct mesh_key world_key(uint8_t n);
struct mesh_position world_at(uint8_t site, enum mesh_lane lane, uint64_t seq);
/* A text "hi" that Meshtastic node `from` sent as packet `id`, heard at `time_ms`. */
struct reception world_reception(uint32_t from, uint32_t id, unix_ms time_ms);
/* An object as JSON, for the operator; valid until the 4th next call. */
const char *world_json(const struct field_table *t, const void *object);
/* A permutation of 0 .. count - 1. */
void world_shuffle(size_t *order, size_t count);
/* Sites 1 .. count, named "s1", "s2" ... */
struct sites world_sites(size_t count);
#endif
