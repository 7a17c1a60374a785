"""SIGTERM under load: exit 0 in under 5 s, peers show `left`.  A second daemon on the same state folder exits
78 and says so; a bad configuration names file, line, key and range.  Where its file for alerts cannot be had a start says
that."""
import signal
import subprocess

from world import World, figure, program, sh, wait_until

LOAD = ["radio.sim.driver=sim", "radio.sim.sim_interval=100ms"]


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", settings=LOAD)
        world.start_all(a, b)
        wait_until("they see each other", lambda: b.peer("a").get("state") == "alive")

        second = sh(*a.command(program("meshd"), "--demo", "--state-dir", str(a.state), "--run-dir", str(world.dir)),
                    check=False)
        assert second.returncode == 78, second
        assert str(a.state) in second.stderr and f"process {a.process.pid}" in second.stderr, second.stderr

        config = world.dir / "bad.conf"
        config.write_text("[site]\nname = x\n\n[mesh]\nport = 99999\n")
        bad = sh(program("meshd"), "--config", str(config), "--check-config", check=False)
        assert bad.returncode == 78 and "bad.conf:5: mesh.port: 99999" in bad.stderr, bad.stderr

        small = a.ctl("status")["store"]["bytes"]
        wait_until("packets flow", lambda: len(a.items("packet", "list")) > 20)
        wait_until("the store says that it grows", lambda: a.ctl("status")["store"]["bytes"] > small)
        code, seconds = a.stop(signal.SIGTERM)
        figure("sigterm_s", round(seconds, 2), "s")
        assert code == 0 and seconds < 5, (code, seconds)
        wait_until("B shows A left", lambda: (b.peer("a").get("state"), b.peer("a").get("reason")) ==
                   ("left", "stopped"))
        begin = len(b.items("packet", "list"))
        assert "store.late" not in a.log()
        said = a.state / "meshd.db-said"
        said.unlink()
        said.mkdir()
        a.start()
        assert "store.late" in a.log()
        wait_until("A is back", lambda: b.peer("a").get("state") == "alive", 20)
        wait_until("and its packets", lambda: len(b.items("packet", "list")) > begin, 20)


if __name__ == "__main__":
    main()
