/* secret_file.h - small files that nobody else may read and no power cut may halve.
 *
 * Made 0600, written to a temporary name, synced, renamed, and the folder synced: what
 * stands under the name is the old file or the new one.  Floor 6.  Edge. */
#ifndef SECRET_FILE_H
#define SECRET_FILE_H
#include "bytes.h"

enum { SECRET_FILE_MAX = 4096 };
/* 0 or -errno; then the old one stands. */
int secret_file_write(const char *path, struct bytes_view content);
/* At most the room of `content`; what others might do with it is taken away on the way
 * and said in `*protected`, which is else left alone.  0 or -errno. */
int secret_file_read(const char *path, struct bytes_out *content, bool *protected);
/* The folder that `path` is in: renames and new names in it are then on the disk. */
int secret_file_sync_folder(const char *path);
#endif
