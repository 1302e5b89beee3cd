#!/usr/bin/env python3
"""Takes each row out of the transition table in turn and asks whether the tests notice.

Works on a scratch copy; the repository is not touched. Prints the rows that no test misses, and ends
with 1 if there are any. Slow cases (tag [slow]) are left out unless --slow is given.

    tests/strength/rows.py [--slow] [--only FIRST-LAST]
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = pathlib.Path("core/domain/machine_table.cpp")


def copy_of_source(target: pathlib.Path) -> None:
    for name in ("CMakeLists.txt", "CMakePresets.json", "cmake", "core", "adapters", "app", "tests", "docs", "web"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name)
        elif source.exists():
            shutil.copy(source, target / name)
    (target / "build").mkdir()
    deps = ROOT / "build" / "deps"
    if deps.exists():
        os.symlink(deps.resolve(), target / "build" / "deps")


def quiet(command, cwd, timeout=600) -> bool:
    try:
        done = subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=timeout)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--slow", action="store_true", help="run the slow cases, too")
    arguments.add_argument("--only", default="", help="rows FIRST-LAST, counted from 0")
    given = arguments.parse_args()

    with tempfile.TemporaryDirectory(prefix="rows-") as folder:
        scratch = pathlib.Path(folder)
        copy_of_source(scratch)
        build = ["nice", "ninja", "-j2", "-C", "build/dev", "core_tests"]
        # The page of the table changes with every row: its test would hide that no behaviour is missed.
        test = ["build/dev/bin/core_tests", "~[page]" if given.slow else "~[slow]~[page]"]
        if not quiet(["cmake", "--preset", "dev"], scratch) or not quiet(build, scratch) or not quiet(test, scratch):
            print("The tests fail as they are; nothing was taken out.")
            return 2

        lines = (ROOT / TABLE).read_text().splitlines()
        rows = [i for i, line in enumerate(lines) if line.startswith("    Row{")]
        first, last = 0, len(rows) - 1
        if given.only:
            first, last = (int(n) for n in given.only.split("-"))
        by_compiler, by_test, survivors = 0, 0, []
        for number in range(first, last + 1):
            at = rows[number]
            without = lines[:at] + ["//" + lines[at]] + lines[at + 1:]
            (scratch / TABLE).write_text("\n".join(without) + "\n")
            if not quiet(build, scratch):
                by_compiler += 1
            elif not quiet(test, scratch):
                by_test += 1
            else:
                survivors.append(number)
                print(f"nobody misses row {number}: {lines[at].strip()[:110]}", flush=True)
        print(f"{last - first + 1} rows: {by_compiler} missed by the compiler, {by_test} by tests, {len(survivors)} by nobody")
        return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
