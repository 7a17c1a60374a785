/* app_lease.h - one subscription: what it wants, its numbering, what is due to it.
 *
 * A lease has topics and an end; it belongs to a source address.  What is sent is
 * numbered per lease from 1, without gaps within one boot.  The lease remembers what
 * each of its last APP_HISTORY numbers was, so `since` sends the same things under the
 * same numbers, as far as they are kept - alerts and messages in a ring of their own,
 * all else as long as the feed has it - and the reply says how many are lost.
 *
 * Without `ack` a thing is sent once, at most APP_RATE in a second: what is over that
 * is skipped, keeps its number, and one `overflow` says how many.  With `ack` it is
 * sent again after 1, 2, 4, 8, 16 s; at most APP_PENDING wait at a time, nothing is
 * skipped.  Floor 9.  Pure. */
#ifndef APP_LEASE_H
#define APP_LEASE_H
#include "app_counters.h"
#include "app_news.h"
#include "app_request.h"
#include "app_write.h"
#include "filter.h"
#include "post.h"

enum {
	APP_HISTORY = 256,
	APP_PENDING = 64,
	APP_RATE = 50, /* a second */
	APP_NAME = 48,
	APP_FILTER = 256,
	APP_TTL_S = 120,
	APP_FILTER_BLOCK = sizeof(struct filter) + 4096
};
struct app_addr {           /* whom to answer, and how */
	uint8_t bytes[112]; /* a sockaddr, not looked into */
	uint8_t len;
	bool packed;  /* in msgpack */
	bool trusted; /* the system says who it is, and it may act */
};
struct app_sent { /* what a number was */
	enum app_ring ring;
	uint64_t id;
};
struct app_source { /* what all subscriptions draw from */
	uint64_t boot;
	struct app_sent told; /* what was sent last */
	struct app_news news;
	uint64_t counts[APP_COUNTER_COUNT];
};
struct app_pending { /* sent, and to be acknowledged */
	uint64_t seq;
	mesh_time_ms due_ms;
	uint8_t sent; /* times; 0: free */
};
struct app_lease {
	bool used;            /* has a numbering, live or ended */
	mesh_time_ms ends_ms; /* live until then */
	mesh_time_ms touched_ms;
	struct app_addr addr;
	uint64_t number; /* "s7" */
	char name[APP_NAME], filter_text[APP_FILTER];
	unsigned wanted;                                 /* bits of rows of topics.h */
	char channels[APP_CHANNELS][POST_TOPIC_MAX + 1]; /* "": none */
	const struct filter *filter;                     /* in `block` */
	bool ack, late;                                  /* late: history, too */
	uint64_t seq;                                    /* the last number given out */
	uint64_t first_seq; /* numbers below cannot be sent again: another filter */
	uint64_t replay;    /* the next number to send again; above seq: none */
	struct feed_reader readers[APP_RINGS];
	struct app_sent sent[APP_HISTORY];
	struct app_pending pending[APP_PENDING];
	mesh_time_ms second_ms; /* start of the second that is counted */
	uint32_t in_second;
	uint64_t skipped; /* in it, not yet told */
	uint8_t block[APP_FILTER_BLOCK];
};

/* A new one of `q`'s name, from here on. */
void app_lease_begin(
    struct app_lease *s, const struct app_source *from, const struct app_request *q);
/* Go on where another one of that name is. */
void app_lease_take_over(struct app_lease *s, const struct app_lease *before);
/* Its topics and filter. */
bool app_lease_wants_the_same(const struct app_lease *s, const struct app_request *q);
/* The shape that a filter is about; NULL: there are several topics. */
const struct field_table *app_lease_table(unsigned wanted);
/* The topics, the filter, which was checked, and how long they hold. */
void app_lease_want(struct app_lease *s, const struct app_request *q, mesh_time_ms now);
/* Go back to just after `since`; `*lost`: so many numbers cannot be sent again. */
enum app_past app_lease_rewind(
    struct app_lease *s, const struct app_source *from, uint64_t since, uint64_t *lost);
void app_lease_acked(struct app_lease *s, uint64_t seq);
/* What is due now: false when nothing is. */
bool app_lease_next(struct app_lease *s, struct app_source *from, mesh_time_ms now,
    struct bytes_out *out);
/* When something will be even if the feed stands still. */
mesh_time_ms app_lease_deadline(
    const struct app_lease *s, const struct app_source *from);
#endif
