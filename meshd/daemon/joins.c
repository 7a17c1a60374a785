#include "joins.h"
#include "bytes.h"

enum { FILE_BYTES = 1024 };

static void
answer(const struct joins_world *w, uint64_t token, int how)
{
	struct mesh_event e = {
		.kind = MESH_JOIN, .ticket = token, .code = (uint16_t)how
	};
	calls_event(w->calls, &e);
}

static void
end(struct joins *j)
{
	mesh_invite_wipe(&j->invite);
	*j = (struct joins){ .by_ms = MESH_NEVER };
}

void
joins_begin(struct joins *j, const struct joins_world *w, const struct intent *i,
    struct mesh_now now)
{
	struct text_view token = { (const char *)i->body.ptr, i->body.len };
	if (j->knocks)
		answer(w, j->token, JOIN_REFUSED);
	end(j);
	if (mesh_invite_read(token, &j->invite) != MESH_OK) {
		calls_refused(w->calls, i->token, MESH_MALFORMED);
		return;
	}
	j->token = i->token;
	j->by_ms = now.ms + JOINS_MS;
	j->knocks = true;
	mesh_site_join(w->core, &j->invite, now);
}

static enum mesh_err
move(const struct joins_world *w, const struct mesh_network *to)
{
	uint8_t room[FILE_BYTES];
	struct bytes_out file = bytes_out(room, sizeof room);
	mesh_network_write(to, &file);
	enum mesh_err err = w->edges->move(w->edges->ctx, bytes_written(&file));
	mesh_wipe(room, sizeof room);
	return err;
}

static void
let_in(struct joins *j, const struct joins_world *w, struct bytes_view key)
{
	struct mesh_network to;
	enum mesh_err err = MESH_OK;
	if (calls_waits(w->calls, j->token)) {
		mesh_invite_network(&j->invite, key.ptr, &to);
		err = move(w, &to);
		mesh_wipe(&to, sizeof to);
	}
	if (err == MESH_OK)
		answer(w, j->token, JOIN_DONE);
	else
		calls_refused(w->calls, j->token, err);
}

void
joins_event(struct joins *j, const struct joins_world *w, const struct mesh_event *e)
{
	if (!j->knocks)
		return;
	if (e->code == JOIN_DONE)
		let_in(j, w, e->key);
	else
		answer(w, j->token, e->code);
	end(j);
}

void
joins_move(const struct joins_world *w, const struct intent *i)
{
	enum mesh_err err = w->edges->move(w->edges->ctx, i->body);
	if (err == MESH_OK)
		answer(w, i->token, JOIN_DONE);
	else
		calls_refused(w->calls, i->token, err);
}

void
joins_tick(struct joins *j, const struct joins_world *w, struct mesh_now now)
{
	bool forgotten = j->knocks && !calls_waits(w->calls, j->token);
	if (!j->knocks || (j->by_ms > now.ms && !forgotten))
		return;
	mesh_site_join(w->core, NULL, now);
	answer(w, j->token, 0);
	end(j);
}

mesh_time_ms
joins_deadline(const struct joins *j)
{
	return j->knocks ? j->by_ms : MESH_NEVER;
}

void
joins_wipe(struct joins *j)
{
	end(j);
}
