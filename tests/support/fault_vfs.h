/* fault_vfs.h - a disk that fails at the n-th write: SQLite's own, wrapped.
 *
 * Becomes the default VFS when it is installed, so that what is under test need not
 * know. Writes, truncations and syncs of all files count; from the n-th on all fail
 * until fault_vfs_heal, as on a full disk.  A slow one: syncs wait while it is held.
 * Of any thread. */
#ifndef FAULT_VFS_H
#define FAULT_VFS_H

enum fault {
	FAULT_FULL,
	FAULT_IO,
	FAULT_GROWTH, /* a full disk to the letter: what has its place is written */
	FAULT_SYNC    /* syncs alone */
};
void fault_vfs_install(void);
void fault_vfs_arm(unsigned long n, enum fault kind); /* 1: the next one */
void fault_vfs_heal(void);
unsigned long fault_vfs_failed(void); /* calls that failed since it was armed */
unsigned long fault_vfs_synced(void); /* syncs asked for so far */
void fault_vfs_hold(void);            /* any thread that syncs waits from now on */
void fault_vfs_go_on(void);
#endif
