# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""What is measured of smbmounter. Each function returns its samples by the figure's name."""
import json
import os
import signal
import subprocess
import time

import fuse
import ground
import ours

FAST = "  probe_interval_sec: 1\n  probe_timeout_sec: 1\n  probe_failure_threshold: 1\n"
HARD = "  recovery: [force-unmount-remount]\n"


def plenty(count, remount=True):
    """The entries of so many tmpfs mounts, which are made when they are not there."""
    for number in range(count):
        path = f"/mnt/m{number}"
        os.makedirs(path, exist_ok=True)
        if remount:
            ground.mount(f"m{number}", path)
    return [ours.tmpfs_entry(f"m{number}") for number in range(count)]


def clear(count):
    for number in range(count):
        for _ in range(2):
            try:
                ground.umount(f"/mnt/m{number}", ground.DETACH)
            except OSError:
                break


def vanish(build, rounds):
    """A mount that somebody takes away."""
    daemon = ours.Daemon(build, plenty(10)).start().ready(10)
    parent = os.stat("/mnt").st_dev
    took = []
    for number in range(rounds):
        path = f"/mnt/m{number % 10}"
        began = ground.now()
        ground.umount(path, ground.DETACH)
        ground.must(lambda path=path: os.stat(path).st_dev != parent, 20, f"{path} again", 0.0002)
        took.append(ground.now() - began)
        time.sleep(0.05)
    daemon.kill()
    clear(10)
    return {"vanish p50": took, "vanish p90": took}


def newest(daemon, name, kind, after=0):
    """When the last event of a kind was, by the wall clock; 0: there is none since."""
    rows = [row["wall_ms"] for row in json.loads(daemon.call("--json", "events", name))
            if row["kind"] == kind and row["wall_ms"] >= after]
    return rows[-1] if rows else 0


def failure(daemon, how, timeout):
    """One FUSE server killed or stopped: when it failed, its incident, when it was usable again."""
    old = fuse.server("f0")
    callers = fuse.Callers("f0", 0)
    began = stuck = ground.wall()
    os.kill(old, how)
    if how == signal.SIGSTOP:
        stuck = fuse.wait_until_stuck("f0", 5)
        callers = fuse.Callers("f0")
    ground.must(lambda: fuse.server("f0") not in (0, old), timeout, "another server", 0.0005)
    ground.must(lambda: fuse.usable("f0"), timeout, "f0 to be usable", 0.0005)
    again = ground.wall()
    if how == signal.SIGSTOP:
        free = callers.released()
        os.kill(old, signal.SIGKILL)
    else:
        free = 0
    return began, stuck, newest(daemon, "f0", "incident", began), again, free


def broken(build, rounds):
    """A FUSE server that is killed, and one that hangs."""
    os.makedirs("/mnt/f0", exist_ok=True)
    fuse.prepare()
    daemon = ours.Daemon(build, [fuse.entry(build, "f0")], FAST, recovery="force-unmount-remount")
    daemon.start().ready(1)
    found = {"dead: after the probe": [], "dead: in all": [], "hung: verdict": [],
             "hung: usable": [], "hung: in all": [], "hung: released": []}
    for _ in range(rounds):
        time.sleep(0.3)
        began, _, seen, again, _ = failure(daemon, signal.SIGKILL, 20)
        found["dead: after the probe"].append(again - seen)
        found["dead: in all"].append(again - began)
        ground.must(lambda: daemon.all_mounted(1), 20, "f0 mounted")
        time.sleep(0.3)
        began, stuck, seen, again, free = failure(daemon, signal.SIGSTOP, 20)
        found["hung: verdict"].append(seen - stuck - 1000)
        found["hung: usable"].append(again - seen)
        found["hung: in all"].append(again - began)
        found["hung: released"].append(free)
        ground.must(lambda: daemon.all_mounted(1), 20, "f0 mounted")
    daemon.kill()
    fuse.end(["f0"])
    return found


def crowd(build, seconds):
    """10 of 100 mounts hang: how late are the probes of the others?"""
    hung = [f"h{number}" for number in range(10)]
    fuse.prepare()
    entries = plenty(90)
    for name in hung:
        os.makedirs(f"/mnt/{name}", exist_ok=True)
        fuse.start(build, name)
        entries.insert(len(entries) // 2, fuse.entry(build, name))
    # The hung ones stay as they are: no verdict stands before the measurement ends.
    daemon = ours.Daemon(build, entries, "  probe_interval_sec: 10\n  probe_timeout_sec: 5\n"
                         "  probe_failure_threshold: 10\n").start().ready(100)
    time.sleep(11)
    for name in hung:
        fuse.send(name, signal.SIGSTOP)
    time.sleep(20)
    late, offset = {}, ground.wall() - time.clock_gettime(time.CLOCK_BOOTTIME) * 1e3
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for row in daemon.status():
            if row["name"] not in hung:
                # Probes are due at whole seconds of the boot clock. The time of one is cut to whole
                # milliseconds: taken as its latest, or one at once would count as a second late.
                at = row["last_probe_ms"] + 1 - offset
                late[row["name"], row["last_probe_ms"]] = at % 1000
        time.sleep(2)
    for name in hung:
        fuse.send(name, signal.SIGCONT)
    daemon.kill()
    fuse.end(hung)
    clear(90)
    return {"crowd: late p99": list(late.values()),
            "crowd: missed": [max(0, round(90 * (seconds // 10) - len(late)))]}


def cpu_per_probe(daemon, count, rounds, seconds):
    took = []
    for _ in range(rounds):
        before = sum(daemon.spent())
        time.sleep(seconds)
        took.append((sum(daemon.spent()) - before) / (count * seconds / 60) * 1e3)
    return took


def event_cost(daemon, rounds):
    took = []
    os.makedirs("/mnt/unrelated", exist_ok=True)
    for _ in range(rounds):
        before = ground.spent(daemon.pid)
        for _ in range(5):
            ground.mount("unrelated", "/mnt/unrelated")
            time.sleep(0.04)
            ground.umount("/mnt/unrelated")
            time.sleep(0.04)
        took.append((ground.spent(daemon.pid) - before) / 10)
    return took


def commands(daemon, rounds):
    took = []
    for _ in range(rounds):
        began = ground.now()
        daemon.call("status")
        took.append(ground.now() - began)
    return took


def many(build, count, rounds, seconds):
    """Many quiet mounts; then a restart over them, and the end."""
    entries = plenty(count)
    daemon = ours.Daemon(build, entries, "  probe_interval_sec: 60\n",
                         settings="log_level: warning\n").start().ready(count, 300)
    tag = f"{count}: "
    time.sleep(62)
    found = {tag + "CPU per probe": cpu_per_probe(daemon, count, rounds, seconds),
             tag + "RSS": [ground.resident(daemon.pid)],
             tag + "status": commands(daemon, 2 * rounds + 1)}
    if count <= 1000:
        found[tag + "event"] = event_cost(daemon, rounds)
        found.update(ends(daemon, entries, count, rounds))
    daemon.kill()
    clear(count)
    return found


def ends(daemon, entries, count, rounds):
    """Killed and started again; stopped; stopped while one of them hangs."""
    found = {"restart": [], "stop": [], "stop, one hung": []}
    for _ in range(rounds):
        daemon.kill()
        found["restart"].append(daemon.start_until_ready())
        daemon.ready(count)
    for _ in range(rounds):
        began = ground.now()
        daemon.stop()
        found["stop"].append(ground.now() - began)
        left = ground.mounted("/mnt/m")
        if left != 0:
            raise RuntimeError(f"{left} mounts are left after the stop")
        plenty(count)
        daemon.start().ready(count)
    daemon.kill()
    for _ in range(rounds):
        fuse.prepare()
        os.makedirs("/mnt/f0", exist_ok=True)
        fuse.start(daemon.build, "f0")
        other = ours.Daemon(daemon.build, entries[:99] + [fuse.entry(daemon.build, "f0")])
        other.start().ready(100)
        fuse.send("f0", signal.SIGSTOP)
        began = ground.now()
        other.stop()
        found["stop, one hung"].append(ground.now() - began)
        fuse.end(["f0"])
        plenty(99)
    return found
