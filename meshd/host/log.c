#include "log.h"
#include "clock.h"
#include "log_sinks.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const log_level_words[] = { "error", "warn", "info", "debug", NULL };
const char *const log_format_words[] = { "text", "json", NULL };

enum { NO_LEVEL = -1 };
struct bucket { /* of one event: LOG_BURST lines, then one per second */
	mesh_time_ms last_ms;
	uint64_t suppressed;
	uint32_t left;
	bool used;
};
struct log {
	int fd;
	bool journal;
	enum log_format format;
	enum log_level level;
	int noun_levels[LOG_EVENT_COUNT]; /* enum log_level or NO_LEVEL, by event */
	struct bucket buckets[LOG_EVENT_COUNT];
};

struct log *
log_new(int fd, bool journal)
{
	struct log *log = calloc(1, sizeof *log);
	if (log == NULL)
		return NULL;
	log->fd = fd;
	log->journal = journal;
	log->level = LEVEL_INFO;
	for (size_t i = 0; i < LOG_EVENT_COUNT; i++)
		log->noun_levels[i] = NO_LEVEL;
	return log;
}

void
log_free(struct log *log)
{
	free(log);
}

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of what stderr was connected to. */
bool
log_under_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char own[64];
	if (stream == NULL || fstat(fd, &st) != 0)
		return false;
	(void)snprintf(own, sizeof own, "%llu:%llu", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	return strcmp(stream, own) == 0;
}

void
log_set_format(struct log *log, enum log_format format)
{
	log->format = format;
}

/* --- levels --- */

static int
level_of(struct text_view word)
{
	for (int i = 0; log_level_words[i] != NULL; i++) {
		if (text_is(word, log_level_words[i]))
			return i;
	}
	return text_is(word, "warning") ? LEVEL_WARN : NO_LEVEL;
}

static bool
set_noun(int levels[LOG_EVENT_COUNT], struct text_view noun, int level)
{
	bool known = false;
	for (size_t i = 0; i < LOG_EVENT_COUNT; i++) {
		if (!text_equal(log_event_noun((enum log_event)i), noun))
			continue;
		levels[i] = level;
		known = true;
	}
	return known;
}

enum mesh_err
log_set_level(struct log *log, struct text_view noun, struct text_view level)
{
	int l = level_of(level);
	if (l == NO_LEVEL)
		return MESH_NOT_FOUND;
	if (noun.len > 0)
		return set_noun(log->noun_levels, noun, l) ? MESH_OK : MESH_NOT_FOUND;
	log->level = (enum log_level)l;
	return MESH_OK;
}

static bool
set_word(int levels[LOG_EVENT_COUNT], struct text_view word)
{
	const char *colon = memchr(word.ptr, ':', word.len);
	if (colon == NULL)
		return false;
	size_t at = (size_t)(colon - word.ptr);
	int l = level_of((struct text_view){ colon + 1, word.len - at - 1 });
	return l != NO_LEVEL && set_noun(levels, (struct text_view){ word.ptr, at }, l);
}

enum mesh_err
log_set_levels(struct log *log, struct text_view levels, struct text_view *bad)
{
	int next[LOG_EVENT_COUNT];
	for (size_t i = 0; i < LOG_EVENT_COUNT; i++)
		next[i] = NO_LEVEL;
	for (size_t i = 0, from; i < levels.len; i++) {
		for (from = i; i < levels.len && strchr(" ,", levels.ptr[i]) == NULL;)
			i++;
		struct text_view word = { levels.ptr + from, i - from };
		if (word.len > 0 && !set_word(next, word)) {
			*bad = word;
			return MESH_MALFORMED;
		}
	}
	memcpy(log->noun_levels, next, sizeof next);
	return MESH_OK;
}

bool
log_wants(const struct log *log, enum log_level level, enum log_event event)
{
	int own = log->noun_levels[event];
	return (int)level <= (own != NO_LEVEL ? own : (int)log->level);
}

/* --- writing --- */

static bool
admit(struct bucket *b, mesh_time_ms now)
{
	uint64_t back = b->used ? (now - b->last_ms) / 1000 : LOG_BURST;
	if (back > 0) {
		b->left = b->left + back > LOG_BURST ? LOG_BURST
						     : b->left + (uint32_t)back;
		b->last_ms = b->used && b->left < LOG_BURST ? b->last_ms + back * 1000
							    : now;
	}
	b->used = true;
	if (b->left == 0) {
		b->suppressed++;
		return false;
	}
	b->left--;
	return true;
}

/* A full pipe loses the line: nobody waits for whoever reads the log. */
static void
write_line(const struct log *log, const struct bytes_out *line)
{
	ssize_t n = write(log->fd, line->ptr, line->len);
	(void)n;
}

void
log_emit(struct log *log, enum log_level level, const struct log_field *fields)
{
	char room[LOG_LINE];
	enum log_event event = (enum log_event)fields->u;
	struct mesh_now now = clock_now();
	if (log == NULL || !log_wants(log, level, event))
		return;
	struct bucket *b = &log->buckets[event];
	if (!admit(b, now.ms))
		return;
	struct log_line line = { level, event, now.unix_ms, b->suppressed, fields };
	struct bytes_out out = bytes_out(room, sizeof room);
	if (log->format == LOG_JSON)
		log_line_json(&line, &out);
	else
		log_line_text(&line, log->journal, &out);
	b->suppressed = 0;
	write_line(log, &out);
}
