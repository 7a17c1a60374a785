#include "check_mesh.h"
#include "ports.h"
#include "prometheus.h"
#include "refusing_link.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static struct meshd_counts counts;
static struct op_world world;
static char page[PROMETHEUS_MOST];

static void
setup(void)
{
	ports_free(world.ports);
	world = (struct op_world){ .ports = ports_new(&(struct ports_params){
				       .tcp = &refusing_link, .counts = &counts }) };
	ck_assert(world.ports != NULL);
}

static void
add(const char *name, uint8_t driver)
{
	struct radio_section s = { .driver = driver, .host = text("10.0.0.7:4403") };
	if (driver == DRIVER_SIM)
		s.host = text("");
	ck_assert_int_eq(
	    ports_put(world.ports, text(name), &s, (struct mesh_now){ 1, 1, 0 }),
	    MESH_OK);
}

static void
read_page(void)
{
	size_t len;
	uint8_t *block = prometheus_page(&world, &len);
	ck_assert(block != NULL && len < sizeof page);
	memcpy(page, block, len);
	page[len] = '\0';
	free(block);
}

static size_t
times(const char *what)
{
	size_t n = 0;
	for (const char *at = page; (at = strstr(at, what)) != NULL; at += strlen(what))
		n++;
	return n;
}

static uint64_t
count_of(const void *room, size_t index)
{
	return *(const uint64_t *)room + index;
}

START_TEST(counters_of_one_name_stand_together)
{
	static const struct counter_row rows[] = { { "port.a", "bytes", "First." },
		{ "port.b.c", "bytes", "Second." } };
	static const struct counter_list list = { "t", rows, 2 },
					 other = { "o", rows, 1 };
	static const uint64_t one = 10, two = 20;
	struct op_counters all[] = { { &list, count_of, &one, text("roof") },
		{ &other, count_of, &one, { 0 } },
		{ &list, count_of, &two, text("a\"b\\c\nd") } };
	world.counters = all;
	world.counters_count = 2;
	read_page();
	world.counters_count = 3;
	read_page();
	static const char wanted[] =
	    "# HELP meshd_port_a_total First.\n# TYPE meshd_port_a_total counter\n"
	    "meshd_port_a_total{radio=\"roof\"} 10\n"
	    "meshd_port_a_total{radio=\"a\\\"b\\\\c\\nd\"} 20\n"
	    "# HELP meshd_port_b_c_total Second.\n# TYPE meshd_port_b_c_total counter\n"
	    "meshd_port_b_c_total{radio=\"roof\"} 11\n"
	    "meshd_port_b_c_total{radio=\"a\\\"b\\\\c\\nd\"} 21\n"
	    "# HELP meshd_port_a_total First.\n# TYPE meshd_port_a_total counter\n"
	    "meshd_port_a_total 10\n";
	ck_assert_str_eq(page, wanted);
}
START_TEST(links_are_series_by_radio_and_reason)
{
	add("roof", DRIVER_MESHTASTIC);
	add("barn", DRIVER_MESHTASTIC);
	add("sim", DRIVER_SIM);
	ports_tick(world.ports, (struct mesh_now){ 5000, 5000, 0 });
	read_page();
	ck_assert_uint_eq(times("# TYPE meshd_radio_link_lost_total counter\n"), 1);
	ck_assert_uint_eq(
	    times("meshd_radio_link_lost_total{radio=\"roof\",reason=\"refused\"} 1\n"),
	    1);
	ck_assert_uint_eq(
	    times("meshd_radio_link_lost_total{radio=\"barn\",reason=\"silent\"} 0\n"),
	    1);
	ck_assert_uint_eq(times("meshd_radio_rx_bytes_total{radio=\"sim\"} 0\n"), 1);
	ck_assert_uint_eq(times("meshd_radio_link_frames_total{radio=\"sim\"}"), 0);
	ck_assert_uint_eq(times("rtt"), 0); /* no answer yet */
	/* A value without its family's head is refused by Prometheus. */
	const char *head = strstr(page, "# TYPE meshd_radio_link_lost_total");
	const char *last = strstr(head, "# HELP");
	ck_assert(strstr(head, "radio=\"barn\",reason=\"refused\"") < last);
}
START_TEST(many_numbers_make_the_page_larger)
{
	static struct counter_row rows[2000];
	static struct counter_list list = { "t", rows, LENGTH(rows) };
	static const uint64_t zero = 0;
	struct op_counters all[] = { { &list, count_of, &zero, { 0 } } };
	for (size_t i = 0; i < LENGTH(rows); i++)
		rows[i] = (struct counter_row){ "a.name", "things",
			"A sentence that is as long as such sentences are." };
	world.counters = all;
	world.counters_count = 1;
	read_page();
	ck_assert_uint_eq(times("# HELP"), LENGTH(rows));
	ck_assert_uint_gt(strlen(page), PROMETHEUS_BYTES);
	static char doc[4096];
	memset(doc, 'x', sizeof doc - 1);
	for (size_t i = 0; i < LENGTH(rows); i++)
		rows[i].doc = doc;
	size_t len;
	ck_assert_ptr_null(prometheus_page(&world, &len));
}
CHECK_MODULE(prometheus, setup, counters_of_one_name_stand_together,
    links_are_series_by_radio_and_reason, many_numbers_make_the_page_larger)
