/* columns.h - how the lists of operations look on a terminal.  Floor 11. */
#ifndef MESHCTL_COLUMNS_H
#define MESHCTL_COLUMNS_H
#include "op.h"
#include "tables.h"

/* Ends with an empty one.  NULL: it is no list. */
const struct column *columns_of_list(const struct op *op);
/* Of entries that are shown with their numbers. */
const struct column *columns_of_embeddings(void);
#endif
