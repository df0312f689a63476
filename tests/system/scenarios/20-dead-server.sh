# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the FUSE server dies: ENOTCONN, the stale mount that this program exists for

play() {
    local began back seen times='' server
    { fuse_head; echo "mounts:"; fuse_entry a; } | config
    daemon_start || return
    await_state 10 a mounted || return
    watch_start a /mnt/a 50
    until_true 10 answered_since a 0
    for _ in 1 2 3; do
        server=$(fuse_pids a)
        fuse_kill a
        began=$(now_ms)
        until_true 30 asked_and_answered_since a "$began"
        back=$(steady_answer a "$began")
        seen=$(seen_after a "$began")
        times="$times $((back - began))"
        report_fault "FUSE server killed" "$began" "$seen" "$back" "" "" "$(steps_since a "$began")"
        at_most "back, ms (probe interval 5 s)" 9000 "$((back - began))"
        equal "exactly one mount" 1 "$(mounts_at /mnt/a)"
        check "it is a new one" test "$server" != "$(fuse_pids a)"
        await_state 10 a mounted
    done
    say "times:$times ms"
    equal "recoveries are counted" 3 "$(status_of a recoveries)"
    check "why names the error" grep -qiE 'ENOTCONN|not connected' <(smb why a)
    watch_stop a

    began=$(now_ms)
    fuse_kill a
    at_most "a probe by hand finds it, ms" 2000 "$(took_ms smb probe a)"
    check "recovered" until_true 15 fuse_reads a
    daemon_stop
}
