#include "prefix.h"
#include "resolve.h"
#include "text.h"

bool
prefix_read(struct text_view text, struct prefix *out)
{
	const char *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
	struct text_view host = text;
	if (slash != NULL)
		host.len = (size_t)(slash - text.ptr);
	if (!resolve_numeric(host, out->addr))
		return false;
	uint64_t most = address_is_v4(out->addr) ? 32 : 128, bits = most;
	if (slash != NULL) {
		struct text_view digits = { slash + 1, text.len - host.len - 1 };
		if (text_parse_u64(digits, &bits) != MESH_OK || bits > most)
			return false;
	}
	out->bits = (uint8_t)(128 - most + bits);
	return true;
}

bool
prefix_holds(const struct prefix *p, const uint8_t addr[static ADDRESS_BYTES])
{
	size_t whole = p->bits / 8;
	uint8_t rest = (uint8_t)(0xff00 >> p->bits % 8);
	return memcmp(p->addr, addr, whole) == 0 &&
	    (p->bits % 8 == 0 || ((p->addr[whole] ^ addr[whole]) & rest) == 0);
}
