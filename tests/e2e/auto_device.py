"""`device = auto`: of the serial ports on USB only those with a known board are opened, one that speaks and is no radio
hears not a byte from us, and the radio among them is found, also when it is plugged in later.  The ports are
pseudo terminals behind a made-up list of USB devices, which only this daemon sees."""
import contextlib
import os
import select
import threading
import tty

from world import SimRadio, World, wait_until

METER, GPS = ("0403", "6001", "a meter"), ("10c4", "ea60", "a GPS mouse with a radio's chip")
BOARD = ("303a", "1001", "a radio")
NOBODY = "cannot open: no such device"
NMEA = b"$GPGGA,,,,,,0,,,,,,,,*66\r\n"


class Thing:
    """What is no radio: a pseudo terminal that keeps what is written to it, and says something ten times a second."""

    def __init__(self, says=b""):
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.path, self.slave, self.heard, self.says = os.ttyname(slave), slave, b"", says
        os.set_blocking(self.master, False)
        threading.Thread(target=self.live, daemon=True).start()

    def live(self):
        while True:
            ready = select.select([self.master], [], [], 0.1)[0]
            with contextlib.suppress(BlockingIOError):
                if ready:
                    self.heard += os.read(self.master, 4096)
                else:
                    os.write(self.master, self.says)


def plug(tree, name, path, usb):
    """As sysfs has it: a port, its node below /dev, and the USB device above."""
    device, port = tree / "devices" / name, tree / "class" / name
    (device / "if").mkdir(parents=True)
    for file, value in zip(("idVendor", "idProduct", "product"), usb):
        (device / file).write_text(value + "\n")
    port.mkdir(parents=True)
    (port / "device").symlink_to(device / "if")
    (port / "uevent").write_text(f"DEVNAME={path.removeprefix('/dev/')}\n")


def radio_of(site):
    return site.items("radio", "list")[0]


def main():
    with World(net=True) as world:
        world.net.add("a")
        tree = world.dir / "usb"
        (tree / "class").mkdir(parents=True)
        site = world.site("a", ns=world.net.names[0], settings=["radio.roof.driver=meshtastic", "radio.roof.device=auto"])
        plain = site.command
        # The list of ports is ours in the daemon's own view of /sys alone.
        site.command = lambda *argv: plain("sh", "-ec", f'mount --bind "{tree}/class" /sys/class/tty; exec "$@"', "sh", *argv)
        meter, gps = Thing(), Thing(NMEA)
        plug(tree, "ttyUSB0", meter.path, METER)
        site.start()
        assert wait_until("what nobody knows is left alone", lambda: radio_of(site).get("error")) == NOBODY
        plug(tree, "ttyUSB1", gps.path, GPS)
        ports = {p["device"]: "board" in p for p in site.items("radio", "scan")}
        assert ports == {meter.path: False, gps.path: True}, ports
        wait_until("who speaks there is heard", lambda: "GPS" in radio_of(site).get("error", ""), 30)
        radio = SimRadio(world, site, "--silent", pty=True)
        plug(tree, "ttyACM0", radio.where, BOARD)
        wait_until("the radio is found", lambda: radio_of(site)["state"] == "connected", 60)
        assert site.ctl("radio", "show", "roof")["link"]["address"] == radio.where
        assert meter.heard == b"" and gps.heard == b"", (meter.heard, gps.heard)
        owners = {p["device"]: p.get("radio") for p in site.items("radio", "scan")}
        assert owners[radio.where] == "roof" and owners[gps.path] is None, owners


if __name__ == "__main__":
    main()
