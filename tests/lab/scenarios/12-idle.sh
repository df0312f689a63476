# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: a mount that nobody uses is unmounted after idle_unmount_min, one in use is not

play() {
    server_create srv
    {
        config_head
        echo "mounts:"
        mount_entry idle srv 'idle_unmount_min: 1'
        mount_entry used srv 'share: other' 'idle_unmount_min: 1'
    } | config
    daemon_start || return
    await_state 20 idle mounted || return
    await_state 20 used mounted || return
    hold_start user /mnt/used/file
    check "the idle one goes within two minutes" await_state 120 idle unmounted
    equal "cleanly" 0 "$(mounts_at /mnt/idle)"
    equal "the used one stays" "mounted 1" "$(status_of used state) $(mounts_at /mnt/used)"
    sleep 5
    equal "it stays down until it is asked for" unmounted "$(status_of idle state)"
    check "mount brings it back" smb mount idle
    equal "the open file never noticed" "0 0" "$(hold_write user | cut -d' ' -f1,2)"
    hold_end user >/dev/null
    daemon_stop
}
