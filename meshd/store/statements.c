#include "statements.h"
#include "text.h"
#include "wal_room.h"
#include <assert.h>
#include <pthread.h>
#include <string.h>

/* INDEXED BY: without statistics the planner would rather walk a whole lane in the
 * wanted order than sort the one or two records of a subject.  ON CONFLICT and never OR
 * REPLACE: that one copies each page it touches, so that it could take itself back. */
/* clang-format off */
static const char *const sql[ST_COUNT] = {
	[ST_BEGIN] = "BEGIN IMMEDIATE",
	[ST_COMMIT] = "COMMIT",
	[ST_ROLLBACK] = "ROLLBACK",
	[ST_BEGIN_READ] = "BEGIN",
	[ST_LOG_FIND] = "SELECT id FROM log WHERE origin=?1 AND lane=?2 AND epoch=?3",
	[ST_LOG_PUT] = "INSERT INTO log(origin,lane,epoch) VALUES(?1,?2,?3)",
	[ST_RECORD_PUT] = "INSERT OR IGNORE INTO record"
	    "(log,seq,lane,type,dead,part,vector,subject,core)"
	    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
	[ST_RECORD_DELETE_SEQ] = "DELETE FROM record WHERE log=?1 AND seq=?2 RETURNING id,part,vector",
	[ST_RECORD_DELETE] = "DELETE FROM record WHERE id=?1",
	[ST_RECORD_DELETE_DEAD] = "DELETE FROM record WHERE log=?1 AND dead=1 AND seq<?2"
	    " RETURNING id,part,vector",
	[ST_RECORD_BY_KEY] = "SELECT id,seq,dead,core,part,vector FROM record INDEXED BY record_subject"
	    " WHERE lane=?3 AND subject=?1 AND log=?2 AND type=1",
	[ST_RECORD_IN_RANGE] = "SELECT id,seq,dead,core,part,vector FROM record"
	    " WHERE log=?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq LIMIT 1",
	[ST_RECORD_BY_TYPE] = "SELECT id,seq,dead,core,part,vector FROM record"
	    " WHERE log=?1 AND type=?2 AND type>1 AND seq>?3 ORDER BY seq LIMIT 1",
	[ST_RECORD_NEWEST] = "SELECT id,seq,dead,core,part,vector FROM record"
	    " WHERE log=?1 AND type=?2 AND type>1 ORDER BY seq DESC LIMIT 1",
	[ST_RECORD_NUMBER] = "SELECT coalesce(max(seq),0)+1 FROM record WHERE log=?1",
	[ST_RECORD_FROM] = "SELECT coalesce(min(seq),9223372036854775807) FROM record"
	    " WHERE log=?1 AND seq>=?2",
	[ST_RECORD_BY_SUBJECT] = "SELECT core,part,vector,id FROM record INDEXED BY record_subject"
	    " WHERE lane=?2 AND subject=?1 AND dead=0"
	    " ORDER BY id DESC",
	[ST_RECORD_BY_ROW] = "SELECT core,part,vector FROM record WHERE id=?1",
	[ST_RECORD_OF_KEY] = "SELECT core,part,record.vector,proof FROM record INDEXED BY record_subject"
	    " JOIN log ON log.id=record.log LEFT JOIN batch ON batch.id=record.part/64"
	    " WHERE record.lane=?1 AND record.subject=?2 AND log.origin=?3 AND record.dead=0"
	    " AND log.epoch=(SELECT epoch FROM holding WHERE origin=?3 AND lane=?1) LIMIT 1",
	[ST_ENTRY_KIND_FIND] = "SELECT id FROM entry_kind WHERE name=?1",
	[ST_ENTRY_KIND_PUT] = "INSERT INTO entry_kind(name) VALUES(?1)",
	[ST_ENTRY_PUT] = "INSERT INTO entry(id,log,kind,time_ms,expires_ms,vector)"
	    " VALUES(?1,(SELECT log FROM record WHERE id=?1),?2,?3,?4,?5)"
	    " ON CONFLICT DO UPDATE SET log=excluded.log,kind=excluded.kind,"
	    "time_ms=excluded.time_ms,expires_ms=excluded.expires_ms,vector=excluded.vector"
	    " WHERE (log,kind,time_ms,expires_ms,vector) IS NOT (excluded.log,"
	    "excluded.kind,excluded.time_ms,excluded.expires_ms,excluded.vector)",
	[ST_ENTRY_DELETE] = "DELETE FROM entry WHERE id=?1",
	[ST_ENTRY_OF_VECTOR] = "SELECT entry.id,kind,coalesce(expires_ms,0),origin"
	    " FROM entry INDEXED BY entry_vector JOIN log ON log.id=entry.log"
	    " WHERE vector=?1",
	[ST_ENTRY_HASHES] = "SELECT DISTINCT subject FROM record INDEXED BY record_subject"
	    " WHERE lane=6 AND subject>?1 ORDER BY subject",
	[ST_PACKET_UNTIL] = "SELECT time_ms,key FROM packet WHERE time_ms<=?1"
	    " ORDER BY time_ms DESC",
	[ST_PACKET_AT] = "SELECT key FROM packet WHERE time_ms=?1",
	[ST_ENTRY_OVER] = "SELECT core,part,record.vector,proof,entry.expires_ms,entry.id"
	    " FROM entry INDEXED BY entry_expires"
	    " JOIN record ON record.id=entry.id JOIN log ON log.id=record.log"
	    " LEFT JOIN batch ON batch.id=record.part/64"
	    " WHERE entry.expires_ms<=?1 AND (entry.expires_ms,entry.id)>(?4,?5)"
	    " AND log.origin=?2"
	    " AND log.epoch=(SELECT epoch FROM holding WHERE origin=?2 AND lane=6)"
	    " ORDER BY entry.expires_ms,entry.id LIMIT ?3",
	[ST_RECORD_SINCE] = "SELECT record.seq FROM log JOIN record ON record.log=log.id"
	    " WHERE log.origin=?1 AND log.lane=?2"
	    " AND log.epoch=(SELECT epoch FROM holding WHERE origin=?1 AND lane=?2)"
	    " AND record.id>?3 ORDER BY record.seq LIMIT 1",
	[ST_RECORD_ALL] = "SELECT core,part,vector,id FROM record WHERE dead=0 ORDER BY id",
	[ST_RECORD_FETCH] = "SELECT core,part,record.vector,proof,seq FROM record JOIN log ON log.id=record.log"
	    " LEFT JOIN batch ON batch.id=record.part/64"
	    " WHERE log.origin=?1 AND log.lane=?2 AND log.epoch=?3 AND record.seq>=?4"
	    " AND record.dead=0"
	    " ORDER BY record.seq LIMIT ?5",
	[ST_RECORD_OLDEST] = "SELECT id,seq,dead,core,part,vector FROM record"
	    " WHERE lane=?1 AND id<=?2 ORDER BY id LIMIT 1",
	[ST_RECORD_OF_OLDER] = "SELECT record.id,seq,dead,core,part,vector FROM record"
	    " JOIN log ON log.id=record.log"
	    " WHERE log.origin=?1 AND log.lane=?2 AND log.epoch<?3 LIMIT 1",
	[ST_RECORD_OF_ORIGIN] = "SELECT record.id,seq,dead,core,part,vector FROM record"
	    " JOIN log ON log.id=record.log"
	    " WHERE log.origin=?1 AND log.epoch<=?2 LIMIT 1",
	[ST_LOG_SURPLUS] = "SELECT id,(SELECT COUNT(*) FROM record WHERE log=l.id)-?2 AS more"
	    " FROM log AS l WHERE lane=?1"
	    " AND (SELECT max(seq) FROM record WHERE log=l.id)"
	    " -(SELECT min(seq) FROM record WHERE log=l.id)>=?2 AND more>0 LIMIT 1",
	[ST_RECORD_LOWEST] = "SELECT id,seq,dead,core,part,vector FROM record WHERE log=?1"
	    " ORDER BY seq LIMIT 1",
	[ST_RECORD_OF_OTHERS] = "SELECT record.id,seq,dead,core,part,vector FROM record"
	    " JOIN log ON log.id=record.log"
	    " WHERE log.lane=?1 AND log.origin<>?2 LIMIT 1",
	[ST_LOG_DELETE_OTHERS] = "DELETE FROM log WHERE lane=?1 AND origin<>?2",
	[ST_HOLDING_DELETE_OTHERS] = "DELETE FROM holding WHERE lane=?1 AND origin<>?2",
	[ST_LOG_DELETE] = "DELETE FROM log WHERE origin=?1 AND epoch<=?2",
	[ST_PART_BELOW] = "SELECT part FROM record WHERE log=?1 AND seq<?2"
	    " ORDER BY seq DESC LIMIT 1",
	[ST_PART_ABOVE] = "SELECT part FROM record WHERE log=?1 AND seq>?2"
	    " ORDER BY seq LIMIT 1",
	[ST_BATCH_FIND] = "SELECT log,records,proof FROM batch WHERE id=?1",
	[ST_BATCH_LAST] = "SELECT max(id) FROM batch",
	[ST_BATCH_PUT] = "INSERT INTO batch(id,log,records,proof) VALUES(?1,?2,?3,?4)"
	    " ON CONFLICT DO UPDATE SET log=excluded.log,records=excluded.records,"
	    "proof=excluded.proof",
	[ST_BATCH_DELETE] = "DELETE FROM batch WHERE id=?1",
	[ST_RECORD_SET_DEAD] = "UPDATE record SET dead=?2 WHERE id=?1",
	[ST_RECORD_CUT] = "UPDATE record SET part=NULL,vector=?2,core=?3 WHERE id=?1",
	[ST_HOLDING_RECALL] = "UPDATE holding SET runs=x'' WHERE lane=?1 AND origin<>?2"
	    " AND EXISTS(SELECT 1 FROM log JOIN record ON record.log=log.id"
	    " WHERE log.origin=holding.origin AND log.lane=holding.lane"
	    " AND record.vector<0)",
	[ST_HOLDING_FIND] = "SELECT origin,lane,epoch,runs,count,sum,weight,forgotten FROM holding"
	    " WHERE origin=?1 AND lane=?2",
	[ST_HOLDING_PUT] = "INSERT INTO holding(origin,lane,epoch,runs,count,sum,weight,forgotten)"
	    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT DO UPDATE SET epoch=excluded.epoch,"
	    "runs=excluded.runs,count=excluded.count,sum=excluded.sum,"
	    "weight=excluded.weight,forgotten=excluded.forgotten",
	[ST_HOLDING_ALL] = "SELECT origin,lane,epoch,runs,count,sum,weight FROM holding",
	[ST_HOLDING_NEXT] = "SELECT origin,lane FROM holding WHERE (origin,lane)>(?1,?2)"
	    " ORDER BY origin,lane LIMIT 1",
	[ST_RECORD_NEXT] = "SELECT id,seq,dead,core,part,vector,lane,type,subject FROM record"
	    " WHERE log=?1 AND seq>?2 ORDER BY seq LIMIT 1",
	[ST_RECORD_LAST] = "SELECT coalesce(max(id),0) FROM record",
	[ST_RECORD_STALE] = "SELECT id,seq,dead,core,part,vector FROM record"
	    " WHERE log=?1 AND dead=0 AND id<=?2 ORDER BY seq LIMIT 1",
	[ST_RECORD_AFTER] = "SELECT core,part,vector,id,dead,subject FROM record"
	    " WHERE id>?1 ORDER BY id LIMIT ?2",
	[ST_RECORD_SUBJECT] = "UPDATE record SET subject=?2 WHERE id=?1",
	[ST_STATE_OF] = "SELECT record.id FROM record INDEXED BY record_subject"
	    " JOIN log ON log.id=record.log WHERE record.lane=?1 AND record.subject=?2"
	    " AND record.type=1 AND record.dead=0 AND log.origin=?3"
	    " ORDER BY log.epoch DESC,record.seq DESC LIMIT 1",
	[ST_ENTRY_NEXT] = "SELECT entry.id,record.id FROM entry LEFT JOIN record"
	    " ON record.id=entry.id AND record.dead=0 AND record.lane=?2"
	    " AND record.type=1 AND coalesce(record.vector,0)<>?3"
	    " WHERE entry.id>?1 ORDER BY entry.id LIMIT 1",
	[ST_HOLDING_DELETE] = "DELETE FROM holding WHERE origin=?1 AND epoch<=?2",
	[ST_KEPT_PUT] = "INSERT INTO kept(room,key,value) VALUES(?1,?2,?3)"
	    " ON CONFLICT DO UPDATE SET value=excluded.value",
	[ST_PINS] = "SELECT key,value FROM kept WHERE room='mesh' AND key>=x'70696e2f' AND key<x'70696e30'",
	[ST_SITE_NAMES] = "SELECT core,part,vector,record.id FROM record INDEXED BY record_subject"
	    " JOIN log ON log.id=record.log LEFT JOIN kept ON room='mesh' AND key=CAST('pin/'||origin AS BLOB)"
	    " WHERE record.lane=?2 AND subject=?1 AND dead=0"
	    " ORDER BY value IS NOT NULL,origin,epoch,seq",
	[ST_KEPT_FIND] = "SELECT value FROM kept WHERE room=?1 AND key=?2",
	[ST_KEPT_ROOM] = "SELECT key,value FROM kept WHERE room=?1 ORDER BY key",
	[ST_VIEW_STATE] = "SELECT version,changes,rows,firing FROM view WHERE name=?1",
	[ST_VIEW_STATE_PUT] = "INSERT INTO view(name,version,changes,rows,firing)"
	    " VALUES(?1,?2,?3,?4,?5) ON CONFLICT DO UPDATE SET version=excluded.version,"
	    "changes=excluded.changes,rows=excluded.rows,firing=excluded.firing",
	[ST_MARK_PUT] = "INSERT OR IGNORE INTO mark(day,record)"
	    " SELECT ?1,coalesce(max(id),0) FROM record",
	[ST_MARK_NTH] = "SELECT record FROM mark ORDER BY record DESC LIMIT 1 OFFSET ?1",
	[ST_MARK_PRUNE] = "DELETE FROM mark WHERE record<"
	    "(SELECT record FROM mark ORDER BY record DESC LIMIT 1 OFFSET ?1)",
	[ST_FREE_PAGES] = "PRAGMA freelist_count",
	[ST_PAGES] = "PRAGMA page_count",
	[ST_PAGE_SIZE] = "PRAGMA page_size",
	[ST_VACUUM] = "PRAGMA incremental_vacuum(256)",
	[ST_HEARING_FIND] = "SELECT body FROM hearing WHERE node=?1 AND site=?2",
	[ST_HEARING_PUT] = "INSERT INTO hearing(node,site,body) VALUES(?1,?2,?3)"
	    " ON CONFLICT DO UPDATE SET body=excluded.body WHERE body<>excluded.body",
	[ST_HEARING_OF] = "SELECT site,body FROM hearing WHERE node=?1 ORDER BY site",
	[ST_HEARING_BY] = "SELECT node,body FROM hearing WHERE site=?1 AND node>?2"
	    " AND length(node)<=?3 ORDER BY node LIMIT 1",
	[ST_HEARING_NEXT] = "SELECT node,site,body FROM hearing WHERE (node,site)>(?1,?2)"
	    " ORDER BY node,site LIMIT 1",
	[ST_HEARING_TAKE] = "DELETE FROM hearing WHERE (node,site)=(SELECT node,site"
	    " FROM hearing WHERE (node,site)>(?1,?2) ORDER BY node,site LIMIT 1)",
	[ST_HEARING_DELETE] = "DELETE FROM hearing WHERE node=?1 AND site=?2",
	[ST_HEARING_CLEAR] = "DELETE FROM hearing",
	[ST_ROOM_FIND] = "SELECT id,dtype,dim,used,open FROM vector_room WHERE id=?1",
	[ST_ROOM_OPEN] = "SELECT id,dtype,dim,used,open FROM vector_room"
	    " WHERE dtype=?1 AND dim=?2 AND open=1 LIMIT 1",
	[ST_ROOM_NEXT] = "SELECT id,dtype,dim,used,open FROM vector_room"
	    " WHERE dim=?1 AND id>?2 ORDER BY id",
	[ST_ROOM_PUT] = "INSERT INTO vector_room(id,dtype,dim,used,open) VALUES(?1,?2,?3,?4,?5)"
	    " ON CONFLICT DO UPDATE SET dtype=excluded.dtype,dim=excluded.dim,"
	    "used=excluded.used,open=excluded.open",
	[ST_ROOM_DELETE] = "DELETE FROM vector_room WHERE id=?1",
	[ST_BLOCK_PUT] = "INSERT INTO vector_block(data) VALUES(zeroblob(?1))",
	[ST_BLOCK_DELETE] = "DELETE FROM vector_block WHERE id=?1",
	[ST_ROW_FIND] = "SELECT time_ms,extra FROM %s WHERE key=?1",
	[ST_ROW_PUT] = "INSERT INTO %s(key,time_ms,extra) VALUES(?1,?2,?3) ON CONFLICT(key)"
	    " DO UPDATE SET time_ms=excluded.time_ms,extra=excluded.extra",
	[ST_ROW_DELETE] = "DELETE FROM %s WHERE key=?1",
	[ST_ROW_CLEAR] = "DELETE FROM %s",
	[ST_ROW_NEXT] = "SELECT id,key,extra FROM %s WHERE key>?1 ORDER BY key LIMIT 1",
	[ST_ROW_TAKE] = "DELETE FROM %s WHERE id=?1",
	[ST_ROW_NEWEST_FIRST] = "SELECT key,time_ms,extra FROM %s WHERE"
	    " (time_ms,key)<(?1,?2) AND time_ms>=?3 ORDER BY time_ms DESC,key DESC",
	[ST_ROW_BY_KEY] = "SELECT key,time_ms,extra FROM %s WHERE key>?1 ORDER BY key",
};

/* Reads share no lock with the writer in WAL; busy_timeout covers the short moment in which
 * somebody opens or checkpoints.  Memory: the cache is the whole of a connection's.  Large
 * pages: embeddings lie in them without loss (PROTOCOL.md 9); a file that is there keeps
 * its own. */
static const char settings[] = "PRAGMA cache_size=-512; PRAGMA mmap_size=0;"
	" PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000;";
static const char write_settings[] = "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
	" PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8192;"
	" PRAGMA wal_autocheckpoint=256; PRAGMA journal_size_limit=8388608;";
/* clang-format on */

/* They write, and a full disk must not keep us from starting: the WAL, which the first
 * look opens, has room for that. */
static void
set_up(struct statements *s)
{
	statements_exec(s, "PRAGMA schema_version");
	wal_room_allow(s->db, WAL_ROOM_BYTES);
	statements_exec(s, write_settings);
	wal_room_allow(s->db, 0);
	wal_room_keep(s->db);
}

static int
open_with(struct statements *s, const char *path, enum statements_mode mode)
{
	int flags = mode == STATEMENTS_READ
	    ? SQLITE_OPEN_READONLY
	    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	s->err = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, s->vfs);
	statements_exec(s, settings);
	if (mode == STATEMENTS_WRITE)
		set_up(s);
	int err = s->err;
	if (err != SQLITE_OK)
		statements_close(s);
	return err;
}

/* The WAL's index is a file made anew at each start: on a full disk there may be no
 * room even for that. */
static bool
lacks_room(int err)
{
	return err == SQLITE_FULL || err == SQLITE_IOERR || err == SQLITE_CANTOPEN;
}

/* It counts every piece of memory that it takes or gives back, under one lock for all
 * connections; nobody asks for the sums. */
static void
do_without_sums(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int
statements_open(struct statements *s, const char *path)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, do_without_sums);
	*s = (struct statements){ .vfs = wal_room_vfs() };
	int err = open_with(s, path, STATEMENTS_WRITE);
	if (lacks_room(err & 0xff)) {
		s->vfs = wal_room_vfs_alone();
		err = open_with(s, path, STATEMENTS_WRITE);
	}
	return err;
}

int
statements_open_beside(
    struct statements *s, const char *path, const struct statements *writer)
{
	*s = (struct statements){ .vfs = writer->vfs };
	return open_with(s, path, STATEMENTS_READ);
}

void
statements_close(struct statements *s)
{
	for (size_t i = 0; i < ST_COUNT; i++)
		for (size_t t = 0; t < STATEMENT_TABLES; t++)
			sqlite3_finalize(s->prepared[i][t]);
	sqlite3_close(s->db);
	*s = (struct statements){ .db = NULL };
}

void
statements_clear(struct statements *s)
{
	for (size_t i = 0; i < ST_COUNT; i++)
		for (size_t t = 0; t < STATEMENT_TABLES; t++)
			if (s->prepared[i][t] != NULL)
				sqlite3_reset(s->prepared[i][t]);
	s->err = SQLITE_OK;
}

/* The template with its one %s, if it has one, replaced by the table's name. */
static const char *
spell(const char *template, const char *name, struct bytes_out *out)
{
	const char *hole = strstr(template, "%s");
	if (hole == NULL)
		return template;
	bytes_put(out, template, (size_t)(hole - template));
	text_put(out, name);
	text_put(out, hole + 2);
	return text_end(out);
}

static void
prepare(struct statements *s, enum statement which, size_t table)
{
	char room[512];
	struct bytes_out out = bytes_out(room, sizeof room);
	const char *name = which >= ST_ROW_FIND ? s->tables[table] : "";
	const char *text = spell(sql[which], name, &out);
	assert(!out.failed);
	s->err = sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT,
	    &s->prepared[which][table], NULL);
}

sqlite3_stmt *
statement_of_table(struct statements *s, enum statement which, size_t table)
{
	assert(table < STATEMENT_TABLES);
	if (s->err == SQLITE_OK && s->prepared[which][table] == NULL)
		prepare(s, which, table);
	if (s->err != SQLITE_OK)
		return NULL;
	sqlite3_stmt *st = s->prepared[which][table];
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return st;
}

sqlite3_stmt *
statement_of(struct statements *s, enum statement which)
{
	assert(which < ST_ROW_FIND);
	return statement_of_table(s, which, 0);
}

bool
statement_row(struct statements *s, sqlite3_stmt *st)
{
	if (st == NULL || s->err != SQLITE_OK)
		return false;
	int err = sqlite3_step(st);
	if (err == SQLITE_ROW)
		return true;
	if (err != SQLITE_DONE)
		s->err = err;
	sqlite3_reset(st);
	return false;
}

void
statement_end(sqlite3_stmt *st)
{
	if (st != NULL)
		sqlite3_reset(st);
}

void
statement_run(struct statements *s, sqlite3_stmt *st)
{
	while (statement_row(s, st))
		continue;
}

void
statements_exec(struct statements *s, const char *text)
{
	if (s->err == SQLITE_OK)
		s->err = sqlite3_exec(s->db, text, NULL, NULL, NULL);
}

int64_t
statement_i64(struct statements *s, sqlite3_stmt *st, int64_t fallback)
{
	int64_t n = statement_row(s, st) ? column_i64(st, 0) : fallback;
	statement_end(st);
	return n;
}
