#include "daemon_inside.h"
#include "id.h"
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

static void
tell_radio(struct daemon *d, const struct feed_item *item)
{
	const struct radio_status *r = item->object;
	bool failed = field_is_present(&radio_status_table, RADIO_ROW_ERROR, r);
	log_info(d->log, EVENT(RADIO_CHANGED), TEXT("radio", r->name),
	    STRING("state", radio_state_words[r->state]),
	    TEXT("error", failed ? r->error : text("")));
}

static void
tell_store(struct daemon *d)
{
	bool readonly = store_is_readonly(d->store);
	if (readonly == d->store_was_readonly)
		return;
	d->store_was_readonly = readonly;
	if (readonly)
		log_error(d->log, EVENT(STORE_FAILED), STRING("path", d->state_path));
	else
		log_info(d->log, EVENT(STORE_HEALED), STRING("path", d->state_path));
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
	tell_store(d);
}

void
news_notice(void *ctx, enum mesh_notice notice, const struct mesh_key *site)
{
	static const char *const words[] = {
		[NOTICE_CLONE] = "another machine runs with this key",
		[NOTICE_FORK] = "two records under one number",
		[NOTICE_ISOLATED] = "no neighbour is left",
		[NOTICE_STRANGER] = "a site of another network, or not admitted",
		[NOTICE_REVOKED] = "an admin of the network has blocked this site",
		[NOTICE_REKEYED] = "the network has another key"
	};
	struct daemon *d = ctx;
	const char *word = (size_t)notice < LENGTH(words) ? words[notice] : NULL;
	bool own_fork = notice == NOTICE_FORK && key_equal(site, &d->identity.key);
	if (notice == NOTICE_REVOKED)
		log_error(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", word), STRING("hint", "ask who runs the network"));
	else if (notice == NOTICE_REKEYED)
		log_info(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", word));
	else if (notice == NOTICE_CLONE || own_fork)
		log_error(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", word),
		    STRING("hint",
			notice == NOTICE_CLONE
			    ? "nothing is written any more; stop one of the two, "
			      "give it a key of its own, restart the other"
			    : "a restored backup or a copied folder; our log goes on "
			      "in a new epoch"));
	else if (notice == NOTICE_STRANGER)
		log_debug(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", word));
	else
		log_warn(d->log, EVENT(MESH_NOTICED), KEY("site", site),
		    STRING("what", word));
}
