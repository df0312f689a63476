# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the existing connection is black-holed, new ones work: reconnected, nothing unmounted
# guest: qemu

# The client's port of the connection to a server.
client_port() {
    ss -tnH state established dst "$(server_address "$1"):445" | awk '{n=split($3,a,":"); print a[n]; exit}'
}

# Dropped on the server's side: a drop in our own output is told to TCP, a black hole is not.
half_open() {
    local port
    port=$(client_port "$1")
    ip netns exec "$1" nft -f - <<X
table inet lab {
    chain out { type filter hook output priority 0; tcp dport $port drop; }
    chain in { type filter hook input priority 0; tcp sport $port drop; }
}
X
}
whole_again() { ip netns exec "$1" nft delete table inet lab 2>/dev/null; }

play() {
    local alone id began back seen
    server_create srv
    alone_mount srv
    watch_start alone /mnt/alone
    until_true 20 answered_since alone 0
    half_open srv
    began=$(now_ms)
    until_true 60 asked_and_answered_since alone "$began"
    alone=$(($(steady_answer alone "$began") - began))
    whole_again srv
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

    half_open srv
    began=$(now_ms)
    until_true 60 asked_and_answered_since media "$began"
    back=$(steady_answer media "$began")
    seen=$(seen_after media "$began")
    report_fault "half-open connection" "$began" "$seen" "$back" "" "$alone" \
        "$(steps_since media "$began")"
    equal "nothing was remounted" "$id" "$(mount_id /mnt/media)"
    equal "the open file writes and syncs" "1 0" "$(hold_write user | cut -d' ' -f1,2)"
    equal "and nothing was lost" "kept 2" "$(hold_end user)"
    await_state 30 media mounted
    at_most "seen, ms" 10000 "$seen"
    smb why media | sed 's/^/#   /'
    smb events media | sed 's/^/#   /'
    watch_stop media
    whole_again srv
    daemon_stop
}
