/* writer_inside.h - struct writer's transactions, for the files that are it: writer.c
 * (a batch becomes one) and writer_start.c (its start and stop).  Floor 6. */
#ifndef WRITER_INSIDE_H
#define WRITER_INSIDE_H
#include "writer.h"

enum { WRITER_LOOKS = 4 }; /* damaged rows that are looked at, each minute */

void writer_begin(struct writer *w, enum store_sync sync);
/* MESH_IO: nothing of it happened. */
enum mesh_err writer_commit(struct writer *w);
void writer_roll_back(struct writer *w);
void writer_publish(struct writer *w); /* versions and counts, for other threads */
/* sqlite3_wal_hook's: instead of SQLite's own, which folds within the commit. */
int writer_on_commit(void *writer, sqlite3 *db, const char *name, int pages);
#endif
