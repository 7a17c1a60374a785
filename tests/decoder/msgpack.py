"""msgpack as docs/PROTOCOL.md (Values) wants it: shortest forms, nesting of 8, names of maps are text and
different, floats are finite.

bin is bytes, str is str, a float of 32 bits is an F32, so that writing what was read gives the same bytes.
"""
import math
import struct

DEPTH = 8


class Malformed(Exception):
    pass


class F32(float):
    pass


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def done(self):
        return self.at == len(self.data)

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Malformed("truncated")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n, least):
        value = int.from_bytes(self.take(n), "big")
        if value < least:
            raise Malformed("not the shortest form")
        return value

    def negative(self, n, below):
        value = int.from_bytes(self.take(n), "big", signed=True)
        if value >= below:
            raise Malformed("not the shortest form")
        return value

    def real(self, form, n):
        value = struct.unpack(form, self.take(n))[0]
        if not math.isfinite(value):
            raise Malformed("no finite number")
        return value

    def text(self, n):
        try:
            return self.take(n).decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("not UTF-8") from None

    def array(self, n, depth):
        self.open(n, depth)
        return [self.value(depth + 1) for _ in range(n)]

    def map(self, n, depth):
        self.open(2 * n, depth)
        pairs = {}
        for _ in range(n):
            key = self.value(depth + 1)
            if not isinstance(key, str):
                raise Malformed("a name that is no text")
            if key in pairs:
                raise Malformed("a name twice")
            pairs[key] = self.value(depth + 1)
        return pairs

    def open(self, values, depth):
        if values > len(self.data) - self.at:  # each takes a byte at least
            raise Malformed("truncated")
        if depth >= DEPTH:
            raise Malformed("nested too deep")

    def value(self, depth=0):
        tag = self.take(1)[0]
        if tag < 0x80:
            return tag
        if tag < 0x90:
            return self.map(tag & 15, depth)
        if tag < 0xa0:
            return self.array(tag & 15, depth)
        if tag < 0xc0:
            return self.text(tag & 31)
        if tag >= 0xe0:
            return tag - 256
        if tag not in self.FORMS:
            raise Malformed(f"tag {tag:#x}")
        return self.FORMS[tag](self, depth)

    FORMS = {
        0xc0: lambda r, d: None, 0xc2: lambda r, d: False, 0xc3: lambda r, d: True,
        0xc4: lambda r, d: r.take(r.number(1, 0)), 0xc5: lambda r, d: r.take(r.number(2, 2**8)),
        0xc6: lambda r, d: r.take(r.number(4, 2**16)),
        0xca: lambda r, d: F32(r.real(">f", 4)),
        0xcb: lambda r, d: r.real(">d", 8),
        0xcc: lambda r, d: r.number(1, 2**7), 0xcd: lambda r, d: r.number(2, 2**8),
        0xce: lambda r, d: r.number(4, 2**16), 0xcf: lambda r, d: r.number(8, 2**32),
        0xd0: lambda r, d: r.negative(1, -32), 0xd1: lambda r, d: r.negative(2, -2**7),
        0xd2: lambda r, d: r.negative(4, -2**15), 0xd3: lambda r, d: r.negative(8, -2**31),
        0xd9: lambda r, d: r.text(r.number(1, 32)), 0xda: lambda r, d: r.text(r.number(2, 2**8)),
        0xdb: lambda r, d: r.text(r.number(4, 2**16)),
        0xdc: lambda r, d: r.array(r.number(2, 16), d), 0xdd: lambda r, d: r.array(r.number(4, 2**16), d),
        0xde: lambda r, d: r.map(r.number(2, 16), d), 0xdf: lambda r, d: r.map(r.number(4, 2**16), d),
    }


def read(data):
    """The one value that `data` is."""
    r = Reader(data)
    value = r.value()
    if not r.done():
        raise Malformed("bytes left over")
    return value


def read_all(data):
    """Value after value, each with its bytes."""
    r = Reader(data)
    while not r.done():
        start = r.at
        value = r.value()
        yield value, data[start:r.at]


def sized(n, forms):
    """Head of something of length n; forms: (limit, prefix, bytes of length), shortest first."""
    for limit, prefix, width in forms:
        if n < limit:
            return bytes([prefix | n]) if width == 0 else bytes([prefix]) + n.to_bytes(width, "big")
    raise Malformed("too large")


def integer(n):
    if n >= 0:
        return sized(n, [(2**7, 0, 0), (2**8, 0xcc, 1), (2**16, 0xcd, 2), (2**32, 0xce, 4), (2**64, 0xcf, 8)])
    for least, prefix, width in [(-2**7, 0xd0, 1), (-2**15, 0xd1, 2), (-2**31, 0xd2, 4), (-2**63, 0xd3, 8)]:
        if n >= -32:
            return bytes([256 + n])
        if n >= least:
            return bytes([prefix]) + n.to_bytes(width, "big", signed=True)
    raise Malformed("too small")


def write(value):
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, F32):
        return b"\xca" + struct.pack(">f", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return sized(len(text), [(32, 0xa0, 0), (2**8, 0xd9, 1), (2**16, 0xda, 2), (2**32, 0xdb, 4)]) + text
    if isinstance(value, bytes):
        return sized(len(value), [(2**8, 0xc4, 1), (2**16, 0xc5, 2), (2**32, 0xc6, 4)]) + value
    if isinstance(value, dict):
        head = sized(len(value), [(16, 0x80, 0), (2**16, 0xde, 2), (2**32, 0xdf, 4)])
        return head + b"".join(write(k) + write(v) for k, v in value.items())
    head = sized(len(value), [(16, 0x90, 0), (2**16, 0xdc, 2), (2**32, 0xdd, 4)])
    return head + b"".join(write(v) for v in value)
