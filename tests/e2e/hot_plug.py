"""A serial radio that is unplugged and comes back, under the same name and another device: it is there a moment later,
however long the daemon had tried in vain; and no other program gets the port meanwhile."""
import fcntl
import subprocess
import time

from world import VECTORS, World, figure, program, wait_until


def plug(world, link):
    """A radio on a pseudo terminal, under the name `link`."""
    argv = [program("player"), "--pty", str(VECTORS / "meshtastic" / "handshake_cli_info.jsonl")]
    player = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    world.others.append(player)
    link.unlink(missing_ok=True)
    link.symlink_to(player.stdout.readline().strip())
    return player


def unplug(player, link):
    player.kill()
    player.wait()
    link.unlink()


def radio_of(site):
    return site.items("radio", "list")[0]


def main():
    with World(net=True) as world:
        world.net.add("a")
        place = world.dir / "by-id"
        place.mkdir()
        link = place / "usb-radio"
        site = world.site("a", ns=world.net.names[0], settings=["radio.roof.driver=meshtastic",
                                                                f"radio.roof.device={link}"])
        site.start()
        assert wait_until("it is told", lambda: radio_of(site).get("error")) == "cannot open: no such device"
        worst = 0.0
        for _ in range(3):
            wait_until("the pauses are long: at once, 1, 2 s lie behind", lambda: radio_of(
                site)["link"]["lost"]["refused"] >= 4, 40)
            begin = time.monotonic()
            player = plug(world, link)
            wait_until("connected", lambda: radio_of(site)["state"] == "connected", step=0.02)
            worst = max(worst, time.monotonic() - begin)
            with open(link, "rb+", buffering=0) as other:
                try:
                    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    raise AssertionError("the port is not locked")
                except BlockingIOError:
                    pass
            unplug(player, link)
            wait_until("the loss is noticed", lambda: radio_of(site)["state"] != "connected")
        figure("hot_plug_worst_s", round(worst, 2), "s")
        assert worst < 2.5, f"{worst} s until the radio was there"


if __name__ == "__main__":
    main()
