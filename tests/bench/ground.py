# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""The ground that the benchmarks stand on: a mount namespace, mounts, the cost of a process."""
import ctypes
import os
import statistics
import sys
import time

FORCE, DETACH = 1, 2
NOSUID, NODEV = 2, 4
LIBC = ctypes.CDLL(None, use_errno=True)


def enter():
    """Go on as root in a mount namespace of its own, with an empty /mnt and /run."""
    if os.geteuid() != 0:
        print("skipped: needs root")
        sys.exit(77)
    if os.environ.get("BENCH_INSIDE") != "1":
        os.environ["BENCH_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable,
                              os.path.realpath(sys.argv[0]), *sys.argv[1:]])
    for folder in ("/mnt", "/run"):
        mount("bench", folder, "tmpfs", "mode=0755")


def mount(source, target, fstype="tmpfs", options="size=4k"):
    """With the flags that the daemon's own have: what lacks them it gives them, once, at a price."""
    words = [word.encode() for word in (source, target, fstype, options)]
    if LIBC.mount(words[0], words[1], words[2], NOSUID | NODEV, words[3]) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def umount(target, flags=0):
    if LIBC.umount2(target.encode(), flags) != 0:
        raise OSError(ctypes.get_errno(), f"umount {target}")


def lines():
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        return table.read().splitlines()


def mounted(prefix):
    """How many mounts there are at paths that begin so."""
    return sum(line.split(" ", 5)[4].startswith(prefix) for line in lines())


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def spent(pid):
    """Milliseconds of CPU that a process has used, all threads; 0 when it is gone."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            total += int(read(f"/proc/{pid}/task/{task}/schedstat").split()[0])
    except OSError:
        pass
    return total / 1e6


def spent_by_dead_children(pid):
    fields = read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) * 1000.0 / os.sysconf("SC_CLK_TCK")


def children(pid):
    return [int(word) for task in os.listdir(f"/proc/{pid}/task")
            for word in read(f"/proc/{pid}/task/{task}/children").split()]


def resident(pid):
    """KiB."""
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def now():
    """Milliseconds."""
    return time.monotonic_ns() / 1e6


def wait(condition, seconds, step=0.005):
    """Until it is true; false when it does not become so."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def must(condition, seconds, what, step=0.005):
    if not wait(condition, seconds, step):
        raise RuntimeError(f"not within {seconds} s: {what}")


def median(values):
    return statistics.median(values)


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def wall():
    """Milliseconds since 1970."""
    return time.time() * 1e3
