#include "mt_admin.h"

enum admin_member { BEGIN_EDIT = 64, COMMIT_EDIT = 65, REBOOT_SECONDS = 97 };
enum { LENGTH_BYTES = 2, EDIT_BYTES = LENGTH_BYTES + 3 }; /* a key of two bytes, 1 */

/* --- messages in a row --- */

void
mt_admin_put(struct bytes_out *orders, struct bytes_view message)
{
	bytes_put_u16(orders, (uint16_t)message.len);
	bytes_put_view(orders, message);
}

static void
put_one(struct bytes_out *out, uint32_t member)
{
	uint8_t block[4];
	struct bytes_out message = bytes_out(block, sizeof block);
	protobuf_put_key(&message, member, WIRE_VARINT);
	protobuf_put_varint(&message, 1);
	mt_admin_put(out, bytes_written(&message));
}

static void
begin(struct mt_admin *a, enum mt_admin_kind kind, size_t len, mesh_time_ms now)
{
	a->kind = kind;
	a->len = len;
	a->at = 0;
	a->packet = 0;
	a->due_ms = now;
}

enum mesh_err
mt_admin_begin(struct mt_admin *a, enum mt_admin_kind kind, uint64_t order,
    struct bytes_view messages, mesh_time_ms now)
{
	struct bytes_out out = bytes_out(a->block, sizeof a->block);
	bool edits = kind == MT_ADMIN_APPLY;
	if (a->kind != MT_ADMIN_NONE || a->ended)
		return MESH_FULL;
	if (messages.len == 0)
		return MESH_MALFORMED;
	if (edits)
		put_one(&out, BEGIN_EDIT);
	bytes_put_view(&out, messages);
	if (edits)
		put_one(&out, COMMIT_EDIT);
	if (out.failed)
		return MESH_TRUNCATED;
	a->order = order;
	a->question = kind == MT_ADMIN_TELL;
	a->reread_ms = 0;
	begin(a, kind, out.len, now);
	return MESH_OK;
}

bool
mt_admin_is_due(const struct mt_admin *a, mesh_time_ms now)
{
	return a->kind != MT_ADMIN_NONE && a->packet == 0 && now >= a->due_ms;
}

bool
mt_admin_next(
    struct mt_admin *a, uint32_t id, mesh_time_ms now, struct bytes_view *message)
{
	struct bytes_in in = bytes_in(bytes_view(a->block + a->at, a->len - a->at));
	if (!mt_admin_is_due(a, now))
		return false;
	*message = bytes_take(&in, bytes_u16(&in));
	a->at = a->len - in.left;
	a->packet = id;
	a->due_ms = now + MT_ADMIN_ANSWER_MS;
	return !in.failed;
}

/* --- how it goes --- */

static void
end(struct mt_admin *a, enum radio_sent sent, uint16_t reason)
{
	if (a->kind != MT_ADMIN_FORGET) { /* nobody waits for the end of that */
		a->sent = sent;
		a->reason = reason;
		a->ended = true;
	}
	a->kind = MT_ADMIN_NONE;
	a->packet = 0;
	bytes_wipe(a->block, sizeof a->block); /* keys went through it */
}

/* An edit that stays open would be saved by whoever commits the next one. */
static void
forget(struct mt_admin *a, mesh_time_ms now)
{
	struct bytes_out out = bytes_out(a->block, sizeof a->block);
	put_one(&out, REBOOT_SECONDS);
	begin(a, MT_ADMIN_FORGET, out.len, now);
}

static bool
has_said_all(const struct mt_admin *a)
{
	return a->kind == MT_ADMIN_APPLY && a->at == a->len;
}

static void
refused(struct mt_admin *a, uint16_t error, mesh_time_ms now)
{
	bool open = a->kind == MT_ADMIN_APPLY && a->at > EDIT_BYTES;
	end(a, SENT_FAILED, error);
	if (open)
		forget(a, now);
}

static void
unanswered(struct mt_admin *a, mesh_time_ms now)
{
	bool edits = a->kind == MT_ADMIN_APPLY, said = has_said_all(a);
	end(a, SENT_FAILED, said ? SENT_UNSURE : SENT_UNANSWERED);
	if (said)
		a->reread_ms = now + MT_ADMIN_REREAD_MS;
	else if (edits)
		forget(a, now);
}

static void
advance(struct mt_admin *a, mesh_time_ms now)
{
	bool changed = a->kind == MT_ADMIN_APPLY || a->kind == MT_ADMIN_FORGET;
	a->packet = 0;
	a->due_ms = now;
	if (a->at < a->len)
		return;
	end(a, SENT_ACKED, 0);
	if (changed)
		a->reread_ms = now + MT_ADMIN_REREAD_MS;
}

/* The error of a Routing; 0: it was taken. */
static uint16_t
error_in(struct bytes_view routing)
{
	enum { ERROR_REASON = 3 };
	struct bytes_in in = bytes_in(routing);
	struct protobuf_item item;
	uint16_t error = 0;
	while (protobuf_next(&in, &item))
		if (item.number == ERROR_REASON && item.wire == WIRE_VARINT)
			error = item.value < SENT_UNANSWERED ? (uint16_t)item.value
							     : SENT_UNKNOWN;
	return error;
}

bool
mt_admin_hear(struct mt_admin *a, const struct mt_packet *p, uint32_t me,
    mesh_time_ms now, struct bytes_view *told)
{
	bool answer = p->port == MT_PORT_ADMIN, routed = p->port == MT_PORT_ROUTING;
	*told = bytes_view(NULL, 0);
	if (a->packet == 0 || p->request_id != a->packet || p->from != me ||
	    !(answer || routed))
		return false;
	uint16_t error = routed ? error_in(p->payload) : 0;
	if (answer)
		*told = p->payload;
	if (error != 0)
		refused(a, error, now);
	else if (answer || a->kind != MT_ADMIN_TELL)
		advance(a, now); /* a question is answered by what it asks for */
	return true;
}

void
mt_admin_tick(struct mt_admin *a, mesh_time_ms now)
{
	if (a->packet != 0 && now >= a->due_ms)
		unanswered(a, now);
}

void
mt_admin_lost(struct mt_admin *a)
{
	bool said = has_said_all(a);
	bool begun = a->kind == MT_ADMIN_APPLY && a->at > 0;
	a->reread_ms = 0;
	a->left |= begun && !said;
	if (a->kind != MT_ADMIN_NONE)
		end(a, SENT_LINK_LOST, said ? ORDER_SAVED : ORDER_CUT);
}

void
mt_admin_back(struct mt_admin *a, bool anew, mesh_time_ms now)
{
	if (a->left && !anew && a->kind == MT_ADMIN_NONE)
		forget(a, now);
	a->left = false;
}

bool
mt_admin_outcome(struct mt_admin *a, struct mt_admin_outcome *out)
{
	if (!a->ended)
		return false;
	a->ended = false;
	*out = (struct mt_admin_outcome){ a->order, a->sent, a->reason, a->question };
	return true;
}

bool
mt_admin_rereads(struct mt_admin *a, mesh_time_ms now)
{
	if (a->reread_ms == 0 || now < a->reread_ms)
		return false;
	a->reread_ms = 0;
	return true;
}

mesh_time_ms
mt_admin_deadline(const struct mt_admin *a)
{
	mesh_time_ms due = a->kind != MT_ADMIN_NONE ? a->due_ms : MESH_NEVER;
	return a->reread_ms != 0 && a->reread_ms < due ? a->reread_ms : due;
}
