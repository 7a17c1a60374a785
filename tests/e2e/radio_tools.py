"""meshctl radio scan, probe, release and diagnose: a foreign radio is looked at, one that this site has is not touched,
and why a link does not hold is told.  No radio ever sees two clients."""
import json
import os
import signal
import subprocess
import sys
import threading
import time

from world import FakeRadio, World, figure, program, sh, wait_until

SQUAT = """import fcntl, os, socket, sys
planted = open(sys.argv[1], "w")
os.fchown(planted.fileno(), 65534, 65534)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
held = socket.socket(socket.AF_UNIX)
held.bind("\\0meshctl-radio-127.0.0.1:4404")
held.listen()
fcntl.lockf(planted, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
OWN = ["127.0.0.1", "localhost:4403", "[::ffff:127.0.0.1]:4403"]


def meshctl(site, *argv, json_too=True):
    """Exit status, the answer, and what it said beside."""
    done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), *(["--json"] if json_too else []),
                            "radio", *argv), check=False)
    answer = json.loads(done.stdout) if json_too and done.stdout.startswith("{") else done.stdout
    return done.returncode, answer, done.stderr


def connected(site):
    return wait_until("connected", lambda: site.items("radio", "list")[0]["state"] == "connected", 40)


def nobody_can_deny(site):
    """A user with no right to meshd holds what an older meshctl took for a claim, and a lock in a file of his own."""
    public = site.world.dir / "public"
    public.mkdir()
    (public / "meshd.sock").touch()
    holder = subprocess.Popen(site.command(sys.executable, "-c", SQUAT, str(public / "radios.lock")), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    site.world.others.append(holder)
    assert holder.stdout.readline() == "held\n"
    code, answer, said = meshctl(site, "probe", "127.0.0.1:4404")
    assert code == 0 and answer["ready"], (code, answer, said)
    code, answer, said = meshctl(site, "--socket", str(public / "meshd.sock"), "probe", "--no-daemon", "127.0.0.1:4404")
    assert code == 0 and answer["ready"], (code, answer, said)
    made = (site.run / "radios.lock").stat()
    assert (made.st_uid, made.st_mode & 0o777) == (os.geteuid(), 0o660), made


def one_user_is_one_client(site, foreign):
    """Without a meshd, too; and who has it is named."""
    before = foreign.count("accepted")
    argv = ["--socket", "/nowhere", "radio", "probe", "--no-daemon", "127.0.0.1:4404"]
    first = subprocess.Popen(site.command(program("meshctl"), "--timeout", "60s", *argv), stdout=subprocess.DEVNULL)
    site.world.others.append(first)
    wait_until("it is at the radio", lambda: foreign.count("accepted") > before)
    second = sh(*site.command(program("meshctl"), *argv), check=False)
    assert second.returncode == 5 and f"process {first.pid} of user 0" in second.stderr, second
    first.kill()
    first.wait()


def main():
    with World(net=True) as world:
        os.environ["XDG_RUNTIME_DIR"] = str(world.dir)
        world.net.add("a")
        site = world.site("a", ns=world.net.names[0], settings=[
            "radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1", "radio.roof.heartbeat=1s",
            "radio.roof.silence=8s"])
        own, foreign = FakeRadio(world, site), FakeRadio(world, site, port=4404)
        site.start()
        connected(site)

        code, answer, _ = meshctl(site, "probe", "127.0.0.1:4404")
        assert code == 0 and answer["ready"] and answer["node"]["firmware"].startswith("2."), (code, answer)
        code, shown, said = meshctl(site, "probe", "localhost:4404", json_too=False)
        assert code == 0 and answer["node"]["id"] in shown, (shown, said)
        foreign.comes_to("accepted", 2)
        nobody_can_deny(site)
        before = foreign.count("accepted")

        for spelling in OWN:
            code, answer, said = meshctl(site, "probe", spelling)
            assert code == 5 and "that is the radio 'roof' of this site" in said, (spelling, code, said)
        own.comes_to("accepted", 1)

        foreign.say("deaf")
        code, answer, _ = meshctl(site, "--timeout", "4s", "probe", "127.0.0.1:4404")
        assert code == 1 and answer["reached"] and not answer["ready"], (code, answer)
        code, answer, _ = meshctl(site, "probe", "127.0.0.1:4405")
        assert code == 1 and not answer["reached"] and "refused" in answer["error"], (code, answer)

        code, answer, said = meshctl(site, "release", "roof", "--duration", "10m")
        assert code == 0 and answer["state"] == "waiting", (code, answer, said)
        assert answer["error"] == "released for another program", answer
        assert meshctl(site, "probe", "127.0.0.1")[0] == 0
        code, _, said = meshctl(site, "--socket", "/nowhere", "probe", "127.0.0.1:4404")
        assert code == 5 and "no meshd says" in said, (code, said)
        foreign.say("hearing")
        code, answer, said = meshctl(site, "--socket", "/nowhere", "probe", "--no-daemon", "127.0.0.1:4404")
        assert code == 0 and answer["ready"], (code, answer, said)
        foreign.comes_to("accepted", before + 2)
        foreign.say("deaf")
        one_user_is_one_client(site, foreign)
        until = site.ctl("radio", "show", "roof")["released_until_ms"]
        assert 9 * 60_000 < until - time.time() * 1000 <= 10 * 60_000, until
        site.stop()
        site.start()  # who has it was promised ten minutes
        radio = site.ctl("radio", "show", "roof")
        assert radio["state"] == "waiting" and radio["error"] == "released for another program", radio
        assert abs(radio["released_until_ms"] - until) < 1000, (radio, until)
        own.comes_to("accepted", 2)
        assert meshctl(site, "release", "roof", "--duration", "0s")[0] == 0
        connected(site)
        own.comes_to("accepted", 3)
        assert "released_until_ms" not in site.ctl("radio", "show", "roof")
        site.stop()
        site.start()  # and it stays ours
        connected(site)
        own.comes_to("accepted", 4)
        assert meshctl(site, "release", "barn")[0] == 4
        assert meshctl(site, "release", "roof", "--duration", "31m")[0] == 2

        done = []
        running = threading.Thread(target=lambda: done.append(meshctl(site, "diagnose", "roof", "--duration", "15s")))
        running.start()
        wait_until("it is at the radio", lambda: own.count("accepted") >= 5)
        for argv in (["probe", "127.0.0.1"], ["diagnose", "roof", "--duration", "9s"]):
            code, _, said = meshctl(site, *argv)
            assert code == 5 and "another meshctl is at that radio" in said and "of user 0;" in said, (argv, code, said)
        running.join()
        code, answer, said = done[0]
        assert (code, answer["verdict"]) == (0, "sound"), (code, answer, said)
        assert "meshd" in said and "raw" in said, said  # it says how far it is
        own.say("idle 4")  # as firmware closes on who says nothing, only sooner
        code, answer, said = meshctl(site, "diagnose", "roof", "--duration", "21s")
        assert (code, answer["verdict"]) == (0, "heartbeats"), (code, answer, said)
        assert answer["raw"]["losses"] > 0 and answer["supervised"]["losses"] == 0, answer
        connected(site)
        accepted = own.count("accepted")
        longest = subprocess.Popen(site.command(program("meshctl"), "--socket", str(site.socket), "radio", "diagnose",
                                                "roof", "--duration", "1h"), stderr=subprocess.PIPE, text=True)
        world.others.append(longest)
        wait_until("it has begun", lambda: own.count("accepted") > accepted or longest.poll() is not None)
        assert longest.poll() is None, longest.stderr.read()
        longest.send_signal(signal.SIGINT)
        assert "meshd has its radio again" in longest.communicate(timeout=60)[1]
        connected(site)
        assert meshctl(site, "scan")[0] == 0
        lines = own.lines + foreign.lines
        assert not any("while-open" in line for line in lines), lines
        figure("radio_tools_accepted", own.count("accepted"), "connections")


if __name__ == "__main__":
    main()
