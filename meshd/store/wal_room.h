/* wal_room.h - room in the write-ahead log that no other program can take.
 *
 * Whoever fills a disk takes everything that is free, also what somebody gives up for
 * a moment.  So room for last words is not given up, it is kept inside the file that
 * they are written to: behind what is used of it the WAL always has WAL_ROOM_BYTES
 * more, filled with zeros, which SQLite's recovery does not take for frames.  Where
 * that cannot be had any more writes end with SQLITE_FULL, and only a transaction that
 * was allowed to may use the room.  A transaction that fails leaves its part of the WAL
 * to the next.
 *
 * A thin VFS over SQLite's own; only WAL files are wrapped.  The WAL outlives a close:
 * one that was folded into the database is marked as empty and keeps its length.
 * A file system that writes nothing in its place (btrfs, ZFS) gives no such promise.
 * Floor 6.  Edge. */
#ifndef WAL_ROOM_H
#define WAL_ROOM_H
#include <sqlite3.h>

enum { WAL_ROOM_BYTES = 1 << 20 };

/* Names of a VFS, for sqlite3_open_v2; NULL: SQLite has no such one.  Any thread. */
const char *wal_room_vfs(void);
/* The same with an index in memory: it needs no room for PATH-shm, and locks out
 * other processes. */
const char *wal_room_vfs_alone(void);
/* The WAL of this connection outlives it. */
void wal_room_keep(sqlite3 *db);
/* Its transactions may use so much of the room, from now on; 0: nothing.  Nothing
 * happens where there is no WAL. */
void wal_room_allow(sqlite3 *db, int bytes);
#endif
