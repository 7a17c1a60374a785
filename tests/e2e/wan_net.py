"""A small internet for real daemons: one public segment, routers with NAT, homes behind them.

    net (a bridge, 198.51.100.0/24) -- public site
                                    -- router 198.51.100.N | 192.168.N.1 -- site 192.168.N.2
"""
import pathlib
import shutil
import sys

from world import RUN, World, sh

PUBLIC = "198.51.100"
# Beacons would make the figures easy: here everybody has to be found by address.
QUIET = ["mesh.broadcast=no"]


class Wan(World):
    def __init__(self):
        super().__init__(net=True)
        self.ends, self.etc = 0, []
        ns = self.net.add("net")
        sh("ip", "-n", ns, "link", "add", "br0", "type", "bridge")
        sh("ip", "-n", ns, "link", "set", "br0", "up")
        sh("ip", "-n", ns, "addr", "add", f"{PUBLIC}.254/24", "dev", "br0")

    def __exit__(self, *what):
        result = super().__exit__(*what)
        for folder in self.etc:
            shutil.rmtree(folder, ignore_errors=True)
        return result

    def pair(self, a, dev_a, b, dev_b):
        sh("ip", "link", "add", dev_a, "netns", f"{RUN}-{a}", "type", "veth",
           "peer", "name", dev_b, "netns", f"{RUN}-{b}")
        for name, dev in ((a, dev_a), (b, dev_b)):
            sh("ip", "-n", f"{RUN}-{name}", "link", "set", dev, "up")

    def plug(self, name, *addresses, dev="wan"):
        """A cable from `name` to the public segment."""
        self.ends += 1
        self.pair(name, dev, "net", f"p{self.ends}")
        sh("ip", "-n", f"{RUN}-net", "link", "set", f"p{self.ends}", "master", "br0")
        for address in addresses:
            self.address(name, dev, address)

    def address(self, name, dev, address, what="add"):
        extra = ["broadcast", "+"] if "." in address and what == "add" else []
        extra = ["nodad"] if ":" in address and what == "add" else extra
        sh("ip", "-n", f"{RUN}-{name}", "addr", what, address, *extra, "dev", dev)

    def public(self, name, *addresses, settings=QUIET):
        ns = self.net.add(name)
        self.plug(name, *addresses)
        # Else the last address takes all later ones with it.
        sh("ip", "netns", "exec", ns, "sysctl", "-qw", "net.ipv4.conf.all.promote_secondaries=1")
        return self.site(name, ns=f"{RUN}-{name}", settings=list(settings))

    def home(self, router, name, n, settings=QUIET, ports="random"):
        """A router and a site behind it; the router lets in only what was asked for.

        ports="" keeps a sender's port, as most routers do; "random" draws a new one per
        destination, so that nobody else can be told where the sender is."""
        ns = self.net.add(router)
        self.net.add(name)
        self.plug(router, f"{PUBLIC}.{n}/24")
        self.pair(router, "lan", name, "wan")
        self.address(router, "lan", f"192.168.{n}.1/24")
        self.address(name, "wan", f"192.168.{n}.2/24")
        sh("ip", "-n", f"{RUN}-{name}", "route", "add", "default", "via", f"192.168.{n}.1")
        sh("ip", "netns", "exec", ns, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.nft(router, f'''
            table ip nat {{
                chain post {{ type nat hook postrouting priority 100
                    oifname "wan" masquerade {ports}
                }}
            }}
            table ip guard {{
                chain input {{ type filter hook input priority 0; policy drop
                    ct state established,related accept
                }}
                chain forward {{ type filter hook forward priority 0; policy drop
                    iifname "lan" accept
                    ct state established,related accept
                }}
            }}''')
        return self.site(name, ns=f"{RUN}-{name}", settings=list(settings))

    def nft(self, name, rules):
        sh("ip", "netns", "exec", f"{RUN}-{name}", "nft", "-f", "-", input=rules)

    def cut(self, name, cut=True):
        sh("ip", "-n", f"{RUN}-{name}", "link", "set", "wan", "down" if cut else "up")

    def hosts(self, name, lines):
        """What names mean in that namespace; written in place, as it is mounted there."""
        folder = pathlib.Path("/etc/netns") / f"{RUN}-{name}"
        if folder not in self.etc:
            folder.mkdir(parents=True)
            self.etc.append(folder)
            (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        (folder / "hosts").write_text("127.0.0.1 localhost\n" + lines)

    def flush_nat(self, router):
        """All mappings are forgotten, as by a restart of the router."""
        code = ("import socket, struct\n"
                "s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)\n"
                "s.send(struct.pack('=IHHII', 20, 1 << 8 | 2, 1 | 4, 1, 0) + bytes(4))\n"
                "assert struct.unpack('=i', s.recv(4096)[16:20])[0] == 0\n")
        sh("ip", "netns", "exec", f"{RUN}-{router}", sys.executable, "-c", code)
