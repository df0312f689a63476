# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: stopping with many mounts: all that are well leave at once, nothing else is touched

many=24

many_mounts() {
    local i
    fuse_head 5
    echo "mounts:"
    for ((i = 0; i < many; i++)); do
        mkdir -p "/mnt/m$i"
        printf '  - {name: m%d, mounter: command, mountpoint: /mnt/m%d, fstype: tmpfs, ' "$i" "$i"
        printf 'source: m%d, mount_command: [/bin/mount, -t, tmpfs, m%d, /mnt/m%d]}\n' "$i" "$i" "$i"
    done
}

healthy() { [ "$(smb --json status | jq '[.[] | select(.health == "healthy")] | length')" = "$many" ]; }
left() { all_mounts | grep -c '^/mnt/m[0-9]'; }

play() {
    local id sitter
    many_mounts | config
    daemon_start || return
    check "all are mounted and healthy" until_true 30 healthy
    sleep 300 >/mnt/m3/open &
    sitter=$!
    mount -t tmpfs other /mnt/m5
    id=$(mount_id /mnt/m5)
    check "what is mounted over one is seen" until_true 10 state_is m5 failed
    daemon_stop
    equal "the busy one, the covered one and its cover are left" 3 "$(left)"
    equal "the busy one is still there" 1 "$(mounts_at /mnt/m3)"
    equal "the cover is not touched" "$id" "$(mount_id /mnt/m5)"
    kill "$sitter"
    umount /mnt/m5 /mnt/m5 /mnt/m3
}
