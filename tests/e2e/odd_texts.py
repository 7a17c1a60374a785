"""Texts from the air that would hide others or move a cursor: meshctl lists them all, cuts none at a NUL, and prints no
control or bidi character raw, as a table or as JSON."""
import json
import os
import pathlib
import subprocess
import sys
import threading

from fake_radio import field, frame
from world import FakeRadio, World, program, sh, wait_until

RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403", "radio.roof.tx=yes"]
ODD = "before\0behind \u202etxt.exe \x9b31m end"
UNSAFE = "\0\u202e\x9b"


def ctl(site, *argv):
    done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), *argv), check=False)
    assert done.returncode == 0, (argv, done)
    assert not set(UNSAFE) & set(done.stdout), (argv, done.stdout)
    return done.stdout


def watching(site, *argv):
    return subprocess.Popen(site.command(program("meshctl"), "--socket", str(site.socket), *argv, "--count", "1",
                                         "--for", "120s"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def say_odd(radio, number):
    data = field(1, 0, 1) + field(2, 2, ODD.encode())
    packet = field(1, 5, 0x11) + field(2, 5, 0xFFFFFFFF) + field(4, 2, data) + field(6, 5, number)
    radio.say("hex " + frame(field(2, 2, packet)).hex())


def lists_show_it(site, packet):
    listed = ctl(site, "packet", "list", "--jsonl").splitlines()
    payloads = [json.loads(line).get("payload") for line in listed]
    assert any((p or {}).get("text") == ODD for p in payloads), payloads
    assert "behind" in ctl(site, "packet", "list") and "another" in ctl(site, "packet", "list")
    assert "beforebehind" in ctl(site, "packet", "show", packet).replace("\\u0000", "")
    assert any(m.get("text") == ODD for m in map(json.loads, ctl(site, "msg", "list", "--jsonl").splitlines()))
    assert json.loads(ctl(site, "packet", "show", packet, "--json"))["id"] == packet
    table = ctl(site, "msg", "list")
    assert "beforebehind" in table and "another" in table, table


def watches_show_it(site, radio):
    every = [(watching(site, *argv), argv) for argv in (
        ["packet", "watch"], ["msg", "watch"], ["packet", "watch", "--jsonl"], ["event", "watch", "--topics", "packet"])]
    number = iter(range(0x900, 0x2000))

    def told():
        say_odd(radio, next(number))
        return all(p.poll() is not None for p, _ in every)
    wait_until("all have told one", told, 60, 0.3)
    for process, argv in every:
        out, err = process.communicate()
        assert process.returncode == 0 and "behind" in out and not set(UNSAFE) & set(out), (argv, out, err)


def raise_odd(site):
    body = json.dumps({"kind": "odd.text", "text": ODD})
    done = sh(*site.command("curl", "-s", "--unix-socket", str(site.socket), "-H", "Content-Type: application/json", "-d",
                            body, "http://meshd/api/v1/alerts"))
    assert json.loads(done.stdout)["text"] == ODD and not set(UNSAFE) & set(done.stdout), done.stdout


def the_daemon_says_it_by_number(site):
    """Who prints what the API answers, and no meshctl between."""
    for path in ("packets", "messages", "alerts"):
        said = sh(*site.command("curl", "-s", "--unix-socket", str(site.socket), f"http://meshd/api/v1/{path}")).stdout
        assert "\\u202etxt.exe \\u009b31m" in said and not set(UNSAFE) & set(said), (path, said)


def alerts_show_it(site):
    raise_odd(site)
    assert "behind" in ctl(site, "alert", "list"), "the alert hides"
    assert json.loads(ctl(site, "alert", "list", "--jsonl").splitlines()[0])["text"].startswith("before")


def an_example_prints_none(site):
    script = pathlib.Path(__file__).resolve().parents[2] / "conf/examples/alerts.py"
    listening = subprocess.Popen(site.command(sys.executable, "-B", str(script)), stdout=subprocess.PIPE, text=True)
    site.world.others.append(listening)
    said = []
    threading.Thread(target=lambda: said.extend(listening.stdout), daemon=True).start()

    def printed():
        raise_odd(site)
        return said
    wait_until("the example prints an alert", printed, 60, 0.5)
    assert "beforebehind" in said[0] and not set(UNSAFE) & set(said[0]), said


def main():
    os.environ["COLUMNS"] = "200"  # nothing is cut for want of room
    with World(net=True) as world:
        site = world.site("a", ns=world.net.add("a"), settings=RADIO)
        radio = FakeRadio(world, site)
        site.start()
        wait_until("connected", lambda: site.items("radio", "list")[0]["state"] == "connected", 40)
        radio.say("packet 0x11 1 700 another text")
        say_odd(radio, 0x801)
        packet = "mt:00000011:00000801"
        wait_until("it is kept", lambda: packet in [p["id"] for p in site.items("packet", "list")])
        wait_until("and a message", lambda: any(m.get("text") == ODD for m in site.items("msg", "list")))
        lists_show_it(site, packet)
        watches_show_it(site, radio)
        alerts_show_it(site)
        the_daemon_says_it_by_number(site)
        an_example_prints_none(site)


if __name__ == "__main__":
    main()
