"""The progress of import, export and sync on a real terminal of 80 columns: it is shown, fits, goes on and ends with what
was done; a pipe and --quiet get none of it."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import threading

from world import World, program, sh, wait_until

ENTRIES = 6000
COLUMNS = 80


def on_terminal(site, *argv, stdout=subprocess.DEVNULL):
    """meshctl with its stderr on a terminal: status, and what came there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    said = bytearray()

    def collect():
        try:
            while chunk := os.read(ours, 4096):
                said.extend(chunk)
        except OSError:  # the other end is closed
            pass
    with subprocess.Popen(command(site, *argv), stdin=subprocess.DEVNULL, stdout=stdout, stderr=theirs) as process:
        os.close(theirs)
        reader = threading.Thread(target=collect)
        reader.start()
        code = process.wait(120)
        reader.join(60)
    os.close(ours)
    return code, said.decode()


def command(site, *argv):
    return site.command(program("meshctl"), "--socket", str(site.socket), "--timeout", "60s", *argv)


def frames(said):
    """What stood in the one line, one after the other, and the lines behind it."""
    first, *rest = said.split("\r\n")
    shown = [f for f in first.split("\r") if f]
    for frame in shown:
        assert len(frame) < COLUMNS and frame.isprintable(), repr(frame)
    for before, frame in zip(shown, shown[1:]):
        assert len(frame) >= len(before.rstrip()), f"of {before!r} something is left behind {frame!r}"
    return shown, [line for line in rest if line]


def lines(path, count, bad=None):
    with open(path, "w") as file:
        for n in range(count):
            file.write(json.dumps({"hash": f"{n:08x}", "type": "face", "metadata": {"n": n}}) + "\n" if n != bad else "[\n")


def check_import(site, folder):
    lines(folder / "all", ENTRIES)
    code, said = on_terminal(site, "registry", "import", str(folder / "all"))
    shown, behind = frames(said)
    assert code == 0 and not behind and len(shown) > 2, (code, said)
    parts = [int(re.fullmatch(r"\[(#* *)\] +(\d+)%  \d+ entries, \d+/s *", frame)[2]) for frame in shown]
    bars = [re.match(r"\[(#* *)\]", frame)[1] for frame in shown]
    assert parts == sorted(parts) and parts[0] < 100 and parts[-1] == 100, parts
    assert len({len(bar) for bar in bars}) == 1 and bars[-1] == "#" * len(bars[-1]), bars
    assert f" {ENTRIES} entries, " in shown[-1], shown[-1]

    lines(folder / "bad", ENTRIES, bad=ENTRIES // 2)
    code, said = on_terminal(site, "registry", "import", str(folder / "bad"))
    shown, behind = frames(said)
    assert code != 0 and f"line {ENTRIES // 2 + 1}" in behind[0], (code, said)
    assert max(int(re.search(r"(\d+)%", frame)[1]) for frame in shown) < 100, shown
    for options in (["--quiet"], ["--quiet", "--json"]):
        code, said = on_terminal(site, *options, "registry", "import", str(folder / "all"))
        assert (code, said) == (0, ""), said
    done = sh(*command(site, "registry", "import", str(folder / "all")))
    assert done.stderr == "" and "%" not in done.stdout, "that is no terminal"


def check_export(site, folder):
    with open(folder / "out", "wb") as out:
        code, said = on_terminal(site, "registry", "export", stdout=out)
    shown, behind = frames(said)
    assert code == 0 and not behind and shown, (code, said)
    counts = [int(re.fullmatch(r"(\d+) entries, \d+/s *", frame)[1]) for frame in shown]
    assert counts == sorted(counts) and counts[-1] == ENTRIES, counts
    assert len((folder / "out").read_text().splitlines()) == ENTRIES
    done = sh(*command(site, "registry", "export"))
    assert done.stderr == "" and len(done.stdout.splitlines()) == ENTRIES


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        world.start_all(a, b)
        wait_until("a knows b", lambda: a.peer("b").get("state") == "alive", 30)
        check_import(a, world.dir)
        check_export(a, world.dir)
        code, said = on_terminal(b, "registry", "sync", "--wait")
        shown, behind = frames(said)
        assert code == 0 and not behind, (code, said)
        assert on_terminal(b, "--quiet", "registry", "sync", "--wait") == (0, "")


main()
