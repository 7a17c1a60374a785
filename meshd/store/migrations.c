#include "migrations.h"
#include "faults.h"
#include "store_tables.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

const struct migration migrations[STORE_SCHEMA] = {
	{ store_tables_first },
	{ store_tables_second },
	{ store_tables_third },
};

static int64_t
version_of(struct statements *s)
{
	sqlite3_stmt *st = NULL;
	int64_t version = -1;
	s->err = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL);
	if (s->err == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return version;
}

static void
step(struct statements *s, const struct migration *m, size_t number)
{
	char pragma[48];
	snprintf(pragma, sizeof pragma, "PRAGMA user_version=%zu", number);
	statements_exec(s, "BEGIN IMMEDIATE");
	statements_exec(s, m->sql);
	statements_exec(s, pragma);
	statements_exec(s, "COMMIT");
	if (s->err != SQLITE_OK)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

/* VACUUM INTO takes a consistent copy through the WAL, and refuses to write over one;
 * what a former attempt left is of the same old version, so it goes first. */
static void
copy_beside(struct statements *s, const char *path, int64_t version)
{
	char copy[4096];
	int len = snprintf(
	    copy, sizeof copy, "%s.pre-v%lld", path, (long long)version + 1);
	if (len < 0 || (size_t)len >= sizeof copy) {
		s->err = SQLITE_CANTOPEN;
		return;
	}
	unlink(copy);
	char *sql = sqlite3_mprintf("VACUUM INTO %Q", copy);
	if (sql == NULL)
		s->err = SQLITE_NOMEM;
	else
		statements_exec(s, sql);
	sqlite3_free(sql);
}

int
migrations_run(
    struct statements *s, const char *path, const struct migration *steps, size_t count)
{
	int64_t version = version_of(s);
	if (version < 0)
		return faults_errno(s->err);
	if ((uint64_t)version > count)
		return -ENOTSUP;
	if (version > 0 && (uint64_t)version < count)
		copy_beside(s, path, version);
	for (size_t i = (size_t)version; i < count && s->err == SQLITE_OK; i++)
		step(s, &steps[i], i + 1);
	return faults_errno(s->err);
}
