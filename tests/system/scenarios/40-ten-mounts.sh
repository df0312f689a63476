# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: ten mounts, one stalled: the nine others are probed on time and status answers

play() {
    local n began took slowest=0 end before last
    { fuse_head 5; echo "mounts:"; for n in 0 1 2 3 4 5 6 7 8 9; do fuse_entry "m$n" 'probe_failure_threshold: 10'; done; } | config
    daemon_start || return
    for n in 0 1 2 3 4 5 6 7 8 9; do await_state 15 "m$n" mounted || return; done
    before=$(all_mounts | grep -c testfs)
    equal "ten mounts" 10 "$before"
    began=$(now_ms)
    fuse_order m3 stall
    end=$((SECONDS + 20))
    while [ $SECONDS -lt $end ]; do
        took=$(took_ms smbmounter status)
        [ "$took" -le "$slowest" ] || slowest=$took
        sleep 0.2
    done
    at_most "status answered all the time, ms" 3000 "$slowest"
    for n in 0 1 2 4 5 6 7 8 9; do
        equal "m$n is undisturbed" "healthy 0" "$(status_of "m$n" health) $(event_count "m$n" "$began" '^(incident|state)')"
        last=$(last_probe "m$n")
        at_most "m$n was probed on time, ms ago" 7000 "$(($(now_ms) - last))"
    done
    at_most "one process for the stalled one" 1 "$(stuck_count)"
    check "the stalled one is not called healthy" not health_is m3 healthy
    check "a probe of another one works meanwhile" smb probe m4
    fuse_order m3 ok
    daemon_stop
    # The stalled one is busy with a request that nobody will answer: it may stay, but named.
    equal "all others are unmounted at the end" 0 "$(all_mounts | grep testfs | grep -vc /mnt/m3)"
}
# In ms since 1970; 0: never
last_probe() { status_of "$1" last_probe_ms | grep -xE '[0-9]{13}' || echo 0; }
