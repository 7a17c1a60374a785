#!/usr/bin/env python3
"""docs/ANCESTORS.md: every row says here, planned or not; every *here* names something that exists."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
text = {name: (root / "docs" / name).read_text() for name in ("ANCESTORS.md", "CONFIG.md", "API.md", "COUNTERS.md")}
manual = (root / "docs/man/meshctl.1").read_text()


def options():
    found, section = set(), None
    for line in text["CONFIG.md"].splitlines():
        if match := re.match(r"## \[([a-z-]+)", line):
            section = match[1]
        elif match := re.match(r"\| ([a-z_]+) \|", line):
            found.add(f"{section}.{match[1]}")
    return found


def exists(word):
    if word.startswith("tests/") or word.startswith("docs/"):
        return (root / word).exists()
    if word.startswith("meshctl "):
        return f".B {word[8:]}" in manual or f".B {word[8:]} " in manual
    if word.startswith("meshd --"):
        return word[6:] in (root / "meshd/daemon/main.c").read_text() or \
            f'"{word[8:]}"' in (root / "meshd/daemon/main.c").read_text()
    if word.startswith("GET "):
        path = word[4:]
        return f"| `{path}` |" in text["API.md"] or f"`GET {path}" in text["API.md"]
    if word in ("/", "/healthz", "/readyz"):
        return True
    if re.fullmatch(r"[a-z]+\.[a-z._]+", word):
        return word in options() or f"`{word}`" in text["COUNTERS.md"]
    return True


faults, counts = [], {"here": 0, "planned": 0, "not": 0}
for number, line in enumerate(text["ANCESTORS.md"].splitlines(), 1):
    cells = [c.strip() for c in line.strip("|").split("|")]
    if not line.startswith("| ") or cells[0] == "theirs":
        continue
    if len(cells) != 3 or cells[1] not in counts or not cells[2]:
        faults.append(f"{number}: not `feature | here, planned or not | where or why`: {line}")
        continue
    counts[cells[1]] += 1
    if cells[1] == "here":
        words = re.findall(r"`([^`]+)`", cells[2])
        faults += [f"{number}: `{w}` is not to be found" for w in words if not exists(w)]
        if not words and not re.search(r"[a-z]{4}", cells[2]):
            faults.append(f"{number}: says *here*, but not where")
print(", ".join(f"{n} {word}" for word, n in counts.items()))
if faults or sum(counts.values()) < 150:
    print("\n".join(faults), file=sys.stderr)
    sys.exit(1)
