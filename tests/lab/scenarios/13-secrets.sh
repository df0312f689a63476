# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: a canary for a password: in no log, argument, environment, core, reply, /proc or state file

canary="Canary,7f3a-$RANDOM$RANDOM"

# scan_memory PID...: for each "PID:found" or "PID:clean"; "PID:unread" when there was nothing to
# read, as of a process that has ended: that proves nothing.
scan_memory() {
    python3 - /run/lab/canary "$@" <<'X'
import sys

with open(sys.argv[1], "rb") as file:
    word = file.read().strip()


def parts(pid):
    """Its readable memory, but what the kernel alone keeps there ([vvar] and the like)."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            if line.split()[1][0] != "r" or "[v" in line:
                continue
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            memory.seek(begin)
            data = b""
            while begin + len(data) < end:
                more = memory.read(end - begin - len(data))
                if not more:
                    break
                data += more
            yield data


def verdict(pid):
    size, found = 0, False
    try:
        for data in parts(pid):
            size += len(data)
            found = found or word in data
    except OSError:
        return "unread"
    return "found" if found else "clean" if size > 0 else "unread"


print(" ".join(f"{pid}:{verdict(pid)}" for pid in sys.argv[2:]))
X
}

# Looks at all arguments and environments, all the time; a pattern in a file shows in neither.
spy() {
    while :; do
        grep -lsaFf /run/lab/canary /proc/[0-9]*/cmdline /proc/[0-9]*/environ
    done >/run/lab/spied 2>/dev/null
}
spied() { grep -q "^/proc/$1/$2\$" /run/lab/spied; }

# A spy that sees nothing proves nothing: it must see one who has it in both.
spy_sees() {
    local careless spy_pid
    spy &
    spy_pid=$!
    CANARY=$canary python3 -c 'import time; time.sleep(60)' "$canary" &
    careless=$!
    check "the spy sees an argument" until_true 30 spied "$careless" cmdline
    check "the spy sees an environment" until_true 30 spied "$careless" environ
    kill "$careless" "$spy_pid"
    wait "$careless" "$spy_pid" 2>/dev/null
}

# holds_canary PLACE: 0 yes, 1 no; anything else: it could not be read, which proves nothing.
holds_canary() { grep -rqaFf /run/lab/canary "$1"; }
no_canary_in() {
    holds_canary "$1"
    equal "not in $1" 1 $?
}

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

opens() { : <"$1"; }

# Where nobody gets a core, a helper that leaves none proves nothing.
cores_are_made() {
    sleep 100 &
    kill -ABRT $!
    wait $! 2>/dev/null
    check "others leave a core" ls /run/lab/core.*
    rm -f /run/lab/core.*
}

killed_leaves_nothing() {
    local helper=
    # So that a mount takes seconds: login and share are several questions.
    check "the server is far away" server_far srv 400
    (smb mount media >/dev/null 2>&1 &)
    freeze_helper || return 1
    equal "a helper's core limit is 0" 0 "$(awk '/Max core file size/ {print $5}' "/proc/$helper/limits")"
    # Who may read it is decided when it is opened.
    check "root can read its memory" opens "/proc/$helper/mem"
    # shellcheck disable=SC2016 # for that shell
    check "nobody else can" not setpriv --reuid 65534 --regid 65534 --clear-groups \
        bash -c ': <"$1"' bash "/proc/$helper/mem"
    kill -ABRT "$helper"
    kill -CONT "$helper"
    check "it is killed by SIGABRT" until_true 30 not test -e "/proc/$helper"
    server_near srv
    check "it leaves no core" not ls /run/lab/core.*
    return 0
}

play() {
    local spy_pid name pid
    echo "$canary" >/run/lab/canary
    server_create srv "$canary"
    credential media "$canary"
    credential wrong "$canary-not"
    { config_head; echo "mounts:"; mount_entry media srv; mount_entry wrong srv 'share: other'; } | config
    ulimit -c unlimited
    echo /run/lab/core.%p >/proc/sys/kernel/core_pattern
    cores_are_made
    equal "the scan finds what it is for" "$$:found" "$(scan_memory $$)"
    sleep 0 &
    wait $!
    equal "the scan does not call a process clean that has ended" "$!:unread" "$(scan_memory $!)"
    spy_sees
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
    for pid in $daemon_pid $(host_pids); do
        equal "not in the memory of $(tr '\0' ' ' <"/proc/$pid/cmdline")" "$pid:clean" "$(scan_memory "$pid")"
    done
    check "hosts are there to be looked at" test -n "$(host_pids)"
    equal "in no argument or environment" "" "$(cat /run/lab/spied)"
    dmesg >/run/lab/kernel-log
    for name in "$daemon_log" /run/lab/replies /run/lab/kernel-log /proc/mounts /proc/self/mountinfo \
        /proc/keys /proc/fs/cifs/DebugData /run/smbmounter /tmp /var/log; do
        no_canary_in "$name"
    done
    daemon_stop
}
