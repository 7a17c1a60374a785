"""What the link to a radio does to its socket, as the kernel is asked: with socket_options = plain the options that the
manual names and no other, with none not one, neither set nor read."""
import os
import re
import signal

from world import FakeRadio, World, figure, wait_until

PLAIN = {"TCP_NODELAY", "SO_KEEPALIVE", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT"}


def traced(world, name, options):
    """The options by name that were set or read on the sockets which went to the radio."""
    world.net.add(name)
    site = world.site(name, ns=world.net.names[-1], settings=[
        "radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1", f"radio.roof.socket_options={options}"])
    radio = FakeRadio(world, site)
    trace = site.dir / "trace"
    plain_command = site.command
    site.command = lambda *argv: plain_command(*(["strace", "-f", "-qq", "-o", str(trace), "-e", "trace=network,close",
                                                  *argv] if argv[0].endswith("/meshd") else argv))
    site.start()
    for number in (1, 2):  # twice: an option may be set at the second attempt only
        wait_until("connected", lambda: radio.count("configured") == number, 20)
        wait_until("it says so", lambda: site.items("radio", "list")[0]["state"] == "connected")
        radio.say("close")
    wait_until("and a third time", lambda: radio.count("configured") == 3, 20)
    os.kill(int(re.search(r"daemon.started .*pid=(\d+)", site.log())[1]), signal.SIGTERM)
    site.process.wait(10)  # strace ends with it
    return by_socket(trace.read_text())


def by_socket(trace):
    """Calls on one descriptor between its socket() and its close(), if it was connected to port 4403."""
    asked, links, found = {}, 0, set()
    for line in trace.splitlines():
        made = re.search(r"socket\(.*\) = (\d+)$", line)
        if made:
            asked[made[1]] = []
            continue
        call = re.search(r"\b(\w+)\((\d+)", line)
        if not call or call[2] not in asked:
            continue
        asked[call[2]].append(line)
        if call[1] != "close":
            continue
        lines = asked.pop(call[2])
        if any("connect(" in one and "htons(4403)" in one for one in lines):
            links += 1
            found |= {re.search(r"sockopt\(\d+, \w+, (\w+)", one)[1] for one in lines if "sockopt(" in one}
    return links, found


def main():
    with World(net=True) as world:
        for options, wanted in (("plain", PLAIN), ("none", set())):
            links, found = traced(world, options, options)
            assert links >= 3, f"{options}: only {links} links were traced"
            assert found == wanted, f"{options}: {found} instead of {wanted}"
            figure(f"socket_options_{options}", len(found), "options")


if __name__ == "__main__":
    main()
