"""A Meshtastic radio for end-to-end tests, as good or as bad as its input says.

fake_radio.py ADDRESS:PORT [RECORDING]

Answers want_config as the radio of a recorded session did, then does what lines on stdin say:
  packet FROM PORT ID TEXT...   a broadcast packet with this payload (text)
  hex BYTES                     these raw bytes
  garbage N                     N bytes that never start a frame
  queue FROM PORT ID TEXT...    the same, once somebody is there who was told the configuration; says "handed ID"
  close | reset | half          closes the connection, resets it, or closes it amid a frame (the next is accepted)
  twice                         hands the last queued packet out again, then closes
  reboot SECONDS                closes the connection and its port, and comes back after that
  starts N                      from now on it says that it has started N times in its life
  idle SECONDS                  from now on it closes a connection on which nothing was said for so long
  deaf | hearing                stops | starts answering anything
  mute | taking                 stops | starts answering for packets it is given
  refuse RES [FREE]             its queue refuses packets with that error (0: takes them), and says so many places
  route FROM PACKET ERROR       FROM says by Routing what became of our PACKET (0: it came)
  answer FROM PACKET PORT       FROM answers our PACKET by that port
  echo WORD                     says "echo WORD": all that it said before has been read then
Writes "accepted N", "configured" and "sent PACKET PORT TO TEXT" lines to stdout, "admin PACKET" for what is for itself, and
"at PACKET SECONDS": when it was given the packet, by the steady clock.
Like the firmware, the newest client wins; a second accept while one is open is reported as "while-open".
"""
import json
import pathlib
import select
import socket
import struct
import sys
import time

OWN = 0x10
VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "meshtastic"


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, wire, value):
    if wire == 5:
        return varint(number << 3 | 5) + struct.pack("<I", value)
    if wire == 0:
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def frame(body):
    return b"\x94\xc3" + struct.pack(">H", len(body)) + body


def packet(sender, port, packet_id, payload, snr=6.25, rssi=-71):
    data = field(1, 0, port) + field(2, 2, payload)
    mesh = field(1, 5, sender) + field(2, 5, 0xFFFFFFFF) + field(4, 2, data) + field(6, 5, packet_id)
    mesh += varint(8 << 3 | 5) + struct.pack("<f", snr) + field(9, 0, 2)
    mesh += field(12, 0, rssi & 0xFFFFFFFFFFFFFFFF) + field(15, 0, 3)
    return frame(field(2, 2, mesh))


def routing(sender, request, port, payload, rx_time=0):
    data = field(1, 0, port) + field(2, 2, payload) + field(6, 5, request)
    mesh = field(1, 5, sender) + field(2, 5, OWN) + field(4, 2, data) + field(6, 5, request ^ 0x5A5A5A00 ^ port)
    if rx_time:
        mesh += field(7, 5, rx_time)
    return frame(field(2, 2, mesh))


def members(body):
    """A message's members by number, the last of each."""
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = body[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value
    while at < len(body):
        tag = number()
        if tag & 7 == 0:
            found[tag >> 3] = number()
        elif tag & 7 == 2:
            length = number()
            found[tag >> 3] = body[at:at + length]
            at += length
        else:
            found[tag >> 3] = struct.unpack_from("<I", body, at)[0]
            at += 4
    return found


def field_one(message):
    """The number in a message's first field, which is field 1; and where the next begins."""
    value = shift = 0
    for at, byte in enumerate(message[1:], 1):
        value, shift = value | (byte & 127) << shift, shift + 7
        if byte < 128:
            return value, at + 1
    raise ValueError(message.hex())


def recorded_handshake(name):
    """The frames of one recorded handshake, config_complete left out."""
    stream = b"".join(bytes.fromhex(c["hex"]) for c in map(json.loads, open(VECTORS / f"{name}.jsonl"))
                      if c["from"] == "radio" and "hex" in c)
    frames = []
    while stream:
        length = struct.unpack(">H", stream[2:4])[0]
        body, stream = stream[4:4 + length], stream[4 + length:]
        if body[:1] == b"\x38":  # config_complete_id
            break
        frames.append(frame(body))
    return frames


class Radio:
    def __init__(self, address, port, recording):
        self.handshake = recorded_handshake(recording)
        self.server = socket.create_server((address, port))
        self.where, self.back = (address, port), None
        self.client, self.received, self.deaf, self.accepted = None, b"", False, 0
        self.configured, self.queue, self.last = False, [], b""
        self.patience, self.heard = None, 0.0
        self.mute, self.refusal, self.places = False, 0, 15

    def accept(self):
        client, _ = self.server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what it says it has handed out is not held back here
        self.accepted += 1
        self.look_for_the_end()
        say(f"accepted {self.accepted}{' while-open' if self.client else ''}")
        self.drop()
        self.client, self.received, self.heard = client, b"", time.monotonic()

    def look_for_the_end(self):
        """The one before may have gone already; what it still said is nobody's."""
        while self.client and select.select([self.client], [], [], 0)[0]:
            self.read()

    def drop(self):
        if self.client:
            self.client.close()
        self.client, self.configured = None, False

    def reset(self):
        if self.client:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.drop()

    def reboot(self, seconds):
        self.drop()
        self.server.close()
        self.back = time.monotonic() + seconds

    def come_back(self):
        """Seconds until the port is to be opened again; None: it is open."""
        if self.back is None or time.monotonic() < self.back:
            return self.back and self.back - time.monotonic()
        self.server, self.back = socket.create_server(self.where), None
        return None

    def next_look(self):
        """Seconds until something is due by itself; None: nothing is."""
        away = self.come_back()
        left = None if self.patience is None or not self.client else self.heard + self.patience - time.monotonic()
        if left is not None and left <= 0:
            left = self.drop()
        return min((s for s in (away, left) if s is not None), default=None)

    def hand_out(self):
        while self.queue and self.client and self.configured:
            number, self.last = self.queue[0]
            self.send(self.last)
            if self.client:
                say(f"handed {number}")
                self.queue.pop(0)

    def send(self, data):
        if self.client:
            try:
                self.client.sendall(data)
            except OSError:
                self.drop()

    def read(self):
        try:
            data = self.client.recv(65536)
        except OSError:
            data = b""
        if not data:
            return self.drop()
        self.received, self.heard = self.received + data, time.monotonic()
        while (start := self.received.find(b"\x94\xc3")) >= 0 and len(self.received) >= start + 4:
            length = struct.unpack(">H", self.received[start + 2:start + 4])[0]
            body = self.received[start + 4:start + 4 + length]
            if len(body) < length:
                return
            self.received = self.received[start + 4 + length:]
            if not self.deaf:
                self.answer(body)

    def answer(self, body):
        if body[:1] == b"\x18":  # want_config_id: the rest is its varint
            for one in self.handshake:
                self.send(one)
            self.send(frame(b"\x38" + body[1:]))
            self.configured = True
            say("configured")
            self.hand_out()
        elif body[:1] == b"\x0a":  # packet
            self.take(members(members(body)[1]))
        elif body[:1] == b"\x3a":  # heartbeat
            self.send(frame(bytes.fromhex("5a0410101810")))

    def take(self, mesh):
        data = members(mesh[4])
        if data[1] == 6 and mesh[2] == OWN:  # about itself: never on the air, and its clock is right
            say(f"admin {mesh[6]:08x}")
            if not self.mute:
                self.send(routing(OWN, mesh[6], 6, b"\x6a\x00", int(time.time())))
            return
        text = bytes(data.get(2, b"")).decode(errors="replace")
        say(f"at {mesh[6]:08x} {time.monotonic():.3f}")
        say(f"sent {mesh[6]:08x} {data[1]} {mesh[2]:08x} {text}")
        if not self.mute:
            self.send(frame(field(11, 2, field(1, 0, self.refusal) + field(2, 0, self.places) + field(3, 0, 16) +
                                  field(4, 0, mesh[6]))))

    def obey(self, line):
        word, *rest = line.split(" ", 4) if line.startswith(("packet", "queue")) else line.split()
        if word == "packet":
            sender, port, packet_id, text = rest
            self.send(packet(int(sender, 0), int(port, 0), int(packet_id, 0), text.encode()))
        elif word == "queue":
            sender, port, packet_id, text = rest
            self.queue.append((packet_id, packet(int(sender, 0), int(port, 0), int(packet_id, 0), text.encode())))
            self.hand_out()
        elif word == "twice":
            self.send(self.last)
            self.drop()
        elif word == "half":
            self.send(packet(0x11, 1, 0xFFFFFF, b"never whole")[:20])
            self.drop()
        elif word == "reset":
            self.reset()
        elif word == "reboot":
            self.reboot(float(rest[0]))
        elif word == "starts":
            node = self.handshake[0][6:]  # FromRadio.my_info{my_node_num, ...}, cut after the first field
            number, _ = field_one(node)
            self.handshake[0] = frame(field(3, 2, field(1, 0, number) + field(8, 0, int(rest[0]))))
        elif word == "idle":
            self.patience = float(rest[0])
        elif word == "hex":
            self.send(bytes.fromhex(rest[0]))
        elif word == "garbage":
            self.send(bytes(i % 0x90 for i in range(int(rest[0]))))
        elif word == "close":
            self.drop()
        elif word in ("mute", "taking"):
            self.mute = word == "mute"
        elif word == "refuse":
            self.refusal = int(rest[0])
            self.places = int(rest[1]) if len(rest) > 1 else 15
        elif word == "route":
            sender, request, error = rest
            self.send(routing(int(sender, 0), int(request, 16), 5, bytes([0x18, int(error)])))
        elif word == "answer":
            sender, request, port = rest
            self.send(routing(int(sender, 0), int(request, 16), int(port), b""))
        elif word in ("deaf", "hearing"):
            self.deaf = word == "deaf"
        elif word == "echo":
            say(line)


def say(text):
    print(text, flush=True)


def main():
    address, port = sys.argv[1].rsplit(":", 1)
    radio = Radio(address, int(port), sys.argv[2] if len(sys.argv) > 2 else "handshake_cli_info")
    say("listening")
    pending = b""
    while True:
        due = radio.next_look()
        watch = [sys.stdin.buffer] + ([radio.server] if radio.back is None else []) + (
            [radio.client] if radio.client else [])
        ready, _, _ = select.select(watch, [], [], due)
        # An order first: who gave it and then had the daemon say something means the order to count for that.
        if sys.stdin.buffer in ready:
            data = sys.stdin.buffer.raw.read(65536)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                radio.obey(line.decode())
        elif radio.server in ready:
            radio.accept()
        elif radio.client in ready:
            radio.read()


if __name__ == "__main__":
    main()
