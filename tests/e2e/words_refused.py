"""Words that JSON cannot say are refused by name before any daemon is asked: left out they would be another request,
a text to everybody or an entry without its metadata.  And who answers too late is not said to be down."""
import pathlib
import re
import socket
import subprocess
import tempfile

from world import program

BAD = b'{"who":"J\xf6rg"}'
REFUSED = [
    ("--meta", "registry", "add", "aa01", "--type", "face", "--meta", BAD),
    ("--site", "registry", "search", "--like", "[1]", "--site", b"\xff"),
    ("--to", "msg", "send", "hello", "--to", b"!\xc0\x80"),
    ("text", "msg", "send", BAD),
    ("value", "state", "set", "here", BAD),
    ("--expires", "invite", "create", "--expires", b"\xed\xa0\x80"),
    ("id", "node", "show", BAD),
    ("--filter", "packet", "list", "--filter", BAD),
]
TWICE = [
    ("--meta", "1, column 21", "registry", "add", "aa01", "--type", "face", "--meta", '{"a":1,"b":{"c":1,"c":2}}'),
    ("value", "2, column 3", "state", "set", "here", '{"a":1,\n"a":2}'),
]


def main():
    for what, *words in REFUSED:
        done = subprocess.run([program("meshctl"), "--socket", "/nowhere/sock", *words], capture_output=True)
        assert done.returncode == 2, (words, done)
        assert f": {what} is not UTF-8 text\n".encode() in done.stderr and done.stdout == b"", (words, done)
    for what, at, *words in TWICE:  # of two members of one name one would be left out
        done = subprocess.run([program("meshctl"), "--socket", "/nowhere/sock", *words], capture_output=True, text=True)
        assert done.returncode == 2 and f": {what}, line {at}: duplicate object key" in done.stderr, (words, done)
    for value in ('{"x":NaN}', "[1,]", ' {"a":1', '"\\ud800"'):  # it begins as JSON: a mistake, and no text
        done = subprocess.run([program("meshctl"), "--socket", "/nowhere/sock", "state", "set", "k", value], capture_output=True, text=True)
        assert done.returncode == 2 and ": value, line 1, column " in done.stderr, (value, done)
    for value in ("NaN", "words", "on-1", "'[1]'"):
        done = subprocess.run([program("meshctl"), "--socket", "/nowhere/sock", "state", "set", "k", value], capture_output=True, text=True)
        assert done.returncode == 3, (value, done)  # a text, were there a daemon
    with tempfile.TemporaryDirectory() as folder:
        for words, why in (([folder], "Is a directory"), ([folder + "/none"], "No such file"), (["-", "--from", "x"], "--from 'x'"),
                           (["-", "--from", "0"], "--from '0'"), (["-", "--from", "-1"], "--from '-1'")):
            done = subprocess.run([program("meshctl"), "--socket", "/nowhere/sock", "registry", "import", *words], capture_output=True,
                                  text=True, stdin=subprocess.DEVNULL)
            assert done.returncode == 2 and why in done.stderr and done.stdout == "", (words, done)
    for value in ("00008", "words", "{}"):
        done = subprocess.run([program("meshctl"), "--socket", "/nowhere/sock", "registry", "add", "aa", "--type", "t", "--embedding", value],
                              capture_output=True, text=True)
        assert done.returncode == 2 and "neither a list, nor hex, nor a file" in done.stderr, (value, done)
    good = subprocess.run([program("meshctl"), "--socket", "/nowhere/sock", "msg", "send", "grüße"], capture_output=True)
    assert good.returncode == 3, good  # that one is sent, were there a daemon
    help_fits()
    late()


def help_fits():
    """On a terminal of 80 columns, with every word of it."""
    def helped(*words):
        done = subprocess.run([program("meshctl"), *words, "--help"], capture_output=True, text=True, check=True)
        long = [line for line in done.stdout.splitlines() if len(line) > 80]
        assert not long, (words, long)
        return done.stdout

    commands = [line.split("  ")[0].split() for line in re.findall(r"^  ([a-z].*)$", helped(), re.M)]
    assert len(commands) > 50
    for words in commands:
        if words[0] == "meshctl":
            continue
        usage = helped(*words[:3 if words[:2] == ["radio", "config"] else 2])
        assert usage.startswith("usage: meshctl " + words[0]), usage
    usage = " ".join(helped("registry", "add").split())
    assert "with meshctl also a FILE (- is standard input) of 32-bit floats, a JSON array or .npy --dtype f32" in usage, usage


def late():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as mute:
        path = str(pathlib.Path(folder) / "sock")
        mute.bind(path)
        mute.listen()
        done = subprocess.run([program("meshctl"), "--socket", path, "--timeout", "300ms", "status"], capture_output=True,
                              text=True)
        assert done.returncode == 6, done
        assert f"no answer from meshd at {path} within 0.3 s" in done.stderr and "running" not in done.stderr, done


if __name__ == "__main__":
    main()
