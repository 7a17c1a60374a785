"""A site's own log after a restored backup, without its database, and with its key in two machines at once.

backup: what was written after the backup comes back from the neighbour, numbers go on above it, no fork.
database: the key alone is enough to get the own log back.
line: two copies of one state folder at the ends of a line learn of each other from the site between them; the operator
is told, does what OPERATING.md says, and both write again.
fork: a copied state folder writes on the other side of a partition, and ends before it heals: both sides freeze what was
said twice, the original goes on in a new epoch, and both sides have all of it.
clone: a copied state folder runs on two sides of a partition; when the two hear each other both stop writing
and say so."""
import json
import shutil
import subprocess
import sys
import threading
import time

from world import ROUNDS_S, RUN, World, figure, program, sh, wait_until

DEMO = {"demo": False}
APP = """
import json, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(json.dumps({"op": "sub", "v": 1, "name": "test", "topics": ["alert"], "ttl": 300}).encode(), ("127.0.0.1", 4471))
while True:
    print(s.recv(2048).decode(), flush=True)
"""


class Listener:
    """A local app at that site, which is told of alerts by UDP."""

    def __init__(self, site):
        self.process = subprocess.Popen(site.command(sys.executable, "-c", APP), stdout=subprocess.PIPE, text=True)
        site.world.others.append(self.process)
        self.said = []
        threading.Thread(target=self.collect, daemon=True).start()
        wait_until("the app is subscribed", lambda: any(x.get("op") == "ok" for x in list(self.said)))

    def collect(self):
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def wait(self, kind, seconds=20):
        return wait_until(f"the app hears {kind}", lambda: next(
            (x for x in list(self.said) if x.get("kind") == kind), None), seconds)


def keys(site, name):
    try:
        return {row["key"]: row["value"] for row in site.every("state", "list", name)}
    except AssertionError:  # a name that is not known there yet
        return {}


def say(site, first, last):
    for n in range(first, last):
        wait_until(f"{site.name} takes k{n}", lambda: site.ctl(
            "state", "set", f"k{n}", str(n), quiet=True).get("schema") == "meshd.state/1", 20)


def wait_keys(site, name, first, last, seconds=ROUNDS_S):
    wait_until(f"{site.name} has k{first}..k{last - 1} of {name}", lambda: all(
        keys(site, name).get(f"user/k{n}") == n for n in range(first, last)), seconds, 0.3)


def met(world, *names):
    sites = world.line(*names, **DEMO)
    world.start_all(*sites)
    wait_until("they see each other", lambda: sites[0].peer(names[1]).get("state") == "alive")
    return sites


def copy_state(site, to):
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(site.state, to)


def backup():
    with World(net=True) as world:
        a, b = met(world, "a", "b")
        say(a, 0, 5)
        a.stop()
        copy_state(a, world.dir / "backup")
        a.start()
        say(a, 5, 60)
        wait_keys(b, "a", 0, 60)
        a.kill()
        shutil.rmtree(a.state)
        shutil.copytree(world.dir / "backup", a.state)
        a.start()
        wait_keys(a, "a", 0, 60)
        figure("backup_recovered", a.counter("own.recovered"), "records")
        say(a, 60, 65)
        wait_keys(b, "a", 0, 65)
        assert b.counter("peer.fork") == 0, "the neighbour saw a fork"
        assert a.counter("own.epoch_new") == 0


def database():
    with World(net=True) as world:
        a, b = met(world, "a", "b")
        say(a, 0, 30)
        wait_keys(b, "a", 0, 30)
        a.kill()
        for file in a.state.glob("meshd.db*"):
            file.unlink()
        a.start()
        wait_keys(a, "a", 0, 30)
        figure("database_recovered", a.counter("own.recovered"), "records")
        say(a, 30, 35)
        wait_keys(b, "a", 0, 35)
        assert b.counter("peer.fork") == 0, "the neighbour saw a fork"


def stopped(site):
    """What an operator sees: the log, status, status --check."""
    wait_until(f"{site.name} says so", lambda: "identity.cloned" in site.log())
    wait_until("it says where the other one is", lambda: "was heard by way of site" in site.log() or "is at " in site.log())
    wait_until("its status says so", lambda: site.ctl("status")["writing"] == "cloned")
    said = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "status", "--check"), check=False)
    assert "stopped: another machine" in said.stdout and said.returncode != 0, said.stdout


def line():
    """b stands between the two and is the only one that hears both."""
    with World(net=True) as world:
        a, b, c = world.line("a", "b", "c", **DEMO)
        world.start_all(a, b)
        wait_until("a sees b", lambda: a.peer("b").get("state") == "alive")
        app = Listener(a)
        say(a, 0, 3)
        copy_state(a, c.state)
        begun = time.monotonic()
        c.start()
        for site in (a, c):
            wait_until(f"{site.name} knows of the other", lambda: site.counter("peer.clone") > 0, 150, 0.3)
            stopped(site)
            refused = site.ctl("state", "set", "late", "1", quiet=True)
            assert refused.get("schema") != "meshd.state/1", f"{site.name} still writes"
        figure("clone_in_a_line_known", round(time.monotonic() - begun, 1), "s")
        said = app.wait("identity.cloned")
        assert said["severity"] == "critical" and said["local"] is True, said
        # What OPERATING.md says: c gets a key of its own, both start again.
        a.stop()
        c.stop()
        for file in [c.state / "identity.key", *c.state.glob("meshd.db*")]:
            file.unlink()
        a.start()
        c.start()
        say(a, 50, 52)
        say(c, 60, 62)
        wait_until("a sees c", lambda: a.peer("c").get("state") == "alive", 30)
        wait_until("both write", lambda: a.ctl("status")["writing"] == c.ctl("status")["writing"] == "yes")


def fork():
    with World(net=True) as world:
        a, b = world.line("a", "b", **DEMO)
        for name in ("c", "d"):
            world.net.add(name)
        world.net.link("c", "d")
        c, d = (world.site(name, ns=f"{RUN}-{name}") for name in ("c", "d"))
        world.start_all(a, b)
        wait_until("a sees b", lambda: a.peer("b").get("state") == "alive")
        say(a, 0, 5)
        wait_keys(b, "a", 0, 5)
        a.stop()
        copy_state(a, c.state)
        world.share_network(a, d)
        for site in (a, c, d):
            site.start()
        wait_until("the copy sees d", lambda: c.peer("d").get("state") == "alive")
        say(a, 10, 20)
        say(c, 30, 40)
        wait_keys(b, "a", 10, 20)
        wait_until("d has what the copy said", lambda: d.counter("peer.fork") == 0 and any(
            row.get("value") == 39 for row in d.every("state", "list")), 30, 0.3)
        c.kill()
        begun = time.monotonic()
        world.net.link("b", "d")
        for site in (b, d):
            wait_until(f"{site.name} sees the fork", lambda: site.counter("peer.fork") > 0, 60, 0.3)
            wait_until("its log says so", lambda: "log.forked" in site.log())
        wait_until("a begins anew", lambda: a.counter("own.epoch_new") == 1, 30, 0.3)
        wait_until("a says so", lambda: "log.forked" in a.log() and "log.renewed" in a.log())
        say(a, 50, 55)
        for site in (b, d):
            wait_keys(site, "a", 0, 5)
            wait_keys(site, "a", 10, 20)
            wait_keys(site, "a", 50, 55)
        figure("fork_healed", round(time.monotonic() - begun, 1), "s")
        assert a.ctl("status")["writing"] == "yes"


def clone():
    with World(net=True) as world:
        a, b = world.line("a", "b", **DEMO)
        world.net.add("c")
        c = world.site("c", ns=f"{RUN}-c")
        world.start_all(a, b)
        wait_until("a sees b", lambda: a.peer("b").get("state") == "alive")
        say(a, 0, 3)
        a.stop()
        copy_state(a, c.state)
        a.start()
        c.start()
        say(a, 10, 14)
        say(c, 20, 24)
        assert a.counter("peer.clone") == 0 and c.counter("peer.clone") == 0
        world.net.link("a", "c")
        for site in (a, c):
            wait_until(f"{site.name} knows of the other", lambda: site.counter("peer.clone") > 0, 150, 0.3)
            stopped(site)
            refused = site.ctl("state", "set", "late", "1", quiet=True)
            assert refused.get("schema") != "meshd.state/1", f"{site.name} still writes"
        figure("clone_known", 2, "sites")


if __name__ == "__main__":
    {"backup": backup, "database": database, "clone": clone, "line": line, "fork": fork}[sys.argv[1]]()
