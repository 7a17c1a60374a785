/* A site that was away for a week, or longer than tombstones live: what was kept comes
 * once, what was removed stays removed, and all have the same (PROTOCOL.md 2, 9).
 *
 * Sites forget rows of the time lanes as the store does: by when they got them. */
#include "check_world.h"
#include "disk_state.h"
#include "pack.h"
#include "world_disk.h"

enum {
	SITES = 3,
	AWAY = 2, /* this one */
	HOUR_MS = 3600 * 1000,
	RETAIN_H = 6, /* each so often the oldest go */
	KEYS = 24,
	SAID = 4096,
	GONE = 512
};
static const uint32_t kept_days[LANE_COUNT] = {
	[LANE_ALERT] = 30, [LANE_PACKET] = 7, [LANE_METRIC] = 14
};

struct said { /* a record of a time lane */
	uint32_t site;
	enum mesh_lane lane;
	uint64_t number;
	mesh_time_ms at;
};
struct written { /* of a keyed lane */
	uint32_t site;
	struct mesh_position at;
	mesh_time_ms at_ms;
};
static struct said said[SAID];
static struct written gone[GONE], tombs[GONE], entries[SITES][GONE];
static size_t said_count, gone_count, tomb_count, entry_count[SITES];

static void
say(uint32_t site, enum mesh_lane lane)
{
	ck_assert_uint_lt(said_count, SAID);
	said[said_count] = (struct said){ site, lane, said_count + 1, w->now };
	ck_assert_int_eq(
	    world_append(w, site, lane, said[said_count].number, 40), MESH_OK);
	said_count++;
}

static struct written
write_keyed(uint32_t site, enum mesh_lane lane, uint16_t type, struct bytes_view body)
{
	uint64_t seq;
	struct mesh_draft d = { lane, type, 0, NULL, body };
	ck_assert_int_eq(
	    mesh_site_append(w->sites[site].site, &d, &seq, world_site_now(w, site)),
	    MESH_OK);
	world_drain(w, site);
	run(50);
	struct mesh_position at = w->sites[site].newest[lane];
	at.seq = seq; /* the core may have written one, too */
	return (struct written){ site, at, w->now };
}

static struct written
put(uint32_t site, enum mesh_lane lane, const char *word, uint64_t key)
{
	char name[32];
	uint8_t bytes[128];
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	snprintf(name, sizeof name, "%s/%03u", word, (unsigned)key);
	disk_body(&body, name, said_count, 0);
	return write_keyed(site, lane, RECORD_PUT, bytes_written(&body));
}

static void
drop(const struct written *what)
{
	uint8_t bytes[32];
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	pack_array(&body, 1);
	pack_array(&body, 1);
	pack_array(&body, 2);
	pack_uint(&body, what->at.seq);
	pack_uint(&body, what->at.seq);
	ck_assert_uint_lt(gone_count, GONE);
	gone[gone_count++] = *what;
	tombs[tomb_count++] = write_keyed(
	    what->site, what->at.lane, RECORD_DROP, bytes_written(&body));
}

/* meshd/store/retention.c: by when the row came here. */
static void
forget_old(uint32_t site)
{
	struct world_site *s = &w->sites[site];
	for (size_t i = 0; i < s->record_count; i++) {
		const struct world_record *r = &s->records[i];
		mesh_time_ms life = kept_days[r->at.lane] * (mesh_time_ms)24 * HOUR_MS;
		if (life > 0 && w->now - r->told_ms > life)
			(void)disk_state_remove(disk_state_of(s->disk), &r->at, false);
	}
}

/* meshd/registry/retiring.c: tombstones live for 14 days. */
static void
retire(uint32_t site)
{
	for (size_t i = 0; i < tomb_count; i++)
		if (tombs[i].site == site &&
		    w->now - tombs[i].at_ms > (mesh_time_ms)14 * 24 * HOUR_MS)
			mesh_site_retire(
			    w->sites[site].site, tombs[i].at.lane, tombs[i].at.seq + 1);
}

static void
an_hour_of(uint32_t site, uint32_t hour)
{
	say(site, LANE_PACKET);
	if (hour % 3 == 0)
		say(site, LANE_METRIC);
	if (hour % 12 == 0)
		say(site, LANE_ALERT);
	put(site, LANE_STATE, "state", hour % KEYS);
	size_t n = entry_count[site]++;
	entries[site][n] = put(site, LANE_REGISTRY, "entry", n);
	if (hour % 4 == 3) /* one of yesterday, or so */
		drop(&entries[site][n / 2 + n / 4]);
	if (hour % RETAIN_H == 0) {
		forget_old(site);
		retire(site);
	}
}

static void
pass(uint32_t hours)
{
	static uint32_t hour;
	for (uint32_t i = 0; i < hours; i++, hour++) {
		mesh_time_ms next = w->now + HOUR_MS;
		for (uint32_t site = 0; site < SITES; site++)
			if (w->sites[site].site != NULL)
				an_hour_of(site, hour);
		world_run(w, next);
	}
}

static bool
keyed_alike(void)
{
	for (uint32_t origin = 0; origin < SITES; origin++)
		for (uint32_t i = 0; i < SITES; i++)
			if (!world_same_rows(w, origin, i, origin, LANE_STATE) ||
			    !world_same_rows(w, origin, i, origin, LANE_REGISTRY))
				return false;
	return true;
}

static bool
all_caught_up(void)
{
	struct mesh_peer p;
	if (!keyed_alike())
		return false;
	for (uint32_t a = 0; a < SITES; a++)
		for (uint32_t b = 0; b < SITES; b++)
			if (a != b && (!world_peer(w, a, b, &p) || p.behind > 0))
				return false;
	return true;
}

/* Looking costs more than a second of the world. */
static bool
catch_up(void)
{
	for (mesh_time_ms end = w->now + HOUR_MS / 2; w->now < end; run(1000))
		if (all_caught_up())
			return true;
	return false;
}

static void
what_was_removed_is_not_there(void)
{
	for (size_t i = 0; i < gone_count; i++) {
		for (uint32_t site = 0; site < SITES; site++) {
			const struct disk_held *h = disk_state_held(
			    disk_state_of(w->sites[site].disk), &gone[i].at);
			for (size_t k = 0; h != NULL && k < h->item_count; k++)
				ck_assert_msg(h->items[k].seq != gone[i].at.seq,
				    "site %u has number %u of site %u again",
				    (unsigned)site, (unsigned)gone[i].at.seq,
				    (unsigned)gone[i].site);
		}
	}
}

/* Once if somebody could still serve it when it was back, never twice; of what is just
 * about to be forgotten, as it comes. */
static void
what_was_kept_came_once(mesh_time_ms back)
{
	size_t missed = 0, over = 0;
	for (size_t i = 0; i < said_count; i++) {
		const struct said *s = &said[i];
		size_t told = world_told(w, AWAY, s->site, s->lane, s->number);
		mesh_time_ms life = kept_days[s->lane] * (mesh_time_ms)24 * HOUR_MS;
		bool kept = w->now < s->at + life;
		ck_assert_uint_le(told, 1);
		ck_assert_msg(told == 1 || !kept || s->site == AWAY,
		    "number %u of site %u, lane %d, did not come", (unsigned)s->number,
		    (unsigned)s->site, (int)s->lane);
		missed += told == 1 && s->at < back;
		over += told == 0;
	}
	ck_assert_uint_gt(missed, 0);
	if (back > (mesh_time_ms)9 * 24 * HOUR_MS)
		ck_assert_uint_gt(over, 0); /* older packets are with nobody any more */
}

static void
away_for(uint32_t days)
{
	struct world_params p = { .sites = SITES,
		.seed = check_seed(),
		.delay_min_ms = 1,
		.delay_max_ms = 30,
		.store_ms = 4,
		.loss = 0.01,
		.standin = true,
		.ping_ms = 20000 };
	said_count = gone_count = tomb_count = 0;
	memset(entry_count, 0, sizeof entry_count);
	w = world_new(&p);
	world_join_all(w);
	world_start_all(w);
	run(20000);
	pass(24);
	world_stop(w, AWAY);
	pass(24 * days);
	forget_old(AWAY);
	mesh_time_ms back = w->now;
	world_start(w, AWAY);
	ck_assert_msg(catch_up(), "not all is the same half an hour later");
	what_was_kept_came_once(back);
	what_was_removed_is_not_there();
	pass(6);
	ck_assert(catch_up());
	what_was_kept_came_once(back);
	what_was_removed_is_not_there();
	done();
}

START_TEST(a_week_away)
{
	away_for(7);
}
START_TEST(away_longer_than_packets_are_kept_and_tombstones_live)
{
	away_for(16);
}
CHECK_MODULE(
    week, NULL, a_week_away, away_longer_than_packets_are_kept_and_tombstones_live)
