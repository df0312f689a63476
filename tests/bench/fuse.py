# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""Mounts of the FUSE test file system (tests/system/testfs.c), which can be killed and stopped."""
import os
import signal
import subprocess
import threading

import ground

CONTROL = "/run/testfs"


def entry(build, name):
    where = f"/mnt/{name}"
    return (f"  - {{name: {name}, mounter: command, mountpoint: {where}, fstype: fuse.testfs, "
            f"source: {name}, mount_command: [{build}/tests/system/testfs, {name}, "
            f"{CONTROL}/{name}, {where}]}}\n")


def prepare():
    os.makedirs(CONTROL, exist_ok=True)
    if not os.path.isdir("/run/fusectl"):
        os.mkdir("/run/fusectl")
        ground.mount("fusectl", "/run/fusectl", "fusectl", "")


def start(build, name):
    subprocess.run([f"{build}/tests/system/testfs", name, f"{CONTROL}/{name}", f"/mnt/{name}"],
                   check=True)


def server(name):
    """Its process; 0 while it writes that down."""
    return int(ground.read(f"{CONTROL}/{name}.pid").strip() or 0)


def send(name, number):
    os.kill(server(name), number)


def device(name):
    for line in ground.lines():
        words = line.split(" ")
        if words[4] == f"/mnt/{name}":
            return int(words[2].split(":")[1])
    return 0


def wait_until_stuck(name, seconds):
    """Until somebody waits for the stopped server; when that was, by the wall clock in ms."""
    path = f"/run/fusectl/{device(name)}/waiting"
    ground.must(lambda: int(ground.read(path)) > 0, seconds, f"a probe of {name}", 0.0003)
    return ground.wall()


class Callers:
    """Programs that are stuck in a mount."""

    def __init__(self, name, count=3):
        self.processes = [subprocess.Popen(["stat", f"/mnt/{name}"], stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL) for _ in range(count)]

    def released(self, seconds=1):
        """How many have come back."""
        count = 0
        for process in self.processes:
            try:
                process.wait(seconds)
                count += 1
            except subprocess.TimeoutExpired:
                process.kill()
        return count


def usable(name):
    """A look that cannot hang the one who looks for longer than 50 ms."""
    answer = []
    thread = threading.Thread(target=lambda: answer.append(look(name)), daemon=True)
    thread.start()
    thread.join(0.05)
    return bool(answer) and answer[0]


def look(name):
    try:
        with open(f"/mnt/{name}/file", encoding="utf-8") as file:
            return file.read().startswith(f"hello from {name}")
    except OSError:
        return False


def end(names):
    """Unmount them and end every server of ours, also those that are stopped."""
    for name in names:
        for _ in range(3):
            try:
                ground.umount(f"/mnt/{name}", ground.FORCE | ground.DETACH)
            except OSError:
                break
    here = os.readlink("/proc/self/ns/mnt")
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            program = ground.read(f"/proc/{pid}/cmdline").split("\0")[0]
            if program.endswith("/testfs") and os.readlink(f"/proc/{pid}/ns/mnt") == here:
                os.kill(int(pid), signal.SIGKILL)
        except OSError:
            pass
