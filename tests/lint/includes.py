#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""Who may include whom. Layers point downwards only; plugins know nothing of the core."""
import os
import re

import tree

# Each layer with those below it that it may include. What is not here is not allowed.
BELOW = {
    "core/base": [],
    "core/machine": ["base"],
    "core/os": ["base"],
    "core/config": ["base"],
    "core/plugin": ["base", "config", "os"],
    "core/mount": ["base", "config", "os"],
    "core/control": ["base", "os"],
    "core/daemon": ["base", "machine", "os", "config", "plugin", "mount", "control"],
    "cli": ["base", "control"],
}
# Single headers beyond that.
ALSO = {
    "cli": {
        "daemon/entry.h": "main() of the commands that the program does itself",
        "config/config.h": "setup finds the mount's credential store",
        "mount/credentials.h": "setup writes it",
        "os/os.h": "setup is hardened before it asks for a password",
        "mount/helper.h": "the program is its own mount helper",
        "mount/netfs.h": "and on macOS that one's worker",
    },
}
# The public header: for the layers that speak with plugins.
PUBLIC = ["core/config", "core/plugin", "core/control", "core/daemon", "plugins"]
# Libraries, so that each of them could be exchanged in one place.
LIBRARIES = {
    "yaml.h": ["core/config"],
    "msgpack.h": ["core/control", "cli"],
    "uv.h": ["core/plugin", "core/control", "core/daemon"],
    "dlfcn.h": ["core/plugin"],
}
# All that the pure machine may know of C.
MACHINE = ["stdbool.h", "stddef.h", "stdint.h", "string.h"]
PRIVATE = ("_private.h", "_parts.h")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">]', re.M)


def layer_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] in ("core", "plugins") else parts[0]


def wrong_header(layer, path, header):
    """Why a quoted include is not allowed, or None."""
    if ".." in header.split("/"):
        return "leads out of the include path; name the layer"
    folder = os.path.dirname(path)
    owner, slash, name = header.rpartition("/")
    if not slash:
        return None
    if layer.startswith("plugins/"):
        own = f"plugins/{owner}" in (layer, "plugins/common")
        return None if own else "a plugin includes <smbmounter/plugin.h>, common/ and its own only"
    if f"core/{owner}" == folder or header in ALSO.get(layer, {}):
        return None
    if name.endswith(PRIVATE):
        return f"is private to core/{owner}"
    if owner not in BELOW[layer]:
        return f"{layer} may include only {', '.join(BELOW[layer]) or 'itself'}"
    return None


def wrong_library(layer, header):
    if header.startswith("smbmounter/"):
        if layer not in PUBLIC and not layer.startswith("plugins/"):
            return f"{layer} knows nothing of plugins"
    elif header in LIBRARIES and layer not in LIBRARIES[header]:
        return f"is for {', '.join(LIBRARIES[header])} only"
    elif layer == "core/machine" and header not in MACHINE:
        return "the machine is pure"
    return None


def check(source):
    found = []
    for path in source.matching((".c", ".h"), ("core/", "cli/", "plugins/")):
        layer = layer_of(path)
        if layer not in BELOW and not layer.startswith("plugins/"):
            found.append(f"{path}: {layer} is no layer; tests/lint/includes.py lists them")
            continue
        for match in INCLUDE.finditer(source.read(path)):
            quote, header = match.groups()
            why = wrong_header(layer, path, header) if quote == '"' else wrong_library(layer,
                                                                                       header)
            if why:
                found.append(f"{path}: {header}: {why}")
    return found


CASES = [
    ("a layer that looks upwards", {"core/base/a.c": '#include "mount/table.h"\n'}, "core/base"),
    ("the machine with I/O", {"core/machine/a.c": "#include <stdio.h>\n"}, "pure"),
    ("the machine with the system", {"core/machine/a.c": '#include "os/os.h"\n'}, "may include"),
    ("a plugin with the core", {"plugins/x/x.c": '#include "base/err.h"\n'}, "a plugin"),
    ("a plugin with another", {"plugins/x/x.c": '#include "y/y.h"\n'}, "a plugin"),
    ("the cli with the daemon", {"cli/a.c": '#include "daemon/daemon.h"\n'}, "cli may"),
    ("a private header", {"core/daemon/a.c": '#include "plugin/pool_private.h"\n'}, "private"),
    ("a path upwards", {"core/os/a.c": '#  include "../mount/table.h"\n'}, "leads out"),
    ("libyaml elsewhere", {"core/daemon/a.c": "#include <yaml.h>\n"}, "core/config only"),
    ("dlopen elsewhere", {"core/daemon/a.c": "#include <dlfcn.h>\n"}, "core/plugin only"),
    ("a new folder", {"core/misc/a.c": "int a;\n"}, "is no layer"),
]
CLEAN = {
    "core/daemon/a.c": '#include "daemon/b.h"\n#include "os/os.h"\n#include <uv.h>\n',
    "plugins/x/x.c": '#include "common/report.h"\n#include "x.h"\n#include <smbmounter/plugin.h>\n',
    "cli/a.c": '#include "cli.h"\n#include "control/codec.h"\n#include "mount/helper.h"\n',
}
tree.main(check, CASES, CLEAN)
