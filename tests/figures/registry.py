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
COMPARING = ["sync.exchange", "sync.pull", "sync.sketch", "sync.refetch"]


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


def idle(sites, places):
    """Bytes per second of each site, and over all of them what moved of the counters."""
    names = [*COMPARING, "tx.sent", "tx.retry"]
    before = {name: sum(site.counter(name) for site in sites) for name in names}
    rates = idle_bytes(places)
    return percentile(rates, 50), {name: sum(site.counter(name) for site in sites) - before[name] for name in names}


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
    empty, sent_empty = idle(sites, places)
    entries, union = [], []
    for i, site in enumerate(sites):
        mine = [(f"{i:02x}{n:06x}", vector(rng, options.dim)) for n in range(options.entries)]
        enter(site, mine)
        union += mine
        entries.append(mine)
    time.sleep(QUIET_S)
    full, sent_full = idle(sites, places)
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
            "idle_bytes_per_s_empty": empty, "idle_bytes_per_s_full": full,
            "datagrams_while_empty": sent_empty["tx.sent"], "datagrams_while_full": sent_full["tx.sent"],
            "sent_again_while_full": sent_full["tx.retry"],
            "compared_while_empty": sum(sent_empty[name] for name in COMPARING),
            "compared_while_full": sum(sent_full[name] for name in COMPARING)}


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
