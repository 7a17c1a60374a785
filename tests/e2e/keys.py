"""Keys beside the radio's own: with `keys_file` a site reads a channel that its radio does not have, and says so; a
line that is wrong is named in the log, and the radio is used without the file."""
import base64
import json
import os
import pathlib

import fake_radio
from world import FakeRadio, World, wait_until

TRUTH = json.loads((pathlib.Path(fake_radio.VECTORS) / "crypto.json").read_text())
SHUT, SEALED = (next(p for p in TRUTH["packets"] if p.get("channel_name") == name) for name in ("vec128", "vec256"))
PSK = base64.b64encode(bytes.fromhex(next(c["psk"] for c in TRUTH["channels"] if c["name"] == "vec256"))).decode()


def frame(sealed):
    body = b"".join([fake_radio.field(1, 5, sealed["from"]), fake_radio.field(2, 5, sealed["to"]),
                     fake_radio.field(3, 0, sealed["channel_hash"]),
                     fake_radio.field(5, 2, bytes.fromhex(sealed["encrypted"])), fake_radio.field(6, 5, sealed["id"]),
                     fake_radio.field(9, 0, 2), fake_radio.field(15, 0, 3)])
    return "hex " + fake_radio.frame(fake_radio.field(2, 2, body)).hex()


def packet(site, packet_id):
    return next((p for p in site.items("packet", "list", quiet=True) if p["id"].endswith(f"{packet_id:08x}")), None)


def restart(site, radio):
    before = radio.count("configured")
    assert site.stop()[0] == 0
    site.start()
    wait_until("the radio is configured", lambda: radio.count("configured") > before)


def main():
    with World(net=True) as world:
        a, _ = world.line("a", "b", demo=False)
        keys = a.state.parent / "a.keys"
        keys.write_text(f"# ours\nchannel vec256 {PSK}\nchannell typo AQ==\n")
        os.chmod(keys, 0o644)
        a.settings += ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1", f"radio.roof.keys_file={keys}"]
        radio = FakeRadio(world, a, recording="text_broadcast.b")
        a.start()
        wait_until("the radio is configured", lambda: "configured" in radio.lines)
        assert "line 3: wanted: channel or secret" in a.log() and str(keys) in a.log(), a.log()
        radio.say(frame(SHUT))
        shut = wait_until("the packet", lambda: packet(a, SHUT["id"]))
        assert "type" not in shut and shut["channel"] == {"hash": SHUT["channel_hash"]}, shut
        wait_until("it is counted", lambda: a.counter("port.packets.shut") == 1)

        keys.write_text(f"# ours\nchannel vec256 {PSK}\n")
        restart(a, radio)
        radio.say(frame(SEALED))
        opened = wait_until("it is read", lambda: packet(a, SEALED["id"]))
        assert opened["type"] == SEALED["data"]["portnum"], opened
        assert opened["payload"]["text"] == SEALED["inner"]["payload_text"], opened
        assert opened["channel"] == {"hash": SEALED["channel_hash"]}, opened
        assert "decrypted" in opened["receptions"][0]["via"], opened
        wait_until("that, too", lambda: a.counter("port.packets.opened") == 1)
        assert keys.stat().st_mode & 0o077 == 0, "others may not read it any more"
        everything = a.ctl("radio", "list"), a.ctl("state", "list"), a.log()
        assert PSK not in json.dumps(everything), "a key is shown"


if __name__ == "__main__":
    main()
