/* sample.h - a number that a site or a program measured: the body of a metric record.
 *
 * A record holds a batch of samples (PROTOCOL.md 2).  Floor 5.  Pure. */
#ifndef MODEL_SAMPLE_H
#define MODEL_SAMPLE_H
#include "meshproto.h"

enum { SAMPLE_NAME_MAX = 48, SAMPLE_UNIT_MAX = 16, SAMPLE_BATCH = 64 };
enum { SAMPLE_RADIO_MAX = 64, SAMPLE_REASON_MAX = 32 };
enum sample_kind { SAMPLE_GAUGE, SAMPLE_COUNTER };
extern const char *const sample_kind_words[];
enum {
	SAMPLE_NAME,
	SAMPLE_VALUE,
	SAMPLE_KIND,
	SAMPLE_UNIT,
	SAMPLE_TIME,
	SAMPLE_RADIO,
	SAMPLE_REASON,
	SAMPLE_SITE /* of the view alone */
};
struct sample { /* `meshd.samples/1` */
	uint64_t has;
	struct text_view name, unit;
	double value;
	uint8_t kind;
	unix_ms time_ms;
	struct text_view radio, reason;
	struct text_view site;
};
struct sample_batch {
	struct list_view samples; /* of struct sample, without `site` */
};
extern const struct field_table sample_batch_table, sample_table;
bool sample_name_is_sound(struct text_view name); /* letters, digits, - _ and dots */
#endif
