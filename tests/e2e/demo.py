"""tools/demo reaches three agreeing sites; killing one makes --exec fail within 30 s; a port in use is named; and
not one packet leaves the machine: a dummy interface's transmit counter stays 0."""
import pathlib
import subprocess
import sys
import time

from world import Net, figure, sh

DEMO = str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools/demo")


def demo(ns, command, **kw):
    begin = time.monotonic()
    done = subprocess.run(["ip", "netns", "exec", ns, DEMO, "--exec", command], text=True, capture_output=True, **kw)
    return done, time.monotonic() - begin


def transmitted(ns):
    return int(sh("ip", "netns", "exec", ns, "cat", "/sys/class/net/out0/statistics/tx_packets").stdout)


def main():
    net = Net()
    try:
        ns = net.add("demo")
        # Not every kernel has dummies; of a pair of wires the counter is as good.
        if sh("ip", "-n", ns, "link", "add", "out0", "type", "dummy", check=False).returncode != 0:
            sh("ip", "-n", ns, "link", "add", "out0", "type", "veth", "peer", "name", "out1")
            sh("ip", "-n", ns, "link", "set", "out1", "up")
        # The kernel's own IPv6 greetings are not the demo's.
        sh("ip", "netns", "exec", ns, "sh", "-c", "! cd /proc/sys/net/ipv6/conf/out0 || echo 1 >disable_ipv6")
        sh("ip", "-n", ns, "addr", "add", "192.0.2.1/24", "broadcast", "+", "dev", "out0")
        sh("ip", "-n", ns, "link", "set", "out0", "up")
        sh("ip", "-n", ns, "route", "add", "default", "dev", "out0")
        before = transmitted(ns)

        done, seconds = demo(ns, "meshctl status && meshctl --socket $MESHD_SOCKET_3 packet list && "
                                 "meshctl wait --radio && meshctl --json msg send hello && "
                                 "meshctl peer list && exit 42")
        assert done.returncode == 42, (done.returncode, done.stdout, done.stderr[-2000:])
        assert "simulated" in done.stdout and "alive" in done.stdout, done.stdout
        assert '"radio":"roof"' in done.stdout.replace(" ", ""), "no simulated Meshtastic radio that sends"
        figure("demo_to_agreement_s", round(seconds, 1), "s")

        done, _ = demo(ns, "kill -9 $MESHD_PID_2; date +killed=%s; sleep 60", timeout=240)
        seconds = time.time() - int(done.stdout.split("killed=")[1].split()[0])
        assert done.returncode not in (0, None) and seconds < 32, (done.returncode, seconds)
        assert "site 2 has ended" in done.stderr, done.stderr[-800:]

        holder = subprocess.Popen(["ip", "netns", "exec", ns, sys.executable, "-c",
                                   "import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
                                   "s.bind(('127.0.0.2',14470))\nprint('held',flush=True)\nsys.stdin.read()"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdout.readline()
        done, seconds = demo(ns, "true", timeout=240)
        holder.kill()
        holder.wait()
        assert done.returncode != 0 and "14470" in done.stderr and "127.0.0.2" in done.stderr, done.stderr[-800:]

        assert transmitted(ns) == before, "the demo sent something out of the machine"
    finally:
        net.close()


if __name__ == "__main__":
    main()
