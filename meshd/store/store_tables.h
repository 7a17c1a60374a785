/* store_tables.h - the tables of the database, in three sorts.
 *
 * Logs are the truth and replicated: record, log, batch, holding, vector_block,
 * vector_room.
 * Kept are local facts that nobody can resend: kept, mark.  Views are folded from the
 * logs and may be dropped at any time: packet, node, state, alert; `view` says which
 * version of the fold filled them. Only logs and kept migrate.  Floor 6. */
#ifndef STORE_TABLES_H
#define STORE_TABLES_H
#include "types.h"

enum { STORE_SCHEMA = 3 };               /* PRAGMA user_version: of logs and kept */
extern const char store_tables_first[];  /* step 1: logs and kept as first released */
extern const char store_tables_second[]; /* step 2: slim logs */
extern const char store_tables_third[];  /* step 3: what live records count for */
extern const char store_tables_views[];  /* CREATE IF NOT EXISTS, every start */
/* The view tables, in the order of views[] (views.c). */
extern const char *const store_table_names[];
#endif
