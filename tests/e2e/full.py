"""A disk of 16 MB fills up, and somebody goes on taking all that becomes free: line A-B-C, B's state on a tmpfs.  B
keeps nothing then and says so, at all sites; what A and C say goes on through it, also when it is started anew.  With
room again it heals by itself, gets what it missed, and says that too, even if the room came while it was stopped."""
import os
import signal
import threading

from world import World, program, sh, wait_until

LOAD = ["radio.sim.driver=sim", "radio.sim.sim_interval=50ms"]


class Ballast(threading.Thread):
    """Bytes that are nobody's, and more of them as soon as there is room."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.over = path, threading.Event()
        self.start()

    def run(self):
        with open(self.path, "ab", buffering=0) as file:
            size = 1 << 16
            while not self.over.is_set():
                try:
                    file.write(bytes(size))
                except OSError:
                    size = max(size // 2, 1)
                    self.over.wait(0.001 if size == 1 else 0)

    def remove(self):
        self.over.set()
        self.join()
        os.unlink(self.path)


def full_alert(site):
    return next((a for a in site.items("alert", "list", quiet=True) if a["kind"] == "store.full"), {})


def mount(path):
    sh("mount", "-t", "tmpfs", "-o", "size=16m,mode=750", "tmpfs", str(path))


def is_full(site):
    return site.ctl("status", quiet=True).get("store", {}).get("readonly")


def has(site, key):
    return any(r["key"] == f"user/{key}" for r in site.every("state", "list", quiet=True))


def becomes_full(a, b, c):
    wait_until("B keeps nothing any more", lambda: is_full(b), 60)
    wait_until("its log says so", lambda: "store.failed" in b.log())
    for site in (a, c):
        wait_until(f"{site.name} is told", lambda: full_alert(site).get("state") == "firing", 60)
    alert = full_alert(a)
    assert alert["severity"] == "critical" and alert["site"] == "b", alert


def relays(a, c, key):
    a.ctl("state", "set", key, "2")
    wait_until(f"it relays {key} all the same", lambda: has(c, key), 30)


def heals(a, b, c, keys):
    wait_until("it heals by itself", lambda: b.ctl("status", quiet=True).get("store", {}).get("readonly") is False, 40)
    for key in keys:
        wait_until(f"and has {key}, which it missed", lambda: has(b, key), 60)
    for site in (a, c):
        wait_until(f"{site.name} is told", lambda: full_alert(site).get("state") == "resolved", 60)


def run(world, a, b, c, path):
    world.start_all(a, b, c)
    wait_until("all know all", lambda: all(x.peer(y.name).get("state") == "alive" for x in (a, b, c)
                                           for y in (a, b, c) if x is not y), 30)
    a.ctl("state", "set", "before", "1")
    wait_until("C has it", lambda: has(c, "before"))

    ballast = Ballast(path)
    becomes_full(a, b, c)
    relays(a, c, "meanwhile")
    refused = sh(*b.command(program("meshctl")), "--socket", str(b.socket), "state", "set", "mine", "3", check=False)
    assert refused.returncode != 0, refused
    assert b.process.poll() is None

    for how in (signal.SIGKILL, signal.SIGTERM):
        b.stop(how)
        b.start()
        wait_until("it is as full as before", lambda: is_full(b), 60)
        relays(a, c, how.name.lower())  # its links are not all there yet
        relays(c, a, f"{how.name.lower()}_back")
        assert full_alert(c).get("state") == "firing"

    ballast.remove()
    heals(a, b, c, ["meanwhile", "sigkill", "sigterm"])
    wait_until("C misses nothing", lambda: has(c, "sigkill") and has(c, "sigterm"), 60)
    b.ctl("state", "set", "mine", "4")
    wait_until("it writes again", lambda: has(c, "mine"), 30)

    ballast = Ballast(path)
    becomes_full(a, b, c)
    b.stop()
    ballast.remove()
    b.start()
    heals(a, b, c, [])


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
