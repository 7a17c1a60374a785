"""An empty site pulls a full registry: two real daemons, each in a namespace.  A holds N entries with embeddings
of 512 f32, imported in bulk; B starts with nothing and gets them.  What B's threads worked (user + system)
counts, not the time on a shared machine.  Meanwhile A raises alerts: how long until B shows them.

pull.py [N [MS]]    default: 20000 entries; MS: how long each fdatasync takes, at both
"""
import http.client
import itertools
import json
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from world import World, figure, program, wait_until  # noqa: E402

DIM = 512
RAISERS, ALERT_GAP_S, LOST_S = 4, 0.25, 2  # 20 alerts a second are pushed
TICKS = os.sysconf("SC_CLK_TCK")


SLOW = """#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
int fdatasync(int fd)
{
	struct timespec t = { MS / 1000, MS % 1000 * 1000000L };
	nanosleep(&t, 0);
	return (int)syscall(SYS_fdatasync, fd);
}
"""


def slow_disk(folder, ms):
    """What is started from now on waits so long for each fdatasync."""
    library = folder / "slow.so"
    subprocess.run(["cc", "-shared", "-fPIC", f"-DMS={ms}", "-xc", "-", "-o", str(library)], input=SLOW, text=True,
                   check=True)
    os.environ["LD_PRELOAD"] = str(library)


class Door(http.client.HTTPConnection):
    """The daemon's socket; it stays open."""

    def __init__(self, site):
        super().__init__("localhost")
        self.path = str(site.socket)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)

    def post(self, path, body):
        self.request("POST", f"/api/v1{path}", json.dumps(body), {"Content-Type": "application/json"})
        answer = self.getresponse()
        return answer.status, answer.read()


def entry(i):
    vector = random.Random(i).randbytes(DIM * 2)
    row = struct.pack(f"<{DIM}f", *(x / 32768 for x in struct.unpack(f"<{DIM}h", vector)))
    return {"hash": random.Random(-i - 1).randbytes(32).hex(), "type": "image", "embedding": row.hex(),
            "meta": {"confidence": 0.5}}


def fill(site, count):
    lines = site.dir / "entries.jsonl"
    with lines.open("w") as file:
        for i in range(count):
            print(json.dumps(entry(i)), file=file)
    begin = time.monotonic()
    done = subprocess.run(site.command(program("meshctl"), "--socket", str(site.socket), "registry", "import",
                                       str(lines)), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines.unlink()
    figure("entered_per_s", round(count / (time.monotonic() - begin)), "entries/s, by meshctl registry import")


def worked(site):
    """Seconds of each of its threads, user and system."""
    seconds = {}
    for task in pathlib.Path(f"/proc/{site.process.pid}/task").iterdir():
        words = (task / "stat").read_text().rpartition(")")[2].split()
        seconds[int(task.name)] = (int(words[11]) + int(words[12])) / TICKS
    return seconds


def stored(site):
    return sum(row["value"] for row in site.items("stats") if row["name"] == "store.records.stored")


class Alerts:
    """Raised at one site by some programs at once, awaited at another, until it is told to stop."""

    def __init__(self, world, at, far):
        self.at, self.seen, self.begun, self.answered, self.over = at, {}, {}, [], threading.Event()
        argv = far.command(program("meshctl"), "--socket", str(far.socket), "event", "watch", "--topics", "alert",
                           "--jsonl")
        self.watch = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        world.others.append(self.watch)
        threading.Thread(target=self.listen, daemon=True).start()
        self.raisers = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(RAISERS)]

    def start(self):
        for thread in self.raisers:
            thread.start()

    def listen(self):
        for line in self.watch.stdout:
            alert = json.loads(line)
            self.seen.setdefault(alert.get("data", alert).get("text"), time.monotonic())

    def run(self, raiser):
        door = Door(self.at)
        for i in itertools.count():
            if self.over.wait(ALERT_GAP_S):
                return
            text = f"pull {raiser} {i}"
            self.begun[text] = begin = time.monotonic()
            status, body = door.post("/alerts", {"kind": "test.pull", "text": text,
                                                 "subject": {"type": "test", "id": text}})
            assert status in (200, 201), body
            self.answered.append((time.monotonic() - begin) * 1000)

    def tell(self):
        """Those that the pull was there for; what is never seen counts as lost."""
        self.over.set()
        for thread in self.raisers:
            thread.join()
        end = time.monotonic() + LOST_S
        while time.monotonic() < end and any(text not in self.seen for text in self.begun):
            time.sleep(0.05)
        took = [(self.seen.get(text, begin + LOST_S) - begin) * 1000 for text, begin in self.begun.items()]
        for name, times, what in (("alert_ms", took, "raised at A, seen at B"),
                                  ("answered_ms", self.answered, "raised at A, answered there")):
            times.sort()
            if times:
                figure(name, f"{times[len(times) // 2]:.1f} / {times[len(times) * 99 // 100]:.1f} / {times[-1]:.1f}",
                       f"ms, median / 99th / longest of {len(times)}, {what}")


def bare(folder, entries, datagrams, batch):
    """What the libraries alone take for such an entry, while both processors are busy as in a pull: us of opening, hashing
    and checking; of inserting a row."""
    program = folder / "bare"
    source = pathlib.Path(__file__).resolve().parent / "bare.c"
    subprocess.run(["cc", "-O2", "-o", str(program), str(source), "-lsodium", "-lsqlite3"], check=True)
    both = [subprocess.Popen([str(program), str(folder / f"bare{i}.db"), str(entries), str(datagrams), str(batch), "2500"],
                             stdout=subprocess.PIPE, text=True) for i in range(2)]
    answers = [[float(word) for word in one.communicate()[0].split()] for one in both]
    return [sum(column) / len(answers) for column in zip(*answers)]


def batches(site):
    count = subprocess.run(["sqlite3", str(site.state / "meshd.db"), "SELECT count(*) FROM batch"], check=True,
                           capture_output=True, text=True).stdout
    return int(count)


def received(site):
    return sum(row["value"] for row in site.items("stats") if row["name"] == "rx.taken")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    with tempfile.TemporaryDirectory() as folder, World(net=True) as world:
        if len(sys.argv) > 2:
            slow_disk(pathlib.Path(folder), int(sys.argv[2]))
        a, b = world.line("a", "b", demo=False)
        a.start()
        fill(a, count)
        figure("entered_cpu_us", round(sum(worked(a).values()) * 1e6 / count, 1), "us/entry at A")
        world.share_network(a, b)
        b.start()
        begin, before = time.monotonic(), worked(b)
        alerts = Alerts(world, a, b)
        wait_until("B pulls", lambda: stored(b) > 0, 30, 0.02)
        alerts.start()
        wait_until("B has all of them", lambda: stored(b) >= count, 900, 0.5)
        took = time.monotonic() - begin
        alerts.tell()
        threads = sorted((s - before.get(t, 0) for t, s in worked(b).items()), reverse=True)
        work = sum(threads)
        figure("pulled_per_s", round(count / took), "entries/s")
        figure("pulled_per_core_s", round(count / work), "entries/s of one core")
        figure("threads_s", " ".join(f"{s:.2f}" for s in threads), "")
        datagrams, batch = received(b) / count, max(1, count // batches(b))
        libraries = bare(pathlib.Path(folder), min(count, 20000), datagrams, batch)
        figure("datagrams", round(datagrams, 2), "an entry")
        figure("signed_together", batch, "entries")
        figure("limit_per_core_s", round(1e6 / sum(libraries)),
               f"entries/s of one core: {libraries[0]:.1f} us to open, hash and check, {libraries[1]:.1f} us a bare row")
        figure("ratio", round(count / work * sum(libraries) / 1e6, 2), "of that limit")
        size = sum(f.stat().st_size for f in b.state.glob("meshd.db*"))
        figure("disk_bytes", round(size / count), "bytes/entry")


if __name__ == "__main__":
    main()
