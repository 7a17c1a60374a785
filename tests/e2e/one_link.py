"""One link to a radio, ever: under a restart, a reload with the host spelled otherwise, two sections for one host,
and two ways to one radio.  The radio reports a client that comes while another is there."""
import signal

from world import FakeRadio, World, figure, program, sh, wait_until

SPELLINGS = ["127.0.0.1", "127.0.0.1:4403", "[::ffff:127.0.0.1]:4403", "::ffff:127.0.0.1", "localhost", "127.0.0.1"]


def section(name, host, more=""):
    return f'[radio "{name}"]\ndriver = meshtastic\nhost = {host}\n{more}'


def configure(site, *sections):
    (site.dir / "meshd.conf").write_text("\n".join(sections))


def reload(site):
    before = site.log().count("config.reloaded")
    site.process.send_signal(signal.SIGHUP)
    wait_until("the configuration is read again", lambda: site.log().count("config.reloaded") > before)


def radio(site, name):
    return next((r for r in site.items("radio", "list") if r["name"] == name), {})


def connected(site, name="roof"):
    return wait_until(f"{name} is connected", lambda: radio(site, name).get("state") == "connected")


def main():
    with World(net=True) as world:
        world.net.add("a")
        site = world.site("a", ns=world.net.names[0])
        site.args = ["--config", str(site.dir / "meshd.conf")]
        fake = FakeRadio(world, site)
        other = FakeRadio(world, site, port=4404)  # another way to the same node
        configure(site, section("roof", SPELLINGS[0]))
        site.start()
        connected(site)

        for spelling in SPELLINGS[1:]:
            configure(site, section("roof", spelling))
            reload(site)
            assert site.ctl("status")["ready"]
        wait_until("the last spelling is in use", lambda: radio(site, "roof").get("state") == "connected")
        fake.level()
        assert fake.count("accepted") == 1, fake.lines

        for leave in ("yes", "no"):  # what may be done counts at once
            configure(site, section("roof", "127.0.0.1", f"tx = {leave}\nadmin = {leave}\n"))
            reload(site)
            may = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "msg", "send", "hello"), check=False)
            assert (may.returncode == 0) == (leave == "yes"), (leave, may)
        fake.level()
        assert fake.count("accepted") == 1, fake.lines

        configure(site, section("roof", "127.0.0.1", "silence = 60s\n"))  # a real change: once more, and only once
        reload(site)
        wait_until("it came again", lambda: fake.count("configured") == 2)
        connected(site)

        configure(site, section("roof", "127.0.0.1", "silence = 60s\n"), section("barn", "localhost:4403"))
        reload(site)
        barn = wait_until("barn is told", lambda: (lambda r: r if r.get("state") == "failed" else None)(
            radio(site, "barn")))
        assert barn["error"] == "this is the radio of 'roof'", barn
        configure(site, section("roof", "127.0.0.1", "silence = 60s\n"), section("barn", "127.0.0.1:4404"))
        reload(site)
        wait_until("the same node by another way is left", lambda: other.count("configured") == 1 and
                   radio(site, "barn").get("error") == "this is the radio of 'roof'")
        assert other.count("accepted") == 1 and fake.count("accepted") == 2, (other.lines, fake.lines)

        configure(site, section("barn", "127.0.0.1"))  # the one that was second is alone now
        reload(site)
        connected(site, "barn")

        fake.level()
        accepted = fake.count("accepted")
        for _ in range(3):
            site.stop()
            site.start()
            connected(site, "barn")
        fake.level()
        other.level()
        assert fake.count("accepted") == accepted + 3, fake.lines
        assert not any("while-open" in line for line in fake.lines + other.lines), (fake.lines, other.lines)
        figure("one_link_accepted", fake.count("accepted"), "connections")


if __name__ == "__main__":
    main()
