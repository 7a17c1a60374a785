#include "app_write.h"
#include "describe.h"
#include "text.h"

static struct json_out
begin(const char *op, struct bytes_out *out)
{
	struct json_out j = json_out(out);
	json_open_object(&j);
	if (op != NULL) {
		json_key(&j, "op");
		json_put_string(&j, op);
	}
	json_key(&j, "v");
	json_put_u64(&j, 1);
	return j;
}

static void
put_u64(struct json_out *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_put_u64(j, n);
}

static void
put_sid(struct json_out *j, const char *sid)
{
	if (sid == NULL)
		return;
	json_key(j, "sid");
	json_put_string(j, sid);
}

void
app_write_ok(const struct app_stamp *stamp, struct bytes_out *out)
{
	struct json_out j = begin("ok", out);
	put_sid(&j, stamp->sid);
	put_u64(&j, "ttl", stamp->ttl);
	put_u64(&j, "seq", stamp->seq);
	put_u64(&j, "boot", stamp->boot);
	json_shut_object(&j);
}

void
app_write_done(const char *sid, uint64_t boot, struct bytes_out *out)
{
	struct json_out j = begin("ok", out);
	put_sid(&j, sid);
	put_u64(&j, "boot", boot);
	json_shut_object(&j);
}

void
app_write_error(struct text_view reason, struct bytes_out *out)
{
	struct json_out j = begin("error", out);
	json_key(&j, "reason");
	json_put_text(&j, reason);
	json_shut_object(&j);
}

void
app_write_ended(
    const uint64_t *ref, struct text_view reason, uint64_t boot, struct bytes_out *out)
{
	struct json_out j = begin(reason.ptr == NULL ? "ok" : "error", out);
	if (ref != NULL)
		put_u64(&j, "ref", *ref);
	if (reason.ptr != NULL) {
		json_key(&j, "reason");
		json_put_text(&j, reason);
	}
	put_u64(&j, "boot", boot);
	json_shut_object(&j);
}

void
app_write_overflow(const struct app_stamp *stamp, uint64_t count, struct bytes_out *out)
{
	struct json_out j = begin("overflow", out);
	put_sid(&j, stamp->sid);
	put_u64(&j, "count", count);
	put_u64(&j, "seq", stamp->seq);
	put_u64(&j, "boot", stamp->boot);
	json_shut_object(&j);
}

enum cut { CUT_NOTHING, CUT_SOME };

static bool
try_alert(const struct app_stamp *stamp, const struct alert *alert, enum cut cut,
    struct bytes_out *out)
{
	size_t before = out->len, cap = out->cap;
	if (out->cap - before > APP_DATAGRAM)
		out->cap = before + APP_DATAGRAM;
	struct json_out j = begin(NULL, out);
	put_u64(&j, "seq", stamp->seq);
	put_u64(&j, "boot", stamp->boot);
	if (cut == CUT_SOME) {
		json_key(&j, "trunc");
		json_put_bool(&j, true);
	}
	describe_members(&alert_table, alert, AUDIENCE_VIEWER, &j);
	json_shut_object(&j);
	out->cap = cap;
	if (!out->failed)
		return true;
	out->failed = false;
	out->len = before;
	return false;
}

/* On a character's border. */
static struct text_view
shorter(struct text_view text, size_t len)
{
	while (len > 0 && ((uint8_t)text.ptr[len] & 0xc0) == 0x80)
		len--;
	return (struct text_view){ text.ptr, len };
}

void
app_write_alert(
    const struct app_stamp *stamp, const struct alert *alert, struct bytes_out *out)
{
	struct alert said = *alert;
	const struct field_table *t = &alert_table;
	field_mark(
	    t, ALERT_ROW_SEQ, &said, false); /* the lease's number stands there */
	field_mark(t, ALERT_ROW_ACKED, &said, false);
	field_mark(t, ALERT_ROW_WITNESSES, &said, false);
	field_mark(t, ALERT_ROW_RULE, &said, false);
	if (try_alert(stamp, &said, CUT_NOTHING, out))
		return;
	field_mark(t, ALERT_ROW_DATA, &said, false);
	while (!try_alert(stamp, &said, CUT_SOME, out)) {
		if (said.text.len == 0) {
			out->failed = true; /* names without end: no alert of ours */
			return;
		}
		said.text = shorter(said.text, said.text.len / 2);
	}
}
