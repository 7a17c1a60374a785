/* Contract of the options tables: every row of every section. */
#include "check_mesh.h"
#include "conf_print.h"
#include "conf_value.h"
#include "sections.h"
#include "text.h"
#include "units.h"

static char room[64 * 1024], value[64];

static struct config *
load(const char *source, size_t len)
{
	struct bytes_out out = bytes_out(room, sizeof room);
	struct config_source s = { CONF_ARGUMENTS, "--set", { source, len } };
	struct config *c = config_load(sections, &s, len > 0 ? 1 : 0, &out);
	text_end(&out);
	return c;
}

/* The complaint about one value of one row; "" when it is good. */
static const char *
complaint_of(const struct section *s, const struct conf_option *row, const char *v)
{
	char set[256];
	snprintf(set, sizeof set, "%s.%s%s=%s", s->name, s->named ? "x." : "",
	    row->field.name, v);
	struct config *c = load(set, strlen(set));
	if (c != NULL)
		room[0] = '\0';
	config_free(c);
	return room;
}

static const char *
shown(enum field_unit unit, int64_t n)
{
	struct bytes_out out = bytes_out(value, sizeof value);
	units_print(unit, n, &out);
	return text_end(&out);
}

static void
check_bounds(const struct section *s, const struct conf_option *row)
{
	int64_t lo, hi;
	char bound[64], wrong[64];
	if (!conf_value_bounds(row, &lo, &hi))
		return;
	/* Whatever the unit: a bare number is in the unit itself. */
	snprintf(wrong, sizeof wrong, "%lld", (long long)lo - 1);
	snprintf(bound, sizeof bound, "is below %s", shown(row->field.unit, lo));
	if (lo > INT64_MIN)
		ck_assert_msg(strstr(complaint_of(s, row, wrong), bound) != NULL,
		    "%s.%s=%s: %s", s->name, row->field.name, wrong, room);
	snprintf(wrong, sizeof wrong, "%lld", (long long)hi + 1);
	snprintf(bound, sizeof bound, "is above %s", shown(row->field.unit, hi));
	if (hi < INT64_MAX)
		ck_assert_msg(strstr(complaint_of(s, row, wrong), bound) != NULL,
		    "%s.%s=%s: %s", s->name, row->field.name, wrong, room);
	ck_assert_msg(strstr(complaint_of(s, row, "nonsense"), "not a") != NULL,
	    "%s.%s: %s", s->name, row->field.name, room);
}

static void
check_words(const struct section *s, const struct conf_option *row)
{
	const char *wrong = complaint_of(s, row, "nonsense");
	for (size_t i = 0; row->field.words[i] != NULL; i++)
		ck_assert_msg(strstr(wrong, row->field.words[i]) != NULL, "%s", wrong);
}

static void
check_text(const struct section *s, const struct conf_option *row)
{
	static char longer[8192];
	ck_assert_msg(row->field.hi > 0 && row->field.hi < (int64_t)sizeof longer,
	    "%s.%s: a text without a bound", s->name, row->field.name);
	memset(longer, 'x', (size_t)row->field.hi + 1);
	longer[row->field.hi + 1] = '\0';
	char *set = malloc(sizeof longer + 128);
	snprintf(set, sizeof longer + 128, "%s.%s%s=%s", s->name, s->named ? "x." : "",
	    row->field.name, longer);
	ck_assert_ptr_null(load(set, strlen(set)));
	free(set);
	ck_assert_msg(strstr(room, "is longer than") != NULL, "%s.%s: %s", s->name,
	    row->field.name, room);
}

static void
check_row(const struct section *s, const struct conf_option *row)
{
	const struct field *f = &row->field;
	size_t len = strlen(f->doc);
	ck_assert_msg(
	    len > 10 && f->doc[len - 1] == '.', "%s.%s: doc", s->name, f->name);
	ck_assert_msg(f->kind != FIELD_STRUCT && f->kind != FIELD_TREE, "%s.%s: kind",
	    s->name, f->name);
	ck_assert_uint_lt(f->offset, s->bytes);
	if (f->words != NULL && f->hi == 0)
		check_words(s, row);
	else if (f->kind == FIELD_TEXT || f->kind == FIELD_LIST)
		check_text(s, row);
	else if (f->kind == FIELD_BOOL)
		ck_assert_ptr_nonnull(
		    strstr(complaint_of(s, row, "maybe"), "neither yes nor no"));
	else
		check_bounds(s, row);
}

START_TEST(every_option_says_its_range_when_it_is_wrong)
{
	for (size_t i = 0; sections[i] != NULL; i++) {
		for (size_t k = 0; k < sections[i]->count; k++)
			check_row(sections[i], &sections[i]->rows[k]);
	}
}
START_TEST(every_fallback_is_a_good_value)
{
	static uint64_t instance[256];
	char wrong[256];
	for (size_t i = 0; sections[i] != NULL; i++) {
		const struct section *s = sections[i];
		ck_assert_uint_le(s->bytes, sizeof instance);
		for (size_t k = 0; k < s->count; k++) {
			const char *fallback = s->rows[k].fallback;
			struct bytes_out out = bytes_out(wrong, sizeof wrong);
			if (fallback != NULL && fallback[0] != '\0')
				ck_assert_msg(conf_value_read(&s->rows[k],
						  text(fallback), instance, &out),
				    "%s.%s: %s", s->name, s->rows[k].field.name,
				    text_end(&out));
		}
	}
}
START_TEST(nothing_at_all_is_a_good_configuration)
{
	struct config *c = load("", 0);
	ck_assert_msg(c != NULL, "%s", room);
	const struct mesh_options *m = config_get(c, &mesh_section, "");
	ck_assert(m->port == 4470 && m->hop_limit == 32 && m->broadcast);
	ck_assert(m->beacon_interval == 0 && m->dead_after == 0);
	config_free(c);
}
START_TEST(rules_across_options_are_checked)
{
	/* clang-format off */
	static const struct { const char *set, *complaint; } row[] = {
		{ "mesh.interfaces=10.0.0.1/40", "--set: mesh: interfaces: \"10.0.0.1/40\" is neither *, NAME nor ADDRESS/PREFIX\n" },
		{ "mesh.seed=host:port", "--set: mesh: seed: \"host:port\" is not HOST or HOST:PORT\n" },
		{ "log.levels=rdio:debug", "--set: log: levels: \"rdio:debug\" is not NOUN:LEVEL such as radio:debug\n" },
		{ "web.listen=0.0.0.0:4470", "--set: web: listen: \"0.0.0.0:4470\" is not on loopback (127.0.0.0/8), and there is no access control yet\n" },
		{ "alert.listen=here", "--set: alert: listen: \"here\" is not ADDRESS:PORT\n" },
		{ "web.listen=off", "" },
		{ "mesh.seed=10.0.0.1", "" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct config *c = load(row[i].set, strlen(row[i].set));
		ck_assert_msg(c != NULL ? row[i].complaint[0] == '\0'
					: strcmp(room, row[i].complaint) == 0,
		    "%s: %s", row[i].set, room);
		config_free(c);
	}
}
START_TEST(printed_defaults_load_and_change_nothing)
{
	static char printed[64 * 1024];
	struct bytes_out out = bytes_out(printed, sizeof printed);
	conf_print_defaults(sections, &out);
	ck_assert(!out.failed);
	struct bytes_out wrong = bytes_out(room, sizeof room);
	struct config_source s = { CONF_FILE, "defaults", text_written(&out) };
	struct config *c = config_load(sections, &s, 1, &wrong);
	ck_assert_msg(c != NULL, "%s", text_end(&wrong));
	struct config *built_in = load("", 0);
	struct config_change change;
	size_t place = 0;
	ck_assert(!config_next_change(built_in, c, &place, &change));
	config_free(c);
	config_free(built_in);
}
START_TEST(seeds_are_host_and_port)
{
	struct text_view host;
	uint16_t port;
	ck_assert(sections_seed(text("a.example:99"), 4470, &host, &port));
	ck_assert(text_is(host, "a.example") && port == 99);
	ck_assert(sections_seed(text("10.0.0.1"), 4470, &host, &port) && port == 4470);
	ck_assert(!sections_seed(text("a b"), 4470, &host, &port));
	ck_assert(!sections_seed(text(":1"), 4470, &host, &port));
	ck_assert(sections_row(&mesh_section, "port") == &mesh_section.rows[0]);
	ck_assert(sections_is_off(text("off")) && !sections_is_off(text("on")));
}
CHECK_MODULE(sections, NULL, every_option_says_its_range_when_it_is_wrong,
    every_fallback_is_a_good_value, nothing_at_all_is_a_good_configuration,
    rules_across_options_are_checked, printed_defaults_load_and_change_nothing,
    seeds_are_host_and_port)
