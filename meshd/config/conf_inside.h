/* conf_inside.h - a loaded configuration, for the files of this room.  Floor 5. */
#ifndef CONF_INSIDE_H
#define CONF_INSIDE_H
#include "options.h"

struct conf_block { /* storage that lives as long as the configuration */
	struct conf_block *next;
};
struct conf_instance {
	struct conf_instance *next; /* in order of appearance */
	const struct section *section;
	const char *name;          /* "" of an unnamed section */
	void *object;              /* section->bytes */
	struct text_view *origins; /* one per row; ptr NULL: built in */
	const void **writers;      /* one per row: the source that wrote it last */
	struct text_view where;    /* of its header, for its own complaints */
};
struct config {
	const struct section *const *sections; /* borrowed */
	struct conf_instance *first, **last;
	struct conf_block *blocks;
};
struct conf_instance *conf_instance_find(
    const struct config *c, const struct section *s, struct text_view name);
#endif
