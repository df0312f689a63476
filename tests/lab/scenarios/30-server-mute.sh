# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the server goes mute and comes back: everything else is undisturbed

play() {
    local outage=30 alone id began mended back seen other
    server_create srv
    server_create srv2
    alone_beside srv2 || no_alone
    alone=$(alone_fault srv server_mute $outage server_thaw held) || no_alone

    {
        config_head
        echo "mounts:"
        mount_entry media srv
        mount_entry other srv2
        mount_entry late srv2 'share: other' 'mount_at_startup: false'
    } | config
    daemon_start || return
    await_state 20 media mounted || return
    await_state 20 other mounted || return
    until_true 15 health_is media healthy
    id=$(mount_id /mnt/media)
    other=$(mount_id /mnt/other)
    hold_start user /mnt/media/held
    hold_write user >/dev/null
    watch_start media /mnt/media
    watch_start other /mnt/other
    until_true 10 answered_since media 0
    until_true 10 answered_since other 0

    began=$(now_ms)
    server_mute srv
    observe_start
    sleep $((outage / 2))
    seen=$(seen_after media "$began")
    at_most "a third share is mounted meanwhile, ms" 10000 "$(took_ms smb mount late)"
    sleep $((outage / 2 - 1))
    observe_end $((outage / 6)) # it costs the guest's one processor more than all else
    server_thaw srv
    mended=$(now_ms)
    until_true 60 answered_since media "$mended"
    back=$(first_answer media "$mended")
    report_fault "server mute for $outage s" "$began" "$seen" \
        "$back" "$mended" "$alone" "$(steps_since media "$began")"

    at_most "the fault is seen, ms" 15000 "$seen"
    at_most "back no later than the kernel alone can be, ms" $((16000 > ${alone:-0} ? 16000 : alone)) "$((back - mended))"
    equal "nothing was unmounted" "$id" "$(mount_id /mnt/media)"
    equal "nor on the other server" "$other" "$(mount_id /mnt/other)"
    at_most "the other server's share answered all the time, ms" 1500 "$(longest_answer other "$began" "$mended")"
    equal "its health never changed" 0 "$(event_count other "$began" '^(incident|state)')"
    equal "no unmount, mount or kick was tried" 0 "$(event_count media "$began" \
        '^(mount-error|unmount-error|step [0-9]+ [^:]*: (reconnect|unmount|force-unmount|detach|mount))')"
    equal "the open file writes and syncs" "1 0" "$(hold_write user | cut -d' ' -f1,2)"
    equal "and nothing was lost" "kept 2" "$(hold_end user)"
    await_state 30 media mounted
    check "healthy again" until_true 30 health_is media healthy
    watch_stop media
    watch_stop other
    daemon_stop
}
