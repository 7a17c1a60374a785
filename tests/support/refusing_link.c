#include "refusing_link.h"
#include <errno.h>

static int
refuse(struct link **out, const struct link_params *params)
{
	(void)out;
	(void)params;
	return -ECONNREFUSED;
}

const struct link_ops refusing_link = { .name = "tcp", .open = refuse };
