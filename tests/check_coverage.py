#!/usr/bin/env python3
"""Coverage floors of the fuzz corpora: tests/fuzz/coverage.txt says `target file percent` (lines).

Builds the coverage preset's fuzz replays, runs each over its committed corpus, and compares.  With
--write prints what was measured, rounded down, in the file's own form.
"""
import json
import os
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
build = root / "build/coverage"
floors = [line.split() for line in (root / "tests/fuzz/coverage.txt").read_text().splitlines()
          if line and not line.startswith("#")]
targets = sorted({target for target, *_ in floors})


def run(*argv, **kw):
    done = subprocess.run([str(a) for a in argv], cwd=root, capture_output=True, text=True, **kw)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, argv))}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def covered(target):
    """Percent of lines by file, when the target has replayed its corpus."""
    program, raw = build / f"tests/fuzz_{target}", build / f"{target}.profraw"
    run(program, root / "tests/fuzz/corpus" / target, env={**os.environ, "LLVM_PROFILE_FILE": str(raw)})
    merged = build / f"{target}.profdata"
    run("llvm-profdata", "merge", "-sparse", raw, "-o", merged)
    report = json.loads(run("llvm-cov", "export", "-summary-only", f"-instr-profile={merged}", program))
    return {os.path.relpath(f["filename"], root) if f["filename"].startswith("/") else f["filename"].removeprefix("./"):
            f["summary"]["lines"]["percent"] for f in report["data"][0]["files"]}


run("cmake", "--preset", "coverage")
run("cmake", "--build", "--preset", "coverage", "--target", *[f"fuzz_{t}" for t in targets])
figures, faults = {t: covered(t) for t in targets}, []
for target, path, floor in floors:
    percent = figures[target].get(path)
    if "--write" in sys.argv:
        print(f"{target} {path} {int(percent or 0)}")
    elif percent is None or percent < float(floor):
        faults.append(f"{target}: {path} is at {percent} % of its lines, the floor is {floor} %")
    else:
        print(f"{target} {path}: {percent:.1f} % (floor {floor})")
if faults or not floors:
    sys.exit("\n".join(faults) or "no floors are kept")
