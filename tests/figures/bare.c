/* bare.c - what the libraries alone work for one pulled entry: the limit of pull.py.
 *
 *   bare FILE ENTRIES DATAGRAMS BATCH BYTES
 *
 * Opens so many datagrams of the entry's bytes, hashes it, checks a signature for each
 * BATCH of entries and inserts a row into the database FILE, with an index of its hash
 * and a commit for each 256.  Prints microseconds of the processor an entry: opened,
 * hashed and checked; stored.  Processor time: what else runs here does not count. */
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COMMIT = 256, MOST = 64 * 1024 };
static unsigned char row[MOST], key[32], nonce[12], sealed[MOST], opened[MOST];

static double
worked(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double
read_and_check(long entries, double datagrams, long batch, size_t bytes)
{
	unsigned char pk[32], sk[64], sig[64], hash[32];
	unsigned long long len;
	size_t piece = (size_t)((double)bytes / datagrams);
	long opens = (long)((double)entries * datagrams), good = 0;
	crypto_sign_keypair(pk, sk);
	crypto_sign_detached(sig, NULL, row, 100, sk);
	crypto_aead_chacha20poly1305_ietf_encrypt(
	    sealed, &len, row, piece, NULL, 0, NULL, nonce, key);
	double begin = worked();
	for (long i = 0; i < opens; i++)
		good += crypto_aead_chacha20poly1305_ietf_decrypt(
			    opened, NULL, NULL, sealed, len, NULL, 0, nonce, key) == 0;
	for (long i = 0; i < entries; i++)
		crypto_generichash(hash, sizeof hash, row, bytes, NULL, 0);
	for (long i = 0; i < entries / batch; i++)
		good += crypto_sign_verify_detached(sig, row, 100, pk) == 0;
	if (good != opens + entries / batch)
		exit(1);
	return (worked() - begin) / (double)entries;
}

static void
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		exit(1);
}

static double
store(const char *path, long entries, size_t bytes)
{
	sqlite3 *db;
	sqlite3_stmt *put;
	if (sqlite3_open(path, &db) != SQLITE_OK)
		return -1;
	run(db,
	    "PRAGMA page_size=16384; PRAGMA journal_mode=WAL;"
	    "PRAGMA synchronous=NORMAL;"
	    "CREATE TABLE entry(id INTEGER PRIMARY KEY, hash BLOB UNIQUE, "
	    "core BLOB)");
	sqlite3_prepare_v2(
	    db, "INSERT INTO entry(hash,core) VALUES(?1,?2)", -1, &put, NULL);
	double begin = worked();
	for (long i = 0; i < entries; i++) {
		if (i % COMMIT == 0)
			run(db, i == 0 ? "BEGIN" : "COMMIT; BEGIN");
		unsigned char hash[32];
		randombytes_buf(hash, sizeof hash);
		sqlite3_bind_blob(put, 1, hash, sizeof hash, SQLITE_TRANSIENT);
		sqlite3_bind_blob(put, 2, row, (int)bytes, SQLITE_STATIC);
		if (sqlite3_step(put) != SQLITE_DONE)
			return -1;
		sqlite3_reset(put);
	}
	run(db, "COMMIT");
	double took = worked() - begin;
	sqlite3_finalize(put);
	sqlite3_close(db);
	return took / (double)entries;
}

int
main(int argc, char **argv)
{
	if (argc != 6 || sodium_init() < 0)
		return 2;
	long entries = atol(argv[2]), batch = atol(argv[4]);
	size_t bytes = (size_t)atol(argv[5]);
	if (entries < 1 || batch < 1 || bytes < 1 || bytes > MOST - 16)
		return 2;
	printf("%.1f %.1f\n", read_and_check(entries, atof(argv[3]), batch, bytes),
	    store(argv[1], entries, bytes));
	return 0;
}
