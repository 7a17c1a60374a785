"""What a site is told that was away while others wrote, counted from outside: real daemons on one segment, each in a
namespace of its own, and the simulator asked for the same.  One site is cut off, ten others enter 1000 entries between
them, then it hears one of them again, alone.  All bytes between those two count, IP headers included, from then until
both hold the same; the simulator's history is a million entries, ours is what is written here: the cost follows the
differences.

absence.py [--changes N] [--json FILE]     default: 1000
"""
import argparse
import json
import re
import sqlite3
import subprocess
import sys
import time

from pull import Door
from segment import build_segment
from world import BIN, World, program, sh, wait_until

WRITERS = 10
QUIET_S = 30  # first lists and checkpoints are over, as the simulator waits
AWAY = "table inet away { chain in { type filter hook input priority 0; udp dport 4470 drop; }; \
chain out { type filter hook output priority 0; udp dport 4470 drop; }; }"
ALONE = "table inet away { chain in { type filter hook input priority 0; ip saddr 10.78.0.1 udp dport 4470 counter \
accept; udp dport 4470 drop; }; chain out { type filter hook output priority 0; ip daddr 10.78.0.1 udp dport 4470 \
counter accept; udp dport 4470 drop; }; }"


def rules(ns, text):
    """In one step, so that nothing passes between the old and the new."""
    flush = "table inet away {}; delete table inet away; "
    sh("ip", "netns", "exec", ns, "nft", "-f", "-", input=flush + text)


def passed(ns):
    text = sh("ip", "netns", "exec", ns, "nft", "list", "table", "inet", "away").stdout
    return sum(int(n) for n in re.findall(r"bytes (\d+)", text))


def held(site):
    """The number at which each log of entries ends here."""
    return {row["site"]: row["high"] for row in site.items("holding", "list") if row["lane"] == "registry"}


def write_meanwhile(sites, changes):
    doors = [Door(site) for site in sites[:WRITERS]]
    for n in range(changes):
        entry = {"hash": f"{n:016x}", "type": "a"}
        status, text = doors[n % WRITERS].post("/registry", entry)
        assert status in (200, 201), text


def core_bytes(site):
    with sqlite3.connect(f"file:{site.state}/meshd.db?mode=ro", uri=True) as db:
        return db.execute("SELECT avg(length(core)), count(*) FROM record JOIN log ON log.id = record.log "
                          "WHERE log.lane = 6").fetchone()


def measure(world, changes):
    places = build_segment(world, WRITERS + 1)
    sites = [world.site(f"n{i}", ns=ns) for i, ns in enumerate(places)]
    first, away = sites[0], sites[-1]
    first.start().stop()
    world.share_network(*sites)
    for site in sites:
        site.start(ready=False)
    for site in sites:
        wait_until("all know all", lambda s=site: s.ctl("status", quiet=True).get(
            "peers", {}).get("alive") == WRITERS, 60)
    for i, site in enumerate(sites[:WRITERS]):
        Door(site).post("/registry", {"hash": f"ff{i:02x}", "type": "before"})
    wait_until("all have the first entries", lambda: all(len(held(site)) == WRITERS for site in sites), 60)
    time.sleep(QUIET_S)
    rules(places[-1], AWAY)
    wait_until("it is away", lambda: first.peer(away.name).get("state") == "dead", 60)
    write_meanwhile(sites, changes)
    wait_until("the others agree", lambda: len({json.dumps(held(s), sort_keys=True) for s in sites[:WRITERS]}) == 1, 120)
    time.sleep(QUIET_S)
    begin = time.monotonic()
    rules(places[-1], ALONE)
    wait_until("it holds the same", lambda: held(away) == held(first), 60)
    seconds, total = time.monotonic() - begin, passed(places[-1])
    mean, count = core_bytes(first)
    return {"all_bytes": total, "agree_s": seconds, "core_bytes": mean, "entries": count}


def simulated():
    done = subprocess.run([program("meshsim", BIN), "registry-sync", "--nodes", str(WRITERS + 1), "--json"],
                          text=True, capture_output=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--json")
    options = parser.parse_args()
    with World(net=True) as world:
        figures = measure(world, options.changes)
    figures["simulated"] = simulated()
    print(json.dumps(figures, indent=1))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(figures, out)


if __name__ == "__main__":
    sys.exit(main())
