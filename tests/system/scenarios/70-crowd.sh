# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the control socket attacked: thousands of clients, passed descriptors, no descriptors left

# as UID COMMAND...: without root's rights and groups
as() {
    local uid=$1
    shift
    setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}
nobody=65534
tools=/run/lab/job/bin
socket=/run/smbmounter.sock

memory_kib() { awk '/^VmRSS/ {print $2}' "/proc/$daemon_pid/status"; }
cpu_ticks() { awk '{print $14 + $15}' "/proc/$daemon_pid/stat"; }
open_files() { find "/proc/$daemon_pid/fd" -mindepth 1 | wc -l; }
files_at_most() { [ "$(open_files)" -le "$1" ]; }

# root_asks TEXT CALLS: while whoever attacks is at it. Figures; asserted is only that it works.
root_asks() {
    local calls failed median p99 worst
    read -r calls failed median p99 worst <<<"$("$tools/ask" $socket status "$2")"
    say "$1: root's status: $calls calls, median $median us, 99 % $p99 us, worst $worst us"
    equal "$1: every call was answered" 0 "$failed"
    at_most "$1: p99, us" 1000000 "$p99"
}

# attacked TEXT SECONDS CALLS COMMAND...: root asks while it runs
attacked() {
    local text=$1 calls=$2 pid
    shift 2
    "$@" >/run/lab/crowd 2>&1 &
    pid=$!
    sleep 1
    root_asks "$text" "$calls"
    wait $pid
    equal "$text: the crowd was at it to its end" 0 $?
    say "$text: $(tail -n 1 /run/lab/crowd)"
}

times_said() { grep -c 'turned away until there is room' "$daemon_log"; }

# The descriptors that the daemon may open are so few that the crowd takes all of them.
without_descriptors() {
    local said ticks
    said=$(times_said)
    prlimit --pid "$daemon_pid" --nofile=$(($(open_files) + 10)):4096
    "$tools/crowd" $socket idle 60 4 2000 60 >/dev/null &
    sleep 1
    ticks=$(cpu_ticks)
    sleep 2
    ticks=$(($(cpu_ticks) - ticks))
    wait $!
    equal "no descriptors left: the crowd was at it to its end" 0 $?
    prlimit --pid "$daemon_pid" --nofile=4096:4096
    at_most "no descriptors left: no busy loop, % of a CPU" 50 $((ticks * 100 / $(getconf CLK_TCK) / 2))
    check "it is said" [ "$(times_said)" -gt "$said" ]
    root_asks "descriptors are back" 50
}

play() {
    local before files n
    { fuse_head; echo "mounts:"; fuse_entry a; } | config
    daemon_start || return
    await_state 10 a mounted || return
    root_asks "quiet" 200
    before=$(memory_kib)
    files=$(open_files)
    attacked "1,000 idle clients of nobody" 400 as $nobody "$tools/crowd" $socket idle 1000 5
    attacked "1,000 dripping clients of nobody" 400 as $nobody "$tools/crowd" $socket drip 1000 5
    attacked "1,000 idle clients of 200 users" 400 "$tools/crowd" $socket idle 1000 5 2000 200
    attacked "1,000 dripping clients of 200 users" 400 "$tools/crowd" $socket drip 1000 5 2000 200
    attacked "100 clients of 20 users that never read" 400 "$tools/crowd" $socket deaf 100 5 2000 20
    attacked "connections without end" 200 as $nobody "$tools/crowd" $socket flood 1000 4
    equal "who passes descriptors leaves none" "200 0" "$(as $nobody "$tools/ask" $socket descriptors 200)"
    without_descriptors
    check "all connections are closed again" until_true 20 files_at_most "$files"
    at_most "memory that it took, KiB" 8192 $(($(memory_kib) - before))
    equal "the mount noticed nothing" "mounted 1" "$(status_of a state) $(mounts_at /mnt/a)"
    n=$(grep -c . "$daemon_log")
    at_most "lines in the log" 500 "$n"
    daemon_stop
}
