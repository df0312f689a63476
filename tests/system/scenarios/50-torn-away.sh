# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: taken away behind our back, covered by something foreign, the mountpoint swapped

play() {
    local began back way
    { fuse_head 5; echo "mounts:"; fuse_entry a; } | config
    daemon_start || return
    await_state 10 a mounted || return
    watch_start a /mnt/a 50
    for way in "umount -l" "umount -l" "umount -f -l"; do
        until_true 10 answered_since a "$(now_ms)"
        await_state 10 a mounted
        began=$(now_ms)
        # shellcheck disable=SC2086 # words
        check "$way: done" $way /mnt/a || continue
        until_true 20 asked_and_answered_since a "$began"
        back=$(steady_answer a "$began")
        report_fault "$way" "$began" "$(seen_after a "$began")" "$back" "" "" \
            "$(steps_since a "$began")"
        at_most "$way: back, ms" 3000 "$((back - began))"
        equal "$way: one mount" 1 "$(mounts_at /mnt/a)"
    done
    watch_stop a
    await_state 10 a mounted

    mount -t tmpfs -o size=64k foreign /mnt/a
    check "something foreign over it is reported" until_true 10 reported
    sleep 7
    equal "and not touched" "tmpfs 2" "$(mount_type /mnt/a) $(mounts_at /mnt/a)"
    smb unmount -f a >/dev/null 2>&1
    equal "not even by unmount -f" tmpfs "$(mount_type /mnt/a)"
    umount /mnt/a
    smb mount a >/dev/null 2>&1
    check "when it is gone all is fine" await_state 20 a mounted
    equal "one mount" "fuse.testfs 1" "$(mount_type /mnt/a) $(mounts_at /mnt/a)"
    daemon_stop
    equal "nothing is left" 0 "$(mounts_at /mnt/a)"

    mount -t tmpfs -o size=64k foreign /mnt/a
    daemon_start
    check "not mounted over at the start" await_state 10 a failed
    equal "left alone" "tmpfs 1" "$(mount_type /mnt/a) $(mounts_at /mnt/a)"
    daemon_stop
    umount /mnt/a

    echo precious >/mnt/a/precious
    daemon_start
    sleep 3
    check "a mountpoint with files in it is not mounted over" test -e /mnt/a/precious
    check "and the reason is said" grep -qiE 'empty|files' <<<"$(status_of a reason)"
    daemon_stop
    rm /mnt/a/precious
}
reported() { grep -qiE 'foreign|something else|tmpfs' <<<"$(status_of a reason)"; }
