"""What Meshtastic nodes multicast on a site's network is heard: `device = udp:INTERFACE`, with keys opened; the copy of
a relay is no second reception; what other sites may know of it, they know."""
import json
import pathlib
import subprocess
import sys

import fake_radio
from world import World, wait_until

TRUTH = json.loads((pathlib.Path(fake_radio.VECTORS) / "crypto.json").read_text())
SENDER = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
for line in sys.argv[2:]:
    s.sendto(bytes.fromhex(line), ("224.0.0.69", 4403))
"""


# "hello", and its sender agrees that it is carried over the internet.
HELLO = {"from": 0x11223344, "to": 0xFFFFFFFF, "id": 0x01020304, "channel_hash": 8,
         "encrypted": "3342fa3868e1e66a735092"}


def sealed(text):
    return next(p for p in TRUTH["packets"] if p["inner"].get("payload_text") == text and p["method"] == "aes-ctr")


def datagram(p, hops):
    return b"".join([fake_radio.field(1, 5, p["from"]), fake_radio.field(2, 5, p["to"]),
                     fake_radio.field(3, 0, p["channel_hash"]), fake_radio.field(5, 2, bytes.fromhex(p["encrypted"])),
                     fake_radio.field(6, 5, p["id"]), fake_radio.field(9, 0, hops), fake_radio.field(15, 0, 3)])


def packet(site, packet_id):
    return next((p for p in site.items("packet", "list", quiet=True) if p["id"].endswith(f"{packet_id:08x}")), None)


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        keys = a.state.parent / "keys"
        keys.write_text("channel LongFast AQ==\n")
        address = "10.77.1.1"
        a.settings += ["radio.ether.driver=meshtastic", f"radio.ether.device=udp:{address}",
                       f"radio.ether.keys_file={keys}"]
        world.start_all(a, b)
        wait_until("A and B see each other", lambda: b.peer("a").get("state") == "alive" == a.peer("b").get("state"))
        wait_until("A listens", lambda: any(r["state"] == "connected" for r in a.items("radio", "list")))
        private, foreign = sealed("while you were away 0"), next(p for p in TRUTH["packets"] if p["method"] == "pkc")
        lines = [datagram(private, 3), datagram(HELLO, 3), datagram(HELLO, 2), b"garbage", datagram(foreign, 3)]
        subprocess.run(a.command(sys.executable, "-c", SENDER, address, *(d.hex() for d in lines)), check=True)
        seen = wait_until("the text at B", lambda: packet(b, HELLO["id"]))
        assert seen["payload"]["text"] == "hello", seen
        assert sorted(seen["receptions"][0]["via"]) == ["decrypted", "udp"], seen
        assert "rssi" not in seen["receptions"][0] and seen["channel"] == {"hash": 8}
        kept = wait_until("the other at A", lambda: packet(a, private["id"]))
        assert kept["payload"]["text"] == private["inner"]["payload_text"] and kept["local"] is True, kept
        assert packet(b, private["id"]) is None
        wait_until("it is counted", lambda: a.counter("publish.withheld.private") == 1)
        wait_until("the direct message, shut", lambda: packet(a, foreign["id"]))
        assert "type" not in packet(a, foreign["id"])
        wait_until("and what was not taken", lambda: a.counter("port.packets.repeated") == a.counter("port.frames.malformed") == 1)
        radio = a.items("radio", "list")[0]
        assert radio["driver"] == "meshtastic-udp" and radio["link"]["address"] == f"udp:{address}", radio


if __name__ == "__main__":
    main()
