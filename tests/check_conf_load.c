#include "check_mesh.h"
#include "config_sample.h"
#include "text.h"

static char room[4096];

static struct config *
load(const struct config_source *sources, size_t count)
{
	struct bytes_out out = bytes_out(room, sizeof room);
	struct config *c = config_load(sample_sections, sources, count, &out);
	text_end(&out);
	return c;
}

static struct config *
load_file(const char *file)
{
	struct config_source s = { CONF_FILE, "meshd.conf", text(file) };
	return load(&s, 1);
}

START_TEST(nothing_gives_the_defaults)
{
	struct config *c = load(NULL, 0);
	ck_assert_msg(c != NULL, "%s", room);
	const struct sample_mesh *m = config_get(c, &sample_mesh_section, "");
	ck_assert_uint_eq(m->port, 4470);
	ck_assert(text_is(m->interfaces, "*") && m->broadcast);
	ck_assert_uint_eq(m->seed.count, 0);
	ck_assert_uint_eq(m->beacon_interval, 0);
	ck_assert_uint_eq(m->size, 1u << 30);
	ck_assert_ptr_null(config_get(c, &sample_radio_section, "roof"));
	ck_assert_ptr_null(config_instance(c, &sample_radio_section, 0));
	ck_assert(text_is(config_origin(c, &sample_mesh_section, "",
			      &sample_mesh_section.rows[SAMPLE_PORT]),
	    "built in"));
	config_free(c);
}
START_TEST(every_kind_of_value_is_read)
{
	struct config *c = load_file(
	    "[mesh]\nport = 1\ninterfaces = lo\nbroadcast = no\nseed = a:1\nseed = "
	    "b:2\n"
	    "beacon_interval = 5s\nsize = 2MiB\nlatitude = 48.5\noffset = -7\n"
	    "[radio \"roof\"]\nhost = 10.0.0.7\nheartbeat = 1m\n[radio "
	    "\"sim0\"]\ndriver = sim\n");
	ck_assert_msg(c != NULL, "%s", room);
	const struct sample_mesh *m = config_get(c, &sample_mesh_section, "");
	ck_assert_uint_eq(m->port, 1);
	ck_assert(!m->broadcast && text_is(m->interfaces, "lo"));
	ck_assert_uint_eq(m->seed.count, 2);
	const struct text_view *seeds = m->seed.items;
	ck_assert(text_is(seeds[0], "a:1") && text_is(seeds[1], "b:2"));
	ck_assert_uint_eq(m->beacon_interval, 5000);
	ck_assert_uint_eq(m->size, 2u << 20);
	ck_assert(m->latitude > 48.4f && m->latitude < 48.6f);
	ck_assert_int_eq(m->offset, -7);
	const struct sample_radio *r = config_get(c, &sample_radio_section, "roof");
	ck_assert(r != NULL && text_is(r->host, "10.0.0.7") && r->driver == 0);
	ck_assert_uint_eq(r->heartbeat, 60000);
	ck_assert_str_eq(config_instance(c, &sample_radio_section, 1), "sim0");
	ck_assert(text_is(config_origin(c, &sample_mesh_section, "",
			      &sample_mesh_section.rows[SAMPLE_PORT]),
	    "meshd.conf:2"));
	config_free(c);
}
START_TEST(later_sources_win_and_lists_are_replaced)
{
	static const char args[] =
	    "mesh.port=3\0mesh.port=4\0radio.roof.host=h\0mesh.seed=zzz";
	static const char env[] = "MESHD_MESH__PORT=2\0MESHD_MESH__INTERFACES=eth0";
	const struct config_source s[] = {
		{ CONF_FILE, "a",
		    text("[mesh]\nport=1\nseed=aaa\nseed=bbb\ninterfaces=lo\n") },
		{ CONF_FILE, "conf.d/b", text("[mesh]\nseed=ccc\nsize=1KiB\n") },
		{ CONF_ENVIRONMENT, "environment", { env, sizeof env } },
		{ CONF_ARGUMENTS, "--set", { args, sizeof args } },
	};
	struct config *c = load(s, LENGTH(s));
	ck_assert_msg(c != NULL, "%s", room);
	const struct sample_mesh *m = config_get(c, &sample_mesh_section, "");
	ck_assert_uint_eq(m->port, 4);
	ck_assert(text_is(m->interfaces, "eth0"));
	ck_assert_uint_eq(m->size, 1024);
	ck_assert_uint_eq(m->seed.count, 1);
	const struct section *mesh = &sample_mesh_section;
	ck_assert(
	    text_is(config_origin(c, mesh, "", &mesh->rows[SAMPLE_PORT]), "--set"));
	ck_assert(text_is(
	    config_origin(c, mesh, "", &mesh->rows[SAMPLE_SIZE]), "conf.d/b:3"));
	config_free(c);
}
START_TEST(every_fault_says_where_what_and_which_range)
{
	/* clang-format off */
	static const struct { const char *file, *complaint; } row[] = {
		{ "[mesh]\nport = 99999\n", "meshd.conf:2: mesh.port: 99999 is above 65535\n" },
		{ "[mesh]\nport = 0\n", "meshd.conf:2: mesh.port: 0 is below 1\n" },
		{ "[mesh]\nport = x\n", "meshd.conf:2: mesh.port: \"x\" is not a number, 1 to 65535\n" },
		{ "[mesh]\nport =\n", "meshd.conf:2: mesh.port: \"\" is not a number, 1 to 65535\n" },
		{ "[mesh]\nport = 1\nport = 2\n", "meshd.conf:3: mesh.port: stands here twice, first at meshd.conf:2\n" },
		{ "[mesh]\nprot = 1\n", "meshd.conf:2: mesh.prot: no such option; did you mean port?\n" },
		{ "[mesh]\nqqqqqq = 1\n", "meshd.conf:2: mesh.qqqqqq: no such option\n" },
		{ "[mehs]\nport = 1\n", "meshd.conf:1: [mehs]: no such section; did you mean [mesh]?\n" },
		{ "[mesh \"x\"]\nport = 1\n", "meshd.conf:1: [mesh]: has no names\n" },
		{ "[radio]\nhost = 1\n", "meshd.conf:1: [radio]: needs a name: [radio \"NAME\"]\n" },
		{ "[mesh]\nbroadcast = maybe\n", "meshd.conf:2: mesh.broadcast: \"maybe\" is neither yes nor no\n" },
		{ "[mesh]\nbeacon_interval = 900ms\n", "meshd.conf:2: mesh.beacon_interval: 900ms is below 1s\n" },
		{ "[mesh]\nbeacon_interval = 2m\n", "meshd.conf:2: mesh.beacon_interval: 2m is above 1m\n" },
		{ "[mesh]\nbeacon_interval = often\n", "meshd.conf:2: mesh.beacon_interval: \"often\" is not a time such as 30s, auto or 1s to 1m\n" },
		{ "[mesh]\nsize = 1\n", "meshd.conf:2: mesh.size: 1 is below 1KiB\n" },
		{ "[mesh]\nlatitude = 91\n", "meshd.conf:2: mesh.latitude: 91 is above 90 degrees\n" },
		{ "[mesh]\noffset = 3000000000\n", "meshd.conf:2: mesh.offset: 3000000000 is above 2147483647\n" },
		{ "[mesh]\ninterfaces =\n", "meshd.conf:2: mesh.interfaces: must not be empty\n" },
		{ "[mesh]\ninterfaces = 0123456789012345678901\n", "meshd.conf:2: mesh.interfaces: is longer than 20 bytes\n" },
		{ "[mesh]\nseed = ab\n", "meshd.conf:2: mesh.seed: is shorter than 3 bytes\n" },
		{ "[radio \"a\"]\ndriver = sin\n", "meshd.conf:2: radio.a.driver: \"sin\" is not one of meshtastic, sim; did you mean sim?\n" },
		{ "\n[radio \"a\"]\nheartbeat = 5s\n", "meshd.conf:2: radio.a: driver meshtastic needs host\n" },
		{ "[mesh]\nport = 0\nxyz\n[radio]\n", "meshd.conf:2: mesh.port: 0 is below 1\n"
			"meshd.conf:3: a line is `key = value`, `[section]` or `# comment`\n"
			"meshd.conf:4: [radio]: needs a name: [radio \"NAME\"]\n" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct config *c = load_file(row[i].file);
		ck_assert_msg(c == NULL, "accepted: %s", row[i].file);
		ck_assert_msg(strcmp(room, row[i].complaint) == 0, "%s gave %s",
		    row[i].file, room);
	}
}
START_TEST(arguments_and_environment_name_themselves)
{
	static const char args[] = "mesh.port=99999";
	static const char env[] = "MESHD_MESH__PROT=1";
	const struct config_source s[] = {
		{ CONF_ENVIRONMENT, "environment", { env, sizeof env } },
		{ CONF_ARGUMENTS, "--set", { args, sizeof args } },
	};
	ck_assert_ptr_null(load(s, LENGTH(s)));
	ck_assert_str_eq(room,
	    "environment: mesh.prot: no such option; did you mean port?\n"
	    "--set: mesh.port: 99999 is above 65535\n");
}
START_TEST(too_many_instances_and_seeds_are_refused)
{
	static char file[64 * 1024];
	struct bytes_out out = bytes_out(file, sizeof file);
	for (unsigned i = 0; i <= CONF_INSTANCES; i++)
		text_printf(&out, "[radio \"r%u\"]\ndriver = sim\n", i);
	text_put(&out, "[mesh]\n");
	for (unsigned i = 0; i <= CONF_LIST_MAX; i++)
		text_printf(&out, "seed = s%u:1\n", i);
	ck_assert_ptr_null(load_file(text_end(&out)));
	ck_assert_str_eq(room,
	    "meshd.conf:129: [radio]: more than 64 of them\n"
	    "meshd.conf:196: mesh.seed: more than 64 of them\n");
}
/* Lines that nearly are some, in any number, with here and there a byte of another. */
static struct text_view
any_file(struct bytes_out *out)
{
	static const char *const begins[] = { "[mesh]", "[radio \"roof\"]",
		"port = ", "seed = a:", "beacon_interval = ", "offset = ", "size = ",
		"driver = ", "\"", "#", "latitude = ", "[" };
	static const char *const ends[] = { "\n", "\n", "\n", "s\n", "MiB\n", "\"\n",
		"" };
	for (uint32_t lines = rng_u32() % 90; lines > 0; lines--) {
		text_put(out, begins[rng_u32() % LENGTH(begins)]);
		text_printf(out, "%d", (int)(rng_u32() % 70000) - 100);
		text_put(out, ends[rng_u32() % LENGTH(ends)]);
	}
	if (out->len > 0 && rng_u32() % 2 == 0)
		out->ptr[rng_u32() % out->len] = (uint8_t)rng_u32();
	return text_written(out);
}
/* What the fuzz target `config` insists on, with what it found to be worth trying. */
START_TEST(whatever_stands_there_is_refused_with_a_reason_or_within_its_bounds)
{
	static char file[8192];
	size_t taken = 0;
	for (int i = 0; i < 6000; i++) {
		struct bytes_out out = bytes_out(file, sizeof file);
		struct text_view good = text("[mesh]\n");
		if (i % 2 == 0)
			text_put_view(&out, good);
		if (i % 4 == 0) /* one line alone has a chance */
			text_printf(&out, "port = %u\n", (unsigned)rng_u32() % 131072);
		else if (i % 4 == 2)
			for (uint32_t n = rng_u32() % (2 * CONF_LIST_MAX); n > 0; n--)
				text_printf(&out, "seed = a:%u\n", (unsigned)n);
		else
			any_file(&out);
		struct bytes_out complaints = bytes_out(room, sizeof room);
		struct config_source s = { i % 4 == 3 ? (enum conf_source_kind)(i % 3)
						      : CONF_FILE,
			"meshd.conf", text_written(&out) };
		struct config *c = config_load(sample_sections, &s, 1, &complaints);
		ck_assert((c == NULL) == (complaints.len > 0));
		if (c != NULL) {
			const struct sample_mesh *m = config_get(
			    c, &sample_mesh_section, "");
			const struct text_view *seeds = m->seed.items;
			ck_assert_uint_ge(m->port, 1);
			ck_assert_uint_le(m->seed.count, CONF_LIST_MAX);
			for (size_t k = 0; k < m->seed.count; k++)
				ck_assert(seeds[k].len >= 3 && seeds[k].len <= 10);
			ck_assert_msg(i % 4 != 0 ||
				strtoul(file + strlen("[mesh]\nport = "), NULL, 10) ==
				    m->port,
			    "%.*s is %u", (int)out.len, file, m->port);
			taken++;
		}
		config_free(c);
	}
	ck_assert(taken > 1000 && taken < 5000);
}
START_TEST(more_complaints_than_room_stay_whole_lines)
{
	static char file[64 * 1024];
	struct bytes_out out = bytes_out(file, sizeof file);
	for (unsigned i = 0; i < 500; i++)
		text_put(&out, "nonsense\n");
	ck_assert_ptr_null(load_file(text_end(&out)));
	ck_assert(strlen(room) > 1000 && room[strlen(room) - 1] == '\n');
}
CHECK_MODULE(conf_load, NULL, nothing_gives_the_defaults, every_kind_of_value_is_read,
    later_sources_win_and_lists_are_replaced,
    every_fault_says_where_what_and_which_range,
    arguments_and_environment_name_themselves, too_many_instances_and_seeds_are_refused,
    whatever_stands_there_is_refused_with_a_reason_or_within_its_bounds,
    more_complaints_than_room_stay_whole_lines)
