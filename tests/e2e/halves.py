"""A mesh in two halves: of the line A-B-C-D the middle link goes down, both halves go on hearing packets, raising alerts,
measuring, and setting, changing and removing states and entries, also of the same names; then it is back.

All four have the same then, byte for byte, in every list: nothing twice, nothing missing, nothing removed that comes back.
A program at each site is told of each alert once, also of those of the other half, which come by repair."""
import json
import socket

from world import RUN, World, sh, wait_until

ENTRIES, STATES = 30, 12


def middle(link):
    for name, end in (("b", "s2e1"), ("c", "s2e2")):
        sh("ip", "-n", f"{RUN}-{name}", "link", "set", end, link)


class App:
    """Told of alerts over apps.sock, at a path: names without one belong to a network namespace."""

    def __init__(self, world, site):
        self.kinds = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(world.dir / f"app-{site.name}"))
        self.socket.connect(str(site.run / "apps.sock"))
        self.socket.setblocking(False)
        self.socket.send(b'{"op":"sub","topics":"alert","ttl":600}')
        wait_until(f"the program at {site.name} is subscribed", lambda: self.hear() == {"op": "ok"})

    def hear(self):
        """What came last: {"op": "ok"} or an alert's kind."""
        try:
            said = json.loads(self.socket.recv(4096))
        except BlockingIOError:
            return None
        if "kind" in said:
            self.kinds.append(said["kind"])
        return {"op": said.get("op")}

    def all(self):
        while self.hear():
            pass
        return sorted(self.kinds)


def write(site, half):
    site.ctl("alert", "raise", f"gate.{half}", "--text", f"from {half}", "--severity", "high")
    for n in range(STATES):
        site.ctl("state", "set", f"k{n}", json.dumps([half, n]))
    site.ctl("state", "remove", "before")
    site.ctl("state", "remove", "k0")
    site.ctl("registry", "remove", "aa01")
    for n in range(ENTRIES):
        site.ctl("registry", "add", f"bb{n:02x}", "--type", half, "--embedding", json.dumps([n, 1]), "--meta", json.dumps({"n": n}))
    for n in range(0, ENTRIES, 3):
        site.ctl("registry", "remove", f"bb{n:02x}")
    for n in range(1, ENTRIES, 3):
        site.ctl("registry", "add", f"bb{n:02x}", "--type", "changed")


def lists(site, until_ms):
    """As they are shown; of packets what was heard before the halves met."""
    states = [s for s in site.every("state", "list") if s["key"].startswith("user/")]
    packets = [p for p in site.every("packet", "list") if p["time_ms"] < until_ms]
    return [json.dumps(items, sort_keys=True) for items in (
        site.every("registry", "list", "--embeddings"), states, site.every("alert", "list"), packets)]


def are_right(sites, until_ms):
    entries, states, alerts, packets = (json.loads(items) for items in lists(sites[0], until_ms))
    hashes = [(e["hash"], e["site"]) for e in entries]
    wanted = sorted((f"bb{n:02x}", site) for n in range(ENTRIES) if n % 3 for site in "ad")
    assert sorted(hashes) == wanted, hashes
    assert sorted((s["site"], s["key"]) for s in states) == sorted(
        (site, f"user/k{n}") for site in "ad" for n in range(1, STATES)), states
    assert sorted(a["kind"] for a in alerts if a["kind"].startswith("gate.")) == ["gate.left", "gate.right"], alerts
    assert len({p["id"] for p in packets}) == len(packets) > 4, packets
    for site in "ad":
        assert any(r["site"] == site for p in packets for r in p["receptions"]), site


def main():
    with World(net=True) as world:
        sites = a, b, c, d = world.line("a", "b", "c", "d", settings=["radio.sim.driver=sim", "radio.sim.sim_interval=500ms"])
        world.start_all(*sites)
        wait_until("all know all", lambda: all(x.peer(y.name).get("state") == "alive" for x in sites for y in sites if x is not y), 30)
        apps = [App(world, site) for site in sites]
        for site in (a, d):
            site.ctl("registry", "add", "aa01", "--type", "before")
            site.ctl("state", "set", "before", "1")
        wait_until("all have what was before", lambda: all(
            len(s.every("registry", "list")) == 2 == sum(x["key"] == "user/before" for x in s.every("state", "list")) for s in sites), 30)

        middle("down")
        wait_until("both halves know it", lambda: a.peer("d").get("state") == "dead" == d.peer("a").get("state"), 30)
        write(a, "left")
        write(d, "right")
        wait_until("b and c have their half", lambda: len(b.every("registry", "list")) > ENTRIES / 2 < len(c.every("registry", "list")), 30)
        assert not any(x["kind"] == "gate.left" for x in d.items("alert", "list"))

        middle("up")
        met_ms = max(p["time_ms"] for s in (a, d) for p in s.items("packet", "list"))
        wait_until("all four have the same", lambda: len({tuple(lists(s, met_ms)) for s in sites}) == 1 and
                   len(a.every("registry", "list")) == ENTRIES // 3 * 4, 60, 0.5)
        are_right(sites, met_ms)
        for app in apps:
            wait_until("both alerts are told once", lambda p=app: p.all() == ["gate.left", "gate.right"])
        assert all(s.counter("sync.checkpoint_bad") == 0 for s in sites)


main()
