"""An authority admits: three real daemons on a ring, [mesh] admission = ca, certificates by meshctl ca.

One that is signed gets in; without a certificate it is a stranger; with one that is over it is refused, and both
sides say why.  A certificate that ends while its site runs is warned of and ends its sessions; a renewed one is
taken with SIGHUP, and no session is lost over it."""
import signal
import time

from world import World, program, sh, wait_until


def sign(world, key, site, span, name):
    """A certificate for that site, in its state folder."""
    shown = site.ctl("key", "show")
    path = site.state / "certificate"
    path.unlink(missing_ok=True)
    made = site.ctl("ca", "sign", str(key), "--site", shown["key"], "--network", shown["network"], "--name", name,
                    "--for", span, "--out", str(path))
    assert made["site"] == shown["key"] and made["network"] == shown["network"], made
    return path


def restart(site):
    assert site.stop()[0] == 0
    site.start()


def is_over(path):
    return sh(program("meshctl"), "ca", "show", str(path), check=False).returncode == 7


def stranger(site, key):
    return next((p for p in site.items("peer", "list", "--strangers") if p.get("key") == key and
                 p["state"] == "stranger"), {})


def reload(site):
    """Once it says that it did."""
    before = site.log().count("config.reloaded")
    site.process.send_signal(signal.SIGHUP)
    wait_until(f"{site.name} has reloaded", lambda: site.log().count("config.reloaded") > before)


def standing(site):
    return site.ctl("status")["network"]["certificate"]


def check(site):
    return sh(*site.command(program("meshctl"), "--socket", str(site.socket), "status", "--check"), check=False)


def is_in(c, *others):
    return all(site.peer(c.name).get("state") == "alive" for site in others)


def renewed(world, key, a, b, c):
    """c's certificate is over; all that follows is one run of it."""
    process, boot = c.process.pid, None
    assert standing(c) == "over" and check(c).returncode == 7
    sign(world, key, c, "40s", "c")
    reload(c)
    wait_until("c is in, unstarted", lambda: is_in(c, a, b), 30)
    boot = wait_until("its boot is known", lambda: a.peer("c").get("boot"))
    assert standing(c) == "ending" and "ends soon" in check(c).stdout, check(c).stdout
    wait_until("its log warns", lambda: "certificate.ends" in c.log(), 10)
    ends = c.ctl("key", "show")["certified_ms"]
    wait_until("a and b put it out at its end", lambda: all(
        site.peer("c").get("reason") == "expired" for site in (a, b)), 60)
    assert time.time() * 1000 >= ends
    wait_until("it knows", lambda: standing(c) == "over" and "has ended" in c.log(), 70)

    sign(world, key, c, "45s", "c")
    reload(c)
    wait_until("it is back", lambda: is_in(c, a, b), 30)
    ends, since = c.ctl("key", "show")["certified_ms"], {site: len(site.log()) for site in (a, b)}
    (c.state / "certificate").write_text("nonsense\n")
    reload(c)
    wait_until("the bad file is told", lambda: "the former one stays" in c.log())
    assert c.ctl("key", "show")["certified_ms"] == ends
    sign(world, key, c, "30d", "c")
    reload(c)
    assert standing(c) == "valid"
    for site in (a, b):
        wait_until(f"{site.name} knows the new end", lambda: site.peer("c").get("certified_ms", 0) > ends, 30)

    def outlived():
        for site in (a, b):
            assert site.peer("c").get("state") in ("alive", "suspect"), site.peer("c")
        return time.time() * 1000 > ends + 3000

    wait_until("the old end passes unnoticed", outlived, 60)
    for site in (a, b):
        gone = [line for line in site.log()[since[site]:].splitlines() if "peer.changed" in line and "state=dead" in line]
        assert not gone, gone
    assert a.peer("c").get("boot") == boot and c.process.pid == process


def main():
    with World(net=True) as world:
        key = world.dir / "ca.key"
        made = sh(program("meshctl"), "--json", "ca", "create", str(key)).stdout
        public = made.split('"ca":"')[1][:64]
        assert key.stat().st_mode & 0o777 == 0o600
        assert sh(program("meshctl"), "ca", "create", str(key), check=False).returncode == 1  # never over another
        a, b, c = world.line("a", "b", "c", demo=False, ring=True,
                             settings=["mesh.admission=ca", f"mesh.ca={public}"])
        world.start_all(a, b, c)
        for site in (a, b):
            sign(world, key, site, "30d", site.name)
            restart(site)
        wait_until("a and b meet", lambda: a.peer("b").get("direct") and b.peer("a").get("direct"), 30)
        third = c.ctl("key", "show")["key"]
        wait_until("c is a stranger", lambda: stranger(a, third).get("reason") == "uncertified", 30)
        assert not a.peer("c")
        wait_until("it says itself that it has none", lambda: "certificate.refused" in c.log())

        path = sign(world, key, c, "1s", "c")
        wait_until("its certificate is over", lambda: is_over(path))
        restart(c)
        wait_until("c is refused", lambda: stranger(a, third).get("reason") == "expired" and
                   stranger(b, third).get("reason") == "expired", 30)
        wait_until("c is told why", lambda: c.log().count("expired") >= 2, 30)
        assert not a.peer("c").get("direct")

        renewed(world, key, a, b, c)
        c.ctl("state", "set", "mine", "7")
        wait_until("a has its record", lambda: any(row["key"] == "user/mine" for row in a.every("state", "list")), 30)
        assert not stranger(a, third)
        assert c.ctl("key", "show")["certified_ms"] > c.ctl("key", "show")["generated_at"]


main()
