"""Three real daemons, of which one keeps all of the others' registry, one an index and one an index of faces alone.

Lists and types are answered by the index itself; a search by embedding asks the others and finds what a look at all
entries finds; then the settings change, and everybody has what its setting says."""
import json
import math
import random
import struct

from world import ROUNDS_S, World, wait_until

DIM, EACH, TOP = 6, 20, 64


def entries(number, rng):
    return [(f"{number:02x}{i:02x}", ("face", "plate")[i % 2], [rng.uniform(-1, 1) for _ in range(DIM)])
            for i in range(EACH)]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def oracle(union, like, kind):
    near = [(cosine(like, vector), name) for name, k, vector in union if kind in (None, k)]
    return [name for _, name in sorted(near, reverse=True)[:TOP]]


def search(site, like, kind=None):
    more = ["--type", kind] if kind else []
    return site.ctl("registry", "search", "--like", json.dumps(like), "--top", str(TOP), "--budget", "8s", *more)


def finds_the_union(site, union, rng):
    for kind in (None, "face", "plate"):
        like = [rng.uniform(-1, 1) for _ in range(DIM)]
        found = search(site, like, kind)
        assert [i["hash"] for i in found["items"]] == oracle(union, like, kind), (site.name, kind, found)
        assert found["complete"] == {"answered": 3, "known": 3}, found


def the_same_of(name, *sites):
    """`get --embeddings`, as the first of the sites has it."""
    wanted = None
    for site in sites:
        found = site.ctl("registry", "get", name, "--embeddings", "--budget", "5s", timeout="15s", quiet=True)
        items = [{k: v for k, v in item.items() if k != "told_by"} for item in found.get("items", [])]
        wanted = wanted or items
        if items != wanted or found.get("complete") != {"answered": 3, "known": 3}:
            print(site.name, name, str(found)[:300])
            return {}
    return wanted[0] if wanted else {}


def embeddings_are_fetched(a, b, c, own):
    """Where they are not kept, whole, and not without being asked for."""
    file = b.dir / "vector"
    file.write_bytes(b"".join(struct.pack("<f", n / 7) for n in range(4096)))
    b.ctl("registry", "add", "b16e", "--type", "plate", "--embedding", str(file), "--meta", json.dumps({"note": "x" * 2000}))
    a.ctl("registry", "add", "5ca1e0", "--type", "face", "--dtype", "i8", "--scale", "0.25", "--embedding", "[1, -128, 127]")
    for site in (a, b, c):
        wait_until("all is there", lambda s=site: the_same_of("5ca1e0", a, s) and the_same_of("b16e", b, s), 30)
    assert the_same_of("b16e", b, a, c)["embedding"] == file.read_bytes().hex()
    item = the_same_of("5ca1e0", a, b, c)
    assert item["embedding"] == "01807f" and item["scale"] == 0.25, item
    for entries in own.values():
        the_same_of(entries[0][0], a, b, c)
    assert "embedding" not in b.items("registry", "get", "5ca1e0")[0]
    assert "embedding" not in b.items("registry", "get", "5ca1e0", "--embeddings", "--local")[0]
    b.ctl("registry", "remove", "b16e")
    a.ctl("registry", "remove", "5ca1e0")
    wait_until("they are gone", lambda: not {"b16e", "5ca1e0"} & (set(listed(a)) | set(listed(b)) | set(listed(c))), 30)


def listed(site, *more):
    return {item["hash"]: item for item in site.every("registry", "list", *more)}


def embedded(site):
    return {name for name, item in listed(site, "--embeddings").items() if "embedding" in item}


def restart(site, *settings):
    site.settings[:] = [s for s in site.settings if not s.startswith("registry.")] + list(settings)
    assert site.stop()[0] == 0
    site.start()


def nobody_is_blamed(*sites):
    for site in sites:
        assert site.counter("sync.given_up") == 0
        for other in sites:
            wait_until(f"{other.name} is alive to {site.name}", lambda s=site, o=other: o is s or s.peer(o.name).get("state") == "alive")


def main():
    rng = random.Random(4)
    with World(net=True) as world:
        a, b, c = world.line("a", "b", "c", demo=False, ring=True)
        b.settings += ["registry.replicate=index"]
        c.settings += ["registry.replicate=index", "registry.types=face"]
        world.start_all(a, b, c)
        for site, others in ((a, "bc"), (b, "ac"), (c, "ab")):
            for other in others:
                wait_until(f"{site.name} knows {other}", lambda: site.peer(other).get("state") == "alive", 30)
        own = {site: entries(n, rng) for n, site in enumerate((a, b, c), 1)}
        for site, mine in own.items():
            for name, kind, vector in mine:
                site.ctl("registry", "add", name, "--type", kind, "--embedding", json.dumps(vector),
                         "--meta", json.dumps({"of": site.name}))
        union = [entry for mine in own.values() for entry in mine]
        every = {name for name, _, _ in union}
        faces = {name for name, kind, _ in union if kind == "face"}
        mine = {site: {name for name, _, _ in own[site]} for site in own}

        def settled():
            return (set(listed(a)) == every and set(listed(b)) == every and set(listed(c)) == faces | mine[c])

        wait_until("each has what it wants", settled, ROUNDS_S)
        wait_until("and the numbers that it wants", lambda: embedded(a) == every)
        assert embedded(b) == mine[b]
        assert embedded(c) == mine[c]
        of_a = own[a][1][0]
        item = b.items("registry", "get", of_a)[0]
        assert item["dtype"] == "f32" and item["dim"] == DIM and item["metadata"] == {"of": "a"}, item
        embeddings_are_fetched(a, b, c, own)
        def plates_at(site):
            return site.ctl("registry", "search", "--type", "plate", "--top", "64", "--budget", "8s")

        wait_until("b is level with both", lambda: plates_at(b)["complete"] == {"answered": 3, "known": 3}, ROUNDS_S)
        assert {i["hash"] for i in plates_at(b)["items"]} == every - faces
        found = plates_at(c)  # keeps none, and asks
        assert found["complete"] == {"answered": 3, "known": 3}, found
        assert found["items"] == plates_at(a)["items"], found
        for site in (a, b, c):
            finds_the_union(site, union, rng)
        hits = search(b, own[a][0][2])["items"]
        assert hits[0]["hash"] == own[a][0][0] and hits[0]["metadata"] == {"of": "a"}, hits[0]
        nobody_is_blamed(a, b, c)

        # What is more goes, what is less comes.
        restart(a, "registry.replicate=index")
        wait_until("a is cut", lambda: embedded(a) == mine[a], ROUNDS_S)
        assert set(listed(a)) == every
        restart(b)
        assert set(listed(b)) == every, "the index is there while the rest is on its way"
        wait_until("b has the vectors of c", lambda: embedded(b) >= mine[b] | mine[c], ROUNDS_S)
        wait_until("b has all", lambda: embedded(b) == every, ROUNDS_S)
        restart(c, "registry.types=plate, voice")
        wait_until("c has plates", lambda: embedded(c) == (every - faces) | mine[c], ROUNDS_S)
        wait_until("c has no faces", lambda: set(listed(c)) == (every - faces) | mine[c], ROUNDS_S)
        for site in (a, b, c):
            wait_until(f"{site.name} knows two", lambda s=site: search(s, [1.0] * DIM)["complete"]["known"] == 3, 30)
            finds_the_union(site, union, rng)
        restart(a)
        restart(c)
        wait_until("all have all", lambda: embedded(a) == every and embedded(c) == every, ROUNDS_S)
        b.ctl("registry", "remove", own[b][0][0])
        wait_until("gone everywhere", lambda: own[b][0][0] not in listed(a) | listed(b) | listed(c), ROUNDS_S)
        nobody_is_blamed(a, b, c)


main()
