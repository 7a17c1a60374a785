"""A packet that a radio hands to A is stored once at A, B and C, and shown there; the same in a
ring of four.  A and C share no segment."""
import json
import statistics
import subprocess
import sys
import threading
import time

from world import SimRadio, RUN, World, figure, program, sh, wait_until

RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1"]
PACKETS = 20


class Watch:
    """`meshctl packet watch --jsonl` at a site: when each packet was seen."""

    def __init__(self, world, site):
        argv = site.command(program("meshctl"), "--socket", str(site.socket), "packet", "watch", "--jsonl")
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        world.others.append(self.process)
        self.seen, self.count = {}, {}
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        for line in self.process.stdout:
            packet = json.loads(line)
            key = packet.get("id") or packet.get("packet")
            self.seen.setdefault(key, time.monotonic())
            self.count[key] = self.count.get(key, 0) + 1


def shares_no_segment(world, a, c):
    """No address of C answers from A: nothing forwards between their segments."""
    for line in sh("ip", "-n", f"{RUN}-{c}", "-4", "-o", "addr").stdout.splitlines():
        address = line.split()[3].split("/")[0]
        if not address.startswith("127."):
            done = sh("ip", "-n", f"{RUN}-{a}", "route", "get", address, check=False)
            assert done.returncode != 0, f"{a} has a route to {c}: {done.stdout}"


def warm_up(radio, watches):
    """Packets until every watch has seen one: only then is its stream surely open."""
    numbers = iter(range(0x800, 0x1000))

    def all_see():
        radio.say(f"packet 0x12 1 {next(numbers)} warm")
        return all(w.seen for w in watches.values())
    wait_until("every watch sees packets", all_see, step=0.2)


def run(names, ring):
    with World(net=True) as world:
        sites = world.line(*names, ring=ring, demo=False)
        first, far = sites[0], sites[2]
        shares_no_segment(world, names[0], names[2])
        first.settings += RADIO
        radio = SimRadio(world, first, "--silent")
        world.start_all(*sites)
        for site in sites:
            wait_until(f"{site.name} sees all others alive", lambda: sum(
                p.get("state") == "alive" for p in site.items("peer", "list")) == len(names) - 1)
        wait_until("the radio is configured", lambda: "configured" in radio.lines)
        watches = {site.name: Watch(world, site) for site in sites[1:]}
        warm_up(radio, watches)
        sent = {}
        for n in range(PACKETS):
            name = f"mt:00000011:{0x1000 + n:08x}"
            sent[name] = time.monotonic()
            radio.say(f"packet 0x11 1 {0x1000 + n} hello {n}")
            wait_until(f"{name} at {far.name}", lambda: name in watches[far.name].seen)
        for site in sites:
            rows = wait_until(f"all packets at {site.name}", lambda: (
                lambda items: items if set(sent) <= {i["id"] for i in items} else None)(site.items("packet", "list")))
            ids = [row["id"] for row in rows if row["id"] in sent]
            assert sorted(ids) == sorted(sent), f"{site.name}: {len(ids)} rows, {len(set(ids))} different"
            assert all(len(row["receptions"]) == 1 for row in rows if row["id"] in sent), site.name
        for site in sites[1:]:  # what a site lists its watch may hear of a moment later
            wait_until(f"the watch at {site.name} has all", lambda: sent.keys() <= watches[site.name].seen.keys())
            stored = sum(v for k, v in watches[site.name].count.items() if k in sent)
            assert stored == PACKETS, f"{site.name} showed {stored} of {PACKETS}: delivered once"
        delays = sorted((watches[far.name].seen[k] - t) * 1000 for k, t in sent.items())
        figure(f"{'ring' if ring else 'line'}_median_ms", round(statistics.median(delays), 1), "ms")
        figure(f"{'ring' if ring else 'line'}_max_ms", round(delays[-1], 1), "ms")
        assert statistics.median(delays) < 1000, delays


if __name__ == "__main__":
    run(["a", "b", "c", "d"], True) if sys.argv[1:] == ["ring"] else run(["a", "b", "c"], False)
