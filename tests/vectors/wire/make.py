#!/usr/bin/env python3
"""Golden vectors of the wire, made by other code than ours: msgpack, cryptography, pynacl.

Run by hand, once, and again only with a decision record: `python3 make.py`.  Each line of values.txt,
messages.txt, records.txt, bundles.txt, pieces.txt and datagrams.txt is `name | hex | expected text`.
All keys, nonces and times are made up.
"""
import hashlib
import json

import msgpack
import nacl.bindings as sodium
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PK = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
NETID = bytes(range(0xA0, 0xB0))
OID = hashlib.blake2b(PK, digest_size=32).digest()[:8]
BOOT_ID = bytes.fromhex("0102030405060708")
DIGEST = bytes.fromhex("d1d2d3d4d5d6d7d8")
SECRET = bytes(range(64, 96))
BOOT = 1765432100


def pack(value):
    return msgpack.packb(value, use_bin_type=True, use_single_float=False)


def h(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def text(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def write(name, head, lines):
    with open(name, "w", encoding="utf-8") as f:
        f.write(f"# {head}  Made by make.py.\n")
        for label, data, expected in lines:
            f.write(f"{label} | {data.hex()} | {expected}\n")


# --- values (PROTOCOL.md, Values): by hand, as msgpack would not write most of them ---
def value(label, data, taken):
    return label, bytes.fromhex(data), "taken" if taken else "refused"


write("values.txt", "Values as the shape check takes them or refuses them.", [
    value("longest_fixed_number", "7f", True), value("127_in_two_bytes", "cc7f", False),
    value("least_of_two_bytes", "cc80", True), value("255_in_three_bytes", "cd00ff", False),
    value("most", "cfffffffffffffffff", True), value("2^32-1_in_nine_bytes", "cf00000000ffffffff", False),
    value("-32_in_two_bytes", "d0e0", False), value("5_as_a_negative", "d005", False),
    value("least", "d38000000000000000", True), value("nil", "c0", True), value("never_used", "c1", False),
    value("text_of_31_in_two_bytes", "d91f" + "61" * 31, False), value("text_of_32", "d920" + "61" * 32, True),
    value("half_a_letter", "a1c3", False), value("overlong_zero", "a2c080", False),
    value("surrogate", "a3eda080", False), value("bytes", "c403616263", True),
    value("three_elements_long_form", "dc0003010203", False), value("extension", "d40000", False),
    value("eight_deep", "91" * 8 + "c0", True), value("nine_deep", "91" * 9 + "c0", False),
    value("map", "82a16101a16202", True), value("names_in_another_order", "82a16202a16101", True),
    value("name_that_is_empty", "81a0c0", True), value("name_that_is_a_number", "8101c0", False),
    value("name_twice", "82a16101a16102", False), value("name_twice_with_one_value", "82a16101a16101", False),
    value("name_twice_not_side_by_side", "83a16101a16202a16103", False),
    value("empty_name_twice", "82a0c0a0c0", False), value("name_twice_in_a_map_in_a_map", "81a16182a162c0a162c0", False),
    value("name_twice_behind_a_map", "82a16181a162c0a161c0", False),
    value("one_name_in_two_maps", "9281a161c081a161c0", True), value("one_name_in_a_map_in_a_map", "81a16181a161c0", True),
    value("composed_and_decomposed_letter", "82a2c3a401a361cc8802", True),
    value("float", "ca3f800000", True), value("double", "cb3ff0000000000000", True),
    value("greatest_float", "ca7f7fffff", True), value("greatest_double", "cb7fefffffffffffff", True),
    value("least_float", "ca00000001", True), value("minus_zero", "cb8000000000000000", True),
    value("infinite_float", "ca7f800000", False), value("minus_infinite_float", "caff800000", False),
    value("infinite_double", "cb7ff0000000000000", False), value("minus_infinite_double", "cbfff0000000000000", False),
    value("quiet_nan_float", "ca7fc00000", False), value("signalling_nan_float", "ca7f800001", False),
    value("quiet_nan_double", "cb7ff8000000000000", False), value("other_nan_double", "cbffffffffffffffff", False),
    value("nan_in_a_map_in_a_list", "9181a161ca7fc00000", False),
])

# --- certificates (PROTOCOL.md 12), by an authority whose seed is SECRET ---
CERTIFIED = [1, NETID, PK, "berg", 15, BOOT, BOOT + 86400, 2**40]
CERT = CERTIFIED + [Ed25519PrivateKey.from_private_bytes(SECRET).sign(b"meshd1 cert" + pack(CERTIFIED))]


# --- cores, bundles (PROTOCOL.md 2, 3) ---
def core(lane, seq, body, back=1, kind=1, time_ms=1765432101234, hop_max=32, dst=None, epoch=BOOT):
    return pack([PK, lane, epoch, seq, back, kind, time_ms, hop_max, dst, body])


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return h(b"\1" + root(leaves[:k]) + root(leaves[k:]))


def fill(leaves, present):
    if not any(present):
        return root(leaves)
    if len(leaves) == 1:
        return b""
    k = split(len(leaves))
    return fill(leaves[:k], present[:k]) + fill(leaves[k:], present[k:])


def bundle(cores, mask=None, tail=()):
    n = len(cores)
    mask = (1 << n) - 1 if mask is None else mask
    leaves = [h(b"\0" + c) for c in cores]
    sig = KEY.sign(b"meshd1 rec" + NETID + bytes([n]) + root(leaves))
    present = [mask >> i & 1 == 1 for i in range(n)]
    here = [c for c, p in zip(cores, present) if p]
    return [sig, n, mask, fill(leaves, present), here, *tail]


def core_text(lane, seq, body, back=1, kind=1, time_ms=1765432101234, hop_max=32, dst="-", epoch=BOOT):
    return (f"lane={lane} epoch={epoch} seq={seq} back={back} type={kind} time_ms={time_ms} "
            f"hop_max={hop_max} dst={dst} body={pack(body).hex()}")


LINKS = [b"mesh.links", [BOOT, BOOT_ID, [OID, DIGEST]]]
BEACON = [BOOT_ID, 1, 1, 5, DIGEST, 2, "berg"]
records = [
    ("packet", core(4, 1, [1, None, b"\xaa"]), core_text(4, 1, [1, None, b"\xaa"])),
    ("state_put", core(3, 1025, LINKS, back=1022), core_text(3, 1025, LINKS, back=1022)),
    ("alert", core(2, 7, [], kind=2, time_ms=0), core_text(2, 7, [], kind=2, time_ms=0)),
    ("beacon", core(0, 9, BEACON, back=0, hop_max=0), core_text(0, 9, BEACON, back=0, hop_max=0)),
    ("command_to_one", core(0, 10, ["x"], back=0, kind=11, dst=bytes(range(1, 33))),
     core_text(0, 10, ["x"], back=0, kind=11, dst=bytes(range(1, 33)).hex())),
    ("highest_numbers", core(6, 2**62, [[]], back=2**62, kind=65535, time_ms=2**63 - 1, epoch=2**64 - 1),
     core_text(6, 2**62, [[]], back=2**62, kind=65535, time_ms=2**63 - 1, epoch=2**64 - 1)),
    ("trailing_element_kept", pack([PK, 5, 1, 2, 1, 1, 0, 32, None, [3], "new"]),
     core_text(5, 2, [3], time_ms=0, epoch=1)),
]
write("records.txt", "Core bytes and what they say.", records)

five = [core(4, 100 + i, [i]) for i in range(5)]
many = [core(1, 1 + i, [b"k", i]) for i in range(64)]
bundles = [
    ("alone", pack(bundle(five[:1])), "n=1 mask=1 fill=0 cores=1"),
    ("whole_batch_of_five", pack(bundle(five)), "n=5 mask=31 fill=0 cores=5"),
    ("third_of_five", pack(bundle(five, 0b00100)), "n=5 mask=4 fill=3 cores=1"),
    ("two_of_five", pack(bundle(five, 0b10001)), "n=5 mask=17 fill=2 cores=2"),
    ("last_of_64", pack(bundle(many, 1 << 63)), "n=64 mask=9223372036854775808 fill=6 cores=1"),
    ("whole_batch_of_64", pack(bundle(many)), "n=64 mask=18446744073709551615 fill=0 cores=64"),
]
write("bundles.txt", f"Bundles by {PK.hex()} in network {NETID.hex()}; fill counts hashes.", bundles)

# --- pieces.txt: a frame in FRAG frames ---
WHOLE = bytes((i * 7 + i // 256) % 256 for i in range(1000))
STEP = -(-len(WHOLE) // 3)
write("pieces.txt", "A frame of 1000 bytes, cut for a way of 508 (frames of 467 bytes): PROTOCOL.md 7.",
      [("whole", WHOLE, "limit=467")] +
      [(f"piece{i}", pack([8, 1, len(WHOLE), STEP, i, WHOLE[i * STEP:(i + 1) * STEP]]),
        f"message=1 total={len(WHOLE)} step={STEP} index={i}") for i in range(3)])

# --- messages, as describe.c shows them (PROTOCOL.md 2, 6, 7) ---
alone = bundle([core(4, 1, [1])])
alone_text = {"sig": alone[0].hex(), "n": 1, "mask": 1, "fill": "", "cores": [alone[4][0].hex()]}
other = bundle([core(4, 1, [2])])
other_text = {"sig": other[0].hex(), "n": 1, "mask": 1, "fill": "", "cores": [other[4][0].hex()]}
TRAIL = OID[:4] + DIGEST[:4]
ADDRESS = bytes([127, 0, 0, 1, 0x38, 0x86])
echo_core = core(0, 11, [77], back=0, kind=5, dst=bytes(range(1, 33)))
echo = bundle([echo_core])
echo_text = {"sig": echo[0].hex(), "n": 1, "mask": 1, "fill": "", "cores": [echo_core.hex()]}


def stamp(chain, tag, came_from, rx_us, held_us):
    """One stamp by SEED, and the chain behind it (PROTOCOL.md 8)."""
    said = tag + came_from + rx_us.to_bytes(8, "big") + held_us.to_bytes(4, "big")
    whole = said + KEY.sign(b"meshd1 hop" + chain + said)
    return whole, h(chain + whole)


CHAIN = h(b"meshd1 hops" + NETID + echo_core)
FIRST, CHAIN = stamp(CHAIN, DIGEST[:4], OID[:4], 1_000_000, 40)
SECOND, CHAIN = stamp(CHAIN, OID[:4], DIGEST[:4], 2**40, 0)
STAMPS = FIRST + SECOND


def ident(key):
    return key.hex()


messages = [
    ("PUSH", [1, 2, 1500, alone, TRAIL, None],
     {"hops": 2, "age_ms": 1500, "bundle": alone_text, "trail": TRAIL.hex()}),
    ("PUSH", [1, 0, 0, alone, None, None], {"hops": 0, "age_ms": 0, "bundle": alone_text}),
    ("PUSH", [1, 2, 7, echo, TRAIL + OID[:4], STAMPS],
     {"hops": 2, "age_ms": 7, "bundle": echo_text, "trail": (TRAIL + OID[:4]).hex(), "stamps": STAMPS.hex()}),
    ("PING", [2, 7, None], {"id": 7}),
    ("PING", [2, 65535, DIGEST], {"id": 65535, "digest": DIGEST.hex()}),
    ("PONG", [3, 7, 250, DIGEST], {"id": 7, "held_ms": 250, "digest": DIGEST.hex()}),
    ("ACK", [4, 70000, 2**63], {"counter": 70000, "bits": 2**63}),
    ("PRUNE", [5, OID, 1], {"oid": OID.hex(), "on": 1}),
    ("PROBE", [6, 9, OID], {"id": 9, "oid": OID.hex()}),
    ("PROBED", [7, 9, 1], {"id": 9, "heard": 1}),
    ("FRAG", [8, 7, 65536, 1130, 57, bytes(range(16))],
     {"message": 7, "total": 65536, "step": 1130, "index": 57, "bytes": bytes(range(16)).hex()}),
    ("FRAG", [8, 65535, 300, 256, 1, bytes(44)],
     {"message": 65535, "total": 300, "step": 256, "index": 1, "bytes": bytes(44).hex()}),
    ("PATH", [9, BOOT_ID], {"token": BOOT_ID.hex()}),
    ("PATH_ACK", [10, BOOT_ID], {"token": BOOT_ID.hex()}),
    ("CLOSE", [11, 1], {"reason": 1}),
    ("PEERS", [12, [[PK, [ADDRESS, bytes(16) + ADDRESS[4:]]], [SEED, []]]],
     {"peers": [{"site": ident(PK), "addresses": [ADDRESS.hex(), (bytes(16) + ADDRESS[4:]).hex()]},
                {"site": ident(SEED), "addresses": []}]}),
    ("PUNCH", [24, PK, ADDRESS], {"site": ident(PK), "address": ADDRESS.hex()}),
    ("PUNCH", [24, PK, b""], {"site": ident(PK), "address": ""}),
    ("NETKEY_ASK", [13, SEED], {"hash": SEED.hex()}),
    ("NETKEY_ASK", [13, None], {}),
    ("NETKEY", [14, SECRET, 1765432109999], {"use_after_ms": 1765432109999}),
    ("CERT", [15, pack(CERT)], {"bytes": pack(CERT).hex()}),
    ("SUM", [16, 3, DIGEST, bytes(range(256))],
     {"rows": 3, "digest": DIGEST.hex(), "buckets": bytes(range(256)).hex()}),
    ("ROWS", [17, 2**32 - 1, [[OID, BOOT, [4, 1, 300]]], True],
     {"mask": 2**32 - 1, "rows": [{"oid": OID.hex(), "epoch": BOOT, "marks": [4, 1, 300]}], "last": True}),
    ("PULL", [18, 7, OID, BOOT, 4, 1, 300, 16384],
     {"ticket": 7, "oid": OID.hex(), "epoch": BOOT, "lane": 4, "from": 1, "to": 300, "max_bytes": 16384}),
    ("PAGE", [19, 7, OID, BOOT, 4, 1, 1, [alone]],
     {"ticket": 7, "oid": OID.hex(), "epoch": BOOT, "lane": 4, "from": 1, "to": 1, "bundles": [alone_text]}),
    ("PAGE", [19, 65535, OID, BOOT, 3, 1, 1, []],
     {"ticket": 65535, "oid": OID.hex(), "epoch": BOOT, "lane": 3, "from": 1, "to": 1, "bundles": []}),
    ("NONE", [20, 7, OID, 4, 4, 1, 300],
     {"ticket": 7, "oid": OID.hex(), "lane": 4, "code": 4, "low": 1, "high": 300}),
    ("SKETCH", [21, 7, [[OID, BOOT, 6, 300], [DIGEST, 1, 3, 2**40]], 16, 4080],
     {"ticket": 7, "scopes": [{"oid": OID.hex(), "epoch": BOOT, "lane": 6, "high": 300},
                              {"oid": DIGEST.hex(), "epoch": 1, "lane": 3, "high": 2**40}],
      "first": 16, "count": 4080}),
    ("CELLS", [22, 7, 4094, bytes(range(56))], {"ticket": 7, "first": 4094, "cells": bytes(range(56)).hex()}),
    ("CELLS", [22, 65535, 0, b""], {"ticket": 65535, "first": 0, "cells": ""}),
    ("BEACON", BEACON,
     {"boot_id": BOOT_ID.hex(), "proto_min": 1, "proto_max": 1, "features": 5, "digest": DIGEST.hex(),
      "links": 2, "name": "berg"}),
    ("SUSPECT", [PK, BOOT, 2400], {"target": ident(PK), "boot": BOOT, "silent_ms": 2400}),
    ("REFUTE", [BOOT], {"boot": BOOT}),
    ("BYE", [2**64 - 1], {"boot": 2**64 - 1}),
    ("ECHO", [77], {"number": 77}),
    ("FORK", [alone, other], {"first": alone_text, "second": other_text}),
    ("ECHO_REPLY", [77, 2, OID[:4], 35, TRAIL, STAMPS],
     {"number": 77, "hops": 2, "from": OID[:4].hex(), "held_us": 35, "trail": TRAIL.hex(),
      "stamps": STAMPS.hex()}),
    ("ECHO_REPLY", [2**63, 0, DIGEST[:4], 0, b"", b""],
     {"number": 2**63, "hops": 0, "from": DIGEST[:4].hex(), "held_us": 0, "trail": "", "stamps": ""}),
    ("QUERY", [78, 2000, b"?"], {"number": 78, "budget_ms": 2000, "question": "3f"}),
    ("REPLY", [78, b"well", 0], {"number": 78, "answer": b"well".hex(), "refused": 0}),
    ("REPLY", [79, b"", 1], {"number": 79, "answer": "", "refused": 1}),
    ("TRACE", [79], {"number": 79}),
    ("COMMAND", [80, b"!"], {"number": 80, "command": "21"}),
    ("TELL", [b"hear"], {"told": b"hear".hex()}),
    ("PUT", [b"user/a", {"on": True, "list": [1, -2, 1.5, None, "ä", b"\1"], "deep": {}}],
     {"key": b"user/a".hex(),
      "value": {"on": True, "list": [1, -2, 1.5, None, "ä", "01"], "deep": {}}}),
    ("PUT", [b"n", -129], {"key": "6e", "value": -129}),
    ("PUT", [b"gone", None], {"key": b"gone".hex()}),
    ("DROP", [[[1, 3], [7, 7]]], {"runs": [{"first": 1, "last": 3}, {"first": 7, "last": 7}]}),
    ("CHECKPOINT", [3, bytes(range(32)), 0, False], {"count": 3, "sum": bytes(range(32)).hex(), "tomb_floor": 0, "settled": False}),
    ("CHECKPOINT", [3, bytes(range(32)), 70000, True],
     {"count": 3, "sum": bytes(range(32)).hex(), "tomb_floor": 70000, "settled": True}),
    ("LINKS", LINKS,
     {"key": b"mesh.links".hex(),
      "links": {"boot": BOOT, "boot_id": BOOT_ID.hex(), "oids": [OID.hex(), DIGEST.hex()]}}),
    ("ADDR", [b"mesh.addr", [[ADDRESS, 3], [bytes(15) + b"\1" + ADDRESS[4:], 1]]],
     {"key": b"mesh.addr".hex(), "addresses": [{"address": ADDRESS.hex(), "kind": 3},
      {"address": (bytes(15) + b"\1" + ADDRESS[4:]).hex(), "kind": 1}]}),
    ("ADMIN", [b"admin/" + PK, True], {"key": (b"admin/" + PK).hex(), "on": True}),
    ("ALLOW", [b"allow/" + PK, False], {"key": (b"allow/" + PK).hex(), "on": False}),
    ("REVOKE", [b"revoke/" + PK, True, 1, False, BOOT, [0, 0, 12, 2**40]],
     {"key": (b"revoke/" + PK).hex(), "on": True, "reason": 1, "purge": False, "epoch": BOOT,
      "marks": [0, 0, 12, 2**40]}),
    ("NETWORK_KEY", [b"netkey", h(SECRET), 1765432109999],
     {"key": b"netkey".hex(), "hash": h(SECRET).hex(), "use_after_ms": 1765432109999}),
    ("INVITE", [b"invite/" + OID, True, SECRET, 3, 1765432109999],
     {"key": (b"invite/" + OID).hex(), "on": True, "uses": 3, "expires_ms": 1765432109999}),
    ("USE", [b"use/" + OID + PK, True], {"key": (b"use/" + OID + PK).hex(), "on": True}),
    ("CERT_PUT", [b"cert", pack(CERT)], {"key": b"cert".hex(), "bytes": pack(CERT).hex()}),
    ("CERTIFICATE", CERT,
     {"version": 1, "netid": NETID.hex(), "site": ident(PK), "name": "berg", "roles": 15,
      "from_s": BOOT, "until_s": BOOT + 86400, "serial": 2**40, "sig": CERT[-1].hex()}),
    ("INFO", [PK, 0xDEADBEEF, BOOT, BOOT_ID, 1, 2, 2**40, ADDRESS, "berg", None, 0],
     {"site": ident(PK), "sid": 0xDEADBEEF, "boot": BOOT, "boot_id": BOOT_ID.hex(), "proto_min": 1,
      "proto_max": 2, "features": 2**40, "observed": ADDRESS.hex(), "name": "berg", "ping_s": 0}),
    ("INFO", [PK, 2**32 - 1, 2**64 - 1, BOOT_ID, 1, 1, 2**64 - 1, bytes(16) + ADDRESS[4:],
              "n" * 20, SEED, 20],
     {"site": ident(PK), "sid": 2**32 - 1, "boot": 2**64 - 1, "boot_id": BOOT_ID.hex(), "proto_min": 1,
      "proto_max": 1, "features": 2**64 - 1, "observed": (bytes(16) + ADDRESS[4:]).hex(),
      "name": "n" * 20, "cert_hash": SEED.hex(), "ping_s": 20}),
    ("BUNDLE", alone, alone_text),
]
write("messages.txt", "Every message of messages.c; the text is what describe.c makes of it.",
      [(name, pack(value), text(shown)) for name, value, shown in messages])

# --- datagrams (PROTOCOL.md 4 to 7): key = SECRET ---
HINT = bytes.fromhex("11223344")
NONCE = bytes(range(24))
E = bytes(range(32, 64))
COOKIE = bytes(range(16))


def nonce12(counter):
    return bytes(4) + counter.to_bytes(8, "little")


beacon_head = b"\x10" + HINT
beacon_plain = pack(bundle([core(0, 9, BEACON, back=0, hop_max=0)]))
data_head = b"\x15" + (0xDEADBEEF).to_bytes(4, "big") + (258).to_bytes(4, "big")
data_plain = pack([4, 70000, 1]) + pack([2, 7, None]) + pack([99, "later"]) + pack([1, 0, 0, alone, TRAIL, None])
hs1 = b"\x11" + HINT + (7).to_bytes(4, "big") + bytes(16) + E + bytes(199)
hs2 = b"\x12" + (7).to_bytes(4, "big") + E + bytes([1] * 48) + bytes([2] * 120)
hs3 = b"\x13" + (8).to_bytes(4, "big") + bytes([1] * 48) + bytes([2] * 120)
cookie = b"\x14" + (7).to_bytes(4, "big") + COOKIE + bytes(range(16, 32))
datagrams = [
    ("beacon", beacon_head + NONCE + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        beacon_plain, beacon_head, NONCE, SECRET),
     f"hint={HINT.hex()} nonce={NONCE.hex()} plain={beacon_plain.hex()}"),
    ("hs1", hs1, f"hint={HINT.hex()} sid=7 cookie={bytes(16).hex()} e={E.hex()} sealed=199"),
    ("hs2", hs2, f"sid=7 e={E.hex()} key=48 sealed=120"),
    ("hs3", hs3, "sid=8 key=48 sealed=120"),
    ("cookie", cookie, f"sid=7 cookie={COOKIE.hex()} tag={bytes(range(16, 32)).hex()}"),
    ("data", data_head + ChaCha20Poly1305(SECRET).encrypt(nonce12(258), data_plain, data_head),
     f"sid={0xDEADBEEF} counter=258 plain={data_plain.hex()}"),
    ("data_empty", data_head + ChaCha20Poly1305(SECRET).encrypt(nonce12(258), b"", data_head),
     f"sid={0xDEADBEEF} counter=258 plain="),
]
write("datagrams.txt", f"Datagrams; sealed ones under {SECRET.hex()}.", datagrams)
