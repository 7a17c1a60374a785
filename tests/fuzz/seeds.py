#!/usr/bin/env python3
"""Seeds of fuzz_wire from the golden vectors: one for each message of tests/vectors/wire/messages.txt that the corpus
lacks, by (place, number) as docs/WIRE.md names them; words of the control lane also as the cores they stand in.

Run it when a message was added: `python3 tests/fuzz/seeds.py`.
"""
import pathlib

root = pathlib.Path(__file__).resolve().parent.parent.parent
corpus = root / "tests/fuzz/corpus/wire"
# Sections of WIRE.md in the order of enum message_place (messages.h).
PLACES = ["Frames of a session", "Lane 0", "Keyed lanes", "State values", "Control values", "Handshake",
          "Parts of messages"]
CONTROL = 4
CORE, FRAMES, LISTED = b"\xf0", b"\xf2", b"\xf5"  # readers[] of fuzz_wire.c


def numbered():
    """(place, number) by name."""
    place, found = None, {}
    for line in (root / "docs/WIRE.md").read_text().splitlines():
        if line.startswith("## "):
            place = next((i for i, p in enumerate(PLACES) if line[3:].startswith(p)), None)
        elif line.startswith("### ") and place is not None:
            number, name = line[4:].split()
            found[name] = (place, int(number))
    return found


def core_of(body):
    """A record of the control lane with that body."""
    return bytes.fromhex("9ac420") + bytes(range(1, 33)) + bytes.fromhex("010107010100" + "20c0") + body


def forms(place, number, name, message):
    yield name, bytes([place, number]) + message
    if name == "PUSH":
        yield name + "_frames", FRAMES + message
    if name in ("PAGE", "ROWS"):
        yield name + "_listed", LISTED + message
    if place == CONTROL:
        yield name + "_core", CORE + core_of(message)


def main():
    numbers, have = numbered(), {f.read_bytes() for f in corpus.iterdir()}
    for line in (root / "tests/vectors/wire/messages.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, message = line.split(" | ")[:2]
        for label, seed in forms(*numbers[name], name, bytes.fromhex(message)):
            if seed in have:
                continue
            count = sum(1 for _ in corpus.glob(f"{label.lower()}_[0-9]*"))
            (corpus / f"{label.lower()}_{count}").write_bytes(seed)
            have.add(seed)


if __name__ == "__main__":
    main()
