"""A name stays with the first key that bore it: three real daemons on a ring, two of them called hill.

The second one is shown with its key, and the log says so; a restart changes nothing, whoever is there; when the first is
gone for good and was removed, the other one gets the name. What the removed ones said is in a's store: after a
restart it takes no name."""
from world import World, wait_until


def key_of(site):
    return site.ctl("key", "show")["key"]


def named(site, name):
    return site.peer(name).get("key")


def lists(a, one, two):
    """What each of them entered and raised stands under the name that the peers have."""
    by_kind = {x["kind"]: x["site"] for x in a.items("alert", "list")}
    return ([(e["hash"], e["site"]) for e in a.every("registry", "list")] == [("aa01", one), ("aa02", two)] and
            (by_kind.get("by.first"), by_kind.get("by.second")) == (one, two) and
            [e["hash"] for e in a.items("registry", "list", "--filter", "site=hill")] == [h for h, name in (
                ("aa01", one), ("aa02", two)) if name == "hill"])


def says(site, kind, entry):
    site.ctl("registry", "add", entry, "--type", "x")
    site.ctl("alert", "raise", kind, "here")


def main():
    with World(net=True) as world:
        a, first, second = world.line("a", "first", "second", demo=False, ring=True)
        for site in (first, second):
            site.settings.append("site.name=hill")
        world.start_all(a, first)
        one = key_of(first)
        wait_until("a sees hill", lambda: named(a, "hill") == one, 30)
        wait_until("its record came", lambda: any(
            row["key"] == "site" and row["site"] == "hill" for row in a.every("state", "list")), 30)
        says(first, "by.first", "aa01")
        world.share_network(a, second)
        second.start()
        other = key_of(second)
        shown = f"hill-{other[:8]}"
        wait_until("the second is shown with its key", lambda: named(a, shown) == other, 30)
        wait_until("the log says so", lambda: "site.claimed" in a.log(), 30)
        assert named(a, "hill") == one
        says(second, "by.second", "aa02")
        wait_until("lists have the same names", lambda: lists(a, "hill", shown), 30)
        assert a.ctl("peer", "remove", "hill", quiet=True).get("status") == 409  # it is there

        assert first.stop()[0] == 0
        assert a.stop()[0] == 0
        a.start()  # only the second is there to claim the name
        wait_until("the second is there again", lambda: a.peer(shown).get("state") == "alive", 30)
        assert named(a, "hill") == one and lists(a, "hill", shown)

        assert a.ctl("peer", "remove", "hill")["decided"] == "removed"
        wait_until("the second is hill now", lambda: named(a, "hill") == other, 30)
        wait_until("in lists, too", lambda: lists(a, one[:8], "hill"), 30)
        assert not any(p["key"] == one for p in a.items("peer", "list"))

        assert second.stop()[0] == 0
        wait_until("the second is gone", lambda: a.peer("hill").get("state") in ("left", "dead"), 30)
        assert a.ctl("peer", "remove", "hill")["decided"] == "removed"
        wait_until("nobody is hill", lambda: a.peer("hill") == {}, 30)
        assert a.stop()[0] == 0
        a.start()
        first.start()
        wait_until("the first is back", lambda: any(
            p["key"] == one and p["state"] == "alive" for p in a.items("peer", "list")), 30)
        wait_until("and is hill again", lambda: named(a, "hill") == one, 30)


main()
