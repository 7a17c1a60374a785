/* statements.h - the SQL of one connection: prepared once, bound and read by small
 * verbs.
 *
 * The error is sticky: after the first failure every call is a no-op and rows stop, so
 * a transaction is a straight line that looks at `err` once, before it commits.  A
 * template with %s is prepared once per view table.  Floor 6.  One thread at a time. */
#ifndef STATEMENTS_H
#define STATEMENTS_H
#include "bind.h"
#include "column.h"
#include <sqlite3.h>

enum statement {
	ST_BEGIN,
	ST_COMMIT,
	ST_ROLLBACK,
	ST_BEGIN_READ,
	ST_LOG_FIND,
	ST_LOG_PUT,
	ST_RECORD_PUT,
	ST_RECORD_DELETE,
	ST_RECORD_DELETE_SEQ,
	ST_RECORD_DELETE_DEAD,
	ST_RECORD_BY_KEY,
	ST_RECORD_IN_RANGE,
	ST_RECORD_BY_TYPE,
	ST_RECORD_BY_SUBJECT,
	ST_RECORD_BY_ROW,
	ST_RECORD_OF_KEY,
	ST_ENTRY_KIND_FIND,
	ST_ENTRY_KIND_PUT,
	ST_ENTRY_PUT,
	ST_ENTRY_DELETE,
	ST_ENTRY_OF_VECTOR,
	ST_ENTRY_HASHES,
	ST_ENTRY_OVER,
	ST_PACKET_UNTIL,
	ST_PACKET_AT,
	ST_RECORD_SINCE,
	ST_RECORD_ALL,
	ST_RECORD_FETCH,
	ST_RECORD_OLDEST,
	ST_RECORD_OF_OLDER,
	ST_RECORD_OF_ORIGIN,
	ST_LOG_SURPLUS,
	ST_RECORD_LOWEST,
	ST_RECORD_OF_OTHERS,
	ST_LOG_DELETE_OTHERS,
	ST_HOLDING_DELETE_OTHERS,
	ST_LOG_DELETE,
	ST_PART_BELOW,
	ST_PART_ABOVE,
	ST_BATCH_FIND,
	ST_BATCH_LAST,
	ST_BATCH_PUT,
	ST_BATCH_DELETE,
	ST_RECORD_SET_DEAD,
	ST_RECORD_CUT,
	ST_HOLDING_RECALL,
	ST_RECORD_NEWEST,
	ST_RECORD_NUMBER,
	ST_RECORD_FROM,
	ST_HOLDING_FIND,
	ST_HOLDING_PUT,
	ST_HOLDING_ALL,
	ST_HOLDING_NEXT,
	ST_RECORD_NEXT,
	ST_RECORD_LAST,
	ST_RECORD_STALE,
	ST_RECORD_AFTER,
	ST_RECORD_SUBJECT,
	ST_STATE_OF,
	ST_PINS,
	ST_SITE_NAMES,
	ST_ENTRY_NEXT,
	ST_HOLDING_DELETE,
	ST_KEPT_PUT,
	ST_KEPT_FIND,
	ST_KEPT_ROOM,
	ST_VIEW_STATE,
	ST_VIEW_STATE_PUT,
	ST_MARK_PUT,
	ST_MARK_NTH,
	ST_MARK_PRUNE,
	ST_FREE_PAGES,
	ST_PAGES,
	ST_PAGE_SIZE,
	ST_VACUUM,
	ST_HEARING_FIND,
	ST_HEARING_PUT,
	ST_HEARING_OF,
	ST_HEARING_BY,
	ST_HEARING_NEXT,
	ST_HEARING_TAKE,
	ST_HEARING_DELETE,
	ST_HEARING_CLEAR,
	ST_ROOM_FIND,
	ST_ROOM_OPEN,
	ST_ROOM_NEXT,
	ST_ROOM_PUT,
	ST_ROOM_DELETE,
	ST_BLOCK_PUT,
	ST_BLOCK_DELETE,
	ST_ROW_FIND,
	ST_ROW_PUT,
	ST_ROW_DELETE,
	ST_ROW_CLEAR,
	ST_ROW_NEWEST_FIRST,
	ST_ROW_NEXT,
	ST_ROW_TAKE,
	ST_ROW_BY_KEY, /* per view table from ST_ROW_FIND on */
	ST_COUNT
};
enum { STATEMENT_TABLES = 5 };

struct statements {
	sqlite3 *db;     /* owned */
	const char *vfs; /* static */
	int err;         /* SQLITE_OK, or the first failure since statements_clear */
	const char *const
	    *tables; /* names for the templates; STATEMENT_TABLES of them */
	sqlite3_stmt *prepared[ST_COUNT][STATEMENT_TABLES];
};
enum { STATEMENTS_WAIT_MS = 5000 }; /* for a lock: as in statements.c */
enum statements_mode { STATEMENTS_WRITE, STATEMENTS_READ };
/* SQLITE_OK or an SQLite error; on error nothing is open. */
int statements_open(struct statements *s, const char *path); /* to write */
/* To read what another connection, which is open, writes. */
int statements_open_beside(
    struct statements *s, const char *path, const struct statements *writer);
void statements_close(struct statements *s);
/* Forget an error; statements that stand are reset. */
void statements_clear(struct statements *s);
/* Ready to be bound and stepped; NULL after an error. */
sqlite3_stmt *statement_of(struct statements *s, enum statement which);
sqlite3_stmt *statement_of_table(
    struct statements *s, enum statement which, size_t table);
/* The next row is there.  At the end, or on an error, the statement is reset. */
bool statement_row(struct statements *s, sqlite3_stmt *st);
void statement_end(sqlite3_stmt *st); /* before its end; NULL is fine */
void statement_run(struct statements *s, sqlite3_stmt *st);  /* no rows wanted */
void statements_exec(struct statements *s, const char *sql); /* several, no rows */
/* The first column of the first row, or `fallback`. */
int64_t statement_i64(struct statements *s, sqlite3_stmt *st, int64_t fallback);
#endif
