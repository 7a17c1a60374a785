/* mt_recording.h - recorded Meshtastic sessions with their official decoding, for
 * tests.
 *
 * A session is NAME.jsonl (chunks as they were read) and NAME.decoded.json.  Every one
 * found in the folder is used: a new recording needs no code. */
#ifndef MT_RECORDING_H
#define MT_RECORDING_H
#include "check_mesh.h"
#include "tree.h"
#include <jansson.h>

struct mt_chunk {
	char from[8]; /* client, radio, ether */
	uint8_t *ptr;
	size_t len;
};
struct mt_recording {
	char name[128];
	struct mt_chunk
	    *chunks; /* by line, so that `chunk` of the decoding is an index */
	size_t count;
	json_t *decoded;
	const char *list; /* the decoding's member: "frames" or "datagrams" */
};
/* Call `each` for every recording in vectors/meshtastic; the number of them. */
size_t mt_recordings(void (*each)(const struct mt_recording *r));
/* One of them, by name; to be freed. */
struct mt_recording mt_recording_read(const char *name);
void mt_recording_free(struct mt_recording *r);
/* Bytes as JSON has them; for the life of the next call. */
const char *mt_base64(struct bytes_view v);
/* Bytes of a hex member, in a block to free; NULL and 0 if there is none. */
uint8_t *mt_hex(json_t *object, const char *key, size_t *len);
/* Compare with proto3 JSON; fails the test with the path of the first difference. */
void mt_compare(struct tree_view tree, json_t *official, const char *where);
#endif
