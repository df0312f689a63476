# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the FUSE server dies: ENOTCONN, the stale mount that this program exists for

is_in() { [ "$(readlink "/proc/$1/cwd")" = "$2" ]; }

# why_names NAME WORD: the last incident does
why_names() { grep -qF "using the share when it was taken away: $2" <(smb why "$1"); }

play() {
    local began back seen times='' server sitter
    { fuse_head; echo "mounts:"; fuse_entry a; } | config
    daemon_start || return
    await_state 10 a mounted || return
    watch_start a /mnt/a 50
    until_true 10 answered_since a 0
    for _ in 1 2 3; do
        server=$(fuse_pids a)
        (cd /mnt/a && exec sleep 600) &
        sitter=$!
        until_true 5 is_in "$sitter" /mnt/a
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
        check "why names who was in the old one" until_true 10 why_names a "sleep[$sitter]"
        kill "$sitter"
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
