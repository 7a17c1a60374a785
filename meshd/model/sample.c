#include "sample.h"
#include <ctype.h>

const char *const sample_kind_words[] = { "gauge", "counter", NULL };

/* clang-format off */
#define ROWS                                                                                  \
	FIELD(struct sample, name, UNIT_NONE, FIELD_REQUIRED, 1, SAMPLE_NAME_MAX, "What was measured."), \
	FIELD(struct sample, value, UNIT_NONE, FIELD_REQUIRED, 0, 0, "The number."),          \
	FIELD_WORDS(struct sample, kind, 0, sample_kind_words, "A counter only grows; absent: a gauge."), \
	FIELD(struct sample, unit, UNIT_NONE, 0, 1, SAMPLE_UNIT_MAX, "Of the number."),       \
	FIELD(struct sample, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When, by that site's clock."),  \
	FIELD(struct sample, radio, UNIT_NONE, 0, 1, SAMPLE_RADIO_MAX, "Of which radio of that site."), \
	FIELD(struct sample, reason, UNIT_NONE, 0, 1, SAMPLE_REASON_MAX, "Of those, only these: why a link ended, what happened.")
static const struct field wire_rows[] = { ROWS };
static const struct field_table wire_table = { "sample", wire_rows, LENGTH(wire_rows),
	sizeof(struct sample), offsetof(struct sample, has), false };

static const struct field view_rows[] = { ROWS,
	FIELD(struct sample, site, UNIT_NONE, 0, 0, 0, "The site that measured it, or whose program did."),
};
const struct field_table sample_table = { "samples", view_rows, LENGTH(view_rows),
	sizeof(struct sample), offsetof(struct sample, has), false };

static const struct field batch_rows[] = {
	FIELD_SUB(struct sample_batch, samples, &wire_table, FIELD_REQUIRED, 1, SAMPLE_BATCH, "What was measured."),
};
const struct field_table sample_batch_table = { "sample batch", batch_rows,
	LENGTH(batch_rows), sizeof(struct sample_batch), FIELD_NO_HAS, false };
/* clang-format on */

bool
sample_name_is_sound(struct text_view name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum((unsigned char)name.ptr[i]) && name.ptr[i] != '-' &&
		    name.ptr[i] != '_' && name.ptr[i] != '.')
			return false;
	return name.len > 0 && name.len <= SAMPLE_NAME_MAX;
}
