/* options.h - what can be configured, said once, by the room that uses it.
 *
 * Every room owns a section: a struct and a table of rows over it.  Parser, --set,
 * --check-config, --print-defaults, CONFIG.md, man page, sample file, web form and
 * reload diff read the rows; daemon/sections.c lists the sections.
 * A loaded configuration is never edited: a reload loads a second one beside it and
 * walks the differences.  A section knows nothing of the room that runs.
 * Floor 5.  Pure; file reading is host/conf_files.c. */
#ifndef OPTIONS_H
#define OPTIONS_H
#include "fields.h"

enum option_applies { APPLIES_LIVE, APPLIES_RECONNECT, APPLIES_RESTART };
/* What the field's kind and rows mean here: BOOL is yes or no; numbers take units;
 * words alone (no bounds) are an enumeration; words beside bounds may stand for a
 * number, the first word being 0; LIST is of texts, one per line of that name. */
struct conf_option {
	struct field field;   /* name, kind, unit, bounds, words, doc, secrecy */
	const char *fallback; /* as one would write it: "30s"; NULL: none, zero */
	enum option_applies applies;
};
/* clang-format off */
#define OPTION(T, m, unit, lo, hi, fallback, applies, doc) \
	{ FIELD(T, m, unit, 0, lo, hi, doc), fallback, applies }
#define OPTION_WORDS(T, m, words, fallback, applies, doc) \
	{ FIELD_WORDS(T, m, 0, words, doc), fallback, applies }
/* A number, or `auto`, which is 0 and the fallback. */
#define OPTION_AUTO(T, m, unit, lo, hi, applies, doc) \
	{ { #m, KIND_OF(T, m), unit, 0, offsetof(T, m), lo, hi, NULL, conf_auto_words, doc }, "auto", applies }
/* `struct list_view m` of struct text_view; lo, hi: of each text's length. */
#define OPTION_LIST(T, m, lo, hi, applies, doc) \
	{ FIELD_SUB(T, m, &conf_text_table, 0, lo, hi, doc), NULL, applies }
#define OPTION_SECRET(T, m, applies, doc) \
	{ FIELD(T, m, UNIT_NONE, FIELD_SECRET, 0, 4096, doc), NULL, applies }
/* clang-format on */
extern const char *const conf_auto_words[];      /* "auto", NULL */
extern const struct field_table conf_text_table; /* bare: one struct text_view */

enum section_change { SECTION_ADDED, SECTION_CHANGED, SECTION_REMOVED };
struct section {
	const char *name; /* "radio" */
	bool named;       /* [radio "roof"]: any number of them */
	size_t bytes;     /* of the struct */
	const struct conf_option *rows;
	size_t count;
	/* Cross-row rules; NULL: none.  False: writes the complaint without file and
	 * line. */
	bool (*check)(const void *instance, struct bytes_out *complaint);
};

enum { CONF_INSTANCES = 64, CONF_NAME_MAX = 32, CONF_LIST_MAX = 64 };
/* FILE is INI text.  ARGUMENTS are `section.key=value` or `section.instance.key=value`
 * (--set), ENVIRONMENT is `MESHD_SECTION__KEY=value`, both ended by a NUL each. */
enum conf_source_kind { CONF_FILE, CONF_ARGUMENTS, CONF_ENVIRONMENT };
struct config_source { /* borrowed for the call */
	enum conf_source_kind kind;
	const char *name; /* as complaints and origins call it: a path, "--set" */
	struct text_view text;
};

struct config;
/* All sources in order of rising precedence; `sections` ends with NULL and outlives the
 * result.  NULL: `complaints` holds one "file:line: section.key: what and which range"
 * per line, every fault, not only the first (none: no memory). */
struct config *config_load(const struct section *const sections[],
    const struct config_source *sources, size_t count, struct bytes_out *complaints);
void config_free(struct config *c); /* NULL is fine */
/* The instance's struct ("" for unnamed sections, which always exist), or NULL.
 * Borrowed from `c`. */
const void *config_get(
    const struct config *c, const struct section *s, const char *instance);
/* Names of a named section's instances in order of appearance; NULL past the end. */
const char *config_instance(
    const struct config *c, const struct section *s, size_t index);
/* "conf.d/90-meshctl.conf:3" or "built in": where a value came from. */
struct text_view config_origin(const struct config *c, const struct section *s,
    const char *instance, const struct conf_option *row);
struct config_change {
	enum section_change kind;
	enum option_applies applies; /* the most disruptive row that changed */
	const struct section *section;
	const char *instance;
	const void *before, *after; /* the structs; NULL where there is none */
};
/* The next difference, or false.  `*place` starts at 0; `before` NULL: everything was
 * added.  Whoever takes one copies what it keeps: both configurations may go away
 * afterwards. */
bool config_next_change(const struct config *before, const struct config *after,
    size_t *place, struct config_change *out);
#endif
