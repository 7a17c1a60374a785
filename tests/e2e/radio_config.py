"""What a radio is set to: shown without its secrets, kept in a file, and restored to what the file says."""
import json
import os

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
    code, _, why = run(site, "config", "export", str(path))
    assert code == 1 and "exists" in why, (code, why)
    code, said, _ = run(site, "config", "export", "--secrets")
    whole = json.loads(said)
    assert code == 0 and whole["settings"]["mqtt"]["password"] == "large4cats"
    assert all(secret in said for secret in SECRETS), said
    return path


def main():
    with World(net=True) as world:
        site = world.site("a", ns=world.net.add("a"),
                          settings=["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403"])
        site.radio = SimRadio(world, site, "--like", str(LIKE), "--silent")
        site.start()
        connected(site)
        it_is_shown(site)
        it_is_kept(site)


if __name__ == "__main__":
    main()
