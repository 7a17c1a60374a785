#include "resolve.h"
#include "text.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Shared between the loop and the threads; whoever lets go last frees it. */
struct shared {
	pthread_mutex_t mutex;
	unsigned holders, pending;
	struct resolve_answer answers[RESOLVE_PENDING];
	size_t count;
	void (*wake)(void *ctx); /* NULL: nobody is there any more */
	void *ctx;
};
struct resolve {
	struct shared *shared;
};
struct question {
	struct shared *shared;
	uint64_t token;
	char name[RESOLVE_NAME];
};

static void
let_go(struct shared *s)
{
	pthread_mutex_lock(&s->mutex);
	unsigned left = --s->holders;
	pthread_mutex_unlock(&s->mutex);
	if (left == 0) {
		pthread_mutex_destroy(&s->mutex);
		free(s);
	}
}

struct resolve *
resolve_new(void (*wake)(void *ctx), void *ctx)
{
	struct resolve *r = calloc(1, sizeof *r);
	struct shared *s = calloc(1, sizeof *s);
	if (r == NULL || s == NULL || pthread_mutex_init(&s->mutex, NULL) != 0) {
		free(r);
		free(s);
		return NULL;
	}
	s->holders = 1;
	s->wake = wake;
	s->ctx = ctx;
	r->shared = s;
	return r;
}

void
resolve_free(struct resolve *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->shared->mutex);
	r->shared->wake = NULL;
	pthread_mutex_unlock(&r->shared->mutex);
	let_go(r->shared);
	free(r);
}

bool
resolve_numeric(struct text_view name, uint8_t addr[static ADDRESS_BYTES])
{
	char room[INET6_ADDRSTRLEN];
	struct in_addr a;
	if (name.len == 0 || name.len >= sizeof room)
		return false;
	memcpy(room, name.ptr, name.len);
	room[name.len] = '\0';
	if (inet_pton(AF_INET, room, &a) == 1) {
		address_of_v4(ntohl(a.s_addr), addr);
		return true;
	}
	return inet_pton(AF_INET6, room, addr) == 1;
}

static void
put_answer(struct shared *s, const struct resolve_answer *answer)
{
	pthread_mutex_lock(&s->mutex);
	s->answers[s->count++] = *answer; /* `pending` keeps room for it */
	if (s->wake != NULL)
		s->wake(s->ctx);
	pthread_mutex_unlock(&s->mutex);
}

static bool
take_address(const struct addrinfo *a, uint8_t addr[static ADDRESS_BYTES])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	if (a->ai_family == AF_INET) {
		memcpy(&v4, a->ai_addr, sizeof v4);
		address_of_v4(ntohl(v4.sin_addr.s_addr), addr);
		return true;
	}
	if (a->ai_family != AF_INET6)
		return false;
	memcpy(&v6, a->ai_addr, sizeof v6);
	memcpy(addr, &v6.sin6_addr, ADDRESS_BYTES);
	return true;
}

static void *
ask_system(void *ctx)
{
	struct question *q = ctx;
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list = NULL;
	struct resolve_answer answer = { .token = q->token };
	if (getaddrinfo(q->name, NULL, &hints, &list) != 0)
		list = NULL;
	for (const struct addrinfo *a = list; a != NULL && answer.count < RESOLVE_ADDRS;
	     a = a->ai_next)
		answer.count += take_address(a, answer.addrs[answer.count]);
	if (list != NULL)
		freeaddrinfo(list);
	put_answer(q->shared, &answer);
	let_go(q->shared);
	free(q);
	return NULL;
}

static bool
start_thread(struct question *q)
{
	enum { STACK = 128 * 1024 };
	pthread_attr_t attr;
	pthread_t thread;
	if (pthread_attr_init(&attr) != 0)
		return false;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, STACK);
	bool started = pthread_create(&thread, &attr, ask_system, q) == 0;
	pthread_attr_destroy(&attr);
	return started;
}

static bool
reserve(struct shared *s)
{
	pthread_mutex_lock(&s->mutex);
	bool room = s->pending < RESOLVE_PENDING;
	if (room) {
		s->pending++;
		s->holders++;
	}
	pthread_mutex_unlock(&s->mutex);
	return room;
}

static void
give_back(struct shared *s)
{
	pthread_mutex_lock(&s->mutex);
	s->pending--;
	s->holders--; /* the loop holds one: never the last */
	pthread_mutex_unlock(&s->mutex);
}

static bool
ask_thread(struct shared *s, struct text_view name, uint64_t token)
{
	struct question *q = calloc(1, sizeof *q);
	if (q == NULL)
		return false;
	q->shared = s;
	q->token = token;
	memcpy(q->name, name.ptr, name.len);
	if (start_thread(q))
		return true;
	free(q);
	return false;
}

enum mesh_err
resolve_ask(struct resolve *r, struct text_view name, uint64_t token)
{
	struct resolve_answer answer = { .token = token };
	if (!reserve(r->shared))
		return MESH_FULL;
	answer.count = resolve_numeric(name, answer.addrs[0]);
	if (answer.count > 0 || name.len >= RESOLVE_NAME) {
		put_answer(r->shared, &answer);
		let_go(r->shared);
		return MESH_OK;
	}
	if (ask_thread(r->shared, name, token))
		return MESH_OK;
	give_back(r->shared);
	return MESH_FULL;
}

bool
resolve_next(struct resolve *r, struct resolve_answer *out)
{
	struct shared *s = r->shared;
	pthread_mutex_lock(&s->mutex);
	bool any = s->count > 0;
	if (any) {
		*out = s->answers[0];
		memmove(s->answers, s->answers + 1, --s->count * sizeof *out);
		s->pending--;
	}
	pthread_mutex_unlock(&s->mutex);
	return any;
}
