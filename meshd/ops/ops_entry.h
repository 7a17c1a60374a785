/* ops_entry.h - what the registry's operations share: their parameters.  Floor 8. */
#ifndef OPS_ENTRY_H
#define OPS_ENTRY_H
#include "call_inside.h"
#include "entry.h"

/* Each: false when the call has failed and says why. */
bool ops_entry_type(struct call *c);
/* Type, site and filter parameters as the filter of a question. */
bool ops_entry_narrow(struct call *c, struct store_question *q);
/* What this site holds, and what it leaves out. */
void ops_entry_list_here(struct call *c);
bool ops_entry_dtype(struct call *c, struct entry_put *put);
/* A hash in hex, into the call's arena. */
bool ops_entry_hash(
    struct call *c, const char *name, struct text_view hex, struct bytes_view *out);
/* Numbers or hex, into the call's arena, with dim; needs the dtype. */
bool ops_entry_embedding(
    struct call *c, const char *name, struct tree_view given, struct entry_put *put);
#endif
