"""Canned messages and the ringtone, which a radio tells on request alone: kept, restored, and missed where it does not."""
import json

from radio_config import changes, connected, it_is_in_the_log, run, setting, write
from world import SimRadio, World, wait_until

TEXTS = {"canned_messages__messages": "Yes|No|On my way", "ringtone__ringtone": "24:d=32,o=5,b=565:f6,p,f6"}


def a_radio_without_texts_is_kept_all_the_same(site, radio):
    radio.say("mute")
    code, said, why = run(site, "config", "export")
    assert code == 0 and "canned_messages, ringtone: the radio has not told them" in why, (code, why)
    kept = json.loads(said)
    assert "lora" in kept["settings"] and not {"ringtone", "canned_messages"} & set(kept["settings"]), kept
    code, _, why = run(site, "config", "restore", write(site, {**kept, "settings": {"ringtone": {}}}))
    assert code == 2 and "ringtone: this radio has not told it" in why, (code, why)
    code, _, why = run(site, "config", "restore", write(site, kept))
    assert code == 0 and "Nothing differs" in why, (code, why)
    radio.say("none")


def they_are_kept_and_restored(site, radio):
    path = site.dir / "roof.json"
    before = radio.count("asked")
    code, _, why = run(site, "config", "export", str(path))
    radio.comes_to("asked", before + 2)  # once each: it answers
    kept = json.loads(path.read_text())
    assert code == 0 and "ringtone" not in why, (code, why)
    assert kept["settings"]["ringtone"] == kept["settings"]["canned_messages"] == {}, "asked for, and it has none"
    code, said, why = run(site, "config", "restore", write(site, kept, **TEXTS), "--yes")
    assert code == 0 and "canned_messages.messages" in said and "the radio says the same" in why, (code, said, why)
    it_is_in_the_log(site, ["canned_messages.messages", "ringtone.ringtone"])
    assert len(changes(site)) == 1 and "On my way" not in site.log()
    assert setting(site, "canned_messages")["messages"] == "Yes|No|On my way"
    code, said, _ = run(site, "config", "export")
    assert code == 0 and json.loads(said)["settings"]["ringtone"] == {"ringtone": TEXTS["ringtone__ringtone"]}, said
    code, _, why = run(site, "config", "restore", write(site, kept, ringtone__ringtone="x" * 230))
    assert code == 2 and "ringtone.ringtone: longer" in why, (code, why)
    code, said, why = run(site, "config", "restore", str(path), "--yes")
    assert code == 0 and "canned_messages.messages" in said and "the radio says the same" in why, (code, said, why)
    assert setting(site, "ringtone") == setting(site, "canned_messages") == {}
    return path


def a_phone_sets(site, radio, tune):
    """AdminMessage.set_ringtone_message, field 37, of a short tune; a packet behind it shows that it is through."""
    number = 0x1000 + sum(row["id"].startswith("mt:11223344:") for row in site.every("packet", "list"))
    radio.say("admin " + (bytes([0xaa, 0x02, len(tune)]) + tune.encode()).hex())
    radio.say(f"text 0x11223344 {number} hello")
    wait_until("it is through", lambda: any(
        row["id"] == f"mt:11223344:{number:08x}" for row in site.every("packet", "list")))


def what_a_phone_changed_meanwhile_is_seen(site, radio, path):
    """No radio says that another client has changed them: it is asked each time."""
    for tune in ("24:d=4", "24:d=8"):
        a_phone_sets(site, radio, tune)
        assert setting(site, "ringtone") == {"ringtone": tune}
    a_phone_sets(site, radio, "24:d=16")
    code, said, _ = run(site, "config", "export")
    assert code == 0 and json.loads(said)["settings"]["ringtone"] == {"ringtone": "24:d=16"}, said
    a_phone_sets(site, radio, "24:d=2")
    code, said, why = run(site, "config", "restore", str(path), "--yes")
    assert code == 0 and "24:d=2" in said and "the radio says the same" in why, (code, said, why)


def main():
    with World(net=True) as world:
        site = world.site("a", ns=world.net.add("a"),
                          settings=["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403",
                                    "radio.roof.set_time=no", "radio.roof.admin=yes"])
        radio = SimRadio(world, site, "--silent")
        site.start()
        connected(site)
        a_radio_without_texts_is_kept_all_the_same(site, radio)
        path = they_are_kept_and_restored(site, radio)
        what_a_phone_changed_meanwhile_is_seen(site, radio, path)
        assert 'what="tell' not in site.log(), "questions would hold back the lines of changes"
        assert radio.count("sent") == 0, "nothing of it is on the air"


if __name__ == "__main__":
    main()
