"""A radio that dies again and again while texts come: no text is lost that the radio handed out, none is doubled.

soak.py SECONDS EVERY   run so long, with a death each EVERY seconds

A death is one of: the connection closed; reset; cut in the middle of a frame; the radio rebooted, away for a second;
the radio stopped (it takes bytes and answers nothing) until it is given up; a path that swallows all.
"""
import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time

from world import FakeRadio, World, figure, wait_until

GAP_S = 0.25  # between texts
DEATHS = ["close", "reset", "half", "reboot 1", "stop", "twice", "swallow"]
# `silence` short enough that a stopped radio is given up between two deaths.
SETTINGS = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1", "radio.roof.silence=2s",
            "radio.roof.heartbeat=1s", "log.levels=radio:warning"]


def swallow(site, on):
    """Nothing of port 4403 arrives any more, in either direction."""
    verb = "-A" if on else "-D"
    for direction in ("--sport", "--dport"):
        done = os.spawnvp(os.P_WAIT, "ip", ["ip", "netns", "exec", site.ns, "iptables", "-w", verb, "INPUT", "-p", "tcp",
                                            direction, "4403", "-j", "DROP"])
        assert done == 0, "iptables is needed to swallow"


def links_held(site):
    """How many connections to the radio the daemon's end holds open."""
    out = subprocess.run(["ip", "netns", "exec", site.ns, "ss", "-Htn", "state", "established", "dport", "=", ":4403"],
                         check=True, capture_output=True, text=True).stdout
    return len(out.splitlines())


class Soak:
    def __init__(self, site, radio):
        self.site, self.radio = site, radio
        self.numbers, self.deaths, self.worst = itertools.count(1), 0, 0.0
        self.unseen_ends = set()  # accepts before which the end of the one before may still be on its way

    def texts(self, until):
        """Texts at their pace until then; each waits in the radio while nobody is connected."""
        while (now := time.monotonic()) < until:
            self.text()
            time.sleep(max(0.0, min(GAP_S, until - now)))

    def text(self):
        n = next(self.numbers)
        self.radio.say(f"queue {0x1000 + n % 40:#x} 1 {n} text {n}")

    def die(self, how):
        accepted = self.radio.count("configured")
        begin = time.monotonic()
        if how == "stop":
            self.radio.process.send_signal(signal.SIGSTOP)
            self.await_state("waiting", "connecting")
            self.radio.process.send_signal(signal.SIGCONT)
        elif how == "swallow":
            self.radio.level()  # what it has handed out is there
            swallow(self.site, True)
            self.await_state("waiting", "connecting")
            self.unseen_ends.add(self.radio.count("accepted") + 1)
            swallow(self.site, False)
        else:
            self.text()  # what it hands out with its last breath is received
            self.radio.say(how)
        self.deaths += 1
        return accepted, begin

    def await_state(self, *states):
        wait_until(f"it is {states}", lambda: self.site.items("radio", "list")[0]["state"] in states, 30, 0.02)

    def one_link(self):
        """Our end is the oracle; the radio's is one but where a path swallowed our goodbye, which comes again later."""
        assert links_held(self.site) <= 1, "two links to one radio"
        doubled = {int(line.split()[1]) for line in self.radio.lines if "while-open" in line} - self.unseen_ends
        assert not doubled, f"the radio accepted {sorted(doubled)} beside another"

    def check(self):
        handed = {int(line.split()[1]) for line in self.radio.lines if line.startswith("handed")}
        rows = {}
        with contextlib.suppress(AssertionError):  # which ones are lost is said below
            wait_until("all texts are here", lambda: self.gather(rows) and handed <= rows.keys(), 60, 1)
        lost = sorted(handed - rows.keys())
        doubled = sorted(n for n, row in rows.items() if len(row["receptions"]) != 1)
        assert not lost, f"{len(lost)} texts are lost: {lost[:20]}"
        assert not doubled, f"{len(doubled)} texts are doubled: {doubled[:20]}"
        assert len(handed) > 100, f"only {len(handed)} texts"
        return len(handed)

    def gather(self, rows):
        for row in self.site.every("packet", "list"):
            rows[int(row["id"].split(":")[2], 16)] = row
        return len(rows)


def main():
    seconds, every = float(sys.argv[1]), float(sys.argv[2])
    seed = int(os.environ.get("MESHD_SEED", "1"))
    chance = random.Random(seed)
    with World(net=True) as world:
        world.net.add("a")
        site = world.site("a", ns=world.net.names[0], settings=SETTINGS)
        radio = FakeRadio(world, site)
        site.start()
        wait_until("connected", lambda: radio.count("configured") == 1)
        soak, end = Soak(site, radio), time.monotonic() + seconds
        ways = DEATHS[:]
        while time.monotonic() + every < end:
            soak.texts(time.monotonic() + every)
            if not ways:
                ways = DEATHS[:]
            before, begin = soak.die(ways.pop(chance.randrange(len(ways))))
            wait_until("the radio is asked again", lambda: radio.count("configured") > before, 70)
            soak.worst = max(soak.worst, time.monotonic() - begin)
            soak.one_link()
        texts = soak.check()
        links = site.items("radio", "list")[0]
        assert links["reconnects"] >= soak.deaths, links
        figure("soak_seconds", round(seconds), "s")
        figure("soak_texts", texts, "texts")
        figure("soak_deaths", soak.deaths, "deaths")
        figure("soak_reconnects", links["reconnects"], "reconnects")
        figure("soak_lost_or_doubled", 0, "texts")
        figure("soak_longest_return_s", round(soak.worst, 1), "s")
        print("lost by why:", json.dumps(links["link"]["lost"]))


if __name__ == "__main__":
    main()
