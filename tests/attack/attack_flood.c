/* Attacks 10 to 14: chosen keys, amplification, invented sites, suspicions. */
#include "attack.h"
#include "check_world.h"
#include "wire.h"

enum { VICTIM = 0, HONEST = 1, LIAR = 2 };

/* --- keys that would collide in a table whose hash is known --- */

enum { CROWD = 256, CAP = 1024, PROBE_MAX = 64 };

static size_t
longest_probe(const struct table *t)
{
	size_t longest = 0, mask = t->slots - 1;
	for (size_t slot = 0; slot < t->slots; slot++) {
		const uint8_t *there;
		if (table_slot(t, slot, &there).generation == 0)
			continue;
		struct bytes_view key = bytes_view(there, t->key_bytes);
		size_t home = (size_t)seal_siphash(t->secret, key) & mask;
		size_t probe = (slot - home) & mask;
		longest = probe > longest ? probe : longest;
	}
	return longest;
}

START_TEST(chosen_keys_do_not_crowd_a_table)
{
	static const uint8_t known[TABLE_SECRET];
	uint8_t secret[TABLE_SECRET];
	struct table t;
	void *block = calloc(1, table_bytes(CAP, sizeof(struct mesh_key)));
	rng_bytes(secret, sizeof secret);
	table_init(&t, block, CAP, sizeof(struct mesh_key), secret);
	for (uint32_t taken = 0; taken < CROWD;) {
		struct mesh_key key;
		rng_bytes(&key, sizeof key);
		uint64_t hash = seal_siphash(known, bytes_view(key.bytes, sizeof key));
		if ((hash & (t.slots - 1)) != 0)
			continue;
		ck_assert_int_eq(
		    table_put(&t, &key, (struct handle){ taken++, 1 }), MESH_OK);
	}
	ck_assert_uint_lt(longest_probe(&t), PROBE_MAX);
	free(block);
}
START_TEST(chosen_records_do_not_crowd_the_cache)
{
	static const uint8_t known[DEDUP_KEY];
	uint8_t secret[DEDUP_KEY];
	struct dedup d, guess;
	void *block = calloc(1, dedup_bytes(CAP));
	rng_bytes(secret, sizeof secret);
	dedup_init(&d, block, CAP, secret);
	guess = d;
	memcpy(guess.key, known, sizeof known);
	for (uint32_t taken = 0; taken < CROWD;) {
		uint8_t core[64];
		uint64_t at;
		rng_bytes(core, sizeof core);
		struct bytes_view v = bytes_view(core, sizeof core);
		struct dedup_mark known_mark = dedup_mark_of(&guess, v);
		memcpy(&at, known_mark.bytes, sizeof at);
		if ((at & (d.slots - 1)) != 0)
			continue;
		struct dedup_mark mark = dedup_mark_of(&d, v);
		ck_assert(dedup_admit(&d, &mark));
		taken++;
	}
	size_t longest = 0, here = 0;
	for (size_t i = 0; i < d.slots; i++) {
		here = d.young[i].bytes[15] != 0 ? here + 1 : 0;
		longest = here > longest ? here : longest;
	}
	ck_assert_uint_lt(longest, PROBE_MAX);
	free(block);
}
START_TEST(no_two_lives_have_one_secret)
{
	begin(2, 0);
	world_start_all(w);
	const struct mesh_site *a = w->sites[0].site, *b = w->sites[1].site;
	const uint8_t *const secrets[] = { a->peers.by_key.secret, a->admit.keys.secret,
		a->sessions.by_sid.secret, a->verified.key, a->bad.key,
		b->peers.by_key.secret, b->verified.key, b->bad.key };
	for (size_t i = 0; i < LENGTH(secrets); i++)
		for (size_t k = 0; k < i; k++)
			ck_assert(memcmp(secrets[i], secrets[k], 16) != 0);
	done();
}

/* --- amplification --- */

/* Small tables, so that a few hundred fill them. */
enum { ROWS = 64 };

static void
a_pair(void)
{
	begin(2, 0);
	w->params.unlimited = true;
	w->params.limits.peers = w->params.limits.origins = ROWS;
	world_join_all(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
}

START_TEST(nothing_is_answered_that_is_not_authentic)
{
	enum { TIMES = 1500 };
	uint8_t d[1200];
	a_pair();
	for (uint32_t i = 0; i < TIMES; i++) {
		struct mesh_path from = stranger_path(i);
		size_t len = 1 + rng_u32() % sizeof d;
		rng_bytes(d, sizeof d);
		d[0] = (uint8_t)(ENVELOPE_BEACON + i % 6);
		if (i % 6 == 1)
			len = ENVELOPE_HS1_BYTES;
		if (i % 2 == 0) /* the hint is no secret */
			memcpy(d + 1,
			    w->sites[VICTIM].site->ring.keys[NETKEY_CURRENT].hint, 4);
		world_flush(w, VICTIM);
		attack_starts(w);
		world_inject(w, VICTIM, &from, bytes_view(d, len));
		attack_moves(VICTIM, NULL, 1);
		attack_ends(w, "random bytes");
	}
	done();
}

/* --- sites that are invented by who has the network key --- */

static void
invent_one(const struct mesh_path *from)
{
	liar_invents(w, VICTIM, from);
}

/* Newcomers are greeted by one beacon a second, not by one each. */
START_TEST(invented_sites_are_greeted_once_a_second)
{
	enum { SITES_A_SECOND = 50, SECONDS = 12, MOST = 40, ONE = 400 };
	begin(2, 0); /* nobody hears the victim: what it sends is counted alone */
	world_start(w, VICTIM);
	run(20000);
	struct mesh_path from = stranger_path(1);
	attack_starts(w);
	uint64_t beacons = w->sites[VICTIM].sent;
	for (int s = 0; s < SECONDS; s++)
		for (int i = 0; i < SITES_A_SECOND; i++) {
			invent_one(&from);
			run(20);
		}
	/* Beacons, and calls to those few that it wants as neighbours: all of them to
	 * one address, hence one call at a time. */
	ck_assert_uint_le(w->sites[VICTIM].sent - beacons, MOST);
	ck_assert_uint_le(attack_sent_bytes(w, VICTIM), MOST * ONE);
	done();
}
START_TEST(invented_sites_push_nobody_out)
{
	enum { INVENTED = 4 * ROWS };
	a_pair();
	append(HONEST, 1);
	run(100);
	size_t memory = mesh_site_memory(w->sites[VICTIM].site);
	uint64_t boot = peer(VICTIM, HONEST).boot;
	for (uint32_t i = 0; i < INVENTED; i++) {
		struct mesh_path from = stranger_path(i);
		invent_one(&from);
		if (i % 10 == 0)
			run(10);
	}
	const struct mesh_site *s = w->sites[VICTIM].site;
	ck_assert_uint_eq(mesh_site_memory(s), memory);
	ck_assert_uint_le(pool_taken(&s->peers.pool), s->limits.peers);
	ck_assert_uint_gt(counter(VICTIM, "record.not_admitted"), 0);
	ck_assert_uint_gt(w->sites[VICTIM].notices[NOTICE_STRANGER], 0);
	ck_assert(is_direct(VICTIM, HONEST) && is_direct(HONEST, VICTIM));
	ck_assert_uint_eq(peer(VICTIM, HONEST).boot, boot);
	append(HONEST, 2);
	run(100);
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_PACKET, 2), 1);
	done();
}
/* Records by invented origins, through an admitted neighbour. */
START_TEST(invented_origins_take_no_more_rows_than_there_are)
{
	enum { INVENTED = 4 * ROWS };
	a_pair();
	for (uint64_t i = 0; i < INVENTED; i++) {
		struct mesh_identity mine = w->sites[HONEST].identity, id;
		uint8_t seed[32] = { 0xfb };
		memcpy(seed + 1, &i, sizeof i);
		mesh_identity_of(seed, &id);
		struct record r = liar_record(w, HONEST, LANE_METRIC, 1);
		r.at.origin = id.key;
		w->sites[HONEST].identity = id;
		struct bytes_view bundle = liar_signs(w, HONEST, &r);
		w->sites[HONEST].identity = mine;
		liar_sends(w, HONEST, VICTIM, liar_push(w, HONEST, bundle));
		if (i % 5 == 0)
			run(5);
	}
	run(100);
	const struct mesh_site *s = w->sites[VICTIM].site;
	ck_assert_uint_le(pool_taken(&s->holdings.rows), s->limits.origins);
	ck_assert_uint_gt(counter(VICTIM, "record.not_admitted"), 0);
	append(HONEST, 3);
	run(100);
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_PACKET, 3), 1);
	done();
}

/* --- what costs a signature --- */

enum { CHECKS_A_SECOND = 1000 }; /* and a tenth of it at once */

static void
a_slow_victim(void)
{
	begin(3, 0);
	w->params.unlimited = true;
	w->params.limits.checks_per_s = CHECKS_A_SECOND;
	world_join_all(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(VICTIM, HONEST) && is_direct(VICTIM, LIAR));
}

/* All in one moment: the time for signatures of the whole site is not its to spend. */
START_TEST(a_liars_forgeries_use_up_its_own_hearing)
{
	enum { FORGERIES = 200, IN_SIGNATURE = 20, CHECKED = 40 };
	a_slow_victim();
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	struct bytes_view bundle = liar_signs(w, LIAR, &r);
	uint8_t forged[ENVELOPE_MAX];
	memcpy(forged, bundle.ptr, bundle.len);
	for (uint64_t i = 1; i <= FORGERIES; i++) {
		memcpy(forged + IN_SIGNATURE, &i, sizeof i);
		liar_sends(w, LIAR, VICTIM,
		    liar_push(w, LIAR, bytes_view(forged, bundle.len)));
	}
	ck_assert_uint_gt(counter(VICTIM, "shed.neighbour"), 0);
	ck_assert_uint_le(counter(VICTIM, "record.bad_sig"), CHECKED);
	append(HONEST, 1);
	run(10);
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_PACKET, 1), 1);
	done();
}

/* Who has the network's key, revoked or not, can make as many as it likes. */
START_TEST(invented_beacons_leave_time_for_records)
{
	enum { INVENTED = 300 };
	a_slow_victim();
	struct mesh_path from = stranger_path(1);
	for (int i = 0; i < INVENTED; i++)
		invent_one(&from);
	ck_assert_uint_gt(counter(VICTIM, "shed.verify"), INVENTED / 2);
	append(HONEST, 1);
	run(10);
	ck_assert_uint_eq(world_told(w, VICTIM, HONEST, LANE_PACKET, 1), 1);
	done();
}
START_TEST(sites_that_are_gone_leave_calls_for_others)
{
	enum { INVENTED = 200 };
	begin(2, 0);
	world_start(w, VICTIM);
	run(20000);
	for (uint32_t i = 0; i < INVENTED; i++) {
		struct mesh_path from = stranger_path(i);
		invent_one(&from);
		run(10);
	}
	const struct handshake *h = &w->sites[VICTIM].site->handshake;
	uint32_t most = 0;
	run(60000); /* all of them have been called, and are dead */
	for (int i = 0; i < 600; i++) {
		run(100);
		uint32_t calls = handshake_calls(h);
		most = calls > most ? calls : most;
	}
	ck_assert_uint_gt(most, 0);
	ck_assert_uint_le(most, NEIGHBOURS_MAX);
	ck_assert_uint_lt(NEIGHBOURS_MAX, h->cap / 2);
	done();
}

/* --- suspicions --- */

/* 0 - 1 - 2: the first accuses the last, again and again. */
START_TEST(a_suspicion_said_again_and_again_goes_no_further)
{
	enum { ACCUSER = 0, RELAY = 1, FAR = 2, TIMES = 20 };
	uint8_t body[80];
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	struct live_suspect said = { .target = w->sites[FAR].identity.key,
		.boot = w->sites[FAR].boot + 1, /* another life: nobody believes it */
		.silent_ms = 1000 };
	struct bytes_out out = bytes_out(body, sizeof body);
	ck_assert_int_eq(wire_encode(&live_suspect_table, &said, &out), MESH_OK);
	uint64_t before = counter(FAR, "peer.suspect_ignored");
	for (uint32_t i = 0; i < TIMES; i++) {
		struct record r = liar_record(w, ACCUSER, LANE_LIVE, 1000 + i);
		r.type = LIVE_SUSPECT;
		r.body = bytes_written(&out);
		liar_sends(w, ACCUSER, RELAY,
		    liar_push(w, ACCUSER, liar_signs(w, ACCUSER, &r)));
		run(100);
	}
	ck_assert_uint_eq(counter(RELAY, "shed.origin"), TIMES - 1);
	ck_assert_uint_eq(counter(FAR, "peer.suspect_ignored") - before, 1);
	done();
}

/* --- alerts --- */

enum { TOWN = 8, ALERTS = 104, EACH_MS = 100, FLOOD_A_TURN = 50, AGES = 2048 };

/* How long the honest sites' alerts are on their way, at all others: the slowest of a
 * hundred.  The liar says `shouts` of its own before each. */
static mesh_time_ms
slowest_of_a_hundred(uint32_t shouts, uint64_t first)
{
	static mesh_time_ms since[ALERTS];
	static uint32_t of_age[AGES];
	uint32_t heard = 0, sum = 0;
	memset(of_age, 0, sizeof of_age);
	for (uint64_t n = 0; n < ALERTS; n++) {
		uint32_t from = (uint32_t)(n % TOWN);
		for (uint64_t i = 0; i < shouts; i++)
			ck_assert_int_eq(
			    world_append(w, LIAR, LANE_ALERT, first + i, 20), MESH_OK);
		since[n] = w->now;
		if (from != LIAR)
			ck_assert_int_eq(
			    world_append(w, from, LANE_ALERT, first + n, 20), MESH_OK);
		run(EACH_MS);
	}
	run(5000);
	for (uint32_t at = 0; at < TOWN; at++)
		for (size_t i = 0; i < w->sites[at].record_count; i++) {
			const struct world_record *r = &w->sites[at].records[i];
			if (at == LIAR || r->origin == LIAR || r->origin == at ||
			    r->at.lane != LANE_ALERT || r->tag < first)
				continue;
			mesh_time_ms age = r->told_ms - since[r->tag - first];
			ck_assert_uint_lt(age, AGES);
			of_age[age]++;
			heard++;
		}
	ck_assert_uint_eq(heard, (ALERTS - ALERTS / TOWN) * (TOWN - 2));
	for (mesh_time_ms age = 0;; age++)
		if ((sum += of_age[age]) * 100 >= heard * 99)
			return age;
}
/* Five hundred a second for ten seconds, by one whose own code keeps no rule.  Its
 * neighbours refuse them; to the others comes what two shares let through, one from
 * each side.  At worst others' alerts go the other way round the ring. */
START_TEST(a_flood_of_alerts_makes_nobody_elses_later)
{
	enum { TWO_HOPS_MS = 8, FLOOD = ALERTS * FLOOD_A_TURN };
	begin(TOWN, 0);
	world_join_ring(w);
	world_start_all(w);
	run(20000);
	mesh_time_ms quiet = slowest_of_a_hundred(0, 1000);
	w->sites[LIAR].site->share.per_s = 100000;
	mesh_time_ms flooded = slowest_of_a_hundred(FLOOD_A_TURN, 1000000);
	ck_assert_msg(flooded <= quiet + TWO_HOPS_MS, "%u ms, were %u",
	    (unsigned)flooded, (unsigned)quiet);
	for (uint32_t at = 0; at < TOWN; at++)
		if (at == LIAR - 1 || at == LIAR + 1)
			ck_assert_uint_gt(counter(at, "shed.origin"), FLOOD / 2);
		else
			ck_assert_uint_lt(counter(at, "shed.origin"), FLOOD / 10);
	done();
}

CHECK_MODULE(attack_flood, NULL, chosen_keys_do_not_crowd_a_table,
    chosen_records_do_not_crowd_the_cache, no_two_lives_have_one_secret,
    nothing_is_answered_that_is_not_authentic, invented_sites_are_greeted_once_a_second,
    invented_sites_push_nobody_out, invented_origins_take_no_more_rows_than_there_are,
    a_liars_forgeries_use_up_its_own_hearing, invented_beacons_leave_time_for_records,
    sites_that_are_gone_leave_calls_for_others,
    a_suspicion_said_again_and_again_goes_no_further,
    a_flood_of_alerts_makes_nobody_elses_later)
