/* replica.h - how much of what other sites enter into the registry is kept here.
 *
 * An index has all but the embeddings: lists, hashes, types and metadata are answered
 * here, only what lies near another embedding is asked of others.  Of types that are
 * not wanted the key alone stays, for it supersedes and is counted like any other.
 * Floor 5.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MODEL_REPLICA_H
#define MODEL_REPLICA_H
#include "text.h"

enum { REPLICA_TYPES = 1024 };
enum replica_part { REPLICA_WHOLE, REPLICA_INDEX, REPLICA_KEY, REPLICA_NOTHING };
struct replica { /* zero: all of everything */
	enum replica_part most;
	uint16_t types_len; /* 0: of all types */
	char types[REPLICA_TYPES];
};
/* `types`: words with commas between; longer than there is room for, it is cut. */
struct replica replica_of(enum replica_part most, struct text_view types);
/* Is there anything that is not kept whole? */
bool replica_is_partial(const struct replica *r);
/* Of entries of that type; empty: the least that is kept of any. */
enum replica_part replica_of_type(const struct replica *r, struct text_view type);
#endif
