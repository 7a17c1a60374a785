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
struct conf_option {
	struct field field;          /* name, kind, unit, bounds, doc, secrecy */
	const char *fallback;        /* as one would write it: "30s"; NULL: none */
	const char *const *words;    /* enumerations: the words, NULL at the end */
	enum option_applies applies;
};
#define OPTION(T, m, unit, lo, hi, fallback, applies, doc) \
	{ FIELD(T, m, unit, 0, lo, hi, doc), fallback, NULL, applies }
#define OPTION_WORDS(T, m, words, fallback, applies, doc) \
	{ FIELD(T, m, UNIT_NONE, 0, 0, 0, doc), fallback, words, applies }
#define OPTION_SECRET(T, m, applies, doc) \
	{ FIELD(T, m, UNIT_NONE, FIELD_SECRET, 0, 4096, doc), NULL, NULL, applies }

enum section_change { SECTION_ADDED, SECTION_CHANGED, SECTION_REMOVED };
struct section {
	const char *name;            /* "radio" */
	bool named;                  /* [radio "roof"]: any number of them */
	size_t bytes;                /* of the struct */
	const struct conf_option *rows;
	size_t count;
	/* Cross-row rules; NULL: none.  Writes the complaint without file and line. */
	bool (*check)(const void *instance, struct bytes_out *complaint);
};
struct config;
struct config_source { const char *name; struct text_view text; }; /* file, --set ... */

/* All sources in order of rising precedence.  NULL: `complaints` holds one
 * "file:line: key: what and which range" per line, every fault, not only the first. */
struct config *config_load(const struct section *const sections[],
    const struct config_source *sources, size_t count, struct bytes_out *complaints);
void config_free(struct config *c);
/* The instance's struct ("" for unnamed sections), or NULL.  Borrowed from `c`. */
const void *config_get(
    const struct config *c, const struct section *s, const char *instance);
/* "conf.d/90-meshctl.conf:3" or "built in": where a value came from. */
struct text_view config_origin(const struct config *c, const struct section *s,
    const char *instance, const struct conf_option *row);
struct config_change {
	enum section_change kind;
	enum option_applies applies; /* the most disruptive row that changed */
	const struct section *section;
	const char *instance;
	const void *before, *after;  /* the structs; NULL where there is none */
};
/* The next difference, or false.  `*place` starts at 0.  daemon/apply.c hands each to
 * its room, which copies what it keeps: both configurations may go away afterwards. */
bool config_next_change(const struct config *before, const struct config *after,
    size_t *place, struct config_change *out);
#endif
