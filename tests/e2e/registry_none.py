"""A ring of four real daemons, one of which keeps nothing of the others' registry: all others have everything, it has its
own and finds the rest by asking; with `all` again it gets everything, and back at `none` it has nothing."""
import signal
import subprocess

from world import ROUNDS_S, World, program, wait_until


def hashes(site):
    return sorted(item["hash"] for item in site.every("registry", "list"))


def said(site, *argv):
    """What people read, with the table and beside it."""
    done = subprocess.run(site.command(program("meshctl", site.bin), "--socket", str(site.socket), *argv), text=True,
                          capture_output=True, check=True)
    assert all(len(line) <= 80 for line in done.stderr.splitlines() if not line.startswith("more: ")), done
    return done.stderr


def what_a_list_leaves_out_is_said(b, a):
    """Of what the others entered it has nothing, and a search has."""
    left = b.ctl("registry", "list")["left_out"]
    assert left == {"what": "entries", "sites": 3, "of": left["of"]} and sorted(left["of"]) == ["a", "c", "d"], left
    assert b.ctl("registry", "list", "--site", "a")["left_out"] == {"what": "entries", "sites": 1, "of": ["a"]}
    for nothing in (b.ctl("registry", "list", "--site", "b"), a.ctl("registry", "list"), a.ctl("registry", "list", "--site", "b")):
        assert "left_out" not in nothing, nothing
    for argv in (["registry", "list"], ["registry", "export"]):
        assert "not here: all entries of " in said(b, *argv) and "registry list --everywhere" in said(b, *argv)
        assert said(b, "-q", *argv) == "" == said(a, *argv), (said(b, "-q", *argv), said(a, *argv))


def a_silent_site_takes_nothing_of_the_others(b, silent, name):
    """It is alive and does not answer: the embedding comes of those that do, in the same time."""
    silent.process.send_signal(signal.SIGSTOP)
    try:
        found = b.ctl("registry", "get", name, "--embeddings", "--budget", "1500ms")
    finally:
        silent.process.send_signal(signal.SIGCONT)
    assert found["complete"] == {"answered": 3, "known": 4}, found
    assert [item.get("embedding") for item in found["items"]] == ["0000803f00000000"], found
    wait_until("all are there again", lambda: b.peer(silent.name).get("state") == "alive", 30)


def beside_the_table_is_behind_it(b):
    argv = b.command(program("meshctl", b.bin), "--socket", str(b.socket), "registry", "list", "--everywhere", "--limit", "5")
    both = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout.splitlines()
    assert both[0].startswith("HASH") and both[-1].startswith("more: --after ") and "sites" in both[-2], both


def pages(site, *more):
    """A list of what all sites hold, with how many told all they have of how many are known."""
    found, after, complete = [], [], set()
    while True:
        page = site.ctl("registry", "list", "--everywhere", "--budget", "3s", *more, *after)
        found += page["items"]
        complete.add((page["complete"]["answered"], page["complete"]["known"]))
        assert "left_out" not in page and page["schema"] == "meshd.registry/1", page
        if not page.get("next"):
            return found, complete
        after = ["--after", page["next"]]


def a_list_of_what_all_hold_goes_page_by_page(b, a, every, mine):
    """The same at who keeps nothing and who keeps all, whatever the pages' length."""
    strip = lambda items: [{k: v for k, v in item.items() if k != "told_by"} for item in items]
    whole = a.every("registry", "list")
    for site in (a, b):
        for limit in ("5", "64", "1000"):
            found, complete = pages(site, "--limit", limit)
            assert strip(found) == whole and complete == {(4, 4)}, (site.name, limit, complete, found)
    assert [i["hash"] for i in pages(b, "--site", "a", "--limit", "5")[0]] == mine[a]
    assert pages(b, "--type", "cat")[0] == []
    assert "more: --after " in said(b, "registry", "list", "--everywhere", "--limit", "5")
    beside_the_table_is_behind_it(b)
    for wrong in (["--after", "xx"], ["--from_ms", "5"], ["--after", "01.02.03.04"]):
        assert b.ctl("registry", "list", "--everywhere", *wrong, quiet=True).get("status") == 400, wrong
    assert b.ctl("registry", "list", "--budget", "1s", quiet=True).get("status") == 400


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
            wait_until(f"{site.name} has all", lambda s=site: hashes(s) == every, ROUNDS_S)
        assert hashes(b) == mine[b], hashes(b)
        what_a_list_leaves_out_is_said(b, a)
        said(b, "--timeout", "30s", "registry", "sync", "--wait")  # what it does not want it does not lack

        def finds():
            found = b.ctl("registry", "search", "--like", "[1, 0]", "--top", "64", "--budget", "8s", quiet=True)
            return sorted(i["hash"] for i in found.get("items", [])) == every

        wait_until("b finds what it does not keep", finds, ROUNDS_S)
        a_list_of_what_all_hold_goes_page_by_page(b, a, every, mine)
        a_silent_site_takes_nothing_of_the_others(b, d, mine[a][0])
        for site in (a, c, d):  # nobody takes b for a liar
            wait_until(f"b is alive to {site.name}", lambda s=site: s.peer(b.name).get("state") == "alive", 30)
            assert site.counter("sync.given_up") == 0

        b.settings.pop()
        assert b.stop()[0] == 0
        b.start()
        wait_until("b has all", lambda: hashes(b) == every, ROUNDS_S)
        b.settings.append("registry.replicate=none")
        assert b.stop()[0] == 0
        b.start()
        assert hashes(b) == mine[b], hashes(b)


main()
