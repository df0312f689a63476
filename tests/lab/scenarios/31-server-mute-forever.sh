# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the server stays mute: nothing piles up, and the daemon can still be asked and stopped

play() {
    local began took id
    server_create srv
    server_create srv2
    { config_head; echo "mounts:"; mount_entry media srv; mount_entry other srv2; } | config
    daemon_start || return
    await_state 20 media mounted || return
    await_state 20 other mounted || return
    until_true 15 health_is media healthy
    id=$(mount_id /mnt/media)
    began=$(now_ms)
    server_mute srv
    observe_start
    sleep 90
    observe_end 15
    at_most "plugin hosts, stuck ones included" 6 "$(host_pids | wc -l)"
    equal "still mounted" "$id" "$(mount_id /mnt/media)"
    check "all the time" never_remounted media "$began"
    check "not called healthy" not health_is media healthy
    check "the reason names the server" grep -qiE 'server|mute|answer' <<<"$(status_of media reason)"
    equal "no kick" 0 "$(event_count media "$began" '^step [0-9]+ [^:]*: reconnect')"
    at_most "few events" 40 "$(event_count media "$began" .)"
    equal "the other share is healthy" healthy "$(status_of other health)"
    check "why says what is waited for" grep -qiE 'server|answer' <(smb why media)
    took=$(took_ms daemon_stop)
    at_most "SIGTERM ends the daemon, ms" 25000 "$took"
    equal "the healthy share is unmounted" 0 "$(mounts_at /mnt/other)"
}
