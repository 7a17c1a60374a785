"""Every recorded Meshtastic session goes through codec, driver and daemon: what meshctl then says is what the
official library made of the same bytes.  A recording that is dropped into tests/vectors/meshtastic takes part.

recordings.py [tcp | pty] [NAME...]     pty: over a serial line
"""
import base64
import concurrent.futures
import itertools
import json
import math
import queue
import re
import struct
import subprocess
import sys
import time

from world import VECTORS, World, figure, program, sh, wait_until

FOLDER = VECTORS / "meshtastic"
EVERYBODY = 0xFFFFFFFF
WORKERS, SPEED = 6, "20"
TEXT_PORTS = ("TEXT_MESSAGE_APP", "TEXT_MESSAGE_COMPRESSED_APP")

# Our words for the official ones, by port: where the message stands, then name and form of its fields.
DEGREES, MS, NODE, DECIBEL, SAME = "degrees", "ms", "node", "decibel", "same"
NOUNS = {"POSITION_APP": "position", "NODEINFO_APP": "user", "WAYPOINT_APP": "waypoint", "ADMIN_APP": "admin"}
WORDS = {
    "POSITION_APP": {"latitude_i": ("lat", DEGREES), "longitude_i": ("lon", DEGREES), "altitude": ("alt_m", SAME),
                     "precision_bits": ("precision", SAME), "time": ("time_ms", MS),
                     "timestamp": ("timestamp_ms", MS)},
    "NODEINFO_APP": {"hw_model": ("hardware", SAME)},
    "WAYPOINT_APP": {"latitude_i": ("lat", DEGREES), "longitude_i": ("lon", DEGREES), "expire": ("expire_ms", MS),
                     "locked_to": ("locked_to", NODE)},
    "TELEMETRY_APP": {"time": ("time_ms", MS)},
    "TRACEROUTE_APP": {"route": ("route", NODE), "route_back": ("route_back", NODE),
                       "snr_towards": ("snr_towards", DECIBEL), "snr_back": ("snr_back", DECIBEL)},
    "NEIGHBORINFO_APP": {"node_id": ("node_id", NODE), "last_sent_by_id": ("last_sent_by_id", NODE),
                         "last_rx_time": ("last_rx_ms", MS)},
}


# --- the official side ---

def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def packet_bytes(frame):
    """The MeshPacket inside a whole FromRadio frame."""
    at = 4
    while at < len(frame):
        tag, at = varint(frame, at)
        if tag & 7 == 2:
            length, at = varint(frame, at)
            if tag >> 3 == 2:
                return frame[at:at + length]
            at += length
        elif tag & 7 == 0:
            _, at = varint(frame, at)
        else:
            at += 4 if tag & 7 == 5 else 8
    raise AssertionError(f"no packet in {frame.hex()}")


class Session:
    """What the official decoding says one recording has to lead to."""

    def __init__(self, name):
        self.name = name
        frames = json.loads((FOLDER / f"{name}.decoded.json").read_text())["frames"]
        self.frames = [f for f in frames if f["from"] == "radio" and "hex" in f]
        ends = [f["from"] for f in frames if f.get("event") == "eof"]
        self.hangs_up = ends[:1] == ["radio"]  # we come again, and hear all of it again
        self.me = self.artefacts = self.packets = 0
        self.told = False  # the handshake came to its end: the daemon knows whose radio it is
        self.expected, self.nodes, self.stays, self.withheld = {}, {}, set(), {"direct": 0, "admin": 0}
        for frame in self.frames:
            self.take(frame)

    def take(self, frame):
        message = frame.get("msg", {})
        if "my_info" in message:
            self.me = message["my_info"]["my_node_num"]
        if "config_complete_id" in message and self.me:
            self.told = True
        if "node_info" in message:
            self.take_node(message["node_info"].get("num", 0), message["node_info"].get("user", {}))
        if "packet" in message:
            self.take_packet(frame, message["packet"])

    def take_node(self, number, user):
        placeholder = user.get("long_name", "").startswith("Meshtastic ") and not (
            user.keys() & {"hw_model", "public_key"})
        if number and user and not placeholder:
            self.nodes.setdefault(f"!{number:08x}", []).append(user)

    def take_packet(self, frame, packet):
        self.packets += 1
        data = packet.get("decoded")
        # tests/vectors/README.md: what only a radio on simulated air gives its client.
        if data is None and (packet["from"] == self.me or packet.get("pki_encrypted")):
            self.artefacts += 1
            return
        if data is not None and data.get("portnum") == "SIMULATOR_APP":
            self.artefacts += 1
            return
        if (data or {}).get("portnum") == "NODEINFO_APP":
            self.take_node(packet["from"], frame["inner"]["payload_msg"])
        ends = {packet["from"], packet["to"]}
        if (data or {}).get("portnum") in TEXT_PORTS and EVERYBODY not in ends and not (self.told and self.me in ends):
            self.withheld["direct"] += 1  # other people's message: does not leave the site
            self.stays.add((packet["from"], packet["id"]))
            return
        if (data or {}).get("portnum") == "ADMIN_APP":
            self.withheld["admin"] += 1  # a radio's keys and passwords: do not leave it either
            return
        self.expected.setdefault((packet["from"], packet["id"]), []).append(frame)

    def best(self, key):
        """Of several receptions of one packet, the first that shows what is inside."""
        frames = self.expected[key]
        return next((f for f in frames if "decoded" in f["msg"]["packet"]), frames[0])


def leaf(form, value):
    if form == DEGREES:
        return value / 1e7
    if form == MS:
        return value * 1000
    if form == DECIBEL:
        return None if value == -128 else value / 4
    if form == NODE:
        return None if value in (0, EVERYBODY) else f"!{value:08x}"
    return value


def in_our_words(port, value):
    """An official message with our names and units."""
    if isinstance(value, dict):
        out = {}
        for name, inner in value.items():
            ours, form = WORDS.get(port, {}).get(name, (name, SAME))
            if form != SAME:
                inner = [leaf(form, v) for v in inner] if isinstance(inner, list) else leaf(form, inner)
            out[ours] = in_our_words(port, inner)
        return out
    return [in_our_words(port, v) for v in value] if isinstance(value, list) else value


def payload_of(frame):
    packet = frame["msg"]["packet"]
    data = packet.get("decoded")
    inner, out = frame.get("inner", {}), {}
    if data is not None:
        port = data.get("portnum", "UNKNOWN_APP")
        if "payload_msg" in inner:
            message = in_our_words(port, inner["payload_msg"])
            out = {NOUNS[port]: message} if port in NOUNS else message
        elif "payload_text" in inner:
            out = {"text": inner["payload_text"]}
        elif data.get("payload"):
            out = {"payload": base64.b64decode(data["payload"]).hex()}
        out |= {k: data[k] for k in ("request_id", "reply_id", "want_response") if data.get(k)}
        out |= {"emoji": True} if data.get("emoji") else {}
    else:
        out["encrypted"] = True
    return out | ({"pki_encrypted": True} if packet.get("pki_encrypted") else {})


# --- comparing ---

def number_equal(a, b):
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    same = struct.pack("<f", a) == struct.pack("<f", b)
    return same or (math.isfinite(a) and a == b)


def compare(ours, official, where):
    if isinstance(official, dict):
        assert isinstance(ours, dict) and ours.keys() == official.keys(), f"{where}: {ours} is not {official}"
        for name in official:
            compare(ours[name], official[name], f"{where}.{name}")
    elif isinstance(official, list):
        assert isinstance(ours, list) and len(ours) == len(official), f"{where}: {ours} is not {official}"
        for n, pair in enumerate(zip(ours, official)):
            compare(*pair, f"{where}[{n}]")
    elif isinstance(official, (int, float)):
        assert isinstance(ours, (int, float)) and number_equal(ours, official), f"{where}: {ours} is not {official}"
    elif isinstance(official, str) and isinstance(ours, str):
        # JSON has no bytes: the official form is base64, ours hex; 64-bit numbers are texts there.
        assert ours == official or as_hex(official) == ours, f"{where}: {ours!r} is not {official!r}"
    else:
        assert ours == official or str(ours) == official, f"{where}: {ours!r} is not {official!r}"


def as_hex(text):
    try:
        return base64.b64decode(text, validate=True).hex()
    except ValueError:
        return None


def compare_reception(session, row, frame, where):
    packet = frame["msg"]["packet"]
    (heard,) = row["receptions"]
    assert heard["radio"] == "roof" and heard["site"] == row["receptions"][0]["site"], where
    for ours, official in (("hop_limit", "hop_limit"), ("hop_start", "hop_start"), ("rssi", "rx_rssi"),
                           ("snr", "rx_snr")):
        compare(heard.get(ours, 0), packet.get(official, 0), f"{where}.{ours}")
    via = set(heard.get("via", [])) - {"backlog"}
    transport = packet.get("transport_mechanism", "")
    assert ("echo" in via) == (session.told and packet["from"] == session.me), f"{where}: via {via}"
    assert ("udp" in via) == ("UDP" in transport), f"{where}: via {via}, {transport}"
    assert ("mqtt" in via) == ("MQTT" in transport or packet.get("via_mqtt", False)), f"{where}: via {via}"


def compare_packet(session, row, key):
    frame, first = session.best(key), session.expected[key][0]
    packet, where = frame["msg"]["packet"], f"{session.name} {row['id']}"
    data = packet.get("decoded")
    assert row["raw"] == packet_bytes(bytes.fromhex(frame["hex"])).hex(), f"{where}: raw {row['raw']}"
    assert row["network"] == "meshtastic" and not row.get("simulated"), where
    assert row["from"] == f"!{packet['from']:08x}", where
    assert row.get("to") == (None if packet["to"] == EVERYBODY else f"!{packet['to']:08x}"), f"{where}: to"
    assert row.get("type") == (None if data is None else data.get("portnum", "UNKNOWN_APP")), f"{where}: type"
    kind = "hash" if data is None else "index"
    assert row["channel"] == {kind: packet.get("channel", 0)}, f"{where}: channel {row['channel']}"
    compare(row.get("payload", {}), payload_of(frame), where)
    compare_reception(session, row, first, where)


def compare_node(session, site, number, users):
    rows = {row["id"]: row for row in site.every("node", "list")}
    row = rows.get(number, {})
    for ours, official, default in (("long_name", "long_name", None), ("short_name", "short_name", None),
                                    ("hardware", "hw_model", None), ("role", "role", "CLIENT")):
        said = [u.get(official, default) for u in users]
        assert row.get(ours) in said, f"{session.name} {number}: {ours} {row.get(ours)!r} is none of {said}"


# --- one session through one daemon ---

def counters(site):
    return {c["name"]: c["value"] for c in site.items("stats")}


ENDS_OF_A_PACKET = tuple("port.packets." + end for end in (
    "taken", "artefact", "recalled", "repeated", "admin", "dropped"))


def settled_counters(session, site):
    """What came before the radio said who it is has no end yet: each waits its own 3 s, artefacts too."""
    def settled():
        c = counters(site)
        return c if c["port.packets.seen"] == sum(c[n] for n in ENDS_OF_A_PACKET) else None
    return wait_until(f"{session.name}: each packet has come to an end", settled)


def check_sums(c, where):
    """Nothing is lost without a name: everything seen is taken or counted with a reason."""
    def parts(whole, *names):
        assert c[whole] == sum(c[n] for n in names), f"{where}: {whole} {c[whole]}, { {n: c[n] for n in names} }"
    parts("port.frames.seen", "port.frames.taken", "port.frames.malformed", "port.frames.too_large",
          "port.frames.empty")
    parts("port.packets.seen", *ENDS_OF_A_PACKET)
    parts("port.packets.taken", "publish.seen")
    parts("publish.seen", "publish.taken", *[n for n in c if n.startswith(("publish.withheld.", "publish.dropped."))])
    parts("ingest.seen", "ingest.taken", *[n for n in c if n.startswith("ingest.dropped.")])
    for name in ("port.bytes.dropped", "port.packets.dropped", "port.frames.too_large", "port.cache.dropped",
                 "publish.dropped.full", "publish.dropped.too_large", "publish.dropped.unnamed"):
        assert c[name] == 0, f"{where}: {name} = {c[name]}"


def check_counters(session, c):
    where = session.name
    check_sums(c, where)
    # A radio that hung up, or never said who it is, is asked again and tells everything again.
    again = c["port.handshakes.asked"] > 1 and (session.hangs_up or not session.told)
    bad = sum("error" in f for f in session.frames)
    empty = sum(not f.get("msg") and "error" not in f for f in session.frames)
    exact = {"port.frames.taken": len(session.frames) - bad - empty, "port.frames.malformed": bad,
             "port.frames.empty": empty, "port.packets.seen": session.packets,
             "port.packets.artefact": session.artefacts, "publish.withheld.direct": session.withheld["direct"],
             "publish.withheld.admin": session.withheld["admin"]}
    for name, value in exact.items():
        assert c[name] == value or (again and c[name] > value), f"{where}: {name} {c[name]}, not {value}"
    skipped = sum(len(f.get("skipped_before", "")) // 2 for f in session.frames)
    assert c["port.bytes.skipped"] >= skipped, f"{where}: {c['port.bytes.skipped']} bytes skipped of {skipped}"
    assert c["port.handshakes.done"] >= session.told, where


def check_times(session, site, rows, begin_ms):
    radio = site.ctl("radio", "show", "roof")
    end_ms = time.time() * 1000  # read last: a radio that hung up changes its state while we look
    (same,) = site.items("radio", "list")
    assert {k: v for k, v in radio.items() if k in same} == same or session.hangs_up, (radio, same)
    shown = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "radio", "show", "roof")).stdout
    assert re.search(r"since\S* +(now|\d+s ago)", shown), f"{session.name}: {shown}"
    assert re.search(r"last_rx\S* +(now|\d+s ago)", shown) or not rows, f"{session.name}: {shown}"
    assert begin_ms <= radio["since_ms"] <= end_ms, f"{session.name}: since {radio['since_ms']}"
    assert (radio["state"] == "connected") == session.told or session.hangs_up, f"{session.name}: {radio}"
    if session.told:
        assert radio["node"]["id"] == f"!{session.me:08x}", f"{session.name}: {radio}"
        names = [u.get("long_name") for u in session.nodes.get(radio["node"]["id"], [])]
        assert radio["node"].get("name") in names, f"{session.name}: {radio['node']} is none of {names}"
    for row in rows:
        assert begin_ms <= row["time_ms"] <= end_ms, f"{session.name} {row['id']}: time {row['time_ms']}"
        assert row["receptions"][0]["time_ms"] == row["time_ms"], f"{session.name} {row['id']}: times differ"
        assert row["time_ms"] <= radio["last_rx_ms"] <= end_ms, f"{session.name}: last_rx {radio['last_rx_ms']}"
    if session.told and not session.hangs_up:
        assert radio["rx_packets"] == session.packets - session.artefacts, f"{session.name}: {radio}"


def start_player(world, session, site, serial):
    line = ["--pty"] if serial else ["--tcp", "127.0.0.1:0"]
    argv = site.command(program("player"), *line, "--chunked", "--speed", SPEED,
                        str(FOLDER / f"{session.name}.jsonl"))
    player = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    world.others.append(player)
    where = player.stdout.readline().strip()
    config = site.dir / "meshd.conf"
    config.write_text(f'[radio "roof"]\n{"device" if serial else "host"} = {where}\n')
    site.args = ["--config", str(config)]


def check_local(session, rows):
    """What does not leave the site is kept at it and says so.  The rows that may leave."""
    local = {r["id"] for r in rows if r.get("local")}
    stays = {f"mt:{sender:08x}:{number:08x}" for sender, number in session.stays}
    assert local == stays, f"{session.name}: {local ^ stays} are local here or there"
    return [r for r in rows if not r.get("local")]


def check_session(world, session, site, serial):
    start_player(world, session, site, serial)
    begin_ms = time.time() * 1000 - 1
    site.start()
    names = {f"mt:{sender:08x}:{number:08x}": (sender, number) for sender, number in session.expected}
    wait_until(f"{session.name}: all {len(session.frames)} frames came", lambda: counters(
        site)["port.frames.seen"] >= len(session.frames), 60)
    wanted = {f"mt:{sender:08x}:{number:08x}" for sender, number in session.stays} | names.keys()
    wait_until(f"{session.name}: {len(wanted)} packets are stored", lambda: wanted <= {
        row["id"] for row in site.every("packet", "list")})
    rows = check_local(session, site.every("packet", "list"))
    assert sorted(r["id"] for r in rows) == sorted(names), (
        f"{session.name}: {sorted(set(r['id'] for r in rows) ^ set(names))} differ")
    for row in rows:
        compare_packet(session, row, names[row["id"]])
    for number, users in session.nodes.items():
        wait_until(f"{session.name}: node {number}", lambda: number in {
            row["id"] for row in site.every("node", "list") if "long_name" in row})
        compare_node(session, site, number, users)
    check_counters(session, settled_counters(session, site))
    check_times(session, site, rows, begin_ms)
    code, _ = site.stop(seconds=30)
    assert code == 0, f"{session.name}: exit {code}"
    return len(rows)


def recordings():
    names = sorted(p.name.removesuffix(".jsonl") for p in FOLDER.glob("*.jsonl"))
    return [n for n in names if not n.endswith(".udp")]  # datagrams, not a session with a client


def run(serial, names):
    begin = time.monotonic()
    with World(net=True) as world:
        places = queue.Queue()
        for n in range(WORKERS):
            places.put(world.net.add(f"w{n}"))
        numbers = itertools.count()

        def one(name):
            place = places.get()
            site = world.site(f"s{next(numbers)}", ns=place)
            session = Session(name)
            try:
                return check_session(world, session, site, serial), session
            finally:
                site.kill()
                places.put(place)

        faults, packets, withheld = [], 0, 0
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for name, done in [(n, pool.submit(one, n)) for n in names]:
                if done.exception():
                    faults.append(f"{name}: {str(done.exception())[:600]}")
                    continue
                count, session = done.result()
                packets += count
                withheld += sum(session.withheld.values())
        how = "pty" if serial else "tcp"
        figure(f"recordings_{how}", len(names), "sessions")
        figure(f"recordings_{how}_packets", packets, "packets")
        figure(f"recordings_{how}_withheld", withheld, "packets")
        figure(f"recordings_{how}_s", round(time.monotonic() - begin, 1), "s")
        if faults:
            world.sites.clear()  # their logs would bury what is wrong
            sys.exit("\n".join(faults))
        assert names and packets > 0, "nothing was played"


if __name__ == "__main__":
    words = sys.argv[1:]
    over_serial = words[:1] == ["pty"]
    chosen = words[1:] if words[:1] in (["pty"], ["tcp"]) else words
    run(over_serial, chosen or recordings())
