#include "fault_vfs.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

/* The wrapped file lies behind ours in SQLite's block. */
struct fault_file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;
static atomic_ulong synced;       /* calls */
static atomic_ulong left, failed; /* `left`: until the next failure; 0: healthy */
static atomic_int error;
static atomic_int growth_only, syncs_only;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t going_on = PTHREAD_COND_INITIALIZER;
static int held;

void
fault_vfs_hold(void)
{
	pthread_mutex_lock(&lock);
	held = 1;
	pthread_mutex_unlock(&lock);
}

void
fault_vfs_go_on(void)
{
	pthread_mutex_lock(&lock);
	held = 0;
	pthread_cond_broadcast(&going_on);
	pthread_mutex_unlock(&lock);
}

static void
wait_while_held(void)
{
	pthread_mutex_lock(&lock);
	while (held)
		pthread_cond_wait(&going_on, &lock);
	pthread_mutex_unlock(&lock);
}

void
fault_vfs_arm(unsigned long n, enum fault kind)
{
	failed = 0;
	error = kind == FAULT_IO ? SQLITE_IOERR_WRITE : SQLITE_FULL;
	growth_only = kind == FAULT_GROWTH;
	syncs_only = kind == FAULT_SYNC;
	left = n; /* last: a store's threads may be at work */
}

void
fault_vfs_heal(void)
{
	left = 0;
}

unsigned long
fault_vfs_failed(void)
{
	return failed;
}

unsigned long
fault_vfs_synced(void)
{
	return atomic_load(&synced);
}

/* Does this call fail?  From the n-th on every one does. */
static int
fails(void)
{
	unsigned long n = left;
	while (n > 1)
		if (atomic_compare_exchange_weak(&left, &n, n - 1))
			return 0;
	failed += n;
	return n == 1;
}

static sqlite3_file *
real(sqlite3_file *f)
{
	return ((struct fault_file *)(void *)f)->real;
}

static int
f_close(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}
static int
f_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), to, n, at);
}
static int
has_its_place(sqlite3_file *f, sqlite3_int64 end)
{
	sqlite3_int64 length = 0;
	return growth_only &&
	    real(f)->pMethods->xFileSize(real(f), &length) == SQLITE_OK &&
	    end <= length;
}
static int
f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	return !syncs_only && !has_its_place(f, at + n) && fails()
	    ? error
	    : real(f)->pMethods->xWrite(real(f), from, n, at);
}
static int
f_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return !growth_only && !syncs_only && fails()
	    ? SQLITE_IOERR_TRUNCATE
	    : real(f)->pMethods->xTruncate(real(f), n);
}
static int
f_sync(sqlite3_file *f, int flags)
{
	atomic_fetch_add(&synced, 1);
	wait_while_held();
	return !growth_only && fails() ? SQLITE_IOERR_FSYNC
				       : real(f)->pMethods->xSync(real(f), flags);
}
static int
f_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real(f)->pMethods->xFileSize(real(f), n);
}
static int
f_lock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xLock(real(f), how);
}
static int
f_unlock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xUnlock(real(f), how);
}
static int
f_reserved(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
static int
f_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}
static int
f_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}
static int
f_device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}
static int
f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
static int
f_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}
static void
f_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}
static int
f_shm_unmap(sqlite3_file *f, int drop)
{
	return real(f)->pMethods->xShmUnmap(real(f), drop);
}

static const sqlite3_io_methods methods = { 2, f_close, f_read, f_write, f_truncate,
	f_sync, f_size, f_lock, f_unlock, f_reserved, f_control, f_sector, f_device,
	f_shm_map, f_shm_lock, f_shm_barrier, f_shm_unmap, NULL, NULL };

static int
v_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	struct fault_file *file = (struct fault_file *)(void *)f;
	(void)v;
	file->real = (sqlite3_file *)(void *)(file + 1);
	int err = real_vfs->xOpen(real_vfs, name, file->real, flags, out);
	file->base.pMethods = err == SQLITE_OK ? &methods : NULL;
	return err;
}

void
fault_vfs_install(void)
{
	if (real_vfs != NULL)
		return;
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "fault";
	vfs.pNext = NULL;
	vfs.szOsFile = real_vfs->szOsFile + (int)sizeof(struct fault_file);
	vfs.xOpen = v_open;
	sqlite3_vfs_register(&vfs, 1);
}
