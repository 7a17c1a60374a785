/* log.h - structured events with fields, never sentences with holes.
 *
 *     log_info(log, EVENT(PEER_CHANGED), KEY("site", &key), TEXT("state", word));
 *
 * becomes one line of logfmt or JSON on stderr.  Levels: error (a person must act),
 * warn (degraded, heals by itself), info (state changes only), debug (per packet). Each
 * noun may have a level of its own.  An event that comes in floods is cut to LOG_BURST
 * lines and then one per second; the next line says how many were suppressed.  Never
 * log keys, message bodies, or positions above debug.  Floor 6.  Edge; loop thread
 * only. */
#ifndef HOST_LOG_H
#define HOST_LOG_H
#include "bytes.h"
#include "log_events.h"

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };
extern const char *const log_level_words[];  /* error warn info debug NULL */
extern const char *const log_format_words[]; /* text json NULL */
enum log_format { LOG_TEXT, LOG_JSON };
enum { LOG_FIELDS = 16, LOG_LINE = 4096, LOG_BURST = 20 };

enum log_field_kind {
	LOG_FIELD_END,
	LOG_FIELD_EVENT,
	LOG_FIELD_TEXT,
	LOG_FIELD_U64,
	LOG_FIELD_I64,
	LOG_FIELD_KEY,
	LOG_FIELD_ID,
	LOG_FIELD_ERRNO
};
struct log_field {
	enum log_field_kind kind;
	const char *name;
	struct text_view text;
	uint64_t u;
	int64_t i;
	const void *ptr;
};
/* clang-format off */
#define EVENT(e)        { .kind = LOG_FIELD_EVENT, .u = EVENT_##e }
#define TEXT(n, view)   { .kind = LOG_FIELD_TEXT, .name = (n), .text = (view) }
#define STRING(n, s)    { .kind = LOG_FIELD_TEXT, .name = (n), .text = text(s) }
#define NUMBER(n, v)    { .kind = LOG_FIELD_U64, .name = (n), .u = (v) }
#define SIGNED(n, v)    { .kind = LOG_FIELD_I64, .name = (n), .i = (v) }
#define KEY(n, k)       { .kind = LOG_FIELD_KEY, .name = (n), .ptr = (k) } /* 8 digits */
#define ID(n, p)        { .kind = LOG_FIELD_ID, .name = (n), .ptr = (p) }
#define ERRNO(n, e)     { .kind = LOG_FIELD_ERRNO, .name = (n), .i = (e) } /* errno or -errno */
#define log_error(log, ...) log_emit(log, LEVEL_ERROR, (const struct log_field[]){ __VA_ARGS__, { 0 } })
#define log_warn(log, ...)  log_emit(log, LEVEL_WARN, (const struct log_field[]){ __VA_ARGS__, { 0 } })
#define log_info(log, ...)  log_emit(log, LEVEL_INFO, (const struct log_field[]){ __VA_ARGS__, { 0 } })
#define log_debug(log, ...) log_emit(log, LEVEL_DEBUG, (const struct log_field[]){ __VA_ARGS__, { 0 } })
/* clang-format on */

struct log;
/* Text on `fd` (not taken over), level info; NULL: no memory.  `journal`: lines begin
 * with <N> and carry no time, for systemd (log_under_journal). */
struct log *log_new(int fd, bool journal);
void log_free(struct log *log); /* NULL is fine */
bool log_under_journal(int fd); /* JOURNAL_STREAM names the file behind `fd` */
void log_set_format(struct log *log, enum log_format format);
/* The level of one noun; empty: of all that have none of their own.  MESH_NOT_FOUND: no
 * such noun, or no such word.  `warning` is as good as `warn`. */
MESH_MUST_CHECK enum mesh_err log_set_level(
    struct log *log, struct text_view noun, struct text_view level);
/* "radio:debug mesh:warning": replaces all nouns' levels.  MESH_MALFORMED: `bad` is the
 * word at fault, nothing changed. */
MESH_MUST_CHECK enum mesh_err log_set_levels(
    struct log *log, struct text_view levels, struct text_view *bad);
bool log_wants(const struct log *log, enum log_level level, enum log_event event);
/* `fields` begin with EVENT and end with a zero field.  NULL log: nothing. */
void log_emit(struct log *log, enum log_level level, const struct log_field *fields);
#endif
