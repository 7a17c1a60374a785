"""libmeshproto as an installed package: `cmake --install` into a folder, conf/examples/node.c built against it with
pkg-config, static and shared, and meshed with a running meshd.  Only the names of the public headers are in it."""
import os
import pathlib
import re
import secrets
import subprocess
import time

from world import BIN, World, sh, wait_until

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PORT = 14490


def declared():
    """Every function and object that the public headers declare."""
    names = set()
    for header in (ROOT / "libmeshproto/include").glob("*.h"):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        for _ in range(3):
            text = re.sub(r"\{[^{}]*\}", "", text)
        names |= set(re.findall(r"\b(mesh_\w+)\(", text)) | set(re.findall(r"extern const struct \w+ (mesh_\w+);", text))
    return names


def defined(*nm):
    lines = sh("nm", "--defined-only", *nm).stdout.splitlines()
    return {line.split()[-1].split("@")[0] for line in lines if re.search(r" [TDRBVW] ", line)}


def check_names(lib):
    wanted = declared()
    assert len(wanted) > 60, wanted
    for what, found in (("libmeshproto.so", defined("-D", str(lib / "libmeshproto.so"))),
                        ("libmeshproto.a", defined("-g", str(lib / "libmeshproto.a")))):
        assert found == wanted, f"{what}: not declared {sorted(found - wanted)}, not there {sorted(wanted - found)}"
    soname = re.search(r"SONAME.*\[(.*)\]", sh("readelf", "-d", str(lib / "libmeshproto.so")).stdout)
    assert soname[1] == "libmeshproto.so.0", soname
    assert (lib / soname[1]).exists()


def check_headers(prefix, flags):
    """Each header compiles alone, in C11 without our own flags."""
    for header in sorted((prefix / "include/meshproto").glob("*.h")):
        done = subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *flags, "-x", "c", "-"],
                              input=f"#include <{header.name}>\n", text=True, capture_output=True)
        assert done.returncode == 0, f"{header.name}: {done.stderr}"


def package(prefix, *argv):
    found = next(prefix.rglob("meshproto.pc")).parent
    env = {**os.environ, "PKG_CONFIG_PATH": str(found)}
    return sh("pkg-config", *argv, "meshproto", env=env).stdout.split()


class Node:
    """examples/node.c, running; `says` is what it printed."""

    def __init__(self, world, site, program, text):
        key = world.dir / f"{text}.key"
        key.write_text(secrets.token_hex(32) + "\n")
        self.out = world.dir / f"{text}.out"
        with open(self.out, "wb") as out:
            self.process = subprocess.Popen(
                ["stdbuf", "-oL", program, str(site.state / "network"), str(key), "127.0.0.9", str(PORT), text],
                stdout=out)
        world.others.append(self.process)

    def says(self):
        assert self.process.poll() is None, f"the node ended: {self.process.returncode}"
        return self.out.read_text().splitlines()


def told(site, text):
    return [s for s in site.items("state", "list", quiet=True) if s["key"] == "user/me" and s["value"] == text]


def meshes(world, site, program, text):
    """State and an alert cross, both ways, and again after meshd was away."""
    node = Node(world, site, program, text)
    said = wait_until("the node's state at meshd", lambda: told(site, text))[0]
    peer = wait_until("the node is alive at meshd", lambda: next(
        (p for p in site.items("peer", "list") if p["name"] == said["site"] and p["state"] == "alive"), None))
    assert peer["direct"], peer
    site.ctl("state", "set", f"door-{text}", "open")
    wait_until("meshd's state at the node", lambda: f"user/door-{text} in lane 3" in node.says())
    site.ctl("registry", "add", "0d1b5b41ff", "--type", f"odd-{text}")
    wait_until("a hash at the node, without an order to the terminal", lambda: "??[A? in lane 6" in node.says())
    site.ctl("alert", "raise", "gate.open", "The gate is open")
    wait_until("meshd's alert at the node", lambda: " in lane 2" in node.says())

    assert site.stop()[0] == 0
    site.start()
    site.ctl("state", "set", f"again-{text}", "open")
    wait_until("meshd's state at the node, after a restart", lambda: f"user/again-{text} in lane 3" in node.says(), 30)
    wait_until("the node's state is there once", lambda: len(told(site, text)) == 1)
    return node


def loses_its_database(site, text):
    """What the node said is here again, from the node's shelf."""
    site.process.kill()
    site.process.wait()
    (site.state / "meshd.db").unlink()
    for rest in site.state.glob("meshd.db-*"):
        rest.unlink()
    # Boots are seconds of the clock, one more if that was used up; without a database the last one is not known.
    last = int(re.findall(r"boot=(\d+)", site.log())[-1])
    wait_until("the clock is past the last boot", lambda: time.time() > last + 1)
    site.start()
    # The node holds nothing of what meshd itself said: asked for that first, it is not asked again for a minute.
    wait_until("the node's state at a meshd without a database", lambda: told(site, text), 150)


def main():
    with World() as world:
        prefix = world.dir / "prefix"
        sh("cmake", "--install", str(BIN), "--prefix", str(prefix))
        lib = next(prefix.rglob("libmeshproto.a")).parent
        check_names(lib)
        flags = package(prefix, "--cflags")
        check_headers(prefix, flags)
        source = prefix / "share/meshd/examples/node.c"
        assert len(source.read_text().splitlines()) <= 80
        shared, static = str(world.dir / "node-shared"), str(world.dir / "node-static")
        cc = ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror"]
        sh(*cc, "-o", shared, str(source), *package(prefix, "--cflags", "--libs"), f"-Wl,-rpath,{lib}")
        libs = package(prefix, "--static", "--libs")
        sh(*cc, "-o", static, str(source), *flags, *[str(lib / "libmeshproto.a") if f == "-lmeshproto" else f for f in libs])
        assert "libmeshproto" in sh("ldd", shared).stdout
        assert "libmeshproto" not in sh("ldd", static).stdout

        site = world.site("hill", settings=["mesh.interfaces=127.0.0.9/32", f"mesh.port={PORT}", "web.listen=127.0.0.9:14491",
                                            "alert.listen=127.0.0.9:14492"])
        site.start()
        node = meshes(world, site, shared, "shared")
        node.process.kill()
        node.process.wait()
        meshes(world, site, static, "static")
        loses_its_database(site, "static")


if __name__ == "__main__":
    main()
