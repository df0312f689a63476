# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the machine sleeps for ten minutes: looked at at once, no strikes for it; then on another network
# guest: uml
#
# The guest's kernel really suspends (processes frozen, devices and timekeeping suspended); the ten
# minutes are the host's clock, moved on for it by tests/lab/sleeper.c, and so cost nothing. The
# server is in the same guest and sleeps, too.

sleep_ten_minutes() {
    echo 600 >/run/lab/host/sleep
    echo mem >/sys/power/state
}
uptime_s() { cut -d. -f1 /proc/uptime; }

# The client's address is another one after waking, as in another network: nothing comes back to
# the old one. move_to NUMBER
move_to() {
    ip addr flush dev c-srv
    ip addr add "10.9.0.$1/24" dev c-srv
}

# after_wake MOUNT: ms from "the machine woke" to the first answer of a probe, from the daemon's log
after_wake() {
    awk -v mount="mount '$1': device-id: " '
        function ms(text, t) {
            split(text, t, /[:.]/)
            return ((t[1] * 60 + t[2]) * 60 + t[3]) * 1000 + t[4]
        }
        /the machine woke/ {woke = ms($2); took = ""}
        woke != "" && took == "" && index($0, mount) {took = ms($2) - woke}
        END {print took}' "$daemon_log"
}
# looked_at MOUNT: at once, or the log of the last waking tells what kept it.
looked_at() {
    at_most "$1: looked at after waking, ms" 2000 "$(after_wake "$1")" && return
    tail -n "+$(grep -n "the machine woke" "$daemon_log" | tail -n 1 | cut -d: -f1)" "$daemon_log" |
        head -n 40 | cut -c1-200 | sed 's/^/#   /'
}
undisturbed() {
    equal "$1: no strike, no outage, no bad verdict" "0 0" \
        "$(status_of "$1" strikes) $(event_count "$1" "$2" '^(incident|state|verdict [0-9]+ [^:]*: (blind|suspect|dead|gone|denied))')"
}

play() {
    local alone began woke back seen name before
    if [ "$LAB_GUEST" != uml ] && [ "$LAB_GUEST" != own ]; then
        pass "left out: only a guest of User-Mode Linux is put to sleep"
        return
    fi
    mkdir -p /run/lab/host
    mount -t hostfs -o "$lab_job/host" none /run/lab/host
    server_create srv
    server_create srv2

    alone_mount srv || {
        no_alone
        return
    }
    watch_start alone /mnt/alone
    until_true 20 answered_since alone 0
    sleep_ten_minutes
    move_to 77
    woke=$(now_ms)
    until_true 90 asked_and_answered_since alone "$woke"
    alone=$(steady_answer alone "$woke")
    [ -z "$alone" ] || alone=$((alone - woke))
    alone_end >/dev/null 2>&1

    { config_head 60; echo "mounts:"; mount_entry media srv; mount_entry other srv2; } | config
    daemon_start || return
    for name in media other; do await_state 20 $name mounted || return; done
    for name in media other; do until_true 20 health_is $name healthy; done
    began=$(now_ms)
    before=$(uptime_s)
    # As when the network goes before the machine does: a look at media hangs while it falls asleep.
    server_mute srv
    smbmounter probe media >/dev/null 2>&1 &
    sleep 1
    sleep_ten_minutes
    sleep 2.5
    server_thaw srv
    at_most "the guest's clock moved on by ten minutes and a little, s" 640 $(($(uptime_s) - before))
    check "at least so much" test $(($(uptime_s) - before)) -ge 600
    check "the daemon knows that it slept" until_true 10 grep -qE 'woke after a sleep of (9 min 5|10 min)' "$daemon_log"
    sleep 10
    for name in media other; do
        looked_at $name
        undisturbed $name "$began"
    done

    watch_start media /mnt/media
    until_true 20 answered_since media 0
    sleep_ten_minutes
    move_to 78
    woke=$(now_ms)
    until_true 90 asked_and_answered_since media "$woke"
    back=$(steady_answer media "$woke")
    seen=$(seen_after media "$woke")
    report_fault "asleep, then on another network" "$woke" "$seen" "$back" "$woke" "$alone" \
        "$(steps_since media "$woke")"
    for name in media other; do
        looked_at $name
    done
    # its echoes are 5 s apart, and three must be missed
    at_most "back no later than the kernel alone can be, ms" $((30000 > ${alone:-0} ? 30000 : alone)) $((back - woke))
    undisturbed other "$woke"
    await_state 30 media mounted
    check "healthy again" until_true 30 health_is media healthy
    smb why media | sed 's/^/#   /'
    watch_stop media
    daemon_stop
    umount /run/lab/host
}
