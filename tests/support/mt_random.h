/* mt_random.h - random messages from the field tables, for tests.
 *
 * Every row gets its turn with every kind of value: smallest, largest, a word, a number
 * without a word, text of all lengths of UTF-8.  Fields that hold a default which is
 * not sent are left out, so decode(encode(tree)) is the tree. */
#ifndef MT_RANDOM_H
#define MT_RANDOM_H
#include "arena.h"
#include "protobuf.h"

/* From check_mesh's generator.  Lives in `into`; count 0 is a message too. */
struct tree_view mt_random(const struct protobuf_table *t, struct arena *into);
#endif
