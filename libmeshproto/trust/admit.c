#include "admit.h"
#include "seal.h"

size_t
admit_bytes(uint32_t cap)
{
	return table_bytes(cap, sizeof(struct mesh_key));
}

void
admit_init(struct admit *a, void *block, uint32_t cap,
    const uint8_t secret[static TABLE_SECRET])
{
	*a = (struct admit){ .cap = cap };
	table_init(&a->keys, block, cap, sizeof(struct mesh_key), secret);
}

void
admit_govern(struct admit *a, enum mesh_admission mode, const struct charter *charter)
{
	a->mode = mode;
	a->charter = charter;
}

/* As far as the charter goes. */
static bool
may_be_in(const struct admit *a, const struct mesh_key *key)
{
	if (a->charter == NULL)
		return true;
	return charter_revoked(a->charter, key) == NULL &&
	    (a->mode == ADMISSION_NETWORK_KEY || charter_is_allowed(a->charter, key));
}

static bool
has_proved(const struct admit *a, const struct mesh_key *key)
{
	return table_find(&a->keys, key->bytes).generation != 0;
}

bool
admit_is_in(const struct admit *a, const struct mesh_key *key)
{
	return has_proved(a, key) && may_be_in(a, key);
}

bool
admit_would(const struct admit *a, const struct mesh_key *key)
{
	bool room = has_proved(a, key) ||
	    (a->keys.count < a->cap && seal_is_sound(key->bytes));
	return room && may_be_in(a, key);
}

enum mesh_err
admit_proved(struct admit *a, const struct mesh_key *key)
{
	if (!may_be_in(a, key))
		return MESH_DENIED;
	if (has_proved(a, key))
		return MESH_OK;
	if (!seal_is_sound(key->bytes))
		return MESH_DENIED;
	/* The table is a set here: any handle that is not "empty" will do. */
	return table_put(&a->keys, key->bytes, (struct handle){ 0, 1 });
}

bool
admit_may(const struct admit *a, const struct mesh_key *key)
{
	return may_be_in(a, key) && (has_proved(a, key) || seal_is_sound(key->bytes));
}

void
admit_forget(struct admit *a, const struct mesh_key *key)
{
	table_remove(&a->keys, key->bytes);
}

uint32_t
admit_count(const struct admit *a)
{
	return a->keys.count;
}
