#include "disk.h"
#include "alert.h"
#include "id.h"
#include "log_events.h"
#include "reserve.h"
#include "text.h"

enum { LOOK_MS = 10 * 1000 };

static const char full_text[] =
    "This site's disk is full: it keeps nothing of what it hears, and writes nothing. "
    "Make room there; it goes on by itself.";

/* False: the intents are full. */
static bool
say(struct daemon *d, enum alert_state state, unix_ms since_ms)
{
	char room[ID_TEXT_MAX];
	struct bytes_out site = bytes_out(room, sizeof room);
	struct id self = id_of_key(&d->identity.key);
	id_print(&self, &site);
	struct alert_statement said = { .has = 1 << STATEMENT_ID | 1 << STATEMENT_KIND |
		    1 << STATEMENT_SEVERITY | 1 << STATEMENT_STATE |
		    1 << STATEMENT_SINCE | 1 << STATEMENT_SUBJECT | 1 << STATEMENT_TEXT,
		.kind = text("store.full"),
		.severity = SEVERITY_CRITICAL,
		.state = (uint8_t)state,
		.since_ms = since_ms,
		.subject = { .has = 1 << SUBJECT_TYPE | 1 << SUBJECT_ID,
		    .type = text("site"),
		    .id = text_written(&site) },
		.text = text(
		    state == ALERT_FIRING ? full_text : "There is room again.") };
	said.id = alert_id(said.kind, &said.subject, text(""));
	return intents_append(d->intents, LANE_ALERT, ALERT_STATEMENT,
		   &alert_statement_table, &said, 0) != MESH_FULL;
}

static void
on_failed(struct daemon *d)
{
	log_error(d->log, EVENT(STORE_FAILED), STRING("path", d->state_path));
	if (!reserve_is_scarce(d->state_path))
		return; /* something else is wrong with it: room does not help */
	d->disk.given = reserve_give(d->state_path) || d->disk.given;
	d->disk.look_ms = d->world.now.ms + LOOK_MS;
}

static void
on_healed(struct daemon *d)
{
	log_info(d->log, EVENT(STORE_HEALED), STRING("path", d->state_path));
	unix_ms now = d->world.now.unix_ms;
	if (d->disk.given && d->disk.since_ms == 0 && say(d, ALERT_FIRING, now))
		d->disk.since_ms = now;
}

static void
hold_again(struct daemon *d)
{
	d->disk.look_ms = d->world.now.ms + LOOK_MS;
	if (reserve_hold(d->state_path) != 0)
		return;
	if (d->disk.since_ms != 0 && !say(d, ALERT_RESOLVED, d->disk.since_ms))
		return; /* it is held, and said the next time */
	d->disk.given = false;
	d->disk.since_ms = 0;
}

void
disk_start(struct daemon *d)
{
	d->disk = (struct disk){ .given = reserve_hold(d->state_path) != 0 };
}

void
disk_tell(struct daemon *d)
{
	bool readonly = store_is_readonly(d->store);
	if (readonly != d->disk.was_readonly) {
		d->disk.was_readonly = readonly;
		if (readonly)
			on_failed(d);
		else
			on_healed(d);
	}
	if (d->disk.given && !readonly && d->world.now.ms >= d->disk.look_ms)
		hold_again(d);
}
