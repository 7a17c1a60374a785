#include "check_mesh.h"
#include "moving.h"
#include "text.h"
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whatever a power cut leaves of a move, the next start makes the same of it. */

static char base[200], room[1024], left[STATEDIR_PATH];
static struct statedir *dir;
static struct bytes_out complaint;
static struct mesh_network old, next;

static const char *
at(const char *name)
{
	static char path[4][512];
	static size_t turn;
	char *to = path[turn++ % LENGTH(path)];
	snprintf(to, sizeof path[0], "%s/%s", base, name);
	return to;
}

static void
put(const char *name, struct text_view content)
{
	FILE *f = fopen(at(name), "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(content.ptr, 1, content.len, f), content.len);
	fclose(f);
}

static bool
is_there(const char *name)
{
	struct stat st;
	return lstat(at(name), &st) == 0;
}

static bool
holds(const char *name, struct text_view content)
{
	char file[2048];
	FILE *f = fopen(at(name), "r");
	if (f == NULL)
		return false;
	size_t len = fread(file, 1, sizeof file, f);
	fclose(f);
	return len == content.len && memcmp(file, content.ptr, len) == 0;
}

static struct text_view
file_of(const struct mesh_network *n)
{
	static char text_room[2][1024];
	static size_t turn;
	struct bytes_out out = bytes_out(text_room[turn++ % 2], sizeof text_room[0]);
	mesh_network_write(n, &out);
	return text_written(&out);
}

static struct bytes_view
bytes_of(struct text_view v)
{
	return bytes_view(v.ptr, v.len);
}

static const char *
left_name(const char *rest)
{
	static char name[2][64];
	static size_t turn;
	char hex[9], *to = name[turn++ % 2];
	struct bytes_out out = bytes_out(hex, sizeof hex);
	text_put_hex(&out, bytes_view(old.id, 4));
	snprintf(to, sizeof name[0], "left-%s%s", text_end(&out), rest);
	return to;
}

/* A site with a database, as its daemon leaves it. */
static void
setup(void)
{
	uint8_t seed[32] = { 1 }, random48[48] = { 2 };
	struct mesh_identity identity;
	const char *tmp = getenv("TMPDIR");
	statedir_close(dir);
	dir = NULL;
	snprintf(base, sizeof base, "%.100s/check_moving.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(base));
	complaint = bytes_out(room, sizeof room);
	ck_assert_int_eq(statedir_open(&dir, base, &complaint), 0);
	mesh_identity_of(seed, &identity);
	mesh_network_of(&identity.key, random48, false, &old);
	random48[0] = 3;
	mesh_network_of(&identity.key, random48, false, &next);
	put("network", file_of(&old));
	put("identity.key", text("me"));
	put("meshd.db", text("records"));
	put("meshd.db-wal", text("more"));
	put("meshd.db-said", text("told"));
}

static void
prepare(void)
{
	ck_assert_int_eq(
	    moving_prepare(dir, text(""), 41, bytes_of(file_of(&next))), 0);
}

static void
finish(void)
{
	int error = moving_finish(dir, text(""), left, &complaint);
	ck_assert_msg(error == 0, "%s", text_end(&complaint));
}

static void
assert_moved(const char *folder)
{
	char name[128];
	ck_assert(holds("network", file_of(&next)));
	ck_assert(holds("identity.key", text("me")));
	ck_assert(!is_there("meshd.db") && !is_there("meshd.db-wal"));
	ck_assert(!is_there("meshd.db-said") && !is_there("network.next"));
	snprintf(name, sizeof name, "%s/meshd.db", folder);
	ck_assert(holds(name, text("records")));
	snprintf(name, sizeof name, "%s/meshd.db-wal", folder);
	ck_assert(holds(name, text("more")));
	snprintf(name, sizeof name, "%s/network", folder);
	ck_assert(holds(name, file_of(&old)));
}

START_TEST(without_a_decision_nothing_moves)
{
	finish();
	ck_assert_str_eq(left, "");
	ck_assert(holds("network", file_of(&old)) && is_there("meshd.db"));
	ck_assert_uint_eq(moving_boot(dir), 0);
}
START_TEST(what_was_known_is_left_behind_and_the_identity_goes_along)
{
	struct stat st;
	prepare();
	ck_assert_msg(holds("network", file_of(&old)), "moved before its next start");
	finish();
	assert_moved(left_name(""));
	ck_assert_str_eq(left, at(left_name("")));
	ck_assert(stat(at("network"), &st) == 0 && (st.st_mode & 0777) == 0600);
	ck_assert_uint_eq(moving_boot(dir), 41);
	moving_boot_kept(dir);
	ck_assert_uint_eq(moving_boot(dir), 0);
	finish(); /* and only once */
	ck_assert_str_eq(left, "");
}

/* The steps of a move, in order; a cut comes before any of them. */
static void
step_folder(void)
{
	ck_assert_int_eq(mkdir(at(left_name("")), 0750), 0);
}
static void
step_network(void)
{
	char name[128];
	snprintf(name, sizeof name, "%s/network", left_name(""));
	put(name, file_of(&old));
}
static void
move_into_left(const char *file)
{
	char name[128];
	snprintf(name, sizeof name, "%s/%s", left_name(""), file);
	ck_assert_int_eq(rename(at(file), at(name)), 0);
}
static void
step_wal(void)
{
	move_into_left("meshd.db-wal");
}
static void
step_said(void)
{
	move_into_left("meshd.db-said");
}
static void
step_database(void)
{
	move_into_left("meshd.db");
}
static void
step_new_network(void)
{
	put("network", file_of(&next));
}
static void (*const steps[])(void) = { step_folder, step_network, step_wal, step_said,
	step_database, step_new_network };

START_TEST(a_cut_before_any_step_ends_in_the_same_place)
{
	for (size_t cut = 0; cut <= LENGTH(steps); cut++) {
		setup();
		prepare();
		for (size_t i = 0; i < cut; i++)
			steps[i]();
		finish();
		assert_moved(left_name(""));
	}
}
START_TEST(a_second_stay_in_the_same_network_does_not_overwrite_the_first)
{
	char name[128];
	step_folder();
	snprintf(name, sizeof name, "%s/meshd.db", left_name(""));
	put(name, text("of the first stay"));
	prepare();
	finish();
	assert_moved(left_name("-2"));
	ck_assert(holds(name, text("of the first stay")));
}
START_TEST(a_network_file_that_cannot_be_written_is_told_before_anything_moves)
{
	struct text_view nowhere = text("/nonexistent/network");
	ck_assert_int_lt(moving_prepare(dir, nowhere, 41, bytes_of(file_of(&next))), 0);
	ck_assert(!is_there("network.next"));
}
START_TEST(a_network_file_elsewhere_is_replaced_there)
{
	char elsewhere[256];
	snprintf(elsewhere, sizeof elsewhere, "%s/etc", base);
	ck_assert_int_eq(mkdir(elsewhere, 0750), 0);
	ck_assert_int_eq(rename(at("network"), at("etc/network")), 0);
	snprintf(elsewhere, sizeof elsewhere, "%s/etc/network", base);
	ck_assert_int_eq(
	    moving_prepare(dir, text(elsewhere), 41, bytes_of(file_of(&next))), 0);
	ck_assert_int_eq(moving_finish(dir, text(elsewhere), left, &complaint), 0);
	ck_assert(holds("etc/network", file_of(&next)));
	ck_assert(!is_there("network") && !is_there("meshd.db"));
}
CHECK_MODULE(moving, setup, without_a_decision_nothing_moves,
    what_was_known_is_left_behind_and_the_identity_goes_along,
    a_cut_before_any_step_ends_in_the_same_place,
    a_second_stay_in_the_same_network_does_not_overwrite_the_first,
    a_network_file_that_cannot_be_written_is_told_before_anything_moves,
    a_network_file_elsewhere_is_replaced_there)
