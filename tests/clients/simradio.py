#!/usr/bin/env python3
"""The official Python client uses the simulated radio as it would a real one, over TCP and over a serial line.

    simradio.py PROGRAM

Reads nodes and configuration, changes its name, sends a text and gets the ACK, traces a route, and hears the mesh.
Needs PyPI `meshtastic`.
"""
import os
import subprocess
import sys
import threading
import traceback


def skip(why):
    print("skipped:", why)
    sys.exit(1 if os.environ.get("MESHD_REQUIRE_ALL") == "1" else 77)


try:
    import meshtastic.serial_interface
    import meshtastic.tcp_interface
    from pubsub import pub
except ImportError as e:
    skip(f"no official library: {e}")

NODES = 20
TEXT = 1  # the port
PATIENCE = 60


class Radio:
    def __init__(self, program, *options):
        self.process = subprocess.Popen([program, "--one-client", "--interval", "200", "--nodes", str(NODES), *options],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.where = self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.write("quit\n")
        self.process.stdin.close()
        self.process.stdout.read()
        assert self.process.wait(PATIENCE) == 0, "it ended by itself: a second client?"


class Answers:
    """Packets as the library hands them over, to be waited for."""

    def __init__(self):
        self.lock = threading.Condition()
        self.packets = []

    def take(self, packet, interface=None):
        with self.lock:
            self.packets.append(packet)
            self.lock.notify_all()

    def wait(self, what, condition):
        with self.lock:
            assert self.lock.wait_for(lambda: any(map(condition, self.packets)), PATIENCE), f"{what} did not come"


def reason(packet):
    return packet["decoded"].get("routing", {}).get("errorReason")


def check(interface):
    heard = Answers()
    pub.subscribe(heard.take, "meshtastic.receive")
    assert len(interface.nodes) == NODES + 1, len(interface.nodes)
    assert interface.metadata.firmware_version.startswith("2.7."), interface.metadata
    local = interface.localNode
    assert local.localConfig.lora.hop_limit == 3 and local.localConfig.lora.tx_enabled
    assert len(local.channels) == 8 and local.channels[0].role == 1
    me = interface.myInfo.my_node_num
    other = next(n["num"] for n in interface.nodes.values() if n["num"] != me)

    acks = Answers()
    interface.sendData(b"hello", destinationId=other, portNum=TEXT, wantAck=True, onResponse=acks.take,
                       onResponseAckPermitted=True)
    acks.wait("a relay of it", lambda p: reason(p) == "NONE" and p["from"] == me)
    heard.wait("the ACK", lambda p: reason(p) == "NONE" and p["from"] == other)

    interface.sendTraceRoute(other, 3)

    local.setOwner(long_name="Another name", short_name="ANO")
    heard.wait("the mesh", lambda p: p["from"] not in (me, other))
    pub.unsubscribe(heard.take, "meshtastic.receive")


def connect(where):
    if ":" not in where:
        return meshtastic.serial_interface.SerialInterface(devPath=where)
    host, port = where.rsplit(":", 1)
    return meshtastic.tcp_interface.TCPInterface(host, portNumber=int(port))


def main():
    program = sys.argv[1]
    for options in ([], ["--pty"], ["--replays"]):
        radio = Radio(program, *options)
        interface = connect(radio.where)
        if "--replays" not in options:
            check(interface)
        interface.close()
        interface = connect(radio.where)
        name = interface.getMyUser()["longName"]
        assert "--replays" in options or name == "Another name", name
        interface.close()
        radio.end()


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # the library's threads would wait for ever
