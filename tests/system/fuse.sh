# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# Mounts of the FUSE test file system, supervised by mounter "command".

fuse_program=/run/lab/job/bin/testfs
mkdir -p /run/lab/testfs

# fuse_entry NAME [LINE...]: one entry of mounts:, with further lines
fuse_entry() {
    local name=$1 line
    shift
    printf '  - name: %s\n    mounter: command\n    mountpoint: /mnt/%s\n' "$name" "$name"
    printf '    mount_command: [%s, %s, /run/lab/testfs/%s, /mnt/%s]\n' \
        "$fuse_program" "$name" "$name" "$name"
    printf '    unmount_command: [/bin/umount, /mnt/%s]\n' "$name"
    printf '    fstype: fuse.testfs\n    source: %s\n' "$name"
    for line in "$@"; do printf '    %s\n' "$line"; done
    mkdir -p "/mnt/$name"
}

fuse_head() {
    cat <<X
plugins: {max_hosts: ${2:-6}}
defaults:
  probe_interval_sec: ${1:-5}
  probes: [device-id, statfs-fstype, {stat-timeout: {timeout_ms: 1000}}]
  recovery: [{backoff: {schedule_sec: [1, 2]}}, force-unmount-remount]
  probe_failure_threshold: 3
  log_level: debug
X
}

# fuse_order NAME ORDER: how the file system behaves from now on (see testfs.c)
fuse_order() { echo "$2" >"/run/lab/testfs/$1"; }
fuse_pid() { cat "/run/lab/testfs/$1.pid"; }
fuse_kill() { kill -KILL "$(fuse_pid "$1")"; }
