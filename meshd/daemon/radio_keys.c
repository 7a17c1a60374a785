#include "radio_keys.h"
#include "secret_file.h"
#include "text.h"
#include <errno.h>
#include <limits.h>
#include <string.h>

/* 0, or -errno with what is wrong. */
static int
read_file(struct daemon *d, const char *path, struct bytes_out *content,
    struct bytes_out *wrong)
{
	bool protected = false;
	int error = secret_file_read(path, content, &protected);
	if (protected)
		log_warn(d->log, EVENT(FILE_PROTECTED), STRING("path", path));
	if (error == 0 && content->len == content->cap) {
		text_put(wrong, "longer than any keys file");
		return -EFBIG;
	}
	if (error != 0)
		text_put(wrong, strerror(-error));
	return error;
}

void
radio_keys_read(struct daemon *d, const char *radio, struct radio_section *section,
    char room[static RADIO_KEYS_BYTES])
{
	char path[PATH_MAX], wrong_room[160];
	struct bytes_out content = bytes_out(room, RADIO_KEYS_BYTES);
	struct bytes_out at = bytes_out(path, sizeof path);
	struct bytes_out wrong = bytes_out(wrong_room, sizeof wrong_room);
	if (section->keys_file.len == 0)
		return;
	text_put_view(&at, section->keys_file);
	if (read_file(d, text_end(&at), &content, &wrong) == 0 &&
	    radio_keys_check(text_written(&content), &wrong)) {
		section->keys = text_written(&content);
		return;
	}
	log_error(d->log, EVENT(RADIO_KEYS_REFUSED), STRING("radio", radio),
	    STRING("file", path), STRING("what", text_end(&wrong)),
	    STRING("hint", "the radio is used without them"));
}
