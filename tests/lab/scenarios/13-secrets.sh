# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: a canary for a password: in no log, argument, environment, core, reply, /proc or state file

canary="Canary,7f3a-$RANDOM$RANDOM"

# scan_memory PID...: the processes whose memory holds the canary
scan_memory() {
    python3 - /run/lab/canary "$@" <<'X'
import sys

with open(sys.argv[1], "rb") as file:
    word = file.read().strip()


def holds(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            try:
                memory.seek(begin)
                if word in memory.read(end - begin):
                    return True
            except (OSError, OverflowError):
                pass  # not readable: a guard page, the kernel's own
    return False


print(" ".join(pid for pid in sys.argv[2:] if holds(pid)))
X
}

# Looks at all arguments and environments, all the time; a pattern in a file shows in neither.
spy() {
    while :; do
        grep -lsaFf /run/lab/canary /proc/[0-9]*/cmdline /proc/[0-9]*/environ
    done >/run/lab/spied 2>/dev/null
}
holds_canary() { grep -rqaFf /run/lab/canary "$@"; }

# freeze_helper: the next helper, stopped in the middle of its life; its pid in $helper
freeze_helper() {
    for _ in $(seq 400); do
        helper=$(helper_pids | head -n 1)
        [ -z "$helper" ] || break
    done
    [ -n "$helper" ] && kill -STOP "$helper"
}

replies() {
    local words
    for words in status "status media" "why media" "status wrong" "why wrong" events plugins version "probe media"; do
        # shellcheck disable=SC2086 # words
        smb --json $words
    done
}

killed_leaves_nothing() {
    local helper=
    # So that a mount takes seconds: login and share are several questions.
    check "the server is far away" server_far srv 400
    (smb mount media >/dev/null 2>&1 &)
    freeze_helper || return 1
    equal "a helper's core limit is 0" 0 "$(awk '/Max core file size/ {print $5}' "/proc/$helper/limits")"
    check "nobody else reads its memory" not setpriv --reuid 65534 --regid 65534 --clear-groups \
        head -c 1 "/proc/$helper/mem"
    kill -ABRT "$helper"
    kill -CONT "$helper"
    sleep 1
    server_near srv
    check "killed by SIGABRT it leaves no core" not ls /run/lab/core.*
    return 0
}

play() {
    local spy_pid name
    echo "$canary" >/run/lab/canary
    server_create srv "$canary"
    credential media "$canary"
    credential wrong "$canary-not"
    { config_head; echo "mounts:"; mount_entry media srv; mount_entry wrong srv 'share: other'; } | config
    ulimit -c unlimited
    echo /run/lab/core.%p >/proc/sys/kernel/core_pattern
    equal "the scan finds what it is for" "$$" "$(scan_memory $$)"
    spy &
    spy_pid=$!
    daemon_start || return
    check "mounted" await_state 30 media mounted
    await_state 30 wrong failed
    smb unmount media >/dev/null
    killed_leaves_nothing || miss "a helper is caught at work"
    smb mount media >/dev/null 2>&1
    check "mounted in the end" await_state 40 media mounted
    replies >/run/lab/replies 2>&1
    kill $spy_pid
    # shellcheck disable=SC2046 # a list of numbers
    equal "in no memory of daemon or hosts" "" "$(scan_memory "$daemon_pid" $(host_pids))"
    equal "in no argument or environment" "" "$(cat /run/lab/spied)"
    dmesg >/run/lab/kernel-log
    for name in "$daemon_log" /run/lab/replies /run/lab/kernel-log /proc/mounts /proc/self/mountinfo \
        /proc/keys /proc/fs/cifs/DebugData /run/smbmounter /tmp /var/log; do
        check "not in $name" not holds_canary "$name"
    done
    daemon_stop
}
