"""A disk that is slow, and one whose syncs fail: A and B are neighbours, and A's fdatasync does what a file says.  An
alert of A reaches B meanwhile; A answers, and tells who watches for what is stored, when the disk has it: also that
which the disk had refused, and which nobody else had got, and which A was killed with."""
import collections
import json
import os
import signal
import subprocess
import threading

from world import World, program, sh, wait_until

DISK = """#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static int said(void)
{
	char words[16] = "";
	int file = open(getenv("DISK"), O_RDONLY | O_CLOEXEC);
	if (file < 0 || read(file, words, sizeof words - 1) < 0)
		abort();
	close(file);
	return atoi(words);
}
int fdatasync(int fd)
{
	struct timespec t = { 0, 5000000L };
	int what;
	while ((what = said()) > 0)
		nanosleep(&t, 0);
	if (what == 0)
		return (int)syscall(SYS_fdatasync, fd);
	errno = EIO;
	return -1;
}
"""
WELL, HELD, FAILING = 0, 1, -1
KIND = "disk."


class Disk:
    """What A's disk does: WELL: as ever, HELD: a sync takes until it does something else, FAILING: it fails."""

    def __init__(self, folder):
        self.file, self.library = folder / "disk", folder / "disk.so"
        self.does(WELL)
        subprocess.run(["cc", "-shared", "-fPIC", "-xc", "-", "-o", str(self.library)], input=DISK, text=True, check=True)

    def does(self, what):
        new = self.file.with_suffix(".new")
        new.write_text(str(what))
        new.rename(self.file)

    def start(self, site):
        os.environ.update(LD_PRELOAD=str(self.library), DISK=str(self.file))
        site.start(ready=False)
        del os.environ["LD_PRELOAD"]
        wait_until(f"{site.name} is ready", site.is_ready, 30)


class Watch:
    """The alerts that a site tells of, by their text: how often."""

    def __init__(self, world, site, stage):
        argv = site.command(program("meshctl"), "--socket", str(site.socket), "event", "watch", "--topics", "alert",
                            "--stage", stage, "--jsonl")
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        world.others.append(self.process)
        self.seen = collections.Counter()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            alert = json.loads(line)
            self.seen[alert["kind"].removeprefix(KIND)] += 1


def raising(site, text):
    return site.command(program("meshctl"), "--socket", str(site.socket), "--timeout", "60s", "alert", "raise",
                        KIND + text, text)


def raise_alert(site, text):
    return sh(*raising(site, text), check=False)


def has(site, text):
    return any(x["kind"] == KIND + text for x in site.items("alert", "list", quiet=True))


def is_readonly(site):
    return site.ctl("status", quiet=True).get("store", {}).get("readonly")


def is_slow(world, a, disk, stored, heard):
    """B hears of it while the disk holds; nobody is told that it is kept before the disk lets go."""
    disk.does(HELD)
    asked = subprocess.Popen(raising(a, "slow"), stdout=subprocess.DEVNULL)
    world.others.append(asked)
    wait_until("B heard of it, and the disk has it not", lambda: "slow" in heard.seen, 30)
    assert a.ctl("status")["ready"]  # what was answered before this has reached who asked
    assert asked.poll() is None, "answered, and the disk had not synced"
    assert "slow" not in stored.seen, "stored, and the disk had not synced"
    disk.does(WELL)
    assert asked.wait(30) == 0
    wait_until("it is told as stored", lambda: "slow" in stored.seen, 30)


def fails(world, a, disk, stored, own, text):
    """After it was said: what comes to a disk that has failed already is refused, and said to nobody."""
    disk.does(HELD)
    asked = subprocess.Popen(raising(a, text), stderr=subprocess.DEVNULL)
    world.others.append(asked)
    wait_until("A tells of it, and the disk has it not", lambda: text in own.seen)
    disk.does(FAILING)
    assert asked.wait(60) != 0, "answered, and the disk had refused it"
    wait_until("A writes nothing any more", lambda: is_readonly(a))
    assert text not in stored.seen


def heals(a, disk):
    disk.does(WELL)
    wait_until("A's disk is well again", lambda: is_readonly(a) is False, 30)


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        disk = Disk(world.dir)
        disk.start(a)
        world.share_network(a, b)
        b.start()
        wait_until("they are neighbours", lambda: a.peer("b").get("state") == "alive", 30)
        stored, own, heard = Watch(world, a, "stored"), Watch(world, a, "heard"), Watch(world, b, "heard")
        wait_until("all watch", lambda: raise_alert(a, "first").returncode == 0 and all(
            "first" in watch.seen for watch in (stored, own, heard)))

        is_slow(world, a, disk, stored, heard)

        fails(world, a, disk, stored, own, "refused")
        wait_until("B has it all the same", lambda: "refused" in heard.seen)
        heals(a, disk)
        wait_until("it is told as stored when it is", lambda: "refused" in stored.seen, 90)
        assert stored.seen["refused"] == 1 and stored.seen["slow"] == 1, stored.seen
        wait_until("it is counted", lambda: a.counter("store.said.again") >= 1)

        b.stop()
        fails(world, a, disk, stored, own, "alone")
        b.start()
        wait_until("they are neighbours again", lambda: a.peer("b").get("state") == "alive", 30)
        heals(a, disk)
        wait_until("B gets what nobody else had", lambda: has(b, "alone"), 90)

        fails(world, a, disk, stored, own, "killed")
        a.stop(signal.SIGKILL)
        disk.does(WELL)
        disk.start(a)
        for text in ("first", "slow", "refused", "alone", "killed"):
            assert has(a, text), text
            wait_until(f"B has {text}", lambda: has(b, text), 30)


if __name__ == "__main__":
    main()
