/* conf_files.h - the texts of all configuration sources of this machine.
 *
 * FILE, then conf.d/ *.conf beside it by name, then the environment, then --set.
 * Floor 6.  Edge. */
#ifndef CONF_FILES_H
#define CONF_FILES_H
#include "options.h"

enum { CONF_FILES_MAX = 64, CONF_FILE_BYTES = 1 << 20 };
struct conf_files_params {       /* borrowed for the call */
	const char *path;        /* NULL: no files at all */
	bool required;           /* false: a missing file is an empty one */
	const char *const *sets; /* arguments of --set */
	size_t set_count;
	char *const *environment; /* ends with NULL; or NULL */
};
struct conf_files {
	struct config_source sources[CONF_FILES_MAX];
	size_t count, file_count;         /* the first file_count are files */
	char *blocks[2 * CONF_FILES_MAX]; /* owned: texts and names */
	size_t block_count;
};
/* 0, or -errno with a complaint that names the file. */
int conf_files_read(struct conf_files *f, const struct conf_files_params *params,
    struct bytes_out *complaint);
void conf_files_free(struct conf_files *f);
#endif
