/* admit.h - is this site one of us?
 *
 * Default mode: whoever proved to hold the network's key, by a beacon or a session, is
 * admitted, until `cap` keys are; whether one of them makes room for a newcomer is
 * core/newcomers.c's to say.  With an allow-list the charter must name it besides; with
 * an authority it must have shown a certificate whose time has come and is not over.
 * Without a clock a certificate counts as valid.  Whom the charter revokes is out in
 * any mode.  Keys of small order are never admitted.  Floor 3.  Pure.  Source:
 * PROTOCOL.md 12. */
#ifndef MESH_ADMIT_H
#define MESH_ADMIT_H
#include "charter.h"
#include "table.h"

struct admit {
	struct table keys;
	uint32_t cap;
	enum mesh_admission mode;
	const struct charter *charter; /* borrowed; NULL: there is none */
	uint64_t now_s;                /* Unix time; 0: the clock is not plausible */
};

size_t admit_bytes(uint32_t cap);
/* `block`: zeroed, aligned for any type, admit_bytes long; stays the caller's. */
void admit_init(struct admit *a, void *block, uint32_t cap,
    const uint8_t secret[static TABLE_SECRET]);
void admit_govern(
    struct admit *a, enum mesh_admission mode, const struct charter *charter);
/* Under the network's key came a beacon or session by `key`.  MESH_OK also if it was
 * known; MESH_DENIED: no sound key, revoked or not allowed; MESH_FULL: `cap` are in. */
MESH_MUST_CHECK enum mesh_err admit_proved(struct admit *a, const struct mesh_key *key);
bool admit_is_in(const struct admit *a, const struct mesh_key *key);
/* Would admit_proved take it?  Changes nothing: for the handshake's verdict. */
bool admit_would(const struct admit *a, const struct mesh_key *key);
/* The same, were there room. */
bool admit_may(const struct admit *a, const struct mesh_key *key);
/* Its row is gone: it is as unknown as any newcomer. */
void admit_forget(struct admit *a, const struct mesh_key *key);

/* --- with an authority --- */
void admit_clock(struct admit *a, unix_ms now);
/* The authority's word, checked: a later one in place of an earlier one; without a
 * clock only if it begins no later.  MESH_FULL. */
MESH_MUST_CHECK enum mesh_err admit_certified(
    struct admit *a, const struct mesh_key *key, uint32_t from_s, uint32_t until_s);
/* It shows no certificate yet, and may still: worth a handshake. */
bool admit_may_show(const struct admit *a, const struct mesh_key *key);
/* It was certified at some time: what it said then stays. */
bool admit_was_in(const struct admit *a, const struct mesh_key *key);
/* It is certified, and not for now. */
bool admit_is_over(const struct admit *a, const struct mesh_key *key);
/* When its certificate begins and ends, Unix time; 0: it has none. */
uint32_t admit_from(const struct admit *a, const struct mesh_key *key);
uint32_t admit_until(const struct admit *a, const struct mesh_key *key);
/* Why it is out; REASON_NONE: it is not, or not yet known to be in. */
enum mesh_peer_reason admit_refusal(const struct admit *a, const struct mesh_key *key);
uint32_t admit_count(const struct admit *a);
#endif
