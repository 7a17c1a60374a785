#include "alert.h"
#include "id.h"
#include "text.h"
#include "words.h"
#include <assert.h>
#include <string.h>

/* clang-format off */
const char *const alert_severity_words[] = { "info", "warning", "high", "critical", NULL };
const char *const alert_state_words[] = { "firing", "resolved", "info", NULL };

static const struct field subject_rows[] = {
	FIELD(struct alert_subject, type, UNIT_NONE, 0, 0, 16, "What it is: packet node site radio peer ..."),
	FIELD(struct alert_subject, id, UNIT_NONE, 0, 0, 80, "Its id."),
	FIELD(struct alert_subject, name, UNIT_NONE, 0, 0, 48, "What people call it."),
};
const struct field_table alert_subject_table = { "subject", subject_rows,
	LENGTH(subject_rows), sizeof(struct alert_subject), offsetof(struct alert_subject, has), false };

static const struct field statement_rows[] = {
	FIELD(struct alert_statement, id, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Hash of kind, subject and rule: names the condition."),
	FIELD(struct alert_statement, kind, UNIT_NONE, FIELD_REQUIRED, 1, ALERT_KIND_MAX, "noun.word."),
	FIELD_WORDS(struct alert_statement, severity, FIELD_REQUIRED, alert_severity_words, "How much it matters."),
	FIELD_WORDS(struct alert_statement, state, FIELD_REQUIRED, alert_state_words, "Whether it goes on."),
	FIELD(struct alert_statement, since_ms, UNIT_UNIX_MS, FIELD_REQUIRED, 0, 0, "When this firing began: names the firing."),
	FIELD_SUB(struct alert_statement, subject, &alert_subject_table, FIELD_REQUIRED, 0, 0, "What it is about."),
	FIELD(struct alert_statement, text, UNIT_NONE, FIELD_PRIVATE, 0, ALERT_TEXT_MAX, "For people."),
	FIELD(struct alert_statement, data, UNIT_NONE, FIELD_PRIVATE, 0, 0, "For programs."),
	FIELD(struct alert_statement, rule, UNIT_NONE, 0, 0, 48, "The rule that says so."),
};
const struct field_table alert_statement_table = { "alert statement", statement_rows,
	LENGTH(statement_rows), sizeof(struct alert_statement), offsetof(struct alert_statement, has), false };

static const struct field ack_rows[] = {
	FIELD(struct alert_ack, id, UNIT_NONE, FIELD_REQUIRED, 0, 0, "The alert."),
	FIELD(struct alert_ack, since_ms, UNIT_UNIX_MS, FIELD_REQUIRED, 0, 0, "The firing."),
	FIELD(struct alert_ack, who, UNIT_NONE, 0, 0, 48, "Who has seen it."),
};
const struct field_table alert_ack_table = { "alert ack", ack_rows, LENGTH(ack_rows),
	sizeof(struct alert_ack), offsetof(struct alert_ack, has), false };

static const struct field alert_rows[] = {
	FIELD(struct alert, id, UNIT_NONE, 0, 0, 0, "Names the condition, the same at every site."),
	FIELD(struct alert, seq, UNIT_NONE, 0, 0, 0, "Of the record at the site; apps get their own."),
	FIELD(struct alert, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When it was said."),
	FIELD(struct alert, since_ms, UNIT_UNIX_MS, 0, 0, 0, "When this firing began."),
	FIELD(struct alert, site, UNIT_NONE, 0, 0, 0, "The site that says so."),
	FIELD(struct alert, kind, UNIT_NONE, 0, 0, 0, "noun.word."),
	FIELD_WORDS(struct alert, severity, 0, alert_severity_words, "How much it matters."),
	FIELD_WORDS(struct alert, state, 0, alert_state_words, "Whether it goes on."),
	FIELD_SUB(struct alert, subject, &alert_subject_table, 0, 0, 0, "What it is about."),
	FIELD(struct alert, text, UNIT_NONE, FIELD_PRIVATE, 0, 0, "For people."),
	FIELD(struct alert, data, UNIT_NONE, FIELD_PRIVATE, 0, 0, "For programs."),
	FIELD(struct alert, acked, UNIT_NONE, 0, 0, 0, "Somebody has seen this firing."),
	FIELD_SUB(struct alert, witnesses, &word_table, 0, 0, 0, "Every site that says so."),
	FIELD(struct alert, rule, UNIT_NONE, 0, 0, 0, "The rule that says so."),
	FIELD(struct alert, local, UNIT_NONE, 0, 0, 0, "True: no record, told here only; this site may not write."),
};
const struct field_table alert_table = { "alert", alert_rows, LENGTH(alert_rows),
	sizeof(struct alert), offsetof(struct alert, has), false };
/* clang-format on */

static bool
word_of(const char *const words[], struct text_view word, uint8_t *out)
{
	for (uint8_t i = 0; words[i] != NULL; i++) {
		if (text_is(word, words[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

bool
alert_severity_of(struct text_view word, uint8_t *out)
{
	return word_of(alert_severity_words, word, out);
}

bool
alert_state_of(struct text_view word, uint8_t *out)
{
	return word_of(alert_state_words, word, out);
}

/* Each part with its length before it, so that no two lists of parts read the same. */
static void
put_part(struct bytes_out *out, struct text_view part)
{
	bytes_put_u16(out, (uint16_t)part.len);
	text_put_view(out, part);
}

struct id
alert_id(
    struct text_view kind, const struct alert_subject *subject, struct text_view rule)
{
	uint8_t room[512], hash[32];
	struct bytes_out out = bytes_out(room, sizeof room);
	bool typed = field_is_present(&alert_subject_table, SUBJECT_TYPE, subject);
	bool named = field_is_present(&alert_subject_table, SUBJECT_ID, subject);
	put_part(&out, kind);
	put_part(&out, typed ? subject->type : (struct text_view){ NULL, 0 });
	put_part(&out, named ? subject->id : (struct text_view){ NULL, 0 });
	put_part(&out, rule);
	mesh_hash(room, out.len, hash);
	return id_make(ID_ALERT, hash, 16);
}

void
alert_fold_init(struct alert_fold *f)
{
	*f = (struct alert_fold){ .count = 0 };
}

static bool
is_newer(const struct mesh_position *a, const struct mesh_position *b)
{
	return a->epoch != b->epoch ? a->epoch > b->epoch : a->seq > b->seq;
}

/* Sorted by site; of more than 32 the lowest keys stay, whatever order they came in. */
void
alert_fold_add(struct alert_fold *f, const struct mesh_position *at, unix_ms time_ms,
    const struct alert_statement *said)
{
	struct alert_witness witness = { *at, time_ms, *said };
	size_t i = 0;
	if (said->state > ALERT_INFO) /* a later version's word: means nothing here */
		return;
	assert(f->count == 0 || id_equal(&f->witnesses[0].said.id, &said->id));
	while (i < f->count && key_compare(&f->witnesses[i].at.origin, &at->origin) < 0)
		i++;
	if (i < f->count && key_equal(&f->witnesses[i].at.origin, &at->origin)) {
		if (is_newer(at, &f->witnesses[i].at))
			f->witnesses[i] = witness;
		return;
	}
	if (i == ALERT_WITNESS_MAX)
		return;
	if (f->count == ALERT_WITNESS_MAX)
		f->count--;
	memmove(&f->witnesses[i + 1], &f->witnesses[i],
	    (f->count - i) * sizeof f->witnesses[0]);
	f->witnesses[i] = witness;
	f->count++;
}

void
alert_fold_ack(struct alert_fold *f, const struct alert_ack *ack)
{
	if (!f->has_ack || ack->since_ms > f->acked_ms)
		f->acked_ms = ack->since_ms;
	f->has_ack = true;
}

/* What a witness's statement amounts to: somebody may have ended its firing. */
static uint8_t
state_of(const struct alert_fold *f, const struct alert_witness *w)
{
	if (w->said.state != ALERT_FIRING)
		return w->said.state;
	for (size_t i = 0; i < f->count; i++) {
		const struct alert_statement *other = &f->witnesses[i].said;
		if (other->state == ALERT_RESOLVED &&
		    other->since_ms == w->said.since_ms)
			return ALERT_RESOLVED;
	}
	return ALERT_FIRING;
}

static uint8_t
state_of_all(const struct alert_fold *f)
{
	uint8_t all = ALERT_RESOLVED;
	for (size_t i = 0; i < f->count; i++) {
		uint8_t state = state_of(f, &f->witnesses[i]);
		if (state == ALERT_FIRING)
			return ALERT_FIRING;
		if (state == ALERT_INFO)
			all = ALERT_INFO;
	}
	return all;
}

/* The earliest that says so; ties by site key, which is the order they stand in. */
static const struct alert_witness *
lead_of(const struct alert_fold *f, uint8_t state)
{
	const struct alert_witness *lead = NULL;
	for (size_t i = 0; i < f->count; i++) {
		const struct alert_witness *w = &f->witnesses[i];
		if (state_of(f, w) != state)
			continue;
		if (lead == NULL || w->said.since_ms < lead->said.since_ms)
			lead = w;
	}
	return lead;
}

static void
view_of(const struct alert_witness *lead, uint8_t state, struct alert *out)
{
	static const struct {
		uint8_t from, to;
	} same[] = { { STATEMENT_TEXT, ALERT_ROW_TEXT },
		{ STATEMENT_DATA, ALERT_ROW_DATA },
		{ STATEMENT_RULE, ALERT_ROW_RULE } };
	const struct alert_statement *said = &lead->said;
	*out = (struct alert){
		.has = 1 << ALERT_ROW_ID | 1 << ALERT_ROW_SINCE | 1 << ALERT_ROW_SITE |
		    1 << ALERT_ROW_KIND | 1 << ALERT_ROW_SEVERITY |
		    1 << ALERT_ROW_STATE | 1 << ALERT_ROW_SUBJECT |
		    1 << ALERT_ROW_ACKED | 1 << ALERT_ROW_WITNESSES,
		.id = said->id,
		.seq = lead->at.seq,
		.time_ms = lead->time_ms != 0 ? lead->time_ms : said->since_ms,
		.since_ms = said->since_ms,
		.kind = said->kind,
		.severity = said->severity,
		.state = state,
		.subject = said->subject,
		.text = said->text,
		.data = said->data,
		.rule = said->rule,
	};
	for (size_t i = 0; i < LENGTH(same); i++)
		out->has |= (said->has >> same[i].from & 1) << same[i].to;
	field_mark(&alert_table, ALERT_ROW_TIME, out, out->time_ms != 0);
}

static bool
put_witnesses(const struct alert_fold *f, const struct sites *names, struct arena *into,
    struct alert *out)
{
	struct word *list = arena_take(into, f->count, sizeof *list);
	for (size_t i = 0; list != NULL && i < f->count; i++) {
		list[i].word = sites_name_copy(names, &f->witnesses[i].at.origin, into);
		if (list[i].word.ptr == NULL)
			return false;
	}
	out->witnesses = (struct list_view){ list, f->count };
	return list != NULL;
}

enum mesh_err
alert_fold_view(const struct alert_fold *f, const struct sites *names,
    struct arena *into, struct alert *out)
{
	if (f->count == 0)
		return MESH_NOT_FOUND;
	uint8_t state = state_of_all(f);
	const struct alert_witness *lead = lead_of(f, state);
	view_of(lead, state, out);
	field_mark(&alert_table, ALERT_ROW_SEQ, out, true);
	out->acked = f->has_ack && f->acked_ms >= out->since_ms;
	out->site = sites_name_copy(names, &lead->at.origin, into);
	if (out->site.ptr == NULL || !put_witnesses(f, names, into, out))
		return MESH_FULL;
	return MESH_OK;
}

enum mesh_err
alert_news(const struct mesh_position *at, unix_ms time_ms,
    const struct alert_statement *said, const struct sites *names, struct arena *into,
    struct alert *out)
{
	struct alert_witness witness = { *at, time_ms, *said };
	struct word *list = arena_take(into, 1, sizeof *list);
	if (said->state > ALERT_INFO)
		return MESH_NOT_FOUND;
	view_of(&witness, said->state, out);
	out->site = sites_name_copy(names, &at->origin, into);
	if (list == NULL || out->site.ptr == NULL)
		return MESH_FULL;
	list->word = out->site;
	out->witnesses = (struct list_view){ list, 1 };
	return MESH_OK;
}
