#include "alert.h"
#include "arena.h"
#include "filter.h"
#include "model_world.h"
#include "node.h"
#include "text.h"

static uint8_t block[64 * 1024];

/* The program as text: `1 2 & !`, or the error with its column. */
static const char *
program(const struct field_table *t, const char *text_in)
{
	static char shown[1024];
	struct arena arena = arena_init(block, sizeof block);
	struct bytes_out out = bytes_out(shown, sizeof shown);
	const struct filter *f;
	struct filter_error why;
	if (filter_parse(t, text(text_in), &arena, &f, &why) != MESH_OK) {
		ck_assert(f == NULL);
		text_printf(&out, "%zu: %s", why.column, why.text);
		return text_end(&out);
	}
	for (size_t i = 0; i < f->code_count; i++) {
		uint8_t c = f->code[i];
		text_put(&out, i > 0 ? " " : "");
		if (c == FILTER_AND || c == FILTER_OR || c == FILTER_NOT)
			text_put(&out,
			    c == FILTER_AND      ? "&"
				: c == FILTER_OR ? "|"
						 : "!");
		else
			text_put_u64(&out, c);
	}
	return text_end(&out);
}

START_TEST(and_binds_more_than_or_and_not_most)
{
	static const struct {
		const char *text, *program;
	} rows[] = {
		{ "", "" },
		{ "  ", "" },
		{ "acked=yes", "0" },
		{ "severity>=high and kind~\"node.*\" and not site=lab",
		    "0 1 & 2 ! &" },
		{ "site=a or site=b and site=c", "0 1 2 & |" },
		{ "site=a and site=b or site=c", "0 1 & 2 |" },
		{ "(site=a or site=b) and site=c", "0 1 | 2 &" },
		{ "not (site=a or site=b)", "0 1 | !" },
		{ "not not site=a", "0 ! !" },
		{ "not site=a and site=b", "0 ! 1 &" },
		{ "((((site=a))))", "0" },
		{ "has(text) and has(subject.id)", "0 1 &" },
		{ "data.battery.percent<20", "0" },
		{ "witnesses=s1", "0" },
		{ "site=\"and (or) not\"", "0" },
		{ "site = a and kind != b.c", "0 1 &" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_str_eq(program(&alert_table, rows[i].text), rows[i].program);
}
START_TEST(errors_say_where)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "sevrity=high", "1: no such word: `sevrity`" },
		{ "site=a and", "11: something is missing at the end" },
		{ "site=a and kindle=b", "12: no such word: `kindle`" },
		{ "site", "5: wanted = != < <= > >= or ~ here:" },
		{ "site=", "6: wanted a value here:" },
		{ "(site=a", "8: a ) is missing at the end" },
		{ "site=a)", "7: no ( before this `)`" },
		{ "()", "2: wanted a word here: `)`" },
		{ "site=a site=b", "8: wanted and, or, ) or the end here: `site`" },
		{ "acked>yes", "7: wanted = or != and yes or no, not `yes`" },
		{ "acked=maybe", "7: wanted = or != and yes or no, not `maybe`" },
		{ "severity>=enormous",
		    "11: wanted a number or one of its words, not `enormous`" },
		{ "subject=x",
		    "9: this word has parts, name one; or ask has(word): `x`" },
		{ "data=x", "6: this word has parts, name one; or ask has(word): `x`" },
		{ "time_ms~1*", "9: ~ is for texts, not `1*`" },
		{ "has text", "5: wanted ( after has: `text`" },
		{ "has(text", "9: wanted ) here:" },
		{ "site=\"open", "6: wanted a value here:" },
		{ "subject.=x", "1: no such word: `subject.`" },
		{ "site.x=1", "1: no such word: `site.x`" },
		{ "$", "1: wanted a word here: `$`" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_str_eq(program(&alert_table, rows[i].text), rows[i].error);
}
START_TEST(sixty_four_terms_and_no_more)
{
	static char longer[FILTER_TEXT + 64];
	strcpy(longer, "acked=no");
	for (int i = 1; i < 64; i++)
		strcat(longer, " or acked=no");
	ck_assert_uint_eq(strchr(program(&alert_table, longer), ':') == NULL, 1);
	strcat(longer, " or acked=no");
	ck_assert(strstr(program(&alert_table, longer), "more than 64 terms") != NULL);
	memset(longer, ' ', FILTER_TEXT + 1);
	longer[FILTER_TEXT + 1] = '\0';
	ck_assert(strstr(program(&alert_table, longer), "longer than") != NULL);
}
START_TEST(deep_nesting_is_an_error_not_a_crash)
{
	static char deep[FILTER_TEXT];
	memset(deep, '(', sizeof deep - 1);
	ck_assert(strstr(program(&alert_table, deep), "too deep") != NULL);
	for (size_t i = 0; i + 4 < sizeof deep; i += 4)
		memcpy(deep + i, "not ", 4);
	ck_assert(strstr(program(&alert_table, deep), "too deep") != NULL);
}
START_TEST(a_full_arena_is_an_error)
{
	struct arena arena = arena_init(block, 100);
	const struct filter *f;
	struct filter_error why;
	ck_assert_int_eq(
	    filter_parse(&alert_table, text("site=a"), &arena, &f, &why), MESH_FULL);
}
START_TEST(noise_is_refused_or_becomes_a_sound_program)
{
	static const char *const pieces[] = { "site", "severity", "acked", "data.x",
		" and ", " or ", " not ", "(", ")", "=", "!=", "<", ">=", "~", "high",
		"\"", "*", "has(", "5", "\x80", "subject.id", " " };
	for (int round = 0; round < 20000; round++) {
		char noise[200] = "";
		struct arena arena = arena_init(block, sizeof block);
		const struct filter *f;
		struct filter_error why;
		for (size_t i = rng_u32() % 12; i > 0; i--)
			strcat(noise, pieces[rng_u32() % LENGTH(pieces)]);
		struct alert alert = { .has = 0 };
		if (filter_parse(&alert_table, text(noise), &arena, &f, &why) ==
		    MESH_OK)
			filter_eval(f, &alert); /* UBSan and ASan look on */
		else
			ck_assert_msg(
			    why.column > 0 && why.text[0] != '\0', "%s", noise);
	}
}
CHECK_MODULE(filter_parse, NULL, and_binds_more_than_or_and_not_most, errors_say_where,
    sixty_four_terms_and_no_more, deep_nesting_is_an_error_not_a_crash,
    a_full_arena_is_an_error, noise_is_refused_or_becomes_a_sound_program)
