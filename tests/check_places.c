#include "check_mesh.h"
#include "places.h"

static struct mesh_path
at(uint32_t n)
{
	return address_path_v4(0x0a000000 + n, 4470);
}
static const uint8_t witness[3][PLACES_WITNESS] = { { 1 }, { 2 }, { 3 } };

static uint8_t
kind_at(const struct places *p, size_t index)
{
	struct place out;
	return places_at(p, index, &out) ? out.kind : 0;
}

START_TEST(the_best_address_comes_first)
{
	struct places p = { .changed = false };
	struct mesh_path local = at(1), seen = at(2), fixed = at(3);
	places_add(&p, &local, PLACE_LOCAL);
	ck_assert(p.changed);
	places_observed(&p, &seen, witness[0]);
	places_observed(&p, &seen, witness[1]);
	places_add(&p, &fixed, PLACE_STATIC);
	ck_assert_uint_eq(kind_at(&p, 0), PLACE_STATIC);
	ck_assert_uint_eq(kind_at(&p, 1), PLACE_OBSERVED);
	ck_assert_uint_eq(kind_at(&p, 2), PLACE_LOCAL);
	ck_assert_uint_eq(kind_at(&p, 3), 0);
}
START_TEST(one_neighbour_alone_is_not_believed)
{
	struct places p = { .changed = false };
	struct mesh_path lie = at(9), truth = at(2);
	for (int i = 0; i < 20; i++)
		places_observed(&p, &lie, witness[0]);
	ck_assert(!p.changed && kind_at(&p, 0) == 0);
	places_observed(&p, &truth, witness[1]);
	ck_assert(!p.changed);
	places_observed(&p, &truth, witness[2]);
	ck_assert(p.changed && places_have(&p, &truth) && !places_have(&p, &lie));
}
START_TEST(a_mapping_that_moved_replaces_the_old_one)
{
	struct places p = { .changed = false };
	struct mesh_path old = at(2), new = at(3);
	for (int i = 0; i < 2; i++)
		places_observed(&p, &old, witness[i]);
	p.changed = false;
	for (int i = 0; i < 2; i++)
		places_observed(&p, &new, witness[i]);
	ck_assert(p.changed && places_have(&p, &new) && !places_have(&p, &old));
}
START_TEST(an_own_address_is_not_observed)
{
	struct places p = { .changed = false };
	struct mesh_path local = at(1);
	places_add(&p, &local, PLACE_LOCAL);
	p.changed = false;
	for (int i = 0; i < 2; i++)
		places_observed(&p, &local, witness[i]);
	ck_assert(!p.changed);
	places_remove(&p, &local, PLACE_STATIC); /* not as such */
	ck_assert(places_have(&p, &local));
	places_remove(&p, &local, PLACE_LOCAL);
	ck_assert(p.changed && !places_have(&p, &local));
}
START_TEST(more_than_there_is_room_for_are_left_out)
{
	struct places p = { .changed = false };
	for (uint32_t i = 1; i < 20; i++) {
		struct mesh_path path = at(i);
		places_add(&p, &path, PLACE_LOCAL);
	}
	ck_assert_uint_eq(kind_at(&p, PLACES_MAX - 1), PLACE_LOCAL);
	ck_assert_uint_eq(kind_at(&p, PLACES_MAX), 0);
}
CHECK_MODULE(places, NULL, the_best_address_comes_first,
    one_neighbour_alone_is_not_believed, a_mapping_that_moved_replaces_the_old_one,
    an_own_address_is_not_observed, more_than_there_is_room_for_are_left_out)
