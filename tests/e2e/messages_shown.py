"""What meshctl shows of messages on a terminal of 80 columns, and when `msg wait` has what was asked for."""
import os
import subprocess

from world import FakeRadio, World, program, sh, wait_until

RADIO = ["radio.roof.driver=meshtastic", "radio.roof.host=127.0.0.1:4403", "radio.roof.tx=yes"]


def run(site, *argv):
    return sh(*site.command(program("meshctl"), "--socket", str(site.socket), *argv), check=False)


def reaches(site, request, wanted, seconds=60):
    return wait_until(f"request {request} is {wanted}", lambda: (
        m := site.ctl("msg", "show", str(request))).get("state") == wanted and m, seconds)


def number_of(radio, port):
    """The packet number of the last question on that port."""
    return [line.split()[1] for line in radio.level() if line.startswith("sent ") and line.split()[2] == str(port)][-1]


def a_question_waits_for_its_answer(site, radio):
    request = site.ctl("node", "ask", "!00000011", "position")["request"]
    reaches(site, request, "accepted")
    radio.say(f"route 0x11 {number_of(radio, 3)} 0")
    reaches(site, request, "acked")
    early = run(site, "msg", "wait", str(request), "--for", "1ms")
    assert early.returncode == 6, early  # it arrived there, no more
    early = run(site, "msg", "wait", str(request), "--timeout", "1ms")
    assert early.returncode == 6, early
    radio.say(f"answer 0x11 {number_of(radio, 3)} 3")  # behind its confirmation: the answer of that question still
    reaches(site, request, "answered")
    radio.say(f"answer 0x11 {number_of(radio, 3)} 3")
    done = run(site, "msg", "wait", str(request), "--timeout", "60s")
    assert done.returncode == 0 and "POSITION_APP" in done.stdout, done


def a_text_waits_for_its_confirmation(site, radio):
    request = site.ctl("msg", "send", "to one", "--to", "!00000011")["request"]
    reaches(site, request, "accepted")
    assert run(site, "msg", "wait", str(request), "--for", "1ms").returncode == 6
    radio.say(f"route 0x11 {number_of(radio, 1)} 0")
    assert run(site, "msg", "wait", str(request), "--for", "60s").returncode == 0


def the_list_fits(site, radio):
    radio.say("refuse 39")
    reaches(site, site.ctl("msg", "send", "a longer text that has to be cut", "--to", "!00000012")["request"], "failed")
    radio.say("refuse 0")
    lines = run(site, "msg", "list").stdout.splitlines()
    text = "\n".join(lines)
    assert all(len(line) <= 80 for line in lines), text
    assert any("PKI_SEND_FAIL_PUBLIC_KEY" in line and "a longer" in line for line in lines), text
    assert any("position" in line and "!00000011" in line for line in lines), text


def watches_show_questions(site, watching):
    site.ctl("node", "ask", "!00000011", "trace")
    lines = []
    for line in watching.stdout:
        lines.append(line.rstrip("\n"))
        if line.rstrip().endswith("trace"):
            break
    assert lines and lines[-1].endswith("trace"), lines
    assert all(len(line) <= 80 for line in lines), lines
    assert any("PKI_SEND_FAIL_PUBLIC_KEY: a longer" in line for line in lines), lines


def main():
    os.environ["COLUMNS"] = "80"
    with World(net=True) as world:
        site = world.site("a", ns=world.net.add("a"), settings=RADIO)
        radio = FakeRadio(world, site)
        site.start()
        wait_until("connected", lambda: site.items("radio", "list")[0]["state"] == "connected", 40)
        watching = subprocess.Popen(site.command(program("meshctl"), "--socket", str(site.socket), "msg", "watch", "--for",
                                                 "10m"), stdout=subprocess.PIPE, text=True)
        world.others.append(watching)
        a_question_waits_for_its_answer(site, radio)
        a_text_waits_for_its_confirmation(site, radio)
        the_list_fits(site, radio)
        if os.environ.get("LOOK"):
            print(run(site, "msg", "list").stdout)
        watches_show_questions(site, watching)


if __name__ == "__main__":
    main()
