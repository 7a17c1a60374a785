"""A disk of 16 MB fills up: line A-B-C, B's state on a tmpfs.  B keeps nothing then and says so, at all sites; what
A and C say goes on through it.  With room again it heals by itself, gets what it missed, and says that too."""
import os

from world import World, program, sh, wait_until

LOAD = ["radio.sim.driver=sim", "radio.sim.sim_interval=50ms"]


def full_alert(site):
    return next((a for a in site.items("alert", "list", quiet=True) if a["kind"] == "store.full"), {})


def mount(path):
    sh("mount", "-t", "tmpfs", "-o", "size=16m,mode=750", "tmpfs", str(path))


def top_up(path):
    """What is left of it, with bytes that are nobody's."""
    with open(path, "ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(65536))
        except OSError:
            pass


def becomes_full(site, ballast):
    """What it held back for the alert is left to it: once that is given, nobody may take it."""
    if (site.state / "reserve").exists():
        top_up(ballast)
    return site.ctl("status", quiet=True).get("store", {}).get("readonly")


def stays_full(site, ballast):
    top_up(ballast)
    return site.ctl("status", quiet=True).get("store", {}).get("readonly")


def run(world, a, b, c, ballast):
    world.start_all(a, b, c)
    wait_until("all know all", lambda: all(x.peer(y.name).get("state") == "alive" for x in (a, b, c)
                                           for y in (a, b, c) if x is not y), 30)
    a.ctl("state", "set", "before", "1")
    wait_until("C has it", lambda: any(r["key"] == "user/before" for r in c.every("state", "list")))

    wait_until("B keeps nothing any more", lambda: becomes_full(b, ballast), 60)
    assert "store.failed" in b.log()
    alert = wait_until("A is told", lambda: full_alert(a), 60)
    wait_until("and C", lambda: full_alert(c).get("state") == "firing", 30)
    assert alert["state"] == "firing" and alert["severity"] == "critical" and alert["site"] == "b", alert

    wait_until("it is full for good", lambda: stays_full(b, ballast), 60)
    a.ctl("state", "set", "meanwhile", "2")
    wait_until("it relays all the same", lambda: any(r["key"] == "user/meanwhile" for r in c.every("state", "list")),
               30)
    refused = sh(*b.command(program("meshctl")), "--socket", str(b.socket), "state", "set", "mine", "3", check=False)
    assert refused.returncode != 0, refused
    assert b.process.poll() is None

    os.unlink(ballast)
    wait_until("it heals by itself", lambda: not b.ctl("status", quiet=True)["store"].get("readonly"), 30)
    wait_until("and has what it missed", lambda: any(r["key"] == "user/meanwhile" for r in b.every("state", "list")),
               60)
    for site in (a, c):
        wait_until(f"{site.name} is told", lambda: full_alert(site).get("state") == "resolved", 60)
    b.ctl("state", "set", "mine", "4")
    wait_until("it writes again", lambda: any(r["key"] == "user/mine" for r in c.every("state", "list")), 30)
    assert (b.state / "reserve").stat().st_size == 1 << 20


def main():
    with World(net=True) as world:
        a, b, c = world.line("a", "b", "c", settings=LOAD)
        mount(b.state)
        try:
            run(world, a, b, c, b.state / "ballast")
            b.stop()
        finally:
            b.kill()
            sh("umount", str(b.state), check=False)


if __name__ == "__main__":
    main()
