#include "plug.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { EVENTS_BYTES = 4096, WANTED = 16 };
static const uint32_t news = IN_CREATE | IN_MOVED_TO | IN_ATTRIB;

struct plug {
	int fd, dev; /* dev: the watch of /dev, where much else appears */
	struct wanted {
		int wd;
		char name[NAME_MAX + 1];
	} wanted[WANTED]; /* wd 0: free */
};

struct plug *
plug_new(void)
{
	struct plug *p = calloc(1, sizeof *p);
	if (p == NULL)
		return NULL;
	p->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (p->fd >= 0) {
		p->dev = inotify_add_watch(p->fd, "/dev", news);
		return p;
	}
	free(p);
	return NULL;
}

void
plug_free(struct plug *p)
{
	if (p == NULL)
		return;
	close(p->fd);
	free(p);
}

int
plug_fd(const struct plug *p)
{
	return p->fd;
}

/* More of them than fit are not waited for: a timer looks, too. */
static void
note_wanted(struct plug *p, int wd, const char *name)
{
	struct wanted *w = p->wanted;
	while (w < p->wanted + WANTED && w->wd != 0 &&
	    (w->wd != wd || strcmp(w->name, name) != 0))
		w++;
	if (w == p->wanted + WANTED || strlen(name) >= sizeof w->name)
		return;
	w->wd = wd;
	memcpy(w->name, name, strlen(name) + 1);
}

void
plug_want(struct plug *p, struct text_view device)
{
	char path[PATH_MAX];
	if (device.len == 0 || device.len >= sizeof path || device.ptr[0] != '/')
		return;
	memcpy(path, device.ptr, device.len);
	path[device.len] = '\0';
	char *slash = strrchr(path, '/');
	*slash = '\0';
	if (path[0] == '\0' || strcmp(path, "/dev") == 0)
		return;
	int wd = inotify_add_watch(p->fd, path, news);
	if (wd > 0)
		note_wanted(p, wd, slash + 1);
}

static bool
is_wanted(const struct plug *p, const struct inotify_event *e)
{
	for (const struct wanted *w = p->wanted; w < p->wanted + WANTED; w++)
		if (w->wd == e->wd && strcmp(w->name, e->name) == 0)
			return true;
	return false;
}

static bool
is_news(const struct plug *p, const struct inotify_event *e)
{
	if ((e->mask & news) == 0 || e->len == 0)
		return false;
	if (e->wd != p->dev)
		return is_wanted(p, e);
	return strncmp(e->name, "tty", 3) == 0 || strcmp(e->name, "serial") == 0;
}

bool
plug_take(struct plug *p)
{
	_Alignas(struct inotify_event) char block[EVENTS_BYTES];
	bool any = false;
	for (ssize_t len; (len = read(p->fd, block, sizeof block)) > 0;) {
		const struct inotify_event *e;
		for (char *at = block; at < block + len; at += sizeof *e + e->len) {
			e = (const struct inotify_event *)(void *)at;
			any |= is_news(p, e);
		}
	}
	return any;
}
