"""A radio that sends garbage, half frames, 10 MB without a frame start, or closes at any byte: the daemon stays
responsive, reconnects 1, 2, 4 .. s later, and the next good packet is there."""
import time

from world import FakeRadio, World, figure, wait_until

RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403"]


def radio_of(site):
    return site.items("radio", "list")[0]


def responsive(site):
    begin = time.monotonic()
    assert site.ctl("status")["ready"]
    return time.monotonic() - begin


def good_packet(site, radio, number):
    wait_until("connected", lambda: radio_of(site)["state"] == "connected", 40)
    radio.say(f"packet 0x11 1 {number} still here")
    wait_until(f"packet {number} arrives", lambda: any(
        row["id"] == f"mt:00000011:{number:08x}" for row in site.items("packet", "list")))


def closes(radio):
    """And is there again: a link may look connected while its end is on its way."""
    configured = radio.count("configured")
    radio.say("close")
    wait_until("it is there again", lambda: radio.count("configured") > configured, 70)


def main():
    with World(net=True) as world:
        world.net.add("a")
        site = world.site("a", ns=world.net.names[0], settings=RADIO)
        radio = FakeRadio(world, site)
        site.start()
        good_packet(site, radio, 1)
        worst = 0.0
        for number, fault in enumerate(["garbage 1000", "hex 94c3", "hex 94c30010aa", "hex 94c3ffff", "hex 9494c3",
                                        "hex 94c30003ffffff", "garbage 10485760"], 2):
            radio.say(fault)
            worst = max(worst, responsive(site))
            if "94c3" in fault:  # an unfinished frame swallows what follows it, once
                radio.say("packet 0x11 1 999 swallowed")
            good_packet(site, radio, number)
        accepted, before = radio.count("accepted"), radio_of(site)["reconnects"]
        radio.say("close")
        wait_until("a first attempt at once", lambda: radio.count("accepted") > accepted, 3)
        wait_until("it is counted", lambda: radio_of(site)["reconnects"] > before)
        good_packet(site, radio, 100)
        for number in range(101, 106):
            radio.say("hex 94c300")
            closes(radio)
            worst = max(worst, responsive(site))
            good_packet(site, radio, number)
        for starts, what in ((7, None), (8, "it started anew"), (2, "its memory was wiped")):
            before = site.log().count("radio.restarted")
            radio.say(f"starts {starts}")
            closes(radio)
            if what:
                wait_until(f"the log says that {what}", lambda: what in site.log() and
                           site.log().count("radio.restarted") == before + 1)
        wait_until("its changes are counted", lambda: (c := radio_of(site)["changes"])["rebooted"] >= 1 and c["wiped"] >= 1)
        assert radio_of(site)["changes"]["replaced"] == 0, radio_of(site)
        assert not any("while-open" in line for line in radio.lines), "two links to one radio"
        assert radio_of(site)["reconnects"] >= 6
        figure("slowest_answer_under_faults_ms", round(worst * 1000), "ms")


if __name__ == "__main__":
    main()
