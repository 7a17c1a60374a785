"""B of a line A-B-C is killed: A and C show it dead, and each other unreachable, within 15 s.  B comes
back: alive, its boot is higher; old datagrams that are played again change nothing."""
import subprocess
import sys
import time

from world import World, figure, wait_until

CAPTURE = """
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
taken = 0
while taken < int(sys.argv[1]):
    p = s.recv(65535)
    head = (p[0] & 15) * 4
    if p[9] == 17 and struct.unpack('>H', p[head + 2:head + 4])[0] == 4470:
        print(p[head + 8:].hex(), flush=True)
        taken += 1
"""
REPLAY = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for line in sys.stdin:
    s.sendto(bytes.fromhex(line.strip()), (sys.argv[1], 4470))
"""


def state(site, peer):
    p = site.peer(peer)
    return p.get("state"), p.get("reason")


def main():
    with World(net=True) as world:
        a, b, c = world.line("a", "b", "c", demo=False)
        world.start_all(a, b, c)
        for site, others in ((a, "bc"), (b, "ac"), (c, "ab")):
            for other in others:
                wait_until(f"{site.name} sees {other}", lambda: state(site, other)[0] == "alive")
        boot = wait_until("its boot is known", lambda: a.peer("b").get("boot"))
        tap = subprocess.Popen(a.command(sys.executable, "-c", CAPTURE, "8"), stdout=subprocess.PIPE, text=True)
        world.others.append(tap)
        old = tap.communicate(timeout=30)[0].split()
        assert len(old) == 8, "datagrams were not captured"

        b.kill()
        begin = time.monotonic()
        wait_until("A shows B dead", lambda: state(a, "b") == ("dead", "silent"), 15)
        wait_until("C shows B dead", lambda: state(c, "b") == ("dead", "silent"), 15)
        figure("kill_to_dead_s", round(time.monotonic() - begin, 2), "s")
        wait_until("C is unreachable at A", lambda: state(a, "c") == ("dead", "unreachable"), 15)
        wait_until("A is unreachable at C", lambda: state(c, "a") == ("dead", "unreachable"), 15)
        figure("kill_to_unreachable_s", round(time.monotonic() - begin, 2), "s")
        assert time.monotonic() - begin < 15

        b.start()
        wait_until("B is alive again at A", lambda: state(a, "b")[0] == "alive", 20)
        wait_until("C is alive again at A", lambda: state(a, "c")[0] == "alive", 20)
        wait_until("the boot number rose", lambda: a.peer("b").get("boot", 0) > boot)

        wait_until("all have the same again", lambda: len({tuple(sorted(
            (s["site"], s["key"]) for s in site.items("state", "list"))) for site in (a, b, c)}) == 1)
        before = (a.items("packet", "list"), a.items("state", "list"), a.items("alert", "list"))
        target = "10.77.1.1"
        done = subprocess.run(b.command(sys.executable, "-c", REPLAY, target), input="\n".join(old), text=True)
        assert done.returncode == 0
        refused = ("rx.sid", "rx.replay", "rx.data_tag", "rx.beacon_old", "rx.hs_identity", "rx.hs_tag")
        wait_until("the replayed datagrams are counted",
                   lambda: sum(a.counter(n) or 0 for n in refused) >= len(old) // 2)
        assert state(a, "b")[0] == "alive"
        after = (a.items("packet", "list"), a.items("state", "list"), a.items("alert", "list"))
        assert [len(x) for x in before] == [len(x) for x in after], "a replay changed something"


if __name__ == "__main__":
    main()
