#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""report.py BUILD [FILE...]: how many branches of core the tests took, and what must be 100 %.

With files, the branches and lines of those that no test took. Exit status 1: short of a limit.
"""
import collections
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 90
# What decides over what root does with bytes from outside: every branch.
WHOLE = ("core/control/prescan.c", "core/control/access.c", "core/mount/table.c",
         "core/mount/cifs_options.c", "core/machine/")


def measured(build):
    """{file: ({line: count}, {(line, branch): count})} of all objects that were run or not."""
    files = collections.defaultdict(lambda: (collections.Counter(), collections.Counter()))
    notes = [str(path.resolve()) for path in sorted(pathlib.Path(build, "core").rglob("*.gcno"))]
    if not notes:
        sys.exit(f"nothing was measured in {build}: build it with the preset coverage, and test")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--hash-filenames",
                        *notes], cwd=folder, check=True, capture_output=True)
        for name in sorted(os.listdir(folder)):
            with gzip.open(os.path.join(folder, name)) as file:
                add(files, json.load(file))
    return files


def add(files, data):
    for entry in data["files"]:
        path = os.path.relpath(os.path.join(data["current_working_directory"], entry["file"]),
                               SOURCE)
        if not path.startswith("core/"):
            continue
        lines, branches = files[path]
        for line in entry["lines"]:
            number = line["line_number"]
            lines[number] += line["count"]
            for index, branch in enumerate(line["branches"]):
                branches[number, index] += branch["count"]


def rate(counts):
    taken = sum(1 for count in counts.values() if count > 0)
    return taken, len(counts), 100.0 * taken / len(counts) if counts else 100.0


def show_missing(files, path):
    lines, branches = files[path]
    text = (SOURCE / path).read_text(encoding="utf-8").splitlines()
    for number in sorted(lines):
        missed = [index for (line, index), count in branches.items()
                  if line == number and count == 0]
        if lines[number] == 0 or missed:
            what = "line" if lines[number] == 0 else f"branches {missed}"
            print(f"{path}:{number}: {what}: {text[number - 1].strip()}")


def main():
    files = measured(sys.argv[1])
    if sys.argv[2:]:
        for path in sys.argv[2:]:
            show_missing(files, path)
        return 0
    short = [f"{path} (not measured)" for path in WHOLE
             if not any(name.startswith(path) for name in files)]
    total = collections.Counter()
    total_lines = collections.Counter()
    print(f"{'file':44} {'branches':>12} {'':>7} {'lines':>7}")
    for path in sorted(files):
        lines, branches = files[path]
        taken, there, percent = rate(branches)
        must = 100 if path.startswith(WHOLE) else 0
        print(f"{path:44} {taken:5} / {there:4} {percent:6.1f} % {rate(lines)[2]:6.1f} %"
              f"{'  must be 100' if must > percent else ''}")
        if must > percent:
            short.append(path)
        total.update({(path, *key): count for key, count in branches.items()})
        total_lines.update({(path, key): count for key, count in lines.items()})
    taken, there, percent = rate(total)
    print(f"{'all of core':44} {taken:5} / {there:4} {percent:6.1f} %"
          f" {rate(total_lines)[2]:6.1f} %")
    if percent < LIMIT:
        short.append(f"all of core (at least {LIMIT} %)")
    for path in short:
        print(f"short of its limit: {path}")
    return 1 if short else 0


sys.exit(main())
