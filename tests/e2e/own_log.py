"""A site's own log after a restored backup, without its database, and with its key in two machines at once.

backup: what was written after the backup comes back from the neighbour, numbers go on above it, no fork.
database: the key alone is enough to get the own log back.
clone: a copied state folder runs on two sides of a partition; when the two hear each other both stop writing
and say so."""
import shutil
import sys

from world import RUN, World, figure, wait_until

DEMO = {"demo": False}


def keys(site, name):
    return {row["key"]: row["value"] for row in site.every("state", "list", name)}


def say(site, first, last):
    for n in range(first, last):
        wait_until(f"{site.name} takes k{n}", lambda: site.ctl(
            "state", "set", f"k{n}", str(n), quiet=True).get("schema") == "meshd.state/1", 20)


def wait_keys(site, name, first, last, seconds=30):
    wait_until(f"{site.name} has k{first}..k{last - 1} of {name}", lambda: all(
        keys(site, name).get(f"user/k{n}") == n for n in range(first, last)), seconds, 0.3)


def met(world, *names):
    sites = world.line(*names, **DEMO)
    world.start_all(*sites)
    wait_until("they see each other", lambda: sites[0].peer(names[1]).get("state") == "alive")
    return sites


def copy_state(site, to):
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(site.state, to)


def backup():
    with World(net=True) as world:
        a, b = met(world, "a", "b")
        say(a, 0, 5)
        a.stop()
        copy_state(a, world.dir / "backup")
        a.start()
        say(a, 5, 60)
        wait_keys(b, "a", 0, 60)
        a.kill()
        shutil.rmtree(a.state)
        shutil.copytree(world.dir / "backup", a.state)
        a.start()
        wait_keys(a, "a", 0, 60)
        figure("backup_recovered", a.counter("own.recovered"), "records")
        say(a, 60, 65)
        wait_keys(b, "a", 0, 65)
        assert b.counter("peer.fork") == 0, "the neighbour saw a fork"
        assert a.counter("own.epoch_new") == 0


def database():
    with World(net=True) as world:
        a, b = met(world, "a", "b")
        say(a, 0, 30)
        wait_keys(b, "a", 0, 30)
        a.kill()
        for file in a.state.glob("meshd.db*"):
            file.unlink()
        a.start()
        wait_keys(a, "a", 0, 30)
        figure("database_recovered", a.counter("own.recovered"), "records")
        say(a, 30, 35)
        wait_keys(b, "a", 0, 35)
        assert b.counter("peer.fork") == 0, "the neighbour saw a fork"


def clone():
    with World(net=True) as world:
        a, b = world.line("a", "b", **DEMO)
        world.net.add("c")
        c = world.site("c", ns=f"{RUN}-c")
        world.start_all(a, b)
        wait_until("a sees b", lambda: a.peer("b").get("state") == "alive")
        say(a, 0, 3)
        a.stop()
        copy_state(a, c.state)
        a.start()
        c.start()
        say(a, 10, 14)
        say(c, 20, 24)
        assert a.counter("peer.clone") == 0 and c.counter("peer.clone") == 0
        world.net.link("a", "c")
        for site in (a, c):
            wait_until(f"{site.name} knows of the other", lambda: site.counter("peer.clone") > 0, 60, 0.3)
            assert "another machine runs with this key" in site.log()
            refused = site.ctl("state", "set", "late", "1", quiet=True)
            assert refused.get("schema") != "meshd.state/1", f"{site.name} still writes"
        figure("clone_known", 2, "sites")


if __name__ == "__main__":
    {"backup": backup, "database": database, "clone": clone}[sys.argv[1]]()
