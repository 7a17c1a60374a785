"""Embeddings by the file and entries by the thousand, with meshctl: two real daemons.

Raw floats, JSON and .npy go in and come back byte for byte; what is no embedding is refused with its reason; an import
that fails names the line and goes on from there; what one site exports the other one holds after `registry sync`."""
import json
import os
import random
import shutil
import struct

from world import World, program, sh, wait_until

ENTRIES = 1000


def raw(numbers):
    return struct.pack(f"<{len(numbers)}f", *numbers)


def npy(descr, shape, data):
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


def call(site, *argv):
    return sh(*site.command(program("meshctl", site.bin), "--socket", str(site.socket), "--timeout", "30s", *argv), check=False)


def files(site, folder):
    numbers = [0.5, -1.25, 3.0]
    kinds = {"raw": raw(numbers), "json": json.dumps(numbers).encode(), "npy": npy("<f4", "(1, 3)", raw(numbers)),
             "half": npy("<f2", "(3,)", struct.pack("<3e", *numbers)), "byte": npy("|i1", "(3,)", struct.pack("<3b", 1, -2, 3))}
    want = {"half": struct.pack("<3e", *numbers), "byte": struct.pack("<3b", 1, -2, 3)}
    for i, (name, data) in enumerate(kinds.items()):
        (folder / name).write_bytes(data)
        site.ctl("registry", "add", f"0{i}", "--type", name, "--embedding", str(folder / name))
        item = site.items("registry", "get", f"0{i}", "--embeddings")[0]
        assert item["embedding"] == want.get(name, raw(numbers)).hex(), (name, item)
    site.ctl("registry", "add", "0f", "--type", "steps", "--dtype", "i8", "--embedding", str(folder / "raw"))
    item = site.items("registry", "get", "0f", "--embeddings")[0]
    assert item["dtype"] == "i8" and abs(item["scale"] - 3 / 127) < 1e-6, item
    for dtype in ("f32", "f16", "i8"):  # as the same JSON in a file
        for hash_, given in (("1a", str(folder / "json")), ("1b", json.dumps(numbers))):
            site.ctl("registry", "add", hash_, "--type", "list", "--dtype", dtype, "--embedding", given)
        file, list_ = (site.items("registry", "get", h, "--embeddings")[0] for h in ("1a", "1b"))
        shown = ("embedding", "dtype", "dim", "scale")
        assert [file.get(k) for k in shown] == [list_.get(k) for k in shown] and list_["dtype"] == dtype, (file, list_)
        found = site.items("registry", "search", "--like", json.dumps(numbers), "--dtype", dtype, "--type", "list")
        assert [i["hash"] for i in found] == ["1a", "1b"] and found[0]["score"] > 0.999, found
    site.ctl("registry", "add", "1c", "--type", "x", "--dtype", "i8", "--scale", "0.5", "--embedding", "[1, -2, 3]")
    item = site.items("registry", "get", "1c", "--embeddings")[0]
    assert (item["embedding"], item["scale"]) == ("01fe03", 0.5), item
    done = call(site, "registry", "add", "ff", "--type", "x", "--embedding", "[1, true]")
    assert done.returncode == 2 and "--embedding [1, true]: JSON: item 1 is no number" in done.stderr, done
    bad = {"nan": (raw([1, float("nan")]), "number 1 is not finite"), "odd": (b"abc", "no whole number of 32-bit floats"),
           "big": (npy(">f4", "(3,)", raw(numbers)), "big-endian"), "matrix": (npy("<f4", "(3, 1)", raw(numbers)), "shape")}
    for name, (data, reason) in bad.items():
        (folder / name).write_bytes(data)
        done = call(site, "registry", "add", "ff", "--type", "x", "--embedding", str(folder / name))
        assert done.returncode == 2 and reason in done.stderr, (name, done)
    assert call(site, "registry", "add", "ff", "--type", "x", "--embedding", str(folder / "none")).returncode == 2


def where_a_comma_is_the_point(site, folder):
    """A user's language is not JSON's."""
    if shutil.which("localedef") is None or sh("localedef", "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8"), check=False).returncode:
        print("without a locale that has a comma")
        return
    german = {**os.environ, "LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8"}
    for argv in (["add", "2a", "--type", "comma", "--dtype", "i8", "--embedding", "[0.25, -0.5]", "--meta", '{"confidence":0.9}'],
                 ["search", "--like", "[0.5, 1.5]", "--threshold", "-0.5"]):
        done = sh(*site.command(program("meshctl", site.bin), "--socket", str(site.socket), "registry", *argv), check=False, env=german)
        assert done.returncode == 0, done
    item = site.items("registry", "get", "2a", "--embeddings")[0]
    assert item["embedding"] == "4081" and abs(item["scale"] - 0.5 / 127) < 1e-6 and item["metadata"] == {"confidence": 0.9}, item
    done = sh(*site.command(program("meshctl", site.bin), "--socket", str(site.socket), "registry", "export", "--type", "comma"), env=german)
    assert '"confidence":0.9}' in done.stdout, done


def lines(count):
    rng = random.Random(7)
    for i in range(count):
        entry = {"hash": f"{rng.getrandbits(64):016x}", "type": "bulk", "metadata": {"number": i}}
        if i % 5:
            entry["embedding"] = raw([rng.uniform(-1, 1) for _ in range(64)]).hex()
        yield entry


def exported(site):
    done = call(site, "registry", "export", "--type", "bulk")
    assert done.returncode == 0, done.stderr
    return sorted((e["hash"], e.get("embedding"), e["metadata"]["number"]) for e in map(json.loads, done.stdout.splitlines()))


def of_one_hash(site):
    """What several sites said of a hash becomes what stands first in the view; what comes later in a file replaces it."""
    def line(hash_, number, confidence):
        return json.dumps({"hash": hash_, "type": "many", "metadata": {"number": number, "confidence": confidence}})

    together = [line(f"{h:064x}", n, c) for h in range(100) for n, c in ((1, 0.1), (2, 0.9), (3, 0.5))]
    (site.dir / "many").write_text("\n".join(together + [line("00" * 32, 4, 0.2)]) + "\n")
    for _ in range(3):
        done = call(site, "registry", "import", str(site.dir / "many"))
        assert done.returncode == 0 and done.stdout == "101 entries\n", done
        done = call(site, "registry", "import", str(site.dir / "many"), "--json")
        said = {"schema": "meshd.import/1", "entries": 101, "over": 0, "left_out": 200}
        assert done.returncode == 0 and json.loads(done.stdout) == said, done
        assert "200 lines were left out" in done.stderr, done
        kept = call(site, "registry", "export", "--type", "many").stdout.splitlines()
        numbers = [json.loads(entry)["metadata"]["number"] for entry in kept]
        assert numbers == [4] + [2] * 99, numbers


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", demo=False)
        world.start_all(a, b)
        files(a, a.dir)
        where_a_comma_is_the_point(a, a.dir)
        of_one_hash(a)

        all_lines = [json.dumps(e) for e in lines(ENTRIES)]
        broken = all_lines[:600] + ['{"hash":"zz","type":"bulk"}'] + all_lines[600:]
        (a.dir / "broken").write_text("\n".join(broken) + "\n")
        done = call(a, "registry", "import", str(a.dir / "broken"))
        assert done.returncode == 1 and "line 601: parameter hash" in done.stderr, done
        assert "--from 601" in done.stderr, done
        told = call(a, "--json", "registry", "import", str(a.dir / "broken"), "--from", "595")
        assert told.returncode == 1, told
        said = json.loads(told.stdout)
        assert (said["schema"], said["line"]) == ("meshd.import/1", 601) and said["entries"] >= 6, said
        assert said["error"].startswith("parameter hash"), said
        assert len(exported(a)) >= 600
        (a.dir / "whole").write_text("\n".join(all_lines) + "\n")
        done = call(a, "registry", "import", str(a.dir / "whole"), "--from", "601")
        assert done.returncode == 0 and done.stdout == "400 entries\n", done
        here = exported(a)
        assert [(h, n) for h, _, n in here] == sorted((e["hash"], e["metadata"]["number"]) for e in lines(ENTRIES))

        wait_until("b has them", lambda: len(exported(b)) == ENTRIES, 60)
        assert call(b, "registry", "sync", "--wait").returncode == 0
        assert exported(b) == here
        (b.dir / "back").write_text(call(b, "registry", "export", "--type", "bulk").stdout)
        done = call(b, "registry", "import", str(b.dir / "back"))  # b's own now, too
        assert done.returncode == 0, done.stderr
        wait_until("a hears of it", lambda: len(exported(a)) == 2 * ENTRIES, 60)


main()
