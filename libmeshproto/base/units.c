#include "units.h"
#include "text.h"
#include <math.h>

struct suffix {
	const char *word;
	int64_t times;
};

/* clang-format off */
/* Ascending; the first row is what a bare number means, rows marked by order only. */
static const struct suffix time_suffixes[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
	{ "h", 3600000 }, { "d", 86400000 }, { "w", 604800000 }, { NULL, 0 } };
static const struct suffix second_suffixes[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 },
	{ "d", 86400 }, { "w", 604800 }, { NULL, 0 } };
static const struct suffix byte_suffixes[] = { { "B", 1 }, { "KiB", 1024 }, { "MiB", 1048576 },
	{ "GiB", 1073741824 }, { "TiB", 1099511627776 }, { NULL, 0 } };
static const struct suffix byte_spellings[] = { { "kB", 1000 }, { "MB", 1000000 },
	{ "GB", 1000000000 }, { "K", 1024 }, { "M", 1048576 }, { "G", 1073741824 }, { NULL, 0 } };
static const struct unit_row {
	const char *name;
	const struct suffix *suffixes, *spellings;
} unit_rows[] = {
	[UNIT_NONE] = { "", NULL, NULL }, [UNIT_MS] = { "ms", time_suffixes, NULL },
	[UNIT_UNIX_MS] = { "Unix ms", NULL, NULL }, [UNIT_S] = { "s", second_suffixes, NULL },
	[UNIT_DB] = { "dB", NULL, NULL }, [UNIT_DBM] = { "dBm", NULL, NULL },
	[UNIT_DEGREE] = { "degrees", NULL, NULL }, [UNIT_M] = { "m", NULL, NULL },
	[UNIT_PERCENT] = { "%", NULL, NULL }, [UNIT_VOLT] = { "V", NULL, NULL },
	[UNIT_BYTES] = { "B", byte_suffixes, byte_spellings }, [UNIT_COUNT] = { "", NULL, NULL },
};
/* clang-format on */

static int64_t
times_of(const struct unit_row *row, struct text_view word)
{
	if (word.len == 0 || text_is(word, row->name))
		return 1;
	const struct suffix *lists[] = { row->suffixes, row->spellings };
	for (size_t k = 0; k < LENGTH(lists); k++) {
		for (const struct suffix *s = lists[k]; s != NULL && s->word != NULL;
		     s++) {
			if (text_is(word, s->word))
				return s->times;
		}
	}
	return 0;
}

enum mesh_err
units_parse(struct text_view v, enum field_unit unit, int64_t *out)
{
	size_t digits = 0;
	while (digits < v.len && (strchr("0123456789.-", v.ptr[digits]) != NULL) &&
	    v.ptr[digits] != '\0')
		digits++;
	struct text_view word = { v.ptr + digits, v.len - digits };
	while (word.len > 0 && word.ptr[0] == ' ')
		word = (struct text_view){ word.ptr + 1, word.len - 1 };
	int64_t times = times_of(&unit_rows[unit], word);
	struct text_view number = { v.ptr, digits };
	int64_t whole;
	double part;
	if (times == 0)
		return MESH_MALFORMED;
	if (text_parse_i64(number, &whole) == MESH_OK)
		return __builtin_mul_overflow(whole, times, out) ? MESH_MALFORMED
								 : MESH_OK;
	if (text_parse_f64(number, &part) != MESH_OK ||
	    fabs(part) > 9e15 / (double)times)
		return MESH_MALFORMED;
	*out = (int64_t)(part * (double)times);
	return (double)*out < part * (double)times ||
		(double)*out > part * (double)times
	    ? MESH_MALFORMED
	    : MESH_OK;
}

void
units_print(enum field_unit unit, int64_t value, struct bytes_out *out)
{
	const struct unit_row *row = &unit_rows[unit];
	const struct suffix *best = NULL;
	for (const struct suffix *s = row->suffixes; s != NULL && s->word != NULL;
	     s++) {
		if (s->times == 1 || (value != 0 && value % s->times == 0))
			best = s;
	}
	text_put_i64(out, best != NULL ? value / best->times : value);
	if (best != NULL) {
		text_put(out, best->word);
	} else if (row->name[0] != '\0') {
		text_put(out, row->name[0] == '%' ? "" : " ");
		text_put(out, row->name);
	}
}

const char *
units_name(enum field_unit unit)
{
	return unit_rows[unit].name;
}
