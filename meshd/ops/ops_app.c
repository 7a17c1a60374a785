#include "call_inside.h"
#include "ops_pace.h"
#include "ops_peer.h"
#include "post.h"
#include "text.h"

void
ops_app_publish(struct call *c)
{
	uint8_t room[POST_BODY_MAX + 1];
	struct bytes_out body = bytes_out(room, sizeof room);
	struct post_body said = { c->params.topic, c->params.data };
	struct post post = { c->world->name, said.topic, said.data };
	const struct mesh_key *to = NULL;
	enum mesh_err err = post_encode(&said, &body);
	if (err == MESH_FULL)
		call_fail(c, 400, "parameter data: at most %d bytes", POST_DATA_MAX);
	else if (err != MESH_OK)
		call_fail(c, 400,
		    "parameter topic: app. and a name of letters, digits, - _ and .");
	else if (!ops_site_named(c, &to))
		return;
	else if (!ops_pace_allows(c, c->world->posts, COUNT_POSTS_TOO_FAST))
		call_fail(c, 503, "too fast: this site may publish 5 a second");
	if (c->wait == CALL_DONE)
		return;
	call_open(c);
	call_item(c, &post_table, &post);
	call_close(c, (struct text_view){ 0 });
	call_tell(c, to, bytes_written(&body));
}
