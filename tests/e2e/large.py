"""A state value of 60 KB, written at A, is read at C over A-B-C, whatever share of the datagrams is lost;
more than 64 KiB is refused at the writer."""
import json
import random
import string
import sys

from world import RUN, World, figure, program, sh, wait_until

import time

LOSSES = (0, 10, 30)


def lossy(name, percent):
    """The namespace drops so many of the datagrams that come to its mesh."""
    ns = f"{RUN}-{name}"
    sh("ip", "netns", "exec", ns, "nft", "flush", "ruleset")
    if percent > 0:
        sh("ip", "netns", "exec", ns, "nft", "-f", "-", input=f'''
            table inet loss {{
                chain input {{ type filter hook input priority 0;
                    udp dport 4470 numgen random mod 100 < {percent} drop
                }}
            }}''')


def value_of(turn, size):
    random.seed(turn)
    return "".join(random.choices(string.ascii_letters + string.digits, k=size))


def value_at(site, key):
    rows = [r for r in site.items("state", "list", quiet=True, timeout="10s") if r["key"] == f"user/{key}"]
    return rows[0]["value"] if rows else None


def refused(site, size):
    """What meshctl says to a value of so many bytes."""
    done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "state", "set", "big",
                            json.dumps("x" * size)), check=False)
    assert done.returncode != 0, f"{size} bytes were taken"
    return done.stderr


def run():
    with World(net=True) as world:
        sites = world.line("a", "b", "c", demo=False)
        first, far = sites[0], sites[2]
        world.start_all(*sites)
        for site in sites:
            wait_until(f"{site.name} sees all others alive", lambda: sum(
                p.get("state") == "alive" for p in site.items("peer", "list", quiet=True)) == 2)
        for turn, percent in enumerate(LOSSES):
            for name in "abc":
                lossy(name, percent)
            key, value = f"blob{percent}", value_of(turn, 60_000)
            begin = time.monotonic()
            first.ctl("state", "set", key, json.dumps(value), timeout="10s")
            wait_until(f"{key} at {far.name}", lambda: value_at(far, key) == value, 60, 0.2)
            figure(f"large_60kB_{percent}_percent_loss", round(time.monotonic() - begin, 2), "s")
        for name in "abc":
            lossy(name, 0)
        for size in (62_000, 65_000, 100_000):
            said = refused(first, size)
            assert "more than" in said, said
        # Who was away gets it from the store.
        far.stop()
        value = value_of(9, 50_000)
        first.ctl("state", "set", "away", json.dumps(value), timeout="10s")
        far.start()
        wait_until("what was written meanwhile", lambda: value_at(far, "away") == value, 30, 0.2)


if __name__ == "__main__":
    sys.exit(run())
