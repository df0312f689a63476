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
    printf '    unmount_command: [/usr/bin/umount, /mnt/%s]\n' "$name"
    printf '    fstype: fuse.testfs\n    source: %s\n' "$name"
    for line in "$@"; do printf '    %s\n' "$line"; done
    mkdir -p "/mnt/$name"
}

fuse_head() {
    cat <<X
plugins: {max_hosts: ${2:-6}}
defaults:
  probe_interval_sec: ${1:-5}
  probe_timeout_sec: 1
  probes: [device-id, statfs-fstype, stat-timeout]
  recovery: [{backoff: {schedule_sec: [1, 2]}}, force-unmount-remount]
  probe_failure_threshold: 3
  log_level: debug
X
}

fuse_reads() { [ "$(timeout 2 cat "/mnt/$1/file")" = "hello from $1" ]; }

# fuse_order NAME ORDER: how the file system behaves from now on (see testfs.c)
fuse_order() { echo "$2" >"/run/lab/testfs/$1"; }
fuse_pids() { our_pids "^$fuse_program $1 "; }
fuse_kill() {
    local pid
    for pid in $(fuse_pids "$1"); do kill -KILL "$pid"; done
}
