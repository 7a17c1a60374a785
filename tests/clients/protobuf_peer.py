#!/usr/bin/env python3
"""Random messages of every type must mean the same to us and to the official library.

    protobuf_peer.py PROGRAM [N]

PROGRAM is protobuf_peer. Both ways: we write, the library reads and writes, we read
that again; and the library writes, we read and write, the library reads that again.
Needs PyPI `meshtastic`.
"""
import json
import math
import os
import random
import struct
import subprocess
import sys

COMMON = """FromRadio ToRadio MeshPacket Data MyNodeInfo NodeInfo User Position Routing
RouteDiscovery Telemetry DeviceMetrics EnvironmentMetrics LocalStats NeighborInfo Waypoint
AdminMessage Config ModuleConfig Channel DeviceMetadata QueueStatus ClientNotification
StoreAndForward MapReport""".split()
SEED = int(os.environ.get("MESH_TEST_SEED", "1"), 0)


def skip(why):
    print("skipped:", why)
    sys.exit(1 if os.environ.get("MESHD_REQUIRE_ALL") == "1" else 77)


try:
    from google.protobuf.descriptor import FieldDescriptor as F
    from google.protobuf.message import DecodeError
    from meshtastic.protobuf import (admin_pb2, mesh_pb2, mqtt_pb2, paxcount_pb2,
                                     storeforward_pb2, telemetry_pb2)
except ImportError as e:
    skip(f"no official library: {e}")

MODULES = (admin_pb2, mesh_pb2, mqtt_pb2, paxcount_pb2, storeforward_pb2, telemetry_pb2)


def all_classes():
    """By the name within the package: "Config.LoRaConfig"."""
    found, todo = {}, []
    for module in MODULES:
        todo += [getattr(module, n) for n in module.DESCRIPTOR.message_types_by_name]
    while todo:
        c = todo.pop()
        name = c.DESCRIPTOR.full_name.removeprefix("meshtastic.protobuf.")
        if name in found:
            continue
        found[name] = c
        for field in c.DESCRIPTOR.fields:
            if field.message_type:
                todo.append(field.message_type._concrete_class)
    return found


def is_list(field):
    return field.is_repeated if hasattr(field, "is_repeated") else field.label == 3


def same_float(ours, theirs):
    if ours is None:
        return not math.isfinite(theirs)
    # JSON's "-0" is read as an integer without a sign; the way back keeps it.
    return ours == theirs or struct.pack("<f", ours) == struct.pack("<f", theirs)


def same_value(field, ours, theirs):
    if field.type == F.TYPE_MESSAGE:
        return same(ours, theirs)
    if field.type == F.TYPE_FLOAT:
        return same_float(ours, theirs)
    if field.type == F.TYPE_BYTES:
        return ours == theirs.hex()
    if field.type == F.TYPE_ENUM:
        known = field.enum_type.values_by_number.get(theirs)
        # Our words may be newer than the library's; then it has but the number.
        return ours == theirs or (ours == known.name if known else isinstance(ours, str))
    return ours == theirs


def same(ours, theirs):
    """`ours` is our JSON as a dict, `theirs` an official message."""
    names = theirs.DESCRIPTOR.fields_by_name
    left = {k for k in ours if k in names}
    for field, value in theirs.ListFields():
        if field.name not in left:
            return False
        left.discard(field.name)
        mine = ours[field.name]
        if is_list(field):
            if len(mine) != len(value):
                return False
            if not all(same_value(field, a, b) for a, b in zip(mine, value)):
                return False
        elif not same_value(field, mine, value):
            return False
    return not left


TEXTS = ["", "x", "Hütte", "漢字", "\U0001f600", "a\nb", 'q"\\', "long " * 8]


def any_value(field, rng, depth):
    edge = rng.random() < 0.3
    if field.type == F.TYPE_STRING:
        return rng.choice(TEXTS)
    if field.type == F.TYPE_BYTES:
        return rng.randbytes(rng.choice((0, 1, 8, 32, 130)))
    if field.type == F.TYPE_BOOL:
        return rng.random() < 0.5
    if field.type == F.TYPE_FLOAT:
        f = struct.unpack("<f", rng.randbytes(4))[0]
        return f if math.isfinite(f) and not edge else rng.choice((0.0, -0.0, 6.25))
    if field.type == F.TYPE_ENUM:
        return rng.choice(field.enum_type.values).number
    if field.type == F.TYPE_UINT64:
        return rng.choice((0, 1, 2**64 - 1)) if edge else rng.getrandbits(64)
    if field.type in (F.TYPE_UINT32, F.TYPE_FIXED32):
        return rng.choice((0, 1, 2**32 - 1)) if edge else rng.getrandbits(32)
    return rng.choice((0, -1, 2**31 - 1, -2**31)) if edge else rng.getrandbits(32) - 2**31


def fill(message, rng, depth=0):
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.5 or (field.type == F.TYPE_MESSAGE and depth > 4):
            continue
        if field.type == F.TYPE_MESSAGE:
            for _ in range(rng.randint(1, 3) if is_list(field) else 1):
                if is_list(field):
                    fill(getattr(message, field.name).add(), rng, depth + 1)
                else:
                    getattr(message, field.name).SetInParent()
                    fill(getattr(message, field.name), rng, depth + 1)
        elif is_list(field):
            values = [any_value(field, rng, depth) for _ in range(rng.randint(0, 4))]
            getattr(message, field.name).extend(values)
        else:
            setattr(message, field.name, any_value(field, rng, depth))


def run(program, *args, lines=()):
    done = subprocess.run([program, *args], input="".join(s + "\n" for s in lines),
                          capture_output=True, text=True, check=True)
    # Newlines inside of texts are escaped in JSON, so a line is a message.
    return done.stdout.split("\n")[:-1]


def fail(name, what, *details):
    print(f"{name}: {what}; repeat with MESH_TEST_SEED={SEED}")
    for d in details:
        print("   ", d)
    sys.exit(1)


def ours_first(program, name, cls, count):
    lines = run(program, "generate", name, str(count))
    if len(lines) != count:
        fail(name, f"{len(lines)} of {count} messages")
    again = []
    for line in lines:
        text, ours = line.split("\t")
        theirs = cls()
        try:
            theirs.ParseFromString(bytes.fromhex(text))
        except DecodeError:
            fail(name, "the library cannot read ours", line)
        if not same(json.loads(ours), theirs):
            fail(name, "the library reads ours otherwise", line, theirs)
        again.append(theirs.SerializeToString().hex())
    for line, back in zip(lines, run(program, "decode", name, lines=again)):
        if back == "error" or json.loads(back.split("\t")[1]) != json.loads(line.split("\t")[1]):
            # Fields that the library does not know move to the end of their message.
            fail(name, "changed by the library", line, back)


def theirs_first(program, name, cls, count, rng):
    messages = []
    for _ in range(count):
        message = cls()
        fill(message, rng)
        messages.append(message)
    lines = run(program, "decode", name, lines=[m.SerializeToString().hex() for m in messages])
    if len(lines) != count:
        fail(name, f"{len(lines)} of {count} messages")
    for message, line in zip(messages, lines):
        if line == "error":
            fail(name, "we cannot read theirs", message.SerializeToString().hex())
        text, ours = line.split("\t")
        if not same(json.loads(ours), message):
            fail(name, "we read theirs otherwise", message, ours)
        back = cls()
        back.ParseFromString(bytes.fromhex(text))
        if back != message:
            fail(name, "changed by us", message, back)


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
    classes = all_classes()
    rng = random.Random(SEED)
    compared = 0
    for name in run(program, "list"):
        if name not in classes:
            print(f"{name}: newer than the library")
            continue
        ours_first(program, name, classes[name], count)
        theirs_first(program, name, classes[name], count, rng)
        compared += 1
    missing = [n for n in COMMON if n not in classes]
    if missing or compared < 90:
        fail("library", f"only {compared} types, without {missing}")
    print(f"{compared} types agree, {count} messages of each, both ways")


main()
