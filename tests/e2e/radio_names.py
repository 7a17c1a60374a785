"""A radio whose host is a name: shown and tried again while nobody knows the name, found where it leads to, and found
again when it leads elsewhere (DHCP), however long the daemon runs.  The radio never sees two clients."""
import pathlib

from world import FakeRadio, World, figure, program, sh, wait_until

from radio_tools import meshctl


class Names:
    """/etc/hosts of a namespace, as `ip netns exec` mounts it: written in place."""

    def __init__(self, namespace):
        self.folder = pathlib.Path("/etc/netns") / namespace
        self.folder.mkdir(parents=True)
        (self.folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        self.are("")

    def are(self, lines):
        (self.folder / "hosts").write_text("127.0.0.1 localhost\n" + lines)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        sh("rm", "-rf", str(self.folder))


def roof(site):
    return site.items("radio", "list")[0]


def check(site):
    """Exit status of `meshctl status --check`."""
    return sh(*site.command(program("meshctl"), "--socket", str(site.socket), "status", "--check"),
              check=False).returncode


def main():
    with World(net=True) as world:
        namespace = world.net.add("a")
        with Names(namespace) as names:
            site = world.site("a", ns=world.net.names[0], settings=["radio.roof.driver=meshtastic",
                                                                    "radio.roof.host=mast.example"])
            first, second = FakeRadio(world, site), FakeRadio(world, site, address="127.0.0.2")
            site.start()
            told = wait_until("it is told", lambda: roof(site).get("error") and roof(site), 40)
            assert told["error"] == "the name mast.example has no address" and told["state"] == "waiting", told
            assert meshctl(site, "show", "roof")[0] == 0 and check(site) == 7
            names.are("127.0.0.1 mast.example\n")
            wait_until("it is found", lambda: roof(site)["state"] == "connected", 30)
            assert roof(site)["link"]["address"] == "127.0.0.1:4403", roof(site)
            wait_until("nothing is amiss", lambda: check(site) == 0)
            names.are("127.0.0.2 mast.example\n")
            first.say("reboot 600")
            wait_until("it is found elsewhere", lambda: roof(site)["state"] == "connected" and
                       roof(site)["link"]["address"] == "127.0.0.2:4403", 30)
            first.level(), second.level()
            assert (first.count("accepted"), second.count("accepted")) == (1, 1), (first.lines, second.lines)
            names.are("")  # a name server that is down takes no radio away
            second.say("close")
            wait_until("it came again", lambda: second.count("configured") == 2, 40)
            assert not any("while-open" in line for line in first.lines + second.lines), (first.lines, second.lines)
            figure("radio_names_accepted", first.count("accepted") + second.count("accepted"), "connections")


if __name__ == "__main__":
    main()
