#include "sections.h"
#include "ifaces.h"
#include "listen.h"
#include "log.h"
#include "packet.h"
#include "ports.h"
#include "prefix.h"
#include "replica.h"
#include "resolve.h"
#include "text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS_MAX = 36500, DAY_S = 86400, HOP_MAX = 32, PEERS_MAX = 4096 };
#define GIB (INT64_C(1) << 30)

static const char *const replicate_words[] = { "all", "index", "none", NULL };

/* clang-format off */
static const struct conf_option site_rows[] = {
	OPTION(struct site_options, name, UNIT_NONE, 1, 32, NULL, APPLIES_RESTART, "What others call this site; without it the host's name."),
	OPTION(struct site_options, latitude, UNIT_DEGREE, -90, 90, NULL, APPLIES_RESTART, "Where the site stands, north; told to all sites of the network."),
	OPTION(struct site_options, longitude, UNIT_DEGREE, -180, 180, NULL, APPLIES_RESTART, "Where the site stands, east."),
	OPTION(struct site_options, altitude_m, UNIT_M, -500, 9000, NULL, APPLIES_RESTART, "Height above the sea."),
	OPTION(struct site_options, publish, UNIT_NONE, 0, FILTER_TEXT, "", APPLIES_LIVE, "Which packets other sites are told of: a filter over the members of a packet, such as `not channel.index=2`; empty: all.  The others are shown here alone.  Other people's direct messages never leave."),
	OPTION(struct site_options, position_precision, UNIT_COUNT, 1, 32, "32", APPLIES_LIVE, "Bits of each coordinate that other sites are told, of nodes, packets and this site: 32 exact, 16 some 600 m, 13 some 5 km. Below 32 the fixed position that a radio is set to stays here, also from admins of the network."),
};
static const struct conf_option mesh_rows[] = {
	OPTION(struct mesh_options, port, UNIT_NONE, 1, 65535, "4470", APPLIES_RESTART, "UDP port of the mesh, the same at all sites of a segment."),
	OPTION(struct mesh_options, interfaces, UNIT_NONE, 1, 255, "*", APPLIES_LIVE, "Where the mesh lives: * (all but loopback), NAME,... or ADDRESS/PREFIX,..."),
	OPTION(struct mesh_options, broadcast, UNIT_NONE, 0, 0, "yes", APPLIES_RESTART, "Find other sites of the segment by broadcast."),
	OPTION_LIST(struct mesh_options, seed, 1, 255, APPLIES_LIVE, "A site beyond the segment to keep calling: HOST or HOST:PORT."),
	OPTION(struct mesh_options, network_file, UNIT_NONE, 0, 4000, "", APPLIES_RESTART, "The network's secret, the same file at all its sites; empty: `network` in the state folder."),
	OPTION_AUTO(struct mesh_options, beacon_interval, UNIT_MS, 1000, 60000, APPLIES_RESTART, "How often this site shows itself on its segments."),
	OPTION_AUTO(struct mesh_options, dead_after, UNIT_MS, 1000, 600000, APPLIES_RESTART, "Silence after which a neighbour counts as dead."),
	OPTION(struct mesh_options, max_peers, UNIT_COUNT, 16, PEERS_MAX, "1024", APPLIES_RESTART, "How many other sites are remembered; the least recently heard is forgotten."),
	OPTION(struct mesh_options, hop_limit, UNIT_COUNT, 1, HOP_MAX, "32", APPLIES_RESTART, "How many sites a record of ours may pass through."),
	OPTION_LIST(struct mesh_options, allow_from, 1, 64, APPLIES_RESTART, "Addresses that are listened to, as ADDRESS/PREFIX; none: all.  Others are dropped unread."),
	OPTION(struct mesh_options, metered, UNIT_NONE, 0, 0, "no", APPLIES_RESTART, "The way out is paid by volume: quiet links are pinged each 20 s only, so deaths are noticed later."),
	OPTION_LIST(struct mesh_options, address, 1, 64, APPLIES_RESTART, "Where others reach this site from outside, such as a forwarded port: ADDRESS or ADDRESS:PORT."),
	OPTION_WORDS(struct mesh_options, admission, admission_words, "network-key", APPLIES_RESTART, "Who belongs: whoever has the network's key; of those only whom an admin or this site allows; or (ca) only whom an authority has certified."),
	OPTION(struct mesh_options, ca, UNIT_NONE, 0, 64, "", APPLIES_RESTART, "With admission = ca: the authority's public key, 64 hex digits, as `meshctl ca create` prints it."),
	OPTION(struct mesh_options, certificate_file, UNIT_NONE, 0, 4000, "", APPLIES_RESTART, "With admission = ca: what the authority signed for this site; empty: `certificate` in the state folder."),
};
static const struct conf_option log_rows[] = {
	OPTION_WORDS(struct log_options, level, log_level_words, "info", APPLIES_LIVE, "What is logged at least."),
	OPTION(struct log_options, levels, UNIT_NONE, 0, 255, "", APPLIES_LIVE, "Other levels for single nouns: radio:debug mesh:warn."),
	OPTION_WORDS(struct log_options, format, log_format_words, "text", APPLIES_LIVE, "text is logfmt for people, json one object per line."),
};
static const struct conf_option store_rows[] = {
	OPTION(struct store_options, max_size, UNIT_BYTES, 8 << 20, 1024 * GIB, "1GiB", APPLIES_RESTART, "The database's size; above it the oldest packets go first."),
	OPTION(struct store_options, packet_days, UNIT_COUNT, 1, DAYS_MAX, "7", APPLIES_RESTART, "Days that packets are kept."),
	OPTION(struct store_options, alert_days, UNIT_COUNT, 1, DAYS_MAX, "30", APPLIES_RESTART, "Days that alerts are kept."),
	OPTION(struct store_options, metric_days, UNIT_COUNT, 1, DAYS_MAX, "14", APPLIES_RESTART, "Days that other sites' samples are kept."),
};
static const struct conf_option registry_rows[] = {
	OPTION_WORDS(struct registry_options, replicate, replicate_words, "all", APPLIES_RESTART, "What is kept of other sites' registry: all; an index, that is all but the embeddings, so that only a search by embedding asks them; or none: what they enter is passed on and forgotten, and every search asks them."),
	OPTION(struct registry_options, types, UNIT_NONE, 0, REPLICA_TYPES, "", APPLIES_RESTART, "Of other sites' registry only entries of these types are kept, with commas between; empty: of all.  The site's own are always kept."),
};
static const struct conf_option metric_rows[] = {
	OPTION(struct metric_options, radios, UNIT_S, 0, DAY_S, "15m", APPLIES_LIVE, "How often the figures of each radio's link become samples, a record for all sites; 0: never."),
};
static const struct conf_option alert_rows[] = {
	OPTION(struct alert_options, listen, UNIT_NONE, 1, 64, "127.0.0.1:4471", APPLIES_RESTART, "Where local programs subscribe to alerts, UDP on loopback; or off."),
};
static const struct conf_option web_rows[] = {
	OPTION(struct web_options, listen, UNIT_NONE, 1, 64, "127.0.0.1:4470", APPLIES_RESTART, "Where the page and the API answer, TCP on loopback; or off."),
};
/* clang-format on */

bool
sections_is_off(struct text_view listen)
{
	return text_is(listen, "off") || text_is(listen, "no");
}

bool
sections_seed(struct text_view seed, uint16_t default_port, struct text_view *host,
    uint16_t *port)
{
	uint16_t given = 0;
	if (!ports_split_host(seed, host, &given) || memchr(host->ptr, ' ', host->len))
		return false;
	*port = given != 0 ? given : default_port;
	return true;
}

bool
sections_address(struct text_view text, uint16_t default_port, struct mesh_path *out)
{
	struct text_view host;
	uint8_t addr[ADDRESS_BYTES];
	uint16_t port;
	if (!sections_seed(text, default_port, &host, &port) ||
	    !resolve_numeric(host, addr))
		return false;
	*out = address_path(addr, port);
	return address_is_usable(out);
}

void *
sections_publish(const struct site_options *o, const struct filter **filter,
    struct filter_error *why)
{
	enum { BYTES = sizeof(struct filter) + (size_t)2 * FILTER_TEXT };
	void *block = calloc(1, BYTES);
	struct arena arena = arena_init(block, block != NULL ? BYTES : 0);
	*why = (struct filter_error){ .text = "" };
	if (filter_parse(&packet_table, o->publish, &arena, filter, why) == MESH_OK)
		return block;
	free(block);
	return NULL;
}

static bool
check_site(const void *instance, struct bytes_out *complaint)
{
	const struct filter *ignored;
	struct filter_error why;
	void *block = sections_publish(instance, &ignored, &why);
	if (block == NULL)
		text_printf(complaint, "publish: column %zu: %s", why.column, why.text);
	free(block);
	return block != NULL;
}

static bool
check_addresses(const struct mesh_options *m, struct bytes_out *complaint)
{
	const struct text_view *list = m->address.items;
	struct mesh_path ignored;
	for (size_t i = 0; i < m->address.count; i++) {
		if (sections_address(list[i], m->port, &ignored))
			continue;
		text_printf(complaint,
		    "address: \"%.*s\" is not ADDRESS or ADDRESS:PORT",
		    (int)list[i].len, list[i].ptr);
		return false;
	}
	return true;
}

static bool
check_allowed(const struct mesh_options *m, struct bytes_out *complaint)
{
	const struct text_view *list = m->allow_from.items;
	struct prefix ignored;
	for (size_t i = 0; i < m->allow_from.count; i++) {
		if (prefix_read(list[i], &ignored))
			continue;
		text_printf(complaint, "allow_from: \"%.*s\" is not ADDRESS/PREFIX",
		    (int)list[i].len, list[i].ptr);
		return false;
	}
	return true;
}

bool
sections_authority(const struct mesh_options *m, struct mesh_key *out)
{
	struct bytes_out key = bytes_out(out->bytes, sizeof out->bytes);
	return text_hex_decode(m->ca, &key) == MESH_OK && key.len == sizeof out->bytes;
}

static bool
check_authority(const struct mesh_options *m, struct bytes_out *complaint)
{
	struct mesh_key ignored;
	if (m->admission != ADMISSION_CA || sections_authority(m, &ignored))
		return true;
	text_printf(complaint,
	    m->ca.len == 0 ? "ca: admission = ca needs the authority's key"
			   : "ca: is not 64 hex digits");
	return false;
}

static bool
check_mesh(const void *instance, struct bytes_out *complaint)
{
	const struct mesh_options *m = instance;
	const struct text_view *seeds = m->seed.items;
	struct text_view bad;
	uint16_t port;
	if (!ifaces_check(m->interfaces, &bad)) {
		text_printf(complaint,
		    "interfaces: \"%.*s\" is neither *, NAME nor ADDRESS/PREFIX",
		    (int)bad.len, bad.ptr);
		return false;
	}
	for (size_t i = 0; i < m->seed.count; i++) {
		if (sections_seed(seeds[i], m->port, &bad, &port))
			continue;
		text_printf(complaint, "seed: \"%.*s\" is not HOST or HOST:PORT",
		    (int)seeds[i].len, seeds[i].ptr);
		return false;
	}
	return check_allowed(m, complaint) && check_addresses(m, complaint) &&
	    check_authority(m, complaint);
}

/* What the log's own words say is only known to the log: it tries them. */
static bool
check_log(const void *instance, struct bytes_out *complaint)
{
	const struct log_options *o = instance;
	struct text_view bad;
	struct log *log = log_new(-1, false);
	bool good = log == NULL || log_set_levels(log, o->levels, &bad) == MESH_OK;
	if (!good)
		text_printf(complaint,
		    "levels: \"%.*s\" is not NOUN:LEVEL such as radio:debug",
		    (int)bad.len, bad.ptr);
	log_free(log);
	return good;
}

static bool
check_listen(struct text_view listen, struct bytes_out *complaint)
{
	struct listen_addr a;
	if (sections_is_off(listen))
		return true;
	if (!listen_parse(listen, 1, &a))
		text_printf(complaint, "listen: \"%.*s\" is not ADDRESS:PORT",
		    (int)listen.len, listen.ptr);
	else if (!listen_is_loopback(&a))
		text_printf(complaint,
		    "listen: \"%.*s\" is not on loopback (127.0.0.0/8), and there is "
		    "no "
		    "access control yet",
		    (int)listen.len, listen.ptr);
	else
		return true;
	return false;
}

static bool
check_alert(const void *instance, struct bytes_out *complaint)
{
	return check_listen(
	    ((const struct alert_options *)instance)->listen, complaint);
}

static bool
check_web(const void *instance, struct bytes_out *complaint)
{
	return check_listen(((const struct web_options *)instance)->listen, complaint);
}

#define SECTION(name, T, rows, check)                                                  \
	{                                                                              \
		name, false, sizeof(T), rows, LENGTH(rows), check                      \
	}
const struct section site_section = SECTION(
    "site", struct site_options, site_rows, check_site);
const struct section mesh_section = SECTION(
    "mesh", struct mesh_options, mesh_rows, check_mesh);
const struct section log_section = SECTION(
    "log", struct log_options, log_rows, check_log);
const struct section store_section = SECTION(
    "store", struct store_options, store_rows, NULL);
const struct section registry_section = SECTION(
    "registry", struct registry_options, registry_rows, NULL);
const struct section metric_section = SECTION(
    "metric", struct metric_options, metric_rows, NULL);
const struct section alert_section = SECTION(
    "alert", struct alert_options, alert_rows, check_alert);
const struct section web_section = SECTION(
    "web", struct web_options, web_rows, check_web);

const struct section *const sections[] = { &site_section, &mesh_section, &log_section,
	&radio_section, &store_section, &registry_section, &metric_section,
	&alert_section, &web_section, NULL };

const struct conf_option *
sections_row(const struct section *s, const char *name)
{
	size_t i = 0;
	while (i < s->count && strcmp(s->rows[i].field.name, name) != 0)
		i++;
	assert(i < s->count);
	return &s->rows[i];
}
