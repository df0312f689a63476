# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""The same of the peers: autofs, monit and the usual shell loop."""
import os
import signal
import subprocess
import time

import fuse
import ground

LOOP = """while sleep {every}; do
    timeout {limit} stat {path} >/dev/null 2>&1 || {{ umount -l {path}; {mount}; }}
done"""


def tmpfs(path):
    return f"mount -t tmpfs -o size=4k loop {path}"


class Loop:
    """while sleep; do timeout stat || remount; done"""

    def __init__(self, path, mount, every=1, limit=1):
        self.process = subprocess.Popen(
            ["sh", "-c", LOOP.format(every=every, limit=limit, path=path, mount=mount)],
            start_new_session=True, stderr=subprocess.DEVNULL)

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def loop_broken(build, rounds):
    found = {"dead: in all": [], "hung: in all": [], "hung: released": []}
    fuse.prepare()
    os.makedirs("/mnt/f1", exist_ok=True)
    fuse.start(build, "f1")
    command = f"{build}/tests/system/testfs f1 {fuse.CONTROL}/f1 /mnt/f1"
    loop = Loop("/mnt/f1", command)
    for _ in range(rounds):
        for how, key in ((signal.SIGKILL, "dead: in all"), (signal.SIGSTOP, "hung: in all")):
            time.sleep(0.4)
            old = fuse.server("f1")
            began = ground.wall()
            os.kill(old, how)
            callers = fuse.Callers("f1", 0 if how == signal.SIGKILL else 3)
            ground.must(lambda old=old: fuse.server("f1") not in (0, old), 20, "another server",
                        0.0005)
            ground.must(lambda: fuse.usable("f1"), 20, "f1 to be usable", 0.0005)
            found[key].append(ground.wall() - began)
            if how == signal.SIGSTOP:
                found["hung: released"].append(callers.released())
                os.kill(old, signal.SIGKILL)
    loop.end()
    fuse.end(["f1"])
    return found


def loop_cost(rounds):
    """CPU of one look, in us: sleep, timeout and stat are programs."""
    took = []
    os.makedirs("/mnt/l", exist_ok=True)
    for _ in range(rounds):
        before = sum(os.times()[2:4])
        subprocess.run(["sh", "-c", "for i in $(seq 100); do sleep 0.0001; timeout 5 stat /mnt/l; "
                        "done >/dev/null"], check=True)
        took.append((sum(os.times()[2:4]) - before) / 100 * 1e6)
    return {"1000: CPU per probe": took, "10000: CPU per probe": took}


def loop_sweep():
    """One loop over 90 mounts, behind 10 that hang, each with a limit of 1 s; in ms."""
    names = [f"h{number}" for number in range(10)]
    fuse.prepare()
    began = ground.now()
    for _ in names:
        subprocess.run(["timeout", "1", "sleep", "5"], check=False)
    subprocess.run(["sh", "-c", "for i in $(seq 90); do timeout 1 stat /mnt; done >/dev/null"],
                   check=True)
    return {"crowd: late p99": [ground.now() - began]}


class Monit:
    """check filesystem for each path, once in so many seconds."""

    def __init__(self, paths, cycle=1, then=""):
        os.makedirs("/run/monit", exist_ok=True)
        with open("/run/monit/rc", "w", encoding="utf-8") as file:
            os.chmod("/run/monit/rc", 0o700)
            file.write(f"set daemon {cycle}\nset log /run/monit/log\nset pidfile /run/monit/pid\n"
                       "set idfile /run/monit/id\nset statefile /run/monit/state\n"
                       "set httpd unixsocket /run/monit/sock allow admin:monit\n")
            for path in paths:
                action = then.format(path=path)
                file.write(f"check filesystem {os.path.basename(path)} with path {path}\n"
                           f"  if space usage > 90% then alert\n{action}")
        self.process = subprocess.Popen(["monit", "-I", "-c", "/run/monit/rc"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        ground.must(lambda: os.path.exists("/run/monit/sock"), 60, "monit to answer")

    def summary(self):
        began = ground.now()
        subprocess.run(["monit", "-c", "/run/monit/rc", "summary", "-B"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return ground.now() - began

    def end(self):
        self.process.kill()
        self.process.wait()
        os.unlink("/run/monit/sock")


def monit_vanish(rounds):
    """A mount taken away, at monit's fastest cycle of a second."""
    paths = [f"/mnt/v{number}" for number in range(10)]
    for path in paths:
        os.makedirs(path, exist_ok=True)
        ground.mount(os.path.basename(path), path)
    monit = Monit(paths, 1, "  start program = \"/bin/mount -t tmpfs -o size=4k v {path}\"\n"
                  "  if does not exist then start\n")
    parent, took = os.stat("/mnt").st_dev, []
    time.sleep(4)
    for number in range(rounds):
        path = paths[number % len(paths)]
        time.sleep(0.13 * (number % 8))
        began = ground.now()
        ground.umount(path, ground.DETACH)
        if ground.wait(lambda path=path: os.stat(path).st_dev != parent, 10, 0.001):
            took.append(ground.now() - began)
        else:
            took.append(10000.0)
            subprocess.run(tmpfs(path).split(), check=True)
    monit.end()
    for path in paths:
        ground.umount(path, ground.DETACH)
    return {"vanish p50": took, "vanish p90": took}


def monit_many(count, rounds):
    paths = [f"/mnt/m{number}" for number in range(count)]
    for path in paths:
        os.makedirs(path, exist_ok=True)
        ground.mount(os.path.basename(path), path)
    monit, tag = Monit(paths, 2), f"{count}: "
    time.sleep(10)
    looks, events, answers = [], [], []
    for _ in range(rounds):
        before = ground.spent(monit.process.pid)
        time.sleep(10)
        looks.append((ground.spent(monit.process.pid) - before) / (5 * count) * 1e3)
    base = ground.median(looks) * count / 1e3
    os.makedirs("/mnt/unrelated", exist_ok=True)
    for _ in range(rounds):
        before = ground.spent(monit.process.pid)
        ground.mount("unrelated", "/mnt/unrelated")
        time.sleep(4)
        events.append(ground.spent(monit.process.pid) - before - 2 * base)
        ground.umount("/mnt/unrelated")
        time.sleep(4)
    answers = [monit.summary() for _ in range(2 * rounds + 1)]
    found = {tag + "CPU per probe": looks, tag + "event": events, tag + "status": answers,
             tag + "RSS": [ground.resident(monit.process.pid)]}
    monit.end()
    for path in paths:
        ground.umount(path, ground.DETACH)
    return found


class Autofs:
    """A direct map of tmpfs mounts."""

    def __init__(self, count):
        os.makedirs("/run/auto", exist_ok=True)
        os.makedirs("/mnt/a", exist_ok=True)
        with open("/run/auto/master", "w", encoding="utf-8") as file:
            file.write("/- file:/run/auto/direct --timeout=3600\n")
        with open("/run/auto/direct", "w", encoding="utf-8") as file:
            file.writelines(f"/mnt/a/d{number} -fstype=tmpfs,size=4k :lab\n"
                            for number in range(count))
        self.count, self.process = count, None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["automount", "-f", "-p", "/run/auto/pid", "/run/auto/master"], start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ground.must(lambda: ground.mounted("/mnt/a/d") >= self.count, 120, "the triggers", 0.02)

    def touch(self, count):
        for number in range(count):
            os.stat(f"/mnt/a/d{number}/.")

    def quiet(self):
        """Until it uses no processor for 100 ms; when it began to be so."""
        while True:
            before, since = ground.spent(self.process.pid), ground.now()
            time.sleep(0.1)
            if ground.spent(self.process.pid) - before < 1:
                return since

    def stop(self, seconds):
        began = ground.now()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()
        return ground.now() - began

    def end(self):
        self.process.kill()
        self.process.wait()


def clear_autofs():
    for line in reversed(ground.lines()):
        path = line.split(" ")[4]
        if path.startswith("/mnt/a/"):
            ground.umount(path, ground.DETACH)


def autofs_many(count, rounds):
    autofs, tag = Autofs(count), f"{count}: "
    autofs.touch(min(count, 1000))
    found = {tag + "RSS": [ground.resident(autofs.process.pid)]}
    if count <= 1000:
        found["restart"] = []
        for _ in range(rounds):
            autofs.end()
            began = ground.now()
            autofs.start()
            found["restart"].append(autofs.quiet() - began)
        found["stop"] = [autofs.stop(180)]
    else:
        autofs.end()
    clear_autofs()
    return found
