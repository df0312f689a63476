#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""What is built: plugins export one symbol, programs need few libraries, the machine is pure.

symbols.py BUILD [--sanitized]   the build folder; sanitizers bring libraries of their own
"""
import glob
import os
import re
import subprocess
import sys

LIBC = ["libc", "libm", "libpthread", "libdl", "librt", "ld-linux-x86-64", "ld-linux-aarch64",
        "ld-linux", "linux-vdso", "libgcc_s"]
NEEDS = {
    "bin/smbmounter": ["libyaml-0", "libmsgpackc", "libmsgpack-c", "libuv"],
    "bin/smbmounter-plugin-host": [],
    "lib/smbmounter/plugins/*.so": [],
}
# Of the C library, the pure machine uses these: on memory alone.
PURE = ["memcpy", "memset", "memmove", "memcmp", "strlen", "strcmp", "__stack_chk_fail"]
# And of our own, what builds its documentation.
OURS = re.compile(r"^(?:machine|handler|move|policy|str|_?_?asan|__ubsan)_")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported(file):
    """Defined symbols that others can see."""
    names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", file).splitlines()]
    return [name for name in names if not name.startswith("__odr_asan.")]


def needed(file):
    return re.findall(r"\(NEEDED\).*\[([^]]+)\]", run("readelf", "-d", file))


def undefined(archive):
    found = [line.split()[-1] for line in run("nm", "-u", archive).splitlines() if " U " in line]
    return sorted(set(found))


def wrong_exports(name, symbols):
    if symbols == ["smbm_plugin"]:
        return []
    return [f"{name}: exports {' '.join(symbols) or 'nothing'}; exactly smbm_plugin is right"]


def wrong_needs(name, libraries, allowed):
    return [f"{name}: needs {library}; allowed beside libc: {', '.join(allowed) or 'nothing'}"
            for library in libraries if library.split(".so")[0] not in allowed + LIBC]


def wrong_symbols(name, symbols):
    return [f"{name}: calls {symbol}; the machine is pure" for symbol in symbols
            if symbol not in PURE and not OURS.match(symbol)]


def check(build, sanitized):
    found = []
    for pattern, allowed in NEEDS.items():
        files = glob.glob(os.path.join(build, pattern))
        if not files:
            found.append(f"{pattern}: is not built")
        for file in files:
            name = os.path.relpath(file, build)
            if file.endswith(".so"):
                found += wrong_exports(name, exported(file))
            if not sanitized:
                found += wrong_needs(name, needed(file), allowed)
    if not sanitized:
        archive = os.path.join(build, "core/machine/libcore_machine.a")
        found += wrong_symbols("libcore_machine.a", undefined(archive))
    return found


def self_test():
    assert wrong_exports("a.so", ["smbm_plugin", "helper"]) and wrong_exports("a.so", [])
    assert not wrong_exports("a.so", ["smbm_plugin"])
    assert wrong_needs("a", ["libc.so.6", "libssl.so.3"], ["libuv"])
    assert not wrong_needs("a", ["libc.so.6", "libuv.so.1"], ["libuv"])
    assert wrong_symbols("a", ["open"]) and not wrong_symbols("a", ["move_act", "memcpy"])
    # The readers see what is there: this interpreter needs a C library and exports something.
    program = os.path.realpath(sys.executable)
    assert any(name.startswith("libc.") for name in needed(program)), needed(program)
    assert wrong_exports("python", exported(program))
    print("self-test: 5 mistakes found, what is right passes")


if "--self-test" in sys.argv:
    self_test()
else:
    problems = check(sys.argv[1], "--sanitized" in sys.argv)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
