"""A daemon and a radio that is simulated: its list, its mesh, its faults, its reboot and its becoming another, over TCP
and over a serial line; and never a second client."""
from world import SimRadio, World, wait_until

NODES = 30


def radio_of(site):
    return site.items("radio", "list")[0]


def is_connected(site):
    return radio_of(site)["state"] == "connected"


def connect_again(site, radio, accepted):
    wait_until("another link", lambda: radio.count("accepted") > accepted, 40)
    wait_until("connected", lambda: is_connected(site), 60)


def heard(site, number):
    """A text with this id is heard by the radio, and is there."""
    site.radio.say(f"text 0x11 {number} still here")
    wait_until(f"text {number}", lambda: any(
        row["id"] == f"mt:00000011:{number:08x}" for row in site.items("packet", "list")), 20)


def faults(site, radio):
    number = 1000
    for fault in ("garbage 1000", "log 1", "none"):
        radio.say(fault)
        number += 1
        heard(site, number)
    for fault in ("drop", "half"):
        accepted = radio.count("accepted")
        radio.say(fault)
        if fault == "half":
            radio.say("text 0x11 0x99 this one is cut")
        connect_again(site, radio, accepted)
        number += 1
        heard(site, number)


def boots(site, radio):
    before = radio_of(site)["node"]["id"]
    accepted = radio.count("accepted")
    radio.say("admin 880601")  # reboot_seconds 1
    connect_again(site, radio, accepted)
    radio.comes_to("off", 1)
    assert radio_of(site)["node"]["id"] == before
    accepted = radio.count("accepted")
    radio.say("admin 980601")  # factory_reset_config
    connect_again(site, radio, accepted)
    wait_until("another number", lambda: radio_of(site)["node"]["id"] != before, 20)


def main():
    with World(net=True) as world:
        world.net.add("a")
        site = world.site("a", ns=world.net.names[0], settings=["radio.roof.driver=meshtastic",
                                                                "radio.roof.host=127.0.0.1:4403",
                                                                "radio.roof.heartbeat=1s", "radio.roof.silence=10s"])
        site.radio = radio = SimRadio(world, site, "--nodes", str(NODES), "--interval", "500")
        site.start()
        wait_until("connected", lambda: is_connected(site), 20)
        wait_until("the list", lambda: len(site.every("node", "list")) >= NODES, 20)
        wait_until("what the mesh says", lambda: site.items("packet", "list"), 20)
        faults(site, radio)
        boots(site, radio)
        assert not any("while-open" in line for line in radio.lines), "two links to one radio"
        assert radio.process.poll() is None
        site.stop()
    with World(net=True) as world:
        world.net.add("a")
        other = world.site("a", ns=world.net.names[0])
        serial = SimRadio(world, other, "--replays", "--silent", pty=True)
        other.settings = [*other.settings, "radio.bench.driver=meshtastic", f"radio.bench.device={serial.where}"]
        other.radio = serial
        other.start()
        wait_until("connected", lambda: is_connected(other), 20)
        heard(other, 1)
        old = [row for row in other.items("packet", "list") if row["id"] != "mt:00000011:00000001"]
        assert not old, f"old packets count as receptions: {old}"


if __name__ == "__main__":
    main()
