/* clause.h - one statement of the control lane: what it says, and of whom.
 *
 * The lane's PUTs with the keys admin/, allow/, revoke/, netkey, invite/ and use/ are
 * read into one plain struct and written from it.  Other keys are nobody's business
 * here: they are stored and passed on like any record.  Floor 3.  Pure.  Source:
 * PROTOCOL.md 12. */
#ifndef MESH_CLAUSE_H
#define MESH_CLAUSE_H
#include "bodies.h"
#include "record.h"

enum { CLAUSE_ID = 8, CLAUSE_MARKS = 6, CLAUSE_BODY_MAX = 160 };
enum clause_kind {
	CLAUSE_NONE,
	CLAUSE_ADMIN,
	CLAUSE_ALLOW,
	CLAUSE_REVOKE,
	CLAUSE_NETKEY,
	CLAUSE_INVITE,
	CLAUSE_USE
};
struct clause {
	struct mesh_key author;
	struct mesh_key subject; /* a site; NETKEY: the hash; INVITE: zero */
	uint8_t id[CLAUSE_ID];   /* INVITE, USE */
	uint64_t epoch, seq;     /* of the record; the newer replaces the older */
	uint64_t until_ms;       /* INVITE: expires; NETKEY: use after */
	union {
		uint8_t verifier[32]; /* INVITE; secret */
		struct {              /* REVOKE */
			uint64_t epoch;
			uint32_t marks[CLAUSE_MARKS]; /* UINT32_MAX: no end */
		} cut;
	};
	uint16_t uses;   /* INVITE */
	uint8_t kind;    /* enum clause_kind */
	uint8_t hint[4]; /* INVITE: of its handshakes; charter.c fills it in */
	bool on;         /* false: withdrawn; kept so that nothing older comes back */
	bool purge;      /* REVOKE: what it said up to cut.epoch is void, on or not */
	bool local;      /* said by our operator, for this site alone */
	bool over;       /* INVITE: it expired, whatever the clock says by now */
	bool unkept;     /* to be persisted */
	/* What follows from the others (charter_settle). */
	bool counts;       /* its author may say so */
	bool by_admin : 1; /* its author is an admin */
	bool repeats : 1;  /* USE: another here says the same of the same guest */
	bool admits : 1;   /* USE: an admin's invitation has room for this guest */
	/* Of a REVOKE that purges (core/purges.c): */
	bool purge_told : 1;  /* the store was told since the start */
	bool unpurged : 1;    /* it is to be told */
	bool begins_anew : 1; /* that our own log begins anew */
};

/* False: no clause, or not well-formed. */
bool clause_read(const struct record *r, struct clause *out);
/* The body of its PUT.  MESH_FULL: no room. */
MESH_MUST_CHECK enum mesh_err clause_write(
    const struct clause *c, struct bytes_out *body);
/* About the same thing: same kind, author, and subject or id. */
bool clause_is_same(const struct clause *a, const struct clause *b);
/* Uses of one invitation by one guest, whoever answered it. */
bool clause_is_same_use(const struct clause *a, const struct clause *b);
/* The row that remembers it (MESH_KEEP): written and read by nobody else. */
enum { CLAUSE_ROW_KEY_MAX = 64, CLAUSE_ROW_MAX = 192 };
void clause_row_key(const struct clause *c, struct bytes_out *key);
void clause_row_write(const struct clause *c, struct bytes_out *row);
MESH_MUST_CHECK bool clause_row_read(
    struct bytes_view key, struct bytes_view row, struct clause *out);
#endif
