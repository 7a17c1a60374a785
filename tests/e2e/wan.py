"""Sites that share no segment: seeds, names, routers with NAT, IPv6, other addresses.

Run with the name of one case, or with none for all."""
import json
import sys
import time

from wan_net import PUBLIC, QUIET, Wan
from world import SimRadio, RUN, figure, sh, wait_until

SEED = [*QUIET, f"mesh.seed={PUBLIC}.1"]
RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1"]


def alive(site, *names):
    peers = {p.get("name"): p for p in site.items("peer", "list", quiet=True)}
    return all(peers.get(name, {}).get("state") == "alive" for name in names)


def direct(site, name):
    return site.peer(name).get("hops") == 1


def all_alive(*sites, seconds=30.0, what="all are alive everywhere"):
    begin = time.monotonic()
    for site in sites:
        others = [s.name for s in sites if s is not site]
        wait_until(f"{what}: {site.name}", lambda: alive(site, *others), seconds)
    return time.monotonic() - begin


class Deaths:
    """Whether a site was called dead, read from the log since this moment."""

    def __init__(self, site):
        self.site, self.at = site, len(site.log())

    def seen(self):
        return [line for line in self.site.log()[self.at:].splitlines()
                if "peer.changed" in line and "state=dead" in line]


def packets_once(first, others, radio, numbers):
    """Each packet of `numbers` was stored once at every site."""
    want = {f"mt:00000011:{n:08x}" for n in numbers}
    for site in (first, *others):
        def stored():
            rows = [r for r in site.every("packet", "list") if r["id"] in want]
            return rows if {r["id"] for r in rows} == want else None
        rows = wait_until(f"all packets at {site.name}", stored)
        assert len(rows) == len(want), f"{site.name}: {len(rows)} rows for {len(want)} packets"
        assert all(len(r["receptions"]) == 1 for r in rows), site.name
    del radio


def nat_flush():
    """A router forgets its mappings under traffic; the new ones have other ports."""
    with Wan() as world:
        a = world.public("a", f"{PUBLIC}.1/24")
        b = world.home("r", "b", 2, SEED)
        b.settings += RADIO
        radio = SimRadio(world, b, "--silent")
        world.start_all(a, b)
        all_alive(a, b)
        wait_until("the radio is configured", lambda: "configured" in radio.lines)
        deaths, worst, numbers = [Deaths(a), Deaths(b)], 0.0, []
        for turn in range(3):
            before = wait_until("a has an address of b", lambda: a.peer("b").get("addr"))
            world.flush_nat("r")
            begin = time.monotonic()
            numbers.append(0x1000 + turn)
            radio.say(f"packet 0x11 1 {numbers[-1]} turn {turn}")
            wait_until("a has another address of b", lambda: a.peer("b").get("addr") not in (None, before), 25)
            wait_until("alive again", lambda: alive(a, "b") and alive(b, "a"), 25)
            worst = max(worst, time.monotonic() - begin)
        packets_once(b, [a], radio, numbers)
        figure("nat_flush_alive_again", round(worst, 2), "s")
        figure("nat_flush_deaths", sum(len(d.seen()) for d in deaths), "")
        assert worst <= 25, worst


def ipv6():
    """A segment on which only link-local IPv6 exists, with one site that has IPv4 as well."""
    with Wan() as world:
        sites = [world.public("a", settings=[]), world.public("b", settings=[]),
                 world.public("c", f"{PUBLIC}.3/24", settings=[])]
        begin = time.monotonic()
        world.start_all(*sites)
        all_alive(*sites, what="found by multicast")
        figure("ipv6_only_found", round(time.monotonic() - begin, 2), "s")
        for name in "ab":
            wait_until(f"c reaches {name}", lambda n=name: sites[2].peer(n).get("addr", "").startswith("[fe80::"))
        world.address("a", "wan", "fd00::a/64")
        world.address("b", "wan", "fd00::b/64")
        wait_until("the new address is bound", lambda: "addr=fd00::a" in sites[0].log().replace('"', ""))


def ipv6_seed():
    """The only way is a seed with an IPv6 address; then the address goes and another comes."""
    with Wan() as world:
        a = world.public("a", "fd00::a/64")
        b = world.public("b", "fd00::b/64", settings=[*QUIET, "mesh.seed=[fd00::a]:4470"])
        world.start_all(a, b)
        all_alive(a, b)
        dead = Deaths(a)
        world.address("b", "wan", "fd00::1:b/64")
        world.address("b", "wan", "fd00::b/64", "del")
        begin = time.monotonic()
        wait_until("a has the new address", lambda: a.peer("b").get("addr") == "[fd00::1:b]:4470", 20)
        figure("ipv6_roam", round(time.monotonic() - begin, 2), "s")
        assert not dead.seen(), dead.seen()


def roam():
    """A site gets another address while records flow: nobody calls it dead, nothing comes twice."""
    with Wan() as world:
        a = world.public("a", f"{PUBLIC}.1/24")
        b = world.public("b", f"{PUBLIC}.2/24", settings=[*SEED, *RADIO])
        radio = SimRadio(world, b, "--silent")
        world.start_all(a, b)
        all_alive(a, b)
        wait_until("the radio is configured", lambda: "configured" in radio.lines)
        deaths, worst, numbers = [Deaths(a), Deaths(b)], 0.0, []
        for n in (3, 4, 5):
            world.address("b", "wan", f"{PUBLIC}.{n}/24")
            world.address("b", "wan", f"{PUBLIC}.{n - 1}/24", "del")
            begin = time.monotonic()
            numbers.append(0x2000 + n)
            radio.say(f"packet 0x11 1 {numbers[-1]} at {n}")
            wait_until(f"a has .{n}", lambda: a.peer("b").get("addr") == f"{PUBLIC}.{n}:4470", 20)
            worst = max(worst, time.monotonic() - begin)
        packets_once(b, [a], radio, numbers)
        figure("roam_moved", round(worst, 2), "s")
        assert not any(d.seen() for d in deaths), [d.seen() for d in deaths]


def mtu():
    """A way that loses every UDP datagram of more than 508 bytes: all records pass, and netcheck says why."""
    with Wan() as world:
        a = world.public("a", f"{PUBLIC}.1/24")
        b = world.public("b", f"{PUBLIC}.2/24", settings=SEED)
        for name in "ab":  # with its head of 8 bytes
            world.nft(name, """
                table inet narrow {
                    chain input { type filter hook input priority 0; udp length > 516 drop; }
                }""")
        world.start_all(a, b)
        all_alive(a, b)
        begin = time.monotonic()
        for key, size in (("short", 100), ("long", 900), ("longer", 5000), ("longest", 60000)):
            value = "x" * size
            a.ctl("state", "set", key, json.dumps(value), timeout="10s")
            wait_until(f"{key} at b", lambda: any(
                r["key"] == f"user/{key}" and r["value"] == value
                for r in b.items("state", "list", quiet=True)), 30)
        figure("mtu_four_values", round(time.monotonic() - begin, 2), "s")
        answer = wait_until("a knows the way is narrow", lambda: (
            lambda c: c if any("508" in line for line in c.get("warnings", [])) else None)(a.ctl("netcheck", quiet=True)))
        peer = next(p for p in answer["peers"] if p.get("name") == "b")
        assert peer["datagram_bytes"] == 508, peer


def seed_name():
    """A seed by name: its machine moves, then the name is changed."""
    with Wan() as world:
        a = world.public("a", f"{PUBLIC}.1/24")
        world.hosts("b", f"{PUBLIC}.1 hub.example\n")
        b = world.public("b", f"{PUBLIC}.2/24", settings=[*QUIET, "mesh.seed=hub.example"])
        world.start_all(a, b)
        all_alive(a, b)
        a.stop()
        world.address("a", "wan", f"{PUBLIC}.9/24")
        world.address("a", "wan", f"{PUBLIC}.1/24", "del")
        for file in a.state.glob("meshd.db*"):
            file.unlink()  # or it would remember b and call it
        a.start()
        world.hosts("b", f"{PUBLIC}.9 hub.example\n")
        seconds = all_alive(b, a, seconds=70, what="the name was asked again")
        figure("seed_followed", round(seconds, 1), "s")
        wait_until("b has its address", lambda: b.peer("a").get("addr") == f"{PUBLIC}.9:4470")


def punch():
    """Two homes behind routers and one public seed: they meet directly, and outlive the seed."""
    with Wan() as world:
        a = world.public("a", f"{PUBLIC}.1/24")
        b = world.home("r", "b", 2, SEED, ports="")
        c = world.home("q", "c", 3, SEED, ports="")
        begin = time.monotonic()
        world.start_all(a, b, c)
        all_alive(a, b, c)
        wait_until("b and c have a session", lambda: direct(b, "c") and direct(c, "b"), 60)
        figure("punch_direct", round(time.monotonic() - begin, 1), "s")
        wait_until("by the router of c", lambda: b.peer("c").get("addr", "").startswith(f"{PUBLIC}.3:"))
        dead = [Deaths(b), Deaths(c)]
        a.kill()
        wait_until("the seed is dead", lambda: b.peer("a").get("state") == "dead", 20)
        assert direct(b, "c") and direct(c, "b")
        assert all(len(d.seen()) <= 1 for d in dead), [d.seen() for d in dead]


def seed_dead():
    """Broadcast off, one seed; it dies, the rest is cut apart, and finds itself again."""
    with Wan() as world:
        names = "abcd"
        sites = [world.public(n, f"{PUBLIC}.{i}/24", settings=SEED if i > 1 else QUIET)
                 for i, n in enumerate(names, 1)]
        world.start_all(*sites)
        all_alive(*sites)
        for one in sites:
            for other in sites:
                if one is not other:
                    wait_until(f"{one.name} has {other.name}", lambda: direct(one, other.name), 20)
        sites[0].kill()
        rest = sites[1:]
        for site in rest:
            world.cut(site.name)
        for site in rest:
            wait_until(f"{site.name} is alone", lambda: not any(
                p["state"] == "alive" for p in site.items("peer", "list")), 30)
        for site in rest:
            world.cut(site.name, False)
        figure("seed_dead_found_again", round(all_alive(*rest, seconds=70), 1), "s")


class Traffic:
    """Datagrams of a site's mesh port, in and out, as nft counts them; bytes with IP headers."""

    def __init__(self, world, site):
        self.site = site
        world.nft(site.name, '''
            table inet traffic {
                counter sent {}
                counter heard {}
                chain out { type filter hook output priority 0
                    udp sport 4470 counter name sent
                }
                chain in { type filter hook input priority 0
                    udp dport 4470 counter name heard
                }
            }''')

    def read(self):
        done = sh("ip", "netns", "exec", self.site.ns, "nft", "-j", "list", "counters", "table", "inet", "traffic")
        found = [x["counter"] for x in json.loads(done.stdout)["nftables"] if "counter" in x]
        return {c["name"]: (c["packets"], c["bytes"]) for c in found}

    def until_quiet(self, seconds):
        """Returns when nothing was sent for so long: what newcomers tell each other is over."""
        last = [self.read()["sent"], time.monotonic()]

        def quiet():
            now = self.read()["sent"]
            if now != last[0]:
                last[:] = [now, time.monotonic()]
            return time.monotonic() - last[1] >= seconds
        wait_until("the line is quiet", quiet, 40, 0.2)


def metered():
    """One of two sites pays by the byte: both ping each other every 20 s, and its line rests."""
    with Wan() as world:
        a = world.public("a", f"{PUBLIC}.1/24")
        b = world.public("b", f"{PUBLIC}.2/24", settings=[*SEED, "mesh.metered=yes"])
        world.start_all(a, b)
        all_alive(a, b)
        traffic, deaths = Traffic(world, b), [Deaths(a), Deaths(b)]
        traffic.until_quiet(4)
        before, begin = traffic.read(), time.monotonic()
        # Who hears a PING need not send one: at most one round trip per period and side.
        wait_until("two more periods", lambda: traffic.read()["sent"][0] >= before["sent"][0] + 2, 60)
        seconds, after = time.monotonic() - begin, traffic.read()
        packets = sum(after[way][0] - before[way][0] for way in after)
        size = sum(after[way][1] - before[way][1] for way in after)
        figure("metered_datagrams_per_minute", round(60 * packets / seconds, 1), "")
        figure("metered_bytes_per_hour", round(3600 * size / seconds / 1000), "kB")
        # At the default period of a second it would be 240.
        assert packets <= 10 and seconds >= 20, (packets, seconds)
        assert not any(d.seen() for d in deaths), [d.seen() for d in deaths]
        assert alive(a, "b") and alive(b, "a")


CASES = {f.__name__: f for f in (nat_flush, ipv6, ipv6_seed, roam, seed_name, punch, seed_dead, metered, mtu)}
if __name__ == "__main__":
    for name in sys.argv[1:] or CASES:
        CASES[name]()
