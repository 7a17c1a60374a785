/* admit.h - is this site one of us?
 *
 * Default mode: whoever proved to hold the network's key, by a beacon or a session, is
 * admitted, until `cap` keys are; whether one of them makes room for a newcomer is
 * core/newcomers.c's to say.  With an
 * allow-list the charter must name it besides.  Whom the charter revokes is out in
 * either.  Keys of small order are never admitted.  Floor 3.  Pure.  Source:
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
uint32_t admit_count(const struct admit *a);
#endif
