#include "papers.h"
#include "id.h"
#include "text.h"
#include <errno.h>

/* What does not admit us is told and shown all the same: the others decide, and the
 * clock may be wrong. */
static void
tell_certificate(struct daemon *d, const struct mesh_key *authority,
    const struct papers *papers, struct mesh_now now)
{
	struct mesh_certificate c;
	const char *wrong = NULL;
	uint64_t now_s = now.unix_ms > 0 ? (uint64_t)now.unix_ms / 1000 : 0;
	if (papers->len == 0)
		wrong = "there is none: have one signed with meshctl ca sign";
	else if (mesh_certificate_check(bytes_view(papers->bytes, papers->len),
		     authority, d->network.id, &c) != MESH_OK)
		wrong = "of another authority, or for another network";
	else if (!key_equal(&c.site, &d->identity.key))
		wrong = "of another site";
	else if (now_s < c.from_s)
		wrong = "not valid yet, or this clock is wrong";
	else if (now_s > c.until_s)
		wrong = "expired";
	if (wrong != NULL)
		log_warn(d->log, EVENT(CERTIFICATE_REFUSED),
		    KEY("site", &d->identity.key), STRING("what", wrong),
		    STRING("hint", "other sites will not let this one in"));
	else
		log_info(d->log, EVENT(CERTIFICATE_READ), KEY("authority", authority),
		    NUMBER("until_s", c.until_s));
}

int
papers_read(struct daemon *d, struct papers *out, struct mesh_now now)
{
	const struct mesh_options *o = config_get(d->config, &mesh_section, "");
	char line[2 * MESH_CERTIFICATE_MAX + 64], room[1024];
	struct bytes_out content = bytes_out(line, sizeof line);
	struct bytes_out wrong = bytes_out(room, sizeof room);
	struct bytes_out bytes = bytes_out(out->bytes, sizeof out->bytes);
	out->len = 0;
	if (o->admission != ADMISSION_CA || !sections_authority(o, &out->authority))
		return 0;
	int error = statedir_certificate(
	    d->statedir, o->certificate_file, &content, &wrong);
	if (error == 0 &&
	    mesh_certificate_of_text(text_written(&content), &bytes) != MESH_OK) {
		text_put(&wrong, "certificate: is not one line of meshctl ca sign");
		error = -EINVAL;
	}
	if (error != 0 && error != -ENOENT)
		log_error(
		    d->log, EVENT(DAEMON_FAILED), STRING("what", text_end(&wrong)));
	if (error != 0 && error != -ENOENT)
		return EXIT_CONFIG;
	out->len = error == 0 ? bytes.len : 0;
	tell_certificate(d, &out->authority, out, now);
	return 0;
}
