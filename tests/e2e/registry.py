"""The hash registry over a line of three real daemons: entered at the ends, the same everywhere, byte for byte.

What is removed or over goes everywhere and does not come back with a site that was away; what was answered survives
kill -9; a search finds the nearest from any site."""
import json
import struct

from world import ROUNDS_S, World, wait_until


def listed(site):
    """The items alone, as they are written: equal lists are equal bytes."""
    return json.dumps(site.every("registry", "list"), sort_keys=True)


def hashes(site):
    return sorted({item["hash"] for item in site.every("registry", "list")})


def add(site, name, kind, *more):
    said = site.ctl("registry", "add", name, "--type", kind, *more)
    assert said["hash"] == name and said["type"] == kind, said


def agree(what, *sites):
    wait_until(what, lambda: len({listed(s) for s in sites}) == 1 and len(hashes(sites[0])) > 0, ROUNDS_S)


def vector(*numbers):
    return json.dumps(struct.pack(f"<{len(numbers)}f", *numbers).hex())


def main():
    with World(net=True) as world:
        a, b, c = world.line("a", "b", "c", demo=False)
        world.start_all(a, b, c)
        wait_until("a knows c", lambda: a.peer("c").get("state") == "alive", 30)

        add(a, "aa01", "face", "--embedding", vector(1, 0, 0), "--meta", '{"confidence":0.4,"who":"ann"}')
        add(a, "aa02", "face", "--embedding", vector(0.9, 0.1, 0))
        add(a, "aa03", "plate", "--meta", '{"text":"B-AB 123"}')
        add(c, "aa01", "face", "--embedding", vector(0, 1, 0), "--meta", '{"confidence":0.9,"who":"eve"}')
        add(c, "cc01", "sound", "--embedding", vector(0, 0, 1, 0))
        wait_until("all three have five", lambda: all(len(s.every("registry", "list")) == 5 for s in (a, b, c)), 30)
        agree("the lists are the same", a, b, c)
        best = b.items("registry", "get", "aa01")
        assert [item["site"] for item in best] == ["c", "a"], best  # the more trusted first
        assert a.ctl("registry", "get", "dead", quiet=True)["status"] == 404

        found = c.ctl("registry", "search", "--like", vector(1, 0.05, 0), "--type", "face", "--budget", "8s")
        assert [(i["hash"], i["site"]) for i in found["items"]] == [("aa01", "a"), ("aa02", "a"), ("aa01", "c")], found
        assert found["complete"] == {"answered": 3, "known": 3}, found
        assert [i["hash"] for i in b.items("registry", "search", "--filter", "metadata.who=ann")] == ["aa01"]
        plates = [i["hash"] for i in c.items("registry", "list", "--type", "plate", "--site", "a")]
        assert plates == ["aa03"], plates

        assert c.ctl("registry", "remove", "aa02", quiet=True)["status"] == 404  # it is a's
        assert a.ctl("registry", "remove", "aa02")["removed"]
        wait_until("gone at c", lambda: c.ctl("registry", "get", "aa02", quiet=True).get("status") == 404, 30)
        add(a, "aa04", "brief", "--ttl", "2s")
        wait_until("it is over, and dropped", lambda: a.counter("registry.expired") == 1, 60)
        assert "aa04" not in hashes(a)
        wait_until("and at b", lambda: "aa04" not in hashes(b))

        # Away while entries change, go and come.
        assert c.stop()[0] == 0
        add(a, "aa01", "face", "--meta", '{"confidence":0.95}')
        assert a.ctl("registry", "remove", "aa03")["removed"]
        add(b, "bb01", "face", "--embedding", vector(1, 1, 1))
        a.kill()
        a.start()
        assert hashes(a).count("aa03") == 0
        c.start()
        wait_until("c has caught up", lambda: hashes(c) == ["aa01", "bb01", "cc01"], ROUNDS_S)
        agree("and all are the same again", a, b, c)
        assert c.items("registry", "get", "aa01")[0]["site"] == "a"


main()
