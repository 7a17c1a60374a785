#!/usr/bin/env python3
"""Reads every golden vector with a decoder of its own, written from docs/WIRE.md and docs/PROTOCOL.md.

decode.py [-v]: compares what each line of tests/vectors/wire says with what stands in its bytes, and
writes the bytes again; -v prints it.  Exit 0: agreed, 1: differs, 77: no module `cryptography`.

It shares no code with meshd and none with the makers of the vectors: msgpack.py, tables.py (the tables of
WIRE.md, read from the document), mesh.py (the prose of PROTOCOL.md).  Where the documents were not enough to
write it, they were mended.
"""
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
try:
    import mesh
    import msgpack
    import tables
except ImportError as missing:
    print(f"skipped: {missing} (pip install cryptography)")
    sys.exit(1 if os.environ.get("MESHD_REQUIRE_ALL") else 77)

VECTORS = HERE.parent / "vectors/wire"
MESSAGES = tables.read_document((HERE.parent.parent / "docs/WIRE.md").read_text())
FRAMES = "Frames of a session"
BUNDLE = MESSAGES["BUNDLE"][2]
talkative = "-v" in sys.argv[1:]
faults, counts = [], {}


def vectors(name):
    """Head line, and (label, bytes, expected text) of each line."""
    lines = (VECTORS / name).read_text().splitlines()
    return lines[0], [(label, bytes.fromhex(data), expected)
                      for label, data, expected in (line.split(" | ") for line in lines if line and line[0] != "#")]


def check(file, label, said, expected):
    counts[file] = counts.get(file, 0) + 1
    if talkative:
        print(f"{file} {label}: {said}")
    if said != expected:
        faults.append(f"{file} {label}:\n  the bytes say   {said}\n  the vector says {expected}")


def as_text(value):
    return json.dumps(tables.shown(value), separators=(",", ":"), ensure_ascii=False)


# --- values.txt ---
def values():
    for name, data, expected in vectors("values.txt")[1]:
        try:
            value, said = msgpack.read(data), "taken"
        except msgpack.Malformed:
            said = "refused"
        check("values.txt", name, said, expected)
        if said == "taken":
            check("values.txt", f"{name} again", msgpack.write(value).hex(), data.hex())


# --- messages.txt ---
def table_of(name):
    section, number, table = MESSAGES[name]
    return (1 if section == FRAMES else 0), table


def messages():
    seen = set()
    for name, data, expected in vectors("messages.txt")[1]:
        skip, table = table_of(name)
        value = msgpack.read(data)
        members = table.read(value, skip)
        open_to_all = {row.name for row in table.rows if not row.secret}
        shown = {k: v for k, v in members.items() if k in open_to_all}
        check("messages.txt", name, as_text(shown), expected)
        again = msgpack.write(value[:skip] + table.write(members))
        check("messages.txt", f"{name} again", again.hex(), data.hex())
        if skip:
            check("messages.txt", f"{name} number", value[0], MESSAGES[name][1])
        seen.add(name)
    spoken = {name for name, (section, number, table) in MESSAGES.items() if number is not None and table.rows}
    check("messages.txt", "messages without a golden vector", sorted(spoken - seen), [])


# --- pieces.txt ---
def pieces():
    """PROTOCOL.md 7: a frame is put together from its pieces, whatever their order."""
    file, lines = "pieces.txt", vectors("pieces.txt")[1]
    whole, table, room, seen = lines[0][1], MESSAGES["FRAG"][2], bytearray(), set()
    for name, data, expected in reversed(lines[1:]):
        value = msgpack.read(data)
        piece = table.read(value, 1)
        room = room or bytearray(piece["total"])
        at, last = piece["index"] * piece["step"], -(-piece["total"] // piece["step"]) - 1
        room[at:at + len(piece["bytes"])] = piece["bytes"]
        seen.add(piece["index"])
        said = f"message={piece['message']} total={piece['total']} step={piece['step']} index={piece['index']}"
        check(file, name, said, expected)
        check(file, f"{name} length", len(piece["bytes"]), min(piece["step"], piece["total"] - at))
        check(file, f"{name} is one of", piece["index"] <= last, True)
        check(file, f"{name} again", msgpack.write(value[:1] + table.write(piece)).hex(), data.hex())
    check(file, "all are here", sorted(seen), list(range(last + 1)))
    check(file, "whole", bytes(room).hex(), whole.hex())


# --- records.txt, bundles.txt ---
def core_text(core):
    dst = core["dst"].hex() if core["dst"] else "-"
    return " ".join(f"{k}={core[k]}" for k in mesh.CORE[1:8]) + f" dst={dst} body={msgpack.write(core['body']).hex()}"


def records():
    for name, data, expected in vectors("records.txt")[1]:
        core = mesh.read_core(data)
        check("records.txt", name, core_text(core), expected)
        again = msgpack.write([core[k] for k in mesh.CORE] + core["later"])
        check("records.txt", f"{name} again", again.hex(), data.hex())


def bundles():
    head, lines = vectors("bundles.txt")
    origin, network = head.split(" by ")[1].split()[0], head.split(" in network ")[1].split(";")[0]
    for name, data, expected in lines:
        bundle = BUNDLE.read(msgpack.read(data))
        cores = mesh.verify_bundle(bundle, bytes.fromhex(network))
        said = f"n={bundle['n']} mask={bundle['mask']} fill={len(bundle['fill']) // 32} cores={len(cores)}"
        check("bundles.txt", name, said, expected)
        check("bundles.txt", f"{name} origin", {c["origin"].hex() for c in cores}, {origin})
        check("bundles.txt", f"{name} again", msgpack.write(BUNDLE.write(bundle)).hex(), data.hex())
        for at in range(0, len(data), max(1, len(data) // 40)):  # a verifier that says yes to anything?
            flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
            try:
                mesh.verify_bundle(BUNDLE.read(msgpack.read(flipped)), bytes.fromhex(network))
            except mesh.Malformed:
                continue
            check("bundles.txt", f"{name} with byte {at} flipped", "accepted", "refused")


# --- datagrams.txt ---
def field_text(name, v):
    return f"{name}={v if isinstance(v, int) else v.hex()}"


def datagrams():
    head, lines = vectors("datagrams.txt")
    secret = bytes.fromhex(head.split(" under ")[1].split(".")[0])
    kinds = set()
    for name, data, expected in lines:
        kind, parts = mesh.read_datagram(data)
        kinds.add(kind)
        said = [field_text(n, parts[n]) if n != "key" else f"key={len(parts[n])}" for n, _ in mesh.LAYOUT[kind]]
        if kind in ("beacon", "data"):
            plain = (mesh.open_beacon if kind == "beacon" else mesh.open_data)(data, secret)
            said.append(f"plain={plain.hex()}")
            for frame in tables.frames(plain, MESSAGES) if kind == "data" else []:
                if talkative:
                    print(f"  {frame[0] or 'unknown'} {as_text(frame[1])}")
        elif kind != "cookie":
            said.append(f"sealed={len(parts['sealed'])}")
        check("datagrams.txt", name, " ".join(said), expected)
        check("datagrams.txt", f"{name} again", mesh.write_datagram(kind, parts).hex(), data.hex())
    check("datagrams.txt", "kinds", sorted(kinds), sorted(mesh.KINDS))


# --- handshake.txt ---
def handshake():
    """Both sides, from the keys alone: each message is read by one and written again by the other."""
    file = "handshake.txt"
    lines = {label: (data, expected) for label, data, expected in vectors(file)[1]}
    founder, salt, netkey = (lines["network"][0][a:b] for a, b in ((0, 32), (32, 48), (48, 80)))
    netid, keys = mesh.netid(founder, salt), mesh.netkeys(netkey)
    said = " ".join([field_text("netid", netid)] + [field_text(k, v) for k, v in keys.items()])
    check(file, "network", said, lines["network"][1])
    sides = {}
    prologue = b"meshd1" + netid + keys["hint"] + lines["hs1"][0][5:9]
    for who in "ir":
        pk = bytes.fromhex(dict(word.split("=") for word in lines[f"site_{who}"][1].split())["key"])
        said = f"key={pk.hex()} link={mesh.link_public(pk).hex()} oid={mesh.h(pk)[:8].hex()} tag={mesh.h(pk)[:4].hex()}"
        check(file, f"site_{who}", said, lines[f"site_{who}"][1])
        sides[who] = mesh.Noise(who == "i", lines[f"site_{who}"][0], lines[f"ephemeral_{who}"][0], keys["hs"], prologue)
        check(file, f"site_{who} link key", mesh.public_of(sides[who].s).hex(), mesh.link_public(pk).hex())
    info = MESSAGES["INFO"][2]
    for name, writer, reader in (("hs1", "i", "r"), ("hs2", "r", "i"), ("hs3", "i", "r")):
        data, expected = lines[name]
        kind, parts = mesh.read_datagram(data)
        message = parts.get("e", b"") + parts.get("key", b"") + parts["sealed"]
        payload = sides[reader].read(message)
        members = payload if name == "hs1" else info.read(msgpack.read(payload))
        check(file, name, payload.hex() if name == "hs1" else as_text(members), expected)
        check(file, f"{name} again", sides[writer].write(payload).hex(), message.hex())
        if name != "hs1":  # section 6.1: who it says it is has the static key that was proved
            check(file, f"{name} identity", mesh.link_public(members["site"]).hex(), sides[reader].rs.hex())
    for who in "ir":
        check(file, f"keys of {who}", b"".join(sides[who].keys()).hex(), lines["keys"][0].hex())
    i_to_r, r_to_i = sides["i"].keys()
    for name, key in (("data_i", i_to_r), ("data_r", r_to_i)):
        plain = mesh.open_data(lines[name][0], key)
        check(file, name, plain.hex(), lines[name][1])
        check(file, f"{name} frames", all(f[0] for f in tables.frames(plain, MESSAGES)), True)
    _, cookie = mesh.read_datagram(lines["cookie"][0])
    tag = mesh.cookie_tag(lines["cookie"][0], lines["hs1"][0][25:57], keys["cookie"])
    check(file, "cookie", tag.hex(), cookie["tag"].hex())
    check(file, "beacon", mesh.open_beacon(lines["beacon"][0], keys["beacon"]).hex(), lines["beacon"][1])


for part in (values, messages, pieces, records, bundles, datagrams, handshake):
    try:
        part()
    except mesh.Malformed as fault:
        faults.append(f"{part.__name__}: {fault}")
print(", ".join(f"{file}: {n} checks" for file, n in counts.items()))
print("\n".join(faults) or "agreed")
sys.exit(1 if faults else 0)
