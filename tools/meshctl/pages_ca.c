/* ca create, sign, show: the authority of a network whose sites are let in by
 * certificate.  Works on files, asks no daemon: the authority's key belongs on a
 * machine of its own. */
#include "id.h"
#include "meshtrust.h"
#include "pages.h"
#include "text.h"
#include "units.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX = 1024, YEAR_S = 365 * 24 * 3600, ROLES = 15, EARLIER_S = 300 };

static enum exit_code
fail(enum exit_code code, const char *what, const char *which)
{
	fprintf(stderr, "meshctl: %s: %s\n", which, what);
	return code;
}

static const char *
word(const struct arguments *a, const char *name)
{
	return a->word_count > 0 ? a->words[0] : argument(a, name);
}

/* --- files --- */

/* `content` with room for FILE_MAX; false: told why. */
static bool
read_file(const char *path, struct bytes_out *content)
{
	char room[FILE_MAX];
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, room, sizeof room);
	int error = errno;
	if (fd > STDIN_FILENO)
		close(fd);
	if (len < 0) {
		fail(EXIT_NOT_FOUND, strerror(error), path);
		return false;
	}
	bytes_put(content, room, (size_t)len);
	mesh_wipe(room, sizeof room);
	return true;
}

/* Never over what is there: it may be an authority's key. */
static enum exit_code
write_new(const char *path, struct bytes_view content, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return fail(EXIT_FAILED, strerror(errno), path);
	bool good = write(fd, content.ptr, content.len) == (ssize_t)content.len &&
	    fsync(fd) == 0;
	int error = errno;
	good = close(fd) == 0 && good;
	return good ? EXIT_OK : fail(EXIT_FAILED, strerror(error), path);
}

static bool
read_authority(const char *path, struct mesh_identity *out)
{
	char room[FILE_MAX];
	struct bytes_out content = bytes_out(room, sizeof room);
	bool good = read_file(path, &content) &&
	    mesh_identity_read(text_written(&content), out) == MESH_OK;
	if (content.len > 0 && !good)
		fail(EXIT_FAILED, "is no key of meshctl ca create", path);
	mesh_wipe(room, sizeof room);
	return good;
}

/* --- saying it --- */

static void
print_hex(const char *name, const uint8_t *bytes, size_t len, bool json)
{
	printf(json ? ",\"%s\":\"" : "%-12s", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	printf(json ? "\"" : "\n");
}

static void
print_moment(const char *name, uint32_t unix_s, bool json)
{
	char date[32];
	time_t t = (time_t)unix_s;
	struct tm utc;
	gmtime_r(&t, &utc);
	strftime(date, sizeof date, "%Y-%m-%d %H:%M:%SZ", &utc);
	if (json)
		printf(",\"%s_ms\":%llu", name, (unsigned long long)unix_s * 1000);
	else
		printf("%-12s%s\n", name, date);
}

static void
print_certificate(
    const struct options *o, const struct mesh_certificate *c, const char *line)
{
	bool json = o->output != OUTPUT_TABLE;
	char name[MESH_CERTIFICATE_NAME + 1];
	struct bytes_out out = bytes_out(name, sizeof name);
	text_put_clean(&out, bytes_view(c->name, c->name_len), sizeof name - 1);
	text_end(&out);
	if (json)
		printf(
		    "{\"schema\":\"meshd.certificate/1\",\"certificate\":\"%s\"", line);
	if (name[0] != '\0' && !json)
		printf("%-12s%s\n", "name", name);
	print_hex("site", c->site.bytes, sizeof c->site.bytes, json);
	print_hex("network", c->netid, sizeof c->netid, json);
	print_moment("from", c->from_s, json);
	print_moment("until", c->until_s, json);
	printf(json ? ",\"serial\":%llu}\n" : "serial      %llu\n",
	    (unsigned long long)c->serial);
}

/* --- create --- */

enum exit_code
page_ca_create(const struct options *o, const struct arguments *a)
{
	const char *path = word(a, "file");
	struct mesh_identity authority;
	uint8_t seed[32];
	char room[FILE_MAX];
	struct bytes_out text = bytes_out(room, sizeof room);
	if (path == NULL)
		return fail(EXIT_USAGE, "needs a file for the new key", "ca create");
	if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		return fail(EXIT_FAILED, strerror(errno), "randomness");
	mesh_identity_of(seed, &authority);
	mesh_identity_write(&authority, &text);
	enum exit_code code = write_new(path, bytes_written(&text), 0600);
	bool json = o->output != OUTPUT_TABLE;
	if (code == EXIT_OK && json)
		printf("{\"schema\":\"meshd.authority/1\"");
	if (code == EXIT_OK)
		print_hex("ca", authority.key.bytes, sizeof authority.key.bytes, json);
	if (code == EXIT_OK && json)
		printf("}\n");
	if (code == EXIT_OK && !json && !o->quiet)
		printf("\nKeep %s off the network; every site's meshd.conf gets:\n\n"
		       "    [mesh]\n    admission = ca\n    ca = (the key above)\n",
		    path);
	mesh_wipe(seed, sizeof seed);
	mesh_wipe(room, sizeof room);
	mesh_identity_wipe(&authority);
	return code;
}

/* --- sign --- */

static bool
take_hex(const struct arguments *a, const char *name, uint8_t *to, size_t len)
{
	const char *value = argument(a, name);
	struct bytes_out out = bytes_out(to, len);
	if (value != NULL && text_hex_decode(text(value), &out) == MESH_OK &&
	    out.len == len)
		return true;
	fprintf(stderr,
	    "meshctl: ca sign: --%s: %zu hex digits, see meshctl key show\n", name,
	    2 * len);
	return false;
}

static bool
take_time(const struct arguments *a, struct mesh_certificate *c)
{
	const char *value = argument(a, "for");
	int64_t ms = (int64_t)YEAR_S * 1000, now = (int64_t)time(NULL);
	if (value != NULL &&
	    (units_parse(text(value), UNIT_MS, &ms) != MESH_OK || ms < 1000 ||
		now + ms / 1000 > UINT32_MAX)) {
		fprintf(stderr, "meshctl: ca sign: --for: a span such as 90d\n");
		return false;
	}
	c->from_s = (uint32_t)(now - EARLIER_S); /* clocks differ */
	c->until_s = (uint32_t)(now + ms / 1000);
	return true;
}

static bool
take_certificate(const struct arguments *a, struct mesh_certificate *c)
{
	const char *name = argument(a, "name");
	*c = (struct mesh_certificate){ .roles = ROLES };
	if (name != NULL && strlen(name) > sizeof c->name) {
		fprintf(stderr, "meshctl: ca sign: --name: at most %zu bytes\n",
		    sizeof c->name);
		return false;
	}
	if (name != NULL) {
		c->name_len = (uint8_t)strlen(name);
		memcpy(c->name, name, c->name_len);
	}
	return take_hex(a, "site", c->site.bytes, sizeof c->site.bytes) &&
	    take_hex(a, "network", c->netid, sizeof c->netid) && take_time(a, c) &&
	    getrandom(&c->serial, sizeof c->serial, 0) == (ssize_t)sizeof c->serial;
}

enum exit_code
page_ca_sign(const struct options *o, const struct arguments *a)
{
	const char *path = word(a, "file"), *to = argument(a, "out");
	struct mesh_identity authority;
	struct mesh_certificate c;
	uint8_t bytes[MESH_CERTIFICATE_MAX];
	char line[2 * sizeof bytes + 2];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct bytes_out text = bytes_out(line, sizeof line);
	if (path == NULL)
		return fail(EXIT_USAGE, "needs the authority's file", "ca sign");
	if (!take_certificate(a, &c))
		return EXIT_USAGE;
	if (!read_authority(path, &authority))
		return EXIT_FAILED;
	enum mesh_err err = mesh_certificate_sign(&c, &authority, &out);
	mesh_identity_wipe(&authority);
	if (err != MESH_OK)
		return fail(EXIT_FAILED, "the name is no text", "ca sign");
	text_put_hex(&text, bytes_written(&out));
	text_end(&text);
	if (to == NULL && o->output == OUTPUT_TABLE) {
		printf("%s\n", line);
		return EXIT_OK;
	}
	if (to != NULL) {
		text_put(&text, "\n");
		enum exit_code code = write_new(to, bytes_written(&text), 0644);
		line[text.len - 1] = '\0';
		if (code != EXIT_OK)
			return code;
	}
	if (!o->quiet || o->output != OUTPUT_TABLE)
		print_certificate(o, &c, line);
	return EXIT_OK;
}

/* --- show --- */

enum exit_code
page_ca_show(const struct options *o, const struct arguments *a)
{
	const char *path = word(a, "file");
	struct mesh_certificate c;
	char room[FILE_MAX], line[2 * MESH_CERTIFICATE_MAX + 1];
	uint8_t bytes[MESH_CERTIFICATE_MAX];
	struct bytes_out content = bytes_out(room, sizeof room);
	struct bytes_out cert = bytes_out(bytes, sizeof bytes);
	struct bytes_out text = bytes_out(line, sizeof line);
	if (path == NULL)
		return fail(EXIT_USAGE, "needs a certificate's file", "ca show");
	if (!read_file(path, &content))
		return EXIT_NOT_FOUND;
	if (mesh_certificate_of_text(text_written(&content), &cert) != MESH_OK ||
	    mesh_certificate_read(bytes_written(&cert), &c) != MESH_OK)
		return fail(EXIT_FAILED, "is no certificate of meshctl ca sign", path);
	text_put_hex(&text, bytes_written(&cert));
	text_end(&text);
	print_certificate(o, &c, line);
	return time(NULL) > (time_t)c.until_s ? EXIT_DEGRADED : EXIT_OK;
}
