/* embeddings.h - options that name a file of numbers become the numbers.
 *
 * `--embedding FILE` and `--like FILE`, `-` for stdin; what begins like JSON, or is hex
 * and no file, stands for itself.  The dtype (and scale) go along.  Floor 11. */
#ifndef MESHCTL_EMBEDDINGS_H
#define MESHCTL_EMBEDDINGS_H
#include "arguments.h"

/* EXIT_OK, or EXIT_USAGE after a message on stderr. */
enum exit_code embeddings_fill(struct arguments *a);
#endif
