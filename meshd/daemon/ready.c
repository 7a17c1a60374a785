#include "app_door.h"
#include "clock.h"
#include "confine.h"
#include "daemon_inside.h"
#include "disk.h"
#include "err.h"
#include "hearsay.h"
#include "http_door.h"
#include "keeping.h"
#include "notify.h"
#include "papers.h"
#include "pins.h"
#include "spare.h"
#include "text.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Capacities of the rooms; memory is reserved, not touched. */
enum {
	FEED_ITEMS = 1024,
	FEED_BYTES = 1024 * 1024,
	LIVE_NODES = 2048,
	INTENTS_COUNT = 1024,
	INTENTS_BYTES = 512 * 1024,
	ASKS_COUNT = 64,
	ASKS_BYTES = 64 * 1024,
	CALLS = 160,
	CALLS_SHARED = 64,          /* by others than operators: 20 MiB at most */
	METERED_PING_MS = 20 * 1000 /* PROTOCOL.md 11 */
};

static int
fail(struct daemon *d, int status, const char *what)
{
	log_error(d->log, EVENT(DAEMON_FAILED), STRING("what", what));
	return status;
}

/* --- who we are --- */

static void
tell_file(struct daemon *d, const struct statedir_file *file, bool network)
{
	if (file->made == STATEDIR_CREATED && network)
		log_info(d->log, EVENT(NETWORK_CREATED), STRING("path", file->path),
		    STRING("hint", "other sites join: meshctl invite create"));
	else if (file->made == STATEDIR_CREATED)
		log_info(d->log, EVENT(IDENTITY_CREATED), KEY("site", &d->identity.key),
		    STRING("path", file->path));
	if (file->protected)
		log_warn(d->log, EVENT(FILE_PROTECTED), STRING("path", file->path));
}

static void
name_site(struct daemon *d)
{
	const struct site_options *o = config_get(d->config, &site_section, "");
	struct bytes_out out = bytes_out(d->site_name, sizeof d->site_name);
	char host[256] = "meshd";
	if (o->name.len == 0) {
		(void)gethostname(host, sizeof host - 1);
		host[strcspn(host, ".")] = '\0';
	}
	struct text_view name = o->name.len > 0 ? o->name : text(host);
	text_put_clean(&out, bytes_view(name.ptr, name.len), sizeof d->site_name - 1);
	text_end(&out);
	d->world.name = text(d->site_name);
}

/* It goes on without: a site on a machine that allows none is better than none. */
static void
keep_from_swap(struct daemon *d, const char *what, const void *secret, size_t len)
{
	int error = confine_secret(secret, len);
	if (error != 0)
		log_info(d->log, EVENT(MEMORY_SWAPPABLE), STRING("what", what),
		    STRING("error", strerror(-error)));
}

/* A move that was decided in the life before. */
static int
finish_move(struct daemon *d, struct bytes_out *wrong)
{
	const struct mesh_options *o = config_get(d->config, &mesh_section, "");
	char left[STATEDIR_PATH];
	int error = moving_finish(d->statedir, o->network_file, left, wrong);
	if (error == 0 && left[0] != '\0')
		d->join = (struct join_status){ .has = 1 | 1 << JOIN_ROW_TIME,
			.state = JOIN_MOVED,
			.time_ms = d->world.now.unix_ms };
	if (error == 0 && left[0] != '\0')
		log_info(d->log, EVENT(NETWORK_MOVED), STRING("left", left));
	return error;
}

static int
open_state(struct daemon *d)
{
	const struct mesh_options *o = config_get(d->config, &mesh_section, "");
	char room[1024];
	struct bytes_out wrong = bytes_out(room, sizeof room);
	struct statedir_file file;
	keep_from_swap(d, "identity", &d->identity, sizeof d->identity);
	keep_from_swap(d, "network", &d->network, sizeof d->network);
	int error = statedir_open(&d->statedir, d->state_path, &wrong);
	if (error == 0)
		error = statedir_make(d->run_path, &wrong);
	if (error == 0)
		error = statedir_lock_file(d->run_path, "radios.lock", &wrong);
	if (error == 0)
		error = finish_move(d, &wrong);
	if (error == 0)
		error = statedir_identity(d->statedir, &d->identity, &file, &wrong);
	if (error != 0)
		return fail(d, EXIT_CONFIG, text_end(&wrong));
	tell_file(d, &file, false);
	d->identity_is_new = file.made == STATEDIR_CREATED;
	struct statedir_founding founding = { .path = o->network_file,
		.founder = &d->identity.key,
		.demo = d->params->demo };
	error = statedir_network(d->statedir, &founding, &d->network, &file, &wrong);
	if (error != 0)
		return fail(d, EXIT_CONFIG, text_end(&wrong));
	tell_file(d, &file, true);
	if (d->params->demo && !d->network.demo)
		return fail(d, EXIT_CONFIG,
		    "--demo: this folder belongs to a real network; name another with "
		    "--state-dir");
	return 0;
}

/* --- the store and the core --- */

static int
open_store(struct daemon *d)
{
	const struct store_options *o = config_get(d->config, &store_section, "");
	char path[DAEMON_PATH + 16], room[DAEMON_PATH + 128];
	struct bytes_out wrong = bytes_out(room, sizeof room);
	(void)snprintf(path, sizeof path, "%s/meshd.db", d->state_path);
	d->world.others = keeping_others(d);
	struct store_params params = { .path = path,
		.threads = true,
		.packet_days = o->packet_days,
		.alert_days = o->alert_days,
		.metric_days = o->metric_days,
		.max_bytes = o->max_size,
		.netid = d->network.id,
		.self = &d->identity.key,
		.others = &d->world.others,
		.wake = loop_wake,
		.wake_ctx = d->loop };
	int error = store_open(&d->store, &params);
	if (error == 0) {
		disk_start(d);
		log_info(d->log, EVENT(STORE_OPENED), STRING("path", path));
		return 0;
	}
	if (error == -ENOTSUP)
		text_printf(&wrong,
		    "%s: a newer meshd wrote this; upgrade, or restore %s"
		    ".pre-vN",
		    path, path);
	else
		text_printf(&wrong, "%s: cannot be opened: %s", path, strerror(-error));
	return fail(d, error == -ENOTSUP ? EXIT_CONFIG : 1, text_end(&wrong));
}

/* PROTOCOL.md 10: the boot number is on the disk before the first datagram. */
static enum mesh_err
next_boot(struct daemon *d, struct mesh_now now)
{
	static const char key[] = "boot";
	uint8_t room[8];
	struct bytes_view name = bytes_view(key, sizeof key - 1);
	struct bytes_out saved = bytes_out(room, sizeof room);
	uint64_t unix_s = now.unix_ms > 0 ? (uint64_t)now.unix_ms / 1000 : 0;
	uint64_t before = moving_boot(d->statedir);
	if (store_kept(d->store, text("meshd"), name, &saved) == MESH_OK) {
		struct bytes_in in = bytes_in(bytes_written(&saved));
		d->boot = bytes_u64(&in);
	}
	d->boot = d->boot > before ? d->boot : before;
	d->boot = d->boot + 1 > unix_s ? d->boot + 1 : unix_s;
	saved = bytes_out(room, sizeof room);
	bytes_put_u64(&saved, d->boot);
	enum mesh_err err = store_keep_now(
	    d->store, text("meshd"), name, bytes_written(&saved));
	if (err == MESH_OK && before > 0)
		moving_boot_kept(d->statedir);
	return err;
}

static enum mesh_err
new_core(struct daemon *d, const struct store_saved *saved, const struct papers *papers,
    struct mesh_now now)
{
	const struct mesh_options *o = config_get(d->config, &mesh_section, "");
	struct mesh_params params = { .limits = { .peers = o->max_peers },
		.identity = &d->identity,
		.network = &d->network,
		.name = text(d->site_name),
		.boot = d->boot,
		.fresh = d->identity_is_new,
		.random = statedir_random,
		.holdings = saved->holdings,
		.holding_count = saved->holding_count,
		.kept = saved->kept,
		.kept_count = saved->kept_count,
		.admission = (enum mesh_admission)o->admission,
		.authority = &papers->authority,
		.certificate = { papers->bytes, papers->len },
		.replicate = keeping_role(d),
		.hop_limit = o->hop_limit,
		.beacon_ms = o->beacon_interval,
		.dead_after_ms = o->dead_after,
		.ping_ms = o->metered ? METERED_PING_MS : 0 };
	enum mesh_err err = mesh_site_new(&d->core, &params, now);
	if (err == MESH_OK) /* the keys of sessions too */
		keep_from_swap(d, "sessions", d->core, mesh_site_memory(d->core));
	return err;
}

/* --- the rooms above --- */

static bool
new_rooms(struct daemon *d, const struct store_saved *saved)
{
	const struct site_options *site = config_get(d->config, &site_section, "");
	const struct filter *publish_filter = NULL;
	struct filter_error ignored;
	d->feed = feed_new(FEED_ITEMS, FEED_BYTES);
	d->live = live_new(LIVE_NODES);
	d->intents = intents_new(INTENTS_COUNT, INTENTS_BYTES);
	d->asks = intents_new(ASKS_COUNT, ASKS_BYTES);
	d->publish_block = sections_publish(site, &publish_filter, &ignored);
	if (d->feed == NULL || d->live == NULL || d->intents == NULL ||
	    d->asks == NULL || d->publish_block == NULL)
		return false;
	struct ingest_params ingest = { d->core, d->store, d->feed, d->live, &d->counts,
		d->identity.key };
	struct publish_params publish = { .intents = d->intents,
		.live = d->live,
		.counts = &d->counts,
		.self = d->identity.key,
		.leaving = {
		    publish_filter, site->position_precision, d->network.demo } };
	struct ports_params ports = { .serial = &link_serial,
		.tcp = &link_tcp,
		.multicast = &link_multicast,
		.counts = &d->counts };
	struct organs_params organs = { d->feed, d->intents, d->live, &d->counts };
	statedir_random(NULL, (uint8_t *)&ports.seed, sizeof ports.seed);
	d->world.place_bits = site->position_precision;
	d->ingest = ingest_new(&ingest);
	d->publish = publish_new(&publish);
	d->ports = ports_new(&ports);
	d->organs = organs_new(&organs);
	d->calls = calls_new(&d->world, CALLS, CALLS_SHARED);
	if (d->ingest == NULL || d->publish == NULL)
		return false;
	pins_load(d, saved);
	struct remember_params remember = { d->store, d->ingest, d->publish,
		d->identity.key, saved->holdings, saved->holding_count, d->core };
	d->remember = remember_new(&remember);
	d->world.hearsay = hearsay_new(d->feed, &d->identity.key);
	struct registry_params registry = { d->core, d->store, d->intents, &d->counts,
		d->identity.key, d->world.hearsay, d->live };
	return d->ports != NULL && d->organs != NULL && d->calls != NULL &&
	    d->remember != NULL && d->world.hearsay != NULL &&
	    registry_init(&d->registry, &registry);
}

static bool
new_turn(struct daemon *d)
{
	struct turn_params params = { d->core, d->store, d->feed, d->live, d->intents,
		d->ingest, d->publish, d->ports, d->organs, d->calls, d->remember,
		&d->registry, &d->counts, &d->edges, d->asks, d->air, d->outbox,
		d->remote };
	d->turn = turn_new(&params);
	d->news = (struct feed_reader){ .topics = FEED_PEER | FEED_RADIO,
		.stages = FEED_HEARD };
	feed_join(d->feed, &d->news);
	return d->turn != NULL;
}

static void
say_site(struct daemon *d, struct mesh_now now)
{
	const struct site_options *o = config_get(d->config, &site_section, "");
	struct site_value v = { .name = text(d->site_name),
		.version = text(MESHD_VERSION),
		.latitude = o->latitude,
		.longitude = o->longitude,
		.altitude_m = o->altitude_m,
		.started_ms = now.unix_ms,
		.demo = d->network.demo };
	static const struct {
		const char *option;
		unsigned row;
	} optional[] = { { "latitude", SITE_LATITUDE }, { "longitude", SITE_LONGITUDE },
		{ "altitude_m", SITE_ALTITUDE } };
	v.has = 1u << SITE_NAME | 1u << SITE_VERSION | 1u << SITE_STARTED |
	    1u << SITE_DEMO;
	for (size_t i = 0; i < LENGTH(optional); i++) {
		struct text_view origin = config_origin(d->config, &site_section, "",
		    sections_row(&site_section, optional[i].option));
		if (!text_is(origin, "built in"))
			v.has |= 1u << optional[i].row;
	}
	publish_site(d->publish, &v, now);
}

static int
open_rooms(struct daemon *d, struct mesh_now now)
{
	struct store_saved saved = { .holding_count = 0 };
	if (next_boot(d, now) != MESH_OK || keeping_begin(d) != MESH_OK ||
	    store_saved(d->store, &saved) != MESH_OK)
		return fail(d, 1, "the database cannot be read or written");
	struct papers papers;
	int status = papers_read(d, &papers, now);
	enum mesh_err err = status == 0 ? new_core(d, &saved, &papers, now) : MESH_IO;
	bool made = err == MESH_OK && new_rooms(d, &saved) && sending_start(d, now) &&
	    new_turn(d);
	store_saved_free(&saved);
	if (status != 0)
		return status;
	if (!made)
		return fail(d, 1, err != MESH_OK ? mesh_err_str(err) : "no memory");
	say_site(d, now);
	return 0;
}

/* --- the doors --- */

static int
open_web(struct daemon *d)
{
	char room[512];
	struct bytes_out wrong = bytes_out(room, sizeof room);
	return http_door_open(d, &wrong) == 0 ? 0 : fail(d, 1, text_end(&wrong));
}

static int
open_apps(struct daemon *d)
{
	char room[512];
	struct bytes_out wrong = bytes_out(room, sizeof room);
	return app_door_open(d, &wrong) == 0 ? 0 : fail(d, 1, text_end(&wrong));
}

/* --- in order --- */

static void
tell_start(struct daemon *d)
{
	log_info(d->log, EVENT(DAEMON_STARTED), STRING("version", MESHD_VERSION),
	    NUMBER("pid", (uint64_t)getpid()), TEXT("name", d->world.name),
	    STRING("state_dir", d->state_path), STRING("run_dir", d->run_path),
	    STRING("demo", d->params->demo ? "yes" : "no"));
}

int
ready_start(struct daemon *d)
{
	struct mesh_now now = d->world.now;
	name_site(d);
	tell_start(d);
	int status = open_state(d);
	if (status == 0)
		status = open_store(d);
	if (status == 0)
		status = open_rooms(d, now);
	if (status == 0)
		status = mesh_edge_start(d);
	if (status == 0)
		status = open_web(d);
	if (status == 0)
		status = open_apps(d);
	if (status != 0)
		return status;
	radio_edge_start(d, now);
	d->world.ready = true;
	spare_pages();
	log_info(d->log, EVENT(DAEMON_READY), KEY("site", &d->identity.key),
	    NUMBER("boot", d->boot), NUMBER("took_ms", clock_now().ms - d->started_ms));
	notify_send(getenv("NOTIFY_SOCKET"), "READY=1");
	return 0;
}

static void
close_doors(struct daemon *d)
{
	app_door_close(d);
	http_door_close(d);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st, (void)kind, (void)walk;
	return remove(path);
}

/* Who moves needs them again at once. */
static void
remove_files(struct daemon *d)
{
	char path[DAEMON_PATH + 16];
	if (d->moving && d->signals == 0)
		return;
	if (d->http != NULL) {
		(void)snprintf(path, sizeof path, "%s/meshd.sock", d->run_path);
		(void)unlink(path);
	}
	if (d->state_is_temporary)
		(void)nftw(d->state_path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
ready_stop(struct daemon *d)
{
	close_doors(d);
	radio_edge_stop(d);
	turn_free(d->turn);
	remember_free(d->remember);
	registry_release(&d->registry);
	remote_free(d->remote);
	calls_free(d->calls);
	hearsay_free(d->world.hearsay);
	organs_free(d->organs);
	sending_stop(d);
	ports_free(d->ports);
	publish_free(d->publish);
	free(d->publish_block);
	ingest_free(d->ingest);
	intents_free(d->intents);
	intents_free(d->asks);
	live_free(d->live);
	feed_free(d->feed);
	mesh_edge_stop(d);
	resolve_free(d->resolve);
	mesh_site_free(d->core);
	if (d->store != NULL)
		store_close(d->store); /* commits what waits */
	remove_files(d);
	statedir_close(d->statedir);
	mesh_identity_wipe(&d->identity);
	explicit_bzero(&d->network, sizeof d->network);
}
