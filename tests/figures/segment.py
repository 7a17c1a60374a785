"""N real daemons on one segment, each in a namespace of its own, measured from outside: cold start, idle
bytes, an alert to all, a kill.  serf, where it is installed, goes through the same on the same segment, and
meshsim says what it expects of the same N.

segment.py [N...] [--without-serf] [--json FILE]     default: 10 and 30 sites
"""
import argparse
import collections
import ctypes
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from world import RUN, World, figure, program, sh, wait_until  # noqa: E402

IDLE_S, KILLS, ALERTS = 20, 10, 20
AGREE = 1.3  # farther apart than this wants an explanation
QUIET_S = 30  # after the start, as the simulator waits: quick beacons, first lists and their checkpoints are over
SERF_PORT = 7946
COUNTER = "table inet count { chain out { type filter hook output priority 0; oifname eth0 counter; }; }"
LIBC = ctypes.CDLL(None, use_errno=True)


# --- the segment ---

def build_segment(world, count):
    """`count` namespaces on one bridge, which lives in a namespace too: nothing leaves this machine."""
    hub = world.net.add("hub")
    sh("ip", "-n", hub, "link", "add", "bridge", "type", "bridge")
    sh("ip", "-n", hub, "link", "set", "bridge", "up")
    places = []
    for i in range(count):
        ns = world.net.add(f"n{i}")
        sh("ip", "link", "add", "eth0", "netns", ns, "type", "veth", "peer", "name", f"p{i}", "netns", hub)
        sh("ip", "-n", hub, "link", "set", f"p{i}", "master", "bridge", "up")
        sh("ip", "-n", ns, "addr", "add", f"10.78.0.{i + 1}/24", "broadcast", "+", "dev", "eth0")
        sh("ip", "-n", ns, "link", "set", "eth0", "up")
        sh("ip", "netns", "exec", ns, "nft", "-f", "-", input=COUNTER)
        places.append(ns)
    return places


def sent_bytes(ns):
    """All that left the namespace, IP headers included."""
    text = sh("ip", "netns", "exec", ns, "nft", "list", "table", "inet", "count").stdout
    return int(re.search(r"bytes (\d+)", text).group(1))


def idle_bytes(places):
    """Bytes per second of each site while nothing happens."""
    begin, before = time.monotonic(), [sent_bytes(ns) for ns in places]
    time.sleep(IDLE_S)  # the figure is a rate: this is its measuring time, not a wait
    seconds = time.monotonic() - begin
    return sorted((sent_bytes(ns) - b) / seconds for ns, b in zip(places, before))


class Listener:
    """The lines that a stream brings, with the moment each arrived."""

    def __init__(self, stream):
        self.stream, self.lines = stream, []
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        for line in self.stream:
            self.lines.append((time.monotonic(), line))

    def first(self, pattern, since=0.0):
        """When each match of the pattern's group was first said."""
        found = {}
        for at, line in list(self.lines):
            match = re.search(pattern, line) if at >= since else None
            if match:
                found.setdefault(match.group(1), at)
        return found


def all_heard(listeners, pattern, wanted, since):
    """The moment at which the last listener had said it of all that are wanted; None: not yet."""
    last = 0.0
    for listener, names in zip(listeners, wanted):
        heard = listener.first(pattern, since)
        if not names <= heard.keys():
            return None
        last = max([last, *(heard[name] for name in names)])
    return last


def percentile(values, p):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(p / 100 * len(ordered)))]


# --- meshd ---

def in_namespace(ns, make):
    """A socket that is made inside a namespace stays there: done by a thread that enters it and ends."""
    made = []

    def enter():
        with open(f"/run/netns/{ns}", "rb") as place:
            if LIBC.setns(place.fileno(), 0) != 0:
                raise OSError(ctypes.get_errno(), f"setns {ns}")
        made.append(make())

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    return made[0]


class App:
    """A local program at one site, subscribed to alerts."""

    def __init__(self, ns):
        self.socket = in_namespace(ns, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", 4471))
        self.socket.send(json.dumps({"op": "sub", "v": 1, "name": "figures", "topics": ["alert"], "ttl": 120}).encode())
        self.heard = {}
        reply = json.loads(self.socket.recv(2048))
        assert reply.get("op") == "ok", reply
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        self.socket.settimeout(None)
        while True:
            alert = json.loads(self.socket.recv(2048))
            if "kind" in alert:
                self.heard.setdefault(alert["text"], time.monotonic())


def call(site, method, path, body=""):
    """The lines of the answer of the site's API."""
    link = socket.socket(socket.AF_UNIX)
    link.connect(str(site.socket))
    link.sendall(f"{method} /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
    return link.makefile("r", encoding="utf-8")


class Peers:
    """What one site says of the others: its event stream, from the moment its socket is there."""

    def __init__(self, site):
        self.site, self.news, self.process = site, [], site.process
        threading.Thread(target=self.follow, daemon=True).start()

    def note(self, peer):
        self.news.append((time.monotonic(), peer.get("name"), peer.get("state")))

    def follow(self):
        while self.process.poll() is None:
            try:
                stream = call(self.site, "GET", "events?topics=peer")
                break
            except OSError:
                time.sleep(0.005)  # not up yet
        head = call(self.site, "GET", "peers")
        for line in head:
            if line.startswith("{"):
                for peer in json.loads(line)["items"]:
                    self.note(peer)
                break
        for line in stream:
            if line.startswith("data: {"):
                self.note(json.loads(line[6:]))

    def when(self, name, state, since=0.0):
        return next((at for at, n, s in list(self.news) if n == name and s == state and at >= since), None)


class Mesh:
    """The daemons; `start` begins all at once."""

    def __init__(self, world, places):
        self.world = world
        self.sites = [world.site(f"n{i}", ns=ns) for i, ns in enumerate(places)]

    def found_network(self):
        first = self.sites[0].start()
        first.stop()
        first.socket.unlink(missing_ok=True)
        self.world.share_network(*self.sites)

    def start(self):
        for site in self.sites:
            site.start(ready=False)
        self.peers = [Peers(site) for site in self.sites]

    def ready(self):
        """When the last daemon says of itself that it was ready."""
        times = [re.search(r"daemon\.ready", site.log().split("\n", 1)[-1]) for site in self.sites]
        return all(times) and time.monotonic()

    def moment(self, state, about, at, since=0.0):
        """When each of `at` said so of each of `about`; None: somebody has not yet."""
        times = [self.peers[a].when(self.sites[b].name, state, since) for a in at for b in about if a != b]
        return None if None in times else times

    def converged(self):
        everybody = range(len(self.sites))
        return self.moment("alive", everybody, everybody)

    def others(self, index):
        return [n for n in range(len(self.sites)) if n != index]

    def kill(self, index):
        """Seconds until each of the others says dead."""
        begin = time.monotonic()
        self.sites[index].kill()
        times = wait_until(f"everybody knows that {index} is dead",
                           lambda: self.moment("dead", [index], self.others(index), begin), 30, 0.2)
        return [at - begin for at in times]

    def again(self, index):
        begin = time.monotonic()
        self.sites[index].start()
        self.peers[index] = Peers(self.sites[index])
        wait_until(f"{index} is back", lambda: self.moment("alive", [index], self.others(index), begin), 60, 0.2)


def alert_latency(sites):
    """Milliseconds from `raise` at one app to the datagram at each other one."""
    apps = [App(site.ns) for site in sites]
    took = []
    for n in range(ALERTS):
        text, begin = f"figure {n}", time.monotonic()
        raised = call(sites[n % len(sites)], "POST", "alerts", json.dumps({"kind": f"figure.{n}", "text": text, "severity": "high"}))
        status = next(raised)
        assert " 20" in status, status
        wait_until(f"alert {n} is everywhere", lambda: all(text in app.heard for app in apps), 10, 0.01)
        took += [(app.heard[text] - begin) * 1000 for app in apps]
    return took


def measure_meshd(world, places):
    mesh = Mesh(world, places)
    mesh.found_network()
    mesh.start()
    ready = wait_until("all daemons are ready", mesh.ready, 60)
    done = max(wait_until("all know all", mesh.converged, 60))
    time.sleep(QUIET_S)
    idle = idle_bytes(places)
    alerts = alert_latency(mesh.sites)
    deaths = []
    for k in range(KILLS):
        # A return is a moment of talk: a kill right after it would always meet the longest silence.
        time.sleep(3 + k * 1.37 % 2)
        deaths += mesh.kill(k * 7 % len(places))
        mesh.again(k * 7 % len(places))
    for site in mesh.sites:
        site.kill()
    return {"converge_s": max(0.0, done - ready), "idle_bytes_per_s": percentile(idle, 50),
            "idle_bytes_per_s_max": idle[-1], "alert_ms_p50": percentile(alerts, 50),
            "alert_ms_p99": percentile(alerts, 99), "detect_s_p50": percentile(deaths, 50),
            "detect_s_p99": percentile(deaths, 99)}


# --- serf ---

class Serf:
    def __init__(self, world, places):
        self.world, self.places = world, places
        self.agents, self.listeners = [], []

    def launch(self, i):
        argv = ["serf", "agent", f"-node=n{i}", f"-bind=10.78.0.{i + 1}:{SERF_PORT}", "-log-level=info",
                *(["-join=10.78.0.1"] if i > 0 else [])]
        process = subprocess.Popen(["ip", "netns", "exec", self.places[i], *argv], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.world.others.append(process)
        return process, Listener(process.stdout)

    def start(self):
        """The first alone, since the others join it."""
        for i in range(len(self.places)):
            process, listener = self.launch(i)
            self.agents.append(process)
            self.listeners.append(listener)
            if i == 0:
                wait_until("serf runs", lambda: self.listeners[0].first("EventMemberJoin: (n0)"))

    def converged(self):
        names = {f"n{i}" for i in range(len(self.places))}
        return all_heard(self.listeners, r"EventMemberJoin: (n\d+)", [names] * len(names), 0)

    def kill(self, i):
        begin, others = time.monotonic(), [n for n in range(len(self.places)) if n != i]
        self.agents[i].kill()
        pattern = rf"EventMemberFailed: (n{i}) "
        wait_until("serf knows that one is dead", lambda: all_heard(
            [self.listeners[n] for n in others], pattern, [{f"n{i}"}] * len(others), begin), 60)
        return [self.listeners[n].first(pattern, begin)[f"n{i}"] - begin for n in others]

    def event(self, n):
        begin = time.monotonic()
        sh("ip", "netns", "exec", self.places[n % len(self.places)], "serf", "event", f"figure{n}", "x" * 200)
        pattern = rf"Received event: user-event: (figure{n})$"
        live = [x for x, agent in zip(self.listeners, self.agents) if agent.poll() is None]
        wait_until("the event is everywhere", lambda: all_heard(
            live, pattern, [{f"figure{n}"}] * len(live), begin), 20, 0.01)
        return [(x.first(pattern, begin)[f"figure{n}"] - begin) * 1000 for x in live]


def measure_serf(world, places):
    serf, begin = Serf(world, places), time.monotonic()
    serf.start()
    started = time.monotonic()
    done = wait_until("serf: all see all", serf.converged, 120)
    time.sleep(QUIET_S)
    idle = idle_bytes(places)
    events = [ms for n in range(5) for ms in serf.event(n)]
    deaths = serf.kill(len(places) - 1)
    for agent in serf.agents:
        agent.kill()
        agent.wait()
    return {"converge_s": max(0.0, done - started), "idle_bytes_per_s": percentile(idle, 50),
            "idle_bytes_per_s_max": idle[-1], "alert_ms_p50": percentile(events, 50),
            "alert_ms_p99": percentile(events, 99), "detect_s_p50": percentile(deaths, 50),
            "detect_s_p99": percentile(deaths, 99), "spawn_s": started - begin}


# --- the simulator's word for the same ---

def simulated(count):
    def run(scenario, *options):
        done = sh(program("meshsim"), scenario, "--nodes", str(count), "--delay", "0..0", "--json", *options, check=False)
        return json.loads(done.stdout)
    idle, detect = run("idle"), run("detect")
    figures = {"converge_s": idle["converge_s"], "idle_bytes_per_s": idle["idle_bytes_per_s"]["p50"],
               "idle_bytes_per_s_max": idle["idle_bytes_per_s"]["max"],
               "detect_s_p50": detect["detect_s"]["p50"], "detect_s_p99": detect["detect_s"]["p99"]}
    latency = run("alert")["latency_ms"]
    return figures | {"alert_ms_p50": latency["p50"], "alert_ms_p99": latency["p99"]}


def agreement(count, real, model):
    """Daemons against the simulator, figure by figure."""
    print(f"{count} sites{'':20}daemons  simulator  ratio")
    for name, value in real.items():
        if model.get(name):
            ratio = value / model[name]
            verdict = "agree" if 1 / AGREE <= ratio <= AGREE else "differ: why is in docs/BENCHMARKS.md"
            print(f"  {name:22}{value:10.3f}{model[name]:11.3f}{ratio:7.2f}  {verdict}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("counts", nargs="*", type=int, default=[10, 30])
    parser.add_argument("--without-serf", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    result = collections.defaultdict(dict)
    for count in options.counts:
        with World(net=True) as world:
            places = build_segment(world, count)
            result[count]["meshd"] = measure_meshd(world, places)
            result[count]["meshsim"] = simulated(count)
            if not options.without_serf and shutil.which("serf"):
                result[count]["serf"] = measure_serf(world, places)
            for who, figures in result[count].items():
                for name, value in figures.items():
                    figure(f"{who}_{count}_{name}", round(value, 3), name.split("_")[1])
            agreement(count, result[count]["meshd"], result[count]["meshsim"])
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
