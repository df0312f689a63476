#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""What macOS itself reads: the launchd file, the entitlements, newsyslog's line, the scripts."""
import os
import plistlib
import re
import subprocess
import sys
import shutil

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MACOS = os.path.join(SOURCE, "packaging/macos")


def text_of(*parts):
    with open(os.path.join(SOURCE, *parts), encoding="utf-8") as file:
        return file.read()


def check_launchd():
    text = text_of("packaging/launchd/io.github.smbmounter.plist.in")
    plist = plistlib.loads(text.replace("@CMAKE_INSTALL_FULL_BINDIR@", "/usr/local/bin").encode())
    assert plist["Label"] == "io.github.smbmounter"
    assert plist["ProgramArguments"] == ["/usr/local/bin/smbmounter", "daemon"]
    assert plist["RunAtLoad"] is True and plist["KeepAlive"] is True
    assert plist["AbandonProcessGroup"] is True, "a mount under way would be ended"
    socket = plist["Sockets"]["Control"]
    keys = text_of("core/config/keys.c")
    assert f'#define SOCKET "{socket["SockPathName"]}"' in keys, "the daemon's default differs"
    assert socket["SockPathMode"] == 0o666 and socket["SockType"] == "stream"
    assert 'os_activated_socket("Control")' in text_of("core/daemon/daemon.c")
    assert plist["Umask"] == 0o077
    plistlib.loads(text_of("packaging/macos/plugin-host.entitlements").encode())


def check_newsyslog():
    keys = text_of("core/config/keys.c")
    lines = [line.split() for line in text_of("packaging/macos/newsyslog.conf").splitlines()
             if line and not line.startswith("#")]
    for line in lines:
        assert line[1] == "root:wheel" and re.fullmatch(r"[0-7]{3}", line[2]), line
        assert line[3].isdigit() and line[4].isdigit() and line[5] == "*", line
    main = lines[0]
    assert f'#define LOG_FILE "{main[0]}"' in keys
    directory, name = os.path.split(main[7])
    assert f'#define RUNTIME_DIRECTORY "{directory}"' in keys
    assert name in text_of("core/daemon/marks.c"), "nobody writes this file"
    assert main[8] == "30", "SIGUSR1 of macOS: open the log anew"


def check_uninstall():
    """Everything that install puts somewhere, uninstall names."""
    text = text_of("packaging/macos/uninstall.sh")
    for name in os.listdir(os.path.join(SOURCE, "plugins")):
        if name not in ("common", "example", "CMakeLists.txt"):
            assert name in text, f"uninstall.sh leaves {name}"


def check_scripts():
    if not shutil.which("shellcheck"):
        return
    scripts = [os.path.join(folder, name) for folder, _, names in os.walk(MACOS)
               for name in names if name.endswith(".sh") or name == "postinstall"]
    cross = os.path.join(SOURCE, "tests/cross")
    scripts += [os.path.join(cross, name) for name in ("run", "lib.sh", "zigcc", "zigar",
                                                       "zigranlib")]
    subprocess.run(["shellcheck", *scripts], check=True, cwd=SOURCE)


for check in (check_launchd, check_newsyslog, check_uninstall, check_scripts):
    check()
print("launchd, entitlements, newsyslog, uninstall and scripts are as they should be")
sys.exit(0)
