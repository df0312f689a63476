# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the mount is taken away behind our back, or something foreign is put over it

# torn TEXT COMMAND...
torn() {
    local text=$1 began back seen
    shift
    await_state 10 media mounted || return
    until_true 10 answered_since media "$(now_ms)"
    sleep 1
    began=$(now_ms)
    check "$text: done" "$@" || return
    until_true 30 asked_and_answered_since media "$began"
    back=$(steady_answer media "$began")
    seen=$(seen_after media "$began")
    report_fault "$text" "$began" "$seen" "$back" "" "" "$(steps_since media "$began")"
    at_most "$text: back, ms" 5000 "$((back - began))"
    equal "$text: one mount" 1 "$(mounts_at /mnt/media)"
}

play() {
    server_create srv
    { config_head; echo "mounts:"; mount_entry media srv; } | config
    daemon_start || return
    await_state 20 media mounted || return
    watch_start media /mnt/media 200

    sleep 1
    watch_stop media # a plain umount would be refused while somebody asks
    local began
    began=$(now_ms)
    check "umount: done" until_true 5 umount /mnt/media || return
    watch_start media /mnt/media 200
    until_true 20 asked_and_answered_since media "$began"
    at_most "umount: back, ms" 6000 "$(($(steady_answer media "$began") - began))"
    equal "umount: one mount" 1 "$(mounts_at /mnt/media)"

    torn "umount -l" umount -l /mnt/media
    hold_start user /mnt/media/held
    hold_write user >/dev/null
    torn "umount -l with a file open" umount -l /mnt/media
    equal "the open file writes and syncs" "1 0" "$(hold_write user | cut -d' ' -f1,2)"
    equal "and nothing was lost" "kept 2" "$(hold_end user)"

    mount -t tmpfs -o size=64k foreign /mnt/media
    check "something foreign over it is reported" until_true 10 grep_reason
    sleep 5
    equal "and never touched" "tmpfs 2" "$(mount_type /mnt/media) $(mounts_at /mnt/media)"
    check "unmount -f does not touch it either" refuses_force
    check "status still answers" smb status
    umount /mnt/media
    smb mount media >/dev/null 2>&1
    check "when it is gone the share is fine" await_state 20 media mounted
    equal "one mount" "cifs 1" "$(mount_type /mnt/media) $(mounts_at /mnt/media)"
    watch_stop media
    daemon_stop
    equal "nothing is left behind" 0 "$(mounts_at /mnt/media)"

    mount -t tmpfs -o size=64k foreign /mnt/media
    daemon_start
    check "at the start something foreign is not mounted over" await_state 20 media failed
    equal "it is left alone" "tmpfs 1" "$(mount_type /mnt/media) $(mounts_at /mnt/media)"
    daemon_stop
    equal "also at the end" "tmpfs 1" "$(mount_type /mnt/media) $(mounts_at /mnt/media)"
}

grep_reason() { grep -qiE 'foreign|something else|tmpfs' <<<"$(status_of media reason)"; }
refuses_force() {
    smb unmount -f media
    [ "$(mount_type /mnt/media)" = tmpfs ]
}
