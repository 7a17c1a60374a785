"""`meshctl X --json` prints the body of the matching GET unchanged; no secret is in any GET; TCP answers GET only, to
a Host that it knows; errors are problem JSON; the human tables never exceed 80 columns, whatever nodes are called."""
import json
import os
import re
import unicodedata

from world import FakeRadio, World, program, sh, wait_until
from fake_radio import field, frame

RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1", "web.listen=127.0.0.1:4470"]
NAMES = ["山田太郎の無線局は山の上にある", "😀😀😀😀😀😀😀😀😀", "\u202egnp.exe\u2066 hidden", "a\x1b[31mred\x07\r\nx",
         "x" * 39, "e\u0301" * 13, "👨\u200d👩\u200d👧\u200d👦 family"]
LISTS = {"radio list": "/radios", "peer list": "/peers", "node list": "/nodes", "packet list": "/packets",
         "state list": "/state", "alert list": "/alerts", "stats": "/counters", "status": "/status"}


def columns(text):
    width = 0
    for c in text:
        if unicodedata.combining(c) or unicodedata.category(c) in ("Cf", "Mn"):
            continue
        width += 2 if unicodedata.east_asian_width(c) in "WF" else 1
    return width


def nodeinfo(number, name):
    user = field(1, 2, f"!{number:08x}".encode()) + field(2, 2, name.encode()) + field(3, 2, name.encode()[:4])
    data = field(1, 0, 4) + field(2, 2, user)
    mesh = field(1, 5, number) + field(2, 5, 0xFFFFFFFF) + field(4, 2, data) + field(6, 5, 0x9000 + number)
    return frame(field(2, 2, mesh)).hex()


def http(site, *argv):
    return sh(*site.command("curl", "-s", "-i", *argv), check=False).stdout


def steady(body):
    return re.sub(r'"(generated_at|uptime_s|last_heard_ms|rtt_ms|loss|last_rx_ms|since_ms|value|bytes|[rt]x_bytes|rx_packets)":[-0-9.e]+',
                  '"-":0', body)


def shown(site, columns_, *words):
    return sh(*site.command(program("meshctl"), "--socket", str(site.socket), *words),
              env={**os.environ, "COLUMNS": str(columns_), "LC_ALL": "C.UTF-8"}).stdout


def ids_can_be_taken_from_lists(site):
    """`packet show` and `msg send --reply` want a packet's id: it stands there whole."""
    texts = [p["id"] for p in site.items("packet", "list") if p.get("type") == "TEXT_MESSAGE_APP"]
    assert texts, "no text was heard"
    narrow, wide = shown(site, 80, "packet", "list"), shown(site, 100, "packet", "list")
    for packet in texts:
        assert f" {packet} " in narrow and f" {packet} " in wide, f"{packet}:\n{narrow}\n{wide}"
        assert packet in shown(site, 100, "msg", "list"), packet
        assert packet in shown(site, 80, "packet", "show", packet), packet
    assert " FROM " not in narrow and " FROM " in wide, f"{narrow}\n{wide}"


def main():
    with World(net=True) as world:
        world.net.add("a")
        site = world.site("a", ns=world.net.names[0], settings=RADIO)
        radio = FakeRadio(world, site)
        site.start()
        wait_until("the radio is configured", lambda: "configured" in radio.lines)
        for number, name in enumerate(NAMES, 0x100):
            radio.say(f"hex {nodeinfo(number, name)}")
        radio.say("packet 0x100 1 77 " + "漢字" * 20)
        wait_until("the nodes are there", lambda: len(
            [n for n in site.items("node", "list") if n["id"] in {f"!{0x100 + i:08x}" for i in range(len(NAMES))}]) == len(NAMES))
        site.ctl("alert", "raise", "test.wide", "警報 " * 30)
        site.ctl("state", "set", "wide", "値" * 60)

        secrets = [(site.state / "identity.key").read_text().strip()]
        secrets += re.findall(r"network_key\s*=\s*([0-9a-f]{64})", (site.state / "network").read_text())
        assert len(secrets) == 2 and all(len(s) == 64 for s in secrets)
        for words, path in LISTS.items():
            curl = json_ = ""

            def are_equal():  # the same values: meshctl escapes what a terminal would act on; between two looks one may change
                nonlocal curl, json_
                curl = sh(*site.command("curl", "-s", "--unix-socket", str(site.socket), f"http://x/api/v1{path}")).stdout
                json_ = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "--json", *words.split())).stdout
                return json.loads(steady(curl)) == json.loads(steady(json_))

            try:
                wait_until(f"{words} says what the API does", are_equal, 10)
            except AssertionError as late:
                raise AssertionError(f"{late}:\n{curl[:600]}\n{json_[:600]}") from late
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", json_), f"{words}: {json_[:600]}"
            assert not any(s in curl for s in secrets), f"a secret in GET {path}"
            noun = json.loads(curl)["schema"]
            assert re.fullmatch(r"meshd\.[a-z]+/1", noun), noun
            for line in shown(site, 80, *words.split()).splitlines():
                assert columns(line) <= 80, f"{words}: {columns(line)} columns: {line!r}"
                assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", line), repr(line)

        ids_can_be_taken_from_lists(site)

        page = http(site, "http://127.0.0.1:4470/")
        assert " 200 " in page.splitlines()[0] and "content-security-policy" in page.lower()
        assert " 200 " in http(site, "http://127.0.0.1:4470/healthz").splitlines()[0]
        assert " 200 " in http(site, "http://127.0.0.1:4470/readyz").splitlines()[0]
        refused = http(site, "-X", "POST", "-d", '{"key":"x","value":1}', "http://127.0.0.1:4470/api/v1/state")
        assert re.match(r"HTTP/1.1 40[35]", refused), refused
        rebound = http(site, "-H", "Host: evil.example", "http://127.0.0.1:4470/api/v1/status")
        assert re.match(r"HTTP/1.1 4(03|21)", rebound), rebound
        missing = http(site, "http://127.0.0.1:4470/api/v1/nodes/!ffffff00")
        assert " 404 " in missing.splitlines()[0] and "application/problem+json" in missing, missing
        for argv, code in ((["node", "show", "!ffffff00"], 4), (["nodes"], 2), (["node", "list", "--filter", "x=="], 2),
                           (["state", "set", "k"], 2)):
            done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), *argv), check=False)
            assert done.returncode == code and done.stderr, (argv, done.returncode, done.stderr)
        gone = sh(program("meshctl"), "--socket", str(world.dir / "none.sock"), "status", check=False)
        assert gone.returncode == 3 and "cannot reach" in gone.stderr


if __name__ == "__main__":
    main()
