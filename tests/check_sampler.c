#include "arena.h"
#include "model_world.h"
#include "refusing_link.h"
#include "sampler.h"
#include "text.h"

static struct meshd_counts counts;
static struct mesh_now now;
static struct ports *ports;
static struct intents *intents;
static struct sampler sampler;

/* The intents, which may be told to refuse. */
static enum mesh_err refuses;
enum mesh_err __real_intents_append(struct intents *q, enum mesh_lane lane,
    uint16_t type, const struct field_table *t, const void *body, uint64_t token);
enum mesh_err __wrap_intents_append(struct intents *q, enum mesh_lane lane,
    uint16_t type, const struct field_table *t, const void *body, uint64_t token);
enum mesh_err
__wrap_intents_append(struct intents *q, enum mesh_lane lane, uint16_t type,
    const struct field_table *t, const void *body, uint64_t token)
{
	if (refuses != MESH_OK)
		return refuses;
	return __real_intents_append(q, lane, type, t, body, token);
}

static void
setup(void)
{
	ports_free(ports);
	intents_free(intents);
	counts = (struct meshd_counts){ 0 };
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	ports = ports_new(
	    &(struct ports_params){ .tcp = &refusing_link, .counts = &counts });
	intents = intents_new(8, 16384);
	ck_assert(ports != NULL && intents != NULL);
	sampler_init(&sampler, ports, intents, &counts);
}

static void
add(const char *name, uint8_t driver, const char *host)
{
	struct radio_section s = { .driver = driver,
		.host = text(host),
		.sim_nodes = 3,
		.sim_interval = 1000 };
	ck_assert_int_eq(ports_put(ports, text(name), &s, now), MESH_OK);
}

static void
pass(mesh_time_ms ms)
{
	now.ms += ms;
	now.unix_ms += (unix_ms)ms;
	struct radio_event ignored;
	ports_tick(ports, now);
	for (size_t i = 0; i < ports_count(ports); i++)
		while (port_next_event(ports_at(ports, i), &ignored, now))
			;
	sampler_tick(&sampler, now);
}

/* The samples of the oldest record, which goes. */
static size_t
told(struct sample out[static SAMPLE_BATCH])
{
	static uint8_t block[16384], body[8192]; /* what is dropped is wiped */
	struct arena arena = arena_init(block, sizeof block);
	struct sample_batch batch;
	struct intent i;
	if (!intents_peek(intents, &i))
		return 0;
	ck_assert(i.kind == INTENT_APPEND && i.lane == LANE_METRIC && i.type == 1);
	ck_assert_uint_le(i.body.len, sizeof body);
	memcpy(body, i.body.ptr, i.body.len);
	i.body.ptr = body;
	ck_assert_int_eq(
	    mesh_body_decode(&sample_batch_table, i.body, &batch, &arena), MESH_OK);
	memcpy(out, batch.samples.items, batch.samples.count * sizeof *out);
	intents_drop(intents);
	return batch.samples.count;
}

START_TEST(a_link_that_is_refused_is_a_series)
{
	struct sample s[SAMPLE_BATCH];
	add("roof", DRIVER_MESHTASTIC, "10.0.0.7:4403");
	sampler_every(&sampler, 60, now);
	ck_assert_uint_eq(sampler_deadline(&sampler), 61000);
	pass(59999);
	ck_assert_uint_eq(told(s), 0);
	pass(1);
	ck_assert_uint_eq(told(s), 1);
	ck_assert(text_is(s[0].name, "radio.link.lost") &&
	    text_is(s[0].radio, "roof") && text_is(s[0].reason, "refused"));
	ck_assert(s[0].kind == SAMPLE_COUNTER && s[0].value >= 1);
	ck_assert_int_eq(s[0].time_ms, now.unix_ms);
	double before = s[0].value;
	pass(60000);
	ck_assert_uint_eq(told(s), 1);
	ck_assert_msg(s[0].value > before, "it grows");
	ck_assert_uint_eq(counts.n[COUNT_SAMPLER_WRITTEN], 2);
	ck_assert_uint_eq(sampler_deadline(&sampler), now.ms + 60000);
}
START_TEST(a_radio_without_a_link_tells_nothing)
{
	struct sample s[SAMPLE_BATCH];
	add("sim", DRIVER_SIM, "");
	sampler_every(&sampler, 60, now);
	pass(30000);
	pass(30000);
	struct radio_status status;
	port_status(ports_see(ports, 0), &status);
	ck_assert_uint_gt(status.rx_packets, 0);
	ck_assert_uint_eq(told(s), 0);
	ck_assert_uint_eq(counts.n[COUNT_SAMPLER_WRITTEN], 0);
}
START_TEST(never_is_never)
{
	struct sample s[SAMPLE_BATCH];
	add("roof", DRIVER_MESHTASTIC, "10.0.0.7:4403");
	ck_assert_uint_eq(sampler_deadline(&sampler), MESH_NEVER);
	pass(86400000);
	sampler_every(&sampler, 60, now);
	sampler_every(&sampler, 0, now);
	ck_assert_uint_eq(sampler_deadline(&sampler), MESH_NEVER);
	pass(86400000);
	ck_assert_uint_eq(told(s), 0);
}
START_TEST(what_finds_no_room_comes_a_moment_later_and_once)
{
	struct sample s[SAMPLE_BATCH];
	struct intent filler = { .kind = INTENT_APPEND };
	add("roof", DRIVER_MESHTASTIC, "10.0.0.7:4403");
	add("barn", DRIVER_MESHTASTIC, "10.0.0.8:4403");
	sampler_every(&sampler, 60, now);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(intents_put(intents, &filler), MESH_OK);
	pass(60000); /* the first of two makes it more than half full */
	ck_assert_uint_eq(counts.n[COUNT_SAMPLER_WRITTEN], 1);
	ck_assert_uint_eq(counts.n[COUNT_SAMPLER_FULL], 1);
	ck_assert_uint_eq(sampler_deadline(&sampler), now.ms + SAMPLER_RETRY_MS);
	for (int i = 0; i < 4; i++)
		intents_drop(intents);
	pass(SAMPLER_RETRY_MS);
	ck_assert_uint_eq(told(s), 1);
	ck_assert(text_is(s[0].radio, "roof"));
	ck_assert_uint_eq(told(s), 1);
	ck_assert(text_is(s[0].radio, "barn"));
	ck_assert_uint_eq(told(s), 0);
	ck_assert_uint_eq(sampler_deadline(&sampler), now.ms + 60000);
}
START_TEST(intents_that_stay_full_are_asked_ever_more_seldom)
{
	struct intent filler = { .kind = INTENT_APPEND };
	struct sample s[SAMPLE_BATCH];
	mesh_time_ms wait = SAMPLER_RETRY_MS;
	add("roof", DRIVER_MESHTASTIC, "10.0.0.7:4403");
	sampler_every(&sampler, 60, now);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(intents_put(intents, &filler), MESH_OK);
	pass(60000);
	for (unsigned full = 1; full < 20; full++) {
		ck_assert_uint_eq(counts.n[COUNT_SAMPLER_FULL], full);
		ck_assert_uint_eq(sampler_deadline(&sampler), now.ms + wait);
		pass(wait);
		wait = wait * 2 < 60000 ? wait * 2 : 60000;
	}
	for (int i = 0; i < 8; i++)
		intents_drop(intents);
	pass(wait);
	ck_assert_uint_eq(told(s), 1);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(intents_put(intents, &filler), MESH_OK);
	pass(60000);
	ck_assert_uint_eq(sampler_deadline(&sampler), now.ms + SAMPLER_RETRY_MS);
}
START_TEST(what_cannot_be_written_is_left_out)
{
	add("roof", DRIVER_MESHTASTIC, "10.0.0.7:4403");
	add("barn", DRIVER_MESHTASTIC, "10.0.0.8:4403");
	sampler_every(&sampler, 60, now);
	refuses = MESH_MALFORMED;
	pass(60000);
	refuses = MESH_OK;
	ck_assert_uint_eq(counts.n[COUNT_SAMPLER_REFUSED], 2);
	ck_assert_uint_eq(counts.n[COUNT_SAMPLER_FULL], 0);
	ck_assert_uint_eq(sampler_deadline(&sampler), now.ms + 60000);
}
CHECK_MODULE(sampler, setup, a_link_that_is_refused_is_a_series,
    a_radio_without_a_link_tells_nothing, never_is_never,
    what_finds_no_room_comes_a_moment_later_and_once,
    intents_that_stay_full_are_asked_ever_more_seldom,
    what_cannot_be_written_is_left_out)
