"""Over a line A-B-C: `peer ping` names both hops with their round trips, `netcheck` finds every site
and says how each neighbour sees this one; unknown, stopped and dead sites give their own exit codes.
Then C is killed: the echo stays away, and says so."""
import signal
import subprocess

from world import World, figure, program, sh, wait_until

MESHCTL_OK, FAILED, USAGE, NOT_FOUND, TIMEOUT = 0, 1, 2, 4, 6


def ctl(site, *argv):
    """What people see: exit code, stdout, stderr."""
    done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), *argv), check=False)
    return done.returncode, done.stdout, done.stderr


def ping(a):
    """Two hops, both timed, the nearer one faster; none unverified."""
    answer = a.ctl("peer", "ping", "c", "--count", "5", "--interval", "50ms")
    assert answer["sent"] == answer["received"] == 5, answer
    best = min(answer["items"], key=lambda reply: reply["rtt_ms"])  # a busy machine holds up some
    assert best["rtt_ms"] < 100 and abs(best["clock_ms"]) < 100, answer
    for reply in answer["items"]:
        assert reply["hops"] == reply["hops_back"] == 2, reply
        assert [hop["name"] for hop in reply["way"]] == ["b", "c"], reply
        assert not any(hop.get("unverified") for hop in reply["way"]), reply
        near, far = (hop["rtt_ms"] for hop in reply["way"])
        assert 0 < near < far == reply["rtt_ms"], reply
        assert abs(reply["clock_ms"]) <= reply["rtt_ms"] + 2, reply  # one clock: it seems off by the way, and by whole ms
    figure("ping over two hops, average", round(answer["avg_ms"], 2), "ms")
    near = sum(reply["way"][0]["rtt_ms"] for reply in answer["items"]) / 5
    figure("of that to the first hop", round(near, 2), "ms")
    code, out, _ = ctl(a, "peer", "ping", "c", "--count", "2", "--interval", "20ms")
    assert code == MESHCTL_OK, (code, out)
    lines = out.splitlines()
    assert lines[0].startswith("reply from c: seq=1 hops=2 time="), lines
    assert "  via b " in lines[0] and lines[0].endswith(" ms"), lines
    assert lines[-1].startswith("c: 2 sent, 2 received, 0 % lost; round trip min/avg/max "), lines
    assert all(len(line) <= 80 for line in lines), lines


def errors(a):
    code, out, err = ctl(a, "peer", "ping", "nobody")
    assert code == NOT_FOUND and "no site 'nobody'; there are: " in err and "b" in err, (code, err)
    assert ctl(a, "peer", "ping")[0] == USAGE
    assert ctl(a, "peer", "ping", "c", "--count", "many")[0] == USAGE
    assert ctl(a, "peer", "ping", "c", "--interval", "soon")[0] == USAGE


def netcheck(a, b):
    answer = wait_until("both answer in time", lambda: (said := a.ctl("netcheck"))["answered"] == 2 and said)
    assert answer["schema"] == "meshd.netcheck/1" and answer["asked"] == answer["answered"] == 2, answer
    assert answer["ipv4"] and not answer["nat"] and answer["port_stable"], answer
    peers = {peer["name"]: peer for peer in answer["peers"]}
    assert peers["b"]["direct"] and peers["b"]["hops"] == 1, peers
    assert peers["b"]["observed"] in [own["addr"] for own in answer["addresses"]], answer
    assert not peers["c"]["direct"] and [hop["name"] for hop in peers["c"]["way"]] == ["b", "c"], peers
    assert any(own["hails"] and own["sites"] == 1 for own in answer["addresses"]), answer
    out = wait_until("both answer b", lambda: (said := ctl(b, "netcheck"))[0] == MESHCTL_OK and
                     "answered     2 of 2 sites" in said[1] and said[1])
    assert all(len(line) <= 80 for line in out.splitlines()), out


def stays_answering(a, b):
    """A question that waits for one who is alive for a moment, and silent, does not stop the daemon."""
    argv = a.command(program("meshctl"), "--socket", str(a.socket), "netcheck")

    def is_answered_meanwhile():
        wait_until("b is alive", lambda: a.peer("b").get("state") == "alive")
        b.process.send_signal(signal.SIGSTOP)
        waiting = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        a.ctl("status")
        meanwhile = waiting.poll() is None
        assert waiting.wait(30) == 0
        b.process.send_signal(signal.SIGCONT)
        return meanwhile

    wait_until("status is answered while netcheck waits", is_answered_meanwhile)


def main():
    with World(net=True) as world:
        a, b, c = world.line("a", "b", "c", demo=False)
        world.start_all(a, b, c)
        wait_until("a knows the way to c", lambda: a.peer("c").get("hops") == 2, 30)
        wait_until("b knows c", lambda: b.peer("c").get("direct"), 30)
        ping(a)
        errors(a)
        netcheck(a, b)
        c.kill()
        code, out, err = ctl(a, "peer", "ping", "c", "--count", "1")
        assert code == TIMEOUT and "no answer from c: seq=1" in out, (code, out, err)
        wait_until("c is dead", lambda: a.peer("c").get("state") == "dead", 30)
        code, out, err = ctl(a, "peer", "ping", "c")
        assert code == FAILED and "is not reachable: dead" in err, (code, out, err)
        stays_answering(a, b)


main()
