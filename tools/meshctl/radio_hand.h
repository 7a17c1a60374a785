/* radio_hand.h - what probing and diagnosing a radio by hand have in common: whose it
 * is, who is at it, how it goes on.  Floor 11. */
#ifndef MESHCTL_RADIO_HAND_H
#define MESHCTL_RADIO_HAND_H
#include "arguments.h"
#include "radio_try.h"
#include <jansson.h>

enum { RADIO_HAND_REST_MS = 1000 }; /* the radio frees its last link */

void radio_hand_heed(void); /* interrupts, from here on */
bool radio_hand_interrupted(void);
void radio_hand_pause(uint32_t ms); /* or until interrupted */
/* `code`, and why. */
enum exit_code radio_hand_refuse(enum exit_code code, const char *what);
void radio_hand_print(json_t *object);                               /* takes it */
const char *radio_hand_text(const json_t *object, const char *path); /* or "" */
json_t *radio_hand_tried(const struct radio_tried *t);

/* The radio of this site that has this place; NULL: none. */
const json_t *radio_hand_owner(const json_t *radios, const struct radio_place *p);
enum exit_code radio_hand_release(const struct options *o, const char *id, uint32_t ms);
/* EXIT_OK: no other meshctl of this site or this user is at it, until we end. */
enum exit_code radio_hand_claim(const struct options *o, const struct radio_place *p);
/* EXIT_OK: for so long no meshd here is at the radio, nor comes back to it. */
enum exit_code radio_hand_free(
    const struct options *o, const struct radio_place *p, uint32_t ms);

struct radio_watching {
	const struct options *o;
	const char *what;
	uint32_t of_ms;
};
void radio_hand_tell(const struct radio_watching *w, uint32_t passed_ms,
    uint64_t frames, uint64_t losses);
/* A radio_progress over a struct radio_watching. */
bool radio_hand_progress(void *ctx, const struct radio_tried *t, uint32_t passed_ms);
void radio_hand_end(const struct options *o); /* of the line that it wrote */
#endif
