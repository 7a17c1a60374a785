#include "wal_room.h"
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { GROW_BYTES = 1 << 18, FILL_BYTES = 1 << 14, HEADER_BYTES = 32 };

/* The wrapped file lies behind ours in SQLite's block. */
struct wal {
	sqlite3_file base;
	sqlite3_file *real;
	sqlite3_int64 length; /* of the file; it is never longer than that */
	sqlite3_int64 allowed;
};
struct wrapping {
	sqlite3_vfs base; /* first: SQLite hands it back */
	sqlite3_vfs *real;
};
static struct wrapping shared, alone;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct wal *
wal_of(sqlite3_file *f)
{
	return (struct wal *)(void *)f;
}

static sqlite3_file *
real(sqlite3_file *f)
{
	return wal_of(f)->real;
}

/* Zeros, and not a hole: blocks that are ours. */
static int
grow(struct wal *w, sqlite3_int64 length)
{
	static const char zeros[FILL_BYTES];
	int err = SQLITE_OK;
	while (err == SQLITE_OK && w->length < length) {
		sqlite3_int64 left = length - w->length;
		int n = left < FILL_BYTES ? (int)left : FILL_BYTES;
		err = w->real->pMethods->xWrite(w->real, zeros, n, w->length);
		if (err == SQLITE_OK)
			w->length += n;
	}
	return err;
}

/* Is there room for what ends here, and the promised room behind it? */
static int
make_room(struct wal *w, sqlite3_int64 end)
{
	if (end + WAL_ROOM_BYTES <= w->length)
		return SQLITE_OK;
	int err = grow(w, end + WAL_ROOM_BYTES + GROW_BYTES);
	bool fits = end + WAL_ROOM_BYTES - w->allowed <= w->length;
	return fits ? SQLITE_OK : err;
}

static int
w_close(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}
static int
w_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), to, n, at);
}
static int
w_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	int err = make_room(wal_of(f), at + n);
	return err == SQLITE_OK ? real(f)->pMethods->xWrite(real(f), from, n, at) : err;
}

/* To nothing: all of it is in the database.  Without its header it is empty, too. */
static int
w_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	static const char no_header[HEADER_BYTES];
	struct wal *w = wal_of(f);
	if (n == 0)
		return w->length < HEADER_BYTES
		    ? SQLITE_OK
		    : real(f)->pMethods->xWrite(real(f), no_header, HEADER_BYTES, 0);
	if (n + WAL_ROOM_BYTES >= w->length)
		return SQLITE_OK;
	w->length = n + WAL_ROOM_BYTES;
	return real(f)->pMethods->xTruncate(real(f), w->length);
}
static int
w_sync(sqlite3_file *f, int flags)
{
	return real(f)->pMethods->xSync(real(f), flags);
}
static int
w_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real(f)->pMethods->xFileSize(real(f), n);
}
static int
w_lock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xLock(real(f), how);
}
static int
w_unlock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xUnlock(real(f), how);
}
static int
w_reserved(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
static int
w_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}
static int
w_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}
static int
w_device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

/* Version 1: nobody maps a WAL or asks it for an index. */
static const sqlite3_io_methods methods = { .iVersion = 1,
	.xClose = w_close,
	.xRead = w_read,
	.xWrite = w_write,
	.xTruncate = w_truncate,
	.xSync = w_sync,
	.xFileSize = w_size,
	.xLock = w_lock,
	.xUnlock = w_unlock,
	.xCheckReservedLock = w_reserved,
	.xFileControl = w_control,
	.xSectorSize = w_sector,
	.xDeviceCharacteristics = w_device };

static int
open_wal(sqlite3_vfs *vfs, sqlite3_filename name, struct wal *w, int flags, int *out)
{
	*w = (struct wal){ .real = (sqlite3_file *)(void *)(w + 1) };
	int err = vfs->xOpen(vfs, name, w->real, flags, out);
	if (err == SQLITE_OK)
		err = w->real->pMethods->xFileSize(w->real, &w->length);
	/* Without methods SQLite takes it for not open: then it is not. */
	if (err != SQLITE_OK && w->real->pMethods != NULL)
		w->real->pMethods->xClose(w->real);
	w->base.pMethods = err == SQLITE_OK ? &methods : NULL;
	return err;
}

static int
v_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	sqlite3_vfs *vfs = ((struct wrapping *)(void *)v)->real;
	return (flags & SQLITE_OPEN_WAL) != 0
	    ? open_wal(vfs, name, wal_of(f), flags, out)
	    : vfs->xOpen(vfs, name, f, flags, out);
}

static void
wrap(struct wrapping *w, const char *name, sqlite3_vfs *over)
{
	if (over == NULL)
		return;
	w->real = over;
	w->base = *over;
	w->base.pNext = NULL;
	w->base.szOsFile = over->szOsFile + (int)sizeof(struct wal);
	w->base.xOpen = v_open;
	w->base.zName = name;
	if (sqlite3_vfs_register(&w->base, 0) != SQLITE_OK)
		w->base.zName = NULL;
}

static void
install(void)
{
	wrap(&shared, "wal-room", sqlite3_vfs_find(NULL));
	wrap(&alone, "wal-room-alone", sqlite3_vfs_find("unix-excl"));
}

const char *
wal_room_vfs(void)
{
	pthread_once(&once, install);
	return shared.base.zName;
}

const char *
wal_room_vfs_alone(void)
{
	pthread_once(&once, install);
	return alone.base.zName;
}

void
wal_room_keep(sqlite3 *db)
{
	int on = 1;
	sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
}

void
wal_room_allow(sqlite3 *db, int bytes)
{
	sqlite3_file *f = NULL;
	sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f);
	if (f != NULL && f->pMethods == &methods)
		wal_of(f)->allowed = bytes;
}
