"""Real daemons for end-to-end tests: network namespaces, sites, radios, conditions.

Every name carries this run's id and only those are deleted; only processes that were
started here are ended.  Nothing sleeps blindly: wait_until has a condition and a deadline.
MESHD_BIN names the folder with the built programs.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

BIN = pathlib.Path(os.environ.get("MESHD_BIN", "build/release")).resolve()
VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
RUN = f"m{os.getpid() % 100000}"
# A neighbour that could not give a record when it was asked is asked for it again a minute later: two rounds, and more.
ROUNDS_S = 150


def skip(why):
    """Exit 77, which ctest shows as skipped; a failure where everything is required."""
    print(f"skipped: {why}")
    sys.exit(1 if os.environ.get("MESHD_REQUIRE_ALL") == "1" else 77)


def program(name, folder=BIN):
    for path in (folder / "meshd/daemon" / name, folder / "tools" / name / name, folder / "tools" / name):
        if path.is_file():
            return str(path)
    raise SystemExit(f"{name} is not built below {folder}")


def sh(*args, check=True, **kw):
    return subprocess.run(args, check=check, text=True, capture_output=True, **kw)


def wait_until(what, condition, seconds=30.0, step=0.05):
    """The condition's first true value; fails with `what` when the time is over."""
    end = time.monotonic() + seconds
    while True:
        begun = time.monotonic()  # a look that took long, or a machine that stood still, is followed by another
        value = condition()
        if value:
            return value
        if begun > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(step)


class Net:
    """Namespaces joined by veth pairs: link('a', 'b') is a segment that only they share."""

    def __init__(self):
        if os.geteuid() != 0:
            skip("network namespaces need root")
        self.names, self.segments = [], 0
        try:
            sh("ip", "netns", "add", f"{RUN}-probe")
            sh("ip", "netns", "del", f"{RUN}-probe")
        except (OSError, subprocess.CalledProcessError):
            skip("network namespaces are not to be had here")

    def add(self, name):
        ns = f"{RUN}-{name}"
        sh("ip", "netns", "add", ns)
        self.names.append(ns)
        sh("ip", "-n", ns, "link", "set", "lo", "up")
        return ns

    def link(self, a, b):
        self.segments += 1
        n = self.segments
        ends = []
        for index, name in enumerate((a, b), 1):
            ends.append((f"{RUN}-{name}", f"s{n}e{index}", f"10.77.{n}.{index}/24"))
        (ns_a, dev_a, addr_a), (ns_b, dev_b, addr_b) = ends
        sh("ip", "link", "add", dev_a, "netns", ns_a, "type", "veth", "peer", "name", dev_b, "netns", ns_b)
        for ns, dev, addr in ends:
            sh("ip", "-n", ns, "addr", "add", addr, "broadcast", "+", "dev", dev)
            sh("ip", "-n", ns, "link", "set", dev, "up")

    def close(self):
        for ns in self.names:
            sh("ip", "netns", "del", ns, check=False)


class Site:
    """One meshd in a namespace (None: this one), with its own state and run folder."""

    def __init__(self, world, name, ns=None, settings=(), args=()):
        self.world, self.name, self.ns = world, name, ns
        self.dir = world.dir / name
        self.state, self.run = self.dir / "state", self.dir / "run"
        self.state.mkdir(parents=True, exist_ok=True, mode=0o750)
        self.run.mkdir(exist_ok=True)
        self.socket = self.run / "meshd.sock"
        self.settings, self.args = list(settings), list(args)
        self.bin = BIN  # of another version, perhaps
        self.process = None

    def command(self, *argv):
        return (["ip", "netns", "exec", self.ns] if self.ns else []) + list(argv)

    def start(self, ready=True):
        argv = [program("meshd", self.bin), "--state-dir", str(self.state), "--run-dir", str(self.run), *self.args]
        for setting in [f"site.name={self.name}", *self.settings]:
            argv += ["--set", setting]
        log = open(self.dir / "log", "ab")
        # exec, so that the pid is meshd's own and a signal reaches it.
        self.process = subprocess.Popen(self.command(*argv), stdout=log, stderr=log)
        log.close()
        if ready:
            wait_until(f"{self.name} is ready", self.is_ready, 60)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} exited {self.process.returncode}:\n{self.log()[-2000:]}")
        return self.socket.exists() and self.ctl("status", quiet=True).get("ready")

    def log(self):
        return (self.dir / "log").read_text(errors="replace")

    def ctl(self, *argv, quiet=False, timeout="20s"):
        done = sh(*self.command(program("meshctl", self.bin), "--socket", str(self.socket), "--timeout",
                                timeout, "--json", *argv), check=False)
        if done.returncode != 0 and not quiet:
            raise AssertionError(f"meshctl {' '.join(argv)} at {self.name}: {done.returncode} {done.stderr}")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return {}

    def items(self, *argv, **kw):
        return self.ctl(*argv, **kw).get("items", [])

    def every(self, *argv, **kw):
        """All items of a list, page after page."""
        found, after = [], []
        while True:
            page = self.ctl(*argv, "--limit", "1000", *after, **kw)
            found += page.get("items", [])
            if not page.get("next"):
                return found
            after = ["--after", page["next"]]

    def peer(self, name):
        return next((p for p in self.items("peer", "list", quiet=True) if p.get("name") == name), {})

    def counter(self, name):
        return next((c["value"] for c in self.items("stats") if c["name"] == name), None)

    def stop(self, sig=signal.SIGTERM, seconds=10):
        """Ends the daemon; its exit status and how long it took."""
        begin = time.monotonic()
        self.process.send_signal(sig)
        code = self.process.wait(seconds)
        return code, time.monotonic() - begin

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class World:
    """A folder, sites and helpers that all end together."""

    def __init__(self, net=False):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"{RUN}-"))
        self.net = Net() if net else None
        self.sites, self.others = {}, []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for site in self.sites.values():
                with contextlib.suppress(OSError):
                    print(f"--- log of {site.name}\n{site.log()[-3000:]}", file=sys.stderr)
        for process in self.others:
            process.kill()
            process.wait()
        for site in self.sites.values():
            site.kill()
        if self.net:
            self.net.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def site(self, name, **kw):
        self.sites[name] = Site(self, name, **kw)
        return self.sites[name]

    def line(self, *names, demo=True, settings=(), ring=False):
        """Sites that each share a segment with the next one only."""
        for name in names:
            self.net.add(name)
        pairs = list(zip(names, names[1:])) + ([(names[-1], names[0])] if ring else [])
        for a, b in pairs:
            self.net.link(a, b)
        # A demo network stays on loopback unless it is told otherwise; these namespaces are its world.
        args = ["--demo"] if demo else []
        own = ["mesh.interfaces=*", "mesh.port=4470"] if demo else []
        for name in names:
            self.site(name, ns=f"{RUN}-{name}", settings=[*own, *settings], args=args)
        return [self.sites[n] for n in names]

    def share_network(self, first, *others):
        """The network file of `first` for the others: how sites join in this release."""
        for site in others:
            shutil.copy(first.state / "network", site.state / "network")
            os.chmod(site.state / "network", 0o600)

    def start_all(self, *sites):
        sites[0].start()
        self.share_network(*sites)
        for site in sites[1:]:
            site.start()

    def play(self, site, recording, port=4403, *options):
        """A recorded radio session on 127.0.0.1 in the site's namespace."""
        return self.play_file(site, VECTORS / "meshtastic" / f"{recording}.jsonl", port, *options)

    def play_file(self, site, path, port=4403, *options):
        argv = site.command(program("player"), "--tcp", f"127.0.0.1:{port}", *options, str(path))
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.others.append(process)
        return process


class FakeRadio:
    """fake_radio.py in a site's namespace: say() gives it a line, heard() its output."""

    def __init__(self, world, site, port=4403, recording="handshake_cli_info", address="127.0.0.1"):
        script = pathlib.Path(__file__).with_name("fake_radio.py")
        self.process = subprocess.Popen(site.command(sys.executable, str(script), f"{address}:{port}", recording),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        world.others.append(self.process)
        self.lines = []
        threading.Thread(target=self.collect, daemon=True).start()
        wait_until("the fake radio listens", lambda: "listening" in self.lines)

    def collect(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def count(self, word):
        return sum(line.startswith(word) for line in list(self.lines))

    def level(self):
        """All lines that it has said by now are here."""
        self.echoes = getattr(self, "echoes", 0) + 1
        self.say(f"echo {self.echoes}")
        wait_until("the fake radio's echo", lambda: f"echo {self.echoes}" in self.lines)
        return list(self.lines)

    def comes_to(self, word, number):
        """It says that so many times, and no more: what it said may reach us behind what it did."""
        wait_until(f"{word} comes {number} times", lambda: self.count(word) >= number)
        assert self.count(word) == number, (word, number, self.lines)


class SimRadio(FakeRadio):
    """simradio in a site's namespace: orders by say(), what happened by heard()."""

    def __init__(self, world, site, *options, port=4403, pty=False):
        where = ["--pty"] if pty else ["--tcp", f"127.0.0.1:{port}"]
        argv = site.command(program("simradio"), *where, "--one-client", *options)
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        world.others.append(self.process)
        self.lines = []
        threading.Thread(target=self.collect, daemon=True).start()
        wait_until("the simulated radio is there", lambda: self.lines)
        self.where = self.lines[0]


def figure(name, value, unit):
    """One measured figure, in the form that the closing notes quote."""
    print(f"figure: {name} = {value} {unit}")
