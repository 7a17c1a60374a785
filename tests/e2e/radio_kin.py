"""A radio that another site has is known by the node it says it is, wherever it is reached, and let go of at once; and one
that a program of this machine is connected to is not connected to at all."""
import json
import subprocess
import sys

from world import FakeRadio, World, program, sh, wait_until

ADDRESS = "10.77.1.2"
CLIENT = """import socket, sys
held = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print("connected", flush=True)
sys.stdin.read()
"""
LISTENER = """import socket, sys
server = socket.create_server(("127.0.0.1", 4404))
print("listening", flush=True)
kept = []
while True:
    kept.append(server.accept())
    print("accepted", flush=True)
"""


def probe(site, *argv):
    done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "--json", "radio", "probe", *argv), check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout, done.stderr


def state_of(site):
    return site.ctl("radio", "show", "roof")["state"]


def told(asker, word):
    """What the other site's record of its radio says, here."""
    records = [s for s in asker.items("state", "list") if s["site"] == "b" and s["key"] == "radio/roof"]
    return any(r["value"].get("state") == word and (word != "connected" or r["value"]["node"]["id"]) for r in records)


def it_is_known_and_let_go_of(asker, owner, radio):
    before = radio.count("accepted")
    code, _, said = probe(asker, ADDRESS)
    assert code == 5 and "is the radio 'roof' of site 'b'" in said and "let go of at once" in said, (code, said)
    wait_until("its own site has it again", lambda: state_of(owner) == "connected", 40)
    radio.level()  # the one that asked, and its own site, if that is back already
    assert before + 1 <= radio.count("accepted") <= before + 2, radio.lines
    code, _, said = probe(owner, f"[::ffff:{ADDRESS}]:4403")
    assert code == 5 and "of this site" in said, (code, said)


def who_let_go_of_it_is_only_named(asker, owner):
    owner.ctl("radio", "release", "roof", "--duration", "5m")
    code, answer, said = probe(owner, ADDRESS)  # at once, whatever was told all a while ago
    assert code == 0 and answer["ready"], (code, answer, said)
    wait_until("all know", lambda: told(asker, "waiting"), 40)
    code, answer, said = probe(asker, ADDRESS)
    assert code == 0 and answer["ready"] and "was the radio 'roof' of site 'b', as last told" in said, (code, answer, said)


def who_is_connected_is_seen(world, asker):
    """Two users who ask different sites, or none, have no lock in common."""
    listener = subprocess.Popen(asker.command(sys.executable, "-c", LISTENER), stdout=subprocess.PIPE, text=True)
    world.others.append(listener)
    assert listener.stdout.readline() == "listening\n"
    client = subprocess.Popen(asker.command(sys.executable, "-c", CLIENT, "127.0.0.1", "4404"), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    world.others.append(client)
    assert client.stdout.readline() == "connected\n" and listener.stdout.readline() == "accepted\n"
    for argv in (["127.0.0.1:4404"], ["--no-daemon", "[::ffff:127.0.0.1]:4404"]):
        code, _, said = probe(asker, *argv)
        assert code == 5 and "a program of user 0 on this machine is connected to that radio" in said, (argv, code, said)
    client.stdin.close()
    client.wait()
    code, answer, _ = probe(asker, "--timeout", "4s", "127.0.0.1:4404")
    assert code == 1 and answer["reached"] and listener.stdout.readline() == "accepted\n", (code, answer)


def main():
    with World(net=True) as world:
        names = [world.net.add("a"), world.net.add("b")]
        world.net.link("a", "b")
        asker = world.site("a", ns=names[0])
        owner = world.site("b", ns=names[1], settings=["radio.roof.driver=meshtastic", f"radio.roof.host={ADDRESS}"])
        radio = FakeRadio(world, owner, address=ADDRESS)
        world.start_all(asker, owner)
        wait_until("connected", lambda: state_of(owner) == "connected", 40)
        wait_until("all know whose it is", lambda: told(asker, "connected"), 40)
        it_is_known_and_let_go_of(asker, owner, radio)
        who_let_go_of_it_is_only_named(asker, owner)
        who_is_connected_is_seen(world, asker)


if __name__ == "__main__":
    main()
