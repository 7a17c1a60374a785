/* What a radio was told about itself, by whom, and how it ended: for the log. */
#include "daemon_inside.h"
#include "inspect.h"
#include "text.h"

/* Texts are asked for at each look: many questions must not hold back the line of a
 * change. */
static enum log_level
level_of(bool question)
{
	return question ? LEVEL_DEBUG : LEVEL_INFO;
}

void
deeds_note(void *ctx, const struct op_deed *deed)
{
	struct daemon *d = ctx;
	if (deed->denied.len > 0)
		log_warn(d->log, EVENT(RADIO_ORDERED), TEXT("radio", deed->radio),
		    TEXT("who", deed->who), TEXT("what", deed->what),
		    TEXT("denied", deed->denied));
	else
		log_emit(d->log, level_of(deed->question),
		    (const struct log_field[]){ EVENT(RADIO_ORDERED),
			TEXT("radio", deed->radio), TEXT("who", deed->who),
			TEXT("what", deed->what), NUMBER("order", deed->order),
			{ 0 } });
}

static const char *
result_of(const struct radio_event *e)
{
	const char *named = inspect_reason(NETWORK_MESHTASTIC, e->reason);
	if (e->sent == SENT_ACKED)
		return "done";
	if (e->sent == SENT_LINK_LOST)
		return e->reason == ORDER_SAVED ? "uncertain: the link was lost"
						: "the link was lost";
	if (e->reason == SENT_UNSURE)
		return "uncertain: no answer";
	return named != NULL ? named : "refused";
}

/* Unasked: the one who asks is meshd. */
static void
tell_tended(struct daemon *d, struct text_view radio, const struct radio_event *e)
{
	bool clock = e->reason == TENDED_CLOCK;
	log_info(d->log, EVENT(RADIO_ORDERED), TEXT("radio", radio),
	    STRING("who", "meshd"),
	    STRING("what", clock ? "set its clock" : "start anew"),
	    STRING("result",
		e->sent == SENT_ACCEPTED ? "said"
		    : e->sent == SENT_ACKED
		    ? "done"
		    : "it has another time, or did not answer"));
}

void
deeds_told(void *ctx, struct text_view radio, const struct radio_event *event)
{
	struct daemon *d = ctx;
	if (event->kind == RADIO_TENDED)
		tell_tended(d, radio, event);
	else
		log_emit(d->log, level_of(event->question),
		    (const struct log_field[]){ EVENT(RADIO_ANSWERED),
			TEXT("radio", radio), NUMBER("order", event->request),
			STRING("result", result_of(event)), { 0 } });
}
