"""What a radio is set to: shown without its secrets, kept in a file, and restored to what the file says."""
import json
import os
import re

from world import VECTORS, SimRadio, World, program, sh, wait_until

LIKE = VECTORS / "meshtastic" / "handshake_cli_info.jsonl"
SECRETS = ("large4cats", "123456", "000102030405060708090a0b0c0d0e0f", "private_key\": \"")


def radio_of(site):
    return site.items("radio", "list")[0]


def connected(site):
    wait_until("connected", lambda: radio_of(site)["state"] == "connected", 40)


def run(site, *argv):
    done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "radio", *argv), check=False)
    return done.returncode, done.stdout, done.stderr


def setting(site, section):
    return site.items("radio", "config", "get", section)[0]["values"]


def it_is_shown(site):
    assert setting(site, "lora")["region"] == "EU_868"
    assert setting(site, "owner")["short_name"] == "TALN"
    assert len(site.items("radio", "config", "get", "channels")) == 8
    code, said, _ = run(site, "config", "get", "mqtt")
    assert code == 0 and "mqtt.username" in said and "meshdev" in said and "(secret)" in said, said
    code, _, why = run(site, "config", "get", "nosuch")
    assert code == 4 and "nosuch" in why, (code, why)
    code, _, why = run(site, "config", "get", "--radio", "attic")
    assert code == 4 and "attic" in why, (code, why)
    code, _, why = run(site, "config")
    assert code == 2 and "config" in why, (code, why)
    channels = site.items("radio", "channels", "roof")
    assert [c["name"] for c in channels] == ["LongFast", "vec128", "vec256", "short1"], channels
    assert channels[0]["hash"] == 8 and channels[1]["key"] == "aes128", channels
    node = site.ctl("radio", "show", "roof")["node"]
    assert node["hardware"] == "PORTDUINO" and node["can"] == "wifi pkc" and node["firmware"].startswith("2.7"), node


def its_option_is_a_name_or_a_switch(site):
    """`wait --radio` waits for radios; elsewhere --radio says which, wherever it stands."""
    lora = ("radio", "config", "get", "lora")
    for argv, wanted in ((("wait", "--radio"), 0), (("--radio", "wait"), 0), (("--radio=yes", "wait"), 0),
                         (("--radio", "roof", *lora), 0), (("--radio", "attic", *lora), 4), (("--radio=roof", *lora), 0)):
        done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), *argv), check=False)
        assert done.returncode == wanted, (argv, done)


def half_a_file_is_none(site):
    path = site.dir / "half.json"
    meshctl = f"{program('meshctl')} --socket {site.socket} radio config export"
    done = sh(*site.command("sh", "-c", f"trap '' XFSZ; ulimit -f 2; {meshctl} {path}"), check=False)
    assert done.returncode == 1 and "File too large" in done.stderr and not path.exists(), done
    done = sh(*site.command("sh", "-c", f"{meshctl} >/dev/full"), check=False)
    assert done.returncode == 1 and "No space left" in done.stderr, done


def it_is_told_to_operators(site):
    for what in ("config", "channels"):
        got = sh(*site.command("curl", "-s", "-i", f"http://127.0.0.1:4470/api/v1/radios/roof/{what}"), check=False).stdout
        assert " 403 " in got.splitlines()[0] and "vec128" not in got, (what, got)


def it_is_kept(site):
    path = site.dir / "roof.json"
    code, _, said = run(site, "config", "export", str(path))
    assert code == 0 and "--secrets" in said, (code, said)
    text = path.read_text()
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert not any(secret in text for secret in SECRETS), text
    kept = json.loads(text)
    assert kept["schema"] == "meshd.radio_backup/1" and kept["node"]["id"] == "!00000010", kept
    assert kept["settings"]["mqtt"]["password"] is None
    assert kept["settings"]["ringtone"] == kept["settings"]["canned_messages"] == {}, "asked for, and it has none"
    assert "ringtone" not in said and "missing: " in said, said  # of a newer firmware, which this one does not tell
    code, _, why = run(site, "config", "export", str(path))
    assert code == 1 and "exists" in why, (code, why)
    code, said, _ = run(site, "config", "export", "--secrets")
    whole = json.loads(said)
    assert code == 0 and whole["settings"]["mqtt"]["password"] == "large4cats"
    assert all(secret in said for secret in SECRETS), said
    return path


def told(site):
    """Messages about itself that the radio has answered, but for the texts that it is asked for each time."""
    return site.counter("port.packets.admin") - site.radio.count("asked")


def write(site, kept, **changes):
    """The kept file with other values: section__name=value."""
    other = json.loads(json.dumps(kept))
    for name, value in changes.items():
        section, member = name.split("__")
        other["settings"].setdefault(section, {})[member] = value
    path = site.dir / "other.json"
    path.write_text(json.dumps(other))
    return str(path)


def deeds(site, event="radio.ordered"):
    """The log's lines of one event, as dictionaries."""
    lines = [line for line in site.log().splitlines() if f" {event} " in line]
    return [dict((name, plain or quoted) for name, quoted, plain in
                 re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', line)) for line in lines]


def changes(site):
    return [d for d in deeds(site) if d["what"].startswith("set ")]


def it_is_in_the_log(site, names, result="done"):
    """Who ordered the last, what by name, and how it ended; never a value."""
    said = changes(site)[-1]
    assert re.fullmatch(rf"uid {os.getuid()} pid [0-9]+", said["who"]) and said["radio"] == "roof", said
    assert said["what"].split()[0] == "set" and set(said["what"].split()[1:]) == set(names), said
    wait_until("its end is in the log", lambda: any(
        d["order"] == said["order"] and d["result"] == result for d in deeds(site, "radio.answered")))
    assert not any(secret in site.log() for secret in SECRETS + ("Restored", "renamed")), "a value is in the log"


def it_stays_as_it_is_without_leave(site, kept):
    before = told(site)
    path = write(site, kept, lora__hop_limit=5)
    code, said, why = run(site, "config", "restore", path)
    assert code == 0 and "lora.hop_limit" in said and "5" in said and "--yes" in why, (code, said, why)
    code, _, why = run(site, "config", "restore", path, "--yes")
    assert code == 5 and "admin = no" in why, (code, why)
    wait_until("nothing else was said", lambda: told(site) == before)
    assert setting(site, "lora")["hop_limit"] == 3
    last = changes(site)[-1]
    assert last["denied"] == "admin = no" and last["what"] == "set lora.hop_limit" and "order" not in last, last
    code, said, _ = run(site, "config", "restore", write(site, {**kept, "settings": {s: {} for s in kept["settings"]}}), "--yes")
    last = changes(site)[-1]["what"]
    assert code == 5 and re.search(r" and [0-9]+ more$", last) and 500 < len(last) < 768, (code, said, last)


def what_is_wrong_is_named(site, kept):
    before = told(site)
    wrong = site.dir / "wrong.json"
    for content, code, word in (("{", 1, "wrong.json:1:"), ("{}", 1, "schema"), ('{"schema":"meshd.nodes/1"}', 1, "schema"),
                                (json.dumps({**kept, "network": "meshcore"}), 1, "network"),
                                (json.dumps({**kept, "settings": {}}), 1, "settings"),
                                (json.dumps({**kept, "node": {"id": "!00000099"}}), 1, "!00000099"),
                                (json.dumps({**kept, "settings": {"lora": {"speed": 9}}}), 2, "lora.speed"),
                                (json.dumps({**kept, "settings": {"warp": {}}}), 2, "warp"),
                                (json.dumps({**kept, "settings": {"lora": 3}}), 2, "lora"),
                                (json.dumps({**kept, "settings": {"lora": {"region": "MOON"}}}), 2, "lora.region"),
                                (json.dumps({**kept, "settings": {"tak": {}}}), 2, "tak")):
        wrong.write_text(content)
        got, _, why = run(site, "config", "restore", str(wrong), "--yes")
        assert got == code and word in why, (content[:60], got, why)
    got, _, why = run(site, "config", "restore", str(site.dir / "none.json"))
    assert got == 1 and "none.json" in why, (got, why)
    wait_until("nothing else was said", lambda: told(site) == before)
    path = write(site, {**kept, "node": {"id": "!00000099"}})
    code, _, why = run(site, "config", "restore", path, "--other-node")
    assert code == 0 and "Nothing differs" in why, (code, why)


def what_is_too_large_is_refused(site):
    """The question and what it would change share one room: the daemon lives, however little the one leaves the other."""
    before = told(site)
    for length in range(116_000, 131_000, 1_000):
        body = site.dir / "large.json"
        lora, rest = {"hop_limit": 5}, {"numbers": [1] * 900, "text": "x" * (length - 3_000)}
        body.write_text(json.dumps({"settings": {"lora": lora, "warp": rest}}))
        code = sh(*site.command("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/json",
                                "--data-binary", f"@{body}", "--unix-socket", str(site.socket),
                                "http://x/api/v1/radios/roof/config"), check=False).stdout
        assert code[:1] in ("4", "5"), (length, code)
    wait_until("nothing else was said", lambda: told(site) == before)
    assert radio_of(site)["state"] == "connected"


def it_becomes_what_the_file_says(site, radio, kept):
    path = write(site, kept, lora__hop_limit=5, owner__long_name="Restored", telemetry__device_update_interval=900,
                 channel_1__settings={"psk": None, "name": "renamed"}, lora__ignore_incoming=[17, 18])
    code, said, why = run(site, "config", "restore", path, "--yes")
    assert code == 0 and "the radio says the same" in why, (code, said, why)
    for name in ("lora.hop_limit", "owner.long_name", "telemetry.device_update_interval", "channel_1.settings.name",
                 "lora.ignore_incoming"):
        assert name in said, (name, said)
    radio.comes_to("off", 1)
    assert radio.count("sent") == 0, radio.lines
    it_is_in_the_log(site, ["lora.hop_limit", "owner.long_name", "telemetry.device_update_interval",
                            "channel_1.settings.name", "lora.ignore_incoming"])
    connected(site)
    assert setting(site, "lora")["hop_limit"] == 5 and setting(site, "lora")["ignore_incoming"] == [17, 18]
    assert radio_of(site)["node"]["name"] == "Restored"
    assert site.items("radio", "channels", "roof")[1]["name"] == "renamed"
    code, said, _ = run(site, "config", "export", "--secrets")
    assert json.loads(said)["settings"]["channel_1"]["settings"]["psk"] == "000102030405060708090a0b0c0d0e0f"


def it_is_restored(site, radio, path):
    before = radio.count("off")
    code, said, why = run(site, "config", "restore", str(path), "--yes")
    assert code == 0 and "lora.hop_limit" in said and "the radio says the same" in why, (code, said, why)
    radio.comes_to("off", before + 1)
    code, _, why = run(site, "config", "restore", str(path), "--yes")
    assert code == 0 and "Nothing differs" in why and radio.count("off") == before + 1, (code, why)
    again = site.dir / "again.json"
    assert run(site, "config", "export", str(again))[0] == 0
    assert json.loads(again.read_text())["settings"] == json.loads(path.read_text())["settings"]


def its_place_is_told_by_leave_alone(site, radio, kept):
    """A radio that is told a fixed position tells its mesh: said before, and not done without `tx = yes`."""
    place = kept["settings"]["fixed_position"]
    assert place["latitude_i"] and place["longitude_i"], place
    other = write(site, {**kept, "settings": {"fixed_position": {"latitude_i": 525000000, "longitude_i": 134000000}}})
    code, said, why = run(site, "config", "restore", other)
    assert code == 0 and "fixed_position.latitude_i" in said and "525000000" in said, (code, said)
    assert "tells its mesh the fixed position at once: wants tx = yes" in why and "--yes" in why, why
    code, _, why = run(site, "config", "restore", other, "--yes")
    assert code == 5 and "tx = no" in why and "fixed_position" in why, (code, why)
    assert changes(site)[-1]["denied"] == "tx = no" and setting(site, "fixed_position") == place
    site.stop()
    site.settings.append("radio.roof.tx=yes")
    site.start()
    connected(site)
    before = radio.count("sent")
    code, said, why = run(site, "config", "restore", other, "--yes")
    assert code == 0 and "tells its mesh the fixed position at once" in why and "the radio says the same" in why, (code, said, why)
    wait_until("its mesh was told, once", lambda: radio.count("sent") == before + 1)
    assert setting(site, "fixed_position") == {"latitude_i": 525000000, "longitude_i": 134000000}
    none = write(site, {**kept, "settings": {"fixed_position": {}, "position": {**kept["settings"]["position"], "fixed_position": False}}})
    code, said, why = run(site, "config", "restore", none, "--yes")
    assert code == 0 and "tells its mesh" not in why and "the radio says the same" in why, (code, said, why)
    assert setting(site, "fixed_position") == {} and "fixed_position" not in setting(site, "position")
    code, said, why = run(site, "config", "restore", str(site.dir / "roof.json"), "--yes")
    assert code == 0 and "position.fixed_position" in said and "the radio says the same" in why, (code, said, why)
    wait_until("its mesh was told again", lambda: radio.count("sent") == before + 2)
    assert setting(site, "fixed_position") == place and setting(site, "position")["fixed_position"] is True


def who_dies_amid_it_is_as_before(site, radio, kept):
    off, accepted = radio.count("off"), radio.count("accepted")
    path = write(site, kept, lora__hop_limit=6, owner__long_name="Half")
    radio.say("dies 7")  # two texts are asked for before each of both plans: at the third of the change
    code, _, why = run(site, "config", "restore", path, "--yes")
    assert code == 1 and "nothing was saved" in why, (code, why)
    it_is_in_the_log(site, ["lora.hop_limit", "owner.long_name"], "the link was lost")
    wait_until("another link", lambda: radio.count("accepted") > accepted, 40)
    connected(site)
    radio.comes_to("off", off + 1)
    assert setting(site, "lora")["hop_limit"] == 3 and setting(site, "owner")["long_name"] != "Half"


def its_clock_is_set(site, radio):
    """Told when it has no time; left alone when it is right; told again when it is off."""
    wait_until("the clock is told", lambda: site.counter("port.clock.set") == 1, 20)

    def again(counter, wanted):
        accepted = radio.count("accepted")
        radio.say("drop")
        wait_until("another link", lambda: radio.count("accepted") > accepted, 40)
        wait_until(f"{counter} is {wanted}", lambda: site.counter(counter) == wanted, 40)
    again("port.clock.right", 1)
    radio.say("admin dd0200e1f505")  # set_time_only 100000000: 1973
    again("port.clock.set", 2)
    assert site.counter("port.clock.kept") == 0 and radio.count("sent") == 0
    wait_until("both are in the log", lambda: [(d["who"], d["what"], d["result"]) for d in deeds(site)] ==
               [("meshd", "set its clock", "done")] * 2)


def nothing_of_it_is_a_packet(site):
    types = {p.get("type") for p in site.every("packet", "list")}
    assert "ADMIN_APP" not in types, types


def main():
    with World(net=True) as world:
        site = world.site("a", ns=world.net.add("a"),
                          settings=["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403",
                                    "radio.roof.set_time=no", "web.listen=127.0.0.1:4470"])
        radio = site.radio = SimRadio(world, site, "--like", str(LIKE), "--silent")
        site.start()
        connected(site)
        it_is_shown(site)
        its_option_is_a_name_or_a_switch(site)
        it_is_told_to_operators(site)
        half_a_file_is_none(site)
        path = it_is_kept(site)
        kept = json.loads(path.read_text())
        it_stays_as_it_is_without_leave(site, kept)
        site.stop()
        site.settings.append("radio.roof.admin=yes")
        site.start()
        connected(site)
        what_is_wrong_is_named(site, kept)
        what_is_too_large_is_refused(site)
        it_becomes_what_the_file_says(site, radio, kept)
        it_is_restored(site, radio, path)
        who_dies_amid_it_is_as_before(site, radio, kept)
        nothing_of_it_is_a_packet(site)
        its_place_is_told_by_leave_alone(site, radio, kept)
        site.stop()
        other = world.site("b", ns=world.net.add("b"),
                           settings=["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403"])
        radio = other.radio = SimRadio(world, other, "--silent", "--clockless")
        other.start()
        its_clock_is_set(other, radio)
        nothing_of_it_is_a_packet(other)


if __name__ == "__main__":
    main()
