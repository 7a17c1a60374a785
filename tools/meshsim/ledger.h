/* ledger.h - every record that was ever told anywhere: one core for one identity.
 *
 * What an honest origin signs twice under one identity, or what somebody is told that
 * its origin never signed, shows here. */
#ifndef MESHSIM_LEDGER_H
#define MESHSIM_LEDGER_H
#include "meshproto.h"

struct ledger { /* open addressing by the hash of the identity; 0 is empty */
	uint64_t *identity, *leaf;
	size_t count, cap;
};
enum ledger_verdict { LEDGER_NEW, LEDGER_SAME, LEDGER_OTHER /* another core */ };
enum ledger_verdict ledger_enter(struct ledger *l, const struct mesh_record *r);
void ledger_free(struct ledger *l);
#endif
