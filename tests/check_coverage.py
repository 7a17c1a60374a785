#!/usr/bin/env python3
"""Coverage floors of the fuzz corpora: tests/fuzz/coverage.txt says `target file percent` (lines).

Builds the coverage preset's fuzz replays below the folder named by MESHD_BIN (build/release), runs each over its
committed corpus, and compares.  With --write prints what was measured, rounded down, in the file's own form.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
build = pathlib.Path(os.environ.get("MESHD_BIN", root / "build/release")).resolve() / "coverage"
TOOLS = ["cmake", "clang", "llvm-profdata", "llvm-cov"]
text = (root / "tests/fuzz/coverage.txt").read_text().splitlines()
floors = [line.split() for line in text if line and not line.startswith("#")]
targets = sorted({target for target, *_ in floors})


def run(*argv, **kw):
    done = subprocess.run([str(a) for a in argv], cwd=root, capture_output=True, text=True, **kw)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, argv))}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def name_of(path):
    """A file's name in the repository: its paths are compiled as `./`, which llvm puts below the build folder."""
    return path.split("/./")[-1].removeprefix("./")


def covered(target):
    """Percent of lines by file, when the target has replayed its corpus."""
    program, raw = build / f"tests/fuzz_{target}", build / f"{target}.profraw"
    run(program, root / "tests/fuzz/corpus" / target, env={**os.environ, "LLVM_PROFILE_FILE": str(raw)})
    merged = build / f"{target}.profdata"
    run("llvm-profdata", "merge", "-sparse", raw, "-o", merged)
    report = json.loads(run("llvm-cov", "export", "-summary-only", f"-instr-profile={merged}", program))
    return {name_of(f["filename"]): f["summary"]["lines"]["percent"] for f in report["data"][0]["files"]}


def main():
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"skipped: without {', '.join(missing)}")
        sys.exit(1 if os.environ.get("MESHD_REQUIRE_ALL") == "1" else 77)
    if not floors:
        sys.exit("no floors are kept")
    run("cmake", "--preset", "coverage", "-B", build)
    run("cmake", "--build", build, "--target", *[f"fuzz_{t}" for t in targets])
    figures, faults = {t: covered(t) for t in targets}, []
    for target, path, floor in floors:
        percent = figures[target].get(path)
        if "--write" in sys.argv:
            print(f"{target} {path} {int(percent or 0)}")
        elif percent is None or percent < float(floor):
            faults.append(f"{target}: {path} is at {percent} % of its lines, the floor is {floor} %")
        else:
            print(f"{target} {path}: {percent:.1f} % (floor {floor})")
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
