/* fuzz_trust.c - what a site is told by its own disk, and by a token from elsewhere:
 * key file, network file, rows that were kept, invitations.  The first byte picks the
 * reader.  What is accepted must be written again and read back as the same. */
#include "address.h"
#include "addresses.h"
#include "clause.h"
#include "meshparams.h"
#include "meshtrust.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[4096];

static void
insist(bool truth)
{
	if (!truth)
		abort();
}

static struct text_view
written(const struct bytes_out *out)
{
	struct bytes_view v = bytes_written(out);
	return (struct text_view){ (const char *)v.ptr, v.len };
}

static void
read_identity(struct bytes_in *in)
{
	struct mesh_identity id, again;
	struct bytes_out out = bytes_out(room, sizeof room);
	struct bytes_view v = bytes_take(in, in->left);
	struct text_view file = { (const char *)v.ptr, v.len };
	if (mesh_identity_read(file, &id) != MESH_OK)
		return;
	mesh_identity_write(&id, &out);
	insist(mesh_identity_read(written(&out), &again) == MESH_OK);
	insist(memcmp(&id, &again, sizeof id) == 0);
	mesh_identity_wipe(&id);
}

static void
read_network(struct bytes_in *in)
{
	static struct mesh_network n, again;
	char why[200];
	struct bytes_out complaint = bytes_out(why, sizeof why);
	struct bytes_out out = bytes_out(room, sizeof room);
	struct bytes_view v = bytes_take(in, in->left);
	struct text_view file = { (const char *)v.ptr, v.len };
	if (mesh_network_read(file, &n, &complaint) != MESH_OK) {
		insist(complaint.len > 0);
		return;
	}
	mesh_network_write(&n, &out);
	insist(!out.failed);
	insist(mesh_network_read(written(&out), &again, &complaint) == MESH_OK);
	insist(memcmp(n.id, again.id, sizeof n.id) == 0);
	insist(n.has_next == again.has_next && n.has_previous == again.has_previous);
	(void)mesh_network_offer(&n, n.founder.bytes, 5);
	(void)mesh_network_turn(&n, 10);
	(void)mesh_network_forget(&n, 1LL << 50);
}

/* Who was let in writes the network's file, where to call in it. */
static void
keep_joined(const struct mesh_invite *invite)
{
	static const uint8_t key[32] = { 5 };
	static uint8_t file[4096];
	struct mesh_network n, again;
	char why[200];
	struct bytes_out complaint = bytes_out(why, sizeof why);
	struct bytes_out out = bytes_out(file, sizeof file);
	mesh_invite_network(invite, key, &n);
	mesh_network_write(&n, &out);
	insist(!out.failed);
	insist(mesh_network_read(written(&out), &again, &complaint) == MESH_OK);
	insist(memcmp(n.id, again.id, sizeof n.id) == 0);
	insist(n.seed_count == again.seed_count);
	mesh_wipe(&again, sizeof again);
}

static void
check_token(struct text_view token)
{
	struct mesh_invite invite, again;
	uint8_t verifier[32];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (mesh_invite_read(token, &invite) != MESH_OK)
		return;
	mesh_invite_write(&invite, &out);
	insist(!out.failed && out.len <= MESH_INVITE_TEXT_MAX);
	insist(mesh_invite_read(written(&out), &again) == MESH_OK);
	insist(memcmp(invite.netid, again.netid, sizeof invite.netid) == 0);
	insist(invite.address_count == again.address_count);
	mesh_invite_verifier(&invite, verifier);
	keep_joined(&invite);
	mesh_invite_wipe(&invite);
}

static void
read_token(struct bytes_in *in)
{
	struct bytes_view v = bytes_take(in, in->left);
	check_token((struct text_view){ (const char *)v.ptr, v.len });
}

/* One that somebody wrote with our program, some of it changed. */
static void
read_written_token(struct bytes_in *in)
{
	static uint8_t token[MESH_INVITE_TEXT_MAX + 8];
	static const uint8_t seed[32] = { 6 };
	struct mesh_invite invite = { .expires_ms = 1000LL * bytes_u32(in) };
	struct mesh_identity founder;
	mesh_identity_of(seed, &founder);
	invite.founder = founder.key;
	struct bytes_out out = bytes_out(token, sizeof token);
	invite.address_count = bytes_u8(in) % (MESH_INVITE_ADDRESSES + 1);
	for (size_t i = 0; i < invite.address_count; i++) {
		struct bytes_view addr = bytes_take(in, 4);
		if (addr.len == 4)
			memcpy(invite.addresses[i].addr, addr.ptr, addr.len);
		invite.addresses[i].addr[16] = 17;
	}
	mesh_invite_write(&invite, &out);
	size_t at = bytes_u16(in);
	uint8_t with = bytes_u8(in);
	if (!out.failed && out.len > 0)
		token[at % out.len] ^= with;
	check_token(written(&out));
}

static void
read_clause_row(struct bytes_in *in)
{
	struct clause c, again;
	uint8_t key[CLAUSE_ROW_KEY_MAX], row[CLAUSE_ROW_MAX];
	struct bytes_out key_out = bytes_out(key, sizeof key);
	struct bytes_out row_out = bytes_out(row, sizeof row);
	struct bytes_view k = bytes_take(in, bytes_u8(in));
	struct bytes_view r = bytes_take(in, in->left);
	if (in->failed || !clause_row_read(k, r, &c))
		return;
	clause_row_key(&c, &key_out);
	clause_row_write(&c, &row_out);
	insist(!key_out.failed && !row_out.failed);
	insist(
	    clause_row_read(bytes_written(&key_out), bytes_written(&row_out), &again));
	insist(clause_is_same(&c, &again));
}

static void
read_addresses(struct bytes_in *in)
{
	struct addresses a = { 0 };
	struct mesh_path path;
	struct bytes_view wire = bytes_take(in, bytes_u8(in));
	if (address_read_wire(wire, &path))
		insist(bytes_equal(address_wire(&path), wire));
	addresses_read(&a, bytes_take(in, in->left));
	for (size_t i = 0; i < addresses_count(&a); i++)
		insist(addresses_at(&a, i, &path) && addresses_have(&a, &path));
}

/* --- all that is kept, at a start --- */

static void
count_up(void *ctx, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = ++*(uint8_t *)ctx;
}

static void
read_holding(struct bytes_in *in, struct mesh_holding *h, const struct mesh_key *key)
{
	*h = (struct mesh_holding){ .origin = *key, .lane = LANE_STATE };
	h->origin.bytes[0] ^= bytes_u8(in) & 1;
	h->lane = (enum mesh_lane)(bytes_u8(in) % 8);
	h->epoch = bytes_u8(in);
	h->run_count = bytes_u8(in) % 4;
	for (size_t i = 0; i < h->run_count; i++)
		h->runs[i] = (struct mesh_run){ bytes_u8(in), bytes_u8(in) };
}

/* It starts, or the caller is told why not. */
static void
read_kept(struct bytes_in *in)
{
	enum { ROWS = 12, HELD = 3 };
	static struct mesh_holding held[HELD];
	struct mesh_kept kept[ROWS];
	struct mesh_identity id;
	struct mesh_network network;
	uint8_t dice = 0, seed[32] = { 1 }, random48[48] = { 2 };
	struct mesh_params p = { .identity = &id,
		.network = &network,
		.boot = 9,
		.random = count_up,
		.random_ctx = &dice,
		.holdings = held,
		.kept = kept,
		.limits = { .origins = 4,
		    .peers = 4,
		    .sessions = 2,
		    .halves = 2,
		    .seen = 64,
		    .bad = 16,
		    .buffers = 140,
		    .pending = 8 } };
	struct mesh_site *site;
	mesh_identity_of(seed, &id);
	mesh_network_of(&id.key, random48, true, &network);
	p.holding_count = bytes_u8(in) % (HELD + 1);
	for (size_t i = 0; i < p.holding_count; i++)
		read_holding(in, &held[i], &id.key);
	while (in->left > 0 && p.kept_count < ROWS) {
		kept[p.kept_count].key = bytes_take(in, bytes_u8(in));
		kept[p.kept_count].body = bytes_take(in, bytes_u8(in));
		p.kept_count += !in->failed;
	}
	struct mesh_now now = { .ms = 1000, .unix_ms = 1765432100000 };
	if (mesh_site_new(&site, &p, now) != MESH_OK)
		return;
	mesh_site_tick(site, now);
	mesh_site_free(site);
}

static void (*const readers[])(struct bytes_in *in) = { read_identity, read_network,
	read_token, read_written_token, read_clause_row, read_addresses, read_kept };

/* A byte that has no row reads nothing: a seed means the same however this grows. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in in = bytes_in(bytes_view(data, size));
	uint8_t which = bytes_u8(&in);
	if (size > 1 && which < LENGTH(readers))
		readers[which](&in);
	return 0;
}
