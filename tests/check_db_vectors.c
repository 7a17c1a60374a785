#include "check_mesh.h"
#include "store.h"
#include "store_world.h"
#include "text.h"

/* A copy of a released database, opened by today's code. */
static struct store *
open_copy(const char *vector)
{
	size_t len;
	uint8_t *bytes = check_file(vector, &len);
	const char *path = world_path();
	FILE *f = fopen(path, "wb");
	ck_assert(f != NULL && fwrite(bytes, 1, len, f) == len && fclose(f) == 0);
	free(bytes);
	return world_open(path);
}

static size_t
count_of(struct text_view list, const char *word)
{
	size_t count = 0, len = strlen(word);
	for (size_t i = 0; i + len <= list.len; i++)
		count += memcmp(list.ptr + i, word, len) == 0;
	return count;
}

START_TEST(an_empty_database_of_each_release_opens)
{
	struct store *s = open_copy("db/v0.1-empty.db");
	ck_assert_uint_eq(store_counts(s).packets, 0);
	ck_assert_uint_gt(store_counts(s).bytes, 0);
	ck_assert_uint_gt(
	    count_of(world_list(s, STORE_STATE, 100), "\"key\":\"site\""), 0);
	store_close(s);
	world_forget_paths();
}
START_TEST(a_filled_database_of_each_release_shows_what_it_held)
{
	struct store *s = open_copy("db/v0.1-filled.db");
	struct text_view alerts = world_list(s, STORE_ALERTS, 100);
	ck_assert_uint_eq(count_of(alerts, "The gate is open"), 1);
	ck_assert_uint_eq(count_of(alerts, "test.info"), 1);
	struct text_view state = world_list(s, STORE_STATE, 100);
	ck_assert_uint_eq(
	    count_of(state, "\"key\":\"user/gate\",\"value\":\"open\""), 1);
	ck_assert_uint_eq(count_of(state, "\"key\":\"user/level\",\"value\":3"), 1);
	ck_assert_uint_eq(
	    count_of(world_list(s, STORE_PACKETS, 100), "\"receptions\":["), 140);
	store_close(s);
	world_forget_paths();
}
CHECK_MODULE(db_vectors, NULL, an_empty_database_of_each_release_opens,
    a_filled_database_of_each_release_shows_what_it_held)
