#include "address.h"
#include "alert.h"
#include "daemon_inside.h"
#include "disk.h"
#include "id.h"
#include "lanes.h"
#include "pins.h"
#include "text.h"

/* The feed says more often that something moved: the log wants another state only.  A
 * crowded place forgets, and says it once more. */
static bool
is_new_state(struct daemon *d, const struct peer_status *p)
{
	struct told_peer *told = &d->told[p->key.bytes[0] % DAEMON_TOLD];
	if (told->known && key_equal(&told->key, &p->key) && told->state == p->state &&
	    told->reason == p->reason)
		return false;
	*told = (struct told_peer){ p->key, p->state, p->reason, true };
	return true;
}

static void
tell_peer(struct daemon *d, const struct feed_item *item)
{
	const struct peer_status *p = item->object;
	if (!is_new_state(d, p) || d->stopping)
		return;
	if (p->state == PEER_DEAD || p->state == PEER_LEFT)
		seeds_haste(d, d->world.now);
	log_info(d->log, EVENT(PEER_CHANGED), KEY("site", &p->key),
	    TEXT("name", p->name), STRING("state", peer_state_words[p->state]),
	    STRING("reason", peer_reason_words[p->reason]));
}

static struct told_radio *
told_radio(struct daemon *d, struct text_view name)
{
	for (size_t i = 0; i < LENGTH(d->told_radios); i++) {
		struct told_radio *t = &d->told_radios[i];
		bool free_slot = t->name[0] == '\0';
		if (free_slot && name.len < sizeof t->name)
			memcpy(t->name, name.ptr, name.len);
		if (text_is(name, t->name))
			return t;
	}
	return &d->told_radios[0]; /* told once too often, perhaps */
}

/* The radio itself, whatever the link to it does. */
static void
tell_changes(struct daemon *d, const struct radio_status *r)
{
	struct told_radio *t = told_radio(d, r->name);
	const struct radio_changes *now = &r->changes, before = t->changes;
	const char *what = NULL;
	t->changes = *now;
	if (now->replaced > before.replaced)
		what = "it is another node than before";
	else if (now->wiped > before.wiped)
		what = "its memory was wiped";
	else if (now->rebooted > before.rebooted)
		what = "it started anew";
	if (what != NULL)
		log_warn(d->log, EVENT(RADIO_RESTARTED), TEXT("radio", r->name),
		    STRING("what", what));
}

static void
tell_radio(struct daemon *d, const struct feed_item *item)
{
	const struct radio_status *r = item->object;
	bool failed = field_is_present(&radio_status_table, RADIO_ROW_ERROR, r);
	tell_changes(d, r);
	log_info(d->log, EVENT(RADIO_CHANGED), TEXT("radio", r->name),
	    STRING("state", radio_state_words[r->state]),
	    TEXT("error", failed ? r->error : text("")));
}

/* The log is a reader of the feed like any other. */
void
news_tell(struct daemon *d)
{
	struct feed_item item;
	while (feed_next(d->feed, &d->news, &item)) {
		if (item.topic == FEED_PEER)
			tell_peer(d, &item);
		else
			tell_radio(d, &item);
	}
	disk_tell(d);
}

static const char *const found_words[] = {
	[FOUND_LOST] = "rows were lost",
	[FOUND_UNREADABLE] = "did not read back",
	[FOUND_MISSING] = "no row",
};

static void
tell_view(struct daemon *d, const struct store_finding *found)
{
	log_warn(d->log, EVENT(STORE_DAMAGED), STRING("view", found->view),
	    NUMBER("rows", found->rows), STRING("error", "not what the records say"),
	    STRING("hint", "folded again from the records"));
}

void
news_damaged(void *ctx, const struct store_finding *found)
{
	struct daemon *d = ctx;
	if (found->what == FOUND_VIEW) {
		tell_view(d, found);
		return;
	}
	char room[64];
	struct bytes_out log = bytes_out(room, sizeof room);
	text_put(&log, lanes[found->at.lane].name);
	bytes_put_u8(&log, '/');
	text_put_u64(&log, found->at.epoch);
	bytes_put_u8(&log, '/');
	text_put_u64(&log, found->at.seq);
	log_warn(d->log, EVENT(STORE_DAMAGED), KEY("site", &found->at.origin),
	    STRING("record", text_end(&log)), NUMBER("last", found->last),
	    STRING("error", found_words[found->what]),
	    STRING("hint", "asked for again at the neighbours"));
}

/* --- what the core wants a person to know --- */

static const char cloned_text[] =
    "Another machine runs with this site's key.  Neither writes records any more: stop "
    "one of the two, remove its identity.key and meshd.db*, restart both.  The other ";
static const char forked_text[] = "This site's log forked five times in a day, so it "
				  "writes no more: look for a second "
				  "copy of the state folder, then restart.";

/* For what nobody else can mend, or when this site may not write. */
void
news_alert(struct daemon *d, const char *kind, const char *said)
{
	char room[ID_TEXT_MAX];
	struct bytes_out site = bytes_out(room, sizeof room);
	struct id self = id_of_key(&d->identity.key);
	id_print(&self, &site);
	struct alert a = { .has = 1 << ALERT_ROW_ID | 1 << ALERT_ROW_TIME |
		    1 << ALERT_ROW_SINCE | 1 << ALERT_ROW_SITE | 1 << ALERT_ROW_KIND |
		    1 << ALERT_ROW_SEVERITY | 1 << ALERT_ROW_STATE |
		    1 << ALERT_ROW_SUBJECT | 1 << ALERT_ROW_TEXT | 1 << ALERT_ROW_LOCAL,
		.time_ms = d->world.now.unix_ms,
		.since_ms = d->world.now.unix_ms,
		.site = text(d->site_name),
		.kind = text(kind),
		.severity = SEVERITY_CRITICAL,
		.state = ALERT_FIRING,
		.subject = { .has = 1 << SUBJECT_TYPE | 1 << SUBJECT_ID,
		    .type = text("site"),
		    .id = text_written(&site) },
		.text = text(said),
		.local = true };
	a.id = alert_id(a.kind, &a.subject, text(""));
	struct feed_item item = { .topic = FEED_ALERT,
		.stage = FEED_HEARD,
		.own = true,
		.time_ms = a.time_ms,
		.table = &alert_table,
		.object = &a };
	(void)feed_append(d->feed, &item); /* it fits */
}

/* The other one is heard again and again: it is told once, and once more when it has an
 * address or another one. */
static bool
is_old_news(struct daemon *d, const struct mesh_event *e)
{
	bool told = d->writing_told == WRITING_CLONED;
	bool found = address_is_set(e->addr.addr) &&
	    memcmp(e->addr.addr, d->cloned_addr, sizeof d->cloned_addr) != 0;
	if (found)
		memcpy(d->cloned_addr, e->addr.addr, sizeof d->cloned_addr);
	d->writing_told = WRITING_CLONED;
	return told && !found;
}

static void
tell_cloned(struct daemon *d, const struct mesh_event *e)
{
	char said[sizeof cloned_text + 100], where[80];
	struct bytes_out out = bytes_out(said, sizeof said - 1);
	struct bytes_out at = bytes_out(where, sizeof where - 1);
	if (is_old_news(d, e))
		return;
	if (address_is_set(e->addr.addr)) {
		text_put(&at, "is at ");
		address_print_path(&e->addr, &at);
	} else {
		text_put(&at, "was heard by way of site ");
		key_print_short(&e->site, &at);
	}
	where[at.len] = '\0';
	text_put(&out, cloned_text);
	text_put(&out, where);
	text_put(&out, ".");
	said[out.len] = '\0';
	log_error(d->log, EVENT(IDENTITY_CLONED), KEY("site", &d->identity.key),
	    STRING("what", "another machine runs with this key"),
	    STRING("other", where), STRING("hint", said));
	news_alert(d, "identity.cloned", said);
}

static const char crowded_text[] = "More sites show the network's key than this site "
				   "takes, in all or from one network of "
				   "addresses: somebody may invent them. See `meshctl "
				   "peer list`; `meshctl key rotate` "
				   "shuts out who should not have the key, admission = "
				   "allow-list whoever is not named.";

static void
tell_crowded(struct daemon *d, const struct mesh_key *site)
{
	log_warn(d->log, EVENT(MESH_CROWDED), KEY("site", site),
	    STRING("hint", crowded_text));
	news_alert(d, "mesh.crowded", crowded_text);
}

static void
tell_stopped(struct daemon *d)
{
	if (d->writing_told == WRITING_FORKED)
		return;
	d->writing_told = WRITING_FORKED;
	news_alert(d, "log.forked", forked_text);
}

static void
tell_forked(struct daemon *d, const struct mesh_key *site)
{
	if (!key_equal(site, &d->identity.key)) {
		log_warn(d->log, EVENT(LOG_FORKED), KEY("site", site),
		    STRING("hint", "its lane is frozen until it begins a new epoch"));
		return;
	}
	bool stopped = mesh_site_writing(d->core) == WRITING_FORKED;
	log_error(d->log, EVENT(LOG_FORKED), KEY("site", site),
	    STRING("hint",
		stopped ? forked_text
			: "a restored backup or a copied folder; our log goes on in a "
			  "new epoch"));
	if (stopped)
		tell_stopped(d);
}

/* A site that keeps to the rules cannot come there. */
static void
tell_overfull(struct daemon *d, const struct mesh_event *e)
{
	const char *lane = lanes[e->record.at.lane].name;
	char said[200];
	struct bytes_out out = bytes_out(said, sizeof said - 1);
	text_put(&out,
	    "A site keeps more than one may, so that nothing more of that is "
	    "taken from it until its log begins anew: ");
	key_print_short(&e->site, &out);
	text_put(&out, ", ");
	text_put(&out, lane);
	said[out.len] = '\0';
	log_warn(d->log, EVENT(LOG_OVERFULL), KEY("site", &e->site),
	    STRING("lane", lane),
	    STRING("hint",
		"its program does not keep to the network's quotas: meshctl "
		"peer block"));
	news_alert(d, "log.overfull", said);
}

/* It is called again and again: each reason is told once. */
static void
tell_refused(struct daemon *d, const struct mesh_event *e)
{
	if (e->code == d->cert_told)
		return;
	d->cert_told = e->code;
	log_warn(d->log, EVENT(CERTIFICATE_REFUSED), KEY("site", &e->site),
	    STRING("what",
		e->code == NOTICE_CERT_FOREIGN ? "of another authority, site or network"
		    : e->code == NOTICE_CERT_EARLY ? "not valid yet"
						   : "expired"),
	    STRING(
		"hint", "meshctl ca show FILE; have it signed anew, and reload meshd"));
}

void
news_notice(void *ctx, const struct mesh_event *e)
{
	struct daemon *d = ctx;
	const struct mesh_key *site = &e->site;
	switch ((enum mesh_notice)e->code) {
	case NOTICE_CLONE:
		tell_cloned(d, e);
		break;
	case NOTICE_FORK:
		tell_forked(d, site);
		break;
	case NOTICE_QUOTA:
		tell_overfull(d, e);
		break;
	case NOTICE_RECOVERED:
		log_info(d->log, EVENT(LOG_RECOVERED), KEY("site", site));
		break;
	case NOTICE_RENEWED:
		log_info(d->log, EVENT(LOG_RENEWED), KEY("site", site));
		break;
	case NOTICE_ISOLATED:
		log_warn(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", "no neighbour is left"));
		break;
	case NOTICE_STRANGER:
		log_debug(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", "a site of another network, or not admitted"));
		break;
	case NOTICE_CROWDED:
		tell_crowded(d, site);
		break;
	case NOTICE_OURSELVES:
		log_warn(d->log, EVENT(MESH_NOTICED), KEY("site", &d->identity.key),
		    STRING("what", "a seed is this very site, seen from outside"));
		break;
	case NOTICE_REVOKED:
		log_error(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", "an admin of the network has blocked this site"),
		    STRING("hint", "ask who runs the network"));
		break;
	case NOTICE_FORGOTTEN:
		log_info(d->log, EVENT(SITE_FORGOTTEN), KEY("site", site));
		pins_forget(d, site);
		break;
	case NOTICE_CERT_FOREIGN:
	case NOTICE_CERT_EARLY:
	case NOTICE_CERT_EXPIRED:
		tell_refused(d, e);
		break;
	case NOTICE_REKEYED:
		log_info(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", "the network has another key"));
		break;
	}
}
