/* A file that is to be an embedding, the first byte says which dtype is wanted. */
#include "registry_files.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const dtypes[] = { NULL, "f32", "f16", "i8", "f64" };
	static struct embedding e;
	struct embedding_fault why = { "" };
	if (size == 0)
		return 0;
	struct bytes_view file = { data + 1, size - 1 };
	if (embedding_read(file, dtypes[data[0] % LENGTH(dtypes)], &e, &why))
		assert(e.dim > 0 && e.dim <= EMBEDDING_DIM_MAX && e.len >= e.dim);
	else
		assert(why.text[0] != '\0' && strlen(why.text) < sizeof why.text);
	return 0;
}
