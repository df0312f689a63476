# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the existing connection is black-holed, new ones work: reconnected, nothing unmounted
# guest: qemu

# A program that reads a file which nobody has in a cache; its status goes to /run/lab/read.
read_blocked() {
    rm -f /run/lab/read
    (
        cat /mnt/media/unread >/run/lab/unread
        echo $? >/run/lab/read
    ) &
}

play() {
    local alone id began back seen wrote
    server_create srv
    head -c 300000 /dev/urandom >/run/lab/server/srv/share/unread
    alone_mount srv || {
        no_alone
        return
    }
    watch_start alone /mnt/alone
    until_true 20 answered_since alone 0
    server_half_open srv
    began=$(now_ms)
    until_true 60 asked_and_answered_since alone "$began"
    alone=$(($(steady_answer alone "$began") - began))
    server_whole srv
    alone_end >/dev/null 2>&1

    { config_head; echo "mounts:"; mount_entry media srv; } | config
    daemon_start || return
    await_state 40 media mounted || return
    until_true 30 health_is media healthy
    id=$(mount_id /mnt/media)
    hold_start user /mnt/media/held
    hold_write user >/dev/null
    watch_start media /mnt/media
    until_true 20 answered_since media 0

    server_half_open srv
    began=$(now_ms)
    read_blocked
    wrote=$(hold_write user 60)
    until_true 60 asked_and_answered_since media "$began"
    back=$(steady_answer media "$began")
    await_state 60 media mounted
    seen=$(seen_after media "$began")
    report_fault "half-open connection" "$began" "$seen" "$back" "" "$alone" \
        "$(steps_since media "$began")"
    equal "nothing was remounted" "$id" "$(mount_id /mnt/media)"
    check "all the time" never_remounted media "$began"
    equal "the connection was cut once" 1 "$(event_count media "$began" '^step [0-9]+ [^:]*: reconnect')"
    check "the blocked reader ended" until_true 60 test -e /run/lab/read
    equal "with success" 0 "$(cat /run/lab/read)"
    check "and read what is there" cmp /run/lab/unread /run/lab/server/srv/share/unread
    equal "the write that was under way succeeded" "1 0" "$(cut -d' ' -f1,2 <<<"$wrote")"
    equal "the open file writes and syncs" "2 0" "$(hold_write user | cut -d' ' -f1,2)"
    equal "and nothing was lost" "kept 3" "$(hold_end user)"
    at_most "seen, ms" 10000 "$seen"
    check "healthy again" until_true 60 health_is media healthy
    watch_stop media
    server_whole srv
    daemon_stop
}
