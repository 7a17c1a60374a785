#include "post.h"
#include "text.h"
#include <ctype.h>

/* clang-format off */
static const struct field body_rows[] = {
	FIELD(struct post_body, topic, UNIT_NONE, FIELD_REQUIRED, 5, POST_TOPIC_MAX, "app.NAME: who shall hear it."),
	FIELD(struct post_body, data, UNIT_NONE, 0, 0, 0, "Any value."),
};
const struct field_table post_body_table = { "post body", body_rows, LENGTH(body_rows),
	sizeof(struct post_body), FIELD_NO_HAS, false };

static const struct field rows[] = {
	FIELD(struct post, site, UNIT_NONE, 0, 0, 0, "The site whose program says it."),
	FIELD(struct post, topic, UNIT_NONE, 0, 0, 0, "app.NAME: who shall hear it."),
	FIELD(struct post, data, UNIT_NONE, FIELD_PRIVATE, 0, 0, "What it says."),
};
const struct field_table post_table = { "post", rows, LENGTH(rows), sizeof(struct post),
	FIELD_NO_HAS, false };
/* clang-format on */

static bool
is_name_letter(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

bool
post_topic_is_sound(struct text_view topic)
{
	if (!text_begins(topic, "app.") || topic.len == strlen("app.") ||
	    topic.len > POST_TOPIC_MAX)
		return false;
	for (size_t i = 0; i < topic.len; i++)
		if (!is_name_letter(topic.ptr[i]))
			return false;
	return true;
}

enum mesh_err
post_encode(const struct post_body *post, struct bytes_out *out)
{
	struct bytes_out room = bytes_out(out->ptr + out->len, out->cap - out->len);
	if (!post_topic_is_sound(post->topic))
		return MESH_MALFORMED;
	enum mesh_err err = mesh_body_encode(&post_body_table, post, &room);
	if (err != MESH_OK)
		return err;
	if (room.len > post->topic.len + POST_DATA_MAX + 4)
		return MESH_FULL;
	out->len += room.len;
	return MESH_OK;
}
