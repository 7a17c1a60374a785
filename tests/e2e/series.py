"""The figures of a radio's link as series: a link that ends moves its reason's, at this site's page for Prometheus, in
`stats`, in the samples that all sites have, and for local programs; no counter ever falls."""
import json
import re
import socket

from world import SimRadio, World, wait_until

LOST = "meshd_radio_link_lost_total"
LINE = re.compile(r'^([a-z_0-9]+)(?:\{radio="([^"]*)"(?:,reason="([^"]*)")?\})? ([0-9.e+]+)$')


def page(site):
    """All values of /metrics, by name, radio and reason; the format is checked on the way."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(site.socket))
        door.sendall(b"GET /metrics HTTP/1.0\r\nHost: meshd\r\n\r\n")
        said = b"".join(iter(lambda: door.recv(65536), b"")).decode()
    head, body = said.split("\r\n\r\n", 1)
    assert "200 OK" in head and "text/plain; version=0.0.4" in head, head
    values, families, family = {}, set(), None
    for line in body.splitlines():
        if line.startswith("# TYPE "):
            family = line.split()[2]
            assert family not in families, f"{family} stands in two places"
            families.add(family)
        elif not line.startswith("# HELP "):
            name, radio, reason, value = LINE.match(line).groups()
            assert name == family, (name, family)
            values[name, radio, reason] = float(value)
    return values


def samples(site, origin):
    listed = site.items("metric", "list", "--filter", "radio=roof")
    return {(s["name"], s.get("reason")): s for s in listed if s["site"] == origin}


class Watch:
    """Looks again and again, and at every look no counter may have fallen."""

    def __init__(self, site):
        self.site, self.before = site, {}

    def look(self):
        now = page(self.site)
        for key, value in self.before.items():
            assert not key[0].endswith("_total") or now[key] >= value, (key, value, now[key])
        self.before = now
        return now

    def lost(self, reason):
        return self.look()[LOST, "roof", reason]


def subscribe(site):
    app = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    app.bind(str(site.dir / "app"))
    app.settimeout(60)
    app.connect(str(site.run / "apps.sock"))
    app.send(json.dumps({"op": "sub", "topics": ["metric"], "filter": "reason=closed", "ttl": 120}).encode())
    assert json.loads(app.recv(65536))["op"] == "ok"
    return app


def check_samples(b):
    wait_until("B has A's samples", lambda: {("radio.link.rtt_ms", None), ("radio.link.frames", None), ("radio.rx_bytes", None)} <=
               samples(b, "a").keys(), 60)
    told = samples(b, "a")
    assert told["radio.link.frames", None]["kind"] == "counter" and told["radio.rx_bytes", None]["unit"] == "B"
    assert "kind" not in told["radio.link.rtt_ms", None] and told["radio.link.rtt_ms", None]["unit"] == "ms"
    assert ("radio.link.lost", "closed") not in told, "what never moved is no sample"


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        a.settings += ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403", "radio.roof.heartbeat=1s",
                       "metric.radios=1s"]
        radio = SimRadio(world, a)
        world.start_all(a, b)
        watch = Watch(a)

        def connected():
            return a.items("radio", "list")[0]["state"] == "connected"

        wait_until("the radio is connected", connected)
        wait_until("a heartbeat is answered", lambda: ("meshd_radio_link_rtt_ms", "roof", None) in watch.look(), 30)
        assert watch.lost("closed") == 0 and watch.look()["meshd_radio_rx_bytes_total", "roof", None] > 0
        check_samples(b)

        app = subscribe(b)
        radio.say("drop")
        wait_until("the reason's series rises", lambda: watch.lost("closed") == 1)
        wait_until("it is connected again", connected, 30)
        assert json.loads(app.recv(65536))["item"]["value"] == 1
        wait_until("and at B", lambda: samples(b, "a").get(("radio.link.lost", "closed"), {}).get("value") == 1)
        radio.process.kill()
        wait_until("nobody is there", lambda: watch.lost("refused") >= 2, 30)
        wait_until("B knows", lambda: samples(b, "a").get(("radio.link.lost", "refused"), {}).get("value", 0) >= 2)

        shown = a.items("radio", "list")[0]["link"]["lost"]
        counted = {c["name"]: c["value"] for c in a.items("stats") if c.get("label") == "roof"}
        assert counted["radio.link.lost.closed"] == shown["closed"] == watch.lost("closed"), (counted, shown)
        assert watch.look()["meshd_radio_reconnects_total", "roof", None] == counted["radio.reconnects"] == 1
        assert page(b)["meshd_ingest_seen_total", None, None] > 0, "a site without a radio has a page, too"


if __name__ == "__main__":
    main()
