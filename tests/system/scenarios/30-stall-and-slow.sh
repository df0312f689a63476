# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: a FUSE server that never answers is forced, callers are released; a slow one is only suspect

play() {
    local began back seen id caller
    { fuse_head 5; echo "mounts:"; fuse_entry a; fuse_entry slow; } | config
    daemon_start || return
    await_state 10 a mounted || return
    await_state 10 slow mounted || return

    id=$(mount_id /mnt/slow)
    began=$(now_ms)
    fuse_order slow "late 400"
    sleep 12
    equal "slow within the limit: not touched" "mounted $id" "$(status_of slow state) $(mount_id /mnt/slow)"
    fuse_order slow "late 1300"
    check "slower than the limit: seen" until_true 15 has_event slow "$began" '^verdict .*suspect'
    equal "one late answer is no outage" "$id" "$(mount_id /mnt/slow)"
    fuse_order slow ok
    check "healthy again" until_true 20 health_is slow healthy
    equal "and it was never remounted" "$id" "$(mount_id /mnt/slow)"

    began=$(now_ms)
    fuse_order a stall
    stat /mnt/a >/dev/null 2>&1 &
    caller=$!
    until_true 40 has_event a "$began" '^step '
    check "the caller that hung is released" until_true 20 not kill -0 $caller
    fuse_order a ok
    check "it comes back" until_true 20 fuse_reads a
    back=$(now_ms)
    seen=$(seen_after a "$began")
    report_fault "FUSE server never answers" "$began" "$seen" "$back" "" "" \
        "$(steps_since a "$began")"
    at_most "the first verdict came at its limit, ms (interval 5 s + 1 s)" 12000 "$seen"
    equal "exactly one mount" 1 "$(mounts_at /mnt/a)"
    equal "nothing of ours is stuck" 0 "$(stuck_count)"

    began=$(now_ms)
    fuse_order a "error 5"
    check "EIO is seen" until_true 15 has_event a "$began" '^verdict .*(EIO|Input/output|suspect|dead)'
    fuse_order a ok
    await_state 40 a mounted
    check "healthy in the end" until_true 20 health_is a healthy
    daemon_stop
}
