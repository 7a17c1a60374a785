"""Joining and trust with real daemons: what a user types, and what all sites then do.

Inviter and guest never share a segment: a router stands between, so the token is all that the guest has.

    inviter -- r -- guest          each cable is a network of its own
       |       |
    member ----+

token: invite, join, both alive; the QR code says the token.  away: the inviter is down, a member lets in.
used, expired, tampered, foreign: four messages, four exit statuses.  block: a stolen site is out everywhere, and back.
purge: with all that it said; let in again it says anew what is so.
rotate: the key turns while a site is away.  leave: back to a network of its own, and in again.
allow_list: who has the key alone is a stranger.  power: kill -9 at each step of a move."""
import datetime
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from world import RUN, World, figure, program, sh, wait_until

NETS = {"inviter": 1, "guest": 2, "member": 3}


class Routed(World):
    """Sites whose only way to each other is a router: no broadcast passes it."""

    def __init__(self, *names):
        super().__init__(net=True)
        router = self.net.add("r")
        sh("ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for name in names:
            self.plug(name)

    def plug(self, name):
        n = NETS[name]
        ns = self.net.add(name)
        sh("ip", "link", "add", "wan", "netns", ns, "type", "veth", "peer", "name", f"to{n}", "netns", f"{RUN}-r")
        for where, dev, address in ((ns, "wan", f"10.78.{n}.1/24"), (f"{RUN}-r", f"to{n}", f"10.78.{n}.254/24")):
            sh("ip", "-n", where, "addr", "add", address, "broadcast", "+", "dev", dev)
            sh("ip", "-n", where, "link", "set", dev, "up")
        sh("ip", "-n", ns, "route", "add", "default", "via", f"10.78.{n}.254")
        self.site(name, ns=ns)

    def start(self, *names, settings=()):
        for name in names:
            self.sites[name].settings += settings
            self.sites[name].start()
        return [self.sites[name] for name in names]


def ctl(site, *argv, stdin=None, timeout="40s"):
    """meshctl as a person uses it."""
    return sh(*site.command(program("meshctl"), "--socket", str(site.socket), "--timeout", timeout, *argv),
              check=False, input=stdin)


def invite(site, *argv):
    return site.ctl("invite", "create", *argv)["token"]


def join(site, token):
    done = ctl(site, "join", "-", "--yes", stdin=token + "\n")
    assert done.returncode == 0, f"{site.name}: {done.returncode} {done.stderr}"


def network(site):
    return site.ctl("key", "show", quiet=True).get("network")


def alive(site, *names):
    return all(site.peer(name).get("state") == "alive" for name in names)


def wait_alive(*sites, seconds=40):
    for site in sites:
        others = [s.name for s in sites if s is not site]
        wait_until(f"{site.name} sees {', '.join(others)}", lambda: alive(site, *others), seconds)


def joined(*names):
    """All of them in the first one's network."""
    world = Routed(*names)
    try:
        sites = world.start(*names)
        for site in sites[1:]:
            join(site, invite(sites[0]))
        wait_alive(*sites)
    except BaseException:
        world.__exit__(*sys.exc_info())
        raise
    return world, sites


def refused(site, token, status, word):
    before = network(site)
    done = ctl(site, "join", "-", "--yes", stdin=token + "\n")
    assert done.returncode == status and word in done.stderr, f"{done.returncode} {done.stderr} (wanted {status}, {word})"
    assert network(site) == before, "it moved all the same"
    return done.stderr


def qr_says(site):
    """What a reader makes of the drawing."""
    done = ctl(site, "invite", "create", "--qr")
    token, *drawing = done.stdout.splitlines()
    assert drawing and all(len(line) <= 80 for line in drawing), [len(line) for line in drawing]
    dark = {" ": (1, 1), "\u2580": (0, 1), "\u2584": (1, 0), "\u2588": (0, 0)}
    rows = [[dark[c][half] for c in line] for line in drawing for half in (0, 1)]
    rows = rows[:len(rows[0])]
    image = site.dir / "code.pbm"
    scale = 4
    text = "\n".join(" ".join(str(bit) for bit in row for _ in range(scale)) for row in rows for _ in range(scale))
    image.write_text(f"P1\n{scale * len(rows[0])} {scale * len(rows)}\n{text}\n")
    assert shutil.which("zbarimg"), "zbar-tools is not installed"
    read = sh("zbarimg", "--quiet", "--raw", str(image))
    assert read.stdout.strip() == token, read.stdout


def doors_shut(site):
    """Seconds between the end of one life and the readiness of the next, as the log has them."""
    said = {}
    for line in site.log().splitlines():
        stamp, _, event = line.split(" ")[:3]
        said[event] = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return (said["daemon.ready"] - said["daemon.stopping"]).total_seconds()


def token():
    with Routed("inviter", "guest") as world:
        a, b = world.start("inviter", "guest")
        alone = network(b)
        text = invite(a)
        where = ctl(b, "join", "--dry-run", text)
        assert where.returncode == 0 and "10.78.1.1:4470" in where.stdout, where.stdout + where.stderr
        assert network(b) == alone
        begun = time.monotonic()
        join(b, text)
        wait_alive(a, b)
        figure("join_to_alive", round(time.monotonic() - begun, 2), "s")
        figure("doors_shut", round(doors_shut(b), 2), "s")
        assert network(a) == network(b) != alone
        item, = a.items("invite", "list")
        assert item["state"] == "used" and item["used"] == 1, item
        wait_until("the guest knows it, too", lambda: [i["state"] for i in b.items("invite", "list")] == ["used"])
        assert (b.state / f"left-{alone[:8]}" / "meshd.db").exists()
        a.ctl("state", "set", "greeting", "1")
        wait_until("records flow", lambda: any(
            row["key"] == "user/greeting" for row in b.every("state", "list")))
        for line in (ctl(a, "invite", "list").stdout + ctl(a, "key", "show").stdout).splitlines():
            assert len(line) <= 80, line
        qr_says(a)
        # Restarted, they find each other again without a token.
        for site in (a, b):
            site.stop()
        world.start("inviter", "guest")
        wait_alive(a, b)


def away():
    world, (a, c) = joined("inviter", "member")
    with world:
        world.plug("guest")
        b, = world.start("guest")
        text = invite(a, "--uses", "2", "--expires", "1h")
        wait_until("the member has heard of it", lambda: len(c.items("invite", "list")) == 2)
        a.stop()
        join(b, text)
        wait_alive(b, c)
        world.start("inviter")
        wait_alive(a, b, c, seconds=40)


def used():
    world, (a, c) = joined("inviter", "member")
    with world:
        world.plug("guest")
        b, = world.start("guest")
        text = invite(a)
        join(b, text)
        wait_alive(a, b)
        # The member goes, and comes back as somebody else with the same token.
        c.stop()
        shutil.rmtree(c.state)
        c.state.mkdir(mode=0o750)
        world.start("member")
        refused(c, text, 1, "used up")
        gone = invite(a, "--expires", "1h")
        ident = next(i["id"] for i in a.items("invite", "list") if i["state"] == "open")
        a.ctl("invite", "revoke", ident)
        refused(c, gone, 4, "no site of that network knows this token")


def expired():
    with Routed("inviter", "guest") as world:
        a, b = world.start("inviter", "guest")
        text = invite(a, "--expires", "1m")
        expires = next(i["expires_ms"] for i in a.items("invite", "list"))
        wait_until("a minute is over", lambda: time.time() * 1000 > expires, 90, 0.5)
        refused(b, text, 5, "expired")


def tampered():
    with Routed("inviter", "guest") as world:
        a, b = world.start("inviter", "guest")
        text = invite(a)
        letter = "A" if text[60] != "A" else "B"
        refused(b, text[:60] + letter + text[61:], 2, "damaged")
        refused(b, text[:-5], 2, "damaged")
        refused(b, "let me in", 2, "meshd1.")
        refused(a, text, 1, "already")
        join(b, text)


def foreign():
    """The token's address belongs to a site of another network by now."""
    with Routed("inviter", "guest", "member") as world:
        world.sites["member"].settings += ["mesh.address=10.78.1.1:4470", "mesh.interfaces=lo"]
        world.start("inviter", "guest", "member")
        b, c = world.sites["guest"], world.sites["member"]
        where = c.ctl("invite", "create")
        assert where["addresses"] == ["10.78.1.1:4470"], where
        begun = time.monotonic()
        refused(b, where["token"], 6, "these addresses belong to another network")
        figure("join_gives_up", round(time.monotonic() - begun, 1), "s")


def blocked_at(site, name):
    peer = site.peer(name)
    return peer.get("state") == "dead" and peer.get("reason") == "blocked"


def block():
    world, (a, b, c) = joined("inviter", "guest", "member")
    with world:
        done = ctl(a, "peer", "block", "guest")
        assert done.returncode == 2 and "--yes" in done.stderr, done.stderr
        begun = time.monotonic()
        said = a.ctl("peer", "block", "guest", "--yes")
        assert said["scope"] == "network", said
        for site in (a, c):
            wait_until(f"{site.name} has put it out", lambda: blocked_at(site, "guest"))
        figure("blocked_everywhere", round(time.monotonic() - begun, 2), "s")
        wait_until("its operator learns why", lambda: "has blocked this site" in b.log())
        wait_until("it shows that", lambda: b.ctl("key", "show")["blocked"])
        assert not a.ctl("key", "show")["blocked"]
        b.ctl("state", "set", "late", "1")
        c.stop()
        world.start("member")  # it holds over a restart
        wait_alive(a, c)
        assert blocked_at(c, "guest") or not c.peer("guest")
        for site in (a, c):
            assert not any(row["key"] == "user/late" for row in site.every("state", "list")), site.name
        # Who is no admin decides for itself alone.
        assert c.ctl("peer", "block", "inviter", "--yes", quiet=True).get("status") == 403
        begun = time.monotonic()
        a.ctl("peer", "unblock", "guest")
        wait_alive(a, b, c, seconds=90)
        figure("unblocked_everywhere", round(time.monotonic() - begun, 2), "s")
        wait_until("what it said meanwhile comes", lambda: any(
            row["key"] == "user/late" for row in a.every("state", "list")), 60)


def says(site, key):
    return any(row["key"] == f"user/{key}" for row in site.every("state", "list"))


def logs_of(site, name):
    return [row for row in site.items("holding", "list") if row["site"] == name]


def purge():
    world, (a, b, c) = joined("inviter", "guest", "member")
    with world:
        b.ctl("state", "set", "rubbish", "1")
        b.ctl("alert", "raise", "test.rubbish", "--text", "rubbish")
        for site in (a, c):
            wait_until(f"{site.name} has it", lambda: says(site, "rubbish") and site.every("alert", "list"), 30)
        c.stop()  # it learns of it late
        assert ctl(b, "peer", "block", "inviter", "--purge", "--yes").returncode == 5  # only an admin may
        done = ctl(a, "peer", "block", "guest", "--purge")
        assert done.returncode == 2 and "--yes" in done.stderr, done.stderr
        begun = time.monotonic()
        said = a.ctl("peer", "block", "guest", "--purge", "--yes")
        assert said["scope"] == "network" and said["decided"] == "purged", said
        wait_until("the inviter has nothing of it", lambda: not logs_of(a, "guest") and not says(a, "rubbish") and
                   not a.every("alert", "list"))
        figure("purged_here", round(time.monotonic() - begun, 2), "s")
        b.ctl("state", "set", "meanwhile", "1")
        world.start("member")
        wait_alive(a, c)
        wait_until("who was away has nothing of it", lambda: not logs_of(c, "guest") and not says(c, "rubbish"), 30)
        wait_until("it is counted", lambda: a.counter("store.records.purged") >= 3 and c.counter("store.records.purged") >= 3)
        assert says(b, "rubbish")  # nobody empties another's disk while it is out
        a.ctl("peer", "unblock", "guest")
        wait_alive(a, b, c, seconds=90)
        b.ctl("state", "set", "good", "1")
        for site in (a, b, c):
            wait_until(f"{site.name}: what it says now comes, and only that", lambda: says(site, "good") and not
                       says(site, "rubbish") and not says(site, "meanwhile"), 60)
        wait_until("it says anew who it is", lambda: any(
            row["key"] == "site" and row["site"] == "guest" for row in c.every("state", "list")), 30)


def shown(site):
    return site.ctl("key", "show", quiet=True).get("network_key")


def rotate():
    world, (a, b, c) = joined("inviter", "guest", "member")
    with world:
        c.stop()
        old = shown(a)
        assert c.process.returncode == 0
        done = ctl(b, "key", "rotate", "--yes")
        assert done.returncode == 5 and "only an admin" in done.stderr, done.stderr
        new = a.ctl("key", "rotate", "--in", "1s", "--yes")["network_key"]
        assert new != old
        # The answer means that it is decided: a cut right after it changes nothing.
        a.kill()
        a.start()
        for site in (a, b):
            wait_until(f"{site.name} uses it", lambda: shown(site) == new, 40)
        begun = time.monotonic()
        world.start("member")
        wait_alive(a, b, c, seconds=60)
        wait_until("who was away has it, too", lambda: shown(c) == new, 60)
        figure("rotated_while_away", round(time.monotonic() - begun, 1), "s")
        for site in (a, b, c):
            site.kill()
        world.start("inviter", "guest", "member")
        wait_alive(a, b, c, seconds=60)
        assert {shown(site) for site in (a, b, c)} == {new}


def leave():
    world, (a, b) = joined("inviter", "guest")
    with world:
        was = network(b)
        b.ctl("state", "set", "mine", "7")
        wait_until("a has it", lambda: any(row["key"] == "user/mine" for row in a.every("state", "list")))
        done = ctl(b, "leave", "--yes")
        assert done.returncode == 0, done.stderr
        assert network(b) not in (None, was)
        wait_until("it said goodbye", lambda: a.peer("guest").get("state") == "left")
        assert not b.items("peer", "list")
        begun = time.monotonic()
        join(b, invite(a))
        figure("joined_again", round(time.monotonic() - begun, 2), "s")
        assert network(b) == was
        wait_alive(a, b)
        # Its own records come back from the others, and it goes on above them.
        wait_until("its own log is back", lambda: any(
            row["key"] == "user/mine" for row in b.every("state", "list")), 30)
        b.ctl("state", "set", "mine", "8")
        wait_until("a hears it", lambda: any(
            row["key"] == "user/mine" and row["value"] == 8 for row in a.every("state", "list")), 30)
        assert a.counter("peer.fork") == 0


def allow_list():
    with Routed("inviter", "guest", "member") as world:
        a, b, c = world.start("inviter", "guest", "member", settings=["mesh.admission=allow-list"])
        join(b, invite(a))
        wait_alive(a, b)
        # The key alone, copied, is not enough.
        c.stop()
        shutil.copy(a.state / "network", c.state / "network")
        for file in c.state.glob("meshd.db*"):
            file.unlink()
        c.settings += ["mesh.seed=10.78.1.1:4470"]
        world.start("member")
        key = c.ctl("key", "show")["key"]
        wait_until("a shows it as a stranger", lambda: any(
            p.get("key") == key and p["state"] == "stranger" for p in a.items("peer", "list", "--strangers")), 30)
        assert not a.peer("member")
        assert b.ctl("invite", "create", quiet=True).get("status") == 403
        a.ctl("peer", "allow", key)
        wait_alive(a, b, c, seconds=60)


def traced(world, site, calls, step):
    """strace that ends the daemon with SIGKILL at its nth such call."""
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", str(site.dir / "trace"), "-e", f"trace={calls}",
         "-e", f"inject={calls}:signal=KILL:when={step}", "-p", str(site.process.pid)], stderr=subprocess.DEVNULL)
    world.others.append(tracer)
    status = pathlib.Path(f"/proc/{site.process.pid}/status")
    wait_until("it is traced", lambda: "TracerPid:\t0\n" not in status.read_text())
    return tracer


def cut(world, site, calls, step, text):
    """Join, and be killed on the way; False: there is no such step."""
    tracer = traced(world, site, calls, step)
    asking = subprocess.Popen(
        site.command(program("meshctl"), "--socket", str(site.socket), "join", text, "--yes"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    world.others.append(asking)
    wait_until("it is there or killed", lambda: any(p.poll() is not None for p in (asking, site.process)), 60)
    if asking.poll() == 0:
        tracer.terminate()
        tracer.wait()
        return False
    assert site.process.wait(30) == -signal.SIGKILL, site.process.returncode
    asking.kill()
    return True


def power():
    """kill -9 at each rename and unlink of a move: the daemon starts, and is in one of the two networks."""
    assert shutil.which("strace"), "strace is not installed"
    with Routed("inviter", "guest") as world:
        a, b = world.start("inviter", "guest")
        text = invite(a)
        join(b, text)  # the same guest is let in again with the same token
        wait_alive(a, b)
        home, cuts = network(a), 0
        for calls in ("rename,renameat,renameat2", "unlink,unlinkat"):
            for step in range(1, 20):
                assert ctl(b, "leave", "--yes").returncode == 0
                alone = network(b)
                if not cut(world, b, calls, step, text):
                    break
                cuts += 1
                b.start()
                where = network(b)
                assert where in (home, alone), where
                if where == alone:
                    join(b, text)
                wait_alive(a, b)
                assert not list(b.state.glob("*.next")), list(b.state.iterdir())
        figure("power_cuts", cuts, "steps")
        assert cuts >= 9, cuts
        wait_alive(a, b)
        assert a.counter("peer.fork") == 0


CASES = {f.__name__: f for f in (token, away, used, expired, tampered, foreign, block, purge, rotate, leave, allow_list, power)}

if __name__ == "__main__":
    for case in sys.argv[1:] or CASES:
        CASES[case]()
