"""The registry among real daemons on one segment, each in a namespace of its own: a search over sites that hold only
what they entered, against the union of all as a script finds it in double precision; and what a registry costs that
nobody changes.

registry.py [SITES] [--entries N] [--dim D] [--searches N] [--json FILE]   default: 10 sites, 2000 entries each, 512, 100
"""
import argparse
import array
import json
import math
import random
import subprocess
import sys
import time

from segment import build_segment, call, idle_bytes, percentile
from world import BIN, World, figure, program, wait_until

QUIET_S = 30  # checkpoints and exchanges are over


def vector(rng, dim):
    return array.array("f", (rng.gauss(0, 1) for _ in range(dim)))


def cosine(a, b):
    dot = math.fsum(x * y for x, y in zip(a, b))
    return dot / math.sqrt(math.fsum(x * x for x in a) * math.fsum(y * y for y in b))


def enter(site, entries):
    """A JSON object a line, as `registry import` reads it."""
    lines = "".join(json.dumps({"hash": name, "type": "figure", "embedding": numbers.tobytes().hex()}) + "\n"
                    for name, numbers in entries)
    subprocess.run(site.command(program("meshctl", BIN), "--socket", str(site.socket), "registry", "import", "-"),
                   input=lines, text=True, check=True, capture_output=True)


def search(site, like, local=False):
    begin = time.monotonic()
    body = json.dumps({"like": like.tobytes().hex(), "top": 10, "budget": "2s", "local": local})
    for line in call(site, "POST", "registry/search", body):
        if line.startswith("{"):
            answer = json.loads(line)
            return (time.monotonic() - begin) * 1000, answer
    raise AssertionError("no answer")


def measure(world, options):
    rng = random.Random(4)
    places = build_segment(world, options.sites)
    sites = [world.site(f"n{i}", ns=ns, settings=["registry.replicate=none"]) for i, ns in enumerate(places)]
    sites[0].start().stop()
    world.share_network(*sites)
    for site in sites:
        site.start(ready=False)
    for site in sites:
        wait_until("all know all", lambda s=site: s.ctl("status", quiet=True).get(
            "peers", {}).get("alive") == options.sites - 1, 60)
    time.sleep(QUIET_S)
    empty = idle_bytes(places)
    entries, union = [], []
    for i, site in enumerate(sites):
        mine = [(f"{i:02x}{n:06x}", vector(rng, options.dim)) for n in range(options.entries)]
        enter(site, mine)
        union += mine
        entries.append(mine)
    time.sleep(QUIET_S)
    full = idle_bytes(places)
    took, local, differ = [], [], 0
    for n in range(options.searches):
        like, site = vector(rng, options.dim), sites[n % len(sites)]
        if n < 20:  # the oracle is slow, and local scans disturb
            local += [search(each, like, local=True)[1]["took_ms"] for each in sites]
        ms, answer = search(site, like)
        took.append(ms)
        assert answer["complete"] == {"answered": len(sites), "known": len(sites)}, answer["complete"]
        if n < 20:
            best = sorted(union, key=lambda e: -cosine(e[1], like))[:10]
            differ += [e[0] for e in best] != [item["hash"] for item in answer["items"]]
    return {"sites": options.sites, "entries": options.entries, "dim": options.dim,
            "search_ms_p50": percentile(took, 50), "search_ms_p99": percentile(took, 99),
            "slowest_local_scan_ms": max(local), "differ_from_union": differ,
            "idle_bytes_per_s_empty": percentile(empty, 50), "idle_bytes_per_s_full": percentile(full, 50)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sites", nargs="?", type=int, default=10)
    parser.add_argument("--entries", type=int, default=2000)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--searches", type=int, default=100)
    parser.add_argument("--json")
    options = parser.parse_args()
    with World(net=True) as world:
        figures = measure(world, options)
    for name, value in figures.items():
        print(f"{name:26} {value:.1f}" if isinstance(value, float) else f"{name:26} {value}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(figures, out)
    sys.exit(1 if figures["differ_from_union"] else 0)


main()
