# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: packets are dropped both ways, then let through: back no later than the kernel alone
# guest: uml qemu

# TCP tries again 0.2, 0.6, 1.4, 3, 6.2, 12.6 and 25 s after the first packet that was lost: how soon
# the kernel alone is back depends on when the packets come through again. So it is another time in
# each play, the same for both.
play() {
    local outage=$((6 + RANDOM % 15)) alone id began mended back seen
    say "packets are dropped for $outage s"
    server_create srv
    alone=$(alone_fault srv server_lose $outage server_found held) || no_alone

    { config_head; echo "mounts:"; mount_entry media srv; } | config
    daemon_start || return
    await_state 40 media mounted || return
    until_true 30 health_is media healthy
    id=$(mount_id /mnt/media)
    hold_start user /mnt/media/held
    hold_write user >/dev/null
    watch_start media /mnt/media
    until_true 20 answered_since media 0

    began=$(now_ms)
    server_lose srv
    sleep $outage
    server_found srv
    mended=$(now_ms)
    until_true 60 answered_since media "$mended"
    back=$(first_answer media "$mended")
    await_state 60 media mounted
    seen=$(seen_after media "$began")
    report_fault "packets dropped for 6 to 20 s" "$began" "$seen" \
        "$back" "$mended" "$alone" "$(steps_since media "$began")"

    at_most "the fault is seen, ms" 12000 "$seen"
    at_most "back no later than the kernel alone can be, ms" $((16000 > ${alone:-0} ? 16000 : alone)) "$((back - mended))"
    equal "nothing was remounted" "$id" "$(mount_id /mnt/media)"
    check "all the time" never_remounted media "$began"
    at_most "the connection is cut once" 1 "$(event_count media "$began" '^step [0-9]+ [^:]*: reconnect')"
    equal "the open file writes and syncs" "1 0" "$(hold_write user 60 | cut -d' ' -f1,2)"
    equal "and nothing was lost" "kept 2" "$(hold_end user)"
    check "healthy again" until_true 30 health_is media healthy
    watch_stop media
    daemon_stop
}
