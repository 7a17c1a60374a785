/* rule_table.h - the kinds of rules there are: one row each.  Floor 7.  Pure. */
#ifndef RULE_TABLE_H
#define RULE_TABLE_H
#include "alert.h"
#include "feed.h"
#include "live.h"

struct rule {
	const char *kind;        /* "message.alert" */
	enum feed_topic topic;   /* what it looks at */
	uint8_t severity, state; /* of what it raises */
	const char *key;         /* part of the alert's id */
	/* True: fill `subject`, `text`, `data`, `since_ms` of `out`.  Views may borrow
	 * from the item or be carved from `into`. */
	bool (*match)(const struct feed_item *item, const struct live *live,
	    struct arena *into, struct alert_statement *out);
	const char *doc;
};
extern const struct rule rule_table[]; /* ends with kind NULL */
#endif
