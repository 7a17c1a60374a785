/* Two sites that have a shelf each in place of a store, and a wire between them. */
#include "check_mesh.h"
#include "meshparams.h"
#include "meshshelf.h"

enum { SITES = 2, DATAGRAM = 2048 };
struct fixture {
	struct mesh_site *site[SITES];
	struct mesh_shelf shelf[SITES];
	struct mesh_now now;
	unsigned heard;      /* records of site 0 that were told at site 1 */
	uint8_t newest[300]; /* body of the last one of the state lane */
	size_t newest_len;
};

static void
draw(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	rng_bytes(out, len);
}

static struct mesh_path
path_of(size_t i)
{
	return mesh_path_v4(0x0a000001 + (uint32_t)i, 4470);
}

static void
hear(struct fixture *f, size_t i, const struct mesh_event *e)
{
	struct bytes_view key;
	if (e->kind != MESH_RECORD || e->own || i != 1)
		return;
	f->heard += e->record.at.lane == LANE_ALERT;
	if (mesh_record_key(&e->record, &key) && key.len == 6 &&
	    e->record.body.len <= sizeof f->newest) {
		f->newest_len = e->record.body.len;
		memcpy(f->newest, e->record.body.ptr, f->newest_len);
	}
}

static bool
drain(struct fixture *f, size_t i)
{
	struct mesh_event e;
	struct mesh_datagram d;
	struct mesh_path from = path_of(i);
	bool any = false;
	while (mesh_site_next_event(f->site[i], &e)) {
		hear(f, i, &e);
		mesh_shelf_event(&f->shelf[i], f->site[i], &e, f->now);
	}
	while (mesh_site_next_datagram(f->site[i], &d)) {
		struct mesh_path other = path_of(1 - i);
		uint8_t copy[DATAGRAM];
		ck_assert_uint_le(d.bytes.len, sizeof copy);
		memcpy(copy, d.bytes.ptr, d.bytes.len);
		if (f->site[1 - i] != NULL && memcmp(&d.to, &other, sizeof other) == 0)
			mesh_site_receive(f->site[1 - i], &from,
			    bytes_view(copy, d.bytes.len), f->now);
		any = true;
	}
	return any;
}

static void
run(struct fixture *f, unsigned ms)
{
	for (unsigned t = 0; t < ms; t++) {
		f->now.ms++;
		f->now.unix_ms++;
		for (size_t i = 0; i < SITES; i++)
			if (f->site[i] != NULL)
				mesh_site_tick(f->site[i], f->now);
		for (bool any = true; any;) {
			any = false;
			for (size_t i = 0; i < SITES; i++)
				any |= f->site[i] != NULL && drain(f, i);
		}
	}
}

static void
start(struct fixture *f, size_t i)
{
	uint8_t seed[48] = { 7 };
	struct mesh_identity identity;
	struct mesh_network network;
	mesh_identity_of(seed, &identity);
	mesh_network_of(&identity.key, seed, false, &network);
	seed[1] = (uint8_t)(i + 1);
	mesh_identity_of(seed, &identity);
	struct mesh_params params = { .identity = &identity,
		.network = &network,
		.name = { "shelf", 5 },
		.boot = (uint64_t)f->now.unix_ms,
		.random = draw };
	ck_assert_int_eq(mesh_site_new(&f->site[i], &params, f->now), MESH_OK);
}

static struct fixture *
one_site(void)
{
	struct fixture *f = calloc(1, sizeof *f);
	ck_assert_ptr_nonnull(f);
	f->now = (struct mesh_now){ .ms = 1000, .unix_ms = 1764000000000 };
	start(f, 0);
	run(f, 4000); /* nobody is there: it writes on its own after 3 s */
	return f;
}

static void
end(struct fixture *f)
{
	for (size_t i = 0; i < SITES; i++)
		mesh_site_free(f->site[i]);
	free(f);
}

static void
say(struct fixture *f, enum mesh_lane lane, struct bytes_view body)
{
	struct mesh_draft d = { lane, 1, 0, NULL, body };
	uint64_t seq;
	ck_assert_int_eq(mesh_site_append(f->site[0], &d, &seq, f->now), MESH_OK);
	run(f, 10);
}

static void
say_state(struct fixture *f, char value)
{
	char body[] = "\x92\xc4\x06user/a\xa1?";
	body[sizeof body - 2] = value;
	say(f, LANE_STATE, bytes_view(body, sizeof body - 1));
}

static void
meet(struct fixture *f)
{
	struct mesh_path first = path_of(0);
	start(f, 1);
	mesh_site_seed(f->site[1], &first, f->now);
	run(f, 8000);
}

START_TEST(a_later_neighbour_gets_what_was_said_before)
{
	struct fixture *f = one_site();
	say_state(f, '1');
	say(f, LANE_ALERT, bytes_view("\x91\x01", 2));
	meet(f);
	ck_assert_uint_eq(f->heard, 1);
	ck_assert_uint_gt(f->newest_len, 0);
	ck_assert_int_eq(f->newest[f->newest_len - 1], '1');
	end(f);
}
END_TEST

START_TEST(of_a_key_the_newest_is_kept_alone)
{
	struct fixture *f = one_site();
	size_t before = f->shelf[0].count;
	for (char value = '1'; value <= '9'; value++)
		say_state(f, value);
	ck_assert_uint_eq(f->shelf[0].count, before + 1);
	ck_assert(!f->shelf[0].forgot);
	meet(f);
	ck_assert_int_eq(f->newest[f->newest_len - 1], '9');
	end(f);
}
END_TEST

START_TEST(a_full_shelf_gives_what_it_still_has)
{
	struct fixture *f = one_site();
	for (unsigned i = 0; i < MESH_SHELF_ROWS + 20; i++)
		say(f, LANE_ALERT, bytes_view("\x91\x01", 2));
	ck_assert_uint_eq(f->shelf[0].count, MESH_SHELF_ROWS);
	ck_assert(f->shelf[0].forgot);
	run(f, 4000); /* what was just said is said to newcomers beside it */
	meet(f);
	ck_assert_uint_ge(f->heard, MESH_SHELF_ROWS - 8);
	ck_assert_uint_le(f->heard, MESH_SHELF_ROWS);
	end(f);
}
END_TEST

START_TEST(nothing_of_another_is_kept)
{
	struct fixture *f = one_site();
	say_state(f, '1');
	meet(f);
	struct mesh_record r;
	struct mesh_peer self;
	ck_assert(mesh_site_peer(f->site[0], 0, &self)); /* site 1, as site 0 sees it */
	for (size_t i = 0; i < f->shelf[1].count; i++) {
		const struct mesh_shelf_row *row = &f->shelf[1].rows[i];
		ck_assert_int_eq(
		    mesh_record_read(bytes_view(row->bundle, row->len), &r), MESH_OK);
		ck_assert_mem_eq(&r.at.origin, &self.key, sizeof self.key);
	}
	ck_assert_uint_gt(f->shelf[1].count, 0);
	end(f);
}
END_TEST

CHECK_MODULE(mesh_shelf, NULL, a_later_neighbour_gets_what_was_said_before,
    of_a_key_the_newest_is_kept_alone, a_full_shelf_gives_what_it_still_has,
    nothing_of_another_is_kept)
