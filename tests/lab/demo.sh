# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the main job, live; played by tests/lab/demo

title() { printf '\n== %s\n' "$*"; }
show() {
    printf '\n$ smbmounter %s\n' "$*"
    smb "$@" 2>&1 | sed 's/^/  /'
}
# What the daemon says while a command or a pause goes on.
follow() { smbmounter events --follow media 2>&1 | sed -u 's/^/    | /' & }

wait_answer() {
    local since=$1
    until_true 60 answered_since media "$since"
    echo "The share answered again $(seconds $(($(first_answer media "$since") - since))) after $2."
}

play() {
    title "A Samba server (10.9.0.2) in a network of its own, and a kernel with its own SMB client"
    server_create srv
    { config_head; echo "mounts:"; mount_entry media srv; } | config
    sed 's/^/    /' "$daemon_config"

    title "The daemon starts and mounts the share"
    daemon_start || return
    await_state 30 media mounted || return
    until_true 15 health_is media healthy
    show status
    show probe media
    watch_start media /mnt/media
    hold_start user /mnt/media/held
    hold_write user >/dev/null
    until_true 10 answered_since media 0
    follow

    title "The server goes mute: connections are accepted, nothing is answered (SIGSTOP)"
    local at
    server_mute srv
    sleep 20
    show status
    title "... and comes back"
    server_thaw srv
    at=$(now_ms)
    wait_answer "$at" "the thaw"
    await_state 30 media mounted
    equal "the program with an open file went on, its data safe" 0 "$(hold_write user | cut -d' ' -f2)"

    title "The server is killed, and started again 4 s later"
    server_kill srv
    sleep 4
    show status
    server_start srv
    at=$(now_ms)
    wait_answer "$at" "the server's start"
    await_state 30 media mounted
    equal "the program with an open file went on, its data safe" 0 "$(hold_write user | cut -d' ' -f2)"

    title "The mount is torn away: umount -l /mnt/media"
    umount -l /mnt/media
    at=$(now_ms)
    until_true 20 asked_and_answered_since media "$at"
    echo "The share was back $(seconds $(($(steady_answer media "$at") - at))) later."
    await_state 20 media mounted
    equal "there is exactly one mount" 1 "$(mounts_at /mnt/media)"
    equal "the open file lives and nothing was lost" "kept 3" "$(hold_end user)"

    sleep 1
    title "What it says about all that"
    show status
    show why media
    watch_stop media
    daemon_stop
    equal "stopped: the share is unmounted" 0 "$(mounts_at /mnt/media)"
}
