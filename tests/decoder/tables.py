"""The tables of docs/WIRE.md, read as they stand there: what decodes a message is the document.

A message becomes a dict of its members in order; absent members are left out.
"""
import re

import msgpack
from msgpack import F32, Malformed

INTEGERS = {"u8": (0, 2**8), "u16": (0, 2**16), "u32": (0, 2**32), "u64": (0, 2**64),
            "i32": (-2**31, 2**31), "i64": (-2**63, 2**63)}
ROOT, SECTION, TITLE = re.compile(r"## (.+)"), re.compile(r"### (.+)"), re.compile(r"(\d+) (\w+)")
INSIDE = re.compile(r"inside, \*\*([\w ]+)\*\*:")
EACH = re.compile(r"each \*\*([\w ]+)\*\*: (\w+) ([\d.]*)")
ROW = re.compile(r"\| (\w+) \| ([^|]*) \| [^|]* \| ([^|]*) \| (.*) \|")


class Row:
    def __init__(self, name, kind, bounds, rest):
        self.name, self.required, self.secret = name, "; required" in rest, "; secret" in rest
        self.kind, _, self.sub = kind.partition(" of ")
        found = re.match(r"(-?\d+)(?:\.\.(-?\d+))?$", bounds.strip())
        self.least, self.most = (int(found[1]), int(found[2] or found[1])) if found else (None, None)
        self.words = {int(n): w for n, w in re.findall(r"(\d+) `(\w+)`", bounds)}

    def fits(self, n):
        if self.most is not None and not self.least <= n <= self.most:
            raise Malformed(f"{self.name}: {n} is not in {self.least}..{self.most}")


class Table:
    def __init__(self, name):
        self.name, self.rows, self.inside, self.each = name, [], {}, {}

    def read(self, value, skip=0):
        if not isinstance(value, list) or len(value) < skip:
            raise Malformed(f"{self.name}: no array")
        given, out = value[skip:], {}
        for i, row in enumerate(self.rows):
            item = given[i] if i < len(given) else None
            if item is not None:
                out[row.name] = self.read_value(row, item)
            elif row.required:
                raise Malformed(f"{self.name}: {row.name} is missing")
        return out

    def read_value(self, row, v):
        if row.kind in INTEGERS:
            low, high = INTEGERS[row.kind]
            good = type(v) is int and low <= v < high and (not row.words or v in row.words)
            size = v
        elif row.kind == "text":
            good, size = isinstance(v, str), len(v.encode()) if isinstance(v, str) else 0
        elif row.kind == "bytes":
            good, size = isinstance(v, bytes), len(v) if isinstance(v, bytes) else 0
        elif row.kind == "list":
            good, size = isinstance(v, list), len(v) if isinstance(v, list) else 0
        else:
            checks = {"bool": lambda: type(v) is bool, "f32": lambda: isinstance(v, F32),
                      "f64": lambda: type(v) is float, "key": lambda: isinstance(v, bytes) and len(v) == 32,
                      "id": lambda: isinstance(v, bytes) and 2 <= len(v) <= 33 and v[0] > 0,
                      "value": lambda: True, "object": lambda: isinstance(v, list)}
            good, size = checks[row.kind](), None
        if not good:
            raise Malformed(f"{self.name}: {row.name} is no {row.kind}")
        if size is not None:
            row.fits(size)
        if row.kind == "object":
            return self.inside[row.sub].read(v)
        if row.kind == "list":
            if row.sub in self.each:
                return [self.read_value(self.each[row.sub], item) for item in v]
            return [self.inside[row.sub].read(item) for item in v]
        return v

    def write(self, members):
        """The array again; what was read can be written."""
        return [self.write_value(row, members[row.name]) if row.name in members else None for row in self.rows]

    def write_value(self, row, v):
        if row.kind == "object":
            return self.inside[row.sub].write(v)
        if row.kind == "list" and row.sub not in self.each:
            return [self.inside[row.sub].write(item) for item in v]
        return v


def read_document(text):
    """Of each message its section, number and table, by name; and `inside` tables by theirs."""
    messages, section, table, part = {}, None, None, None
    for line in text.splitlines():
        if found := SECTION.match(line):
            title = TITLE.fullmatch(found[1])
            name = title[2] if title else found[1]
            table = part = Table(name)
            messages[name] = (section, int(title[1]) if title else None, table)
        elif found := ROOT.match(line):
            section, table = found[1], None
        elif table is None:
            continue
        elif found := INSIDE.match(line):
            part = table.inside[found[1]] = Table(found[1])
            part.inside, part.each = table.inside, table.each
        elif found := EACH.match(line):
            table.each[found[1]] = Row(found[1], found[2], found[3].rstrip("."), "; required")
        elif (found := ROW.fullmatch(line)) and found[1] != "member":
            part.rows.append(Row(*found.groups()))
    return messages


def shown(value):
    """As JSON shows it: bytes in hex, what is absent left out."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shown(v) for v in value]
    return value


def frames(plain, messages):
    """The frames of a session's datagram: (name or None for one unknown here, members or elements)."""
    by_number = {number: (name, table) for name, (section, number, table) in messages.items()
                 if section == "Frames of a session"}
    for value, _ in msgpack.read_all(plain):
        if not isinstance(value, list) or not value or type(value[0]) is not int:
            raise Malformed("no frame")
        name, table = by_number.get(value[0], (None, None))
        yield (name, table.read(value, 1)) if table else (None, value)
