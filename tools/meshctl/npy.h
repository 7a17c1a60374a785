/* npy.h - the header of numpy's .npy format, as far as it tells of one vector.
 *
 * \x93NUMPY, version, length, and a Python dict of three literals; the numbers follow.
 * Source: numpy.lib.format (NEP 1).  Floor 11.  Pure. */
#ifndef MESHCTL_NPY_H
#define MESHCTL_NPY_H
#include "types.h"

enum npy_dtype { NPY_F4, NPY_F8, NPY_F2, NPY_I1, NPY_DTYPES };
struct npy {
	enum npy_dtype dtype;
	size_t count;           /* numbers */
	struct bytes_view data; /* all that follows the header */
};
size_t npy_width(enum npy_dtype dtype);
bool npy_is(struct bytes_view file); /* begins with its mark */
/* NULL, or why it is no vector of ours. */
const char *npy_read(struct bytes_view file, struct npy *out);
#endif
