"""A radio's link is recorded: without a key or a place of it, and so that it plays like any other recording."""
import json
import signal
import subprocess

from world import VECTORS, SimRadio, World, program, sh, wait_until

LIKE = VECTORS / "meshtastic" / "handshake_cli_info.jsonl"
RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403"]
PLACE = bytes.fromhex("0d21436505" "15a9cbed08")  # Position{latitude_i, longitude_i}
WORDS = "nobody should read this"


def secrets():
    """Keys, passwords and names in the configuration that the radio has."""
    for frame in json.loads((VECTORS / "meshtastic" / "handshake_cli_info.decoded.json").read_text())["frames"]:
        msg = frame.get("msg", {})
        security = msg.get("config", {}).get("security", {})
        mqtt = msg.get("moduleConfig", {}).get("mqtt", {})
        yield from ((security[k], True) for k in ("private_key", "public_key") if k in security)
        yield from ((mqtt[k], False) for k in ("password", "username", "address") if k in mqtt)
        if "node_info" in msg:
            yield msg["node_info"]["user"]["long_name"], False


def held(recording, secret, is_base64):
    import base64
    return (base64.b64decode(secret) if is_base64 else secret.encode()) in recording


def bytes_of(file):
    """All that was said in whole lines."""
    return b"".join(bytes.fromhex(json.loads(line).get("hex", "")) for line in file.read_text().splitlines(keepends=True)
                    if line.endswith("\n"))


def node_of(site):
    return site.items("radio", "list")[0].get("node", {}).get("id")


def main():
    with World(net=True) as world:
        for name in "ab":
            world.net.add(name)
        site = world.site("a", ns=world.net.names[0], settings=RADIO)
        radio = SimRadio(world, site, "--like", str(LIKE), "--silent")
        site.start()
        wait_until("connected", lambda: site.items("radio", "list")[0]["state"] == "connected", 20)
        file = world.dir / "mine.jsonl"
        accepted = radio.count("accepted")
        recorder = subprocess.Popen(site.command(program("meshctl"), "--socket", str(site.socket), "--timeout", "20s",
                                                 "radio", "record", "roof", str(file), "--for", "5m"), stdout=subprocess.DEVNULL)
        world.others.append(recorder)
        wait_until("a link that is recorded from its beginning", lambda: radio.count("accepted") > accepted)
        wait_until("connected", lambda: site.items("radio", "list")[0]["state"] == "connected", 20)
        radio.say(f"text 0x11 77 {WORDS}")
        packet = bytes.fromhex("0d11000000" "15ffffffff" "220e" "0803" "120a") + PLACE + bytes.fromhex("354e000000")
        radio.say("hear " + packet.hex())
        wait_until("both are heard", lambda: {"mt:00000011:0000004d", "mt:00000011:0000004e"} <= {
            row["id"] for row in site.items("packet", "list")})
        wait_until("and recorded", lambda: file.read_text().count('"from"') > 20 and b"x" * len(WORDS) in bytes_of(file))
        recorder.send_signal(signal.SIGINT)
        assert recorder.wait(30) == 0
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        recording = bytes_of(file)
        assert {line["from"] for line in lines} == {"client", "radio"}, lines[:3]
        assert [line["t_ms"] for line in lines] == sorted(line["t_ms"] for line in lines)
        everything = list(secrets())
        assert len(everything) >= 5
        for secret, is_base64 in everything:
            assert not held(recording, secret, is_base64), secret
        assert WORDS.encode() not in recording and PLACE[1:5] not in recording and PLACE[6:] not in recording
        assert b"x" * len(WORDS) in recording

        radio.process.kill()  # it is waited for from here on
        wait_until("in its pause", lambda: site.items("radio", "list")[0]["state"] == "waiting", 30)
        none = world.dir / "none.jsonl"
        done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "radio", "record", "roof", str(none),
                                "--for", "100ms"), check=False)
        assert done.returncode == 1 and "nothing went over its link" in done.stderr and "refused" in done.stderr, done
        assert not none.exists(), "an empty file is in the way of the next recording"
        done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "radio", "record", "barn", str(none)),
                  check=False)
        assert done.returncode == 4 and not none.exists(), done

        other = world.site("b", ns=world.net.names[1], settings=RADIO)
        world.play_file(other, file)
        other.start()
        wait_until("it plays as a radio", lambda: other.items("radio", "list")[0]["state"] == "connected", 30)
        assert node_of(other) == node_of(site)
        wait_until("what it heard", lambda: {"mt:00000011:0000004d", "mt:00000011:0000004e"} <= {
            row["id"] for row in other.items("packet", "list")})


if __name__ == "__main__":
    main()
