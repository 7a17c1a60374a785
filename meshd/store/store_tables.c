#include "store_tables.h"

/* `log` numbers the (origin, lane, epoch) triples, because 32 bytes of key in every
 * record row and index would be a third of the file.  `record.subject` is the key of a
 * keyed lane's PUT, or of the view row that a time lane's record folds into.  `dead`: a
 * DROP below tomb_floor, kept while a PUT that it kills may still arrive. */
const char store_tables_first[] =
    "CREATE TABLE log(id INTEGER PRIMARY KEY, origin BLOB NOT NULL,"
    " lane INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " UNIQUE(origin, lane, epoch)) STRICT;"
    "CREATE TABLE record(id INTEGER PRIMARY KEY, log INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, lane INTEGER NOT NULL, type INTEGER NOT NULL,"
    " dead INTEGER NOT NULL DEFAULT 0, subject BLOB, bundle BLOB NOT NULL,"
    " UNIQUE(log, seq)) STRICT;"
    "CREATE INDEX record_subject ON record(subject, log) WHERE subject IS NOT NULL;"
    "CREATE INDEX record_control ON record(log, type, seq) WHERE type > 1;"
    "CREATE INDEX record_dead ON record(log, seq) WHERE dead=1;"
    "CREATE INDEX record_lane ON record(lane, id);"
    "CREATE TABLE holding(origin BLOB NOT NULL, lane INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, runs BLOB NOT NULL, count INTEGER NOT NULL,"
    " sum BLOB NOT NULL, PRIMARY KEY(origin, lane)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE kept(room TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY(room, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE mark(day INTEGER PRIMARY KEY, record INTEGER NOT NULL) STRICT;"
    "CREATE TABLE view(name TEXT PRIMARY KEY, version INTEGER NOT NULL,"
    " changes INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " firing INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* `part`: 64 x its batch + its place there; NULL: it was signed alone, and `core` is
 * its bundle, all of it.  `vector`: the embedding is cut out of `core` and stands in
 * a block of many (vectors.h).  `forgotten`: the highest number that retention deleted
 * of a time lane.  What is small stands before what is large, or reading it would walk
 * through that.  A lane's subjects are walked in their order: registry hashes. */
const char store_tables_second[] =
    "CREATE TABLE batch(id INTEGER PRIMARY KEY, log INTEGER NOT NULL,"
    " records INTEGER NOT NULL, proof BLOB NOT NULL) STRICT;"
    "CREATE TABLE slim(id INTEGER PRIMARY KEY, log INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, lane INTEGER NOT NULL, type INTEGER NOT NULL,"
    " dead INTEGER NOT NULL DEFAULT 0, part INTEGER, vector INTEGER,"
    " subject BLOB, core BLOB NOT NULL, UNIQUE(log, seq)) STRICT;"
    "INSERT INTO slim(id,log,seq,lane,type,dead,subject,core)"
    " SELECT id,log,seq,lane,type,dead,subject,bundle FROM record;"
    "DROP TABLE record;"
    "ALTER TABLE slim RENAME TO record;"
    "CREATE INDEX record_subject ON record(lane, subject, log)"
    " WHERE subject IS NOT NULL;"
    "CREATE INDEX record_control ON record(log, type, seq) WHERE type > 1;"
    "CREATE INDEX record_dead ON record(log, seq) WHERE dead=1;"
    "CREATE INDEX record_lane ON record(lane, id);"
    "CREATE TABLE vector_block(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"
    "CREATE TABLE vector_room(id INTEGER PRIMARY KEY, dtype INTEGER NOT NULL,"
    " dim INTEGER NOT NULL, used BLOB NOT NULL, open INTEGER NOT NULL) STRICT;"
    "CREATE INDEX vector_room_open ON vector_room(dtype, dim) WHERE open=1;"
    "ALTER TABLE holding ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;";

/* `weight`: what the live records count for (PROTOCOL.md 2); at least one each, until
 * verify_rows.h has read them. */
const char store_tables_third[] =
    "ALTER TABLE holding ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;"
    "UPDATE holding SET weight=count;";

const char *const store_table_names[] = { "packet", "node", "state", "alert", "entry",
	NULL };

/* One shape for all but the last; views.h says what `extra` is. */
#define VIEW_TABLE(name)                                                               \
	"CREATE TABLE IF NOT EXISTS " name "(id INTEGER PRIMARY KEY,"                  \
	" key BLOB NOT NULL UNIQUE, time_ms INTEGER NOT NULL, extra INTEGER NOT NULL)" \
	" STRICT;"
#define VIEW_BY_TIME(name)                                                             \
	"CREATE INDEX IF NOT EXISTS " name "_time ON " name "(time_ms, key);"

const char store_tables_views[] = VIEW_TABLE("packet") VIEW_BY_TIME("packet")
    VIEW_TABLE("node") VIEW_TABLE("state") VIEW_TABLE("alert") VIEW_BY_TIME(
	"alert") "CREATE TABLE IF NOT EXISTS hearing(node BLOB NOT NULL, site BLOB NOT "
		 "NULL,"
		 " body BLOB NOT NULL, PRIMARY KEY(node, site)) STRICT, WITHOUT ROWID;"
		 "CREATE TABLE IF NOT EXISTS entry(id INTEGER PRIMARY KEY,"
		 " log INTEGER NOT NULL, kind INTEGER NOT NULL, time_ms INTEGER NOT "
		 "NULL,"
		 " expires_ms INTEGER, vector INTEGER) STRICT;"
		 "CREATE INDEX IF NOT EXISTS entry_vector ON entry(vector)"
		 " WHERE vector IS NOT NULL;"
		 "CREATE INDEX IF NOT EXISTS entry_expires ON entry(expires_ms)"
		 " WHERE expires_ms IS NOT NULL;"
		 "CREATE TABLE IF NOT EXISTS entry_kind(id INTEGER PRIMARY KEY,"
		 " name TEXT NOT NULL UNIQUE) STRICT;";
