"""An authority admits: three real daemons on a ring, [mesh] admission = ca, certificates by meshctl ca.

One that is signed gets in; without a certificate it is a stranger; with one that is over it is refused, and both
sides say why."""
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
        assert "certificate.refused" in c.log()  # it says itself that it has none

        path = sign(world, key, c, "1s", "c")
        wait_until("its certificate is over", lambda: is_over(path))
        restart(c)
        wait_until("c is refused", lambda: stranger(a, third).get("reason") == "expired" and
                   stranger(b, third).get("reason") == "expired", 30)
        wait_until("c is told why", lambda: c.log().count("expired") >= 2, 30)
        assert not a.peer("c").get("direct")

        sign(world, key, c, "30d", "c")
        restart(c)
        wait_until("c is in", lambda: all(s.peer("c").get("state") == "alive" for s in (a, b)), 60)
        c.ctl("state", "set", "mine", "7")
        wait_until("a has its record", lambda: any(row["key"] == "user/mine" for row in a.every("state", "list")), 30)
        assert not stranger(a, third)
        assert c.ctl("key", "show")["certified_ms"] > c.ctl("key", "show")["generated_at"]


main()
