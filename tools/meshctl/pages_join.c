/* Who belongs: what is asked before it is done, tokens from the standard input, and the
 * wait until the daemon is there again. */
#include "client.h"
#include "document.h"
#include "errors.h"
#include "pages.h"
#include "qr.h"
#include "tables.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TOKEN_MAX = 600, JOIN_MS = 30 * 1000, BACK_MS = 20 * 1000, LOOK_MS = 100 };

/* "yes" is needed where nobody can be asked. */
static enum exit_code
confirm(const struct arguments *a, const char *question)
{
	char answer[8];
	if (argument(a, "yes") != NULL)
		return EXIT_OK;
	if (!isatty(STDIN_FILENO)) {
		fprintf(
		    stderr, "meshctl: nobody can be asked here: say --yes to go on\n");
		return EXIT_USAGE;
	}
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof answer, stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y'))
		return EXIT_OK;
	fprintf(stderr, "meshctl: nothing was done\n");
	return EXIT_FAILED;
}

static char *
dump_and_free(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

/* The answer as the API gave it, or as lines for people. */
static enum exit_code
print_answer(const struct options *o, const struct reply *r)
{
	enum exit_code code = EXIT_OK;
	if (o->output != OUTPUT_TABLE) {
		document_print_text((struct text_view){ r->body, r->len });
		return code;
	}
	json_t *answer = errors_answer(o, r, &code);
	if (answer != NULL && !o->quiet)
		object_print(
		    o, answer, json_integer_value(member_at(answer, "generated_at")));
	json_decref(answer);
	return code;
}

static enum exit_code
post(const struct options *o, const char *path, const char *body)
{
	struct reply r = client_ask(o, "POST", path, body);
	enum exit_code code = errors_report(o, &r);
	if (code == EXIT_OK)
		code = print_answer(o, &r);
	reply_free(&r);
	return code;
}

/* --- invite create --- */

static void
print_invite(const json_t *invite, bool qr)
{
	char until[64] = "?";
	const char *token = json_string_value(member_at(invite, "token"));
	time_t end = (time_t)(json_integer_value(member_at(invite, "expires_ms")) /
	    1000);
	struct tm local;
	long long uses = json_integer_value(member_at(invite, "uses"));
	if (localtime_r(&end, &local) != NULL)
		(void)strftime(until, sizeof until, "%a %d %b %H:%M", &local);
	printf("%s\n", token != NULL ? token : "");
	bool colours = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	if (qr && token != NULL && !qr_print(token, colours))
		fprintf(stderr, "meshctl: too long for a QR code\n");
	fflush(stdout);
	fprintf(stderr,
	    "\nGood for %lld site%s until %s.  There:  meshctl join -\n"
	    "and then the token, which is a secret until it is used up.\n",
	    uses, uses == 1 ? "" : "s", until);
}

static char *
invite_body(const struct arguments *a)
{
	json_t *body = json_object();
	const char *uses = argument(a, "uses"), *expires = argument(a, "expires");
	char *end = NULL;
	long count = uses != NULL ? strtol(uses, &end, 10) : 0;
	if (uses != NULL)
		json_object_set_new(body, "uses",
		    end != uses && *end == '\0' ? json_integer(count)
						: json_string(uses));
	if (expires != NULL)
		json_object_set_new(body, "expires", json_string(expires));
	return dump_and_free(body);
}

enum exit_code
page_invite_create(const struct options *o, const struct arguments *a)
{
	char *body = invite_body(a);
	struct reply r = client_ask(o, "POST", "/invites", body);
	enum exit_code code;
	json_t *invite = errors_answer(o, &r, &code);
	if (invite != NULL && o->output != OUTPUT_TABLE)
		document_print_text((struct text_view){ r.body, r.len });
	else if (invite != NULL)
		print_invite(invite, argument(a, "qr") != NULL);
	json_decref(invite);
	reply_free(&r);
	free(body);
	return code;
}

/* --- join, leave --- */

static struct options
patient(const struct options *o)
{
	struct options p = *o;
	if (!p.timeout_given)
		p.timeout_ms = JOIN_MS;
	return p;
}

/* The daemon restarts itself: it is there again when it says that it is in that
 * network. */
static bool
is_there(const struct options *o, const char *network)
{
	struct options quick = *o;
	quick.timeout_ms = 1000;
	struct reply key = client_ask(&quick, "GET", "/key", NULL);
	json_t *is = errors_glance(&key);
	const char *in = json_string_value(member_at(is, "network"));
	bool there = in != NULL && strcmp(in, network) == 0;
	json_decref(is);
	reply_free(&key);
	return there;
}

static enum exit_code
wait_there(const struct options *o, const char *network)
{
	for (int waited = 0; waited < BACK_MS; waited += LOOK_MS) {
		if (is_there(o, network))
			return EXIT_OK;
		nanosleep(&(struct timespec){ 0, LOOK_MS * 1000000L }, NULL);
	}
	fprintf(stderr,
	    "meshctl: the move is decided, but meshd is not back yet: see its log\n");
	return EXIT_TIMEOUT;
}

static enum exit_code
move(const struct options *o, const char *path, const char *body, const char *said)
{
	struct options p = patient(o);
	struct reply r = client_ask(&p, "POST", path, body);
	enum exit_code code;
	json_t *answer = errors_answer(o, &r, &code);
	const char *network = json_string_value(member_at(answer, "network"));
	if (network != NULL)
		code = wait_there(o, network);
	if (code == EXIT_OK && o->output != OUTPUT_TABLE)
		document_print_text((struct text_view){ r.body, r.len });
	else if (code == EXIT_OK && !o->quiet)
		printf("%s %.8s\n", said, network != NULL ? network : "?");
	json_decref(answer);
	reply_free(&r);
	return code;
}

static char *
join_body(const char *token, bool dry_run)
{
	return dump_and_free(
	    json_pack("{s:s, s:b}", "token", token, "dry_run", dry_run));
}

/* The first line of the standard input, which no list of processes shows. */
static bool
read_token(char to[static TOKEN_MAX])
{
	if (isatty(STDIN_FILENO))
		fprintf(stderr, "token: ");
	if (fgets(to, TOKEN_MAX, stdin) == NULL)
		return false;
	to[strcspn(to, "\r\n")] = '\0';
	return to[0] != '\0';
}

/* Where it leads, for whoever is asked; what is wrong with the token is said here. */
static enum exit_code
show_move(const struct options *o, const char *token)
{
	char *body = join_body(token, true);
	enum exit_code code = post(o, "/join", body);
	free(body);
	return code;
}

static enum exit_code
join(const struct options *o, const char *token)
{
	char *body = join_body(token, false);
	enum exit_code code = move(o, "/join", body, "joined network");
	free(body);
	return code;
}

enum exit_code
page_join(const struct options *o, const struct arguments *a)
{
	char typed[TOKEN_MAX];
	const char *token = a->word_count > 0 ? a->words[0] : "-";
	if (strcmp(token, "-") == 0 && !read_token(typed)) {
		fprintf(stderr, "meshctl: join: no token on the standard input\n");
		return EXIT_USAGE;
	}
	token = strcmp(token, "-") == 0 ? typed : token;
	if (argument(a, "dry_run") != NULL)
		return show_move(o, token);
	bool asks = argument(a, "yes") == NULL && isatty(STDIN_FILENO);
	enum exit_code code = asks && o->output == OUTPUT_TABLE ? show_move(o, token)
								: EXIT_OK;
	if (code == EXIT_OK)
		code = confirm(a,
		    "This site goes there; what it has heard so far stays in its "
		    "state\n"
		    "folder (left-...) and is not taken along.  Go on?");
	return code == EXIT_OK ? join(o, token) : code;
}

enum exit_code
page_leave(const struct options *o, const struct arguments *a)
{
	enum exit_code code = confirm(a,
	    "This site leaves its network for one of its own; what it has heard stays\n"
	    "in its state folder (left-...).  Back only by a new invitation.  Go on?");
	return code == EXIT_OK ? move(o, "/leave", "{}", "left; now alone in network")
			       : code;
}

/* --- what is asked before it is done --- */

enum exit_code
page_peer_block(const struct options *o, const struct arguments *a)
{
	char path[512], name[400];
	bool purge = argument(a, "purge") != NULL;
	if (a->word_count == 0) {
		fprintf(stderr, "meshctl: peer block needs id\n");
		return EXIT_USAGE;
	}
	enum exit_code code = confirm(a,
	    purge
		? "That site is put out at all sites, and all that it ever said is "
		  "deleted\neverywhere.  It cannot be brought back.  Go on?"
		: "An admin's block puts that site out at all sites; its records from "
		  "now on are\nrefused.  It still knows the network's key: see key "
		  "rotate.  Go on?");
	client_encode(a->words[0], name, sizeof name);
	snprintf(
	    path, sizeof path, "/peers/%s/block%s", name, purge ? "?purge=yes" : "");
	return code == EXIT_OK ? post(o, path, NULL) : code;
}

enum exit_code
page_key_rotate(const struct options *o, const struct arguments *a)
{
	enum exit_code code = confirm(a,
	    "All sites get a new network key.  Who is away for more than a week must "
	    "be\n"
	    "invited again.  Go on?");
	const char *in = argument(a, "in");
	char *body = in != NULL ? dump_and_free(json_pack("{s:s}", "in", in)) : NULL;
	if (code == EXIT_OK)
		code = post(o, "/key/rotate", body != NULL ? body : "{}");
	free(body);
	return code;
}
