/* golden.h - vector files of lines `name | hex | expected text`; # begins a comment. */
#ifndef GOLDEN_H
#define GOLDEN_H
#include "types.h"

/* Calls `check` for each line of a file below tests/vectors; the bytes lie in a block
 * of exactly their size, so that ASan sees a read past the end.  Returns how many
 * lines. */
size_t golden_each(const char *path,
    void (*check)(const char *name, struct bytes_view bytes, const char *text));
#endif
