#ifndef _GNU_SOURCE
#	define _GNU_SOURCE /* struct ucred */
#endif
#include "apps.h"
#include "app_format.h"
#include "app_write.h"
#include "hearsay.h"
#include "text.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { APPS_READS = 64, APPS_SENDS = 1024 }; /* at most in one turn */
enum { SCRATCH = 512 * 1024 };

struct apps {
	int fds[APPS_SOCKETS];
	const char *path;
	struct app_leases *leases;
	struct app_actions *actions;
	bool more; /* the last turn left something to send, or to be looked at */
	struct hearsay *hearsay;
	mesh_time_ms now_ms;
	uint8_t request[APP_ACTION_BYTES + 1], json[2 * APP_ACTION_BYTES];
	uint8_t answer[APP_ANSWER_BYTES], packed[2 * APP_ANSWER_BYTES];
	uint8_t scratch[SCRATCH];
};

static const struct counter_row counter_rows[] = { APP_COUNTERS(COUNTER_ROW) };
const struct counter_list apps_counters = { "meshd", counter_rows,
	LENGTH(counter_rows) };

uint64_t
apps_counter(const void *apps, size_t index)
{
	return app_leases_counter(((const struct apps *)apps)->leases, index);
}

int
apps_open(struct apps **out, const struct apps_params *params)
{
	struct apps *a = calloc(1, sizeof *a);
	struct app_leases *leases = app_leases_new(params->feed, params->boot);
	*out = NULL;
	struct app_actions_params actions = {
		.calls = params->calls, .boot = params->boot, .hearsay = params->hearsay
	};
	memcpy(actions.token, params->token, sizeof actions.token);
	struct app_actions *taken = app_actions_new(&actions);
	mesh_wipe(actions.token, sizeof actions.token);
	if (a == NULL || leases == NULL || taken == NULL) {
		app_leases_free(leases);
		app_actions_free(taken);
		free(a);
		return -ENOMEM;
	}
	app_leases_for_searches(leases, params->token, params->hearsay);
	memcpy(a->fds, params->fds, sizeof a->fds);
	a->path = params->path;
	a->hearsay = params->hearsay;
	a->leases = leases;
	a->actions = taken;
	*out = a;
	return 0;
}

void
apps_close(struct apps *a)
{
	if (a == NULL)
		return;
	for (int i = 0; i < APPS_SOCKETS; i++)
		if (a->fds[i] >= 0)
			close(a->fds[i]);
	app_leases_free(a->leases);
	app_actions_free(a->actions);
	free(a);
}

int
apps_fd(const struct apps *a, enum apps_socket which)
{
	return a->fds[which];
}

/* --- saying --- */

static enum apps_socket
socket_of(const struct app_addr *to)
{
	const struct sockaddr *addr = (const struct sockaddr *)(const void *)to->bytes;
	return to->len == 0 || addr->sa_family == AF_UNIX ? APPS_UNIX : APPS_UDP;
}

/* unix(7): nothing but a family is no address. */
static bool
is_unbound(const struct app_addr *to)
{
	return to->len <= sizeof(sa_family_t);
}

/* As msgpack; what cannot be is told by an error. */
static struct bytes_view
pack(struct apps *a, struct bytes_view json)
{
	struct text_view text_of = { (const char *)json.ptr, json.len };
	struct arena scratch = arena_init(a->scratch, sizeof a->scratch);
	struct bytes_out packed = bytes_out(a->packed, sizeof a->packed);
	if (app_format_pack(text_of, &scratch, &packed) == MESH_OK)
		return bytes_written(&packed);
	char why[128];
	struct bytes_out error = bytes_out(why, sizeof why);
	app_write_error(text("answer: too many values; ask for less"), &error);
	scratch = arena_init(a->scratch, sizeof a->scratch);
	packed = bytes_out(a->packed, sizeof a->packed);
	text_of = text_written(&error);
	return app_format_pack(text_of, &scratch, &packed) == MESH_OK
	    ? bytes_written(&packed)
	    : json; /* it is small: it can */
}

static void
send_to(struct apps *a, const struct app_addr *to, struct bytes_view said)
{
	if (is_unbound(to)) {
		app_leases_count(a->leases, COUNT_APPS_UNBOUND);
		return;
	}
	if (to->packed)
		said = pack(a, said);
	ssize_t sent = sendto(a->fds[socket_of(to)], said.ptr, said.len, MSG_DONTWAIT,
	    (const struct sockaddr *)(const void *)to->bytes, to->len);
	if (sent < 0)
		app_leases_count(a->leases, COUNT_APPS_UNSENT);
}

/* --- hearing --- */

/* Who may do what the token lets do: apps.h. */
static bool
is_trusted(const struct apps *a, const struct ucred *who)
{
	struct stat st;
	return who->uid == 0 || who->uid == geteuid() ||
	    (stat(a->path, &st) == 0 &&
		(who->gid == st.st_gid || (st.st_mode & S_IWOTH) == 0));
}

static void
look_who(const struct apps *a, struct msghdr *message, struct app_addr *from)
{
	struct ucred who;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL;
	     c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&who, CMSG_DATA(c), sizeof who);
		from->trusted = is_trusted(a, &who);
	}
}

/* A datagram, or false; `*len` may be more than what is kept of it. */
static bool
hear(struct apps *a, enum apps_socket which, struct app_addr *from, size_t *len)
{
	union {
		struct cmsghdr align;
		uint8_t room[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct sockaddr_storage sender;
	struct iovec into = { a->request, sizeof a->request };
	struct msghdr message = { .msg_name = &sender,
		.msg_namelen = sizeof sender,
		.msg_iov = &into,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control };
	ssize_t got = recvmsg(a->fds[which], &message, MSG_DONTWAIT);
	if (got < 0)
		return false;
	*from = (struct app_addr){ .len = (uint8_t)message.msg_namelen };
	if (message.msg_namelen > sizeof from->bytes)
		from->len = 0; /* no address has that length */
	memcpy(from->bytes, &sender, from->len);
	if (which == APPS_UNIX)
		look_who(a, &message, from);
	*len = (size_t)got;
	return true;
}

/* What was said, as JSON. */
static struct bytes_view
read_said(struct apps *a, struct app_addr *from, size_t len)
{
	struct bytes_view said = bytes_view(a->request, len);
	struct arena scratch = arena_init(a->scratch, sizeof a->scratch);
	struct bytes_out json = bytes_out(a->json, sizeof a->json);
	from->packed = app_format_is_packed(said);
	if (!from->packed || app_format_unpack(said, &scratch, &json) != MESH_OK)
		return said; /* if it is neither, the error will say so */
	return bytes_written(&json);
}

static void
answer(struct apps *a, struct app_addr *from, struct bytes_view said)
{
	struct bytes_out reply = bytes_out(a->answer, sizeof a->answer);
	struct app_addr asker = *from;
	asker.packed = app_leases_is_packed(a->leases, from, a->now_ms);
	if (!app_actions_request(
		a->actions, a->leases, &asker, said, a->now_ms, &reply)) {
		if (is_unbound(from)) { /* a subscription would tell nobody */
			app_leases_count(a->leases, COUNT_APPS_REQUESTS);
			app_leases_count(a->leases, COUNT_APPS_UNBOUND);
			return;
		}
		app_leases_request(a->leases, from, said, a->now_ms, &reply);
		asker.packed = app_leases_is_packed(a->leases, from, a->now_ms);
	}
	if (reply.len > 0)
		send_to(a, &asker, bytes_written(&reply));
}

static bool
read_one(struct apps *a, enum apps_socket which)
{
	struct app_addr from;
	size_t len;
	if (a->fds[which] < 0)
		return false;
	if (!hear(a, which, &from, &len))
		return errno == EINTR || errno == ECONNREFUSED;
	answer(a, &from, read_said(a, &from, len));
	return true;
}

void
apps_turn(struct apps *a, struct mesh_now now)
{
	struct app_addr to;
	a->now_ms = now.ms;
	for (enum apps_socket which = 0; which < APPS_SOCKETS; which++)
		for (int i = 0; i < APPS_READS && read_one(a, which); i++)
			continue;
	a->more = true;
	for (int i = 0; i < APPS_SENDS; i++) {
		struct bytes_out datagram = bytes_out(a->answer, sizeof a->answer);
		if (!app_actions_next(a->actions, &to, &datagram) &&
		    !app_leases_next(a->leases, now.ms, &to, &datagram)) {
			a->more = app_actions_heard(a->actions);
			if (a->hearsay != NULL)
				a->more |= hearsay_offered(a->hearsay, now.ms);
			break;
		}
		send_to(a, &to, bytes_written(&datagram));
	}
	if (a->hearsay != NULL)
		hearsay_listeners(
		    a->hearsay, app_leases_search_count(a->leases, now.ms));
}

mesh_time_ms
apps_deadline(const struct apps *a)
{
	return a->more ? a->now_ms : app_leases_deadline(a->leases);
}
