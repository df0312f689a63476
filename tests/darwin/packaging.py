#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""What macOS itself reads: the launchd file, the entitlements, newsyslog's line, the scripts.

packaging.py BUILD
"""
import os
import plistlib
import re
import subprocess
import sys
import shutil
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MACOS = os.path.join(SOURCE, "packaging/macos")


def text_of(*parts):
    with open(os.path.join(SOURCE, *parts), encoding="utf-8") as file:
        return file.read()


def place(name):
    """The first is macOS's."""
    return re.search(rf'#define {name} "(.*)"', text_of("core/base/places.h")).group(1)


def check_launchd():
    text = text_of("packaging/launchd/io.github.smbmounter.plist.in")
    text = text.replace("@CMAKE_INSTALL_FULL_BINDIR@", "/usr/local/bin")
    plist = plistlib.loads(text.replace("@PLACE_SOCKET@", place("PLACE_SOCKET")).encode())
    assert plist["Label"] == "io.github.smbmounter"
    assert plist["ProgramArguments"] == ["/usr/local/bin/smbmounter", "daemon"]
    assert plist["RunAtLoad"] is True and plist["KeepAlive"] is True
    assert plist["AbandonProcessGroup"] is True, "a mount under way would be ended"
    socket = plist["Sockets"]["Control"]
    assert socket["SockPathName"] == "/var/run/smbmounter.sock"
    assert socket["SockPathMode"] == 0o666 and socket["SockType"] == "stream"
    assert 'os_activated_socket("Control")' in text_of("core/daemon/daemon.c")
    assert plist["Umask"] == 0o077
    plistlib.loads(text_of("packaging/macos/plugin-host.entitlements").encode())


def check_newsyslog():
    lines = [line.split() for line in text_of("packaging/macos/newsyslog.conf").splitlines()
             if line and not line.startswith("#")]
    for line in lines:
        assert line[1] == "root:wheel" and re.fullmatch(r"[0-7]{3}", line[2]), line
        assert line[3].isdigit() and line[4].isdigit() and line[5] == "*", line
    main = lines[0]
    assert main[0] == place("PLACE_LOG")
    directory, name = os.path.split(main[7])
    assert directory == place("PLACE_RUNTIME")
    assert name in text_of("core/daemon/marks.c"), "nobody writes this file"
    assert main[8] == "30", "SIGUSR1 of macOS: open the log anew"


def installed(build):
    """What a build installs on macOS, below its prefix."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cmake", "--install", build], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DESTDIR": folder})
        files = [os.path.join(where, name).removeprefix(folder)
                 for where, _, names in os.walk(folder) for name in names]
    return {re.sub(r"\.so$", ".dylib", name) for name in files
            if not name.endswith((".service", "/logrotate.example"))}


# In place of the commands: what would be removed is printed.
PRETEND = """
uname() { echo Darwin; }; id() { echo 0; }; launchctl() { :; }; pkgutil() { :; }; security() { :; }
rm() { printf '%s\\n' "$@"; }; rmdir() { printf '%s/\\n' "$1"; }
sed() { case "$*" in *bin/smbmounter*) echo "$PREFIX" ;; esac; }
export -f uname id launchctl pkgutil security rm rmdir sed
exec bash packaging/macos/uninstall.sh --purge
"""


def check_uninstall(build):
    """Everything that is installed somewhere is removed."""
    files = installed(build)
    prefix = next(name for name in files if name.endswith("/bin/smbmounter"))[:-len("/bin/smbmounter")]
    assert len(files) > 20, files
    removed = set(subprocess.run(["bash", "-c", PRETEND], check=True, cwd=SOURCE, text=True,
                                 stdout=subprocess.PIPE,
                                 timeout=30,
                                 env={**os.environ, "PREFIX": prefix}).stdout.splitlines())
    assert files <= removed, f"uninstall.sh leaves {sorted(files - removed)}"
    for name in ("PLACE_SOCKET", "PLACE_RUNTIME", "PLACE_LOG"):
        assert place(name) in removed, f"uninstall.sh leaves {place(name)}"
    folders = {os.path.dirname(name) + "/" for name in files if "/smbmounter/" in name}
    assert folders <= removed, f"uninstall.sh leaves {sorted(folders - removed)}"
    text = text_of("packaging/macos/install.sh") + text_of("packaging/macos/pkg.sh")
    for name in set(re.findall(r"/etc/[a-z]+\.d/smbmounter(?:\.conf)?\b", text)):
        assert name in removed, f"uninstall.sh leaves {name}"


def check_scripts():
    if not shutil.which("shellcheck"):
        return
    scripts = [os.path.join(folder, name) for folder, _, names in os.walk(MACOS)
               for name in names if name.endswith(".sh") or name == "postinstall"]
    cross = os.path.join(SOURCE, "tests/cross")
    scripts += [os.path.join(cross, name) for name in ("run", "lib.sh", "zigcc", "zigar",
                                                       "zigranlib")]
    subprocess.run(["shellcheck", *scripts], check=True, cwd=SOURCE)


check_launchd()
check_newsyslog()
check_uninstall(sys.argv[1])
check_scripts()
print("launchd, entitlements, newsyslog, uninstall and scripts are as they should be")
sys.exit(0)
