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

/* With an authority the table's handles hold when a certificate begins and ends. */
static struct handle
time_of(uint32_t from_s, uint32_t until_s)
{
	return (struct handle){ until_s, from_s > 0 ? from_s : 1 };
}

static bool
has_proved(const struct admit *a, const struct mesh_key *key)
{
	return table_find(&a->keys, key->bytes).generation != 0;
}

static bool
is_in_time(const struct admit *a, const struct mesh_key *key)
{
	struct handle time = table_find(&a->keys, key->bytes);
	return time.generation != 0 &&
	    (a->now_s == 0 || (a->now_s >= time.generation && a->now_s <= time.index));
}

static bool
is_revoked(const struct admit *a, const struct mesh_key *key)
{
	return a->charter != NULL && charter_revoked(a->charter, key) != NULL;
}

/* As far as the charter and the authority go. */
static bool
may_be_in(const struct admit *a, const struct mesh_key *key)
{
	if (is_revoked(a, key))
		return false;
	switch (a->mode) {
	case ADMISSION_ALLOW_LIST:
		return a->charter == NULL || charter_is_allowed(a->charter, key);
	case ADMISSION_CA:
		return is_in_time(a, key);
	case ADMISSION_NETWORK_KEY:
		break;
	}
	return true;
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

/* --- with an authority --- */

void
admit_clock(struct admit *a, unix_ms now)
{
	const unix_ms plausible = 1700000000000;
	a->now_s = now > plausible ? (uint64_t)now / 1000 : 0;
}

/* A later one in place of an earlier one.  Without a clock nobody knows which of two
 * holds by now: only one that holds whenever the former does takes its place. */
static bool
is_better(
    const struct admit *a, const struct handle *old, uint32_t from_s, uint32_t until_s)
{
	return until_s > old->index && (a->now_s > 0 || from_s <= old->generation);
}

enum mesh_err
admit_certified(
    struct admit *a, const struct mesh_key *key, uint32_t from_s, uint32_t until_s)
{
	struct handle old = table_find(&a->keys, key->bytes);
	if (old.generation != 0 && !is_better(a, &old, from_s, until_s))
		return MESH_OK;
	return table_put(&a->keys, key->bytes, time_of(from_s, until_s));
}

bool
admit_may_show(const struct admit *a, const struct mesh_key *key)
{
	return a->mode == ADMISSION_CA && !is_revoked(a, key) &&
	    (has_proved(a, key) || a->keys.count < a->cap) && seal_is_sound(key->bytes);
}

bool
admit_was_in(const struct admit *a, const struct mesh_key *key)
{
	return a->mode == ADMISSION_CA && has_proved(a, key) && !is_revoked(a, key);
}

bool
admit_is_over(const struct admit *a, const struct mesh_key *key)
{
	return a->mode == ADMISSION_CA && has_proved(a, key) && !is_in_time(a, key);
}

uint32_t
admit_from(const struct admit *a, const struct mesh_key *key)
{
	return a->mode == ADMISSION_CA ? table_find(&a->keys, key->bytes).generation
				       : 0;
}

uint32_t
admit_until(const struct admit *a, const struct mesh_key *key)
{
	return a->mode == ADMISSION_CA ? table_find(&a->keys, key->bytes).index : 0;
}

enum mesh_peer_reason
admit_refusal(const struct admit *a, const struct mesh_key *key)
{
	bool certified = a->mode == ADMISSION_CA && !is_revoked(a, key);
	if (may_be_in(a, key) || (certified && !has_proved(a, key)))
		return REASON_NONE;
	if (!certified)
		return REASON_BLOCKED;
	return a->now_s < admit_from(a, key) ? REASON_EARLY : REASON_EXPIRED;
}
