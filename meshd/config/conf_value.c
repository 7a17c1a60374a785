#include "conf_value.h"
#include "conf_parse.h"
#include "text.h"
#include "units.h"

static void *
member(const struct conf_option *row, void *instance)
{
	return (uint8_t *)instance + row->field.offset;
}

static const void *
member_of(const struct conf_option *row, const void *instance)
{
	return (const uint8_t *)instance + row->field.offset;
}

static size_t
kind_bytes(enum field_kind kind)
{
	static const size_t bytes[] = { [FIELD_BOOL] = sizeof(bool),
		[FIELD_U8] = 1,
		[FIELD_U16] = 2,
		[FIELD_U32] = 4,
		[FIELD_U64] = 8,
		[FIELD_I32] = 4,
		[FIELD_I64] = 8,
		[FIELD_F32] = 4,
		[FIELD_F64] = 8 };
	return (size_t)kind < LENGTH(bytes) ? bytes[kind] : 0;
}

static bool
is_integer(enum field_kind kind)
{
	return kind >= FIELD_U8 && kind <= FIELD_I64;
}

static bool
is_float(enum field_kind kind)
{
	return kind == FIELD_F32 || kind == FIELD_F64;
}

bool
conf_value_bounds(const struct conf_option *row, int64_t *lo, int64_t *hi)
{
	static const struct {
		int64_t lo, hi;
	} type[] = { [FIELD_U8] = { 0, UINT8_MAX },
		[FIELD_U16] = { 0, UINT16_MAX },
		[FIELD_U32] = { 0, UINT32_MAX },
		[FIELD_U64] = { 0, INT64_MAX },
		[FIELD_I32] = { INT32_MIN, INT32_MAX },
		[FIELD_I64] = { INT64_MIN, INT64_MAX } };
	bool given = row->field.lo != 0 || row->field.hi != 0;
	if (is_integer(row->field.kind) && !given) {
		*lo = type[row->field.kind].lo;
		*hi = type[row->field.kind].hi;
		return true;
	}
	*lo = row->field.lo;
	*hi = row->field.hi;
	return given && (is_integer(row->field.kind) || is_float(row->field.kind));
}

static void
quote(struct bytes_out *out, struct text_view value)
{
	text_put(out, "\"");
	text_put_clean(out, bytes_view(value.ptr, value.len), 60);
	text_put(out, "\"");
}

static void
put_range(const struct conf_option *row, struct bytes_out *out)
{
	int64_t lo, hi;
	if (!conf_value_bounds(row, &lo, &hi))
		return;
	units_print(row->field.unit, lo, out);
	text_put(out, " to ");
	units_print(row->field.unit, hi, out);
}

/* "99999 is above 65535" */
static bool
out_of_range(const struct conf_option *row, struct text_view value, const char *word,
    int64_t bound, struct bytes_out *complaint)
{
	text_put_clean(complaint, bytes_view(value.ptr, value.len), 40);
	text_put(complaint, word);
	units_print(row->field.unit, bound, complaint);
	return false;
}

static void
store_integer(enum field_kind kind, void *to, int64_t n)
{
	uint64_t u = (uint64_t)n;
	const void *from = &n;
	uint8_t u8 = (uint8_t)u;
	uint16_t u16 = (uint16_t)u;
	uint32_t u32 = (uint32_t)u;
	if (kind == FIELD_U8)
		from = &u8;
	else if (kind == FIELD_U16)
		from = &u16;
	else if (kind == FIELD_U32 || kind == FIELD_I32)
		from = &u32;
	memcpy(to, from, kind_bytes(kind));
}

static bool
not_a_number(
    const struct conf_option *row, struct text_view value, struct bytes_out *complaint)
{
	quote(complaint, value);
	text_put(complaint,
	    row->field.unit == UNIT_MS || row->field.unit == UNIT_S
		? " is not a time such as 30s, "
		: row->field.unit == UNIT_BYTES ? " is not a size such as 64MiB, "
						: " is not a number, ");
	if (row->field.words != NULL)
		text_printf(complaint, "%s or ", row->field.words[0]);
	put_range(row, complaint);
	return false;
}

static bool
read_integer(const struct conf_option *row, struct text_view value, void *instance,
    struct bytes_out *complaint)
{
	int64_t n, lo, hi;
	if (units_parse(value, row->field.unit, &n) != MESH_OK)
		return not_a_number(row, value, complaint);
	conf_value_bounds(row, &lo, &hi);
	if (n < lo)
		return out_of_range(row, value, " is below ", lo, complaint);
	if (n > hi)
		return out_of_range(row, value, " is above ", hi, complaint);
	store_integer(row->field.kind, member(row, instance), n);
	return true;
}

static bool
read_float(const struct conf_option *row, struct text_view value, void *instance,
    struct bytes_out *complaint)
{
	double n;
	int64_t lo, hi;
	if (text_parse_f64(value, &n) != MESH_OK)
		return not_a_number(row, value, complaint);
	if (conf_value_bounds(row, &lo, &hi)) {
		if (n < (double)lo)
			return out_of_range(row, value, " is below ", lo, complaint);
		if (n > (double)hi)
			return out_of_range(row, value, " is above ", hi, complaint);
	}
	float narrow = (float)n;
	if (row->field.kind == FIELD_F32)
		memcpy(member(row, instance), &narrow, sizeof narrow);
	else
		memcpy(member(row, instance), &n, sizeof n);
	return true;
}

static bool
read_bool(const struct conf_option *row, struct text_view value, void *instance,
    struct bytes_out *complaint)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on",
		"0", "1" };
	for (size_t i = 0; i < LENGTH(words); i++) {
		if (text_is(value, words[i])) {
			bool b = i % 2 != 0;
			memcpy(member(row, instance), &b, sizeof b);
			return true;
		}
	}
	quote(complaint, value);
	text_put(complaint, " is neither yes nor no");
	return false;
}

static bool
not_a_word(
    const struct conf_option *row, struct text_view value, struct bytes_out *complaint)
{
	const char *near = NULL;
	unsigned least = 3;
	quote(complaint, value);
	text_put(complaint, " is not one of");
	for (size_t i = 0; row->field.words[i] != NULL; i++) {
		text_printf(complaint, "%s %s", i > 0 ? "," : "", row->field.words[i]);
		unsigned d = conf_distance(value, text(row->field.words[i]));
		if (d < least) {
			least = d;
			near = row->field.words[i];
		}
	}
	if (near != NULL)
		text_printf(complaint, "; did you mean %s?", near);
	return false;
}

bool
conf_value_fits(
    const struct conf_option *row, struct text_view value, struct bytes_out *complaint)
{
	int64_t len = (int64_t)value.len;
	if (row->field.lo == 0 && row->field.hi == 0)
		return true;
	if (len < row->field.lo && value.len == 0)
		text_put(complaint, "must not be empty");
	else if (len < row->field.lo)
		text_printf(
		    complaint, "is shorter than %lld bytes", (long long)row->field.lo);
	else if (len > row->field.hi)
		text_printf(
		    complaint, "is longer than %lld bytes", (long long)row->field.hi);
	else
		return true;
	return false;
}

bool
conf_value_read(const struct conf_option *row, struct text_view value, void *instance,
    struct bytes_out *complaint)
{
	const struct field *f = &row->field;
	for (int64_t i = 0; f->words != NULL && f->words[i] != NULL; i++) {
		if (text_is(value, f->words[i])) {
			store_integer(f->kind, member(row, instance), i);
			return true;
		}
	}
	if (f->words != NULL && f->lo == 0 && f->hi == 0)
		return not_a_word(row, value, complaint);
	if (is_integer(f->kind))
		return read_integer(row, value, instance, complaint);
	if (is_float(f->kind))
		return read_float(row, value, instance, complaint);
	if (f->kind == FIELD_BOOL)
		return read_bool(row, value, instance, complaint);
	if (f->kind != FIELD_TEXT || !conf_value_fits(row, value, complaint))
		return false;
	memcpy(member(row, instance), &value, sizeof value);
	return true;
}

static bool
lists_equal(const struct list_view *a, const struct list_view *b)
{
	const struct text_view *x = a->items, *y = b->items;
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!text_equal(x[i], y[i]))
			return false;
	}
	return true;
}

bool
conf_value_equal(const struct conf_option *row, const void *a, const void *b)
{
	const void *x = member_of(row, a), *y = member_of(row, b);
	if (row->field.kind == FIELD_LIST)
		return lists_equal(x, y);
	if (row->field.kind != FIELD_TEXT)
		return memcmp(x, y, kind_bytes(row->field.kind)) == 0;
	struct text_view s, t;
	memcpy(&s, x, sizeof s);
	memcpy(&t, y, sizeof t);
	return text_equal(s, t);
}
