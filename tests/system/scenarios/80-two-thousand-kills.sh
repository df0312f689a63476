# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: kill -9 of daemon, hosts and helpers at random moments, two thousand times
# company: yes

play() {
    local name seed=${KILLS_SEED:-$RANDOM}
    install -d -m 0755 /run/lab/plugins
    install -m 0644 /usr/local/lib/smbmounter/plugins/{device-id,statfs-fstype,backoff,force-unmount-remount}.so /run/lab/plugins/
    {
        echo "plugins: {directory: /run/lab/plugins, max_hosts: 4}"
        fuse_head 1 | sed '/^plugins/d; s/, stat-timeout//'
        echo "mounts:"
        for name in q1 q2 b1 b2 b3; do fuse_entry "$name" 'failed_retry_sec: 1'; done
        for name in q3 q4 b4 b5; do tmpfs_entry "$name"; done
    } | config
    say "seed $seed"
    /run/lab/job/bin/killer "$daemon_config" /run/smbmounter.sock "${KILLS:-2000}" "$seed" >/run/lab/kills 2>"$daemon_log"
    equal "nothing was mounted twice or lost" 0 $?
    cat /run/lab/kills
    for name in q1 q2 q3 q4 b1 b2 b3 b4 b5; do
        equal "$name is down after the stop" 0 "$(mounts_at "/mnt/$name")"
    done
    check "no sanitizer spoke, no bug was met" not grep -qE 'Sanitizer|\(a bug\)' "$daemon_log"
}
