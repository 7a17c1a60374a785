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

/* 0, or -errno with a line in `wrong`; -ENOENT: there is none. */
static int
read_file(struct daemon *d, struct papers *out, struct bytes_out *wrong)
{
	const struct mesh_options *o = config_get(d->config, &mesh_section, "");
	char line[2 * MESH_CERTIFICATE_MAX + 64];
	struct bytes_out content = bytes_out(line, sizeof line);
	struct bytes_out bytes = bytes_out(out->bytes, sizeof out->bytes);
	int error = statedir_certificate(
	    d->statedir, o->certificate_file, &content, wrong);
	if (error == 0 &&
	    mesh_certificate_of_text(text_written(&content), &bytes) != MESH_OK) {
		text_put(wrong, "certificate: is not one line of meshctl ca sign");
		error = -EINVAL;
	}
	out->len = error == 0 ? bytes.len : 0;
	return error;
}

int
papers_read(struct daemon *d, struct papers *out, struct mesh_now now)
{
	const struct mesh_options *o = config_get(d->config, &mesh_section, "");
	char room[1024];
	struct bytes_out wrong = bytes_out(room, sizeof room);
	out->len = 0;
	if (o->admission != ADMISSION_CA || !sections_authority(o, &out->authority))
		return 0;
	int error = read_file(d, out, &wrong);
	if (error != 0 && error != -ENOENT)
		log_error(
		    d->log, EVENT(DAEMON_FAILED), STRING("what", text_end(&wrong)));
	if (error != 0 && error != -ENOENT)
		return EXIT_CONFIG;
	tell_certificate(d, &out->authority, out, now);
	return 0;
}

/* --- renewed --- */

static void
refuse(struct daemon *d, const char *what)
{
	log_warn(d->log, EVENT(CERTIFICATE_REFUSED), KEY("site", &d->identity.key),
	    STRING("what", what), STRING("hint", "the former one stays in force"));
}

void
papers_reload(struct daemon *d, struct mesh_now now)
{
	char room[1024];
	struct bytes_out wrong = bytes_out(room, sizeof room);
	struct papers papers;
	struct mesh_trust trust;
	mesh_site_trust(d->core, &trust);
	if (trust.admission != ADMISSION_CA)
		return; /* as it was at the start */
	int error = read_file(d, &papers, &wrong);
	if (error != 0) {
		refuse(d, error == -ENOENT ? "there is none" : text_end(&wrong));
		return;
	}
	enum mesh_err err = mesh_site_certificate(
	    d->core, bytes_view(papers.bytes, papers.len), now);
	if (err != MESH_OK) {
		refuse(d, "of another authority, network or site, or not valid now");
		return;
	}
	mesh_site_trust(d->core, &trust);
	log_info(d->log, EVENT(CERTIFICATE_READ),
	    NUMBER("until_s", trust.certified_until_s));
	d->cert_told = 0;
	d->papers_ms = now.ms;
}

/* --- its end --- */

static const char ending_text[] =
    "This site's certificate ends soon; then other sites put this one out.  Have it "
    "signed anew (meshctl ca sign), put the file into place, and reload meshd.";
static const char over_text[] =
    "This site's certificate has ended, so other sites put this one out.  Have it "
    "signed "
    "anew (meshctl ca sign), put the file into place, and reload meshd.";

static void
tell_end(struct daemon *d, const struct mesh_trust *trust)
{
	bool over = trust->certified == CERTIFIED_OVER;
	log_warn(d->log, EVENT(CERTIFICATE_ENDS), KEY("site", &d->identity.key),
	    NUMBER("until_s", trust->certified_until_s),
	    STRING("hint", over ? over_text : ending_text));
	news_alert(d, "certificate.ends", over ? over_text : ending_text);
}

void
papers_chores(struct daemon *d, struct mesh_now now)
{
	enum { LOOK_MS = 60 * 1000, SOON_MS = 1000, SOON_S = 300, DAY_MS = 86400000 };
	struct mesh_trust trust;
	if (now.ms < d->papers_ms)
		return;
	mesh_site_trust(d->core, &trust);
	d->papers_ms = MESH_NEVER;
	if (trust.certified == CERTIFIED_NOT_ASKED)
		return;
	int64_t left_s = trust.certified_until_s - now.unix_ms / 1000;
	d->papers_ms = now.ms + (left_s > 0 && left_s < SOON_S ? SOON_MS : LOOK_MS);
	bool ends = trust.certified == CERTIFIED_ENDING ||
	    trust.certified == CERTIFIED_OVER;
	bool news = d->certified_told != trust.certified || now.ms >= d->ends_again_ms;
	d->certified_told = trust.certified;
	if (!ends || !news)
		return;
	d->ends_again_ms = now.ms + DAY_MS;
	tell_end(d, &trust);
}
