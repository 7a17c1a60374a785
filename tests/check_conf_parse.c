#include "check_mesh.h"
#include "conf_parse.h"
#include "text.h"

/* One line as "kind number section/instance key=value" or its fault. */
static void
print_line(const struct conf_line *line, struct bytes_out *out)
{
	if (line->kind == CONF_LINE_FAULT) {
		text_printf(out, "%u! ", line->number);
		return;
	}
	text_printf(out, "%u[%.*s/%.*s]", line->number, (int)line->section.len,
	    line->section.ptr, (int)line->instance.len, line->instance.ptr);
	if (line->kind == CONF_LINE_VALUE)
		text_printf(out, "%.*s=<%.*s>", (int)line->key.len, line->key.ptr,
		    (int)line->value.len, line->value.ptr);
	text_put(out, " ");
}

static const char *
parsed(enum conf_source_kind kind, const char *source, size_t len)
{
	static char room[2048];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct config_source s = { kind, "x", { source, len } };
	struct conf_parser p = conf_parser(&s);
	struct conf_line line;
	while (conf_next_line(&p, &line))
		print_line(&line, &out);
	return text_end(&out);
}

START_TEST(every_form_of_a_line_is_read)
{
	/* clang-format off */
	static const struct { const char *text, *lines, *why; } row[] = {
		{ "", "", "nothing" },
		{ "\n\n# x\n  ; y\n", "", "blank lines and comments" },
		{ "[mesh]\nport = 1\n", "1[mesh/] 2[mesh/]port=<1> ", "the usual" },
		{ "[mesh]\r\nport=1\r\n", "1[mesh/] 2[mesh/]port=<1> ", "from Windows" },
		{ "\xef\xbb\xbf[mesh]\nport=1", "1[mesh/] 2[mesh/]port=<1> ", "byte order mark, no last newline" },
		{ " [ radio \"roof\" ] # c\n\thost =\t10.0.0.7 # c\n", "1[radio/roof] 2[radio/roof]host=<10.0.0.7> ", "blanks and comments" },
		{ "[a]\nk = \" x # y \" # z\n", "1[a/] 2[a/]k=< x # y > ", "quotes keep blanks and #" },
		{ "[a]\nk = a#b\n", "1[a/] 2[a/]k=<a#b> ", "# inside a word is no comment" },
		{ "[a]\nk =\n", "1[a/] 2[a/]k=<> ", "an empty value" },
		{ "[a]\nk = a=b\n", "1[a/] 2[a/]k=<a=b> ", "= in the value" },
		{ "[x-mine]\nfoo = 1\nnonsense\n[a]\nx-k = 1\nk = 2\n", "4[a/] 6[a/]k=<2> ", "x- belongs to others" },
		{ "port = 1\n", "1! ", "value before a section" },
		{ "[mesh\nport = 1\n[a]\n", "1! 3[a/] ", "a broken header is one fault" },
		{ "[mesh] x\n", "1! ", "text after ]" },
		{ "[radio \"a b\"]\n", "1! ", "blank in a name" },
		{ "[radio \"\"]\n", "1! ", "no name" },
		{ "[radio \"a]\n", "1! ", "open quote" },
		{ "[radio \"0123456789012345678901234567890123\"]\n", "1! ", "name of 34 bytes" },
		{ "[]\n", "1! ", "no section" },
		{ "[a]\nport\n", "1[a/] 2! ", "no =" },
		{ "[a]\npo rt = 1\n", "1[a/] 2! ", "blank in a key" },
		{ "[a]\nk = \"x\n", "1[a/] 2! ", "open quote in a value" },
		{ "[a]\nk = \"x\" y\n", "1[a/] 2! ", "text after a quote" },
		{ "[a]\nk = \xff\n", "1[a/] 2! ", "not UTF-8" },
		{ "[a]\nk = a\x01" "b\n", "1[a/] 2! ", "control character" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		const char *got = parsed(CONF_FILE, row[i].text, strlen(row[i].text));
		ck_assert_msg(
		    strcmp(got, row[i].lines) == 0, "%s: %s", row[i].why, got);
	}
}
START_TEST(arguments_name_section_instance_and_key)
{
	static const char args[] =
	    "mesh.port=1\0radio.roof.host = 10.0.0.7\0radio.a.b.c=1\0"
	    "port=1\0mesh.=1\0.port=1\0mesh.port\0x-a.b=1";
	ck_assert_str_eq(parsed(CONF_ARGUMENTS, args, sizeof args),
	    "1[mesh/]port=<1> 2[radio/roof]host=<10.0.0.7> 3[radio/a.b]c=<1> 4! 5! 6! "
	    "7! ");
}
START_TEST(environment_names_have_two_underscores)
{
	static const char env[] =
	    "MESHD_MESH__PORT=1\0MESHD_SOCKET=/x\0MESHD_RADIO__ROOF__HOST=h\0HOME=/\0"
	    "MESHD_MESH__HOP_LIMIT=3\0MESHD___PORT=1\0MESHD_SITE__NAME";
	ck_assert_str_eq(parsed(CONF_ENVIRONMENT, env, sizeof env),
	    "1[mesh/]port=<1> 3[radio/roof]host=<h> 5[mesh/]hop_limit=<3> 6! ");
}
START_TEST(distance_counts_letters)
{
	ck_assert_uint_eq(conf_distance(text("port"), text("port")), 0);
	ck_assert_uint_eq(conf_distance(text("prot"), text("port")), 2);
	ck_assert_uint_eq(conf_distance(text("por"), text("port")), 1);
	ck_assert_uint_eq(conf_distance(text(""), text("abc")), 3);
}
START_TEST(every_truncation_and_flip_is_harmless)
{
	static const char whole[] =
	    "[radio \"roof\"] # c\nhost = \"a b\" # c\n[mesh]\nx = 1\n";
	for (size_t len = 0; len < sizeof whole; len++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			char *copy = malloc(len > 0 ? len : 1);
			ck_assert_ptr_nonnull(copy);
			memcpy(copy, whole, len);
			if (len > 0)
				copy[rng_u32() % len] ^= (char)(1 << bit);
			parsed((enum conf_source_kind)(bit % 3), copy, len);
			free(copy);
		}
	}
}
CHECK_MODULE(conf_parse, NULL, every_form_of_a_line_is_read,
    arguments_name_section_instance_and_key, environment_names_have_two_underscores,
    distance_counts_letters, every_truncation_and_flip_is_harmless)
