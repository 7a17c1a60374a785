#include "apps.h"
#include "app_request.h"
#include "app_write.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { APPS_READS = 64, APPS_SENDS = 1024 }; /* at most in one turn */

struct apps {
	int fd;
	struct app_leases *leases;
	struct app_actions *actions;
	bool more; /* the last turn left something to send */
	mesh_time_ms now_ms;
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
	struct app_actions_params actions = { .calls = params->calls,
		.boot = params->boot };
	memcpy(actions.token, params->token, sizeof actions.token);
	struct app_actions *taken = app_actions_new(&actions);
	mesh_wipe(actions.token, sizeof actions.token);
	if (a == NULL || leases == NULL || taken == NULL) {
		app_leases_free(leases);
		app_actions_free(taken);
		free(a);
		return -ENOMEM;
	}
	*a = (struct apps){ .fd = params->fd, .leases = leases, .actions = taken };
	*out = a;
	return 0;
}

void
apps_close(struct apps *a)
{
	if (a == NULL)
		return;
	close(a->fd);
	app_leases_free(a->leases);
	app_actions_free(a->actions);
	free(a);
}

int
apps_fd(const struct apps *a)
{
	return a->fd;
}

static void
send_to(struct apps *a, const struct app_addr *to, const struct bytes_out *datagram)
{
	ssize_t sent = sendto(a->fd, datagram->ptr, datagram->len, MSG_DONTWAIT,
	    (const struct sockaddr *)(const void *)to->bytes, to->len);
	if (sent < 0)
		app_leases_count(a->leases, COUNT_APPS_UNSENT);
}

static bool
read_one(struct apps *a)
{
	uint8_t request[APP_ACTION_BYTES + 1], room[APP_DATAGRAM];
	struct bytes_out reply = bytes_out(room, sizeof room);
	struct sockaddr_storage sender;
	struct app_addr from = { .len = 0 };
	socklen_t len = sizeof sender;
	ssize_t got = recvfrom(a->fd, request, sizeof request, MSG_DONTWAIT,
	    (struct sockaddr *)&sender, &len);
	if (got < 0)
		return errno == EINTR || errno == ECONNREFUSED;
	if (len > sizeof from.bytes)
		return true;
	memcpy(from.bytes, &sender, len);
	from.len = (uint8_t)len;
	struct bytes_view said = bytes_view(request, (size_t)got);
	if (!app_actions_request(a->actions, a->leases, &from, said, a->now_ms, &reply))
		app_leases_request(a->leases, &from, said, a->now_ms, &reply);
	if (reply.len > 0)
		send_to(a, &from, &reply);
	return true;
}

void
apps_turn(struct apps *a, struct mesh_now now)
{
	uint8_t room[APP_ANSWER_BYTES];
	struct app_addr to;
	a->now_ms = now.ms;
	for (int i = 0; i < APPS_READS && read_one(a); i++)
		continue;
	a->more = true;
	for (int i = 0; i < APPS_SENDS; i++) {
		struct bytes_out datagram = bytes_out(room, sizeof room);
		if (!app_actions_next(a->actions, &to, &datagram) &&
		    !app_leases_next(a->leases, now.ms, &to, &datagram)) {
			a->more = false;
			return;
		}
		send_to(a, &to, &datagram);
	}
}

mesh_time_ms
apps_deadline(const struct apps *a)
{
	return a->more ? a->now_ms : app_leases_deadline(a->leases);
}
