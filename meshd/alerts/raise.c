#include "raise.h"
#include "id.h"
#include "text.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool
raise_is_kind(struct text_view kind)
{
	size_t dots = 0, run = 0;
	for (size_t i = 0; i < kind.len; i++) {
		bool dot = kind.ptr[i] == '.';
		if ((dot && run == 0) || (!dot && !is_letter(kind.ptr[i])))
			return false;
		dots += dot;
		run = dot ? 0 : run + 1;
	}
	return dots == 1 && run > 0 && kind.len <= ALERT_KIND_MAX;
}

static struct alert_subject
this_site(const struct mesh_key *self, struct bytes_out *out)
{
	struct id id = id_of_key(self);
	id_print(&id, out);
	return (struct alert_subject){ .has = 1 << SUBJECT_TYPE | 1 << SUBJECT_ID,
		.type = text("site"),
		.id = text_written(out) };
}

/* A rule name that nobody will use again: the moment, and how much waited then. */
static void
put_rule(const struct intents *q, struct mesh_now now, struct bytes_out *out)
{
	text_put(out, "manual:");
	text_put_i64(out, now.unix_ms);
	text_put(out, ":");
	text_put_u64(out, intents_serial(q));
}

static uint64_t
optional_rows(const struct raise *what)
{
	return (uint64_t)(what->text.len > 0) << STATEMENT_TEXT |
	    (uint64_t)(what->data.count > 0) << STATEMENT_DATA;
}

enum mesh_err
raise_alert(struct intents *q, const struct mesh_key *self, const struct raise *what,
    uint64_t token, struct mesh_now now, struct id *id)
{
	char site[ID_TEXT_MAX], rule[48];
	struct bytes_out site_out = bytes_out(site, sizeof site);
	struct bytes_out rule_out = bytes_out(rule, sizeof rule);
	struct alert_statement said = {
		.has = 1 << STATEMENT_ID | 1 << STATEMENT_KIND |
		    1 << STATEMENT_SEVERITY | 1 << STATEMENT_STATE |
		    1 << STATEMENT_SINCE | 1 << STATEMENT_SUBJECT |
		    1 << STATEMENT_RULE | optional_rows(what),
		.kind = what->kind.len > 0 ? what->kind : text("manual.raised"),
		.severity = what->severity,
		.state = what->state,
		.since_ms = now.unix_ms,
		.subject = what->subject,
		.text = what->text,
		.data = what->data,
		.rule = text("manual"),
	};
	if (!raise_is_kind(said.kind) || what->severity > SEVERITY_CRITICAL ||
	    (what->state != ALERT_FIRING && what->state != ALERT_INFO))
		return MESH_MALFORMED;
	if (what->subject.has == 0) {
		said.subject = this_site(self, &site_out);
		put_rule(q, now, &rule_out);
		said.rule = text_written(&rule_out);
	}
	said.id = alert_id(said.kind, &said.subject, said.rule);
	*id = said.id;
	return intents_append(
	    q, LANE_ALERT, ALERT_STATEMENT, &alert_statement_table, &said, token);
}

enum mesh_err
raise_resolve(struct intents *q, const struct alert_statement *said, uint64_t token)
{
	struct alert_statement over = *said;
	over.state = ALERT_RESOLVED;
	over.has |= 1 << STATEMENT_STATE;
	return intents_append(
	    q, LANE_ALERT, ALERT_STATEMENT, &alert_statement_table, &over, token);
}
