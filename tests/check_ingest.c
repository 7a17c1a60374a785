#include "arena.h"
#include "id.h"
#include "ingest.h"
#include "lanes.h"
#include "model_world.h"
#include "named.h"
#include "text.h"

/* --- a store and a core that note what they are told --- */

static struct {
	enum mesh_err next;
	unsigned count, locals;
	enum store_sync sync;
	uint64_t token;
} put;
static struct {
	unsigned count;
	uint64_t ticket;
	enum mesh_err err;
	bool live;
} said;

enum mesh_err
store_put_record(
    struct store *s, const struct mesh_record *r, enum store_sync sync, uint64_t token)
{
	(void)s, (void)r;
	put.count++;
	put.sync = sync;
	put.token = token;
	return put.next;
}

enum mesh_err
store_put_local(struct store *s, const struct mesh_record *r, uint64_t token)
{
	(void)s;
	put.locals += r->at.epoch == 0;
	put.token = token;
	return put.next;
}

void
mesh_site_stored(struct mesh_site *site, uint64_t ticket, enum mesh_err err,
    const struct mesh_live *live, struct mesh_now now)
{
	(void)site, (void)now;
	said.count++;
	said.ticket = ticket;
	said.err = err;
	said.live = live != NULL;
}

static struct ingest *ingest;
static struct feed *feed;
static struct live *live;
static struct meshd_counts counts;
static struct feed_reader reader;
static const struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
static uint8_t body[4096];

static void
setup(void)
{
	ingest_free(ingest);
	feed_free(feed);
	live_free(live);
	counts = (struct meshd_counts){ 0 };
	memset(&put, 0, sizeof put);
	memset(&said, 0, sizeof said);
	feed = feed_new(64, 256 * 1024);
	live = live_new(64);
	ingest = ingest_new(
	    &(struct ingest_params){ .feed = feed, .live = live, .counts = &counts });
	reader = (struct feed_reader){ .topics = ~(unsigned)FEED_MESSAGE,
		.stages = ~0u };
	feed_join(feed, &reader);
}

static struct mesh_event
event_of(const struct mesh_position *at, uint16_t type, const struct field_table *t,
    const void *object, uint64_t ticket)
{
	struct bytes_out out = bytes_out(body, sizeof body);
	ck_assert_int_eq(mesh_body_encode(t, object, &out), MESH_OK);
	return (struct mesh_event){ .kind = MESH_RECORD,
		.ticket = ticket,
		.record = { .at = *at,
		    .type = type,
		    .time_ms = 77,
		    .body = bytes_written(&out) } };
}

static struct mesh_event
packet_event(uint8_t site, uint64_t seq, uint64_t ticket)
{
	struct mesh_position at = world_at(site, LANE_PACKET, seq);
	struct reception r = world_reception(9, 1, 500);
	return event_of(&at, 1, &reception_table, &r, ticket);
}

static struct mesh_event
state_event(
    uint8_t site, const char *key, const struct field_table *t, const void *value)
{
	static struct tree_item items[64];
	static uint8_t texts[2048];
	struct arena arena = arena_init(texts, sizeof texts);
	struct tree_out out = tree_out(items, LENGTH(items));
	struct mesh_position at = world_at(site, LANE_STATE, 1);
	named_write(t, value, &arena, &out);
	struct state_put p = { bytes_view(key, strlen(key)), tree_done(&out) };
	return event_of(&at, RECORD_PUT, &state_put_table, &p, 5);
}

static void
decided(uint64_t ticket, enum mesh_err err)
{
	struct store_outcome o = {
		.token = STORE_TOKEN(OWNER_INGEST, ticket), .err = err, .has_live = true
	};
	ingest_outcome(ingest, &o, now);
}

static const char *
next_news(enum feed_topic *topic, enum feed_stage *stage)
{
	struct feed_item item = { .object = NULL };
	bool found = feed_next(feed, &reader, &item);
	*topic = item.topic;
	*stage = item.stage;
	return found ? world_json(item.table, item.object) : NULL;
}

START_TEST(a_record_goes_to_the_store_and_to_the_feed)
{
	enum feed_topic topic;
	enum feed_stage stage;
	struct mesh_event e = packet_event(3, 1, 88);
	e.own = true;
	ingest_record(ingest, &e, now);
	ck_assert_uint_eq(put.count, 1);
	ck_assert(put.sync == SYNC_GROUP && put.token == STORE_TOKEN(OWNER_INGEST, 88));
	const char *json = next_news(&topic, &stage);
	ck_assert(topic == FEED_PACKET && stage == FEED_HEARD);
	ck_assert(strstr(json, "\"receptions\":[{\"site\":\"03030303\"") != NULL);
	ck_assert_msg(said.count == 0, "nothing is promised before it is stored");
	struct id node = id_of_node(ID_MT_NODE, 9);
	ck_assert(live_node(live, &node) != NULL);
	decided(88, MESH_OK);
	ck_assert(
	    said.count == 1 && said.ticket == 88 && said.err == MESH_OK && said.live);
	const char *again = next_news(&topic, &stage);
	ck_assert(topic == FEED_PACKET && stage == FEED_STORED);
	ck_assert_str_eq(again, json);
	ck_assert_ptr_null(next_news(&topic, &stage));
}
START_TEST(a_refused_record_is_not_told_as_stored)
{
	enum feed_topic topic;
	enum feed_stage stage;
	struct mesh_event e = packet_event(3, 1, 88);
	ingest_record(ingest, &e, now);
	ck_assert_ptr_nonnull(next_news(&topic, &stage));
	decided(88, MESH_IO);
	ck_assert(said.err == MESH_IO && next_news(&topic, &stage) == NULL);
	ck_assert_uint_eq(counts.n[COUNT_INGEST_REFUSED], 1);
}
START_TEST(a_busy_store_means_no_promise_but_people_are_told)
{
	enum feed_topic topic;
	enum feed_stage stage;
	struct ingest_done done;
	struct mesh_event e = packet_event(3, 7, 88);
	e.own = true;
	put.next = MESH_FULL;
	ck_assert_int_eq(ingest_await(ingest, LANE_PACKET, 7, 1234), MESH_OK);
	ingest_record(ingest, &e, now);
	ck_assert(said.count == 1 && said.ticket == 88 && said.err == MESH_FULL);
	ck_assert_ptr_nonnull(next_news(&topic, &stage));
	ck_assert(ingest_next_done(ingest, &done) && done.caller == 1234 &&
	    done.err == MESH_FULL);
	ck_assert_uint_eq(counts.n[COUNT_INGEST_STORE_BUSY], 1);
}
START_TEST(who_waits_for_an_own_record_hears_when_it_is_stored)
{
	struct ingest_done done;
	struct mesh_event e = packet_event(1, 7, 88);
	ck_assert_int_eq(ingest_await(ingest, LANE_PACKET, 7, 1234), MESH_OK);
	ck_assert_int_eq(ingest_await(ingest, LANE_PACKET, 8, 5678), MESH_OK);
	struct mesh_event foreign = packet_event(
	    2, 7, 87); /* the same number, elsewhere */
	ingest_record(ingest, &foreign, now);
	decided(87, MESH_OK);
	ck_assert(!ingest_next_done(ingest, &done));
	e.own = true;
	ingest_record(ingest, &e, now);
	ck_assert(!ingest_next_done(ingest, &done));
	decided(88, MESH_OK);
	ck_assert(ingest_next_done(ingest, &done) && done.caller == 1234 &&
	    done.err == MESH_OK);
	ck_assert(!ingest_next_done(ingest, &done));
}
START_TEST(a_site_gets_its_name_and_a_node_its_facts)
{
	enum feed_topic topic;
	enum feed_stage stage;
	char room[SITE_SHOWN_MAX];
	struct site_value site = {
		.has = 3, .name = text("barn"), .version = text("0.1.0")
	};
	struct node_facts facts = { .has = 1 << FACTS_LONG_NAME | 1 << FACTS_NAMED_MS,
		.long_name = text("Roof"),
		.named_ms = 4 };
	struct mesh_event e = state_event(3, "site", &site_value_table, &site);
	struct mesh_key key = world_key(3);
	ingest_record(ingest, &e, now);
	ck_assert(text_is(sites_name(live_sites(live), &key, room), "barn"));
	ck_assert(strstr(next_news(&topic, &stage),
		      "\"site\":\"barn\",\"key\":\"site\"") != NULL);
	ck_assert(topic == FEED_STATE);
	e = state_event(3, "node/meshtastic:!00000009", &node_facts_table, &facts);
	ingest_record(ingest, &e, now);
	ck_assert(strstr(next_news(&topic, &stage), "\"long_name\":\"Roof\"") != NULL);
	ck_assert(topic == FEED_STATE);
	ck_assert(strstr(next_news(&topic, &stage), "\"id\":\"!00000009\"") != NULL);
	ck_assert(topic == FEED_NODE);
}
START_TEST(what_is_remembered_makes_no_news)
{
	enum feed_topic topic;
	enum feed_stage stage;
	char room[SITE_SHOWN_MAX];
	struct site_value site = { .has = 1, .name = text("barn") };
	struct mesh_key key = world_key(3);
	struct mesh_event e = state_event(3, "site", &site_value_table, &site);
	ingest_remember(ingest, &e.record);
	ck_assert(text_is(sites_name(live_sites(live), &key, room), "barn"));
	ck_assert(next_news(&topic, &stage) == NULL && put.count == 0);
}
START_TEST(what_cannot_be_read_is_stored_all_the_same)
{
	enum feed_topic topic;
	enum feed_stage stage;
	struct mesh_event e = packet_event(3, 1, 1);
	e.record.type = 3;
	ingest_record(ingest, &e, now);
	e = packet_event(3, 2, 2);
	e.record.body.len -= 3;
	ingest_record(ingest, &e, now);
	e = packet_event(3, 3, 3);
	e.record.at.lane = LANE_METRIC;
	ingest_record(ingest, &e, now);
	ck_assert_uint_eq(put.count, 3);
	ck_assert_uint_eq(counts.n[COUNT_INGEST_UNKNOWN], 1);
	ck_assert_uint_eq(counts.n[COUNT_INGEST_MALFORMED], 2);
	ck_assert_ptr_null(next_news(&topic, &stage));
	e.record.at.lane = LANE_LIVE;
	ingest_record(ingest, &e, now);
	ck_assert(put.count == 3 && counts.n[COUNT_INGEST_LIVE] == 1);
}
START_TEST(alerts_and_control_are_stored_at_once)
{
	struct mesh_event e = packet_event(3, 1, 1);
	e.record.at.lane = LANE_ALERT;
	ingest_record(ingest, &e, now);
	ck_assert(put.sync == SYNC_NOW);
	e.own = true;
	ingest_record(ingest, &e, now);
	ck_assert(put.sync == SYNC_TWICE);
	e.record.at.lane = LANE_STATE;
	ingest_record(ingest, &e, now);
	ck_assert(put.sync == SYNC_GROUP);
	e.record.at.lane = LANE_CONTROL;
	ingest_record(ingest, &e, now);
	ck_assert(put.sync == SYNC_NOW);
}
START_TEST(our_alert_goes_out_when_it_is_written_and_is_answered_when_it_is_safe)
{
	static const enum mesh_err ends[] = { MESH_OK, MESH_IO };
	for (size_t i = 0; i < LENGTH(ends); i++) {
		enum feed_topic topic;
		enum feed_stage stage;
		struct ingest_done done;
		setup();
		struct mesh_event e = packet_event(1, 7, 88);
		e.own = true;
		e.record.at.lane = LANE_ALERT;
		e.record.type = 9; /* of no news */
		ck_assert_int_eq(ingest_await(ingest, LANE_ALERT, 7, 1234), MESH_OK);
		ingest_record(ingest, &e, now);
		struct store_outcome o = { .token = put.token, .written = true };
		ingest_outcome(ingest, &o, now);
		ck_assert(said.count == 1 && said.err == MESH_OK);
		ck_assert_msg(!ingest_next_done(ingest, &done), "not yet safe");
		decided(88, ends[i]);
		ck_assert_msg(said.count == 1, "the core has its word");
		ck_assert(ingest_next_done(ingest, &done) && done.caller == 1234);
		ck_assert_int_eq(done.err, ends[i]);
		ck_assert_ptr_null(next_news(&topic, &stage));
		ck_assert_uint_eq(counts.n[COUNT_INGEST_STORED], ends[i] == MESH_OK);
	}
}
static const char *
stored_again(const struct mesh_record *r)
{
	enum feed_topic topic;
	enum feed_stage stage;
	struct store_outcome o = { .token = put.token, .again = r };
	ingest_outcome(ingest, &o, now);
	const char *json = next_news(&topic, &stage);
	ck_assert(json == NULL || (topic == FEED_ALERT && stage == FEED_STORED));
	return json;
}

/* The ring of the feed is short, and a disk may be full for days. */
START_TEST(an_alert_that_was_refused_is_told_as_stored_when_it_is)
{
	static const size_t between[] = { 0, 100 };
	for (size_t i = 0; i < LENGTH(between); i++) {
		enum feed_topic topic;
		enum feed_stage stage;
		struct ingest_done done;
		setup();
		struct alert_statement s = { .has = 127, /* no data, no rule */
			.kind = text("bell.rang"),
			.severity = SEVERITY_HIGH,
			.state = ALERT_FIRING,
			.since_ms = 500,
			.subject = { .has = 3,
			    .type = text("user"),
			    .id = text("bell") },
			.text = text("it rang") };
		s.id = alert_id(s.kind, &s.subject, text("r"));
		struct mesh_position at = world_at(1, LANE_ALERT, 7);
		struct mesh_event e = event_of(&at, 1, &alert_statement_table, &s, 88);
		e.own = true;
		ck_assert_int_eq(ingest_await(ingest, LANE_ALERT, 7, 1234), MESH_OK);
		ingest_record(ingest, &e, now);
		struct store_outcome o = { .token = put.token, .written = true };
		ingest_outcome(ingest, &o, now);
		decided(88, MESH_IO);
		ck_assert(ingest_next_done(ingest, &done) && done.err == MESH_IO);
		char heard[4096];
		snprintf(heard, sizeof heard, "%s", next_news(&topic, &stage));
		ck_assert(topic == FEED_ALERT && stage == FEED_HEARD);
		ck_assert_ptr_null(next_news(&topic, &stage));
		uint8_t kept[sizeof body];
		memcpy(kept, body, sizeof body);
		e.record.body.ptr = kept;
		for (size_t n = 0; n < between[i]; n++) {
			struct mesh_event p = packet_event(2, n + 1, 1000 + n);
			ingest_record(ingest, &p, now);
			(void)next_news(&topic, &stage);
		}
		ck_assert_str_eq(stored_again(&e.record), heard);
		ck_assert_ptr_null(next_news(&topic, &stage));
		ck_assert_uint_eq(counts.n[COUNT_INGEST_STORED], 1);
		ck_assert_msg(said.count == 1, "the core has its word");
		ck_assert(!ingest_next_done(ingest, &done));
	}
}
START_TEST(tickets_in_any_order_find_their_record) /* and colliding ones */
{
	enum { MANY = 600 };
	static uint64_t tickets[MANY];
	static size_t order[MANY];
	struct ingest_done done;
	for (size_t round = 0; round < 5; round++) {
		setup();
		for (size_t i = 0; i < MANY; i++) {
			tickets[i] = 1 + i * (i % 3 == 0 ? INGEST_PENDING : 1) + round;
			if (i % 3 == 0)
				tickets[i] += (uint64_t)1 << 40;
			struct mesh_event e = packet_event(1, 1 + i, tickets[i]);
			e.own = true;
			ingest_record(ingest, &e, now);
		}
		world_shuffle(order, MANY);
		for (size_t i = 0; i < MANY; i++) {
			size_t k = order[i];
			ck_assert_int_eq(
			    ingest_await(ingest, LANE_PACKET, 1 + k, k), MESH_OK);
			decided(tickets[k], MESH_OK);
			ck_assert(ingest_next_done(ingest, &done) && done.caller == k);
			ck_assert_uint_eq(said.ticket, tickets[k]);
		}
		ck_assert_uint_eq(counts.n[COUNT_INGEST_UNTRACKED], 0);
	}
}
START_TEST(more_at_once_than_can_be_tracked_lose_their_second_item_only)
{
	for (size_t i = 0; i < INGEST_PENDING + 100; i++) {
		struct mesh_event e = packet_event(1, 1 + i, 1 + i);
		ingest_record(ingest, &e, now);
	}
	ck_assert_uint_eq(counts.n[COUNT_INGEST_UNTRACKED], 101);
	for (size_t i = 0; i < INGEST_PENDING + 100; i++)
		decided(1 + i, MESH_OK);
	ck_assert_uint_eq(said.count, INGEST_PENDING + 100);
	ck_assert_uint_eq(counts.n[COUNT_INGEST_STORED], INGEST_PENDING + 100);
}
START_TEST(what_stays_here_is_told_as_local_and_never_promised)
{
	enum feed_topic topic;
	enum feed_stage stage;
	struct mesh_event e = packet_event(1, 1, 88);
	ingest_local(ingest, LANE_PACKET, 1, e.record.body, now);
	ck_assert(put.count == 0 && put.locals == 1);
	const char *json = next_news(&topic, &stage);
	ck_assert(topic == FEED_PACKET && stage == FEED_HEARD);
	ck_assert(strstr(json, "\"local\":true}") != NULL);
	decided(STORE_NUMBER(put.token), MESH_OK);
	ck_assert(next_news(&topic, &stage) != NULL && stage == FEED_STORED);
	ck_assert_msg(said.count == 0, "the core never hears of it");
	ck_assert_uint_eq(counts.n[COUNT_INGEST_LOCAL], 1);
	put.next = MESH_FULL;
	ingest_local(ingest, LANE_PACKET, 1, e.record.body, now);
	ck_assert_uint_eq(counts.n[COUNT_INGEST_LOCAL_LOST], 1);
	ck_assert(next_news(&topic, &stage) != NULL);
}
START_TEST(samples_are_told_one_by_one_and_old_ones_only_kept)
{
	enum feed_topic topic;
	enum feed_stage stage;
	struct mesh_position at = world_at(3, LANE_METRIC, 1);
	struct sample both[] = {
		{ .has = 3, .name = text("room.temp"), .value = 21.5 },
		{ .has = 3, .name = text("no name"), .value = 1 },
		{ .has = 3, .name = text("room.damp"), .value = 40 },
	};
	struct sample_batch batch = { { both, LENGTH(both) } };
	struct mesh_event e = event_of(&at, 1, &sample_batch_table, &batch, 7);
	ingest_record(ingest, &e, now);
	ck_assert_ptr_nonnull(
	    strstr(next_news(&topic, &stage), "\"room.temp\",\"value\":21.5"));
	ck_assert_int_eq(topic, FEED_METRIC);
	ck_assert_ptr_nonnull(strstr(next_news(&topic, &stage), "room.damp"));
	ck_assert_ptr_null(next_news(&topic, &stage));
	e.late = true;
	ingest_record(ingest, &e, now);
	ck_assert_ptr_null(next_news(&topic, &stage));
	ck_assert_uint_eq(put.count, 2);
	ck_assert(live_sample_at(live, 1) != NULL && live_sample_at(live, 2) == NULL);
}
/* What repair brings after a short break happens now; of a week ago, and of nobody
 * knows when, it is history. */
START_TEST(what_comes_by_repair_is_history_if_it_is_old)
{
	static const struct {
		bool late, own;
		unix_ms written, clock;
		bool history;
	} rows[] = { { true, false, 1700000000000 - 299000, 1700000000000, false },
		{ true, false, 1700000000000 - 301000, 1700000000000, true },
		{ true, false, 1700000000000 + 900000, 1700000000000, false },
		{ true, false, 0, 1700000000000, true },
		{ true, false, 1700000000000, 0, true },
		{ true, true, 1000, 1700000000000, false },
		{ false, false, 1000, 1700000000000, false } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct feed_item item;
		setup();
		struct mesh_event e = packet_event(3, i + 1, i + 1);
		e.late = rows[i].late;
		e.own = rows[i].own;
		e.record.time_ms = rows[i].written;
		ingest_record(ingest, &e,
		    (struct mesh_now){ .ms = 1000, .unix_ms = rows[i].clock });
		ck_assert(feed_next(feed, &reader, &item));
		ck_assert_msg(item.late == rows[i].history, "row %zu", i);
		decided(i + 1, MESH_OK);
		ck_assert(feed_next(feed, &reader, &item));
		ck_assert_int_eq(item.stage, FEED_STORED);
		ck_assert_msg(item.late == rows[i].history, "row %zu, stored", i);
	}
}
START_TEST(a_text_is_told_as_a_message_unless_it_is_our_own)
{
	/* clang-format off */
	static const struct { uint8_t site; bool own; uint32_t via; unsigned told; } rows[] = {
		{ 3, false, 0, 1 },        /* heard elsewhere */
		{ 3, true, 0, 1 },         /* heard here */
		{ 3, false, VIA_ECHO, 1 }, /* said elsewhere */
		{ 3, true, VIA_ECHO, 0 },  /* said here: the outbox tells of it */
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct mesh_position at = world_at(rows[i].site, LANE_PACKET, i + 1);
		struct reception r = world_reception(9, 1, 500);
		r.via = rows[i].via;
		r.has |= 1ULL << RECEPTION_VIA;
		setup();
		reader = (struct feed_reader){ .topics = FEED_MESSAGE, .stages = ~0u };
		feed_join(feed, &reader);
		struct mesh_event e = event_of(&at, 1, &reception_table, &r, 88);
		e.own = rows[i].own;
		ingest_record(ingest, &e, now);
		decided(88, MESH_OK);
		enum feed_topic topic;
		enum feed_stage stage;
		unsigned told = 0;
		while (next_news(&topic, &stage) != NULL)
			told++;
		ck_assert_uint_eq(told, rows[i].told);
	}
}
START_TEST(a_text_is_told_once_whoever_hears_it)
{
	/* clang-format off */
	static const struct { uint8_t site; bool own; uint32_t packet, via; unsigned told; } rows[] = {
		{ 3, false, 1, 0, 1 },       /* heard elsewhere */
		{ 4, false, 1, 0, 0 },       /* and there */
		{ 3, true, 1, 0, 0 },        /* and here */
		{ 3, true, 2, VIA_ECHO, 0 }, /* said here */
		{ 4, false, 2, 0, 0 },       /* heard elsewhere */
		{ 4, false, 3, 0, 1 },       /* another one */
	}; /* clang-format on */
	reader = (struct feed_reader){ .topics = FEED_MESSAGE, .stages = FEED_HEARD };
	feed_join(feed, &reader);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct mesh_position at = world_at(rows[i].site, LANE_PACKET, i + 1);
		struct reception r = world_reception(9, rows[i].packet, 500);
		r.via = rows[i].via;
		r.has |= 1ULL << RECEPTION_VIA;
		struct mesh_event e = event_of(&at, 1, &reception_table, &r, 88 + i);
		e.own = rows[i].own;
		ingest_record(ingest, &e, now);
		enum feed_topic topic;
		enum feed_stage stage;
		unsigned told = 0;
		while (next_news(&topic, &stage) != NULL)
			told++;
		ck_assert_msg(told == rows[i].told, "row %zu: %u", i, told);
	}
}
CHECK_MODULE(ingest, setup, a_text_is_told_once_whoever_hears_it,
    a_text_is_told_as_a_message_unless_it_is_our_own,
    what_comes_by_repair_is_history_if_it_is_old,
    samples_are_told_one_by_one_and_old_ones_only_kept,
    what_stays_here_is_told_as_local_and_never_promised,
    a_record_goes_to_the_store_and_to_the_feed, a_refused_record_is_not_told_as_stored,
    a_busy_store_means_no_promise_but_people_are_told,
    who_waits_for_an_own_record_hears_when_it_is_stored,
    a_site_gets_its_name_and_a_node_its_facts, what_is_remembered_makes_no_news,
    what_cannot_be_read_is_stored_all_the_same, alerts_and_control_are_stored_at_once,
    our_alert_goes_out_when_it_is_written_and_is_answered_when_it_is_safe,
    an_alert_that_was_refused_is_told_as_stored_when_it_is,
    tickets_in_any_order_find_their_record,
    more_at_once_than_can_be_tracked_lose_their_second_item_only)
