"""A ring of four real daemons, one of which keeps nothing of the others' registry: all others have everything, it has its
own and finds the rest by asking; with `all` again it gets everything, and back at `none` it has nothing."""
from world import World, wait_until


def hashes(site):
    return sorted(item["hash"] for item in site.every("registry", "list"))


def main():
    with World(net=True) as world:
        a, b, c, d = world.line("a", "b", "c", "d", demo=False, ring=True)
        b.settings.append("registry.replicate=none")
        world.start_all(a, b, c, d)
        for site in (a, b, c):
            wait_until(f"{site.name} knows d", lambda s=site: s.peer("d").get("state") == "alive", 30)
        mine = {site: [f"{n:02x}{i:02x}" for i in range(12)] for n, site in enumerate((a, b, c), 1)}
        for site, names in mine.items():
            for name in names:
                site.ctl("registry", "add", name, "--type", "face", "--embedding", "[1, 0]")
        every = sorted(name for names in mine.values() for name in names)
        for site in (a, c, d):
            wait_until(f"{site.name} has all", lambda s=site: hashes(s) == every, 60)
        assert hashes(b) == mine[b], hashes(b)

        def finds():
            found = b.ctl("registry", "search", "--like", "[1, 0]", "--top", "64", "--budget", "3s", quiet=True)
            return sorted(i["hash"] for i in found.get("items", [])) == every

        wait_until("b finds what it does not keep", finds, 60)
        for site in (a, c, d):  # nobody takes b for a liar
            assert site.peer(b.name).get("state") == "alive", site.peer(b.name)
            assert site.counter("sync.given_up") == 0

        b.settings.pop()
        assert b.stop()[0] == 0
        b.start()
        wait_until("b has all", lambda: hashes(b) == every, 60)
        b.settings.append("registry.replicate=none")
        assert b.stop()[0] == 0
        b.start()
        assert hashes(b) == mine[b], hashes(b)


main()
