"""What a radio hands its client for an MQTT broker: heard with `mqtt_proxy = yes` alone, told to other sites with its sender's
consent alone, and counted by name when it is none."""
from fake_radio import field, frame
from world import FakeRadio, World, wait_until

OURS, ROOF = 0x10, ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403"]
ROUTE = bytes.fromhex("0a0411000000120101")  # RouteDiscovery: over 17
FROM, TO = 0x12, 0x13


def envelope(number, consent, gateway=OURS):
    data = field(1, 0, 70) + field(2, 2, ROUTE) + field(9, 0, int(consent))
    packet = field(1, 5, FROM) + field(2, 5, TO) + field(4, 2, data) + field(6, 5, number) + field(9, 0, 2)
    packet += field(12, 0, -71 & 0xFFFFFFFFFFFFFFFF) + field(15, 0, 3)
    inner = field(1, 2, packet) + field(2, 2, b"LongFast") + field(3, 2, f"!{gateway:08x}".encode())
    return frame(field(14, 2, field(1, 2, b"msh/2/e/LongFast/!00000010") + field(2, 2, inner)))


def packet(site, number):
    found = site.ctl("packet", "show", f"mt:{FROM:08x}:{number:08x}", quiet=True)
    return found if found.get("network") else None


def say(radio, *frames):
    for one in frames:
        radio.say("hex " + one.hex())


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        a.settings += [*ROOF, "radio.roof.mqtt_proxy=yes"]
        b.settings += ROOF  # off by default
        radio, other = FakeRadio(world, a), FakeRadio(world, b)
        world.start_all(a, b)
        for site in (a, b):
            wait_until("connected", lambda s=site: s.items("radio", "list")[0]["state"] == "connected", 40)
        broken = frame(field(14, 2, field(1, 2, b"msh/2/json/x") + field(3, 2, b"{}")))
        say(radio, envelope(1, True), envelope(2, False), envelope(3, True, gateway=0x99), broken, envelope(1, True))
        seen = wait_until("what may be carried is at B", lambda: packet(b, 1))
        assert seen["type"] == "TRACEROUTE_APP" and seen["to"] == f"!{TO:08x}", seen
        assert seen["receptions"][0]["via"] == ["proxy"] and seen["receptions"][0]["rssi"] == -71, seen
        kept = wait_until("the other is at A", lambda: packet(a, 2))
        assert kept["local"] is True and kept["receptions"][0]["via"] == ["proxy"], kept
        wanted = {f"port.envelopes.{name}": n for name, n in (
            ("seen", 5), ("taken", 3), ("foreign", 1), ("malformed", 1), ("off", 0), ("known", 0))}
        wanted |= {"port.packets.repeated": 1, "publish.withheld.private": 1}
        wait_until("each is counted as what it is", lambda: {name: a.counter(name) for name in wanted} == wanted)
        assert packet(b, 2) is None and packet(a, 3) is None
        say(other, envelope(7, True))
        wait_until("B does not look", lambda: b.counter("port.envelopes.off") == 1)
        assert packet(b, 7) is None
        assert a.items("radio", "list")[0]["state"] == b.items("radio", "list")[0]["state"] == "connected"


if __name__ == "__main__":
    main()
