#include "plug.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { EVENTS_BYTES = 4096 };
static const uint32_t news = IN_CREATE | IN_MOVED_TO | IN_ATTRIB;

struct plug {
	int fd, dev; /* dev: the watch of /dev, where much else appears */
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

void
plug_want(struct plug *p, struct text_view device)
{
	char path[PATH_MAX];
	if (device.len == 0 || device.len >= sizeof path || device.ptr[0] != '/')
		return;
	memcpy(path, device.ptr, device.len);
	path[device.len] = '\0';
	*strrchr(path, '/') = '\0';
	if (path[0] != '\0' && strcmp(path, "/dev") != 0)
		(void)inotify_add_watch(p->fd, path, news);
}

static bool
is_news(const struct plug *p, const struct inotify_event *e)
{
	if ((e->mask & news) == 0 || e->len == 0)
		return false;
	return e->wd != p->dev || strncmp(e->name, "tty", 3) == 0 ||
	    strcmp(e->name, "serial") == 0;
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
