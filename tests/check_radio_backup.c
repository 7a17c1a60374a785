#include "check_mesh.h"
#include "radio_backup.h"
#include <stdio.h>
#include <unistd.h>

static void
nothing(void)
{
}

static json_t *
parsed(const char *json)
{
	json_t *value = json_loads(json, 0, NULL);
	ck_assert_msg(value != NULL, "%s", json);
	return value;
}

START_TEST(files_that_are_not_ours_say_why)
{
	/* clang-format off */
	static const struct { const char *content, *says; } row[] = {
		{ "{\"schema\": ", ":1:11: " },
		{ "[1]", "schema missing" },
		{ "{\"schema\":\"meshd.nodes/1\"}", "schema meshd.nodes/1" },
		{ "{\"schema\":\"meshd.radio_backup/1\",\"network\":\"sim\"}", "network" },
		{ "{\"schema\":\"meshd.radio_backup/1\",\"network\":\"meshtastic\"}", "settings" },
		{ "{\"schema\":\"meshd.radio_backup/1\",\"network\":\"meshtastic\",\"settings\":[]}", "settings" },
		{ "{\"schema\":\"meshd.radio_backup/1\",\"schema\":\"x\"}", "duplicate" },
		{ "{\"schema\":\"meshd.radio_backup/1\",\"network\":\"meshtastic\",\"settings\":{\"position\":{},"
		  "\"fixed_position\":{\"latitude_i\":1,\"longitude_i\":2}}}", "position.fixed_position is true" },
	}; /* clang-format on */
	char path[] = "/tmp/backup-XXXXXX", why[256];
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < LENGTH(row); i++) {
		FILE *file = fopen(path, "w");
		ck_assert(file != NULL && fputs(row[i].content, file) >= 0);
		fclose(file);
		ck_assert_ptr_null(radio_backup_read(path, why, sizeof why));
		ck_assert_msg(
		    strstr(why, row[i].says) != NULL && strstr(why, path) == why, "%s",
		    why);
	}
	close(fd);
	unlink(path);
	ck_assert_ptr_null(radio_backup_read(path, why, sizeof why));
	ck_assert_msg(strstr(why, path) != NULL, "%s", why);
}
START_TEST(what_was_not_told_is_not_in_the_file)
{
	json_t *items = parsed(
	    "[{\"section\":\"lora\",\"told\":true,\"values\":{\"a\":1}},"
	    "{\"section\":\"tak\",\"told\":false,\"values\":{}}]");
	json_t *radio = parsed("{\"node\":{\"id\":\"!00000010\"}}");
	json_t *made = radio_backup_make(items, radio, 5);
	json_t *settings = json_object_get(made, "settings");
	ck_assert_uint_eq(json_object_size(settings), 1);
	ck_assert(json_object_get(settings, "lora") != NULL);
	ck_assert_int_eq(json_integer_value(json_object_get(made, "exported_ms")), 5);
	json_decref(made);
	json_decref(radio);
	json_decref(items);
}
START_TEST(secrets_are_counted_at_any_depth)
{
	json_t *s = parsed(
	    "{\"a\":{\"k\":null},\"b\":{\"c\":{\"k\":null,\"n\":1}},\"d\":{}}");
	ck_assert_uint_eq(radio_backup_secrets(s), 2);
	json_decref(s);
}
START_TEST(lines_have_dotted_names)
{
	static const char *const row[][2] = { { "b.c.k", "(secret)" }, { "b.n", "1" },
		{ "e", "(defaults)" }, { "f", "(not told)" } };
	json_t *items = parsed("[{\"section\":\"b\",\"told\":true,\"values\":{\"c\":{"
			       "\"k\":null},\"n\":\"1\"}},"
			       "{\"section\":\"e\",\"told\":true,\"values\":{}},"
			       "{\"section\":\"f\",\"told\":false,\"values\":{}}]");
	json_t *lines = radio_backup_lines(items);
	ck_assert_uint_eq(json_array_size(lines), LENGTH(row));
	for (size_t i = 0; i < LENGTH(row); i++) {
		const json_t *line = json_array_get(lines, i);
		ck_assert_str_eq(
		    json_string_value(json_object_get(line, "name")), row[i][0]);
		ck_assert_str_eq(
		    json_string_value(json_object_get(line, "value")), row[i][1]);
	}
	json_decref(lines);
	json_decref(items);
}
CHECK_MODULE(radio_backup, nothing, files_that_are_not_ours_say_why,
    what_was_not_told_is_not_in_the_file, secrets_are_counted_at_any_depth,
    lines_have_dotted_names)
