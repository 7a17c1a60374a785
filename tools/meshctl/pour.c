#include "pour.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 1000, ANSWER_MAX = 4096, TIMEOUT_MIN_MS = 20000 };
struct slot {
	CURL *curl; /* owned; NULL: none yet */
	char *body; /* owned; NULL: free */
	uint64_t number;
	char answer[ANSWER_MAX];
	size_t len;
};
struct pouring {
	const struct pour *p;
	CURLM *many;
	struct curl_slist *headers;
	struct slot slots[POUR_WIDTH];
	size_t under_way;
	bool ended; /* done() wants no others */
};

/* Answers are short; of a longer one the beginning tells enough. */
static size_t
collect(char *from, size_t size, size_t count, void *ctx)
{
	struct slot *s = ctx;
	size_t len = size * count, room = sizeof s->answer - 1 - s->len;
	memcpy(s->answer + s->len, from, len < room ? len : room);
	s->len += len < room ? len : room;
	s->answer[s->len] = '\0';
	return len;
}

static bool
open_slot(struct pouring *w, struct slot *s, const struct options *o, const char *path)
{
	char url[512];
	long timeout = o->timeout_given ? (long)o->timeout_ms : TIMEOUT_MIN_MS;
	s->curl = curl_easy_init();
	if (s->curl == NULL)
		return false;
	snprintf(url, sizeof url, "http://meshd/api/v1%s", path);
	curl_easy_setopt(s->curl, CURLOPT_UNIX_SOCKET_PATH, o->socket);
	curl_easy_setopt(s->curl, CURLOPT_URL, url);
	curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(s->curl, CURLOPT_TIMEOUT_MS, timeout);
	curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, w->headers);
	curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_PRIVATE, s);
	return true;
}

static bool
open_all(struct pouring *w, const struct options *o, const char *path)
{
	w->many = curl_multi_init();
	w->headers = curl_slist_append(NULL, "Content-Type: application/json");
	bool good = w->many != NULL && w->headers != NULL;
	for (size_t i = 0; i < POUR_WIDTH && good; i++)
		good = open_slot(w, &w->slots[i], o, path);
	return good;
}

static void
close_all(struct pouring *w)
{
	for (size_t i = 0; i < POUR_WIDTH; i++) {
		if (w->slots[i].curl != NULL)
			curl_easy_cleanup(w->slots[i].curl);
		free(w->slots[i].body);
	}
	curl_slist_free_all(w->headers);
	curl_multi_cleanup(w->many);
	free(w);
}

/* False: nothing can be begun before another has ended. */
static bool
begin(struct pouring *w, struct slot *s)
{
	s->body = w->p->next(w->p->ctx, &s->number);
	if (s->body == NULL)
		return false;
	s->len = 0;
	s->answer[0] = '\0';
	curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, s->body);
	curl_multi_add_handle(w->many, s->curl);
	w->under_way++;
	return true;
}

static void
begin_all(struct pouring *w)
{
	bool more = !w->ended;
	for (size_t i = 0; i < POUR_WIDTH && more; i++)
		if (w->slots[i].body == NULL)
			more = begin(w, &w->slots[i]);
}

static void
end(struct pouring *w, const CURLMsg *message)
{
	struct slot *s = NULL;
	struct reply r = { .status = 0 };
	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &s);
	curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &r.status);
	if (message->data.result != CURLE_OK) {
		r.status = 0;
		r.timed_out = message->data.result == CURLE_OPERATION_TIMEDOUT;
		snprintf(r.error, sizeof r.error, "%s",
		    curl_easy_strerror(message->data.result));
	}
	r.body = s->answer;
	r.len = s->len;
	curl_multi_remove_handle(w->many, s->curl);
	w->ended = !w->p->done(w->p->ctx, s->number, &r) || w->ended;
	free(s->body);
	s->body = NULL;
	w->under_way--;
}

bool
pour(const struct options *o, const char *path, const struct pour *p)
{
	struct pouring *w = calloc(1, sizeof *w);
	if (w == NULL)
		return false;
	w->p = p;
	bool good = open_all(w, o, path);
	int running, left;
	if (good)
		begin_all(w);
	while (good && w->under_way > 0) {
		const CURLMsg *message;
		good = curl_multi_perform(w->many, &running) == CURLM_OK &&
		    curl_multi_poll(w->many, NULL, 0, WAIT_MS, NULL) == CURLM_OK;
		while ((message = curl_multi_info_read(w->many, &left)) != NULL)
			if (message->msg == CURLMSG_DONE)
				end(w, message);
		begin_all(w);
	}
	close_all(w);
	return good;
}
