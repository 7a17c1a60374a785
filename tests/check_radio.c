/* What every driver must bear, whatever its network: one suite over radio_drivers[]. */
#include "arena.h"
#include "check_mesh.h"
#include "mt_recording.h"
#include "radio.h"
#include "radio_counters.h"
#include "text.h"

enum { READ_BYTES = 4096, TEN_MB = 10 * 1024 * 1024, DRAIN_MAX = 5000 };
static const struct radio_ops *ops;
static struct radio *radio;
static struct mesh_now now;

static void
begin(const struct radio_ops *row)
{
	const struct radio_params params = {
		.name = text("roof"), .seed = check_seed(), .sim_nodes = 4
	};
	ops = row;
	now = (struct mesh_now){ .ms = 5000, .unix_ms = 1700000000000 };
	radio = ops->create(&params);
	ck_assert_msg(radio != NULL, "%s", ops->name);
}

/* Everything a caller does after an input; fails if it never ends. */
static size_t
drain(size_t *ready)
{
	struct radio_event e;
	struct bytes_view bytes;
	size_t count = 0;
	while (ops->next_event(radio, &e)) {
		ck_assert_msg(++count < DRAIN_MAX, "%s: events do not end", ops->name);
		if (ready != NULL)
			*ready += e.kind == RADIO_READY;
		ck_assert(e.kind >= RADIO_READY && e.kind < RADIO_EVENT_KINDS);
		if (e.kind == RADIO_RECEPTION)
			ck_assert_int_eq(e.reception.network, ops->network);
	}
	for (size_t i = 0; ops->next_bytes(radio, &bytes); i++)
		ck_assert_msg(i < DRAIN_MAX && bytes.len > 0, "%s", ops->name);
	return count;
}

static void
give(struct bytes_view bytes)
{
	for (size_t at = 0; at < bytes.len; at += READ_BYTES) {
		size_t len = bytes.len - at < READ_BYTES ? bytes.len - at : READ_BYTES;
		ops->receive(radio, bytes_view(bytes.ptr + at, len), now);
		drain(NULL);
	}
}

static void
advance(void)
{
	mesh_time_ms next = ops->deadline(radio);
	mesh_time_ms step = next == MESH_NEVER ? 1000 : next - now.ms;
	ck_assert_msg(next > now.ms, "%s: a deadline that has passed", ops->name);
	now.ms += step;
	now.unix_ms += (unix_ms)step;
	ops->tick(radio, now);
	drain(NULL);
}

static struct mt_chunk spoken; /* the radio's side of one recording */

static void
collect(const struct mt_recording *r)
{
	if (strcmp(r->name, "chain_text.a") != 0)
		return;
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->chunks[i].from, "radio") != 0)
			continue;
		spoken.ptr = realloc(spoken.ptr, spoken.len + r->chunks[i].len + 1);
		memcpy(spoken.ptr + spoken.len, r->chunks[i].ptr, r->chunks[i].len);
		spoken.len += r->chunks[i].len;
	}
}

#define EACH_DRIVER(row)                                                               \
	for (const struct radio_ops *const *row = radio_drivers; *row != NULL; row++)

START_TEST(every_row_is_filled)
{
	EACH_DRIVER(row)
	{
		const struct radio_ops *o = *row;
		ck_assert(
		    o->create != NULL && o->destroy != NULL && o->link_up != NULL);
		ck_assert(
		    o->link_down != NULL && o->receive != NULL && o->tick != NULL);
		ck_assert(o->submit != NULL && o->next_bytes != NULL);
		ck_assert(o->next_event != NULL && o->deadline != NULL);
		ck_assert(o->text_max != NULL && o->airtime != NULL && o->air != NULL);
		const struct radio_admin_ops *a = radio_admin(o);
		ck_assert(a->setting != NULL && a->channel != NULL);
		ck_assert(a->compare != NULL && a->administer != NULL);
		ck_assert(o->counter != NULL && o->network != NETWORK_NONE);
		ck_assert_ptr_eq(radio_driver(text(o->name)), o);
		const char *word = radio_network_words[o->network];
		ck_assert_int_eq(strncmp(o->name, word, strlen(word)), 0);
	}
	ck_assert_ptr_eq(radio_driver(text("none")), NULL);
}
START_TEST(a_driver_without_settings_tells_none_and_takes_no_orders)
{
	static uint8_t block[4096];
	size_t without = 0;
	EACH_DRIVER(row)
	{
		struct arena arena = arena_init(block, sizeof block);
		const struct radio_admin_ops *a = radio_admin(*row);
		const struct radio_order tell = { .order = 1, .kind = ORDER_TELL };
		struct radio_setting s;
		struct radio_channel c;
		struct radio_plan plan = { .rows = NULL };
		struct bytes_out why = bytes_out(NULL, 0);
		if ((*row)->admin != NULL)
			continue;
		without++;
		begin(*row);
		ops->link_up(radio, now);
		drain(NULL);
		ck_assert(!a->setting(radio, 0, true, &arena, &s));
		ck_assert(!a->channel(radio, 0, &arena, &c));
		ck_assert_int_eq(a->compare(radio, text("lora"),
				     (struct tree_view){ 0 }, &arena, &plan, &why),
		    MESH_DENIED);
		ck_assert_int_eq(a->administer(radio, &tell, now), MESH_DENIED);
		ops->destroy(radio);
	}
	ck_assert_uint_eq(without, 2); /* the simulated one, the local network */
}
START_TEST(time_alone_never_makes_it_spin)
{
	EACH_DRIVER(row)
	{
		begin(*row);
		drain(NULL);
		ops->link_up(radio, now);
		drain(NULL);
		for (int i = 0; i < 2000; i++)
			advance();
		ops->destroy(radio);
	}
}
START_TEST(garbage_is_borne)
{
	static uint8_t noise[65536];
	EACH_DRIVER(row)
	{
		begin(*row);
		ops->link_up(radio, now);
		drain(NULL);
		for (int i = 0; i < 30; i++) {
			rng_bytes(noise, sizeof noise);
			give(bytes_view(noise, sizeof noise));
			advance();
		}
		ops->destroy(radio);
	}
}
START_TEST(ten_megabytes_without_a_start_are_counted_and_forgotten)
{
	static uint8_t text_block[READ_BYTES];
	memset(text_block, 'x', sizeof text_block);
	EACH_DRIVER(row)
	{
		if (!(*row)->needs_link || (*row)->datagrams)
			continue;
		begin(*row);
		ops->link_up(radio, now);
		drain(NULL);
		for (size_t i = 0; i < TEN_MB / sizeof text_block; i++)
			give(bytes_view(text_block, sizeof text_block));
		ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_BYTES_SEEN), TEN_MB);
		ck_assert_uint_eq(
		    ops->counter(radio, COUNT_PORT_BYTES_SKIPPED), TEN_MB);
		ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_FRAMES_SEEN), 0);
		ops->destroy(radio);
	}
}
START_TEST(a_link_may_close_at_any_byte)
{
	ck_assert_uint_gt(mt_recordings(collect), 0);
	ck_assert_uint_gt(spoken.len, 1000);
	EACH_DRIVER(row)
	{
		if ((*row)->network != NETWORK_MESHTASTIC || (*row)->datagrams)
			continue;
		begin(*row);
		for (size_t cut = 0; cut <= spoken.len; cut++) {
			ops->link_up(radio, now);
			drain(NULL);
			ops->receive(radio, bytes_view(spoken.ptr, cut), now);
			if (cut % 2 == 0)
				drain(NULL); /* and sometimes it closes undrained */
			ops->link_down(radio, now);
			drain(NULL);
			now.ms += 10;
		}
		ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_FRAMES_MALFORMED), 0);
		ops->destroy(radio);
	}
	free(spoken.ptr);
	spoken = (struct mt_chunk){ 0 };
}
START_TEST(datagrams_are_whole_and_of_bounded_length)
{
	static uint8_t text_block[READ_BYTES];
	memset(text_block, 'x', sizeof text_block);
	EACH_DRIVER(row)
	{
		if (!(*row)->datagrams)
			continue;
		begin(*row);
		ops->link_up(radio, now);
		drain(NULL);
		for (size_t len = 1; len <= sizeof text_block; len++)
			give(bytes_view(text_block, len));
		ck_assert_uint_eq(
		    ops->counter(radio, COUNT_PORT_FRAMES_SEEN), sizeof text_block);
		ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_FRAMES_MALFORMED) +
			ops->counter(radio, COUNT_PORT_FRAMES_TOO_LARGE) +
			ops->counter(radio, COUNT_PORT_FRAMES_TAKEN),
		    sizeof text_block);
		ck_assert_uint_gt(
		    ops->counter(radio, COUNT_PORT_FRAMES_TOO_LARGE), 3000);
		ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_TAKEN), 0);
		ops->destroy(radio);
	}
}
START_TEST(half_frames_of_an_old_link_do_not_reach_the_new_one)
{
	EACH_DRIVER(row)
	{
		if ((*row)->network != NETWORK_MESHTASTIC || (*row)->datagrams)
			continue;
		begin(*row);
		ops->link_up(radio, now);
		give(hex("94c3000a08"));
		ops->link_down(radio, now);
		ops->link_up(radio, now);
		give(hex("94c300021801"));
		ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_FRAMES_SEEN), 1);
		ops->destroy(radio);
	}
}
START_TEST(requests_before_ready_are_refused_and_nothing_is_sent)
{
	EACH_DRIVER(row)
	{
		const struct radio_request q = {
			.request = 1, .kind = REQUEST_TEXT, .body = hex("6869")
		};
		struct bytes_view bytes;
		begin(*row);
		ck_assert_int_ne(ops->submit(radio, &q, now), MESH_OK);
		ck_assert(!ops->next_bytes(radio, &bytes));
		ops->destroy(radio);
	}
}
START_TEST(the_same_inputs_give_the_same_outputs)
{
	EACH_DRIVER(row)
	{
		uint64_t sums[2] = { 0 };
		for (int run = 0; run < 2; run++) {
			struct radio_event e;
			struct bytes_view bytes;
			begin(*row);
			ops->link_up(radio, now);
			for (int i = 0; i < 200; i++) {
				while (ops->next_event(radio, &e))
					sums[run] = sums[run] * 31 + e.kind +
					    e.reception.type + e.node.bytes[3];
				while (ops->next_bytes(radio, &bytes))
					for (size_t k = 0; k < bytes.len; k++)
						sums[run] = sums[run] * 31 +
						    bytes.ptr[k];
				now.ms += 500;
				ops->tick(radio, now);
			}
			ops->destroy(radio);
		}
		ck_assert_msg(sums[0] == sums[1], "%s", (*row)->name);
	}
}
START_TEST(every_counter_has_its_row)
{
	ck_assert_uint_eq(radio_counters.count, COUNT_RADIO_ALL);
	ck_assert_uint_eq(counter_find(&radio_counters, text("port.bytes.seen")),
	    COUNT_PORT_BYTES_SEEN);
	EACH_DRIVER(row)
	{
		begin(*row);
		for (size_t i = 0; i < COUNT_RADIO_ALL; i++)
			ck_assert_uint_eq(ops->counter(radio, i), 0);
		ops->destroy(radio);
	}
}
CHECK_MODULE(radio, NULL, every_row_is_filled,
    a_driver_without_settings_tells_none_and_takes_no_orders,
    time_alone_never_makes_it_spin, garbage_is_borne,
    ten_megabytes_without_a_start_are_counted_and_forgotten,
    datagrams_are_whole_and_of_bounded_length, a_link_may_close_at_any_byte,
    half_frames_of_an_old_link_do_not_reach_the_new_one,
    requests_before_ready_are_refused_and_nothing_is_sent,
    the_same_inputs_give_the_same_outputs, every_counter_has_its_row)
