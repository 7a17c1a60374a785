"""A DETECTION_SENSOR packet heard at A becomes one alert everywhere, with every site that heard it as witness,
and reaches a local app at C by UDP, once, with a gap-free seq."""
import json
import subprocess
import sys
import threading

from world import SimRadio, World, wait_until

RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1"]
APP = """
import json, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(json.dumps({"op": "sub", "v": 1, "name": "test", "topics": ["alert"], "ttl": 120}).encode(), ("127.0.0.1", 4471))
while True:
    print(s.recv(2048).decode(), flush=True)
"""


def main():
    with World(net=True) as world:
        a, b, c = world.line("a", "b", "c", demo=False)
        a.settings += RADIO
        b.settings += RADIO
        radios = [SimRadio(world, a, "--silent"), SimRadio(world, b, "--silent")]
        world.start_all(a, b, c)
        wait_until("C sees A", lambda: c.peer("a").get("state") == "alive")
        for radio in radios:
            wait_until("the radio is configured", lambda: "configured" in radio.lines)
        app = subprocess.Popen(c.command(sys.executable, "-c", APP), stdout=subprocess.PIPE, text=True)
        world.others.append(app)
        lines = []
        thread = threading.Thread(target=lambda: [lines.append(json.loads(x)) for x in app.stdout], daemon=True)
        thread.start()
        wait_until("the app is subscribed", lambda: any(x.get("op") == "ok" for x in lines))

        for radio in radios:  # the same packet on the air, heard by two sites
            radio.say("packet 0x11 10 4660 gate opened")
        for site in (a, b, c):
            alert = wait_until(f"one alert at {site.name}", lambda: next(
                (x for x in site.items("alert", "list") if x["kind"] == "message.alert"), None))
            assert alert["severity"] == "high" and "gate opened" in alert["text"], alert
            assert alert["subject"]["id"] == "mt:00000011:00001234", alert
            assert len(site.items("alert", "list")) == 1, "one packet, one alert"
            packet = wait_until("one packet, two receptions", lambda: next(
                (p for p in site.items("packet", "list") if len(p["receptions"]) == 2), None))
            assert {r["site"] for r in packet["receptions"]} == {"a", "b"}, packet
            wait_until("both witnesses", lambda: {"a", "b"} <= set(
                site.items("alert", "list")[0].get("witnesses", [])))
        wait_until("the app has it", lambda: [x for x in lines if "kind" in x])
        radios[0].say("packet 0x11 11 4661 second")
        wait_until("and the next", lambda: len([x for x in lines if "kind" in x]) >= 2)
        alerts = [x for x in lines if "kind" in x]
        assert [x["seq"] for x in alerts] == list(range(alerts[0]["seq"], alerts[0]["seq"] + len(alerts)))
        for alert in alerts:
            assert {"v", "id", "seq", "time_ms", "site", "kind", "severity", "state", "text"} <= set(alert), alert
            assert len(json.dumps(alert)) <= 1200
        ids = [x["id"] for x in alerts]
        assert len(ids) == len(set(ids)), "an alert came twice"

        raised = b.ctl("alert", "raise", "test.raised", "by hand", "--severity", "critical")
        wait_until("raised by hand", lambda: any(x.get("kind") == "test.raised" for x in lines))
        assert raised


if __name__ == "__main__":
    main()
