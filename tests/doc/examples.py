"""Every example of the documents is carried out: the commands of README, OPERATING and the manual pages with real
daemons, configuration files by --check-config, JSON for the apps' port by sending it, conf/examples by using them.

A line of an indented block that no rule below knows is a failure, so nobody writes an example that nobody tries.
"""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
from world import BIN, RUN, FakeRadio, World, program, wait_until  # noqa: E402

RECORDING = ROOT / "tests/vectors/meshtastic/backlog.a.jsonl"
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/OPERATING.md", "docs/API.md", "docs/LIBRARY.md",
             "docs/man/meshctl.1", "docs/man/meshd.8"]
NOUNS = "status|stats|wait|log|radio|peer|node|packet|msg|state|registry|alert|event|holding|netcheck|invite|join|leave|key"

# What cannot run as it stands, and why; the second part is what is run in its place.
INSTEAD = {
    "tools/demo": ("e2e.demo runs it", None),
    "tools/test": ("it is what runs this", None),
    "tools/test -L unit": ("it is what runs this", None),
    "tools/figures 10": ("takes minutes", "tools/figures --help"),
    "tools/fuzz 60": ("takes minutes; tools/test runs the fuzz targets", None),
    **{f"build/release/tools/meshsim/meshsim {swarm}": (
        "takes minutes", f"build/release/tools/meshsim/meshsim {swarm.split()[0]} --nodes 4 --duration 2")
       for swarm in ("faults --swarm 200 --duration 60", "churn --swarm 50", "relay --swarm 50")},
    "cmake --preset release && cmake --build --preset release": ("made the programs tested here", None),
    "cmake --workflow --preset dev": ("tools/test does the same", None),
    "sudo cmake --install build/release": ("not as root into the system", "cmake --install $BIN"),
    "cc -o node /usr/local/share/meshd/examples/node.c $(pkg-config --cflags --libs meshproto)":
        ("e2e.library builds and runs it", None),
    "meshctl join -": ("valley has joined so, see Place", None),
    "meshctl packet watch --jsonl": ("has no end", "meshctl packet watch --jsonl --count 1 --for 30s"),
    "meshctl packet watch": ("has no end", "meshctl packet watch --count 1 --for 30s"),
    "channel LongFast AQ==": ("a line of a keys file: e2e.keys", None),
    "secret BASE64": ("a line of a keys file: unit.mt_opening", None),
    "meshctl peer ping NAME": ("NAME stands for a site", "meshctl peer ping valley --count 2 --interval 100ms"),
    "meshctl peer allow": ("needs a site's name", None),
    "meshctl peer promote": ("needs a site's name: e2e.sending", None),
    "meshctl msg show REQUEST --site NAME": ("NAME stands for a site: e2e.sending", "meshctl msg show 1"),
    "meshctl msg wait REQUEST": ("REQUEST stands for a number: e2e.sending", None),
    "meshctl msg watch": ("has no end", "meshctl msg watch --count 1 --for 30s"),
    "meshctl node ask ID trace": ("ID stands for a node", "meshctl node ask '!00000011' trace"),
    "meshctl peer remove NAME": ("NAME stands for a site that is gone: e2e.names", None),
    "meshctl ca create ca.key": ("not into the sources", "meshctl ca create $(mktemp -u)"),
    "meshctl ca sign ca.key --site KEY --network NETWORK --name hill --for 365d --out certificate":
        ("KEY and NETWORK are what key show says there",
         "d=$(mktemp -d) && meshctl ca create $d/ca.key && meshctl ca sign $d/ca.key --name hill --for 365d "
         "--site $(meshctl --json key show | jq -r .key) --network $(meshctl --json key show | jq -r .network) "
         "--out $d/certificate && meshctl ca show $d/certificate"),
    "meshctl ca show certificate": ("shown with ca sign", None),
    "meshctl radio config export roof.json": ("not into the sources", "meshctl radio config export $(mktemp -u)"),
    "meshctl radio config restore roof.json":
        ("of what was kept just before", "f=$(mktemp -u) && meshctl radio config export $f && meshctl radio config restore $f"),
    "meshctl radio probe /dev/ttyUSB0": ("needs a board: e2e.radio_tools probes", "meshctl radio scan"),
    "meshctl radio diagnose roof --duration 5m": ("takes minutes: e2e.radio_tools", None),
    "meshctl radio release roof --duration 10m": ("others look at it meanwhile: e2e.radio_tools", None),
    "--check": ("an option", "meshctl status"),
    "--json": ("an option", "meshctl --json peer list"),
}

# Programs of conf/examples that do something else, and who tries them.
TRIED_BY = {"node.c": "e2e.library", **{name: "e2e.apps" for name in (
    "meshd_client.h", "meshd_client.py", "raise.c", "raise.sh", "node.py", "discovery.py", "state.py", "registry.py",
    "search.py", "alert.py", "handlers.py", "statistics.py", "doorbell.py", "chat.py",
    "recognizer.py")}}


def roff(text):
    """The blocks between .nf and .fi."""
    for block in re.findall(r"^\.nf\n(.*?)^\.fi", text, re.S | re.M):
        yield "block", block.replace("\\-", "-").splitlines()


def markdown(text):
    """Indented blocks, and what stands in backquotes and looks like a command: `meshctl peer list`, `radio list`."""
    command = rf"(meshctl|meshd|tools/\w+) |({NOUNS}) (list|watch|raise)\b|\{{\"op\""
    for paragraph in re.split(r"\n\s*\n", text):
        lines = paragraph.splitlines()
        if lines and all(line.startswith("    ") for line in lines):
            yield "block", [line[4:] for line in lines]
        else:
            codes = re.findall(r"`([^`\n]+)`", paragraph)
            yield "inline", [code for code in codes if code in INSTEAD or re.match(command, code)]


def examples(document):
    """(kind, text): shell, json, and config, which is a file and may have blank lines."""
    text = (ROOT / document).read_text()
    config = []
    for where, lines in roff(text) if document[-1].isdigit() else markdown(text):
        if where == "block" and lines[0].startswith("["):
            config += lines
            continue
        for line in lines:
            line = re.sub(r"\s{2,}#.*", "", line).rstrip()
            if line.startswith("{"):
                yield "json", line
            elif where == "inline" and re.match(rf"({NOUNS}) ", line):
                yield "shell", "meshctl " + line
            elif line:
                yield "shell", line
    if config:
        yield "config", "\n".join(config)


class Place:
    """One machine: hilltop with the radio at 10.0.0.7, and valley on the same segment."""

    def __init__(self, world):
        self.world = world
        world.net.add("hilltop")
        world.net.add("valley")
        world.net.link("hilltop", "valley")
        self.ns = f"{RUN}-hilltop"
        self.ip("addr", "add", "10.0.0.7/32", "dev", "lo")  # the radio
        self.ip("addr", "add", "10.0.0.5/24", "broadcast", "+", "dev", "s1e1")  # this machine
        self.bin = world.dir / "bin"
        self.bin.mkdir()
        for name in ("meshd", "meshctl"):
            (self.bin / name).symlink_to(program(name))
        self.site = world.site("hilltop", ns=self.ns, settings=["radio.roof.host=127.0.0.1", "radio.roof.tx=yes"])
        self.peer = world.site("valley", ns=f"{RUN}-valley")
        world.others.append(subprocess.Popen(self.site.command(
            program("player"), "--tcp", "10.0.0.7:4403", "--loop", str(RECORDING)), stdout=subprocess.DEVNULL))
        self.radio = FakeRadio(world, self.site)
        self.site.start()
        self.peer.start()
        self.shell("meshctl --json invite create | jq -r .token | "
                   f"meshctl --socket {self.peer.socket} join - --yes")
        threading.Thread(target=self.talk, daemon=True).start()
        wait_until("they met", lambda: self.site.peer("valley").get("state") == "alive")
        self.daemons, self.started = [], 0

    def talk(self):
        """A packet now and then, so that whoever watches sees one."""
        number, over = 1000, threading.Event()
        wait_until("the radio is configured", lambda: "configured" in self.radio.lines)
        while not over.wait(0.3) and self.radio.process.poll() is None:
            number += 1
            self.radio.say(f"packet 0x11 1 {number} hello")

    def ip(self, *args):
        subprocess.run(["ip", "-n", self.ns, *args], check=True)

    def here(self, text):
        """What the documents call by its usual place, at its place in this world."""
        for usual, place in (("/var/lib/meshd", self.site.state), ("/run/meshd/", f"{self.site.run}/"),
                             ("/var/lib/second", self.world.dir / "second"),
                             ("/run/second", self.world.dir / "run-second"),
                             ("/var/backups", self.world.dir), ("$BIN", BIN)):
            text = text.replace(usual, str(place))
        return text

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("MESHD_")}
        return env | {"PATH": f"{self.bin}:{env['PATH']}", "MESHD_SOCKET": str(self.site.socket),
                      "DESTDIR": str(self.world.dir / "dest")}

    def shell(self, command):
        argv = self.site.command("bash", "-c", self.here(command))
        done = subprocess.run(argv, text=True, capture_output=True, env=self.environment(), timeout=240, check=False,
                              cwd=ROOT)
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout[-800:]}{done.stderr[-800:]}"
        return done.stdout


def run_daemon(place, command):
    """meshd as written; with folders and ports of its own where the example uses the usual ones, as README says."""
    place.started += 1
    first_dir = place.world.dir / f"daemon{place.started}"
    line = place.here(command)
    pty = None
    if "/dev/ttyUSB0" in line:
        pty = subprocess.Popen([program("player"), "--pty", str(RECORDING)], stdout=subprocess.PIPE, text=True)
        place.world.others.append(pty)
        line = line.replace("/dev/ttyUSB0", pty.stdout.readline().strip())
    run = place.world.dir / "run-second"
    if "--state-dir" not in line:
        run = first_dir / "run"
        line += (f" --state-dir {first_dir}/state --run-dir {run} --set mesh.port=4490"
                 " --set web.listen=127.0.0.1:4490 --set alert.listen=127.0.0.1:4491")
        run.mkdir(parents=True)
    process = subprocess.Popen(place.site.command("bash", "-c", f"exec {line}"), env=place.environment(),
                               stderr=subprocess.PIPE, text=True)
    place.world.others.append(process)
    ask = f"meshctl --socket {run}/meshd.sock "
    wait_until(f"a socket: {command}", lambda: (run / "meshd.sock").exists() or process.poll() is not None)
    assert process.poll() is None, f"{command}: {process.stderr.read()[-800:]}"
    place.shell(ask + "wait --ready --timeout 60s" + (" --radio" if "radio." in line else ""))
    return process


def end_daemon(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, process.stderr.read()[-800:]


def run_shell(place, command):
    why, other = INSTEAD.get(command, (None, command))
    if why and other is None:
        return f"not run: {why}"
    demo = re.match(r"tools/demo --exec '(.*)'$", other)
    if demo:  # e2e.demo starts three sites; what it executes is what one may get wrong
        why, other = "e2e.demo runs the three sites", demo.group(1)
    if re.match(r"meshd\b", other) and not re.search(r"--(check-config|print-defaults|version|help)", other):
        process = run_daemon(place, other)
        if "/run/second" in other:
            place.daemons.append(process)
        else:
            end_daemon(process)
    else:
        place.shell(other)
    return f"run: {other} ({why})" if why else "run"


def check_config(place, text):
    path = place.world.dir / "example.conf"
    path.write_text(text)
    place.shell(f"meshd --check-config --config {path}")
    return "checked"


def send_json(place, text):
    json.loads(text)
    text = text.replace("TOKEN", (place.site.run / "apps.token").read_text().strip())
    code = ("import socket,sys; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(60);"
            "s.sendto(sys.argv[1].encode(),('127.0.0.1',4471)); print(s.recv(2048).decode())")
    done = subprocess.run(place.site.command(sys.executable, "-c", code, text), text=True, capture_output=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["op"] in ("ok", "pong"), f"{text}: {answer}"
    return "sent"


def try_programs(place):
    """Each program of conf/examples prints the alert that is raised after it subscribed, but for those of other tests."""
    found = sorted(path for path in (ROOT / "conf/examples").iterdir() if path.name not in TRIED_BY)
    assert found, "conf/examples is empty"
    for path in found:
        if path.suffix == ".c":
            built = place.world.dir / path.stem
            subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", str(built), str(path)], check=True)
            argv = [str(built)]
        else:
            argv = {".py": [sys.executable, str(path)], ".sh": ["bash", str(path)]}[path.suffix]
        before = place.site.counter("apps.taken")
        app = subprocess.Popen(place.site.command(*argv), stdout=subprocess.PIPE, text=True, start_new_session=True)
        try:
            wait_until(f"{path.name} subscribed", lambda: place.site.counter("apps.taken") > before)
            place.shell(f"meshctl alert raise example.ran 'shown by {path.name}' --severity high")
            line = app.stdout.readline()
            assert f"shown by {path.name}" in line, line
        finally:
            os.killpg(app.pid, signal.SIGKILL)
            app.wait()
        print(f"conf/examples/{path.name}: prints alerts")


def main():
    with World(net=True) as world:
        place = Place(world)
        wait_until("packets", lambda: place.site.items("packet", "list"))
        known, tried = set(), 0
        for document in DOCUMENTS:
            for kind, text in examples(document):
                do = {"shell": run_shell, "config": check_config, "json": send_json}[kind]
                print(f"{document}: {text.splitlines()[0]}: {do(place, text)}", flush=True)
                known.add(text)
                tried += 1
        unused = [x for x in INSTEAD if x not in known]
        assert tried > 25 and not unused, f"{tried} tried; no document has {unused}"
        try_programs(place)
        for process in place.daemons:
            end_daemon(process)


if __name__ == "__main__":
    main()
