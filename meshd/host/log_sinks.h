/* log_sinks.h - one event as one line: logfmt, JSON, journal.  Floor 6.  Pure. */
#ifndef LOG_SINKS_H
#define LOG_SINKS_H
#include "log.h"

struct log_line {
	enum log_level level;
	enum log_event event;
	unix_ms time_ms;
	uint64_t suppressed; /* lines of this event that were not written before it */
	const struct log_field *fields;
};
/* Both end the line with a newline; what does not fit LOG_LINE is cut. */
void log_line_text(const struct log_line *line, bool journal, struct bytes_out *out);
void log_line_json(const struct log_line *line, struct bytes_out *out);
#endif
