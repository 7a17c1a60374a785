#include "alert.h"
#include "arena.h"
#include "filter.h"
#include "id.h"
#include "model_world.h"
#include "node.h"
#include "text.h"
#include "tree.h"
#include "words.h"

static uint8_t block[64 * 1024];

static bool
passes(const struct field_table *t, const char *words, const void *object)
{
	struct arena arena = arena_init(block, sizeof block);
	const struct filter *f;
	struct filter_error why;
	enum mesh_err err = filter_parse(t, text(words), &arena, &f, &why);
	ck_assert_msg(err == MESH_OK, "%s: %zu: %s", words, why.column, why.text);
	return filter_eval(f, object);
}

static struct word witnesses[] = { { { "s1", 2 } }, { { "s2", 2 } } };
static struct tree_item items[8];

static struct alert
an_alert(void)
{
	struct tree_out out = tree_out(items, LENGTH(items));
	tree_put_i64(&out, "percent", 17);
	tree_put_text(&out, "colour", text("red"));
	tree_open_map(&out, "at");
	tree_put_f64(&out, "lat", 48.5);
	tree_shut(&out);
	tree_put_bool(&out, "loud", true);
	tree_put_text(&out, "level", text("0.95"));
	return (struct alert){
		.has = 1 << ALERT_ROW_KIND | 1 << ALERT_ROW_SEVERITY |
		    1 << ALERT_ROW_STATE | 1 << ALERT_ROW_SITE | 1 << ALERT_ROW_TIME |
		    1 << ALERT_ROW_SUBJECT | 1 << ALERT_ROW_DATA |
		    1 << ALERT_ROW_ACKED | 1 << ALERT_ROW_WITNESSES | 1 << ALERT_ROW_ID,
		.id = id_make(ID_ALERT, "0123456789abcdef", 16),
		.kind = text("node.silent"),
		.severity = SEVERITY_HIGH,
		.state = ALERT_FIRING,
		.site = text("barn"),
		.time_ms = 1000,
		.subject = { .has = 3, .type = text("node"), .id = text("!a1b2c3d4") },
		.data = tree_done(&out),
		.acked = true,
		.witnesses = { witnesses, 2 },
	};
}

START_TEST(each_comparison_means_what_it_says)
{
	static const struct {
		const char *filter;
		bool passes;
		const char *why;
	} rows[] = {
		{ "", true, "everything passes an empty filter" },
		{ "severity=high", true, "a word" },
		{ "severity>=warning", true, "words compare by their order" },
		{ "severity>high", false, "not above itself" },
		{ "severity<critical", true, "below" },
		{ "severity~hi*", true, "a glob over the word" },
		{ "state=firing and site=barn", true, "both" },
		{ "state=firing and site=roof", false, "one is not enough" },
		{ "site=roof or site=barn", true, "one is enough" },
		{ "not site=lab", true, "not" },
		{ "kind~\"node.*\"", true, "a glob" },
		{ "kind~*silent", true, "a glob at the front" },
		{ "kind~n?de.*nt", true, "any one character" },
		{ "kind~node", false, "the whole text, not a part" },
		{ "kind=node.silent", true, "equal" },
		{ "kind!=node.silent", false, "unequal" },
		{ "subject.id=!a1b2c3d4", true, "inside a struct" },
		{ "subject.name=x", false, "an absent field compares false" },
		{ "subject.name!=x", false, "even for !=" },
		{ "not subject.name=x", true, "so not is another thing" },
		{ "has(subject.name)", false, "it is not there" },
		{ "has(subject.id)", true, "it is there" },
		{ "has(data.colour)", true, "inside a tree" },
		{ "has(data.shape)", false, "not in the tree" },
		{ "data.percent<20", true, "a number in a tree" },
		{ "data.percent<17", false, "not less than itself" },
		{ "data.colour=red", true, "a text in a tree" },
		{ "data.at.lat>48", true, "deeper" },
		{ "data.loud=true", true, "a truth in a tree" },
		{ "acked=yes", true, "a truth" },
		{ "acked!=yes", false, "its contrary" },
		{ "witnesses=s2", true, "one of a list" },
		{ "witnesses=s3", false, "none of a list" },
		{ "not witnesses=s3", true, "none of a list, said so" },
		{ "has(witnesses)", true, "a list with something in it" },
		{ "time_ms<1001 and time_ms>=1000", true, "times" },
	};
	struct alert alert = an_alert();
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(
		    passes(&alert_table, rows[i].filter, &alert) == rows[i].passes,
		    "%s: %s", rows[i].filter, rows[i].why);
}
/* Inside a tree a value has its own kind: more than a number is no text. */
START_TEST(numbers_are_ordered_among_numbers_and_texts_among_texts)
{
	static const struct {
		const char *filter;
		bool passes;
	} rows[] = {
		{ "data.percent>9", true },
		{ "data.percent>\"9\"", false },
		{ "data.level>0.9", false },
		{ "data.level<0.9", false },
		{ "data.level>\"0.9\"", true },
		{ "data.level=0.95", true },
		{ "data.level!=0.95", false },
		{ "data.colour>0.9", false },
		{ "data.colour>blue", true },
		{ "data.colour>=sky", false },
		{ "data.percent<blue", false },
		{ "data.loud>0", false },
		{ "data.loud=true", true },
		{ "data.level~0.*", true },
	};
	struct alert a = an_alert();
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(
		    passes(&alert_table, rows[i].filter, &a) == rows[i].passes, "%s",
		    rows[i].filter);
}
START_TEST(one_element_of_a_list_of_structs_is_enough)
{
	struct node_heard heard[] = {
		{ .has = 0x3f, .site = text("s1"), .rssi = -90, .snr = -12.5f },
		{ .has = 0x3f, .site = text("s2"), .rssi = -40, .snr = 3 }
	};
	struct node node = { .has = 1 << NODE_HEARD | 1 << NODE_ID | 1 << NODE_NETWORK,
		.network = NETWORK_MESHTASTIC,
		.id = id_of_node(ID_MT_NODE, 0xa1b2c3d4),
		.heard = { heard, 2 } };
	ck_assert(passes(&node_table, "heard.site=s2", &node));
	ck_assert(passes(&node_table, "heard.snr<-10", &node));
	ck_assert(passes(&node_table, "heard.snr<-12.25", &node));
	ck_assert(!passes(&node_table, "heard.rssi<-100", &node));
	ck_assert(passes(&node_table, "heard.rssi<-85dBm", &node));
	ck_assert(passes(&node_table, "id=!a1b2c3d4 and network=meshtastic", &node));
	ck_assert(passes(&node_table, "id~!a1*", &node));
	ck_assert(passes(&node_table, "id!=!00000001", &node));
}
START_TEST(globs_take_time_in_proportion) /* the classic that kills backtracking */
{
	static char many[FILTER_TEXT], text_in[512];
	struct alert alert = an_alert();
	strcpy(many, "kind~\"");
	for (int i = 0; i < 300; i++)
		strcat(many, "a*");
	strcat(many, "b\"");
	memset(text_in, 'a', sizeof text_in - 1);
	alert.kind = text(text_in);
	for (int i = 0; i < 200; i++)
		ck_assert(!passes(&alert_table, many, &alert));
}
START_TEST(a_program_equals_its_truth_table) /* random expressions against C's own */
{
	for (int round = 0; round < 5000; round++) {
		char words[600] = "";
		bool value[3] = { rng_u32() % 2 == 0, rng_u32() % 2 == 0,
			rng_u32() % 2 == 0 };
		bool negate = rng_u32() % 2 == 0, both = rng_u32() % 2 == 0,
		     first = rng_u32() % 2 == 0;
		static const char *const says[] = { "site=roof", "site=barn" };
		snprintf(words, sizeof words,
		    first ? "%s%s %s %s and %s" : "%s(%s %s %s) and %s",
		    negate ? "not " : "", says[value[0]], both ? "and" : "or",
		    says[value[1]], says[value[2]]);
		bool a = value[0], wanted;
		if (first) {
			a = negate ? !a : a;
			wanted = both ? (a && value[1] && value[2])
				      : (a || (value[1] && value[2]));
		} else {
			a = both ? (a && value[1]) : (a || value[1]);
			wanted = (negate ? !a : a) && value[2];
		}
		struct alert alert = an_alert();
		ck_assert_msg(
		    passes(&alert_table, words, &alert) == wanted, "%s", words);
	}
}
START_TEST(conjunctions_are_known)
{
	static const struct {
		const char *filter;
		bool is;
	} rows[] = { { "", true }, { "site=a", true }, { "site=a and site=b", true },
		{ "site=a or site=b", false }, { "not site=a", false } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = arena_init(block, sizeof block);
		const struct filter *f;
		struct filter_error why;
		ck_assert_int_eq(
		    filter_parse(&alert_table, text(rows[i].filter), &arena, &f, &why),
		    MESH_OK);
		ck_assert_msg(
		    filter_is_conjunction(f) == rows[i].is, "%s", rows[i].filter);
	}
}
START_TEST(the_deepest_stack_holds)
{
	static char words[FILTER_TEXT];
	struct alert alert = an_alert();
	words[0] = '\0';
	for (int i = 0; i < 63; i++)
		strcat(words, "acked=no or(");
	strcat(words, "acked=yes");
	for (int i = 0; i < 63; i++)
		strcat(words, ")");
	ck_assert(passes(&alert_table, words, &alert));
	alert.acked = false;
	ck_assert(passes(&alert_table, words, &alert));
}
CHECK_MODULE(filter_eval, NULL, each_comparison_means_what_it_says,
    numbers_are_ordered_among_numbers_and_texts_among_texts,
    one_element_of_a_list_of_structs_is_enough, globs_take_time_in_proportion,
    a_program_equals_its_truth_table, conjunctions_are_known, the_deepest_stack_holds)
