"""What leaves a site follows a reload.  A filter that cannot be read is refused with its file and line, and what was
withheld before stays withheld meanwhile; other rules hold from then on, and places that were told are told again."""
import signal

import fake_radio
from withheld import LAT, LON, RADIO, files, frame, is_cut, packet
from world import FakeRadio, World, wait_until

EVERYBODY = 0xFFFFFFFF
PLACE = fake_radio.field(1, 5, LAT) + fake_radio.field(2, 5, LON) + fake_radio.field(23, 0, 32)


def reload(site, lines, event):
    """With these lines in its file; once it says what became of it."""
    before = site.log().count(event)
    (site.dir / "meshd.conf").write_text("".join(line + "\n" for line in lines))
    site.process.send_signal(signal.SIGHUP)
    wait_until(f"{site.name} says {event}", lambda: site.log().count(event) > before)


def text(radio, sender, number, what):
    radio.say(frame(sender, EVERYBODY, 1, number, what.encode()))


def stays(a, b, number):
    wait_until(f"packet {number:x} at A", lambda: (packet(a, number) or {}).get("local"))
    assert packet(b, number) is None, f"{number:x} is at B"


def leaves(b, number):
    return wait_until(f"packet {number:x} at B", lambda: packet(b, number))


def said(b, key):
    return next((s["value"] for s in b.every("state", "list", "a", quiet=True) if s["key"] == key), {})


def home(b):
    return said(b, "site").get("latitude", 0)


def node_place(b):
    return next((n["position"]["lat"] for n in b.every("node", "list", quiet=True)
                 if n["id"].endswith("00000016") and "position" in n), 0)


def run(a, b, radio):
    text(radio, 0x13, 0x601, "FIRST-SECRET")
    text(radio, 0x17, 0x602, "first word")
    radio.say(frame(0x16, EVERYBODY, 3, 0x603, PLACE))
    leaves(b, 0x602)
    stays(a, b, 0x601)
    at_b = leaves(b, 0x603)["payload"]["position"]
    assert not is_cut(at_b["lat"]), at_b
    wait_until("A's exact place at B", lambda: abs(home(b) - 52.5200123) < 1e-9)
    wait_until("the node's, too", lambda: abs(node_place(b) - LAT / 1e7) < 1e-9)

    reload(a, ["[site]", "name = a", "publish = not from=", "position_precision = 16"], "config.refused")
    refused = [line for line in a.log().splitlines() if "config.refused" in line]
    assert "meshd.conf:3" in refused[-1] and "publish" in refused[-1], refused
    text(radio, 0x13, 0x604, "SECOND-SECRET")
    text(radio, 0x17, 0x605, "second word")
    leaves(b, 0x605)
    stays(a, b, 0x604)
    assert not is_cut(home(b)), "a refused file changes nothing"

    reload(a, ["[site]", "publish = not from=!00000017", "position_precision = 16"], "config.reloaded")
    assert 'restart=""' in [line for line in a.log().splitlines() if "config.reloaded" in line][-1]
    text(radio, 0x17, 0x606, "THIRD-SECRET")
    text(radio, 0x13, 0x607, "third word")
    radio.say(frame(0x16, EVERYBODY, 3, 0x608, PLACE))
    leaves(b, 0x607)
    stays(a, b, 0x606)
    at_b = leaves(b, 0x608)["payload"]["position"]
    assert is_cut(at_b["lat"]) and is_cut(at_b["lon"]), at_b
    wait_until("A's place at B is cut", lambda: is_cut(home(b)), 30)
    wait_until("the node's, too", lambda: is_cut(node_place(b)), 90)


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        (a.dir / "meshd.conf").write_text("[site]\npublish = not from=!00000013\n")
        a.args += ["--config", str(a.dir / "meshd.conf")]
        a.settings += RADIO + ["site.latitude=52.5200123", "site.longitude=13.4050987"]
        radio = FakeRadio(world, a)
        world.start_all(a, b)
        wait_until("A and B see each other", lambda: b.peer("a").get("state") == "alive" == a.peer("b").get("state"))
        wait_until("the radio is configured", lambda: "configured" in radio.lines)
        run(a, b, radio)
        assert b.stop()[0] == 0
        at_b = files(b)
        for secret in (b"FIRST-SECRET", b"SECOND-SECRET", b"THIRD-SECRET"):
            assert secret not in at_b, secret


if __name__ == "__main__":
    main()
