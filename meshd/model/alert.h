/* alert.h - what deserves attention: what one site says, and what all of them say
 * together.
 *
 * An alert's id names the condition (hash of kind, subject, rule), so sites that notice
 * the same thing write the same id and the fold lists them as witnesses; `since_ms`
 * names one firing of it.  Each site's newest statement counts.  Firing is over when
 * its site says `resolved`, or anybody says so of exactly that since_ms.  The alert
 * fires while one firing is open, else it is `info` if somebody says that, else
 * resolved; the earliest statement of that state gives texts and site.  An
 * acknowledgement names (id, since_ms). Neither order nor repetition of what is added
 * matters.  Floor 5.  Pure. */
#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H
#include "arena.h"
#include "meshproto.h"
#include "sites.h"

enum alert_type { ALERT_STATEMENT = 1, ALERT_ACK = 2 }; /* record types of LANE_ALERT */
enum alert_severity {
	SEVERITY_INFO,
	SEVERITY_WARNING,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL
};
enum alert_state { ALERT_FIRING, ALERT_RESOLVED, ALERT_INFO };
extern const char *const alert_severity_words[], *const alert_state_words[];
/* False: no such word. */
bool alert_severity_of(struct text_view word, uint8_t *out);
bool alert_state_of(struct text_view word, uint8_t *out);

enum { ALERT_KIND_MAX = 64, ALERT_TEXT_MAX = 400, ALERT_DATA_BYTES = 256 };
struct alert_subject {
	uint64_t has;
	struct text_view type, id,
	    name; /* packet node site radio peer ...; its text id */
};
enum { SUBJECT_TYPE, SUBJECT_ID, SUBJECT_NAME };
enum {
	STATEMENT_ID,
	STATEMENT_KIND,
	STATEMENT_SEVERITY,
	STATEMENT_STATE,
	STATEMENT_SINCE,
	STATEMENT_SUBJECT,
	STATEMENT_TEXT,
	STATEMENT_DATA,
	STATEMENT_RULE
};
struct alert_statement { /* body of LANE_ALERT type 1 */
	uint64_t has;
	struct id id; /* ID_ALERT */
	struct text_view kind;
	uint8_t severity, state;
	unix_ms since_ms;
	struct alert_subject subject;
	struct text_view text;
	struct tree_view data;
	struct text_view rule;
};
struct alert_ack { /* body of LANE_ALERT type 2 */
	uint64_t has;
	struct id id;
	unix_ms since_ms;
	struct text_view who;
};
enum { ACK_ID, ACK_SINCE, ACK_WHO };
extern const struct field_table alert_statement_table, alert_ack_table,
    alert_subject_table;
/* Hash of kind, subject (type and id) and rule. */
struct id alert_id(
    struct text_view kind, const struct alert_subject *subject, struct text_view rule);

enum {
	ALERT_ROW_ID,
	ALERT_ROW_SEQ,
	ALERT_ROW_TIME,
	ALERT_ROW_SINCE,
	ALERT_ROW_SITE,
	ALERT_ROW_KIND,
	ALERT_ROW_SEVERITY,
	ALERT_ROW_STATE,
	ALERT_ROW_SUBJECT,
	ALERT_ROW_TEXT,
	ALERT_ROW_DATA,
	ALERT_ROW_ACKED,
	ALERT_ROW_WITNESSES,
	ALERT_ROW_RULE,
	ALERT_ROW_LOCAL
};
struct alert { /* `meshd.alerts/1`, and what apps get */
	uint64_t has;
	struct id id;
	uint64_t
	    seq; /* of the record at `site`; absent on the feed: doors number anew */
	unix_ms time_ms, since_ms;
	struct text_view site, kind;
	uint8_t severity, state;
	struct alert_subject subject;
	struct text_view text;
	struct tree_view data;
	bool acked;
	struct list_view
	    witnesses; /* of struct word: every site that says so, by name */
	struct text_view rule;
	bool local; /* no record of the log: nobody else is told */
};
extern const struct field_table alert_table;

enum { ALERT_WITNESS_MAX = 32 };
struct alert_witness {
	struct mesh_position at;
	unix_ms time_ms; /* of the record */
	struct alert_statement said;
};
struct alert_fold { /* about 12 KiB; views borrow from what was added */
	size_t count;
	struct alert_witness witnesses[ALERT_WITNESS_MAX]; /* by site key; lowest 32 */
	bool has_ack;
	unix_ms acked_ms; /* the latest firing that somebody acknowledged */
};
void alert_fold_init(struct alert_fold *f);
void alert_fold_add(struct alert_fold *f, const struct mesh_position *at,
    unix_ms time_ms, const struct alert_statement *said);
void alert_fold_ack(struct alert_fold *f, const struct alert_ack *ack);
/* The view; lists are carved from `into` (4 KiB are plenty).  MESH_NOT_FOUND: only
 * acknowledgements were added.  MESH_FULL: too small. */
MESH_MUST_CHECK enum mesh_err alert_fold_view(const struct alert_fold *f,
    const struct sites *names, struct arena *into, struct alert *out);
/* One site's statement as news: what the feed carries.  No seq; the witness is `at`.
 * MESH_NOT_FOUND: it says nothing that this version knows. */
MESH_MUST_CHECK enum mesh_err alert_news(const struct mesh_position *at,
    unix_ms time_ms, const struct alert_statement *said, const struct sites *names,
    struct arena *into, struct alert *out);
#endif
