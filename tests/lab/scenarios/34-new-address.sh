# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the server comes back at another address under the same name: the mount goes there

# name_is ADDRESS: what nas.lab resolves to. Written in place: /etc/hosts is this very file.
name_is() {
    [ -e /run/lab/hosts ] || {
        echo "127.0.0.1 localhost" >/run/lab/hosts
        mount --bind /run/lab/hosts /etc/hosts
    }
    printf '127.0.0.1 localhost\n%s nas.lab\n' "$1" >/run/lab/hosts
}

move_to() { # ADDRESS, of the server
    ip -n srv addr flush dev eth0
    ip -n srv addr add "$1/24" dev eth0
    name_is "$1"
}
move_away() { move_to 10.9.0.7; }
no_way_back() { :; }

address_is() { [ "$(status_of media address)" = "$1" ]; }

play() {
    local alone began seen back id
    server_create srv
    server_create srv2
    name_is 10.9.0.2
    alone=$(alone_fault nas.lab move_away 0 no_way_back) || no_alone
    move_to 10.9.0.2

    { config_head; echo "mounts:"; mount_entry media nas.lab; } | config
    daemon_start || return
    await_state 20 media mounted || return
    until_true 15 health_is media healthy

    # A name that leads elsewhere is no reason while the mount works.
    id=$(mount_id /mnt/media)
    began=$(now_ms)
    name_is 10.9.1.2
    sleep 12
    equal "another name, but the mount works: nothing is done" "$id" "$(mount_id /mnt/media)"
    check "nothing at all" never_remounted media "$began"
    equal "no doubt either" 0 "$(event_count media "$began" '^(incident|step)')"

    watch_anew_start media /mnt/media
    until_true 10 answered_since media "$began"
    began=$(now_ms)
    move_to 10.9.0.7
    until_true 60 asked_and_answered_since media "$((began + 500))"
    back=$(steady_answer media "$((began + 500))")
    seen=$(seen_after media "$began")
    check "the mount is at the new address" until_true 20 address_is 10.9.0.7
    await_state 20 media mounted
    report_fault "server at a new address" "$began" "$seen" "$back" "$began" "$alone" \
        "$(steps_since media "$began")"
    check "it answered" test -n "$back"
    check "healthy again" until_true 20 health_is media healthy
    equal "mounted once" 1 "$(mounts_at /mnt/media)"
    check "why names the addresses" grep -q '10.9.0.7' <(smb why media; smb events media)
    watch_stop media
    daemon_stop
}
