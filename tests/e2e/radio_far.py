"""What another site's radio is set to: told and changed for an admin of the network alone, in parts that fit into a datagram."""
import json

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
    assert radio.count("off") == 1, "all of it in one edit"
    assert items(owner, "config", "get", "lora")[0]["values"]["hop_limit"] == 5
    assert 'who="site ' in [line for line in owner.log().splitlines() if "lora.hop_limit" in line][-1]
    code, _, why = run(asker, "config", "restore", str(path), "--site", owner.name)
    assert code == 0 and "Nothing differs" in why, (code, why)
    kept["settings"]["fixed_position"] = {"latitude_i": 1, "longitude_i": 2}
    path.write_text(json.dumps(kept))
    code, _, why = run(asker, "config", "restore", str(path), "--site", owner.name, "--yes")
    assert code == 5 and "tx = no" in why, (code, why)


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
        it_is_restored(asker, owner, radio, kept)


if __name__ == "__main__":
    main()
