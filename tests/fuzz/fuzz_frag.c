/* fuzz_frag.c - bytes become pieces of messages by three neighbours, in any order.
 *
 * Some are cut honestly and then repeated, lost, overtaken or spoilt, some are
 * invented. Whatever comes whole is what was cut; no neighbour holds more than its
 * share, no parcel is lost. */
#include "frag.h"
#include "mesh_counters.h"
#include "wire.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SLOTS = 320, SPARE = 40, NEIGHBOURS = 3, OPS_MAX = 400 };
static _Alignas(16) uint8_t block[512 * 1024];
static uint8_t frame[MESSAGE_FRAME_MAX], whole[MESSAGE_FRAME_MAX];

struct script {
	struct parcels ps;
	struct frags f;
	uint64_t counters[COUNT_MESH];
	struct handle cut; /* the pieces of the last one */
	mesh_time_ms now;
	struct bytes_in in;
};

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
take(struct script *s, struct handle from, const struct frame_frag *piece, bool honest)
{
	struct frag_message *m = NULL;
	if (!frag_is_sound(piece)) {
		check(!honest);
		return;
	}
	if (frag_take(&s->f, &s->ps, from, piece, &m, s->now) == FRAG_WHOLE) {
		frag_read(m, &s->ps, piece, whole);
		/* All bytes of all pieces are the frame's. */
		check(memcmp(whole, frame, m->total) == 0);
		if (bytes_u8(&s->in) % 4 != 0)
			frag_over(&s->f, &s->ps, m, s->now);
	}
	check(s->f.blocks <= FRAG_ALL_BLOCKS && s->f.open <= FRAG_MESSAGES);
}

static struct handle
neighbour(struct script *s)
{
	return (struct handle){ bytes_u8(&s->in) % NEIGHBOURS, 1 };
}

static void
op_cut(struct script *s)
{
	size_t bytes = bytes_u16(&s->in) + 1U;
	size_t limit = bytes_u8(&s->in) % 2 == 0 ? PARCEL_MAX : 467;
	struct frag_cut what = { .parts = { bytes_view(frame, bytes) },
		.class = PARCEL_P2,
		.spare = SPARE };
	parcel_release_all(&s->ps, s->cut);
	s->cut = frag_cut(&s->f, &s->ps, &what, limit, s->now);
}

/* One of the pieces, or all from there on. */
static void
op_send(struct script *s)
{
	struct handle from = neighbour(s), h = s->cut;
	uint8_t skip = bytes_u8(&s->in), count = bytes_u8(&s->in);
	const struct parcel *p = parcel_at(&s->ps, h);
	for (; p != NULL && skip > 0; skip--, p = parcel_at(&s->ps, h))
		h = p->next;
	for (; p != NULL && count > 0; count--, p = parcel_at(&s->ps, h)) {
		struct frame_frag piece;
		check(wire_decode_numbered(&frame_frag_table,
			  bytes_view(p->bytes, p->len), &piece, NULL) == MESH_OK);
		h = p->next;
		take(s, from, &piece, true);
	}
}

/* Of the same bytes, with numbers that nobody would give. */
static void
op_invent(struct script *s)
{
	struct handle from = neighbour(s);
	struct frame_frag piece = { .message = bytes_u8(&s->in) % 32,
		.total = bytes_u16(&s->in) + 1U,
		.step = (uint16_t)(bytes_u16(&s->in) % 1150 + 1),
		.index = bytes_u8(&s->in) };
	size_t at = (size_t)piece.index * piece.step;
	size_t left = at < piece.total ? piece.total - at : 1;
	size_t len = left < piece.step ? left : piece.step;
	if (at + len > sizeof frame)
		return;
	piece.bytes = bytes_view(frame + at, len - bytes_u8(&s->in) % 2 % len);
	take(s, from, &piece, false);
}

static void
op_time(struct script *s)
{
	s->now += bytes_u8(&s->in) * 40U;
	frag_tick(&s->f, &s->ps, s->now);
	check(frag_deadline(&s->f) > s->now);
}

static void
op_forget(struct script *s)
{
	frag_forget(&s->f, &s->ps, neighbour(s));
}

typedef void (*script_op)(struct script *s);
static const script_op ops[] = { op_cut, op_send, op_send, op_invent, op_time,
	op_forget };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct script s;
	s = (struct script){ .now = 1000, .in = bytes_in(bytes_view(data, size)) };
	check(parcel_bytes(SLOTS) <= sizeof block);
	parcel_init(&s.ps, block, SLOTS);
	frag_init(&s.f, SPARE, s.counters);
	for (size_t i = 0; i < sizeof frame; i++)
		frame[i] = (uint8_t)(i * 7 + i / 256);
	for (int i = 0; i < OPS_MAX && s.in.left > 0; i++) {
		ops[bytes_u8(&s.in) % LENGTH(ops)](&s);
		s.in.failed = false;
	}
	parcel_release_all(&s.ps, s.cut);
	for (uint32_t i = 0; i < NEIGHBOURS; i++)
		frag_forget(&s.f, &s.ps, (struct handle){ i, 1 });
	check(pool_taken(&s.ps.pool) == 0 && s.f.open == 0 && s.f.blocks == 0);
	return 0;
}
