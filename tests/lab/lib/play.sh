#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# play.sh SCENARIO RESULT: one scenario from a clean start to a clean end. A scenario defines
# play() and is judged by its checks; RESULT gets "passed failed". Where it cannot be played it says
# so with cannot REASON, before its first check, and returns.
lib=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tests/lab/lib/assert.sh
. "$lib/assert.sh"
# shellcheck source=tests/lab/lib/server.sh
. "$lib/server.sh"
# shellcheck source=tests/lab/lib/measure.sh
. "$lib/measure.sh"
# shellcheck source=tests/lab/lib/daemon.sh
. "$lib/daemon.sh"

# shellcheck source=tests/lab/lib/alone.sh
. "$lib/alone.sh"
# shellcheck source=tests/lab/lib/account.sh
. "$lib/account.sh"

scenario=$(basename "$1" .sh)
# shellcheck source=tests/system/fuse.sh
. "$lib/fuse.sh"
# shellcheck source=tests/system/faults.sh
. "$lib/faults.sh"
ulimit -c 0
rm -rf /run/lab/etc /run/lab/watch /run/lab/hold "$daemon_log"
install -d -m 0755 /run/lab/etc

# Whatever the scenario left: nothing of it may reach the next one.
clean() {
    local pid path name
    [ -z "$daemon_pid" ] || daemon_kill 2>/dev/null
    ! declare -F booted_end >/dev/null || booted_end
    for pid in $(our_pids '^[^ ]*(smbmounter|/bin/watch|/bin/holder|testfs)') $(jobs -p); do
        kill -KILL "$pid" 2>/dev/null
    done
    for name in srv srv2; do server_thaw "$name" 2>/dev/null; done
    for path in $(awk '$5 ~ "^/mnt/" {print $5}' /proc/self/mountinfo | tac); do
        umount -l "$path" 2>/dev/null
    done
    for name in srv srv2; do server_destroy "$name" 2>/dev/null; done
    rm -rf /run/smbmounter /run/smbmounter.sock
}

# shellcheck source=/dev/null
. "$1"
[ "$LAB_DEMO" = yes ] || printf '\n# === %s: %s\n' "$scenario" "$(sed -n 's/^# about: //p' "$1")"
began=$(now_ms)
# An error in bash's arithmetic leaves all that was begun.
{
    play
    ended=yes
}
[ "${ended:-}" = yes ] || miss "the scenario came to its end"
[ $((assert_passed + assert_failed)) -gt 0 ] || [ "$LAB_DEMO" = yes ] || [ -n "$cannot_reason" ] || miss "the scenario checked something"
[ "$LAB_DEMO" = yes ] || say "$scenario took $(seconds $(($(now_ms) - began)))"
if [ $assert_failed -gt 0 ] && [ -s "$daemon_log" ]; then
    say "the end of the daemon's log:"
    tail -n 60 "$daemon_log" | cut -c1-200 | sed 's/^/#   /'
fi
clean >/dev/null 2>&1
if grep -qE 'Sanitizer|runtime error' "$daemon_log" 2>/dev/null; then
    miss "no sanitizer spoke in the daemon's log"
fi
echo "$assert_passed $assert_failed" >"$2"
