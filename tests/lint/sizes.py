#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""Files that say one thing and functions that fit on a page."""
import re
import statistics

import tree

SOURCE_MAX, HEADER_MAX, FUNCTION_MAX = 400, 120, 60
# Headers that are one table or one contract, and would not be clearer in pieces.
LONGER = {
    "include/smbmounter/plugin.h": (320, "the whole public interface, for people to read at once"),
    "tests/abi/plugin-1.0.h": (320, "a frozen copy of it"),
    "core/control/fields.h": (160, "the table of all fields of all replies"),
    "core/config/config.h": (140, "the whole configuration as structs"),
}
# clang-format puts the body of a function between a line that begins at the margin and a brace
# there; nothing else at the margin ends in ") {".
BEGIN = re.compile(r"^[A-Za-z_].*")
NAME = re.compile(r"(\w+)\(")


def functions(text):
    """(name, line, lines) of every function of a formatted file."""
    begin, name = None, ""
    for number, line in enumerate(text.splitlines(), 1):
        if BEGIN.match(line) and not line.startswith(("struct {", "enum {")):
            begin, head = number, line
            named = NAME.search(head)
            name = named.group(1) if named else ""
        elif line == "}" and begin is not None:
            yield name, begin, number - begin + 1
            begin = None
        elif line.startswith("}"):
            begin = None


def check(source):
    found, files, headers, lengths = [], [], [], []
    for path in source.matching((".c", ".h")):
        text = source.read(path)
        lines = text.count("\n")
        if path.endswith(".h"):
            headers.append(lines)
            limit = LONGER.get(path, (HEADER_MAX,))[0]
        else:
            files.append(lines)
            limit = SOURCE_MAX
        if lines > limit:
            found.append(f"{path}: {lines} lines, at most {limit}: split it")
        for name, line, length in functions(text):
            lengths.append(length)
            if length > FUNCTION_MAX:
                found.append(f"{path}:{line}: {name}() has {length} lines, at most {FUNCTION_MAX}")
    if lengths:
        print(f"{len(files)} .c files, median {statistics.median(files):.0f}, most {max(files)} lines")
        print(f"{len(headers)} headers, median {statistics.median(headers or [0]):.0f}")
        print(f"{len(lengths)} functions, median {statistics.median(lengths):.0f}, "
              f"most {max(lengths)} lines")
    return found + needless(source)


def needless(source):
    """Exceptions that are none any more."""
    if "CMakeLists.txt" not in source.files:
        return []
    return [f"tests/lint/sizes.py: {path} needs no exception" for path in LONGER
            if path not in source.files or source.read(path).count("\n") <= HEADER_MAX]


def body(lines):
    return "static int long_one(int a,\n" + " " * 20 + "int b) {\n" + "    a++;\n" * lines + "}\n"


CASES = [
    ("a long file", {"core/base/a.c": "\n" * 401}, "401 lines"),
    ("a long header", {"core/base/a.h": "\n" * 121}, "121 lines"),
    ("a long function", {"core/base/a.c": body(58)}, "long_one() has 61 lines"),
    ("an exception without need", {"CMakeLists.txt": "", "core/control/fields.h": "\n"}, "needs no"),
    ("a long function after a struct",
     {"core/base/a.c": "struct a {\n    int b;\n};\n\n" + body(60)}, "long_one() has 63"),
]
CLEAN = {
    "core/base/a.c": "\n" * 300 + body(57),
    "core/base/b.c": "static const int t[] = {\n" + "    1,\n" * 90 + "};\n",
}
tree.main(check, CASES, CLEAN)
