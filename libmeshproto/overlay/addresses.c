#include "addresses.h"

bool
addresses_at(const struct addresses *a, size_t index, struct mesh_path *out)
{
	struct bytes_in in = bytes_in(bytes_view(a->bytes, a->len));
	struct bytes_view wire;
	do {
		wire = bytes_take(&in, bytes_u8(&in));
		if (in.failed)
			return false;
	} while (index-- > 0);
	return address_read_wire(wire, out);
}

size_t
addresses_count(const struct addresses *a)
{
	struct mesh_path ignored;
	size_t count = 0;
	while (addresses_at(a, count, &ignored))
		count++;
	return count;
}

bool
addresses_have(const struct addresses *a, const struct mesh_path *path)
{
	struct mesh_path one;
	for (size_t i = 0; addresses_at(a, i, &one); i++)
		if (memcmp(one.addr, path->addr, sizeof one.addr) == 0)
			return true;
	return false;
}

void
addresses_add(struct addresses *a, const struct mesh_path *path)
{
	struct bytes_view wire = address_wire(path);
	if (!address_is_usable(path) || addresses_have(a, path) ||
	    a->len + 1 + wire.len > sizeof a->bytes)
		return;
	a->bytes[a->len] = (uint8_t)wire.len;
	memcpy(a->bytes + a->len + 1, wire.ptr, wire.len);
	a->len = (uint8_t)(a->len + 1 + wire.len);
}

void
addresses_read(struct addresses *a, struct bytes_view bytes)
{
	struct bytes_in in = bytes_in(bytes);
	struct mesh_path path;
	*a = (struct addresses){ .len = 0 };
	while (in.left > 0) {
		struct bytes_view wire = bytes_take(&in, bytes_u8(&in));
		if (in.failed || !address_read_wire(wire, &path))
			return;
		addresses_add(a, &path);
	}
}
