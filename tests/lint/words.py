#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""What is in every file, and what is in none: licence lines, shells, traces of one machine."""
import re

import tree

CODE = (".c", ".h")
NOTED = CODE + (".py", ".sh", ".cmake", ".in", "CMakeLists.txt")
LICENCE = {True: "MIT", False: "GPL-3.0-or-later"}
MIT = ("include/smbmounter/plugin.h", "plugins/example/", "tests/abi/plugin-1.0.h")
HOSTS = ("fsf.org", "www.gnu.org", "example.com", "github.com")
# Written so that they do not find themselves.
NOWHERE = {
    r"(?<![\w.~-])/(?:w[o]rk|works[p]ace)/": "a path of one machine",
    r"(?<![\w.~-])/(?:ho[m]e|Us[e]rs)/(?!floof\b)\w+": "a home folder",
    r"(?i)\bassis[t]ants?\b|\bbrie[f]\.md\b|\bfar[m]-\w+|\bfresh ey[e]s\b|\bA\.?I\.? age[n]ts?\b":
        "names what is no part of the project",
    r"(?m)^(?:<{7}|>{7}) ": "a conflict was left",
    r"\b(?:TO[D]O|FIX[M]E)\b": "unfinished; say it in an issue",
}
# What another project declares so, repeated.
FOREIGN_TYPES = ("core/os/darwin_types.h",)
IN_CODE = {
    r"\b(?:system|popen|wordexp)\s*\(": "no shell",
    r"\btypedef\s+(?:struct|union|enum)\b": "no typedefs for structs",
}
SHIPPED = ("core/", "cli/", "plugins/", "include/")
IN_SHIPPED = {
    r"\bexec[lv]pe?\s*\(": "no search in PATH",
    r"\b(?:strcpy|strcat|sprintf|vsprintf|gets|strtok|tmpnam|mktemp|atoi)\s*\(": "unbounded",
    r"\?\?[=/'()!<>-]": "a trigraph",
}
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.S)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def licence(path, text):
    """A .in or CMake file may go without; code may not."""
    first = text.split("\n", 3)[:3]
    spdx = next((line for line in first if "SPDX-License-Identifier:" in line), None)
    if spdx is None:
        return f"{path}:1: no SPDX-License-Identifier line" if path.endswith(CODE) else None
    wanted = LICENCE[path.startswith(MIT)]
    return None if wanted in spdx else f"{path}:1: the licence here is {wanted}"


def matches(path, text, patterns):
    return [f"{path}:{line_of(text, match.start())}: '{match.group().strip()}': {why}"
            for pattern, why in patterns.items() for match in re.finditer(pattern, text)]


def check(source):
    found = []
    for path in source.files:
        text = source.read(path)
        if "\0" in text or path.startswith("tests/fuzz/corpus/") or path == "LICENSE":
            continue
        if path.endswith(NOTED) or text.startswith("#!"):
            found.append(licence(path, text))
        found += matches(path, text, NOWHERE)
        found += [f"{path}:{line_of(text, match.start())}: unknown host {match.group(1)}"
                  for match in re.finditer(r"https?://([\w.-]+)", text)
                  if match.group(1) not in HOSTS]
        if path.endswith(CODE):
            bare = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
            if path not in FOREIGN_TYPES:
                found += matches(path, bare, IN_CODE)
            if path.startswith(SHIPPED):
                found += matches(path, bare, IN_SHIPPED)
    return [line for line in found if line]


SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
CASES = [
    ("no licence", {"core/a.c": "int a;\n"}, "no SPDX"),
    ("the wrong licence", {"plugins/example/a.c": SPDX}, "is MIT"),
    ("a shell", {"core/a.c": SPDX + 'int a(void) {\n    return system("true");\n}\n'}, ":3: 'sys"),
    ("a search in PATH", {"core/a.c": SPDX + "int a = execvp(b, c);\n"}, "PATH"),
    ("a typedef", {"core/a.c": SPDX + "typedef struct a b;\n"}, "typedefs"),
    ("an unbounded copy", {"core/a.c": SPDX + "int a = strcpy(b, c);\n"}, "unbounded"),
    ("a path of a machine", {"a.sh": "cd /w" + "ork/main\n"}, "one machine"),
    ("a home", {"a.sh": "cd /ho" + "me/somebody/x\n"}, "home folder"),
    ("a host", {"README.md": "https:" + "//mirror.internal/x\n"}, "unknown host"),
    ("a note to oneself", {"README.md": "TO" + "DO\n"}, "unfinished"),
]
CLEAN = {
    "core/a.c": SPDX + "/* like system(3), but strcpy() is not */\nint a = b_system(\"popen(\");\n",
    "plugins/example/a.c": "/* SPDX-License-Identifier: MIT */\n",
}
tree.main(check, CASES, CLEAN)
