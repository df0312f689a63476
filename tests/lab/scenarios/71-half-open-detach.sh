# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: half open, and no reconnect in the chain: detached and mounted anew, open files arrive late
# guest: qemu

play() {
    local alone id began back seen
    server_create srv
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

    {
        config_head
        echo "  recovery: [{await-server: {grace_ms: 0}}, backoff, force-unmount-remount]"
        echo "mounts:"
        mount_entry media srv
    } | config
    daemon_start || return
    await_state 40 media mounted || return
    until_true 30 health_is media healthy
    id=$(mount_id /mnt/media)
    hold_start user /mnt/media/held
    hold_write user >/dev/null
    watch_anew_start media /mnt/media
    until_true 20 answered_since media 0

    server_half_open srv
    began=$(now_ms)
    (hold_write user 90 >/run/lab/wrote) &
    until_true 60 asked_and_answered_since media "$began"
    back=$(steady_answer media "$began")
    await_state 60 media mounted
    seen=$(seen_after media "$began")
    report_fault "half open, without reconnect" "$began" "$seen" "$back" "" "$alone" \
        "$(steps_since media "$began")"
    equal "no connection was cut" 0 "$(event_count media "$began" '^step [0-9]+ [^:]*: reconnect')"
    check "it was detached and mounted anew" has_event media "$began" '^step [0-9]+ [^:]*: detach'
    equal "one mount" 1 "$(mounts_at /mnt/media)"
    check "the new mount takes a new file" dd if=/dev/zero of=/mnt/media/new bs=4k count=1 conv=fsync
    check "the open file's write ended" until_true 90 test -s /run/lab/wrote
    equal "with success" "1 0" "$(cut -d' ' -f1,2 /run/lab/wrote)"
    equal "and the old mount kept its data" "kept 2" "$(hold_end user)"
    equal "which is on the server" 32 "$(stat -c %s /run/lab/server/srv/share/held)"
    check "healthy" until_true 60 health_is media healthy
    watch_stop media
    server_whole srv
    daemon_stop
}
