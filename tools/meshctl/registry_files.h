/* registry_files.h - an embedding out of a file: raw floats, a JSON array, or .npy.
 *
 * What it is shows in the bytes: numpy's mark; `[` and nothing but what an array of
 * numbers is written with; else 32-bit floats, little-endian.  A .npy (versions 1 to 3)
 * holds one vector, shape (n,) or (1, n), of f4, f8, f2 or i1, little-endian.  Numbers
 * keep their own dtype unless another is wanted; i8 then counts in steps of a 127th of
 * the largest.  Floats below the normal range are zero.  Every refusal has a reason for
 * people.  Floor 11.  Pure. */
#ifndef MESHCTL_REGISTRY_FILES_H
#define MESHCTL_REGISTRY_FILES_H
#include "types.h"

enum { EMBEDDING_DIM_MAX = 4096, EMBEDDING_FILE_MAX = 1 << 20 };
struct embedding {
	const char *dtype; /* "f32", "f16" or "i8" */
	size_t dim;
	float scale; /* i8: a number is its byte times that; 0: as it stands */
	uint8_t bytes[EMBEDDING_DIM_MAX * 4]; /* little-endian */
	size_t len;
};
struct embedding_fault {
	char text[160];
};
/* `dtype` is the one wanted, or NULL: the file's own.  False: `why` says it. */
bool embedding_read(struct bytes_view file, const char *dtype, struct embedding *out,
    struct embedding_fault *why);
#endif
