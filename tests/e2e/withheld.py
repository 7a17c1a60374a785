"""What leaves a site.  A keeps back what its filter does not pass and other people's direct messages: it shows them,
marked `local`, also after a restart; B's database never holds a byte of them, nor any log of A.  Places reach B cut to
16 bits, in packets, nodes and sites, and their exact bytes are nowhere there."""
import sqlite3
import struct

import fake_radio
from world import FakeRadio, World, program, sh, wait_until

SECRET, DIRECT, OPEN, NAME = "WITHHELD-7Q", "BETWEEN-TWO-9Z", "EVERYBODY-3K", "HIDDEN-NODE-5T"
LAT, LON = 525200123, 134050987
RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1"]
KEEPS = ["site.publish=not from=!00000013", "site.position_precision=16", "site.latitude=52.5200123",
         "site.longitude=13.4050987"]


def frame(sender, to, port, packet_id, payload):
    data = fake_radio.field(1, 0, port) + fake_radio.field(2, 2, payload)
    mesh = b"".join([fake_radio.field(1, 5, sender), fake_radio.field(2, 5, to), fake_radio.field(4, 2, data),
                     fake_radio.field(6, 5, packet_id), fake_radio.field(9, 0, 2), fake_radio.field(15, 0, 3)])
    return "hex " + fake_radio.frame(fake_radio.field(2, 2, mesh)).hex()


def packet(site, packet_id):
    return next((p for p in site.items("packet", "list", quiet=True) if p["id"].endswith(f"{packet_id:08x}")), None)


def lines(site):
    """`packet list` as people see it, by the packet's number."""
    table = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "packet", "list")).stdout
    return {line.split()[1][-3:]: line for line in table.splitlines()}


def files(site):
    return b"".join(path.read_bytes() for path in site.state.glob("meshd.db*"))


def logs(site):
    """All that stands in logs, and so may be told; the rest of the file is the site's own."""
    with sqlite3.connect(f"file:{site.state}/meshd.db?mode=ro", uri=True) as db:
        return b"".join(row[0] for row in db.execute(
            "SELECT core FROM record JOIN log ON log.id = record.log WHERE log.epoch > 0"))


def is_cut(degrees):
    return abs(round(degrees * 1e7) % 65536 - 32768) <= 1


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        a.settings += RADIO + KEEPS
        radio = FakeRadio(world, a)
        world.start_all(a, b)
        wait_until("A and B see each other", lambda: b.peer("a").get("state") == "alive" == a.peer("b").get("state"))
        wait_until("the radio is configured", lambda: "configured" in radio.lines)
        exact = struct.pack("<ii", LAT, LON)
        place = fake_radio.field(1, 5, LAT) + fake_radio.field(2, 5, LON) + fake_radio.field(23, 0, 32)
        everybody = 0xFFFFFFFF
        radio.say(frame(0x13, everybody, 1, 0x501, SECRET.encode()))
        radio.say(frame(0x14, 0x15, 1, 0x502, DIRECT.encode()))
        radio.say(frame(0x16, everybody, 3, 0x503, place))
        radio.say(frame(0x16, everybody, 72, 0x504, b"\x12\x04" + exact[:4]))  # ATAK: cannot be cut
        radio.say(frame(0x16, everybody, 77, 0x508, b"\x01\x88" + exact))  # Cayenne: of sensors, in its own form
        radio.say(frame(0x13, everybody, 4, 0x506, fake_radio.field(1, 2, b"!00000013") +
                        fake_radio.field(2, 2, NAME.encode())))
        radio.say(frame(0x13, everybody, 3, 0x507, place))
        listed = fake_radio.field(1, 0, 0x13) + fake_radio.field(2, 2, fake_radio.field(2, 2, NAME.encode()))
        radio.say("hex " + fake_radio.frame(fake_radio.field(4, 2, listed)).hex())  # the radio's own node list
        radio.say(frame(0x17, everybody, 1, 0x505, OPEN.encode()))
        at_b = wait_until("the last packet at B", lambda: packet(b, 0x505))
        assert "local" not in at_b and "local" not in packet(a, 0x505), at_b

        for number in (0x501, 0x502, 0x504, 0x506, 0x507, 0x508):
            seen = wait_until(f"packet {number:x} at A", lambda n=number: packet(a, n))
            assert seen["local"] is True and seen["receptions"][0]["local"] is True, seen
            assert packet(b, number) is None, number
        shown = lines(a)
        assert " local " in shown["501"] and " local " not in shown["505"], shown
        assert packet(a, 0x501)["payload"]["text"] == SECRET
        cut = wait_until("the cut place at B", lambda: packet(b, 0x503))["payload"]["position"]
        assert is_cut(cut["lat"]) and is_cut(cut["lon"]) and abs(cut["lat"] - 52.52) < 0.01, cut
        wanted = {"publish.withheld.filtered": 3, "publish.withheld.direct": 1, "publish.withheld.place": 2, "publish.cut": 1,
                  "ingest.local": 6, "store.records.local": 6, "publish.nodes.withheld": 1}
        wait_until("each is counted as what it is", lambda: {name: a.counter(name) for name in wanted} == wanted)

        home = wait_until("A's own place at B", lambda: next(
            (s["value"] for s in b.items("state", "list", "a", quiet=True)
             if s["key"] == "site" and "latitude" in s["value"]), None))
        assert is_cut(home["latitude"]) and is_cut(home["longitude"]), home
        placed = [n for n in b.every("node", "list") if "position" in n]
        assert placed and all(is_cut(n["position"]["lat"]) and is_cut(n["position"]["lon"]) for n in placed), placed

        assert a.stop()[0] == 0
        a.start()
        for number in (0x501, 0x502, 0x504):
            assert packet(a, number)["local"] is True, "kept over a restart"
        assert b.stop()[0] == 0
        found, told = files(b), logs(a)
        assert OPEN.encode() in found and OPEN.encode() in told
        for what in (SECRET.encode(), DIRECT.encode(), NAME.encode(), exact[:4], exact[4:]):
            assert what not in found, f"{what} is at B"
        for what in (SECRET.encode(), DIRECT.encode(), NAME.encode(), exact[:4], exact[4:]):
            assert what not in told, f"{what} is in a log of A"


if __name__ == "__main__":
    main()
