/* port_words.h - what went wrong with a link, for people.  Floor 7.  Pure. */
#ifndef PORT_WORDS_H
#define PORT_WORDS_H
#include "bytes.h"

/* Plain words for what the system says most; the number for the rest. */
void port_words_errno(int err, struct bytes_out *out);
#endif
