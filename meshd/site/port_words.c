#include "port_words.h"
#include "text.h"
#include <errno.h>

void
port_words_errno(int err, struct bytes_out *out)
{
	static const struct {
		int err;
		const char *text;
	} known[] = { { ENOENT, "no such device" }, { ENODEV, "no such device" },
		{ ENXIO, "no such device" }, { EACCES, "permission denied" },
		{ EPERM, "not permitted" }, { EBUSY, "used by another program" },
		{ ECONNREFUSED, "connection refused" }, { ETIMEDOUT, "no answer" },
		{ EHOSTUNREACH, "no route to it" }, { ENETUNREACH, "no network" },
		{ ECONNRESET, "connection reset" }, { EPIPE, "connection closed" },
		{ EIO, "input/output error" },
		{ EWOULDBLOCK, "locked by another program" },
		{ EINVAL, "not an address" } };
	for (size_t i = 0; i < LENGTH(known); i++) {
		if (known[i].err == err) {
			text_put(out, known[i].text);
			return;
		}
	}
	text_printf(out, "system error %d", err);
}
