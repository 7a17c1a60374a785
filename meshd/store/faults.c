#include "faults.h"
#include "store.h"
#include <errno.h>
#include <sqlite3.h>

static const struct counter_row rows[] = { STORE_COUNTERS(COUNTER_ROW) };
const struct counter_list store_counter_list = { "store", rows, LENGTH(rows) };

void
faults_count(struct faults *f, enum store_count which)
{
	atomic_fetch_add_explicit(&f->counts[which], 1, memory_order_relaxed);
}

void
faults_note(struct faults *f, int sqlite_err)
{
	faults_count(f, sqlite_err == SQLITE_OK ? COUNT_COMMITS : COUNT_FAULTS);
	if (sqlite_err == SQLITE_OK)
		return;
	atomic_store(&f->full, (sqlite_err & 0xff) == SQLITE_FULL);
	atomic_store(&f->readonly, true);
}

void
faults_heal(struct faults *f)
{
	atomic_store(&f->readonly, false);
	atomic_store(&f->full, false);
}

int
faults_errno(int sqlite_err)
{
	switch (sqlite_err & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CANTOPEN:
		return -ENOENT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return -EILSEQ;
	default:
		return -EIO;
	}
}
