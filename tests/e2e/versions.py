"""This version and the one before it in one network, as real daemons: a line of old, new, old and one of
new, old, new.

`versions.py build` makes the previous version's programs from the git history, once per build folder; without that
word they run.  Which version that is stands in tests/vectors/previous-version."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from world import BIN, VECTORS, FakeRadio, World, figure, sh, skip, wait_until

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OLD = BIN / "previous"
RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1"]
PACKETS = 20
# What either side would count if it did not understand the other.
MISREAD = ("rx.shape", "rx.kind", "rx.short", "rx.hs_", "record.bad_", "record.shape", "record.too_large")


# --- the previous version's programs ---

def git(*args):
    return sh("git", "-C", str(ROOT), *args, check=False)


def previous_commit():
    """The first name in the file that the history knows; skips with the reason if there is none."""
    if shutil.which("git") is None or git("rev-parse", "--git-dir").returncode != 0:
        skip("no git history here, as in a source archive: the previous version cannot be built")
    lines = (VECTORS / "previous-version").read_text().splitlines()
    names = [name for line in lines if not line.startswith("#") for name in line.split()]
    for name in names:
        found = git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.strip()
    shallow = git("rev-parse", "--is-shallow-repository").stdout.strip() == "true"
    skip(f"the git history has none of {', '.join(names)}" +
         (": it is a shallow clone, `git fetch --unshallow --tags` brings them" if shallow else ""))
    return None


def is_built(commit):
    stamp = OLD / "commit"
    return stamp.is_file() and stamp.read_text() == commit


def run(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(argv)}:\n{done.stdout[-3000:]}")


def build(commit):
    """An export, not a work tree: git remembers nothing of it when the build folder goes."""
    if is_built(commit):
        return
    shutil.rmtree(OLD, ignore_errors=True)
    source = OLD / "source"
    source.mkdir(parents=True)
    run("git", "-C", str(ROOT), "archive", "--format=tar", "-o", str(OLD / "source.tar"), commit)
    run("tar", "-xf", str(OLD / "source.tar"), "-C", str(source))
    run("cmake", "-S", str(source), "-B", str(OLD / "build"), "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
        "-DBUILD_TESTING=OFF")
    run("cmake", "--build", str(OLD / "build"), "--parallel", str(os.cpu_count()), "--target", "meshd", "meshctl")
    (OLD / "commit").write_text(commit)


# --- three sites in a line ---

def packets_everywhere(first, sites, radio, numbers):
    want = {f"mt:00000011:{n:08x}" for n in numbers}
    for n in numbers:
        radio.say(f"packet 0x11 1 {n} hello {n}")
    for site in sites:
        def stored():
            rows = [r for r in site.every("packet", "list") if r["id"] in want]
            return rows if {r["id"] for r in rows} == want else None
        rows = wait_until(f"all packets of {first.name} at {site.name}", stored)
        assert len(rows) == len(want), f"{site.name}: {len(rows)} rows for {len(want)} packets"
        assert all(len(r["receptions"]) == 1 for r in rows), f"{site.name}: a reception counted twice"


def alert_everywhere(source, sites, text):
    source.ctl("alert", "raise", "test.raised", text, "--severity", "critical")
    for site in sites:
        wait_until(f"the alert of {source.name} at {site.name}", lambda: [
            a for a in site.items("alert", "list") if a["text"] == text])


def all_alive(sites):
    for site in sites:
        wait_until(f"{site.name} sees all others alive", lambda: sum(
            p.get("state") == "alive" for p in site.items("peer", "list")) == len(sites) - 1)


def understood(site):
    counted = {c["name"]: c["value"] for c in site.items("stats")}
    assert "rx.shape" in counted, counted
    return {name: value for name, value in counted.items() if value > 0 and name.startswith(MISREAD)}


def long_value(source, sites):
    """What needs more than a datagram does not reach the version before, is counted, and holds up nothing else."""
    def too_large():
        return {c["name"]: c["value"] for c in source.items("stats")}["tx.too_large"]

    def holders(key):
        return {s.name for s in sites if any(r["key"] == f"user/{key}" for r in s.items("state", "list"))}
    before = too_large()
    source.ctl("state", "set", "long", json.dumps("x" * 20_000))
    wait_until("the long value is counted", lambda: too_large() > before)
    source.ctl("state", "set", "short", '"y"')
    wait_until("the short value is everywhere", lambda: len(holders("short")) == len(sites))
    assert holders("long") == {source.name}, holders("long")


def line(ages):
    begin = time.monotonic()
    with World(net=True) as world:
        sites = world.line("a", "b", "c", demo=False)
        for site, age in zip(sites, ages):
            site.bin = OLD / "build" if age == "old" else BIN
        first, middle, _ = sites
        first.settings += RADIO
        radio = FakeRadio(world, first)
        world.start_all(*sites)
        all_alive(sites)
        wait_until("the radio is configured", lambda: "configured" in radio.lines)
        packets_everywhere(first, sites, radio, range(0x1000, 0x1000 + PACKETS))
        for source in sites:
            alert_everywhere(source, sites, f"by {source.name}")
        long_value(next(s for s, age in zip(sites, ages) if age == "new"), sites)
        middle.stop()
        middle.start()  # the sessions are made anew, and the links' news told again
        all_alive(sites)
        packets_everywhere(first, sites, radio, range(0x2000, 0x2000 + PACKETS))
        misread = {site.name: understood(site) for site in sites}
        assert not any(misread.values()), misread
        assert not any("two records under one number" in site.log() for site in sites)
    figure(f"versions_{'_'.join(ages)}", round(time.monotonic() - begin, 1), "s")


if __name__ == "__main__":
    COMMIT = previous_commit()
    if sys.argv[1:] == ["build"]:
        build(COMMIT)
    elif not is_built(COMMIT):
        skip("the previous version is not built: versions.py build")
    else:
        line(("old", "new", "old"))
        line(("new", "old", "new"))
