"""Waypoints and questions that tell of us, from a person or a program through a daemon to a simulated radio: followed as
texts are, kept over a killed daemon, and a packet that the other site can read."""
import json
import signal
import socket

from world import SimRadio, World, program, sh, wait_until

OURS = ("radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403", "radio.roof.tx=yes")


def refused(site, *argv):
    done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "msg", "waypoint", *argv), check=False)
    return done.returncode, done.stderr


def bad_input_is_named(site):
    for argv, word in (([], "latitude"), (["hut", "91", "0"], "-90 to 90"), (["hut", "north", "0"], "latitude"),
                       (["hut", "1", "2", "--icon", "ab"], "icon"), (["x" * 30, "1", "2"], "name"),
                       (["hut", "1", "2", "--expires", "soon"], "expires"), (["--remove"], "waypoint"),
                       (["hut", "1", "2", "--locked-to", "me"], "locked_to")):
        code, said = refused(site, *argv)
        assert code in (1, 2) and word in said, (argv, code, said)


def state(site, request):
    return site.ctl("msg", "show", str(request))


def reaches(site, request, wanted, seconds=30):
    return wait_until(f"request {request} is {wanted}",
                      lambda: (m := state(site, request)).get("state") in wanted and m, seconds)


def packet_of(site, message):
    return wait_until("the packet is here", lambda: (
        p := site.ctl("packet", "show", message["id"], quiet=True)).get("network") and p)


def a_waypoint_is_followed_and_everywhere(site, other, radio):
    argv = ("msg", "waypoint", "hut", "48.2", "-16.4", "--icon", "🛖", "--description", "water inside", "--expires", "8h")
    sent = site.ctl(*argv)
    assert sent["kind"] == "waypoint" and sent["text"] == "hut", sent
    message = reaches(site, sent["request"], ("accepted", "relayed"))
    radio.say(f"relayed {message['number']}")
    reaches(site, sent["request"], ("relayed",))
    packet = packet_of(other, message)
    said = packet["payload"]["waypoint"]
    assert packet["type"] == "WAYPOINT_APP" and said["name"] == "hut" and said["description"] == "water inside", packet
    assert said["lat"] == 48.2 and said["lon"] == -16.4, said
    assert said["icon"] == ord("🛖") and said["id"] == message["waypoint"]["id"], (said, message)
    assert said["expire_ms"] == message["waypoint"]["expires_ms"] // 1000 * 1000, (said, message)
    return message["waypoint"]["id"]


def a_program_takes_it_away(site, other, number):
    here = site.dir / "app.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as app:
        app.bind(str(here))
        app.settimeout(60)
        asked = {"op": "send", "topic": "waypoint", "waypoint": number, "remove": True, "ref": 5}
        app.sendto(json.dumps(asked).encode(), str(site.run / "apps.sock"))
        answer = json.loads(app.recv(65536))
    assert answer["op"] == "ok" and answer["ref"] == 5, answer
    message = reaches(site, answer["answer"]["request"], ("accepted", "relayed"))
    said = packet_of(other, message)["payload"]["waypoint"]
    assert said["id"] == number and said["expire_ms"] == 1000 and "name" not in said, said


def it_goes_on_after_a_killed_daemon(site, node):
    """The second of two waits ten seconds for the radio's pace."""
    site.ctl("msg", "waypoint", "ford", "1.5", "2.5")
    request = site.ctl("msg", "waypoint", "gate", "1.5", "2.5", "--to", node)["request"]
    site.process.send_signal(signal.SIGKILL)
    site.process.wait(10)
    site.start()
    message = reaches(site, request, ("acked", "failed"), 60)
    assert message["state"] == "acked" and message["text"] == "gate", message
    assert message["waypoint"]["lat"] == 1.5, message
    assert message["to"] == node, message


def a_question_tells_of_us(site, node):
    """Bare, it gives nothing away; with --tell what the channel shares of our place."""
    for options, tells in (((), False), (("--tell",), True)):
        request = site.ctl("node", "ask", node, "position", *options)["request"]
        message = reaches(site, request, ("accepted", "relayed", "acked", "answered"))
        said = packet_of(site, message).get("payload", {}).get("position", {})
        assert ("lat" in said) == tells, (options, said)
        assert said.get("precision", 32) < 32 or not tells, said


def main():
    with World(net=True) as world:
        names = [world.net.add("a"), world.net.add("b")]
        world.net.link("a", "b")
        site = world.site("a", ns=names[0], settings=OURS)
        other = world.site("b", ns=names[1])
        radio = SimRadio(world, site, "--nodes", "4", "--silent")
        world.start_all(site, other)
        wait_until("connected", lambda: site.items("radio", "list")[0]["state"] == "connected", 40)
        bad_input_is_named(site)
        assert radio.count("sent") == 0
        radio.say("admin ca020a0d80bcba1c15008f39f6")  # set_fixed_position; the radio tells its client, too
        number = a_waypoint_is_followed_and_everywhere(site, other, radio)
        a_program_takes_it_away(site, other, number)
        own = site.items("radio", "list")[0]["node"]["id"]
        node = wait_until("the radio's list", lambda: [n["id"] for n in site.items("node", "list") if n["id"] != own])[0]
        a_question_tells_of_us(site, node)
        it_goes_on_after_a_killed_daemon(site, node)


if __name__ == "__main__":
    main()
