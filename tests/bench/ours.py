# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""The daemon under measurement."""
import json
import os
import shutil
import signal
import socket
import subprocess

import ground

CONFIG, SOCKET = "/run/bench.yaml", "/run/bench.sock"
PLUGINS, LOG = "/run/plugins", "/run/bench.log"


def tmpfs_entry(name, where="/mnt"):
    return (f"  - {{name: {name}, mounter: command, mountpoint: {where}/{name}, fstype: tmpfs, "
            f"source: {name}, mount_command: [/bin/mount, -t, tmpfs, -o, size=4k, {name}, "
            f"{where}/{name}]}}\n")


class Daemon:
    """smbmounter daemon with the mounts of entries (YAML lines)."""

    def __init__(self, build, entries, defaults="", keep=False, settings="",
                 recovery="{backoff: {schedule_sec: [1]}}, force-unmount-remount"):
        self.build, self.process = build, None
        # The daemon trusts only a folder that nobody else can write to.
        if not os.path.isdir(PLUGINS):
            os.mkdir(PLUGINS, 0o755)
            folder = f"{build}/lib/smbmounter/plugins"
            for name in os.listdir(folder):
                shutil.copy(f"{folder}/{name}", PLUGINS)
        with open(CONFIG, "w", encoding="utf-8") as file:
            file.write(f"control: {{socket: {SOCKET}}}\nplugins: {{directory: {PLUGINS}}}\n"
                       f"on_stop: {'keep' if keep else 'unmount'}\nruntime_directory: /run/bench\n"
                       f"{settings}defaults:\n  recovery: [{recovery}]\n"
                       f"  probes: [device-id, statfs-fstype, stat-timeout]\n{defaults}"
                       f"mounts:\n{''.join(entries)}")

    def start(self):
        with open(LOG, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [f"{self.build}/bin/smbmounter", "daemon", "--any-namespace", "--config", CONFIG],
                stdout=log, stderr=log, start_new_session=True)
        return self

    def start_until_ready(self):
        """Milliseconds until it says that it is ready: all mounts are adopted by then."""
        path = "/run/notify.sock"
        if os.path.exists(path):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(60)
            os.environ["NOTIFY_SOCKET"] = path
            began = ground.now()
            self.start()
            del os.environ["NOTIFY_SOCKET"]
            while b"READY=1" not in notify.recv(4096):
                pass
            return ground.now() - began

    @property
    def pid(self):
        return self.process.pid

    def call(self, *words, check=True):
        return subprocess.run([f"{self.build}/bin/smbmounter", "--socket", SOCKET, *words],
                              capture_output=True, check=check, text=True).stdout

    def status(self):
        return json.loads(self.call("--json", "status"))

    def answers(self):
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(SOCKET)
            except OSError:
                return False
        return True

    def all_mounted(self, count):
        try:
            return sum(row["state"] == "mounted" for row in self.status()) == count
        except (subprocess.CalledProcessError, ValueError):
            return False

    def ready(self, count, seconds=60):
        ground.must(lambda: self.all_mounted(count), seconds, f"{count} mounts", 0.02)
        return self

    def hosts(self):
        return ground.children(self.pid)

    def spent(self):
        """CPU of the daemon and of its plugin hosts."""
        return ground.spent(self.pid), sum(ground.spent(pid) for pid in self.hosts())

    def stop(self, seconds=60):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
