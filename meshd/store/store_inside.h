/* store_inside.h - the store and its three threads: for store.c, store_threads.c and
 * store_said.c.
 *
 * The writer commits, the syncer waits for the disk, the reader answers; each takes
 * from a queue of its own and wakes the loop when there is something to be had.
 * Without threads store_work does all of it.  Floor 6. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H
#include "reader.h"
#include "store.h"
#include "writer.h"

struct store {
	bool threads;
	void (*wake)(void *ctx);
	void *wake_ctx;
	struct faults faults;
	struct queue writes, syncs, reads;
	struct writer writer;
	struct syncer syncer;
	struct reader reader;
	struct said said;
	pthread_t writing, syncing, reading;
	bool is_writing, is_syncing, is_reading; /* the threads run */
	int retry, rest; /* timerfds of the writer: while read-only, after a batch */
	struct request_list unwritten; /* told early, and the disk refused it */
	struct request *lent; /* one of these that is written: its record is shown */
	bool was_readonly;    /* at the last tick */
	unix_ms last_tick;
	uint8_t netid[16];
};

int store_threads_start(struct store *s); /* 0 or -errno */
/* Each ends what it has in hand. */
void store_threads_stop(struct store *s);
bool store_read_next(struct store *s); /* the reader's; false: nothing waits */

/* What was told early.  At the start; `path` NULL: nothing is. */
void store_said_open(struct store *s, const char *path, const struct mesh_key *self);
/* The outcome of `r` is taken.  True: it is not its last, and `r` is the store's. */
bool store_said_keep(struct store *s, struct request *r);
/* The same of one that was refused before.  True: it is written now, which is to be
 * told, and `r` is the store's until the next outcome; else it is gone or kept. */
bool store_said_is_news(struct store *s, struct request *r);
void store_said_forget_lent(struct store *s);
/* What the disk has refused is put to it once more. */
void store_said_write_again(struct store *s);
void store_said_close(struct store *s);
#endif
