"""What another site's radio is set to: told and changed for an admin of the network alone, in parts that fit into a datagram."""
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

from world import VECTORS, SimRadio, World, program, sh, wait_until

LIKE = VECTORS / "meshtastic" / "handshake_cli_info.jsonl"
SECRETS = ("large4cats", "123456", "000102030405060708090a0b0c0d0e0f")


def run(site, *argv):
    done = sh(*site.command(program("meshctl"), "--socket", str(site.socket), "radio", *argv), check=False)
    return done.returncode, done.stdout, done.stderr


def items(site, *argv):
    code, said, why = run(site, *argv, "--json")
    assert code == 0, (argv, why)
    return json.loads(said)["items"]


def strangers_are_refused(asker, owner):
    for argv in (["config", "get", "lora"], ["channels", "roof"], ["config", "export"]):
        code, _, why = run(asker, *argv, "--site", owner.name)
        assert code == 5 and "admin" in why, (argv, code, why)
    web = sh(*owner.command("curl", "-s", "http://127.0.0.1:4470/api/v1/radios/roof/config?site=a")).stdout
    assert "operator" in web and "403" in web, web  # nobody asks in this site's name without a right to it


def it_is_shown_in_parts(asker, owner):
    for argv in (["config", "get"], ["config", "get", "lora"], ["config", "get", "channels"], ["channels", "roof"]):
        here, there = items(owner, *argv), items(asker, *argv, "--site", owner.name)
        assert here == there and here, (argv, here, there)
    code, said, _ = run(asker, "config", "get", "mqtt", "--site", owner.name)
    assert code == 0 and "mqtt.username" in said and "(secret)" in said, said
    code, _, why = run(asker, "config", "get", "nosuch", "--site", owner.name)
    assert code == 4 and "nosuch" in why, (code, why)
    code, _, why = run(asker, "config", "get", "--radio", "attic", "--site", owner.name)
    assert code == 4 and "attic" in why, (code, why)
    code, _, why = run(asker, "config", "get", "--site", "nowhere")
    assert code == 4 and "nowhere" in why, (code, why)


def it_is_kept(asker, owner):
    path = asker.dir / "far.json"
    code, _, why = run(asker, "config", "export", str(path), "--site", owner.name)
    assert code == 0 and "ringtone" in why and "secrets" in why, (code, why)
    kept = json.loads(path.read_text())
    assert kept["node"]["id"] == "!00000010" and kept["settings"]["lora"]["region"] == "EU_868", kept
    assert not any(secret in path.read_text() for secret in SECRETS)
    code, _, why = run(asker, "config", "export", "--secrets", "--site", owner.name)
    assert code == 5 and "there" in why, (code, why)
    return kept


def it_is_restored(asker, owner, radio, kept):
    path = asker.dir / "other.json"
    kept["settings"]["lora"]["hop_limit"] = 5
    kept["settings"]["owner"]["long_name"] = "Far"
    path.write_text(json.dumps(kept))
    code, said, why = run(asker, "config", "restore", str(path), "--site", owner.name)
    assert code == 0 and "lora.hop_limit" in said and "owner.long_name" in said and "--yes" in why, (code, said, why)
    assert radio.count("off") == 0
    code, _, why = run(asker, "config", "restore", str(path), "--site", owner.name, "--yes")
    assert code == 0 and "the radio says the same" in why, (code, why)
    radio.comes_to("off", 1)  # all of it in one edit
    assert items(owner, "config", "get", "lora")[0]["values"]["hop_limit"] == 5
    assert 'who="site ' in [line for line in owner.log().splitlines() if "lora.hop_limit" in line][-1]
    code, _, why = run(asker, "config", "restore", str(path), "--site", owner.name)
    assert code == 0 and "Nothing differs" in why, (code, why)
    kept["settings"]["fixed_position"] = {"latitude_i": 1, "longitude_i": 2}
    path.write_text(json.dumps(kept))
    code, _, why = run(asker, "config", "restore", str(path), "--site", owner.name, "--yes")
    assert code == 5 and "tx = no" in why, (code, why)


def its_place_stays_there(asker, owner, radio):
    """With position_precision: in no answer, and no guess is told right from wrong; at home it is as it was."""
    path, place = asker.dir / "place.json", {"latitude_i": 523456789, "longitude_i": 132345678, "altitude": 77}
    code, kept, _ = run(owner, "config", "export")
    kept = json.loads(kept) if code == 0 else json.loads((owner.dir / "roof.json").read_text())
    kept["settings"] = {"fixed_position": place, "position": {**kept["settings"].get("position", {}), "fixed_position": True}}
    path.write_text(json.dumps(kept))

    def values():
        return items(owner, "config", "get", "fixed_position")[0]["values"]

    code, _, why = run(owner, "config", "restore", str(path), "--yes")
    assert code == 0 and values() == place, (code, why, values())
    assert items(asker, "config", "get", "fixed_position", "--site", owner.name)[0]["values"] == place
    owner.settings.append("site.position_precision=13")
    assert owner.stop()[0] == 0
    owner.start()
    wait_until("it is told again", lambda: run(asker, "config", "get", "lora", "--site", owner.name)[0] == 0, 60)
    assert values() == place
    there = items(asker, "config", "get", "fixed_position", "--site", owner.name)[0]["values"]
    assert there == dict.fromkeys(place), there
    everything = run(asker, "config", "get", "--site", owner.name, "--json")[1]
    assert not any(str(n) in everything for n in place.values() if n > 1000), everything
    for guess in (place, {**place, "altitude": 78}, {"latitude_i": place["latitude_i"]}, {}):
        path.write_text(json.dumps({**kept, "settings": {"fixed_position": guess}}))
        code, said, why = run(asker, "config", "restore", str(path), "--site", owner.name)
        assert code == 5 and "position_precision" in why and not said, (guess, code, said, why)
    far = asker.dir / "kept.json"
    code, _, why = run(asker, "config", "export", str(far), "--site", owner.name)
    assert code == 0 and json.loads(far.read_text())["settings"]["fixed_position"] == dict.fromkeys(place), why
    code, said, why = run(asker, "config", "restore", str(far), "--site", owner.name)
    assert code == 0 and "Nothing differs" in why, (code, said, why)
    assert values() == place


MANY = {name: True for name in (
    "enabled", "active", "alert_message", "alert_message_vibra", "alert_message_buzzer", "alert_bell", "alert_bell_vibra",
    "alert_bell_buzzer", "use_pwm", "use_i2s_as_buzzer")} | {"output": 3, "output_ms": 500, "output_vibra": 4, "nag_timeout": 60}


def more_differs_than_an_answer_holds(asker, owner, radio, kept):
    """Fourteen changes in the first section: it is not shown in what, and that is not nothing."""
    path = asker.dir / "many.json"
    kept = {**kept, "settings": {"external_notification": MANY, "lora": {**kept["settings"]["lora"], "hop_limit": 6}}}
    path.write_text(json.dumps(kept))
    order = ("config", "restore", str(path), "--site", owner.name)
    offs = radio.count("off")
    code, said, why = run(asker, *order)
    assert code == 0 and "external_notification: differs" in why and "--yes" in why, (code, said, why)
    assert "lora.hop_limit" in said and "Nothing differs" not in why, (said, why)
    code, said, _ = run(asker, *order, "--json")
    answer = json.loads(said)
    assert code == 0 and answer["unshown"] == ["external_notification"], answer
    assert [item["name"] for item in answer["items"]] == ["hop_limit"] and not answer["applied"], answer
    body = json.dumps({"settings": {"external_notification": MANY}, "dry_run": True, "site": owner.name})
    said = sh(*asker.command("curl", "-s", "--unix-socket", str(asker.socket), "-H", "Content-Type: application/json", "-d", body,
                             "http://localhost/api/v1/radios/roof/config")).stdout
    assert json.loads(said).get("status") == 413, said  # nothing is not said of what was only looked at
    code, _, why = run(asker, *order, "--yes")
    assert code == 0 and "What differed is restored; the radio says the same" in why, (code, why)
    radio.comes_to("off", offs + 1)  # all of it in one edit
    assert items(owner, "config", "get", "external_notification")[0]["values"] == MANY
    assert items(owner, "config", "get", "lora")[0]["values"]["hop_limit"] == 6
    code, _, why = run(asker, *order)
    assert code == 0 and "Nothing differs" in why, (code, why)


def eleven_in_two_sections_are_restored(asker, owner, kept):
    """Each section's differences can be shown, those of the whole order cannot."""
    half = {name: value for name, value in MANY.items() if value is not True}
    path = asker.dir / "halves.json"
    kept = {**kept, "settings": {"external_notification": {**half, "use_pwm": True, "use_i2s_as_buzzer": True}, "telemetry": {
        "device_update_interval": 901, "environment_update_interval": 902, "power_update_interval": 903}}}
    path.write_text(json.dumps(kept))
    order = ("config", "restore", str(path), "--site", owner.name)
    code, said, why = run(asker, *order, "--json")
    answer = json.loads(said)
    assert code == 0 and "unshown" not in answer and len(answer["items"]) >= 11, (answer, why)
    code, _, why = run(asker, *order, "--yes")
    assert code == 0 and "What differed is restored; the radio says the same" in why, (code, why)
    assert items(owner, "config", "get", "telemetry")[0]["values"]["power_update_interval"] == 903


class OldSite(BaseHTTPRequestHandler):
    """A site of before 413: with `{}` of what is too long, and a radio that takes nothing."""
    def answer(self, **members):
        body = json.dumps(members).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        value = {"name": "roof", "driver": "meshtastic", "node": {"id": "!00000010"}}
        self.answer(schema="meshd.states/1", items=[{"key": "radio/roof", "value": value}])

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        cut = not order["dry_run"] or len(order["settings"]) == 1
        self.answer(schema="meshd.radio_changes/1", **({} if cut else {"items": [], "applied": False}))

    def log_message(self, *_):
        pass


def nobody_says_the_same_of_what_is_not_shown(asker, kept):
    path, door = asker.dir / "old.json", asker.dir / "old.sock"
    path.write_text(json.dumps({**kept, "settings": {"external_notification": MANY, "lora": {"region": "US"}}}))
    with socketserver.ThreadingUnixStreamServer(str(door), OldSite) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for yes, wanted in ((), 0), (("--yes",), 1):
            done = sh(program("meshctl"), "--socket", str(door), "radio", "config", "restore", str(path), "--site", "b", *yes,
                      check=False)
            assert done.returncode == wanted and "external_notification: differs" in done.stderr, done
            assert "says the same" not in done.stderr and "Nothing differs" not in done.stderr, done
        server.shutdown()


def main():
    with World(net=True) as world:
        names = [world.net.add("a"), world.net.add("b")]
        world.net.link("a", "b")
        asker = world.site("a", ns=names[0])
        owner = world.site("b", ns=names[1], settings=[
            "radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403", "radio.roof.set_time=no",
            "radio.roof.admin=yes", "web.listen=127.0.0.1:4470"])
        radio = SimRadio(world, owner, "--like", str(LIKE), "--silent")
        world.start_all(owner, asker)  # the first founds the network
        wait_until("all know the radio", lambda: any(
            s["key"] == "radio/roof" and s["value"]["state"] == "connected" for s in asker.items("state", "list")), 40)
        strangers_are_refused(asker, owner)
        owner.ctl("peer", "promote", asker.name)
        wait_until("the promotion came", lambda: run(asker, "config", "get", "lora", "--site", owner.name)[0] == 0)
        it_is_shown_in_parts(asker, owner)
        kept = it_is_kept(asker, owner)
        it_is_restored(asker, owner, radio, json.loads(json.dumps(kept)))
        more_differs_than_an_answer_holds(asker, owner, radio, kept)
        eleven_in_two_sections_are_restored(asker, owner, kept)
        nobody_says_the_same_of_what_is_not_shown(asker, kept)
        owner.settings.append("radio.roof.tx=yes")  # a place that is set is told at once
        assert owner.stop()[0] == 0
        owner.start()
        wait_until("it may be told a place", lambda: run(asker, "config", "get", "lora", "--site", owner.name)[0] == 0, 60)
        its_place_stays_there(asker, owner, radio)


if __name__ == "__main__":
    main()
