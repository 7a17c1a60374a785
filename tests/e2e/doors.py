"""The doors of one site: no secret in any GET, TCP never acts, a foreign Host gets nothing, streams resume, and an
app that comes back goes on where it was."""
import base64
import json
import re
import subprocess
import sys
import threading

from world import World, wait_until

WEB = "http://127.0.0.1:14470"
APP = """
import json, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(60)
s.sendto(sys.argv[1].encode(), ("127.0.0.1", 14471))
for _ in range(1 + int(sys.argv[2])):
    print(s.recv(2048).decode())
"""
LISTS = ["status", "radios", "peers?strangers=true", "nodes", "packets", "state", "alerts", "counters", "holdings"]


def curl(site, *args):
    done = subprocess.run(site.command("curl", "-s", "-m", "60", *args), capture_output=True, check=False)
    return done.stdout.decode(errors="replace")


def secrets_of(site):
    """Every spelling of what must never leave: the identity's seed and the network's key."""
    seed = (site.state / "identity.key").read_text().split()[0]
    key = re.search(r"network_key\s*=\s*([0-9a-f]+)", (site.state / "network").read_text()).group(1)
    for secret in (seed, key):
        raw = bytes.fromhex(secret)
        yield secret
        yield base64.b64encode(raw).decode().rstrip("=")
        yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


def everything(site):
    """All that a GET gives, at both doors, single things included."""
    for door in ([WEB], ["--unix-socket", str(site.socket), "http://meshd"]):
        *option, base = door
        yield curl(site, *option, f"{base}/")
        for path in LISTS:
            text = curl(site, *option, f"{base}/api/v1/{path}")
            yield text
            answer = json.loads(text)
            assert answer["schema"] == f"meshd.{path.split('?')[0]}/1", text[:200]
            for item in answer.get("items", [])[:5]:
                name = item.get("id") or (item.get("name") if path == "radios" else None)
                if name:
                    one = curl(site, *option, f"{base}/api/v1/{path}/{name}")
                    assert json.loads(one).get("status") is None, f"{path}/{name}: {one}"
                    yield one


def subscribe(site, count, **request):
    request = {"op": "sub", "v": 1, "name": "test", **request}
    done = subprocess.run(site.command(sys.executable, "-c", APP, json.dumps(request), str(count)), text=True,
                          capture_output=True, check=True)
    ok, *alerts = [json.loads(line) for line in done.stdout.splitlines()]
    assert ok["op"] == "ok", ok
    return ok, alerts


def streams(site, last, is_enough):
    """What a stream of alerts says to who had that one last, until it is enough."""
    asked = subprocess.Popen(site.command("curl", "-s", "-N", "-H", f"Last-Event-ID: {last}", f"{WEB}/api/v1/events?topics=alert"),
                             stdout=subprocess.PIPE, text=True)
    site.world.others.append(asked)
    said = []
    threading.Thread(target=lambda: said.extend(asked.stdout), daemon=True).start()
    wait_until(f"the stream after {last}", lambda: is_enough("".join(said)))
    asked.kill()
    asked.wait()
    return "".join(said)


def main():
    with World(net=True) as world:
        (site,) = world.line("a")
        site.start()
        wait_until("packets came", lambda: site.items("packet", "list"), 30)
        site.ctl("state", "set", "gate", "open")
        site.ctl("alert", "raise", "door.open", "first")

        text = "\n".join(everything(site))
        assert "door.open" in text and "user/gate" in text, "the walk saw what is there"
        for secret in secrets_of(site):
            assert secret not in text, "a secret left through a GET"

        before = len(site.items("state", "list"))
        for method in ("POST", "PUT", "DELETE"):
            answer = curl(site, "-X", method, "-H", "Content-Type: application/json", "-d",
                          '{"key":"evil","value":1}', f"{WEB}/api/v1/state")
            assert json.loads(answer)["status"] == 405, answer
        assert len(site.items("state", "list")) == before
        answer = curl(site, "-H", "Host: evil.example", f"{WEB}/api/v1/status")
        assert json.loads(answer)["status"] == 421 and "uptime" not in answer, answer

        # What was promised is there at once: ok means stored.
        for n in range(20):
            site.ctl("state", "set", f"n{n}", str(n))
            keys = {item["key"] for item in site.items("state", "list")}
            assert f"user/n{n}" in keys, f"n{n} was answered ok and is not there"

        ok, _ = subscribe(site, 0)
        for n in range(3):
            site.ctl("alert", "raise", "bell.rang", f"ring {n}")
        ok, alerts = subscribe(site, 3, since=ok["seq"])
        assert [a["text"] for a in alerts] == ["ring 0", "ring 1", "ring 2"], alerts
        assert [a["seq"] for a in alerts] == [ok["seq"] + 1 + n for n in range(3)], alerts
        assert len({a["boot"] for a in alerts} | {ok["boot"]}) == 1

        site.ctl("alert", "raise", "bell.last", "the last")
        stream = streams(site, f"{ok['boot']}.1", lambda text: "the last" in text)
        assert "event: reset" not in stream and stream.count("event: alert") == 5, stream
        streams(site, "1.1", lambda text: "event: reset" in text)

        there = world.site("there", ns=site.ns, args=["--demo"], settings=[
            "mesh.port=14480", "web.listen=127.0.0.2:14480", "alert.listen=127.0.0.2:14481"]).start()
        assert json.loads(curl(there, "http://127.0.0.2:14480/api/v1/status"))["site"]["name"] == "there"
        answer = curl(there, "-H", "Host: evil.example", "http://127.0.0.2:14480/api/v1/status")
        assert json.loads(answer)["status"] == 421, answer

        counted = {c["name"]: c["value"] for c in site.items("stats")}
        dropped = sum(n for name, n in counted.items() if name.startswith("http.dropped."))
        # Of the one that asks this the end is not yet counted; nor, perhaps, of a stream that was just left.
        assert 0 <= counted["http.seen"] - dropped - counted["http.taken"] <= 3, (counted["http.seen"], dropped, counted["http.taken"])
        assert site.stop()[0] == 0


if __name__ == "__main__":
    main()
