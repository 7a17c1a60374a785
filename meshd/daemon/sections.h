/* sections.h - all configuration sections of this release, one struct and one table
 * each.
 *
 * What this release does not do has no row, so that asking for it is refused as unknown
 * and never silently ignored.  [radio "NAME"] lives beside its reader: site/ports.h.
 * Texts belong to the configuration and end with a NUL.  Floor 10.  Pure. */
#ifndef SECTIONS_H
#define SECTIONS_H
#include "address.h"
#include "filter.h"
#include "options.h"

struct site_options {
	struct text_view name;
	double latitude, longitude;
	float altitude_m;
	struct text_view publish; /* a filter over packets: leaving.h */
	uint8_t position_precision;
};
struct mesh_options {
	uint16_t port;
	struct text_view interfaces;
	bool broadcast;
	struct list_view seed; /* of struct text_view: host:port */
	struct text_view network_file;
	uint32_t beacon_interval, dead_after; /* ms; 0: auto */
	uint32_t max_peers;
	uint8_t hop_limit;
	struct list_view allow_from; /* of struct text_view: CIDR */
	bool metered;
	struct list_view address; /* of struct text_view: ADDRESS:PORT */
	uint8_t admission;        /* enum mesh_admission */
	struct text_view ca, certificate_file;
};
struct log_options {
	uint8_t level, format; /* enum log_level, enum log_format */
	struct text_view levels;
};
struct store_options {
	uint64_t max_size;
	uint32_t packet_days, alert_days, metric_days;
};
struct registry_options {
	uint8_t replicate; /* enum replicate_word */
	struct text_view types;
};
enum replicate_word { REPLICATE_WORD_ALL, REPLICATE_WORD_INDEX, REPLICATE_WORD_NONE };
struct metric_options {
	uint32_t radios; /* s; 0: never */
};
struct alert_options {
	struct text_view listen;
};
struct web_options {
	struct text_view listen;
};
extern const struct section site_section, mesh_section, log_section, store_section,
    registry_section, metric_section, alert_section, web_section;
extern const struct section *const sections[]; /* all of them; ends with NULL */

/* "1.2.3.4:4470", "[fd00::1]": false: not of that form. */
bool sections_address(
    struct text_view text, uint16_t default_port, struct mesh_path *out);
/* The key that admission = ca names; false: not of that form. */
bool sections_authority(const struct mesh_options *m, struct mesh_key *out);
/* "host:port", "host": false: not of that form. */
bool sections_seed(struct text_view seed, uint16_t default_port, struct text_view *host,
    uint16_t *port);
/* `listen = off` */
/* site.publish as a filter, in the block that is returned: free() it after.  NULL: no
 * memory, or it cannot be read. */
void *sections_publish(const struct site_options *o, const struct filter **filter,
    struct filter_error *why);
bool sections_is_off(struct text_view listen);
/* The row of a section by its name; never NULL. */
const struct conf_option *sections_row(const struct section *s, const char *name);
#endif
