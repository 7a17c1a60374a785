"""meshctl.1 has every command that `meshctl --help` lists, with its words by place and its own options."""
import pathlib
import re
import subprocess
import sys

MAN = pathlib.Path(__file__).resolve().parent.parent / "docs/man/meshctl.1"


def helped(meshctl, *command):
    return subprocess.run([meshctl, *command, "--help"], check=True, text=True, capture_output=True).stdout


def entries(page):
    """Each command's line without roff, and what stands below it."""
    plain = re.sub(r"\\f.", "", page).replace("\\-", "-")
    return dict(re.findall(r"^\.TP\n\.B ([^\n]*)\n(.*?)(?=^\.TP|^\.SH)", plain, re.M | re.S))


def words(usage):
    return [word for word in usage.split() if not word.startswith("[") and word.islower()]


def main():
    meshctl, man = sys.argv[1], entries(MAN.read_text())
    verbs = {re.match(r"[a-z ]*", line)[0].strip(): (line, text) for line, text in man.items()}
    faults = []
    lines = re.findall(r"^  ([a-z].*)$", helped(meshctl), re.M)
    commands = [line for line in lines if not line.startswith("meshctl ")]
    assert len(commands) > 50, commands
    for line in commands:
        known = [v for v in verbs if line == v or line.startswith(v + " ")]
        if not known:
            faults.append(f"not there: {line}")
            continue
        command = max(known, key=len)
        usage = helped(meshctl, *command.split())
        places = len(usage.splitlines()[0].split()) - 2 - len(command.split())
        head, text = verbs[command]
        if len(head.split()) - len(command.split()) != places:
            faults.append(f"{command}: other words by place than {usage.splitlines()[0]}")
        for name in sum((found.split() for found in re.findall(r"options: --(.*)", usage)), []):
            if f"--{name.replace('_', '-')}" not in text:
                faults.append(f"{command}: --{name} is missing")
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
