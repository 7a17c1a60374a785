#include "address.h"
#include "text.h"

enum { GROUPS = 8 };
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

struct mesh_path
address_path(const uint8_t addr[static ADDRESS_BYTES], uint16_t port)
{
	struct mesh_path p = { .iface = 0 };
	struct bytes_out out = bytes_out(p.addr, sizeof p.addr);
	bytes_put(&out, addr, ADDRESS_BYTES);
	bytes_put_u16(&out, port);
	return p;
}

struct mesh_path
address_path_v4(uint32_t addr, uint16_t port)
{
	uint8_t bytes[ADDRESS_BYTES];
	address_of_v4(addr, bytes);
	return address_path(bytes, port);
}

uint16_t
address_port(const struct mesh_path *path)
{
	return (
	    uint16_t)(path->addr[ADDRESS_BYTES] << 8 | path->addr[ADDRESS_BYTES + 1]);
}

void
address_of_v4(uint32_t addr, uint8_t out[static ADDRESS_BYTES])
{
	struct bytes_out o = bytes_out(out, ADDRESS_BYTES);
	bytes_put(&o, mapped, sizeof mapped);
	bytes_put_u32(&o, addr);
}

bool
address_is_v4(const uint8_t addr[static ADDRESS_BYTES])
{
	return memcmp(addr, mapped, sizeof mapped) == 0;
}

uint32_t
address_v4(const uint8_t addr[static ADDRESS_BYTES])
{
	struct bytes_in in = bytes_in(bytes_view(addr + sizeof mapped, 4));
	return bytes_u32(&in);
}

bool
address_is_link_local(const uint8_t addr[static ADDRESS_BYTES])
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

bool
address_is_set(const uint8_t addr[static ADDRESS_BYTES])
{
	static const uint8_t zero[ADDRESS_BYTES];
	if (address_is_v4(addr))
		return address_v4(addr) != 0;
	return memcmp(addr, zero, sizeof zero) != 0;
}

/* IPv4: class D and E, 255.255.255.255 among them. */
static bool
is_multicast(const uint8_t addr[static ADDRESS_BYTES])
{
	return address_is_v4(addr) ? address_v4(addr) >> 28 >= 0xe : addr[0] == 0xff;
}

bool
address_is_usable(const struct mesh_path *path)
{
	return address_is_set(path->addr) && !is_multicast(path->addr) &&
	    address_port(path) != 0;
}

struct bytes_view
address_wire(const struct mesh_path *path)
{
	size_t skip = address_is_v4(path->addr) ? sizeof mapped : 0;
	return bytes_view(path->addr + skip, sizeof path->addr - skip);
}

bool
address_read_wire(struct bytes_view wire, struct mesh_path *out)
{
	*out = (struct mesh_path){ .iface = 0 };
	memcpy(out->addr, mapped, sizeof mapped);
	if (wire.len != sizeof out->addr - sizeof mapped &&
	    wire.len != sizeof out->addr)
		return false;
	memcpy(out->addr + sizeof out->addr - wire.len, wire.ptr, wire.len);
	return address_wire(out).len == wire.len;
}

/* --- text --- */

static unsigned
group(const uint8_t addr[static ADDRESS_BYTES], size_t i)
{
	return (unsigned)(addr[2 * i] << 8 | addr[2 * i + 1]);
}

/* RFC 5952: the first of the longest runs of zero groups, two at least. */
static size_t
zeros_at(const uint8_t addr[static ADDRESS_BYTES], size_t *count)
{
	size_t best = GROUPS;
	*count = 1;
	for (size_t i = 0; i < GROUPS; i++) {
		size_t run = 0;
		while (i + run < GROUPS && group(addr, i + run) == 0)
			run++;
		if (run > *count) {
			best = i;
			*count = run;
		}
	}
	return best;
}

void
address_print(const uint8_t addr[static ADDRESS_BYTES], struct bytes_out *out)
{
	size_t count, zeros = zeros_at(addr, &count);
	if (address_is_v4(addr)) {
		text_printf(out, "%u.%u.%u.%u", addr[12], addr[13], addr[14], addr[15]);
		return;
	}
	for (size_t i = 0; i < GROUPS; i++) {
		if (i == zeros) {
			text_put(out, "::");
			i += count - 1;
			continue;
		}
		bool first = i == 0 || (zeros < GROUPS && i == zeros + count);
		text_printf(out, "%s%x", first ? "" : ":", group(addr, i));
	}
}

void
address_print_path(const struct mesh_path *path, struct bytes_out *out)
{
	bool v4 = address_is_v4(path->addr);
	text_put(out, v4 ? "" : "[");
	address_print(path->addr, out);
	text_printf(out, "%s:%u", v4 ? "" : "]", address_port(path));
}
