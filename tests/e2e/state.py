"""Values that sites say over a line of three real daemons: set, got, removed, the same everywhere, byte for byte.

Another site's value is not ours to remove; what was removed does not come back with a site that was away, nor with one
that was killed."""
import json
import socket

from world import ROUNDS_S, World, program, sh, wait_until


def listed(site):
    """The items alone, as they are written: equal lists are equal bytes."""
    return json.dumps([s for s in site.every("state", "list") if s["key"].startswith("user/")], sort_keys=True)


def values(site, of):
    return {s["key"][5:]: s["value"] for s in site.every("state", "list", of) if s["key"].startswith("user/")}


def agree(what, *sites):
    wait_until(what, lambda: len({listed(s) for s in sites}) == 1, ROUNDS_S)


def by_http(site, method, path, body=""):
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(site.run / "meshd.sock"))
        door.sendall(f"{method} /api/v1{path} HTTP/1.1\r\nHost: meshd\r\nConnection: close\r\n"
                     f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        said = b""
        while chunk := door.recv(65536):
            said += chunk
    return json.loads(said.partition(b"\r\n\r\n")[2])


def check_numbers(a, c):
    """Whole numbers are exact to 2^64-1, through every door and at every site; what is beyond is refused or a float."""
    numbers = [0, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, -2**63, 1.5]
    said = "{\"list\":" + json.dumps(numbers) + "}"
    assert a.ctl("state", "set", "numbers", said)["value"] == {"list": numbers}
    a.ctl("state", "set", "most", str(2**64 - 1))
    wait_until("c has them", lambda: "most" in values(c, "a"))
    assert values(c, "a")["numbers"] == {"list": numbers}, values(c, "a")
    assert by_http(c, "GET", "/state/value?key=most&site=a")["value"] == 2**64 - 1
    for words in (("--jsonl", "state", "list", "a"), ("state", "get", "most", "a")):
        shown = sh(*c.command(program("meshctl"), "--socket", str(c.socket), *words)).stdout
        assert str(2**64 - 1) in shown, shown
    refused = by_http(a, "POST", "/state", '{"key":"over","value":18446744073709551616}')
    assert refused["status"] == 400 and "above 2^64-1" in refused["detail"] and "column 42" in refused["detail"], refused
    assert a.ctl("state", "set", "over", str(2**64))["value"] == float(2**64)  # meshctl says it as a float
    for key in ("numbers", "most", "over"):
        a.ctl("state", "remove", key)
    wait_until("gone at c", lambda: "most" not in values(c, "a"))


def main():
    with World(net=True) as world:
        a, b, c = world.line("a", "b", "c", demo=False)
        world.start_all(a, b, c)
        wait_until("a knows c", lambda: a.peer("c").get("state") == "alive", 30)
        for site in (a, c):
            for key in "xyz":
                site.ctl("state", "set", key, f'"{key} of {site.name}"')
        a.ctl("state", "set", "room/attic", "17")
        wait_until("c has a's", lambda: len(values(c, "a")) == 4)
        wait_until("a has c's", lambda: len(values(a, "c")) == 3)
        agree("the lists are the same", a, b, c)

        assert a.ctl("state", "get", "x", "c")["value"] == "x of c"
        assert a.ctl("state", "get", "x")["value"] == "x of a"
        assert a.ctl("state", "get", "radio/none", quiet=True)["status"] == 404
        assert b.ctl("state", "remove", "x", quiet=True)["status"] == 404  # it is a's and c's
        assert "user/x" in b.ctl("state", "remove", "x", quiet=True)["detail"]
        assert a.ctl("state", "set", "x", "null", quiet=True)["status"] == 400
        assert a.ctl("state", "remove", "x")["removed"] is True
        assert a.ctl("state", "remove", "user/room/attic")["key"] == "user/room/attic"
        assert a.ctl("state", "remove", "x", quiet=True)["status"] == 404
        wait_until("gone at c", lambda: sorted(values(c, "a")) == ["y", "z"])
        assert sorted(values(c, "c")) == ["x", "y", "z"]
        agree("and the same everywhere", a, b, c)

        check_numbers(a, c)

        # Away while a value goes, and while one goes and comes again.
        assert c.stop()[0] == 0
        a.ctl("state", "remove", "y")
        a.ctl("state", "remove", "z")
        a.ctl("state", "set", "z", '"again"')
        a.kill()
        a.start()
        c.start()
        wait_until("c has caught up", lambda: values(c, "a") == {"z": "again"}, ROUNDS_S)
        agree("all three", a, b, c)
        b.kill()
        b.start()
        agree("after a kill", a, b, c)
        assert values(b, "a") == {"z": "again"}

        assert by_http(b, "GET", "/state/value?key=z&site=a")["value"] == "again"
        assert by_http(b, "DELETE", "/state?key=z")["status"] == 404
        assert by_http(a, "DELETE", "/state?key=z")["removed"] is True
        assert by_http(a, "GET", "/state/value?key=z")["status"] == 404
        wait_until("gone at b", lambda: not values(b, "a"))
        agree("at last", a, b, c)


main()
