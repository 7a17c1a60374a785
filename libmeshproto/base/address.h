/* address.h - one form for IPv4 and IPv6 addresses: 16 bytes, IPv4 as ::ffff:a.b.c.d.
 *
 * As mesh_path holds them.  On the wire an address is as short as it can be: 4+2 bytes
 * for IPv4, 16+2 for IPv6, port last, big-endian (PROTOCOL.md 6); as text it is written
 * as RFC 5952 says.  Floor 0.  Pure. */
#ifndef MESH_ADDRESS_H
#define MESH_ADDRESS_H
#include "bytes.h"
#include "mesh_words.h"

enum { ADDRESS_BYTES = 16, ADDRESS_TEXT = 56, ADDRESS_WIRE_MAX = 18 };

struct mesh_path address_path(const uint8_t addr[static ADDRESS_BYTES], uint16_t port);
struct mesh_path address_path_v4(uint32_t addr, uint16_t port); /* host order */
uint16_t address_port(const struct mesh_path *path);

void address_of_v4(uint32_t addr, uint8_t out[static ADDRESS_BYTES]); /* host order */
bool address_is_v4(const uint8_t addr[static ADDRESS_BYTES]);
uint32_t address_v4(const uint8_t addr[static ADDRESS_BYTES]); /* requires: is_v4 */
bool address_is_link_local(const uint8_t addr[static ADDRESS_BYTES]); /* fe80::/10 */
bool address_is_set(const uint8_t addr[static ADDRESS_BYTES]); /* not ::, 0.0.0.0 */
/* Could a datagram to it reach one machine?  No: unset, multicast, port 0. */
bool address_is_usable(const struct mesh_path *path);

/* The wire form; the view lies in `path`. */
struct bytes_view address_wire(const struct mesh_path *path);
/* False: neither 6 nor 18 bytes, or IPv4 in 18: each address has one form. */
bool address_read_wire(struct bytes_view wire, struct mesh_path *out);

void address_print(const uint8_t addr[static ADDRESS_BYTES], struct bytes_out *out);
/* "10.0.0.7:4470", "[fe80::1]:4470" */
void address_print_path(const struct mesh_path *path, struct bytes_out *out);
#endif
