"""What a registry takes of memory: two real daemons, each in a namespace.  A gets N entries without embedding through
its door, B pulls them from A; each daemon's memory before is taken from its memory after.  What counts is what is the
daemon's own: private pages that it has written (Private_Dirty), after it listed entries and rested for a minute.

per_entry.py [N]     default: 100000 entries
"""
import json
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from memory import kib  # noqa: E402
from world import World, figure, program, wait_until  # noqa: E402

REST_S, WANTED = 65, 64  # the heap is looked at once a minute


def enter(site, first, last):
    rng = random.Random(first)
    lines = "".join(json.dumps({"hash": rng.randbytes(32).hex(), "type": "figure", "meta": {"confidence": 0.5}}) + "\n"
                    for _ in range(first, last))
    subprocess.run(site.command(program("meshctl"), "--socket", str(site.socket), "registry", "import", "-"),
                   input=lines, text=True, check=True, capture_output=True)


def stored(site):
    return sum(row["value"] for row in site.items("stats") if row["name"] == "store.records.stored")


def rest(site):
    site.items("registry", "list", "--limit", "1000")
    time.sleep(REST_S)
    return kib(site, "Private_Dirty")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    worst = 0
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        a.start()
        world.share_network(a, b)
        b.start()
        enter(a, 0, 100)  # what only the first entry brings is not each one's
        wait_until("B has them", lambda: stored(b) >= 100, 30)
        before = {site.name: rest(site) for site in (a, b)}
        enter(a, 100, count)
        wait_until("B has all of them", lambda: stored(b) >= count, 600, 0.5)
        for site in (a, b):
            after = rest(site)
            each = (after - before[site.name]) * 1024 / count
            figure(f"memory_{site.name}", f"{before[site.name]} / {after}", "KiB, 100 entries / all of them")
            figure(f"bytes_per_entry_{site.name}", f"{each:.1f}", "bytes of memory")
            worst = max(worst, each)
    sys.exit(1 if worst > WANTED else 0)


main()
