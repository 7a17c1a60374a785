#include "check_world.h"
#include "inside_travel.h"
#include "pack.h"
#include "wire.h"

/* Questions to one and to all, their answers, and what a liar on the way can do. */

enum { SITES_MAX = 12, TOKEN = 5 };
static struct heard {
	uint32_t questions, answers, over; /* at that site */
	uint32_t refusals;                 /* of the answers */
	uint32_t told;
	uint64_t ticket;          /* of the last question */
	uint32_t from[SITES_MAX]; /* answers, by site */
	char body[32];
	size_t len; /* of the last question */
	uint32_t hash;
	struct mesh_echo echo; /* of the last answer */
	uint32_t known, answered;
} heard[SITES_MAX];
static bool answering, refusing;

static uint32_t
hash_of(const char *bytes, size_t len)
{
	uint32_t hash = 2166136261U;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)bytes[i]) * 16777619U;
	return hash;
}
static void
note_body(struct heard *h, struct bytes_view body)
{
	size_t len = body.len < sizeof h->body - 1 ? body.len : sizeof h->body - 1;
	memset(h->body, 0, sizeof h->body);
	if (len > 0)
		memcpy(h->body, body.ptr, len);
}
static void
on_question(uint32_t site, const struct mesh_event *e)
{
	heard[site].questions++;
	heard[site].ticket = e->ticket;
	heard[site].len = e->body.len;
	heard[site].hash = hash_of((const char *)e->body.ptr, e->body.len);
	note_body(&heard[site], e->body);
	struct bytes_view body = refusing ? bytes_view(NULL, 0) : bytes_view("well", 4);
	if (answering)
		ck_assert_int_eq(mesh_site_answer(w->sites[site].site, e->ticket, body,
				     world_now(w)),
		    MESH_OK);
}
static void
on_told(void *ctx, uint32_t site, const struct mesh_event *e)
{
	struct heard *h = &heard[site];
	(void)ctx;
	if (e->kind == MESH_TOLD) {
		h->told++;
		h->from[world_site_of(w, &e->site)]++;
		h->len = e->body.len;
		note_body(h, e->body);
		return;
	}
	if (e->kind == MESH_QUESTION) {
		on_question(site, e);
		return;
	}
	ck_assert_uint_eq(e->ticket, TOKEN);
	ck_assert_msg(h->over == 0, "nothing comes after the end");
	if (e->kind == MESH_ANSWER) {
		h->answers++;
		h->refusals += e->code == 1 && e->body.len == 0;
		h->from[world_site_of(w, &e->site)]++;
		note_body(h, e->body);
		if (e->echo != NULL)
			h->echo = *e->echo;
	} else {
		h->over++;
		h->known = e->known;
		h->answered = e->answered;
	}
}
static void
start(uint32_t sites, void (*join)(struct world *w))
{
	memset(heard, 0, sizeof heard);
	answering = true;
	refusing = false;
	begin(sites, 0);
	w->told = on_told;
	join(w);
	world_start_all(w);
	run(12000);
}
static enum mesh_err
ask(uint32_t from, const struct mesh_key *to, const char *body)
{
	struct mesh_question q = { .to = to,
		.body = bytes_view(body, body != NULL ? strlen(body) : 0),
		.budget_ms = 1000,
		.token = TOKEN };
	memset(heard, 0, sizeof heard);
	enum mesh_err err = mesh_site_ask(w->sites[from].site, &q, world_now(w));
	world_flush(w, from);
	return err;
}
static const struct mesh_key *
key(uint32_t site)
{
	return &w->sites[site].identity.key;
}

START_TEST(a_question_to_one_is_answered_to_the_asker_alone)
{
	start(5, world_join_line);
	ck_assert_int_eq(ask(0, key(3), "how are you"), MESH_OK);
	run(300);
	ck_assert_str_eq(heard[3].body, "how are you");
	ck_assert_str_eq(heard[0].body, "well");
	ck_assert(heard[0].answers == 1 && heard[0].from[3] == 1);
	ck_assert(heard[0].over == 1 && heard[0].answered == 1 && heard[0].known == 1);
	for (uint32_t i = 1; i < 5; i++)
		ck_assert(heard[i].answers == 0 && heard[i].questions == (i == 3));
	done();
}
/* A vector of 4096 numbers. */
START_TEST(a_question_of_many_datagrams_reaches_all_and_is_answered)
{
	enum { LONG = 16 * 1024 };
	static char question[LONG + 1];
	start(5, world_join_line);
	for (size_t i = 0; i < LONG; i++)
		question[i] = (char)('a' + i % 26);
	for (int round = 0; round < 3; round++) {
		ck_assert_int_eq(ask(0, NULL, question), MESH_OK);
		run(1000);
		ck_assert(heard[0].over == 1 && heard[0].known == 4);
		ck_assert_uint_eq(heard[0].answered, 4);
		for (uint32_t i = 1; i < 5; i++)
			ck_assert(heard[i].questions == 1 && heard[i].len == LONG &&
			    heard[i].hash == hash_of(question, LONG));
	}
	ck_assert_int_eq(ask(0, key(3), question), MESH_MALFORMED);
	done();
}
/* Also where one fits a datagram, and would not with the longest trail. */
START_TEST(a_question_of_any_length_reaches_a_neighbour_or_is_refused)
{
	static char question[1301];
	size_t taken = 0;
	start(3, world_join_line);
	for (size_t len = 600; len < 1300; len += 20) {
		memset(question, 'q', len);
		question[len] = '\0';
		for (int to_all = 0; to_all < 2; to_all++) {
			enum mesh_err err = ask(0, to_all ? NULL : key(1), question);
			run(1000);
			ck_assert(err == MESH_OK || err == MESH_MALFORMED);
			if (err != MESH_OK)
				continue;
			taken++;
			ck_assert_msg(heard[1].questions == 1 && heard[1].len == len &&
				heard[1].hash == hash_of(question, len),
			    "%zu bytes, %d", len, to_all);
			ck_assert_uint_eq(heard[0].from[1], 1);
		}
	}
	ck_assert_uint_gt(taken, 45);
	done();
}
START_TEST(a_question_to_all_says_how_many_of_them_answered)
{
	start(8, world_join_ring);
	ck_assert_int_eq(ask(2, NULL, "who is there"), MESH_OK);
	run(300);
	ck_assert(heard[2].over == 1 && heard[2].known == 7 && heard[2].answered == 7);
	for (uint32_t i = 0; i < 8; i++)
		ck_assert_uint_eq(heard[2].from[i], i != 2);
	world_kill(w, 5);
	ck_assert_int_eq(ask(2, NULL, "who is there"), MESH_OK);
	run(999);
	ck_assert_uint_eq(heard[2].over, 0);
	run(1);
	ck_assert(heard[2].over == 1 && heard[2].known == 7 && heard[2].answered == 6);
	done();
}
START_TEST(an_echo_to_all_brings_every_way)
{
	start(6, world_join_line);
	ck_assert_int_eq(ask(0, NULL, NULL), MESH_OK);
	run(300);
	ck_assert(heard[0].answers == 5 && heard[0].answered == 5);
	ck_assert(heard[0].over == 1 && heard[0].echo.count == 5);
	done();
}
START_TEST(an_echo_compares_the_clocks)
{
	start(3, world_join_line);
	ck_assert_int_eq(ask(0, key(2), NULL), MESH_OK);
	run(100);
	ck_assert(heard[0].echo.has_clock);
	ck_assert_int_ge(heard[0].echo.clock_ms, -6);
	ck_assert_int_le(heard[0].echo.clock_ms, 6);
	done();
}
START_TEST(what_cannot_be_asked_is_refused_and_no_event_comes)
{
	static char longest[64 * 1024 + 1];
	struct mesh_key nobody = { .bytes = { 1 } };
	start(2, world_join_line);
	memset(longest, 'x', sizeof longest - 1);
	ck_assert_int_eq(ask(0, &nobody, "?"), MESH_NOT_FOUND);
	ck_assert_int_eq(ask(0, NULL, longest), MESH_MALFORMED);
	longest[1200] = '\0';
	ck_assert_int_eq(ask(0, key(1), longest), MESH_MALFORMED);
	longest[600] = '\0';
	ck_assert_int_eq(ask(0, NULL, longest), MESH_OK);
	run(2000);
	ck_assert_uint_eq(heard[0].over, 1);
	answering = false;
	for (int i = 0; i < QUESTION_OPEN; i++)
		ck_assert_int_eq(ask(0, key(1), "?"), MESH_OK);
	ck_assert_int_eq(ask(0, key(1), "?"), MESH_FULL);
	done();
}
START_TEST(late_and_second_answers_are_not_wanted)
{
	start(2, world_join_line);
	answering = false;
	ck_assert_int_eq(ask(0, key(1), "?"), MESH_OK);
	run(500);
	struct mesh_site *s = w->sites[1].site;
	struct bytes_view body = bytes_view("late", 4);
	ck_assert_int_eq(mesh_site_answer(s, heard[1].ticket + 1, body, world_now(w)),
	    MESH_NOT_FOUND);
	ck_assert_int_eq(
	    mesh_site_answer(s, heard[1].ticket, body, world_now(w)), MESH_OK);
	world_flush(w, 1);
	ck_assert_int_eq(
	    mesh_site_answer(s, heard[1].ticket, body, world_now(w)), MESH_NOT_FOUND);
	run(100);
	ck_assert_uint_eq(heard[0].answers, 1);

	ck_assert_int_eq(ask(0, key(1), "?"), MESH_OK);
	run(990);
	w->params.delay_min_ms = w->params.delay_max_ms = 50;
	ck_assert_int_eq(
	    mesh_site_answer(s, heard[1].ticket, body, world_now(w)), MESH_OK);
	world_flush(w, 1);
	run(200);
	ck_assert_uint_eq(heard[0].answers, 0);
	ck_assert_uint_eq(counter(0, "ask.stray"), 1);
	done();
}
START_TEST(a_flood_of_echoes_is_shed_and_counted)
{
	start(2, world_join_line);
	for (int i = 0; i < 400; i++) {
		(void)ask(0, key(1), NULL);
		for (size_t k = 0; k < QUESTION_OPEN; k++)
			question_close(&w->sites[0].site->questions.open[k]);
		run(1);
	}
	run(1000);
	ck_assert_uint_ge(counter(1, "ask.shed"), 100);
	ck_assert_msg(counter(0, "ask.stray") >= 200, "answers to closed questions");
	run(5000);
	ck_assert_int_eq(ask(0, key(1), NULL), MESH_OK);
	run(100);
	ck_assert_uint_eq(heard[0].answers, 1);
	done();
}
START_TEST(who_does_not_read_its_questions_loses_the_newest)
{
	struct mesh_event e;
	start(2, world_join_line);
	struct mesh_site *s = w->sites[1].site;
	struct apply_record in = { 0 };
	uint8_t body[32], core[256], bundle[512];
	struct bytes_out body_out = bytes_out(body, sizeof body);
	struct bytes_out core_out = bytes_out(core, sizeof core);
	struct bytes_out out = bytes_out(bundle, sizeof bundle);
	struct live_query query = { 9, 500, bytes_view("?", 1) };
	ck_assert_int_eq(wire_encode(&live_query_table, &query, &body_out), MESH_OK);
	struct record r = { .at = { .origin = *key(0), .epoch = 5, .seq = 1 },
		.type = LIVE_QUERY,
		.hop_max = 9,
		.body = bytes_written(&body_out) };
	ck_assert_int_eq(record_write(&r, &core_out), MESH_OK);
	struct bytes_view one = bytes_written(&core_out);
	struct bundle_signer by = { w->sites[0].identity.seed, key(0), s->network.id };
	ck_assert_int_eq(bundle_sign(&by, &one, 1, &out), MESH_OK);
	struct envelope_hop hop = { .bundle = bytes_written(&out) };
	struct dedup_mark mark = { 0 };
	in.origin = peers_find(&s->peers, key(0));
	in.record = &r;
	in.hop = &hop;
	in.parcel = spread_parcel(s, &r, &hop, &mark);
	uint32_t free_before = s->parcels.pool.free_count;
	for (int i = 0; i < INSIDE_ANSWERS + 3; i++)
		asking_take(s, &in);
	ck_assert_uint_eq(counter(1, "ask.unread"), 3);
	parcel_release(&s->parcels, in.parcel);
	for (int i = 0; i < INSIDE_ANSWERS; i++) {
		ck_assert(asking_next(s, &e));
		ck_assert(
		    e.kind == MESH_QUESTION && e.body.len == 1 && e.body.ptr[0] == '?');
	}
	ck_assert(!asking_next(s, &e));
	inside_enter(s, world_now(w));
	ck_assert_msg(s->parcels.pool.free_count == free_before + 1, "bodies are back");
	done();
}

/* --- attack 16: a relay that touches the stamps of others --- */

enum lie { DROP_STAMPS, DROP_FIRST, SWAP, REPEAT, CUT_TRAIL, NO_HOPS };
static struct liar {
	uint32_t from, to; /* the link that it lies on */
	enum lie lie;
	bool lied;
} liar;

static void
lie_about(struct envelope_hop *hop, uint8_t room[static MESSAGE_STAMPS_MAX],
    uint8_t trail[static FLOOD_TRAIL_MAX])
{
	size_t one = MESSAGE_STAMP, n = stamps_count(hop->stamps);
	memcpy(room, hop->stamps.ptr, hop->stamps.len);
	memcpy(trail, hop->trail.ptr, hop->trail.len);
	hop->trail.ptr = trail;
	switch (liar.lie) {
	case NO_HOPS:
		hop->trail.len = 0;
		hop->stamps.len = 0;
		break;
	case DROP_STAMPS:
		hop->stamps = bytes_view(room, 0);
		break;
	case DROP_FIRST:
		hop->stamps = bytes_view(room + one, (n - 1) * one);
		break;
	case SWAP:
		memcpy(room, hop->stamps.ptr + one, one);
		memcpy(room + one, hop->stamps.ptr, one);
		hop->stamps = bytes_view(room, n * one);
		break;
	case REPEAT:
		memcpy(room + one, hop->stamps.ptr, one);
		hop->stamps = bytes_view(room, n * one);
		break;
	case CUT_TRAIL: /* the first relay never was */
		hop->trail.len -= FLOOD_TAG;
		memmove(trail + FLOOD_TAG, trail + 2 * FLOOD_TAG,
		    hop->trail.len - FLOOD_TAG);
		hop->stamps = bytes_view(room + one, (n - 1) * one);
		break;
	}
}
static enum world_fate
lie_on_the_way(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX], frames[ENVELOPE_PLAIN_MAX],
	    stamps[MESSAGE_STAMPS_MAX], trail[FLOOD_TRAIL_MAX], datagram[ENVELOPE_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (d->from != liar.from || d->to != liar.to || liar.lied ||
	    !find_push(frames_of(d, plain), LANE_LIVE, &frame, &hop, &r) ||
	    r.type != LIVE_ECHO || stamps_count(hop.stamps) < 2)
		return WORLD_DELIVER;
	liar.lied = true;
	lie_about(&hop, stamps, trail);
	struct bytes_out out = bytes_out(frames, sizeof frames);
	ck_assert_int_eq(envelope_put_push(&out, &hop), MESH_OK);
	size_t len = forge(d, counter_of(d), bytes_written(&out), datagram);
	world_inject(w, d->to, &d->source, bytes_view(datagram, len));
	return WORLD_DROP;
}
/* One letter a hop of the way: t timed, - not, ! doubtful. */
static const char *
seen_hops(void)
{
	static char said[MESH_WAY_MAX + 1];
	const struct mesh_echo *e = &heard[0].echo;
	for (size_t i = 0; i < e->count; i++)
		said[i] = e->way[i].is_doubtful ? '!' : e->way[i].is_timed ? 't' : '-';
	said[e->count] = '\0';
	return said;
}
START_TEST(touched_stamps_show_as_doubtful_hops_and_harm_nobody)
{
	/* On the way 0 - 1 - 2 - [3] - 4 - 5; 3 lies to 4 about 1, 2 and itself. */
	/* clang-format off */
	static const struct { enum lie lie; const char *seen, *why; } row[] = {
		{ DROP_STAMPS, "!!!tt", "all taken out: the trail names them" },
		{ DROP_FIRST, "!!!tt", "one taken out: the next ones fail" },
		{ SWAP, "!!!tt", "two exchanged" },
		{ REPEAT, "t!!tt", "one twice, in another's place" },
		{ CUT_TRAIL, "!!tt", "one taken out, off the trail as well" },
		{ NO_HOPS, "!t", "as if nobody had been before: 4 names 3" },
	};
	/* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		start(6, world_join_line);
		ck_assert_int_eq(ask(0, key(5), NULL), MESH_OK);
		run(200);
		ck_assert_str_eq(seen_hops(), "ttttt");
		liar = (struct liar){ .from = 3, .to = 4, .lie = row[i].lie };
		w->tap = lie_on_the_way;
		ck_assert_int_eq(ask(0, key(5), NULL), MESH_OK);
		run(200);
		ck_assert_msg(strcmp(seen_hops(), row[i].seen) == 0, "%s: %s",
		    row[i].why, seen_hops());
		ck_assert_msg(heard[0].answers == 1, "delivered all the same");
		done();
	}
}
/* Of a ring 0 - 1 - 2 - 3: 1 puts 2's tag on the copy for 2, which comes first. */
static enum world_fate
tag_the_copy(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX], frames[ENVELOPE_PLAIN_MAX],
	    trail[FLOOD_TRAIL_MAX], datagram[ENVELOPE_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (d->to != 2 || liar.lied ||
	    !find_push(frames_of(d, plain), LANE_LIVE, &frame, &hop, &r) ||
	    r.type != LIVE_QUERY)
		return WORLD_DELIVER;
	if (d->from != 1)
		return WORLD_DROP;
	liar.lied = true;
	struct bytes_out tags = bytes_out(trail, sizeof trail);
	struct bytes_out out = bytes_out(frames, sizeof frames);
	bytes_put_view(&tags, hop.trail);
	bytes_put(&tags, w->sites[2].site->tag, FLOOD_TAG);
	hop.trail = bytes_written(&tags);
	ck_assert_int_eq(envelope_put_push(&out, &hop), MESH_OK);
	size_t len = forge(d, counter_of(d), bytes_written(&out), datagram);
	world_inject(w, d->to, &d->source, bytes_view(datagram, len));
	return WORLD_DROP;
}
START_TEST(our_own_tag_on_the_trail_costs_one_copy_only)
{
	start(4, world_join_ring);
	liar = (struct liar){ .lied = false };
	w->tap = tag_the_copy;
	ck_assert_int_eq(ask(0, NULL, "?"), MESH_OK);
	run(900);
	ck_assert_uint_eq(counter(2, "record.trail"), 1);
	ck_assert_uint_eq(heard[2].questions, 1);
	ck_assert_uint_eq(heard[0].answered, 3);
	done();
}

/* At once, not when it is over. */
START_TEST(who_answers_no_such_questions_says_so)
{
	start(4, world_join_line);
	refusing = true;
	ck_assert_int_eq(ask(0, key(3), "what is the weather"), MESH_OK);
	run(100);
	ck_assert(heard[0].answers == 1 && heard[0].refusals == 1);
	ck_assert(heard[0].over == 1 && heard[0].answered == 1);
	ck_assert_uint_eq(counter(3, "ask.refused"), 1);
	ck_assert_int_eq(ask(1, NULL, "anybody"), MESH_OK);
	run(100);
	ck_assert(heard[1].refusals == 3 && heard[1].over == 1);
	done();
}
START_TEST(commands_and_traces_that_nobody_serves_are_refused_by_whom_they_reach)
{
	static const uint8_t body[] = { 0x92, 0x09, 0xc4, 0x01, 'x' };
	static const uint16_t types[] = { LIVE_COMMAND, LIVE_TRACE };
	start(4, world_join_line);
	for (size_t i = 0; i < LENGTH(types); i++) {
		struct mesh_draft d = { LANE_LIVE, types[i], 0, key(3),
			bytes_view(body, sizeof body) };
		uint64_t seq;
		ck_assert_int_eq(
		    mesh_site_append(w->sites[0].site, &d, &seq, world_now(w)),
		    MESH_OK);
		world_flush(w, 0);
		run(100);
		ck_assert_uint_eq(counter(3, "ask.refused"), i + 1);
		ck_assert_uint_eq(counter(0, "ask.stray"), i + 1); /* it came */
		ck_assert_uint_eq(counter(1, "ask.refused"), 0);
	}
	done();
}
static enum mesh_err
tell(uint32_t from, const struct mesh_key *to, size_t len)
{
	static const uint8_t body[1200] = { 'h', 'e', 'a', 'r' };
	enum mesh_err err = mesh_site_tell(
	    w->sites[from].site, to, bytes_view(body, len), world_now(w));
	world_flush(w, from);
	return err;
}
START_TEST(what_is_told_reaches_each_site_once_with_who_told_it)
{
	enum { LONGEST = 960 };
	start(5, world_join_all);
	ck_assert_int_eq(tell(0, NULL, LONGEST), MESH_OK);
	run(300);
	for (uint32_t i = 0; i < 5; i++) {
		ck_assert_msg(
		    heard[i].told == (i != 0), "site %u: %u", i, heard[i].told);
		ck_assert(i == 0 || (heard[i].from[0] == 1 && heard[i].len == LONGEST));
	}
	ck_assert_str_eq(heard[4].body, "hear");
	done();
}
START_TEST(what_is_told_to_one_goes_over_others_and_to_no_other)
{
	start(5, world_join_line);
	ck_assert_int_eq(tell(0, key(4), 960), MESH_OK);
	run(300);
	for (uint32_t i = 0; i < 5; i++)
		ck_assert_uint_eq(heard[i].told, i == 4);
	ck_assert_uint_eq(heard[4].len, 960);
	done();
}
START_TEST(what_cannot_be_told_is_refused)
{
	static const struct mesh_key nobody = { { 9 } };
	start(2, world_join_line);
	ck_assert_int_eq(tell(0, &nobody, 5), MESH_NOT_FOUND);
	ck_assert_int_eq(tell(0, NULL, 1200), MESH_MALFORMED);
	run(300);
	ck_assert_uint_eq(heard[1].told, 0);
	done();
}
CHECK_MODULE(asking, NULL, a_question_to_one_is_answered_to_the_asker_alone,
    a_question_of_many_datagrams_reaches_all_and_is_answered,
    a_question_of_any_length_reaches_a_neighbour_or_is_refused,
    a_question_to_all_says_how_many_of_them_answered, an_echo_to_all_brings_every_way,
    an_echo_compares_the_clocks, what_cannot_be_asked_is_refused_and_no_event_comes,
    late_and_second_answers_are_not_wanted, a_flood_of_echoes_is_shed_and_counted,
    who_does_not_read_its_questions_loses_the_newest,
    touched_stamps_show_as_doubtful_hops_and_harm_nobody,
    our_own_tag_on_the_trail_costs_one_copy_only, who_answers_no_such_questions_says_so,
    commands_and_traces_that_nobody_serves_are_refused_by_whom_they_reach,
    what_is_told_reaches_each_site_once_with_who_told_it,
    what_is_told_to_one_goes_over_others_and_to_no_other,
    what_cannot_be_told_is_refused)
