# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: three shares on two servers, one of them mute: the healthy one is never disturbed nor waits

undisturbed() { # NAME SINCE
    equal "$1 was never doubted" 0 "$(event_count "$1" "$2" '^(incident|stuck|step|server|verdict|state)')"
    at_most "$1: its probes came on time, longest gap in ms" 8000 "$(longest_gap "$1" stat-timeout)"
    at_most "$1: nor did the kernel's word wait" 5000 "$(longest_gap "$1" kernel-status)"
}

play() {
    local began mended back seen alone took one two
    server_create srv
    server_create srv2
    alone_beside srv2 || no_alone
    alone=$(alone_fault srv server_mute 20 server_thaw) || no_alone
    {
        config_head
        echo "mounts:"
        mount_entry media srv
        mount_entry one srv2
        mount_entry two srv2 'share: other'
    } | config

    # The mute server is there first: the first mount of the healthy one must not wait for it.
    server_mute srv
    began=$(now_ms)
    daemon_start || return
    await_state 20 one mounted || return
    await_state 20 two mounted || return
    say "both healthy shares were mounted $(seconds $(($(now_ms) - began))) after the daemon's start"
    check "the share of the mute server waits" not state_is media mounted
    server_thaw srv
    await_state 40 media mounted || return
    for name in media one two; do until_true 15 health_is "$name" healthy; done
    one=$(mount_id /mnt/one)
    two=$(mount_id /mnt/two)
    watch_start media /mnt/media
    watch_start one /mnt/one
    until_true 10 answered_since media 0
    sleep 2

    : >"$daemon_log"
    began=$(now_ms)
    server_mute srv
    sleep 20
    seen=$(seen_after media "$began")
    took=$(took_ms smb unmount two)
    took="$took $(took_ms smb mount two)"
    say "on the healthy server, an unmount and a mount took $took ms"
    server_thaw srv
    mended=$(now_ms)
    until_true 60 answered_since media "$mended"
    back=$(first_answer media "$mended")
    report_fault "one of two servers mute for 20 s" "$began" "$seen" "$back" "$mended" "$alone" \
        "$(steps_since media "$began")"

    undisturbed one "$began"
    at_most "one answered all the time, ms" 1500 "$(longest_answer one "$began" "$mended")"
    equal "one stayed" "$one" "$(mount_id /mnt/one)"
    check "two was mounted meanwhile" is_mounted /mnt/two
    at_most "and did not wait, ms" 10000 "${took#* }"
    await_state 30 media mounted
    check "media is healthy again" until_true 30 health_is media healthy
    watch_stop media
    watch_stop one
    daemon_stop
}
