# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: every look is refused (EACCES, EPERM): that is blind, not dead; nothing is unmounted for it
# company: yes

play() {
    local id began code
    { fuse_head 2; echo "mounts:"; fuse_entry a; } | config
    daemon_start || return
    await_state 10 a mounted || return
    until_true 10 health_is a healthy
    id=$(mount_id /mnt/a)
    hold_start user /mnt/a/file
    hold_write user >/dev/null
    for code in 13 1; do
        began=$(now_ms)
        fuse_order a "error $code"
        check "errno $code: status says that nobody could look" until_true 15 health_is a blind
        sleep 8
        smb status a | sed 's/^/#   /'
        equal "still mounted, no strike" "mounted 0" "$(status_of a state) $(status_of a strikes)"
        equal "no outage is seen in it" 0 "$(event_count a "$began" '^(incident|state|step)')"
        fuse_order a ok
        check "healthy again" until_true 15 health_is a healthy
    done
    equal "never remounted" "$id" "$(mount_id /mnt/a)"
    equal "the open file never noticed" "1 0" "$(hold_write user | cut -d' ' -f1,2)"
    hold_end user >/dev/null
    daemon_stop
}
