#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""Every header compiles alone: whoever includes it needs to know nothing else.

headers.py CC [CXX]   the compilers; plugin.h is for C++, too
"""
import os
import subprocess
import sys

import tree

FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused-function",
         "-Wno-unused-const-variable"]
PUBLIC = "include/smbmounter/plugin.h"


def compilers():
    named = [word for word in sys.argv[1:] if not word.startswith("-")]
    return (named[0] if named else "cc"), (named[1] if len(named) > 1 else "c++")


def packages():
    got = subprocess.run(["pkg-config", "--cflags", "libuv", "yaml-0.1"], capture_output=True,
                         text=True, check=False)
    return got.stdout.split()


def compile_alone(source, path, command):
    folders = [os.path.join(source.root, name) for name in ("include", "core", "plugins", "cli")]
    program = f'#include "{os.path.join(source.root, path)}"\nint headers_test_is_not_empty;\n'
    done = subprocess.run(command + FLAGS + ["-I" + name for name in folders] + ["-"],
                          input=program, capture_output=True, text=True, check=False)
    errors = [line for line in done.stderr.splitlines() if " error" in line]
    return [] if done.returncode == 0 else [f"{path}: {(errors or [done.stderr])[0]}"]


def check(source):
    found = []
    cc, cxx = compilers()
    c = [cc, "-std=c11", "-D_GNU_SOURCE", "-x", "c"] + packages()
    for path in source.matching((".h",), ("core/", "cli/", "include/", "plugins/")):
        found += compile_alone(source, path, c)
        if path == PUBLIC:
            found += compile_alone(source, path, [cxx, "-std=c++11", "-x", "c++"])
    return found


CASES = [
    ("a type from nowhere", {"core/base/a.h": "uint32_t a(void);\n"}, "uint32_t"),
    ("C++ does not know it", {PUBLIC: "static inline int a(void) { int new = 1; return new; }\n"},
     "plugin.h"),
]
CLEAN = {"core/base/a.h": "#include <stdint.h>\nuint32_t a(void);\n"}
tree.main(check, CASES, CLEAN)
