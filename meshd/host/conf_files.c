#include "conf_files.h"
#include "text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int
fail(struct bytes_out *complaint, const char *path, int error)
{
	text_printf(complaint, "%s: %s", path, strerror(error));
	return -error;
}

/* `block` belongs to `f` from here on, also when this fails. */
static bool
own(struct conf_files *f, char *block)
{
	if (block == NULL || f->block_count == LENGTH(f->blocks)) {
		free(block);
		return false;
	}
	f->blocks[f->block_count++] = block;
	return true;
}

static int
read_text(int fd, char **text, size_t *len)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	/* Pipes say 0: read what comes, up to the limit. */
	char *block = malloc(CONF_FILE_BYTES + 1);
	ssize_t n = 0;
	*len = 0;
	if (block == NULL)
		return ENOMEM;
	while (*len <= CONF_FILE_BYTES &&
	    (n = read(fd, block + *len, CONF_FILE_BYTES + 1 - *len)) > 0)
		*len += (size_t)n;
	int error = n < 0 ? errno : *len > CONF_FILE_BYTES ? EFBIG : 0;
	char *fitting = error == 0 ? realloc(block, *len + 1) : NULL;
	*text = fitting;
	if (fitting == NULL)
		free(block);
	return error == 0 && fitting == NULL ? ENOMEM : error;
}

static int
add_file(struct conf_files *f, const char *path, struct bytes_out *complaint)
{
	char *content = NULL, *name = strdup(path);
	size_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? errno : read_text(fd, &content, &len);
	if (fd >= 0)
		close(fd);
	if (error == 0 && f->count + 2 >= CONF_FILES_MAX) /* two are not files */
		error = EMFILE;
	bool owned = own(f, name);
	if (content != NULL && !own(f, content))
		owned = false;
	if (error == 0 && !owned)
		error = ENOMEM;
	if (error != 0)
		return fail(complaint, path, error);
	f->sources[f->count++] = (struct config_source){ CONF_FILE, name,
		{ content, len } };
	f->file_count++;
	return 0;
}

static int
is_conf(const struct dirent *e)
{
	size_t len = strlen(e->d_name);
	return len > 5 && e->d_name[0] != '.' &&
	    strcmp(e->d_name + len - 5, ".conf") == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
add_folder(struct conf_files *f, const char *path, struct bytes_out *complaint)
{
	char folder[4096], full[4400];
	const char *slash = strrchr(path, '/');
	struct bytes_out out = bytes_out(folder, sizeof folder);
	struct dirent **list = NULL;
	text_put_view(&out,
	    (struct text_view){ path, slash != NULL ? (size_t)(slash - path + 1) : 0 });
	text_put(&out, "conf.d");
	text_end(&out);
	int n = out.failed ? -1 : scandir(folder, &list, is_conf, by_name), error = 0;
	for (int i = 0; i < n; i++) {
		out = bytes_out(full, sizeof full);
		text_printf(&out, "%s/%s", folder, list[i]->d_name);
		text_end(&out);
		if (error == 0)
			error = add_file(f, full, complaint);
		free(list[i]);
	}
	free(list);
	return error;
}

/* All of `texts`, each with its terminator, as one source. */
static int
add_texts(struct conf_files *f, enum conf_source_kind kind, const char *name,
    const char *const *texts, size_t count)
{
	size_t bytes = 1;
	for (size_t i = 0; i < count; i++)
		bytes += strlen(texts[i]) + 1;
	char *block = malloc(bytes);
	if (!own(f, block))
		return -ENOMEM;
	struct bytes_out out = bytes_out(block, bytes);
	for (size_t i = 0; i < count; i++)
		bytes_put(&out, texts[i], strlen(texts[i]) + 1);
	f->sources[f->count++] = (struct config_source){ kind, name,
		text_written(&out) };
	return 0;
}

static int
add_environment(struct conf_files *f, char *const *environment)
{
	const char *ours[CONF_FILES_MAX];
	size_t count = 0;
	for (; *environment != NULL && count < LENGTH(ours); environment++) {
		if (strncmp(*environment, "MESHD_", 6) == 0)
			ours[count++] = *environment;
	}
	return count > 0 ? add_texts(f, CONF_ENVIRONMENT, "environment", ours, count)
			 : 0;
}

static int
read_all(struct conf_files *f, const struct conf_files_params *params,
    struct bytes_out *complaint)
{
	int error = 0;
	if (params->path != NULL) {
		bool there = params->required || access(params->path, F_OK) == 0;
		if (there)
			error = add_file(f, params->path, complaint);
		if (error == 0)
			error = add_folder(f, params->path, complaint);
	}
	if (error == 0 && params->environment != NULL)
		error = add_environment(f, params->environment);
	if (error == 0 && params->set_count > 0)
		error = add_texts(
		    f, CONF_ARGUMENTS, "--set", params->sets, params->set_count);
	return error;
}

int
conf_files_read(struct conf_files *f, const struct conf_files_params *params,
    struct bytes_out *complaint)
{
	*f = (struct conf_files){ .count = 0 };
	int error = read_all(f, params, complaint);
	if (error != 0)
		conf_files_free(f);
	return error;
}

void
conf_files_free(struct conf_files *f)
{
	for (size_t i = 0; i < f->block_count; i++)
		free(f->blocks[i]);
	*f = (struct conf_files){ .count = 0 };
}
