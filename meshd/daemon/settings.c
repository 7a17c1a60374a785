#include "clock.h"
#include "daemon_inside.h"
#include "papers.h"
#include "ports.h"
#include "text.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/meshd/meshd.conf"
#define DEFAULT_STATE  "/var/lib/meshd"
#define DEFAULT_RUN    "/run/meshd"

/* --demo is the lowest source: whatever is said elsewhere wins.  It stays on this
 * machine and out of an installed meshd's way (ARCHITECTURE.md). */
static const char demo_source[] = "[mesh]\nport = 14470\ninterfaces = 127.0.0.1/8\n"
				  "[web]\nlisten = 127.0.0.1:14470\n"
				  "[alert]\nlisten = 127.0.0.1:14471\n";
static const char demo_radio[] = "[radio \"sim0\"]\ndriver = sim\n";

static struct config *
load_sources(const struct daemon_params *p, const struct conf_files *files,
    const char *radio, struct bytes_out *complaints)
{
	struct config_source all[CONF_FILES_MAX + 2];
	size_t count = 0;
	if (p->demo)
		all[count++] = (struct config_source){ CONF_FILE, "--demo",
			text(demo_source) };
	if (radio != NULL)
		all[count++] = (struct config_source){ CONF_FILE, "--demo",
			text(radio) };
	for (size_t i = 0; i < files->count; i++)
		all[count++] = files->sources[i];
	return config_load(sections, all, count, complaints);
}

static struct conf_files_params
files_params(const struct daemon_params *p)
{
	/* A demo does not read the installed meshd's file. */
	const char *path = p->config != NULL ? p->config
	    : p->demo                        ? NULL
					     : DEFAULT_CONFIG;
	return (struct conf_files_params){ path, p->config != NULL, p->sets,
		p->set_count, p->environment };
}

struct config *
settings_load(const struct daemon_params *params, struct bytes_out *complaints)
{
	struct conf_files *files = calloc(1, sizeof *files);
	struct conf_files_params f = files_params(params);
	struct config *config = NULL;
	if (files == NULL)
		return NULL;
	if (conf_files_read(files, &f, complaints) == 0) {
		config = load_sources(params, files, NULL, complaints);
		/* A demo without a radio of its own gets one. */
		if (config != NULL && params->demo &&
		    config_instance(config, &radio_section, 0) == NULL) {
			config_free(config);
			config = load_sources(params, files, demo_radio, complaints);
		}
		conf_files_free(files);
	}
	free(files);
	return config;
}

static int
set_path(char to[static DAEMON_PATH], const char *path, struct bytes_out *complaint)
{
	if (strlen(path) >= DAEMON_PATH) {
		text_put(complaint, "a folder's path is too long");
		return EXIT_CONFIG;
	}
	memcpy(to, path, strlen(path) + 1);
	return 0;
}

static int
temporary_state(struct daemon *d, struct bytes_out *complaint)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(d->state_path, sizeof d->state_path, "%s/meshd-demo.XXXXXX",
	    tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
	if (n < 0 || (size_t)n >= sizeof d->state_path ||
	    mkdtemp(d->state_path) == NULL) {
		text_printf(complaint,
		    "%s: cannot be made; name a folder with --state-dir",
		    d->state_path);
		return EXIT_CONFIG;
	}
	d->state_is_temporary = true;
	return 0;
}

/* Named folders, then systemd's, then the system's for root, and for a demo its own. */
int
settings_folders(struct daemon *d, struct bytes_out *complaint)
{
	const struct daemon_params *p = d->params;
	const char *state = p->state_dir != NULL ? p->state_dir
						 : getenv("STATE_DIRECTORY");
	const char *run = p->run_dir != NULL ? p->run_dir : getenv("RUNTIME_DIRECTORY");
	bool own_folder = state != NULL || p->demo;
	int status = 0;
	if (state == NULL && p->demo) {
		status = temporary_state(d, complaint);
	} else if (state == NULL && geteuid() != 0) {
		text_put(complaint,
		    "an ordinary user names a folder of their own: "
		    "--state-dir DIR (or try --demo)");
		status = EXIT_CONFIG;
	} else {
		status = set_path(
		    d->state_path, state != NULL ? state : DEFAULT_STATE, complaint);
	}
	if (status != 0)
		return status;
	if (run == NULL)
		run = own_folder ? d->state_path : DEFAULT_RUN;
	return set_path(d->run_path, run, complaint);
}

void
settings_log(struct daemon *d, const struct config *config)
{
	const struct log_options *o = config_get(config, &log_section, "");
	struct text_view bad;
	enum mesh_err err = log_set_level(
	    d->log, text(""), text(log_level_words[o->level]));
	assert(err == MESH_OK);
	err = log_set_levels(d->log, o->levels, &bad);
	assert(err == MESH_OK); /* checked by its section */
	(void)err;
	log_set_format(d->log, (enum log_format)o->format);
}

/* --- reload --- */

static void
log_lines(struct daemon *d, struct text_view complaints)
{
	while (complaints.len > 0) {
		const char *end = memchr(complaints.ptr, '\n', complaints.len);
		size_t len = end != NULL ? (size_t)(end - complaints.ptr)
					 : complaints.len;
		log_error(d->log, EVENT(CONFIG_REFUSED),
		    TEXT("fault", ((struct text_view){ complaints.ptr, len })));
		len += end != NULL;
		complaints = (struct text_view){ complaints.ptr + len,
			complaints.len - len };
	}
}

/* Its section has checked the filter; without memory for it the old rules stay. */
static void
apply_rules(struct daemon *d, const struct site_options *site, struct mesh_now now)
{
	struct leaving_rules rules = { .precision = site->position_precision,
		.demo = d->network.demo };
	struct filter_error ignored;
	void *block = sections_publish(site, &rules.publish, &ignored);
	if (block == NULL)
		return;
	publish_rules(d->publish, &rules, now);
	d->world.place_bits = site->position_precision;
	free(d->publish_block);
	d->publish_block = block;
}

static void
apply(struct daemon *d, const struct config_change *c, struct bytes_out *restart,
    struct mesh_now now)
{
	if (c->section == &radio_section) {
		if (c->kind == SECTION_REMOVED)
			radio_edge_remove(d, c->instance);
		else
			radio_edge_put(d, c->instance, now);
	} else if (c->applies == APPLIES_RESTART) {
		text_printf(
		    restart, "%s%s", restart->len > 0 ? " " : "", c->section->name);
	}
	if (c->section == &site_section)
		apply_rules(d, config_get(d->config, &site_section, ""), now);
	if (c->section == &metric_section)
		sampler_every(&d->sampler,
		    ((const struct metric_options *)c->after)->radios, now);
	if (c->section == &mesh_section) { /* interfaces and seeds are live */
		d->scan_ms = now.ms;
		seeds_reload(d, now);
	}
}

/* The new configuration stands beside the old one until every difference is applied; no
 * room keeps a pointer into either.  `now` is the turn's: the core must not have seen a
 * later one when its other inputs come. */
void
settings_reload(struct daemon *d, struct mesh_now now)
{
	static const size_t room_bytes = DAEMON_COMPLAINTS;
	char *room = malloc(room_bytes), restart_room[128];
	struct bytes_out complaints = bytes_out(room, room != NULL ? room_bytes : 0);
	struct bytes_out restart = bytes_out(restart_room, sizeof restart_room);
	struct config *old = d->config, *new = settings_load(d->params, &complaints);
	struct config_change change;
	if (new == NULL) {
		log_lines(d, text_written(&complaints));
		free(room);
		return;
	}
	d->config = new;
	settings_log(d, new);
	for (size_t place = 0; config_next_change(old, new, &place, &change);)
		apply(d, &change, &restart, now);
	papers_reload(d, now);
	log_info(
	    d->log, EVENT(CONFIG_RELOADED), TEXT("restart", text_written(&restart)));
	config_free(old);
	free(room);
}
