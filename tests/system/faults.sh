# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# The daemon on two tmpfs mounts, with something failing at every place in turn.

# faults_of calls|memory
faults_of() {
    local before
    faults_config
    before=$(all_mounts | wc -l)
    /run/lab/job/bin/faults "$1" "$daemon_config" a /mnt/a "${FAULTS_STEP:-1}" >/run/lab/faults 2>"$daemon_log"
    equal "nothing breaks, whatever fails" 0 $?
    cat /run/lab/faults
    equal "nothing of ours is left" "0 $before" "$(our_pids '^[^ ]*smbmounter' | wc -l) $(all_mounts | wc -l)"
}

# So few plugins that a reload is not mostly the loading of them.
faults_config() {
    install -d -m 0755 /run/lab/plugins
    install -m 0644 /usr/local/lib/smbmounter/plugins/{device-id,backoff}.so /run/lab/plugins/
    {
        echo "plugins: {directory: /run/lab/plugins, max_hosts: 2}"
        echo "defaults: {probe_interval_sec: 60, probes: [device-id], recovery: [backoff]}"
        echo "mounts:"
        tmpfs_entry a
        tmpfs_entry b
    } | config
}

tmpfs_entry() {
    mkdir -p "/mnt/$1"
    printf '  - name: %s\n    mounter: command\n    mountpoint: /mnt/%s\n    fstype: tmpfs\n' "$1" "$1"
    printf '    source: %s\n    mount_command: [/usr/bin/mount, -t, tmpfs, %s, /mnt/%s]\n' "$1" "$1" "$1"
    printf '    unmount_command: [/usr/bin/umount, /mnt/%s]\n' "$1"
}
