#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""Every command, plugin, option, event, state and key has its place in a manual; every test that
SECURITY.md names exists.

docs.py MANUALS   MANUALS: the folder of the generated smbmounter.8
"""
import os
import re
import sys

import tree

MAN8, MAN5 = "packaging/man/smbmounter.8", "packaging/man/smbmounter.yaml.5"
EXAMPLE = "conf/smbmounter.yaml.example"
THREATS = "SECURITY.md"
# Table (file, macro), where its names must be found and how they are written there.
TABLES = [
    ("core/control/commands.h", "COMMANDS", MAN8, r"^\.It Cm {}\b"),
    ("core/control/commands.h", "CONTROL_ERRORS", MAN8, r"^\.Pq Li {} \.$"),
    ("core/control/events.h", "EVENT_KINDS", MAN8, r"^\.It Li {}$"),
    ("core/machine/tables.h", "MACHINE_STATES", MAN8, r"^\.It Li {}$"),
]
KEYS = re.compile(r'\b(?:NODE|TEXT|INT|BOOL|CHOICE)\("([a-z_]+)"|= \{"([a-z_]+)",')
# What is chosen by platform, and the options of each one's client, by the first word of its rows.
DEFAULTS = ("core/base/places.h", "core/config/keys.c")
BY_PLATFORM = re.compile(r"^#if PLATFORM_DARWIN\n(.*?)^#endif", re.M | re.S)
OPTIONS = ("core/config/mount_options_cifs.c", "core/config/mount_options_darwin.c")
OPTION_ROW = re.compile(r'^    [A-Z]+\("([a-z_]+)"', re.M)
# Not for a hand to write, or for the other platform.
NOT_IN_EXAMPLE = ()


def rows(text, macro):
    """The names of an X-macro: the second word of each row."""
    begin = text.find(f"#define {macro}(X)")
    table = text[begin:].split("\n\n")[0] if begin >= 0 else ""
    return re.findall(r'X\(\w+,\s*"([^"]+)"', table.replace("\\\n", "\n"))


def check_tables(source, generated):
    found = []
    for path, macro, manual, form in TABLES:
        names = rows(source.read(path), macro)
        if not names:
            found.append(f"{path}: no table {macro}")
        found += [f"{manual}: lacks '{name}' of {macro}" for name in names
                  if not re.search(form.format(re.escape(name)), generated, re.M)]
    return found


def check_keys(source):
    """config/keys.c against the manual and the example."""
    manual, example = source.read(MAN5), source.read(EXAMPLE)
    keys = {a or b for a, b in KEYS.findall(source.read("core/config/keys.c"))}
    found = [] if keys else ["core/config/keys.c: no keys"]
    for key in sorted(keys):
        if not re.search(rf"^\.It Cm {key}\b", manual, re.M):
            found.append(f"{MAN5}: lacks the key '{key}'")
        if key not in NOT_IN_EXAMPLE and not re.search(rf"\b{key}:", example):
            found.append(f"{EXAMPLE}: lacks the key '{key}'")
    return found


def check_defaults(source):
    """What differs between the platforms, and every mount option, against the manual."""
    manual, found = source.read(MAN5), []
    words = set(re.split(r"[^\w./-]+", manual)) | set(re.split(r"[^\w./-]+|[.]\s", manual))
    for path in DEFAULTS:
        values = [value for block in BY_PLATFORM.findall(source.read(path))
                  for line in block.split("\n") if line.startswith("#define")
                  for value in re.findall(r'"([^"]+)"', line)]
        found += [] if values else [f"{path}: no defaults by platform"]
        found += [f"{MAN5}: lacks the default '{value}' of {path}"
                  for value in sorted(set(values)) if not set(value.split("|")) <= words]
    for path in OPTIONS:
        names = OPTION_ROW.findall(source.read(path))
        found += [] if names else [f"{path}: no options"]
        found += [f"{MAN5}: lacks the mount option '{name}'" for name in names
                  if name not in words]
    return found


def check_plugins(source):
    """Each plugin's manual names its options and is named by the configuration's."""
    found, names = [], []
    for path in source.matching((".c",), ("plugins/",)):
        folder, name = os.path.split(os.path.dirname(path))
        text = source.read(path)
        if folder != "plugins" or name == "common" or "SMBM_OPTIONS_END" not in text:
            continue
        names.append(name)
        page = f"plugins/{name}/smbmounter-{name}.7"
        manual = source.read(page) if page in source.files else ""
        if not manual:
            found.append(f"{page}: is not there")
        found += [f"{page}: lacks the option '{option}'"
                  for option in re.findall(r'\{"([a-z_]+)",\s*SMBM_OPT', text)
                  if f".It Cm {option}" not in manual]
    for path in source.matching((".c",), ("plugins/",)):
        name = path.split("/")[1]
        if name not in ("common", "example") and not re.search(
                rf"\b(?:smbmounter-)?{name}\b", source.read(MAN5)):
            found.append(f"{MAN5}: lacks the plugin '{name}'")
    return found if names else found + ["plugins: none found"]


def check_threats(source):
    """Each row of the table names tests that are there: suite: name, NN-scenario, fuzz target."""
    rows = re.findall(r"^\| [UASPX] \|.*\|([^|]*)\|$", source.read(THREATS), re.M)
    tests = set()
    for path in source.matching((".c",), ("tests/",)):
        tests |= {": ".join(pair) for pair in re.findall(r"^Test\((\w+), (\w+)", source.read(path),
                                                          re.M)}
    for path in source.files:
        if "/scenarios/" in path:
            tests.add(os.path.basename(path)[:-len(".sh")])
        elif path.startswith("tests/fuzz/fuzz_"):
            tests.add(path[len("tests/fuzz/fuzz_"):-len(".c")])
    found = [] if rows else [f"{THREATS}: no threats"]
    for row in rows:
        named = re.findall(r"`([^`]+)`", row)
        found += [f"{THREATS}: there is no test '{name}'" for name in named if name not in tests]
        if not named:
            found.append(f"{THREATS}: a row without a test:{row}")
    return found


def check(source):
    folder = sys.argv[1] if len(sys.argv) == 2 and sys.argv[1] != "--self-test" else None
    generated = ""
    if folder:
        with open(os.path.join(folder, "smbmounter.8"), encoding="utf-8") as file:
            generated = file.read()
    elif MAN8 in source.files:
        generated = source.read(MAN8)
    return check_tables(source, generated) + check_keys(source) + check_defaults(source) + \
        check_plugins(source) + check_threats(source)


CLEAN = {
    "core/control/commands.h": '#define COMMANDS(X) \\\n    X(STATUS, "status", A)\n\n'
                               '#define CONTROL_ERRORS(X) \\\n    X(OK, "ok", 0)\n\n',
    "core/control/events.h": '#define EVENT_KINDS(X) \\\n    X(STATE, "state", "x")\n\n',
    "core/machine/tables.h": '#define MACHINE_STATES(X) \\\n    X(FAILED, "failed", "x")\n\n',
    "core/config/keys.c": '#if PLATFORM_DARWIN\n#define EVERY "10"\n#else\n#define EVERY "60"\n'
                          '#endif\nINT("max_hosts", 1)\n',
    "core/base/places.h": '#if PLATFORM_DARWIN\n#define A "/var/a"\n#else\n#define A "/a"\n#endif\n',
    "core/config/mount_options_cifs.c": '    FLAG("seal", "x"),\n',
    "core/config/mount_options_darwin.c": '    VFS("nobrowse", 1, "x"),\n',
    "plugins/p/p.c": '{"limit_ms", SMBM_OPT_INT}, SMBM_OPTIONS_END\n',
    "plugins/p/smbmounter-p.7": ".It Cm limit_ms\n",
    MAN5: ".It Cm max_hosts\nsmbmounter-p\n10, 60; .Pa /a , /var/a . seal, nobrowse\n",
    EXAMPLE: "max_hosts: 3\n",
    THREATS: "| U | a | b | `s: t`, `01-x` |\n",
    "tests/a.c": "Test(s, t) {\n",
    "tests/lab/scenarios/01-x.sh": "play\n",
    MAN8: ".It Cm status\n.Pq Li ok .\n.It Li state\n.It Li failed\n",
}


def without(path, text=""):
    return {**CLEAN, path: text}


CASES = [
    ("a forgotten command", without(MAN8, ".It Li state\n"), "lacks 'status'"),
    ("a forgotten state", without(MAN8, ".It Cm status\n"), "lacks 'failed'"),
    ("a forgotten event", without(MAN8), "lacks 'state'"),
    ("a forgotten key", without(MAN5, "smbmounter-p\n"), "lacks the key"),
    ("a key that the example lacks", without(EXAMPLE), EXAMPLE),
    ("a default of macOS that is not told", without(MAN5, ".It Cm max_hosts\n60 /var/a\n"),
     "lacks the default '10'"),
    ("a forgotten mount option", without(MAN5, "seal\n"), "lacks the mount option 'nobrowse'"),
    ("a forgotten plugin", without(MAN5, ".It Cm max_hosts\n"), "lacks the plugin"),
    ("a forgotten option", without("plugins/p/smbmounter-p.7", ".Nm\n"), "lacks the option"),
    ("a threat's test that is gone", without("tests/a.c", "Test(s, u) {\n"), "no test 's: t'"),
    ("a table that is gone", without("core/control/events.h", "\n"), "no table"),
]
tree.main(check, CASES, CLEAN)
