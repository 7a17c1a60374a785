"""Local programs: each example of conf/examples that talks with meshd, run against two sites; actions need the token
that only meshd's own user may read, and are limited."""
import json
import os
import pathlib
import re
import socket
import stat
import subprocess
import sys
import threading

from world import World, wait_until

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "conf/examples"
PORT = 14471


class Run:
    """An example that goes on until it is ended."""

    def __init__(self, world, site, name, *argv):
        self.lines = []
        self.process = subprocess.Popen([sys.executable, "-B", str(EXAMPLES / name), *argv], env=environment(site),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        world.others.append(self.process)
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def says(self, pattern):
        return any(re.search(pattern, line) for line in list(self.lines))


def environment(site):
    return {**os.environ, "MESHD_RUN": str(site.run), "MESHD_APPS": f"{site.address}:{PORT}"}


def run(site, *argv, code=0):
    done = subprocess.run([str(a) for a in argv], env=environment(site), text=True, capture_output=True, timeout=120)
    assert done.returncode == code, (argv, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def example(site, name, *argv):
    return run(site, sys.executable, "-B", EXAMPLES / name, *argv)


class App:
    """A program that stays subscribed."""

    def __init__(self, site, **request):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(40)
        self.socket.connect((site.address, PORT))
        self.ok = self.say(op="sub", **request)
        self.seq = self.ok["seq"]

    def say(self, **request):
        self.socket.send(json.dumps(request).encode())
        return json.loads(self.socket.recv(65536))

    def wait(self, what, **members):
        """The next thing told that has these members; numbers have no gaps."""
        while True:
            said = json.loads(self.socket.recv(2048))
            assert said["seq"] == self.seq + 1, (said, self.seq)
            self.seq += 1
            item = said.get("item", said)
            if all(item.get(key) == value for key, value in members.items()):
                return said


def ask(site, request):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as app:
        app.settimeout(40)
        app.connect((site.address, PORT))
        app.send(json.dumps(request).encode())
        return json.loads(app.recv(2048))


def has_alert(site, kind, **members):
    return any(a["kind"] == kind and all(a.get(k) == v for k, v in members.items()) for a in site.items("alert", "list"))


def check_token(a):
    token = a.run / "apps.token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600, oct(token.stat().st_mode)
    for wrong in ("", "0" * 32):
        said = ask(a, {"op": "raise", "token": wrong, "ref": 3, "kind": "not.allowed"})
        assert said["op"] == "error" and said["ref"] == 3 and "apps.token" in said["reason"], said
    assert not has_alert(a, "not.allowed") and a.counter("apps.dropped.denied") == 2
    assert token.read_text().strip() not in json.dumps(a.ctl("status")) + a.log(), "the token is shown"


def check_rate(a):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as app:
        app.settimeout(40)
        app.connect((a.address, PORT))
        request = {"op": "state", "token": (a.run / "apps.token").read_text().strip(), "key": "fast"}
        for n in range(100):  # a value each, so none is the same record
            app.send(json.dumps({**request, "ref": n, "value": n}).encode())
        answers = [json.loads(app.recv(2048)) for _ in range(100)]
    assert {answer["ref"] for answer in answers} == set(range(100)), "each is answered once"
    refused = [answer["reason"] for answer in answers if answer["op"] == "error"]
    assert refused and all(re.match("too fast|busy", reason) for reason in refused), refused
    assert a.counter("apps.dropped.too_fast") > 0


def check_alerts(world, a, b):
    handlers = Run(world, b, "handlers.py")
    wait_until("handlers.py listens", lambda: handlers.says("^listening"))
    out = example(a, "alert.py", "gate.open", "The gate is open")
    assert "high: The gate is open (from a)" in out and "gate.open is resolved" in out, out
    wait_until("handlers.py at B", lambda: handlers.says(r"^gate.open at a: The gate is open"))
    run(a, "bash", EXAMPLES / "raise.sh", "bash.raised", "by the shell")
    wait_until("raise.sh's alert at B", lambda: has_alert(b, "bash.raised", text="by the shell"))
    program = world.dir / "raise"
    run(a, "cc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-o", program, EXAMPLES / "raise.c")
    run(a, program, a.run, PORT, "c.raised", "by a C program")


def check_resolving(a, b):
    """It ends what fires, whoever raised it, and says whether anything did."""
    here, there = (App(site, topics="registry") for site in (a, b))
    token = {site: (site.run / "apps.token").read_text().strip() for site in (a, b)}
    about = {"kind": "lid.open", "subject": {"type": "lid", "id": "7"}}

    def resolve(app, site):
        said = app.say(op="resolve", token=token[site], ref=1, **about)
        assert said["op"] == "ok" and said["answer"]["state"] == "resolved", said
        return said["answer"]["ended"]

    def state(site):
        return next((i["state"] for i in site.items("alert", "list") if i["kind"] == "lid.open"), None)

    assert resolve(here, a) is False
    for by, at in ((here, a), (there, b)):
        assert here.say(op="raise", token=token[a], state="firing", **about)["op"] == "ok"
        wait_until("it fires at both", lambda: state(a) == state(b) == "firing")
        assert resolve(by, at) is True
        wait_until("it is over at both", lambda: state(a) == state(b) == "resolved")
    assert a.ctl("alert", "raise", "lid.open", "--state", "resolved", "--subject", '{"type":"lid","id":"7"}')["ended"] is False


def check_socket(a):
    """apps.sock: no token; who has no address is told nothing; others' programs are kept out by the file's mode."""
    path = a.run / "apps.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o660, oct(path.stat().st_mode)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as app:
        app.settimeout(40)
        app.bind("")
        app.connect(str(path))
        app.send(json.dumps({"op": "state", "ref": 1, "key": "bell", "value": "rung"}).encode())
        said = json.loads(app.recv(2048))
        assert said["op"] == "ok" and said["ref"] == 1, said
        app.send(json.dumps({"op": "sub", "topics": "state", "filter": 'key="user/bell"'}).encode())
        assert json.loads(app.recv(2048))["op"] == "ok"
        a.ctl("state", "set", "bell", "quiet")
        assert json.loads(app.recv(2048))["item"]["value"] == "quiet"
        app.send(bytes.fromhex("81a26f70a470696e67"))  # {"op": "ping"}: the lease speaks JSON
        assert json.loads(app.recv(2048))["op"] == "ok"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as nobody:
        nobody.connect(str(path))
        nobody.send(json.dumps({"op": "raise", "kind": "un.bound"}).encode())
    wait_until("the alert of who has no address", lambda: has_alert(a, "un.bound"))
    wait_until("it is counted", lambda: a.counter("apps.dropped.unbound") == 1)


def check_without_module(world, a, b):
    """doorbell.py and chat.py are whole programs: they need apps.sock and nothing of ours."""
    bell = Run(world, b, "doorbell.py", "who is there?")
    wait_until("its own alert and the other site's name", lambda: bell.says("^b: who is there[?]"))
    a.ctl("alert", "raise", "gate.open", "--text", "from A")
    wait_until("the alert of A at B", lambda: bell.says("^a: from A"))
    talkers = [Run(world, site, "chat.py", "lobby") for site in (a, b)]
    said = 0

    def is_heard():
        nonlocal said
        said += 1
        talkers[0].process.stdin.write(f"hello {said}\n")
        talkers[0].process.stdin.flush()
        return talkers[1].says("^a: hello")
    wait_until("B hears A", is_heard, step=0.5)


def check_topics(a, b):
    told = App(b, topics=["state", "registry", "peer"], ttl=60)
    a.ctl("state", "set", "lamp", "on")
    said = told.wait("the state", key="user/lamp")
    assert said["topic"] == "state" and said["item"]["value"] == "on" and said["item"]["site"] == "a", said
    a.ctl("registry", "add", "aabb01", "--type", "bag", "--meta", '{"confidence":0.5}')
    said = told.wait("the entry", hash="aabb01")
    assert said["topic"] == "registry" and said["item"]["metadata"] == {"confidence": 0.5}, said
    again = told.say(op="sub", topics=["state", "registry", "peer"], since=0)
    assert again["op"] == "ok" and again["known"] is True and again["lost"] == 0, again
    told.seq = 0
    assert told.wait("the state again", key="user/lamp")["item"]["value"] == "on"
    a.ctl("registry", "remove", "aabb01")


def whole(program, **request):
    """An answer that is longer than a datagram, and in how many pieces it came."""
    said, tags, pieces = b"", set(), 0
    while True:
        piece = program.say(op="get", ref=pieces, offset=len(said), **request)
        assert piece["op"] == "ok" and piece["ref"] == pieces and piece["offset"] == len(said) and piece["text"], piece
        said, pieces = said + piece["text"].encode(), pieces + 1
        tags.add(piece["tag"])
        if len(said) == piece["total"]:
            assert len(tags) == 1, "it was the same all the time"
            return json.loads(said), pieces


def check_state(a, b):
    """Any site's value, also one that no datagram holds; one's own goes again."""
    token = (a.run / "apps.token").read_text().strip()
    here, there = App(a, topics="alert"), App(b, topics="alert")
    long = {"note": "äöü \"quoted\" \\ " * 2500, "list": list(range(900))}
    a.ctl("state", "set", "long", json.dumps(long, ensure_ascii=False))
    assert here.say(op="state", token=token, ref=1, key="small", value={"n": 1})["op"] == "ok"
    wait_until("both at b", lambda: b.ctl("state", "get", "small", "a", quiet=True).get("value") == {"n": 1} and
               b.ctl("state", "get", "long", "a", quiet=True).get("value") == long)
    said = there.say(op="get", topic="state", key="user/small", site="a", ref=7)
    assert said["ref"] == 7 and said["answer"]["value"] == {"n": 1} and said["answer"]["site"] == "a", said
    refused = there.say(op="get", topic="state", key="long", site="a")
    assert refused["op"] == "error" and '"offset":0' in refused["reason"], refused
    got, pieces = whole(there, topic="state", key="long", site="a")
    assert got["value"] == long and got["key"] == "user/long" and pieces > 1, (got["key"], pieces)
    assert whole(there, topic="state", key="small", site="a")[0]["value"] == {"n": 1}
    assert there.say(op="get", topic="state", key="site")["answer"]["value"]["name"] == "b"
    assert "no state 'user/none'" in there.say(op="get", topic="state", key="none", site="a")["reason"]
    assert "no site" in there.say(op="get", topic="state", key="long", site="nowhere")["reason"]
    assert "token" in here.say(op="remove", topic="state", key="small")["reason"]
    assert here.say(op="remove", topic="state", key="small", token=token, ref=2)["op"] == "ok"
    assert "no state 'user/small'" in here.say(op="remove", topic="state", key="small", token=token)["reason"]
    wait_until("gone at b", lambda: b.ctl("state", "get", "small", "a", quiet=True).get("status") == 404)
    client = f"import sys; sys.path.insert(0, {str(EXAMPLES)!r}); from meshd_client import App; " \
        "print(App('t').whole('get', topic='state', key='long', site='a')['value']['note'].count('quoted'))"
    assert run(b, sys.executable, "-B", "-c", client).strip() == "2500"


def check_publish(a, b):
    """A topic of programs: heard at all sites or at one, told which site it comes from, and limited."""
    token = (a.run / "apps.token").read_text().strip()
    here, there = [App(site, topics=["app.chess"]) for site in (a, b)]
    other = App(b, topics=["app.bridge"])
    writer = App(a, topics="alert")
    move = {"piece": "knight", "to": "f3", "note": "x" * 800}
    assert writer.say(op="publish", token=token, ref=1, topic="app.chess", data=move)["op"] == "ok"
    said = there.wait("the move", topic="app.chess")
    assert said["topic"] == "app.chess" and said["item"] == {"site": "a", "topic": "app.chess", "data": move}, said
    assert here.wait("the move", topic="app.chess")["item"]["data"] == move
    assert writer.say(op="publish", token=token, topic="app.chess", data=2, site="b")["op"] == "ok"
    assert there.wait("what is for B", topic="app.chess")["item"]["data"] == 2
    assert writer.say(op="publish", token=token, topic="app.chess", data=3)["op"] == "ok"
    assert here.wait("not what is for B", topic="app.chess")["item"]["data"] == 3
    assert there.wait("once", topic="app.chess")["item"]["data"] == 3
    assert "900 bytes" in writer.say(op="publish", token=token, topic="app.chess", data="y" * 901)["reason"]
    assert "token" in writer.say(op="publish", topic="app.chess", data=4)["reason"]
    assert "no site" in writer.say(op="publish", token=token, topic="app.chess", data=4, site="nowhere")["reason"]
    bidders = [App(a, topics="alert") for _ in range(40)]
    refused = []
    for first in range(0, 40, 8):  # so many at once: the burst is used up before there is room for more, on a busy machine too
        for n, bidder in enumerate(bidders[first:first + 8], first):
            bidder.socket.send(json.dumps({"op": "publish", "token": token, "topic": "app.bridge", "data": n}).encode())
        refused += [json.loads(bidder.socket.recv(65536)) for bidder in bidders[first:first + 8]]
    assert any(said["op"] == "error" and "too fast" in said["reason"] for said in refused), refused
    assert other.wait("a bid", topic="app.bridge")["item"]["data"] == 0
    assert a.counter("posts.dropped.too_fast") > 0 and a.counter("posts.sent") < 40 and b.counter("posts.heard") > 3


def check_hits(world, a, b):
    """Programs at both sites answer a search; who says nothing costs its share of the time; sites are counted as before."""
    SOON_MS = 5000  # of 9 s: nobody was waited for

    def search(budget="9s"):
        return a.ctl("registry", "search", "--like", str(like), "--type", "face", "--programs", "--budget", budget, timeout="40s")
    like = world.dir / "like.json"
    like.write_text("[0.6,0.8]")
    found = search()
    assert found["complete"] == {"answered": 2, "known": 2}, found
    before = [hit["hash"] for hit in found["items"]]
    near = Run(world, a, "recognizer.py", "face", "a1a1", "0.6", "0.8")
    far = Run(world, b, "recognizer.py", "face", "b2b2", "1", "0")
    wait_until("both are asked", lambda: search("500ms") and near.says("^a searches: 1") and far.says("^a searches: 1"))
    found = search()
    hits = {hit["hash"]: hit for hit in found["items"]}
    assert found["complete"] == {"answered": 2, "known": 2} and found["took_ms"] < SOON_MS, found
    assert hits["a1a1"]["site"] == "a" and abs(hits["a1a1"]["score"] - 1) < 1e-6, hits
    assert hits["b2b2"]["site"] == "b" and abs(hits["b2b2"]["score"] - 0.6) < 1e-6, hits
    assert set(before) < set(hits), "what the registry has is found as before"
    token = (a.run / "apps.token").read_text().strip()
    assert "token" in ask(a, {"op": "sub", "topics": "search"})["reason"]
    App(a, topics="search", filter="type=other", token=token)  # is told nothing, and not waited for
    found = search()
    assert found["took_ms"] < SOON_MS, found
    asked = App(a, topics="search", token=token, ttl=60)  # and says nothing
    found = search("4s")
    assert found["complete"] == {"answered": 2, "known": 2} and 1600 <= found["took_ms"] < 4000, found
    said = json.loads(asked.socket.recv(2048))
    assert said["topic"] == "search" and said["item"]["site"] == "a" and said["item"]["like"] == "9a99193fcdcc4c3f", said
    assert "token" in ask(a, {"op": "get", "topic": "search", "id": said["item"]["id"]})["reason"]
    late = asked.say(op="hits", token=token, ref=1, id=said["item"]["id"], hits=[])
    assert late["op"] == "error" and "over" in late["reason"], late
    assert "token" in asked.say(op="hits", id=said["item"]["id"], hits=[])["reason"]
    assert "subscribed" in ask(a, {"op": "hits", "token": token, "id": "1", "hits": []})["reason"]
    asked.say(op="unsub")


def check_metric(a, b):
    """A sample is a record of the metric lane: told and listed at all sites."""
    token = (a.run / "apps.token").read_text().strip()
    told = App(b, topics="metric", ttl=60)
    said = ask(a, {"op": "metric", "token": token, "ref": 1, "name": "room.temp", "value": 21.5, "unit": "C"})
    assert said["op"] == "ok" and said["ref"] == 1, said
    item = told.wait("the sample", name="room.temp")["item"]
    assert item["value"] == 21.5 and item["unit"] == "C" and item["site"] == "a", item
    ask(a, {"op": "metric", "token": token, "name": "room.temp", "value": 22, "unit": "C"})
    wait_until("the newest at B", lambda: [s["value"] for s in b.items("metric", "list")] == [22])
    assert "a number" in ask(a, {"op": "metric", "token": token, "name": "room.temp", "value": "warm"})["reason"]
    assert "name" in ask(a, {"op": "metric", "token": token, "name": "room temp", "value": 1})["reason"]


def check_get(a):
    raised = App(a, topics="alert")
    a.ctl("alert", "raise", "get.tested", "--text", "to be got")
    alert = raised.wait("the alert", kind="get.tested")
    said = ask(a, {"op": "get", "ref": 5, "id": alert["id"]})
    assert said["op"] == "ok" and said["ref"] == 5 and said["answer"]["text"] == "to be got", said
    said = ask(a, {"op": "get", "topic": "peer", "id": "b"})
    assert said["answer"]["state"] == "alive", said
    assert "no alert" in ask(a, {"op": "get", "id": "00" * 16})["reason"]


def main():
    with World() as world:
        a, b = [world.site(name, settings=[
            f"mesh.interfaces={address}/8", "mesh.port=14470", f"web.listen={address}:14470",
            f"alert.listen={address}:{PORT}"]) for name, address in (("a", "127.0.0.1"), ("b", "127.0.0.2"))]
        a.address, b.address = "127.0.0.1", "127.0.0.2"
        world.start_all(a, b)
        wait_until("A sees B", lambda: a.peer("b").get("state") == "alive" == b.peer("a").get("state"))
        check_token(a)

        assert "site a " in example(a, "node.py") and "peers 1 alive of 1" in example(a, "node.py")
        assert "a: door = open" in example(a, "state.py", "door", "open")
        wait_until("the state at B", lambda: any(
            s["key"] == "user/door" for s in b.items("state", "list", "a", quiet=True)))
        held = world.dir / "held"
        held.write_text("a file")
        out = example(a, "registry.py", held)
        assert f"a has {held}" in out and "dim 3" in out, out
        b.ctl("registry", "add", "abcd12", "--type", "face", "--meta", '{"confidence":0.75}')
        wait_until("B's entry at A, and that B has no more", lambda: re.search(
            "abcd12 at b:.*2 of 2 sites answered", example(a, "search.py", "face", "metadata.confidence>0.5"), re.S))
        assert "abcd12" not in example(a, "search.py", "face", "metadata.confidence>0.8")
        assert re.search(r"^http\.seen \+\d+ requests", example(a, "statistics.py", "0.5"), re.M)
        check_alerts(world, a, b)
        check_resolving(a, b)
        check_topics(a, b)
        check_state(a, b)
        check_get(a)
        check_publish(a, b)
        check_hits(world, a, b)
        check_metric(a, b)
        check_socket(a)
        check_without_module(world, a, b)
        wait_until("raise.c's alert at B", lambda: has_alert(b, "c.raised", text="by a C program"))
        check_rate(a)

        discovery = Run(world, a, "discovery.py")
        wait_until("discovery.py shows B", lambda: discovery.says("^b is alive"))
        assert b.stop()[0] == 0
        wait_until("discovery.py shows that B left", lambda: discovery.says("^b is left"))


if __name__ == "__main__":
    main()
