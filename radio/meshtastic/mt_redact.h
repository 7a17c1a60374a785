/* mt_redact.h - a frame without what is nobody's business: keys, places, names, words.
 *
 * For recordings that people send to each other.  In the frame's own bytes, which keep
 * their length, so that framing, sizes and times stay what they were: text becomes x,
 * other bytes and numbers become 0.  Gone are keys and passwords, places, names of
 * people and networks, texts, what is sealed or opaque, and every field that has no row
 * in our tables, because nobody knows what it says.  Node numbers, packet ids, ports,
 * hops, signals, times and settings stay: they are why somebody records.  A frame that
 * is no message is blanked altogether.  Floor 3.  Pure. */
#ifndef RADIO_MT_REDACT_H
#define RADIO_MT_REDACT_H
#include "bytes.h"

enum mt_redact_side { MT_FROM_RADIO, MT_TO_RADIO };
/* `payload` is one FromRadio or ToRadio, without the stream's header. */
void mt_redact(enum mt_redact_side side, uint8_t *payload, size_t len);
#endif
