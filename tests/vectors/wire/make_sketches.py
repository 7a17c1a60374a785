#!/usr/bin/env python3
"""Golden sketches (PROTOCOL.md 9), made by other code than ours: Python and its SipHash below.

`python3 make_sketches.py > sketches.txt`.  Each line: name | sequence numbers, a byte each | 16 cells.
"""
import math
import struct

NETID = bytes(range(0xA0, 0xB0))
M = 2**64 - 1


def rotl(x, b):
    return (x << b | x >> (64 - b)) & M


def siphash(key, data):
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rounds(n):
        for _ in range(n):
            v[0] = (v[0] + v[1]) & M
            v[1] = rotl(v[1], 13) ^ v[0]
            v[0] = rotl(v[0], 32)
            v[2] = (v[2] + v[3]) & M
            v[3] = rotl(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & M
            v[3] = rotl(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & M
            v[1] = rotl(v[1], 17) ^ v[2]
            v[2] = rotl(v[2], 32)

    last = data[len(data) // 8 * 8:]
    for (m,) in struct.iter_unpack("<Q", data[:len(data) // 8 * 8] + last + bytes(7 - len(last)) + bytes([len(data) & 255])):
        v[3] ^= m
        rounds(2)
        v[0] ^= m
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def cells(items, count):
    table = [[0, 0, 0] for _ in range(count)]
    for item in items:
        check = siphash(NETID, item)
        state, index = check, 0
        while index < count:
            cell = table[index]
            cell[0] ^= int.from_bytes(item, "big")
            cell[1] ^= check
            cell[2] += 1
            state = state * 0xDA942042E4DD58B5 & M
            index += math.ceil((index + 1.5) * (2**32 / math.sqrt(float(state) + 1) - 1))
    return b"".join(c[0].to_bytes(16, "big") + struct.pack(">Qi", c[1], c[2]) for c in table)


def item(seq):
    return bytes([seq % 3]) + seq.to_bytes(6, "big") + bytes((seq + k) & 255 for k in range(9))


assert siphash(bytes(range(16)), bytes(range(15))) == 0xA129CA6149BE45E5  # the authors' example
print("# made by make_sketches.py: name | sequence numbers | 16 cells")
for name, numbers in (("one", [9]), ("three", [1, 2, 200]), ("many", range(1, 120))):
    print(name, bytes(numbers).hex(), cells([item(n) for n in numbers], 16).hex(), sep=" | ")
