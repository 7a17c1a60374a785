/* post.h - what a program at one site says to programs at others: a topic and a value.
 *
 * The body of a TELL (PROTOCOL.md 8).  It is told to whoever listens now and kept by
 * nobody.  A topic is `app.` and a name of letters, digits, - _ and dots.  Floor 5.
 * Pure. */
#ifndef MODEL_POST_H
#define MODEL_POST_H
#include "meshproto.h"

enum { POST_TOPIC_MAX = 48, POST_DATA_MAX = 900 };
struct post_body { /* on the wire */
	struct text_view topic;
	struct tree_view data;
};
struct post { /* `meshd.post/1` */
	struct text_view site, topic;
	struct tree_view data;
};
extern const struct field_table post_body_table, post_table;

bool post_topic_is_sound(struct text_view topic);
/* Encoded, at most POST_DATA_MAX of it data.  MESH_MALFORMED: no topic.  MESH_FULL:
 * more data. */
enum { POST_BODY_MAX = POST_TOPIC_MAX + POST_DATA_MAX + 4 };
MESH_MUST_CHECK enum mesh_err post_encode(
    const struct post_body *post, struct bytes_out *out);
#endif
