#include "mt_random.h"
#include "check_mesh.h"
#include "text.h"
#include <assert.h> /* not Check's: programs use this too */
#include <math.h>

enum { DEPTH_MAX = 5, TEXT_MAX = 24, LIST_MAX = 4 };
struct generator {
	struct tree_out out;
	struct arena *arena;
	int depth;
};

static void put_message(struct generator *g, const struct protobuf_table *t);

static uint64_t
any_integer(unsigned bits)
{
	uint64_t all = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
	switch (rng_u32() % 6) {
	case 0:
		return all;
	case 1:
		return all >> 1;
	case 2:
		return (all >> 1) + 1;
	case 3:
		return rng_u32() % 200 + 1;
	default:
		return (rng_u64() & all) | 1;
	}
}

static float
any_float(void)
{
	uint32_t bits = rng_u32();
	float f;
	memcpy(&f, &bits, sizeof f);
	return isfinite(f) && bits != 0 ? f : 6.25F;
}

static struct text_view
any_text(struct generator *g)
{
	static const char *const letters[] = { "a", "Z", " ", "\n", "ö", "\u20ac", "漢",
		"\U0001f600", "\"", "\\" };
	struct bytes_out out = bytes_out(
	    arena_take(g->arena, TEXT_MAX, 1), TEXT_MAX - 4);
	assert(out.ptr != NULL);
	size_t count = rng_u32() % 7 + 1;
	for (size_t i = 0; i < count && out.len < TEXT_MAX - 8; i++)
		text_put(&out, letters[rng_u32() % LENGTH(letters)]);
	return text_written(&out);
}

static struct bytes_view
any_bytes(struct generator *g)
{
	size_t len = rng_u32() % 16 == 0 ? 200 : rng_u32() % TEXT_MAX + 1;
	uint8_t *block = arena_take(g->arena, len, 1);
	assert(block != NULL);
	rng_bytes(block, len);
	return bytes_view(block, len);
}

static void
put_enum(struct generator *g, const struct protobuf_field *row, const char *name)
{
	size_t count = 0;
	while (row->words[count].name != NULL)
		count++;
	const struct protobuf_word *w = &row->words[rng_u32() % count];
	bool absent = w->value == 0 && row->rule == PROTOBUF_PLAIN;
	if (absent || rng_u32() % 16 == 0)
		tree_put_i64(&g->out, name, rng_u32() % 2 != 0 ? 100000 : -5);
	else
		tree_put_text(&g->out, name, text(w->name));
}

static void
put_value(struct generator *g, const struct protobuf_field *row, const char *name)
{
	bool zero = row->rule != PROTOBUF_PLAIN && rng_u32() % 5 == 0;
	uint64_t n32 = zero ? 0 : any_integer(32);
	switch ((enum protobuf_kind)row->kind) {
	case PROTOBUF_U32:
	case PROTOBUF_FX32:
		tree_put_u64(&g->out, name, n32);
		break;
	case PROTOBUF_U64:
		tree_put_u64(&g->out, name, zero ? 0 : any_integer(64));
		break;
	case PROTOBUF_I32:
	case PROTOBUF_S32:
	case PROTOBUF_SFX32:
		tree_put_i64(&g->out, name, (int32_t)(uint32_t)n32);
		break;
	case PROTOBUF_BOOL:
		tree_put_bool(&g->out, name, !zero);
		break;
	case PROTOBUF_ENUM:
		put_enum(g, row, name);
		break;
	case PROTOBUF_F32:
		tree_put_f32(&g->out, name, zero ? 0.0F : any_float());
		break;
	case PROTOBUF_TEXT:
		tree_put_text(
		    &g->out, name, zero ? (struct text_view){ "", 0 } : any_text(g));
		break;
	case PROTOBUF_BYTES:
		tree_put_bytes(&g->out, name,
		    zero ? (struct bytes_view){ (const uint8_t *)"", 0 }
			 : any_bytes(g));
		break;
	case PROTOBUF_SUB:
		tree_open_map(&g->out, name);
		put_message(g, row->sub);
		tree_shut(&g->out);
		break;
	}
}

static void
put_field(struct generator *g, const struct protobuf_field *row)
{
	if (row->kind == PROTOBUF_SUB && g->depth >= DEPTH_MAX)
		return;
	if (row->rule != PROTOBUF_REPEATED) {
		put_value(g, row, row->name);
		return;
	}
	tree_open_list(&g->out, row->name);
	for (size_t count = rng_u32() % LIST_MAX + 1; count > 0; count--)
		put_value(g, row, NULL);
	tree_shut(&g->out);
}

static bool
is_chosen(const struct protobuf_table *t, size_t row, const size_t *chosen)
{
	uint8_t rule = t->rows[row].rule;
	if (rule >= PROTOBUF_ONEOF)
		return chosen[rule - PROTOBUF_ONEOF] == row;
	return rng_u32() % 2 != 0;
}

/* One member of each choice, or none: picked as each member passes by, fairly. */
static void
choose(const struct protobuf_table *t, size_t *chosen, size_t choices)
{
	size_t seen[4] = { 0 };
	for (size_t i = 0; i < choices; i++)
		chosen[i] = SIZE_MAX;
	for (size_t i = 0; i < t->count; i++) {
		if (t->rows[i].rule < PROTOBUF_ONEOF)
			continue;
		size_t k = (size_t)t->rows[i].rule - PROTOBUF_ONEOF;
		assert(k < choices);
		if (rng_u32() % ++seen[k] == 0)
			chosen[k] = i;
	}
}

static void
put_message(struct generator *g, const struct protobuf_table *t)
{
	size_t chosen[4];
	choose(t, chosen, LENGTH(chosen));
	g->depth++;
	for (size_t i = 0; i < t->count; i++)
		if (is_chosen(t, i, chosen))
			put_field(g, &t->rows[i]);
	g->depth--;
}

struct tree_view
mt_random(const struct protobuf_table *t, struct arena *into)
{
	struct generator g = { .arena = into };
	struct tree_item *items = arena_take(into, TREE_ITEMS, sizeof *items);
	assert(items != NULL);
	g.out = tree_out(items, TREE_ITEMS);
	put_message(&g, t);
	assert(!g.out.failed);
	return tree_done(&g.out);
}
