#include "inside_logs.h"
#include "page.h"
#include "rows.h"
#include "script.h"
#include "seal.h"
#include "wire.h"
#include <stdlib.h>

static struct world_site *
liar(const struct script *s)
{
	return &s->w->sites[LIAR];
}

static struct bytes_view
oid_of(const struct script *s, uint32_t site, uint8_t room[static 8])
{
	mesh_oid(&s->w->sites[site].identity.key, room);
	return bytes_view(room, 8);
}

/* --- frames --- */

static void
send_frames(struct script *s, struct bytes_view frames)
{
	struct mesh_site *victim = s->w->sites[VICTIM].site;
	uint8_t out[ENVELOPE_MAX], nonce[SEAL_NONCE];
	struct bytes_out head = bytes_out(out, ENVELOPE_DATA_HEAD);
	if (victim == NULL || frames.len > ENVELOPE_PLAIN_MAX)
		return;
	const struct session *session = session_at(
	    &victim->sessions, session_of(&victim->sessions, &liar(s)->identity.key));
	if (session == NULL)
		return;
	uint32_t number = (uint32_t)session->window.next + 1 + s->counter++ % 3;
	envelope_put_data(&head, session->sid_local, number);
	seal_nonce(number, nonce);
	seal_close(session->receive, nonce, bytes_written(&head), frames,
	    out + ENVELOPE_DATA_HEAD);
	world_inject(s->w, VICTIM, &liar(s)->path,
	    bytes_view(out, ENVELOPE_DATA_HEAD + frames.len + SEAL_TAG));
}

static void
send_frame(
    struct script *s, uint8_t number, const struct field_table *t, const void *frame)
{
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	if (wire_encode_numbered(t, number, frame, &out) == MESH_OK)
		send_frames(s, bytes_written(&out));
}

void
liar_frames(struct script *s)
{
	send_frames(s, script_bytes(s, ENVELOPE_PLAIN_MAX));
}

void
liar_prune(struct script *s)
{
	uint8_t oid[8];
	struct frame_prune f = { oid_of(s, script_site(s), oid), bytes_u8(&s->in) & 1 };
	send_frame(s, FRAME_PRUNE, &frame_prune_table, &f);
}

void
liar_key(struct script *s)
{
	struct frame_netkey_ask ask = { .hash = script_bytes(s, 32) };
	struct frame_netkey key = { .key = script_bytes(s, 32),
		.use_after_ms = bytes_u16(&s->in) };
	send_frame(s, FRAME_NETKEY_ASK, &frame_netkey_ask_table, &ask);
	send_frame(s, FRAME_NETKEY, &frame_netkey_table, &key);
}

/* --- addresses --- */

static struct bytes_view
draw_address(struct script *s, struct mesh_path *room)
{
	*room = s->w->sites[script_site(s)].path;
	room->addr[15] ^= bytes_u8(&s->in) & 3;
	return address_wire(room);
}

void
liar_peers(struct script *s)
{
	struct mesh_path room[2];
	struct message_bytes addresses[2];
	struct frame_peer peer[2];
	size_t count = 1 + bytes_u8(&s->in) % 2;
	for (size_t i = 0; i < count; i++) {
		addresses[i].bytes = draw_address(s, &room[i]);
		peer[i].site = s->w->sites[script_site(s)].identity.key;
		peer[i].site.bytes[0] ^= bytes_u8(&s->in) & 1;
		peer[i].addresses = (struct list_view){ &addresses[i], 1 };
	}
	struct frame_peers f = { { peer, count } };
	send_frame(s, FRAME_PEERS, &frame_peers_table, &f);
}

void
liar_punch(struct script *s)
{
	struct mesh_path room;
	struct frame_punch f = { .site = s->w->sites[script_site(s)].identity.key,
		.address = draw_address(s, &room) };
	if (bytes_u8(&s->in) & 1)
		f.address.len = 0;
	send_frame(s, FRAME_PUNCH, &frame_punch_table, &f);
}

/* --- records --- */

static void
draw_record(struct script *s, struct record *r)
{
	uint8_t wild = bytes_u8(&s->in);
	*r = (struct record){ .at = { .origin = liar(s)->identity.key } };
	r->at.lane = (enum mesh_lane)(bytes_u8(&s->in) % LANE_COUNT);
	r->at.epoch = (uint64_t)(world_now(s->w).unix_ms / 1000);
	if (r->at.lane == LANE_LIVE)
		r->at.epoch = liar(s)->boot;
	if (wild & 1)
		r->at.epoch = bytes_u64(&s->in);
	if (wild & 32)
		r->at.epoch = r->at.epoch + bytes_u8(&s->in) % 4 - 1;
	r->at.seq = wild & 2 ? bytes_u64(&s->in) : 1U + bytes_u16(&s->in);
	r->back = r->at.lane != LANE_LIVE;
	if (wild & 4)
		r->back = bytes_u64(&s->in);
	r->type = (uint16_t)(bytes_u8(&s->in) % 12);
	r->hop_max = RECORD_HOP_MAX;
	if (wild & 8)
		r->hop_max = bytes_u8(&s->in);
	if (wild & 16)
		r->time_ms = (unix_ms)(bytes_u64(&s->in) >> 1);
}

static void
push_bundle(struct script *s, struct bytes_view bundle, uint8_t hops)
{
	uint8_t frame[ENVELOPE_MAX], trail[FLOOD_TAG] = { 0 };
	struct bytes_out out = bytes_out(frame, ENVELOPE_PLAIN_MAX);
	struct envelope_hop hop = {
		.hops = hops, .trail = bytes_view(trail, sizeof trail), .bundle = bundle
	};
	if (envelope_put_push(&out, &hop) == MESH_OK)
		send_frames(s, bytes_written(&out));
}

/* Signed, and kept as one of the last. */
static struct bytes_view
sign(struct script *s, const struct bytes_view *cores, size_t count)
{
	struct bundle_signer by = { liar(s)->identity.seed, &liar(s)->identity.key,
		s->w->network.id };
	size_t at = s->bundle_next;
	struct bytes_out out = bytes_out(s->bundle[at], sizeof s->bundle[at]);
	if (bundle_sign(&by, cores, count, &out) != MESH_OK)
		return (struct bytes_view){ NULL, 0 };
	s->bundle_len[at] = out.len;
	s->bundle_next = (at + 1) % SCRIPT_BUNDLES;
	return bytes_written(&out);
}

static void
push_record(struct script *s, const struct record *r, uint8_t hops)
{
	uint8_t core[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(core, sizeof core);
	if (record_write(r, &out) != MESH_OK)
		return;
	struct bytes_view one = bytes_written(&out), bundle = sign(s, &one, 1);
	if (bundle.len > 0)
		push_bundle(s, bundle, hops);
}

void
liar_record(struct script *s)
{
	struct record r;
	draw_record(s, &r);
	uint8_t hops = bytes_u8(&s->in);
	r.body = script_bytes(s, 700);
	push_record(s, &r, hops);
}

/* A record of this lane that is in order, but for its number. */
static void
push_sound(struct script *s, enum mesh_lane lane, uint16_t type, struct bytes_view body)
{
	struct record r = { .at = { .origin = liar(s)->identity.key, .lane = lane },
		.type = type,
		.hop_max = RECORD_HOP_MAX,
		.back = lane != LANE_LIVE,
		.body = body };
	r.at.seq = 100U + bytes_u8(&s->in);
	r.at.epoch = lane == LANE_LIVE ? liar(s)->boot
				       : s->w->sites[LIAR].newest[LANE_PACKET].epoch;
	if (r.at.epoch == 0)
		r.at.epoch = (uint64_t)(world_now(s->w).unix_ms / 1000);
	if (lane == LANE_LIVE && (bytes_u8(&s->in) & 1) != 0) {
		r.has_dst = true;
		r.dst = s->w->sites[script_site(s)].identity.key;
	}
	push_record(s, &r, 0);
}

static void
push_body(struct script *s, enum mesh_lane lane, uint16_t type,
    const struct field_table *t, const void *body)
{
	uint8_t bytes[600];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	if (wire_encode(t, body, &out) == MESH_OK)
		push_sound(s, lane, type, bytes_written(&out));
}

/* A number that the victim or nobody waits for. */
static uint64_t
question_number(struct script *s)
{
	const struct mesh_site *victim = s->w->sites[VICTIM].site;
	uint8_t i = bytes_u8(&s->in);
	return victim != NULL && i < QUESTION_OPEN ? victim->questions.open[i].number
						   : i;
}

static void
say_suspect(struct script *s)
{
	uint32_t site = script_site(s);
	struct live_suspect body = { s->w->sites[site].identity.key,
		s->w->sites[site].boot, bytes_u16(&s->in) };
	push_body(s, LANE_LIVE, LIVE_SUSPECT, &live_suspect_table, &body);
}
static void
say_boot(struct script *s)
{
	uint16_t type = bytes_u8(&s->in) & 1 ? LIVE_BYE : LIVE_REFUTE;
	struct live_boot body = { liar(s)->boot };
	push_body(s, LANE_LIVE, type, &live_boot_table, &body);
}
static void
say_echo(struct script *s)
{
	uint16_t type = bytes_u8(&s->in) & 1 ? LIVE_TRACE : LIVE_ECHO;
	struct live_echo body = { bytes_u8(&s->in) };
	push_body(s, LANE_LIVE, type, &live_echo_table, &body);
}
static void
say_echo_reply(struct script *s)
{
	struct live_echo_reply body = { .number = question_number(s),
		.hops = bytes_u8(&s->in),
		.held_us = bytes_u16(&s->in),
		.from = bytes_view(s->w->sites[VICTIM].identity.key.bytes, 4) };
	body.trail = script_bytes(s, MESSAGE_WAY_MAX);
	body.stamps = script_bytes(s, MESSAGE_STAMPS_MAX);
	push_body(s, LANE_LIVE, LIVE_ECHO_REPLY, &live_echo_reply_table, &body);
}
static void
say_query(struct script *s)
{
	struct live_query body = { .number = bytes_u8(&s->in) };
	body.budget_ms = bytes_u16(&s->in);
	body.question = script_bytes(s, 300);
	push_body(s, LANE_LIVE, LIVE_QUERY, &live_query_table, &body);
}
static void
say_reply(struct script *s)
{
	struct live_reply body = { .number = question_number(s) };
	body.answer = script_bytes(s, 300);
	push_body(s, LANE_LIVE, LIVE_REPLY, &live_reply_table, &body);
}
static void
say_command(struct script *s)
{
	struct live_command body = { .number = bytes_u8(&s->in) };
	body.command = script_bytes(s, 300);
	push_body(s, LANE_LIVE, LIVE_COMMAND, &live_command_table, &body);
}
static void
say_tell(struct script *s)
{
	struct live_tell body = { .told = script_bytes(s, 300) };
	push_body(s, LANE_LIVE, LIVE_TELL, &live_tell_table, &body);
}

void
liar_live(struct script *s)
{
	static const script_op says[] = { say_suspect, say_boot, say_echo,
		say_echo_reply, say_query, say_reply, say_command };
	uint8_t which = bytes_u8(&s->in);
	if (which >= 252) /* the corpus was made before there was this */
		say_tell(s);
	else
		says[which % LENGTH(says)](s);
}

/* --- records that the mesh itself reads --- */

static void
put_links(struct script *s)
{
	uint8_t oid[SITES][8], who = bytes_u8(&s->in), boot_id[8] = { who };
	struct message_bytes oids[SITES];
	struct state_links_put put = { .key = bytes_view(MESSAGE_LINKS_KEY,
					   sizeof MESSAGE_LINKS_KEY - 1),
		.links = { .boot = liar(s)->boot + (who >> 6),
		    .boot_id = bytes_view(boot_id, sizeof boot_id) } };
	size_t count = 0;
	for (uint32_t i = 0; i < SITES; i++)
		if ((who >> i & 1) != 0)
			oids[count++].bytes = oid_of(s, i, oid[i]);
	put.links.oids = (struct list_view){ oids, count };
	push_body(s, LANE_STATE, RECORD_PUT, &state_links_put_table, &put);
}

static void
put_addresses(struct script *s)
{
	struct mesh_path room[2];
	struct state_address list[2];
	struct state_addr_put put = { .key = bytes_view(MESSAGE_ADDR_KEY,
					  sizeof MESSAGE_ADDR_KEY - 1),
		.addresses = { list, 2 } };
	for (size_t i = 0; i < 2; i++) {
		list[i].address = draw_address(s, &room[i]);
		list[i].kind = bytes_u8(&s->in) % 5;
	}
	push_body(s, LANE_STATE, RECORD_PUT, &state_addr_put_table, &put);
}

void
liar_state(struct script *s)
{
	(bytes_u8(&s->in) & 1 ? put_links : put_addresses)(s);
}

void
liar_control(struct script *s)
{
	uint8_t body[CLAUSE_BODY_MAX];
	struct bytes_out out = bytes_out(body, sizeof body);
	struct clause c = { .author = liar(s)->identity.key };
	c.kind = (uint8_t)(CLAUSE_ADMIN + bytes_u8(&s->in) % CLAUSE_USE);
	c.subject = s->w->sites[script_site(s)].identity.key;
	c.subject.bytes[31] ^= bytes_u8(&s->in) & 1;
	c.id[0] = bytes_u8(&s->in) % 4;
	c.on = (bytes_u8(&s->in) & 1) != 0;
	c.purge = (bytes_u8(&s->in) & 1) != 0;
	c.until_ms = (uint64_t)world_now(s->w).unix_ms + bytes_u16(&s->in);
	c.uses = bytes_u8(&s->in) % 3;
	if (c.kind == CLAUSE_REVOKE) {
		c.cut.epoch = (uint64_t)(world_now(s->w).unix_ms / 1000);
		for (size_t i = 0; i < CLAUSE_MARKS; i++)
			c.cut.marks[i] = bytes_u8(&s->in);
	}
	if (clause_write(&c, &out) == MESH_OK)
		push_sound(s, LANE_CONTROL, RECORD_PUT, bytes_written(&out));
}

void
liar_batch(struct script *s)
{
	enum { BATCH = 6, CORE = 180 };
	uint8_t room[BATCH][CORE], cut[ENVELOPE_MAX];
	struct bytes_view cores[BATCH];
	struct record r;
	struct bundle whole;
	struct merkle_hash leaf[BUNDLE_CORES];
	struct bytes_out out = bytes_out(cut, sizeof cut);
	draw_record(s, &r);
	size_t count = 1 + bytes_u8(&s->in) % BATCH;
	r.body = bytes_view("\x91\x01", 2);
	for (size_t i = 0; i < count; i++, r.at.seq++) {
		struct bytes_out core = bytes_out(room[i], CORE);
		if (record_write(&r, &core) != MESH_OK)
			return;
		cores[i] = bytes_written(&core);
	}
	uint64_t keep = bytes_u8(&s->in);
	struct bytes_view all = sign(s, cores, count);
	if (all.len == 0 || bundle_read(all, &whole) != MESH_OK)
		return;
	struct mesh_record one;
	if (count > 1 && mesh_record_read(all, &one) == MESH_OK)
		abort(); /* a proof is about one record */
	bundle_leaves(&whole, leaf);
	bool some = bundle_cut(&whole, leaf, keep, &out) == MESH_OK;
	push_bundle(s, some ? bytes_written(&out) : all, 0);
}

/* One of its last bundles again, with a bit turned: a signature that is none, another
 * proof, another record. */
void
liar_forge(struct script *s)
{
	uint8_t bytes[ENVELOPE_MAX];
	size_t from = bytes_u8(&s->in) % SCRIPT_BUNDLES, len = s->bundle_len[from];
	size_t at = bytes_u16(&s->in);
	uint8_t with = bytes_u8(&s->in);
	if (len == 0)
		return;
	memcpy(bytes, s->bundle[from], len);
	bytes[at % len] ^= with;
	push_bundle(s, bytes_view(bytes, len), 0);
}

void
liar_fork(struct script *s)
{
	uint8_t body[ENVELOPE_PLAIN_MAX], pair = bytes_u8(&s->in);
	struct bytes_out out = bytes_out(body, sizeof body);
	bytes_put_u8(&out, 0x92);
	for (int i = 0; i < 2; i++, pair >>= 4) {
		size_t at = pair % SCRIPT_BUNDLES;
		bytes_put(&out, s->bundle[at], s->bundle_len[at]);
	}
	push_sound(s, LANE_LIVE, LIVE_FORK, bytes_written(&out));
}

/* In its session, and as a word of the control lane. */
void
liar_cert(struct script *s)
{
	static const char key[] = MESSAGE_CERT_KEY;
	struct bytes_view cert = script_certificate(s, script_site(s));
	struct frame_cert frame = { cert };
	struct control_cert put = { bytes_view(key, sizeof key - 1), cert };
	send_frame(s, FRAME_CERT, &frame_cert_table, &frame);
	push_body(s, LANE_CONTROL, RECORD_PUT, &control_cert_table, &put);
}

/* --- repair --- */

static void
draw_log(struct script *s, struct frame_pull *f, uint8_t oid[static 8])
{
	f->oid = oid_of(s, script_site(s), oid);
	f->lane = 1 + bytes_u8(&s->in) % (LANE_COUNT - 1);
	f->epoch = (uint64_t)(world_now(s->w).unix_ms / 1000) - bytes_u8(&s->in) % 8;
	f->from = bytes_u8(&s->in);
	f->to = f->from + bytes_u16(&s->in);
}

void
liar_rows(struct script *s)
{
	uint8_t oid[8], row[ROWS_ROW_MAX], bytes[ROWS_ROW_MAX + ROWS_AROUND_MAX];
	struct bytes_out row_out = bytes_out(row, sizeof row);
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct frame_pull f = { 0 };
	struct mesh_run held[LANE_COUNT - 1] = { { 0, 0 } };
	struct rows rows = { .mask = bytes_u16(&s->in), .last = true };
	draw_log(s, &f, oid);
	held[f.lane - 1] = (struct mesh_run){ f.from, f.to };
	bool any = rows_put(&row_out, oid, f.epoch, held);
	if (rows_write(&rows, any, bytes_written(&row_out), &out) == MESH_OK)
		send_frames(s, bytes_written(&out));
}

void
liar_pull(struct script *s)
{
	uint8_t oid[8];
	struct frame_pull f = { .ticket = bytes_u8(&s->in),
		.max_kib = (uint8_t)(bytes_u16(&s->in) / 1024) };
	draw_log(s, &f, oid);
	send_frame(s, FRAME_PULL, &frame_pull_table, &f);
}

/* What the victim asked the liar for, the log of `f` and its ticket; else a guess. */
static void
draw_asked(struct script *s, struct frame_pull *f, uint8_t oid[static 8])
{
	const struct mesh_site *victim = s->w->sites[VICTIM].site;
	uint8_t slot = bytes_u8(&s->in);
	draw_log(s, f, oid);
	f->ticket = slot;
	if (victim == NULL || slot >= PULL_SLOTS ||
	    victim->pulls.slots[slot].state == PULL_FREE)
		return;
	const struct pull *p = &victim->pulls.slots[slot];
	f->ticket = p->ticket;
	memcpy(oid, p->log.oid, sizeof p->log.oid);
	f->epoch = p->log.epoch;
	f->lane = (uint8_t)p->log.lane;
	f->from = p->from;
	f->to = p->from + f->to % 8;
}

void
liar_page(struct script *s)
{
	uint8_t oid[8], bytes[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct frame_pull f = { 0 };
	draw_asked(s, &f, oid);
	struct page page = { f.ticket, f.oid, f.epoch, (enum mesh_lane)f.lane, f.from,
		f.to, 0, { NULL, 0, false } };
	struct bytes_view bundle = { NULL, 0 };
	struct record r = { .at = { .origin = liar(s)->identity.key,
				.lane = (enum mesh_lane)f.lane,
				.epoch = f.epoch,
				.seq = f.from },
		.back = 1,
		.type = (uint16_t)(1 + bytes_u8(&s->in) % 3),
		.hop_max = RECORD_HOP_MAX };
	uint8_t core[700];
	struct bytes_out core_out = bytes_out(core, sizeof core);
	r.body = script_bytes(s, 300);
	if (r.body.len > 0 && record_write(&r, &core_out) == MESH_OK)
		bundle = sign(s, &(struct bytes_view){ core, core_out.len }, 1);
	page.count = bundle.len > 0;
	if (page_write(&page, bundle, &out) == MESH_OK)
		send_frames(s, bytes_written(&out));
}

void
liar_none(struct script *s)
{
	uint8_t oid[8];
	struct frame_pull f = { 0 };
	draw_asked(s, &f, oid);
	struct frame_none none = { .ticket = f.ticket,
		.oid = f.oid,
		.lane = f.lane,
		.code = 1 + bytes_u8(&s->in) % 4,
		.low = f.from,
		.high = f.to };
	send_frame(s, FRAME_NONE, &frame_none_table, &none);
}
