/* daemon_inside.h - struct daemon, for the files of this room.  Floor 10.  Edge. */
#ifndef DAEMON_INSIDE_H
#define DAEMON_INSIDE_H
#include "apps.h"
#include "conf_files.h"
#include "daemon.h"
#include "edges.h"
#include "http_server.h"
#include "log.h"
#include "loop.h"
#include "moving.h"
#include "options.h"
#include "plug.h"
#include "resolve.h"
#include "sampler.h"
#include "sections.h"
#include "statedir.h"
#include "turn.h"
#include "udp.h"

enum {
	DAEMON_COMPLAINTS = 16 * 1024,
	DAEMON_COUNTERS = 6 + PORTS_MAX,
	DAEMON_PATH = 4096,
	DAEMON_SEEDS = CONF_LIST_MAX,
	DAEMON_TOLD = 64
};
struct disk { /* as last told: disk.h */
	bool was_readonly;
	unix_ms since_ms; /* of the alert that fires; 0: none does */
	mesh_time_ms look_ms;
};
struct link_watch { /* of one radio's link */
	struct loop_watch *watch;
	int fd;
	uint64_t number;
	unsigned wanted, ready;
};
struct told_peer { /* what the log said last */
	struct mesh_key key;
	uint8_t state, reason;
	bool known;
};
struct told_radio { /* what the log said of the radio itself */
	char name[CONF_NAME_MAX + 1];
	struct radio_changes changes;
};
enum name_use { USE_SECTION, USE_ATTEMPT, NAME_USES }; /* what an answer is for */
struct name_look {
	uint32_t number; /* the last one's: an answer to another is none */
	bool asked;      /* its answer is under way: no second one beside it */
};
struct named_radio { /* its host is a name */
	char name[CONF_NAME_MAX + 1];
	struct name_look looks[NAME_USES];
	mesh_time_ms again_ms; /* asked for a new section; MESH_NEVER: it stands */
	bool used;
};
struct watched_seed {                          /* one `seed =`, by its number */
	struct mesh_path paths[RESOLVE_ADDRS]; /* what it meant last */
	size_t count;
	bool asked; /* the answer is under way */
	uint32_t wait_ms;
	mesh_time_ms ask_ms, asked_ms; /* the next time, the last time */
};
struct daemon {
	const struct daemon_params *params;
	mesh_time_ms started_ms;
	char state_path[DAEMON_PATH], run_path[DAEMON_PATH], site_name[33];
	char web_host[64]; /* as a Host header names the address of web.listen */
	bool state_is_temporary;
	/* configuration */
	struct config *config;
	/* host */
	struct log *log;
	struct statedir *statedir;
	struct mesh_identity identity;
	struct mesh_network network;
	uint64_t boot;
	bool identity_is_new; /* made in this very start */
	/* net */
	struct loop *loop;
	struct udp *udp;
	struct resolve *resolve;
	struct loop_watch *http_watch[HTTP_FDS], *apps_watch[APPS_SOCKETS];
	struct link_watch links[PORTS_MAX];
	struct named_radio radios[PORTS_MAX];
	struct plug *plug; /* NULL: serial ports that appear are found by trying */
	struct loop_watch *plug_watch;
	bool plugged;
	struct watched_seed seeds[DAEMON_SEEDS];
	uint32_t seeds_round;           /* reloads */
	mesh_time_ms scan_ms, seeds_ms; /* when they are due */
	int ifaces_fd, bind_error_told;
	struct loop_watch *ifaces_watch; /* NULL: no news, only scans */
	bool nothing_bound_told;
	struct iface shown; /* lent by mesh_edge_bound */
	/* rooms */
	struct store *store;
	struct disk disk;
	mesh_time_ms spare_ms; /* when the heap is looked at again */
	size_t spare_left;     /* spare.h */
	struct mesh_site *core;
	struct feed *feed;
	struct live *live;
	struct intents *intents, *asks;
	struct ingest *ingest;
	struct publish *publish;
	void *publish_block; /* owned: its filter */
	struct ports *ports;
	/* By section: how much longer the last run had let go of that radio. */
	uint32_t lent_ms[PORTS_MAX];
	struct sampler sampler;
	struct air *air;
	struct outbox *outbox;
	struct remote *remote;
	struct organs *organs;
	struct calls *calls;
	struct remember *remember;
	struct registry registry;
	struct turn *turn;
	struct edges edges;
	struct meshd_counts counts;
	/* doors */
	struct http *http;
	struct apps *apps;
	char apps_path[DAEMON_PATH + 16];
	struct op_world world;
	struct op_counters counters[DAEMON_COUNTERS];
	struct feed_reader news; /* what the log is told */
	struct told_peer told[DAEMON_TOLD];
	struct told_radio told_radios[PORTS_MAX];
	enum mesh_writing writing_told; /* by a local alert */
	struct op_pace posts, samples;
	struct join_status join;
	uint16_t cert_told; /* enum mesh_notice: why others refuse ours */
	enum mesh_certified certified_told;
	mesh_time_ms papers_ms, ends_again_ms; /* papers.c: the next look; told again */
	uint8_t cloned_addr[ADDRESS_BYTES + 2]; /* and port; as it was told */
	/* end */
	volatile int signals; /* how often we were asked to stop */
	bool reload_asked, stopping, counters_due, moving;
	mesh_time_ms stop_by_ms;
};

/* --- settings.c: what this run goes by --- */
/* The configuration of these parameters; NULL: faults are in `complaints`. */
struct config *settings_load(
    const struct daemon_params *params, struct bytes_out *complaints);
/* Folders; 0, or 78 with a complaint. */
int settings_folders(struct daemon *d, struct bytes_out *complaint);
void settings_log(struct daemon *d, const struct config *config);
void settings_reload(struct daemon *d, struct mesh_now now); /* SIGHUP */

/* --- ready.c: start and stop --- */
int ready_start(struct daemon *d); /* 0 or an exit status; the log says why */
void ready_stop(struct daemon *d); /* whatever of it was started */

/* --- mesh_edge.c: sockets of the mesh --- */
int mesh_edge_start(struct daemon *d);
void mesh_edge_stop(struct daemon *d);
void mesh_edge_chores(struct daemon *d, struct mesh_now now);
bool mesh_edge_bound(void *ctx, size_t index, struct op_bound *out);
bool mesh_edge_configured(void *ctx, size_t index, struct mesh_path *out);
mesh_time_ms mesh_edge_deadline(const struct daemon *d);

/* --- seeds.c: names of sites beyond the segment, and what they mean now --- */
void seeds_chores(struct daemon *d, struct mesh_now now);
void seeds_answer(
    struct daemon *d, const struct resolve_answer *answer, struct mesh_now now);
void seeds_reload(struct daemon *d, struct mesh_now now); /* other names */
void seeds_haste(struct daemon *d, struct mesh_now now);  /* a site died: ask soon */

/* --- radio_edge.c: radios of the configuration, their links on the loop --- */
void radio_edge_start(struct daemon *d, struct mesh_now now);
void radio_edge_put(struct daemon *d, const char *name, struct mesh_now now);
void radio_edge_remove(struct daemon *d, const char *name);
void radio_edge_chores(struct daemon *d, struct mesh_now now);
mesh_time_ms radio_edge_deadline(const struct daemon *d);
void radio_edge_answer(
    struct daemon *d, const struct resolve_answer *answer, struct mesh_now now);
void radio_edge_unwatch(struct daemon *d); /* all links */
void radio_edge_stop(struct daemon *d);
unsigned radio_edge_ready(
    void *ctx, size_t index); /* for struct edges, like the next */
void radio_edge_watch(
    void *ctx, size_t index, int fd, uint64_t number, unsigned wanted);

/* --- sending.c: the gate to the antennas, and what waits before it --- */
bool sending_start(struct daemon *d, struct mesh_now now); /* false: no memory */
void sending_stop(struct daemon *d);

/* --- news.c: feed and world into the log --- */
void news_tell(struct daemon *d);
void news_notice(void *ctx, const struct mesh_event *notice);
void news_damaged(void *ctx, const struct store_finding *found);
/* An alert that is no record: only programs here and the page hear it. */
void news_alert(struct daemon *d, const char *kind, const char *said);

/* --- deeds.c: what a radio was told about itself, and by whom, into the log --- */
void deeds_note(void *ctx, const struct op_deed *deed);
void deeds_told(void *ctx, struct text_view radio, const struct radio_event *event);

/* Tokens of resolve_ask. */
#define RESOLVE_SEED(i)  (UINT64_C(1) << 32 | (i))
#define RESOLVE_RADIO(i) (UINT64_C(2) << 32 | (i)) /* radio_edge.c: mark_of */
#endif
