#include "doorstep.h"
#include "seal.h"

void
doorstep_init(struct doorstep *d, const uint8_t secret[static 32], mesh_time_ms now)
{
	*d = (struct doorstep){ 0 };
	memcpy(d->secret, secret, sizeof d->secret);
	rate_init(&d->all, DOORSTEP_PER_S, DOORSTEP_PER_S, now);
	rate_init(&d->busy, DOORSTEP_BUSY_PER_S, DOORSTEP_BUSY_PER_S, now);
	rate_init(&d->answers, DOORSTEP_ANSWERS_PER_S, DOORSTEP_ANSWERS_PER_S, now);
}

bool
doorstep_is_busy(struct doorstep *d, uint32_t halves, mesh_time_ms now)
{
	bool many = !rate_take(&d->busy, 1, now);

	return many || halves > DOORSTEP_BUSY_HALVES;
}

/* --- rates --- */

static void
prefix_of(const struct mesh_path *path, uint8_t out[static 7])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff }; /* ::ffff:0:0/96 */

	memset(out, 0, 7);
	if (memcmp(path->addr, mapped, sizeof mapped) == 0) {
		out[0] = 4;
		memcpy(out + 1, path->addr + sizeof mapped, 3);
	} else {
		out[0] = 6;
		memcpy(out + 1, path->addr, 6);
	}
}

static struct rate *
rate_of(struct doorstep *d, const struct mesh_path *from, mesh_time_ms now)
{
	struct doorstep_prefix *stalest = &d->prefixes[0]; /* empty ones have at = 0 */
	uint8_t bytes[7];

	prefix_of(from, bytes);
	for (size_t i = 0; i < DOORSTEP_PREFIXES; i++) {
		struct doorstep_prefix *p = &d->prefixes[i];
		if (memcmp(p->bytes, bytes, sizeof bytes) == 0)
			return &p->rate;
		if (p->rate.at < stalest->rate.at)
			stalest = p;
	}
	memcpy(stalest->bytes, bytes, sizeof bytes);
	rate_init(&stalest->rate, DOORSTEP_PER_PREFIX_S, DOORSTEP_PER_PREFIX_S, now);
	return &stalest->rate;
}

bool
doorstep_admits(struct doorstep *d, const struct mesh_path *from, mesh_time_ms now)
{
	/* The prefix first: a flood from one must not use up everybody's. */
	return rate_take(rate_of(d, from, now), 1, now) && rate_take(&d->all, 1, now);
}

bool
doorstep_hears(struct doorstep *d, mesh_time_ms now)
{
	return rate_take(&d->answers, 1, now);
}

/* --- cookies --- */

static void
cookie_of(const struct doorstep *d, const struct envelope *hs1,
    const struct mesh_path *from, uint64_t period, uint8_t out[static DOORSTEP_COOKIE])
{
	uint8_t number[8], sid[4], key[SEAL_HASH];
	struct bytes_out period_out = bytes_out(number, sizeof number);
	struct bytes_out sid_out = bytes_out(sid, sizeof sid);

	bytes_put_u64(&period_out, period);
	bytes_put_u32(&sid_out, hs1->sid);
	const struct bytes_view key_parts[] = {
		bytes_view(d->secret, sizeof d->secret),
		bytes_view(number, sizeof number),
	};
	const struct bytes_view parts[] = {
		bytes_view(from->addr, sizeof from->addr),
		bytes_view(sid, sizeof sid),
	};
	seal_hash_parts(key_parts, LENGTH(key_parts), key);
	seal_mac128(key, parts, LENGTH(parts), out);
	seal_wipe(key, sizeof key);
}

bool
doorstep_cookie_holds(const struct doorstep *d, const struct envelope *hs1,
    const struct mesh_path *from, mesh_time_ms now)
{
	uint64_t period = now / DOORSTEP_COOKIE_MS;
	uint8_t right[DOORSTEP_COOKIE];

	for (uint64_t age = 0; age < 2 && age <= period; age++) {
		cookie_of(d, hs1, from, period - age, right);
		if (seal_equal(right, hs1->cookie, sizeof right))
			return true;
	}
	return false;
}

static void
tag_of(const uint8_t k_cookie[static 32], struct bytes_view head,
    const uint8_t e[static 32], uint8_t out[static 16])
{
	const struct bytes_view parts[] = { head, bytes_view(e, 32) };

	seal_mac128(k_cookie, parts, LENGTH(parts), out);
}

void
doorstep_cookie(const struct doorstep *d, const struct doorstep_knock *knock,
    mesh_time_ms now, struct bytes_out *out)
{
	const struct envelope *hs1 = knock->hs1;
	uint8_t cookie[DOORSTEP_COOKIE], tag[16] = { 0 };
	size_t at = out->len;

	cookie_of(d, hs1, knock->from, now / DOORSTEP_COOKIE_MS, cookie);
	envelope_put_cookie(out, hs1->sid, cookie, tag);
	if (out->failed)
		return;
	/* The tag covers what stands before it. */
	size_t head = ENVELOPE_COOKIE_BYTES - sizeof tag;
	tag_of(knock->k_cookie, bytes_view(out->ptr + at, head), hs1->e,
	    out->ptr + at + head);
}

bool
doorstep_tag_holds(const uint8_t k_cookie[static 32], const struct envelope *cookie,
    const uint8_t e[static 32])
{
	uint8_t right[16];
	const uint8_t *first = cookie->tag - (ENVELOPE_COOKIE_BYTES - sizeof right);

	tag_of(k_cookie, bytes_view(first, ENVELOPE_COOKIE_BYTES - sizeof right), e,
	    right);
	return seal_equal(right, cookie->tag, sizeof right);
}
