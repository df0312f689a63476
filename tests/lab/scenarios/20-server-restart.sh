# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the server is killed and started again: the mount and its open files are kept

play() {
    local outage=6 alone id began mended back seen
    server_create srv
    alone=$(alone_fault srv server_kill $outage server_start held) || no_alone

    { config_head; echo "mounts:"; mount_entry media srv; } | config
    daemon_start || return
    await_state 20 media mounted || return
    until_true 15 health_is media healthy
    id=$(mount_id /mnt/media)
    hold_start user /mnt/media/held
    hold_write user >/dev/null
    watch_start media /mnt/media
    until_true 10 answered_since media 0

    began=$(now_ms)
    server_kill srv
    sleep $outage
    server_start srv
    mended=$(now_ms)
    until_true 60 answered_since media "$mended"
    back=$(first_answer media "$mended")
    seen=$(seen_after media "$began")
    report_fault "server killed, started again after $outage s" "$began" "$seen" \
        "$back" "$mended" "$alone" "$(steps_since media "$began")"

    at_most "the fault is seen before its end, ms" $((mended - began)) "$seen"
    # The kernel retries every 3 s or so: one lucky or unlucky run says nothing, its worst case does.
    at_most "back no later than the kernel alone can be, ms" $((4500 > ${alone:-0} ? 4500 : alone)) "$((back - mended))"
    equal "nothing was remounted" "$id" "$(mount_id /mnt/media)"
    equal "one mount" 1 "$(mounts_at /mnt/media)"
    equal "the open file writes and syncs" "1 0" "$(hold_write user | cut -d' ' -f1,2)"
    equal "and nothing was lost" "kept 2" "$(hold_end user)"
    await_state 20 media mounted
    check "healthy again" until_true 20 health_is media healthy
    check "why speaks of it" grep -qiE 'server|answer' <(smb why media)
    watch_stop media
    daemon_stop
}
