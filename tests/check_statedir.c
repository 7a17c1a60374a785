#include "check_mesh.h"
#include "conf_files.h"
#include "id.h"
#include "statedir.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[256], folder[300], room[1024];
static struct bytes_out complaint;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(
	    base, sizeof base, "%s/check_statedir.XXXXXX", tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(base));
	snprintf(folder, sizeof folder, "%s/a/b", base);
	complaint = bytes_out(room, sizeof room);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;
	ck_assert_msg(stat(path, &st) == 0, "%s", path);
	return st.st_mode & 0777;
}

static void
put_file(const char *name, const char *content)
{
	char path[600];
	snprintf(path, sizeof path, "%s/%s", base, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(content, f);
	fclose(f);
}

START_TEST(one_daemon_per_folder)
{
	struct statedir *first = NULL, *second = NULL;
	ck_assert_int_eq(statedir_open(&first, folder, &complaint), 0);
	ck_assert_uint_eq(mode_of(folder), 0750);
	ck_assert_int_eq(statedir_open(&second, folder, &complaint), -EBUSY);
	char pid[32];
	snprintf(pid, sizeof pid, "process %ld)", (long)getpid());
	text_end(&complaint);
	ck_assert_msg(
	    strstr(room, pid) != NULL && strstr(room, folder) != NULL, "%s", room);
	statedir_close(first);
	ck_assert_int_eq(statedir_open(&second, folder, &complaint), 0);
	statedir_close(second);
}
START_TEST(a_file_where_the_folder_should_be_is_named)
{
	struct statedir *d = NULL;
	put_file("a", "x");
	ck_assert_int_lt(statedir_open(&d, folder, &complaint), 0);
	ck_assert(strstr(text_end(&complaint), "/a") != NULL);
}
START_TEST(a_file_to_lock_is_for_the_group_and_stays)
{
	struct stat first, second;
	char path[sizeof base + 16];
	snprintf(path, sizeof path, "%s/x.lock", base);
	ck_assert_int_eq(statedir_lock_file(base, "x.lock", &complaint), 0);
	ck_assert_uint_eq(mode_of(path), 0660);
	ck_assert_int_eq(stat(path, &first), 0);
	ck_assert_int_eq(statedir_lock_file(base, "x.lock", &complaint), 0);
	ck_assert_int_eq(stat(path, &second), 0);
	ck_assert_uint_eq(first.st_ino, second.st_ino);
	ck_assert_int_eq(statedir_lock_file(folder, "x.lock", &complaint), -ENOENT);
	ck_assert(strstr(text_end(&complaint), "/x.lock: cannot be made") != NULL);
}
START_TEST(an_identity_is_made_once_and_stays)
{
	struct statedir *d = NULL;
	struct mesh_identity a, b;
	struct statedir_file file;
	ck_assert_int_eq(statedir_open(&d, folder, &complaint), 0);
	ck_assert_int_eq(statedir_identity(d, &a, &file, &complaint), 0);
	ck_assert_int_eq(file.made, STATEDIR_CREATED);
	ck_assert_uint_eq(mode_of(file.path), 0600);
	ck_assert_int_eq(chmod(file.path, 0644), 0);
	ck_assert_int_eq(statedir_identity(d, &b, &file, &complaint), 0);
	ck_assert(file.made == STATEDIR_FOUND && file.protected);
	ck_assert_uint_eq(mode_of(file.path), 0600);
	ck_assert(key_equal(&a.key, &b.key));
	FILE *f = fopen(file.path, "w");
	fputs("nonsense\n", f);
	fclose(f);
	ck_assert_int_eq(statedir_identity(d, &b, &file, &complaint), -EINVAL);
	ck_assert(strstr(text_end(&complaint), "identity.key") != NULL);
	statedir_close(d);
}
START_TEST(a_network_is_founded_once_and_can_be_copied)
{
	struct statedir *d = NULL;
	struct mesh_identity self;
	struct mesh_network a, b;
	struct statedir_file file;
	ck_assert_int_eq(statedir_open(&d, folder, &complaint), 0);
	ck_assert_int_eq(statedir_identity(d, &self, &file, &complaint), 0);
	struct statedir_founding f = { .founder = &self.key, .demo = true };
	ck_assert_int_eq(statedir_network(d, &f, &a, &file, &complaint), 0);
	ck_assert(file.made == STATEDIR_CREATED && a.demo);
	ck_assert_uint_eq(mode_of(file.path), 0600);
	char copy[4200];
	snprintf(copy, sizeof copy, "%s", file.path);
	f = (struct statedir_founding){ .path = text(copy), .founder = &self.key };
	ck_assert_int_eq(statedir_network(d, &f, &b, &file, &complaint), 0);
	ck_assert(file.made == STATEDIR_FOUND && b.demo);
	ck_assert_mem_eq(a.id, b.id, sizeof a.id);
	put_file("bad", "founder = 12\n");
	snprintf(copy, sizeof copy, "%s/bad", base);
	f.path = text(copy);
	ck_assert_int_eq(statedir_network(d, &f, &b, &file, &complaint), -EINVAL);
	ck_assert(strstr(text_end(&complaint), "bad: line 1") != NULL);
	statedir_close(d);
}
START_TEST(a_network_file_is_replaced_whole_and_stays_secret)
{
	struct statedir *d;
	struct statedir_file file;
	struct mesh_identity identity;
	struct mesh_network made, back;
	char text_room[1024], path[700];
	struct bytes_out out = bytes_out(text_room, sizeof text_room);
	ck_assert_int_eq(statedir_open(&d, folder, &complaint), 0);
	ck_assert_int_eq(statedir_identity(d, &identity, &file, &complaint), 0);
	struct statedir_founding founding = { .founder = &identity.key };
	ck_assert_int_eq(statedir_network(d, &founding, &made, &file, &complaint), 0);
	ck_assert(mesh_network_offer(&made, (const uint8_t[32]){ 9 }, 1765432100000));
	mesh_network_write(&made, &out);
	struct text_view here = text("");
	ck_assert_int_eq(statedir_keep_network(d, here, bytes_written(&out)), 0);
	snprintf(path, sizeof path, "%s/network", folder);
	ck_assert_int_eq(mode_of(path), 0600);
	ck_assert_int_eq(statedir_network(d, &founding, &back, &file, &complaint), 0);
	ck_assert(back.has_next && back.next[0] == 9);
	ck_assert_uint_eq(back.next_after_ms, 1765432100000);
	struct text_view nowhere = text("/nonexistent/network");
	ck_assert_int_lt(statedir_keep_network(d, nowhere, bytes_written(&out)), 0);
	statedir_close(d);
}
START_TEST(all_sources_come_in_order)
{
	struct conf_files files;
	char path[300], sub[300];
	char e1[] = "MESHD_MESH__PORT=3", e2[] = "HOME=/";
	char *const environment[] = { e1, e2, NULL };
	const char *const sets[] = { "mesh.port=4", "a.b=c" };
	snprintf(path, sizeof path, "%s/meshd.conf", base);
	snprintf(sub, sizeof sub, "%s/conf.d", base);
	ck_assert_int_eq(mkdir(sub, 0700), 0);
	put_file("meshd.conf", "one");
	static const char *const names[] = { "50", "20", "40", "10", "30" };
	for (size_t i = 0; i < LENGTH(names); i++) {
		char name[32];
		snprintf(name, sizeof name, "conf.d/%s.conf", names[i]);
		put_file(name, names[i]);
	}
	put_file("conf.d/.hidden.conf", "x");
	put_file("conf.d/10.conf~", "x");
	struct conf_files_params p = { path, true, sets, 2, environment };
	ck_assert_int_eq(conf_files_read(&files, &p, &complaint), 0);
	static const char *const files_of[] = { "one", "10", "20", "30", "40", "50" };
	ck_assert_uint_eq(files.count, 8);
	ck_assert_uint_eq(files.file_count, LENGTH(files_of));
	for (size_t i = 0; i < LENGTH(files_of); i++)
		ck_assert(text_is(files.sources[i].text, files_of[i]));
	ck_assert(files.sources[6].kind == CONF_ENVIRONMENT &&
	    files.sources[6].text.len == sizeof e1);
	ck_assert(files.sources[7].kind == CONF_ARGUMENTS &&
	    files.sources[7].text.len == strlen("mesh.port=4") + strlen("a.b=c") + 2);
	conf_files_free(&files);
}
START_TEST(a_missing_file_is_a_fault_only_when_asked_for)
{
	struct conf_files files;
	char path[300];
	snprintf(path, sizeof path, "%s/none.conf", base);
	struct conf_files_params p = { path, false, NULL, 0, NULL };
	ck_assert_int_eq(conf_files_read(&files, &p, &complaint), 0);
	ck_assert_uint_eq(files.count, 0);
	conf_files_free(&files);
	p.required = true;
	ck_assert_int_eq(conf_files_read(&files, &p, &complaint), -ENOENT);
	ck_assert(strstr(text_end(&complaint), "none.conf: No such file") != NULL);
	complaint = bytes_out(room, sizeof room);
	p.path = base;
	ck_assert_int_eq(conf_files_read(&files, &p, &complaint), -EISDIR);
}
CHECK_MODULE(statedir, setup, one_daemon_per_folder,
    a_file_where_the_folder_should_be_is_named,
    a_file_to_lock_is_for_the_group_and_stays, an_identity_is_made_once_and_stays,
    a_network_is_founded_once_and_can_be_copied,
    a_network_file_is_replaced_whole_and_stays_secret, all_sources_come_in_order,
    a_missing_file_is_a_fault_only_when_asked_for)
