"""Two radios that may send: the one with the higher priority does, the other when that one is away, and a reload says anew
which it is without a new link."""
import signal

from world import SimRadio, World, wait_until

ROOF, HILL = 4403, 4404


def write_config(path, hill):
    path.write_text("".join(f"[radio \"{name}\"]\ndriver = meshtastic\nhost = 127.0.0.1:{port}\ntx = yes\npriority = {n}\n\n"
                            for name, port, n in (("roof", ROOF, 3), ("hill", HILL, hill))))


def radio_of_next(site, text):
    return site.ctl("msg", "send", text)["radio"]


def are_connected(site, count):
    return sum(r["state"] == "connected" for r in site.items("radio", "list")) == count


def main():
    with World(net=True) as world:
        world.net.add("a")
        config = world.dir / "meshd.conf"
        write_config(config, 7)
        site = world.site("a", ns=world.net.names[0], args=["--config", str(config)])
        # Two cells, so that neither takes the other's link for its own.
        roof = SimRadio(world, site, "--silent", "--seed", "1", port=ROOF)
        hill = SimRadio(world, site, "--silent", "--seed", "2", port=HILL)
        site.start()
        wait_until("both are connected", lambda: are_connected(site, 2), 40)
        assert radio_of_next(site, "one") == "hill"
        wait_until("it left there", lambda: hill.count("sent") == 1, 20)
        write_config(config, 1)
        site.process.send_signal(signal.SIGHUP)
        wait_until("the reload counts", lambda: radio_of_next(site, "two") == "roof", 20)
        for radio in (hill, roof):
            radio.comes_to("accepted", 1)  # no new link for a new priority
        roof.process.kill()
        wait_until("the roof is away", lambda: are_connected(site, 1), 40)
        assert radio_of_next(site, "three") == "hill"


if __name__ == "__main__":
    main()
