#include "alert.h"
#include "call_inside.h"
#include "id.h"
#include "json_in.h"
#include "live.h"
#include "text.h"
#include "tree.h"

void
ops_alert_list(struct call *c)
{
	struct store_question q = { .noun = STORE_ALERTS };
	if (call_filter(c, &alert_table, c->params.filter, &q))
		call_ask(c, &q);
}

void
ops_alert_show(struct call *c)
{
	call_ask(c, &(struct store_question){ .noun = STORE_ALERTS });
}

static bool
read_words(struct call *c, struct alert_statement *said)
{
	struct text_view severity = c->params.severity, state = c->params.state;
	said->severity = SEVERITY_WARNING;
	said->state = ALERT_INFO;
	if (severity.len > 0 && !alert_severity_of(severity, &said->severity)) {
		call_fail(
		    c, 400, "parameter severity: info, warning, high or critical");
		return false;
	}
	if (state.len > 0 && !alert_state_of(state, &said->state)) {
		call_fail(c, 400, "parameter state: firing, resolved or info");
		return false;
	}
	return true;
}

/* noun.word: what filters and rules match on. */
static bool
kind_is_sound(struct text_view kind)
{
	const char *dot = memchr(kind.ptr, '.', kind.len);
	if (dot == NULL || dot == kind.ptr || dot == kind.ptr + kind.len - 1)
		return false;
	for (size_t i = 0; i < kind.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", kind.ptr[i]) ==
		    NULL)
			return false;
	return true;
}

/* A condition has one id as long as it lasts; what merely happens is new each time, so
 * its moment and this call stand where a rule's name would. */
static struct text_view
rule_of(struct call *c, uint8_t state)
{
	if (state != ALERT_INFO)
		return text("said");
	struct bytes_out out = bytes_out(arena_take(&c->arena, 1, 64), 64);
	if (out.ptr == NULL)
		out.cap = 0;
	text_printf(&out, "said/%lld-%llu", (long long)c->world->now.unix_ms,
	    (unsigned long long)c->number);
	return text_written(&out);
}

/* What nobody names is about this site. */
static struct op_subject
this_site(struct call *c)
{
	struct bytes_out key = bytes_out(arena_take(&c->arena, 1, 64), 64);
	if (key.ptr == NULL)
		key.cap = 0;
	text_put_hex(
	    &key, bytes_view(c->world->self.bytes, sizeof c->world->self.bytes));
	return (struct op_subject){ text("site"), text_written(&key), c->world->name };
}

static struct alert_subject
subject_of(const struct op_subject *given)
{
	struct alert_subject s = {
		.type = given->type, .id = given->id, .name = given->name
	};
	field_mark(&alert_subject_table, SUBJECT_TYPE, &s, s.type.len > 0);
	field_mark(&alert_subject_table, SUBJECT_ID, &s, s.id.len > 0);
	field_mark(&alert_subject_table, SUBJECT_NAME, &s, s.name.len > 0);
	return s;
}

static void
fill(struct call *c, struct alert_statement *said)
{
	struct op_subject subject = c->params.subject;
	if (subject.type.len == 0 && subject.id.len == 0)
		subject = this_site(c);
	said->kind = c->params.kind;
	said->subject = subject_of(&subject);
	said->since_ms = c->world->now.unix_ms;
	said->text = c->params.text;
	said->data = c->params.data;
	said->rule = rule_of(c, said->state);
	said->id = alert_id(said->kind, &said->subject, said->rule);
	said->has = 1U << STATEMENT_ID | 1U << STATEMENT_KIND |
	    1U << STATEMENT_SEVERITY | 1U << STATEMENT_STATE | 1U << STATEMENT_SINCE |
	    1U << STATEMENT_RULE;
	const struct field_table *t = &alert_statement_table;
	field_mark(t, STATEMENT_SUBJECT, said, said->subject.has != 0);
	field_mark(t, STATEMENT_TEXT, said, said->text.len > 0);
	field_mark(t, STATEMENT_DATA, said, said->data.count > 0);
}

/* The answer: the alert as every site will show it, but for what the store adds. */
static enum mesh_err
write_answer(struct call *c, const struct alert_statement *said)
{
	struct mesh_position at = { .origin = c->world->self, .lane = LANE_ALERT };
	struct alert shown;
	enum mesh_err err = alert_news(&at, c->world->now.unix_ms, said,
	    live_sites(c->world->live), &c->arena, &shown);
	if (err != MESH_OK)
		return err;
	call_open(c);
	call_item(c, &alert_table, &shown);
	call_close(c, (struct text_view){ 0 });
	return MESH_OK;
}

static void
append(struct call *c, const struct alert_statement *said)
{
	enum mesh_err err = write_answer(c, said);
	if (err != MESH_OK)
		call_fail_err(c, err);
	else
		call_append(
		    c, LANE_ALERT, ALERT_STATEMENT, &alert_statement_table, said);
}

/* --- resolving what is known --- */

struct ending {
	struct alert_statement said;
	bool fires; /* it did, here or at another site */
};

static void
closing(struct call *c, struct json_out *j)
{
	const struct ending *e = c->answers;
	json_key(j, "ended");
	json_put_bool(j, e->fires);
}

/* What ends keeps its words and severity unless others are given: they are all that the
 * list shows of it from now on. */
static void
keep_words(const struct call *c, struct tree_view known, struct alert_statement *said)
{
	if (c->params.text.len == 0)
		said->text = tree_text(known, "text");
	if (c->params.severity.len == 0)
		(void)alert_severity_of(tree_text(known, "severity"), &said->severity);
	field_mark(&alert_statement_table, STATEMENT_TEXT, said, said->text.len > 0);
}

/* Of the firing that is open: a firing of another site ends by its very moment. */
static void
take_known(struct call *c, struct text_view json, struct ending *e)
{
	struct tree_view known;
	struct json_error why;
	int64_t since_ms;
	if (json_in_tree(json, &c->arena, &known, &why) != MESH_OK ||
	    !text_is(tree_text(known, "state"), "firing") ||
	    !tree_i64(known, "since_ms", &since_ms))
		return;
	e->fires = true;
	e->said.since_ms = since_ms;
	keep_words(c, known, &e->said);
}

/* What the store cannot say now is resolved all the same. */
static void
looked(struct call *c, const struct store_outcome *o)
{
	struct ending *e = c->answers;
	bool told = o->err == MESH_OK || o->err == MESH_NOT_FOUND;
	c->paged = NULL;
	c->wait = CALL_RUNS;
	if (o->page != NULL && o->page->count > 0)
		take_known(c,
		    (struct text_view){
			(const char *)o->page->json.ptr, o->page->json.len },
		    e);
	c->closing = told ? closing : NULL;
	append(c, &e->said);
	store_page_free(o->page);
}

static void
resolve(struct call *c, const struct alert_statement *said)
{
	struct ending *e = arena_take(&c->arena, 1, sizeof *e);
	struct bytes_out id = bytes_out(
	    arena_take(&c->arena, 1, ID_TEXT_MAX), ID_TEXT_MAX);
	if (e == NULL || id.ptr == NULL) {
		call_fail_err(c, MESH_FULL);
		return;
	}
	id_print(&said->id, &id);
	*e = (struct ending){ .said = *said };
	struct store_question q = { .noun = STORE_ALERTS,
		.id = text_written(&id),
		.limit = 1,
		.audience = AUDIENCE_OPERATOR };
	c->answers = e;
	c->paged = looked;
	c->wait = CALL_ASKED;
	enum mesh_err err = store_ask(
	    c->world->store, &q, STORE_TOKEN(OWNER_CALL, c->number));
	if (err != MESH_OK)
		call_fail_err(c, err);
}

void
ops_alert_raise(struct call *c)
{
	struct alert_statement said = { 0 };
	const struct field *bad = NULL;
	if (!kind_is_sound(c->params.kind)) {
		call_fail(
		    c, 400, "parameter kind: noun.word in lower case, as in door.open");
		return;
	}
	if (!read_words(c, &said))
		return;
	fill(c, &said);
	if (fields_check(&alert_statement_table, &said, &bad) != MESH_OK) {
		call_fail(c, 400, "parameter %s: does not fit an alert",
		    bad != NULL ? bad->name : "data");
		return;
	}
	if (said.state == ALERT_RESOLVED)
		resolve(c, &said);
	else
		append(c, &said);
}
