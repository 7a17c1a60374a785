#include "log_events.h"
#include <string.h>

#define LOG_EVENT_ROW(name, text, doc) { text, doc },
const struct log_event_row log_event_rows[LOG_EVENT_COUNT] = { LOG_EVENTS(
    LOG_EVENT_ROW) };

struct text_view
log_event_noun(enum log_event event)
{
	const char *name = log_event_rows[event].name;
	return (struct text_view){ name, strcspn(name, ".") };
}
