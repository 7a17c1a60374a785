"""An idle daemon with one simulated radio: what of it is in memory half a minute after its start."""
import time

from world import World, figure, wait_until


def kib(site, what):
    with open(f"/proc/{site.process.pid}/smaps_rollup", encoding="ascii") as rows:
        return next(int(row.split()[1]) for row in rows if row.startswith(what + ":"))


def main():
    with World(net=True) as world:
        (site,) = world.line("a", settings=["radio.sim.driver=sim"])
        begun = time.monotonic()
        world.start_all(site)
        wait_until("half a minute is over", lambda: time.monotonic() - begun > 30, 40)
        wait_until("packets came", lambda: len(site.items("packet", "list")) > 0, 60)
        resident, dirty = kib(site, "Rss"), kib(site, "Private_Dirty")
        figure("resident_kib", resident, "KiB")
        figure("private_dirty_kib", dirty, "KiB")
        assert resident <= 8192, resident


if __name__ == "__main__":
    main()
