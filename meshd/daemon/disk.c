#include "disk.h"
#include "alert.h"
#include "id.h"
#include "log_events.h"
#include "text.h"
#include <sys/statvfs.h>

enum {
	LOOK_MS = 10 * 1000,
	ENOUGH_BYTES = 2 << 20 /* else the next commits fill it up again */
};

static const char full_text[] =
    "This site's disk is full: it keeps nothing of what it hears, and writes nothing. "
    "Make room there; it goes on by itself.";

static struct bytes_view
full_key(void)
{
	return bytes_view("full", 4);
}

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

/* Since when the alert fires, for the next start: it may be made with room again.  The
 * record is made in the next turn, so this is kept before it, or with it. */
static void
remember(struct daemon *d, unix_ms since_ms)
{
	d->disk.since_ms = since_ms;
	uint8_t room[8];
	struct bytes_out value = bytes_out(room, sizeof room);
	bytes_put_u64(&value, (uint64_t)since_ms);
	if (store_keep(d->store, text("meshd"), full_key(), bytes_written(&value),
		SYNC_LAST, STORE_TOKEN(OWNER_DISK, 0)) != MESH_OK)
		count_one(&d->counts, COUNT_INGEST_STORE_BUSY);
}

static unix_ms
remembered(struct daemon *d)
{
	uint8_t room[8];
	struct bytes_out value = bytes_out(room, sizeof room);
	if (store_kept(d->store, text("meshd"), full_key(), &value) != MESH_OK)
		return 0;
	struct bytes_in in = bytes_in(bytes_written(&value));
	return (unix_ms)bytes_u64(&in);
}

static bool
is_roomy(const char *folder)
{
	struct statvfs fs;
	return statvfs(folder, &fs) == 0 &&
	    (uint64_t)fs.f_bavail * fs.f_frsize >= ENOUGH_BYTES;
}

static void
log_change(struct daemon *d, bool readonly)
{
	if (readonly == d->disk.was_readonly)
		return;
	d->disk.was_readonly = readonly;
	if (readonly)
		log_error(d->log, EVENT(STORE_FAILED), STRING("path", d->state_path));
	else
		log_info(d->log, EVENT(STORE_HEALED), STRING("path", d->state_path));
}

static void
fire(struct daemon *d)
{
	unix_ms now = d->world.now.unix_ms;
	if (say(d, ALERT_FIRING, now))
		remember(d, now);
}

static void
resolve(struct daemon *d)
{
	if (d->world.now.ms < d->disk.look_ms)
		return;
	d->disk.look_ms = d->world.now.ms + LOOK_MS;
	if (is_roomy(d->state_path) && say(d, ALERT_RESOLVED, d->disk.since_ms))
		remember(d, 0);
}

void
disk_start(struct daemon *d)
{
	d->disk = (struct disk){ .since_ms = remembered(d) };
	if (!store_says_early(d->store))
		log_warn(d->log, EVENT(STORE_LATE), STRING("path", d->state_path));
}

void
disk_tell(struct daemon *d)
{
	bool readonly = store_is_readonly(d->store);
	log_change(d, readonly);
	if (d->disk.since_ms == 0 && store_is_full(d->store))
		fire(d);
	else if (d->disk.since_ms != 0 && !readonly)
		resolve(d);
}
