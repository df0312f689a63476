# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the unit as it is installed, under a systemd of its own: start, death, hang, reload, stop
# company: yes

# shellcheck source=tests/system/booted.sh
. "$lib/booted.sh"

two() { kernel_entry a; fuse_entry b; }
three() { two; kernel_entry c; }

# follows PID: another daemon runs in its place, and both mounts are well
follows() {
    until_true 20 another_daemon "$1" && await_state 20 a mounted && await_state 20 b mounted
}
another_daemon() { unit_is SubState running && is_another "$1"; }

comes_up() {
    local pid
    settings two
    check "systemctl enable --now" booted systemctl enable --now smbmounter || return
    equal "Type=notify: active, and it answers at once" "active daemon" \
        "$(unit ActiveState) $(smb version | sed -n 's/^daemon.*/daemon/p')"
    await_state 20 a mounted && await_state 20 b mounted || return
    pid=$(daemon_now)
    equal "in the mount namespace of process 1" "$(readlink "/proc/$booted_pid/ns/mnt")" \
        "$(readlink "/proc/$pid/ns/mnt")"
    equal "both mounts are seen by process 1" "tmpfs fuse.testfs" \
        "$(mount_type /mnt/a) $(mount_type /mnt/b)"
    check "nosuid and nodev, which the command did not ask for" \
        grep -qE ' /mnt/a ([^ ]*,)?nosuid,nodev[ ,]' "$mount_table"
    equal "the lock files' folder" "755 0:0 directory" \
        "$(booted stat -c '%a %u:%g %F' /run/smbmounter)"
    equal "confined: no new privileges, a filter, no dumps, umask" "1 2 0 0077" "$(
        awk '/^NoNewPrivs:/ {n=$2} /^Seccomp:/ {s=$2} /^Umask:/ {u=$2}
            /^Max core file size/ {c=$5} END {print n, s, c, u}' "/proc/$pid/status" "/proc/$pid/limits"
    )"
    check "the journal has the log's levels" told_in_journal 'supervising 2 mounts' -p notice..notice
}

# What a mount of its own would not have: the id may be given again.
leave_file() { booted sh -c 'echo kept >/mnt/a/file'; }
b_reads() { [ "$(booted timeout 5 cat /mnt/b/file)" = "hello from b" ]; }
a_is() { echo "$(mount_id /mnt/a) $(mounts_at /mnt/a) $(booted cat /mnt/a/file)"; }

dies() {
    local pid before
    leave_file
    before=$(a_is)
    pid=$(daemon_now)
    drop_in watchdog WatchdogSec=2s # for the next one
    kill -KILL "$pid"
    follows "$pid"
    equal "killed: a is adopted" "$before" "$(a_is)"
    check "killed: b, whose server ended with the service, is back" until_true 20 b_reads
    equal "once" 1 "$(mounts_at /mnt/b)"
    check "systemctl status tells of the mounts" until_true 20 status_tells
}
status_tells() { booted systemctl status smbmounter | grep -q 'Status: "2 of 2 mounts are mounted"'; }

hangs() {
    local pid before
    before=$(a_is)
    pid=$(daemon_now)
    journal_begin
    kill -STOP "$pid"
    follows "$pid"
    check "hanging: the watchdog saw it" told_in_journal 'Watchdog timeout'
    equal "hanging: a is adopted" "$before" "$(a_is)"
    no_drop_in watchdog
}

dies_often() {
    local pid before round
    before=$(a_is)
    drop_in often RestartSec=50ms
    for round in 1 2 3 4 5 6 7; do
        pid=$(daemon_now)
        kill -KILL "$pid"
        until_true 20 is_another "$pid" || break
    done
    until_true 20 unit_is SubState running
    equal "killed $round times in a row: it still comes back" running "$(unit SubState)"
    equal "killed $round times in a row: a is adopted" "$before" "$(a_is)"
    no_drop_in often
}

reloads() {
    local before
    await_state 20 b mounted
    before=$(a_is)
    settings three
    check "systemctl reload" booted systemctl reload smbmounter
    await_state 20 c mounted
    equal "reloaded: c is seen by process 1, a was not touched" "1 $before" \
        "$(mounts_at /mnt/c) $(a_is)"
    echo "mounts: [nonsense]" | booted_write /etc/smbmounter/smbmounter.yaml
    journal_begin
    check "reload of a bad configuration fails" not booted systemctl reload smbmounter
    check "and says why" told_in_journal 'smbmounter.yaml:1:'
    equal "and what ran goes on" "active $before" "$(unit ActiveState) $(a_is)"
    check "a restart with it fails" not booted systemctl restart smbmounter
    settings two
    check "once it is mended the daemon comes up by itself" until_true 20 unit_is SubState running
}

# stopped_well TEXT: in good order, and no process of ours is left
stopped_well() {
    equal "$1: in good order" "inactive success" "$(unit ActiveState) $(unit Result)"
    equal "$1: no process of ours is left" "" "$(ours_now)"
    equal "$1: no control group" "" "$(find "$booted_group" -name smbmounter.service)"
}

stops() {
    local before
    await_state 20 a mounted && await_state 20 b mounted
    check "systemctl stop" booted systemctl stop smbmounter
    stopped_well "stopped"
    equal "stopped: nothing is mounted" "0 0 0" \
        "$(mounts_at /mnt/a) $(mounts_at /mnt/b) $(mounts_at /mnt/c)"

    booted systemctl start smbmounter
    await_state 20 b mounted
    fuse_order b stall
    say "stopped while b hangs: $(took_ms booted systemctl stop smbmounter) ms"
    stopped_well "stopped while b hangs"
    equal "stopped while b hangs: a is unmounted" 0 "$(mounts_at /mnt/a)"
    fuse_order b ok

    { echo "on_stop: keep"; fuse_head 2; echo "mounts:"; two; } |
        booted_write /etc/smbmounter/smbmounter.yaml
    booted systemctl start smbmounter
    await_state 20 a mounted
    check "the next one brings it back" until_true 20 b_reads
    leave_file
    before=$(a_is)
    check "systemctl restart with on_stop: keep" booted systemctl restart smbmounter
    await_state 20 a mounted
    equal "kept and adopted" "$before" "$(a_is)"
}

# systemd unmounts at the same time, perhaps a moment before the daemon is told to stop.
powers_off() {
    local log=/run/lab/unit.log
    settings two
    drop_in log StandardError=append:$log
    booted systemctl restart smbmounter
    await_state 20 a mounted && until_true 20 b_reads
    await_state 20 b mounted
    booted systemctl poweroff >/dev/null 2>&1
    check "systemctl poweroff: the machine goes off" until_true 60 booted_is_off
    check "poweroff: the daemon was told in time" grep -q ' stopping;' $log
    sed -i '0,/ stopping;/d' $log
    # Not "-> mounted": who unmounts second may find it busy.
    equal "poweroff: nothing was mounted anew" "" "$(grep -e '-> mounting' -e 'step mount' $log)"
}
booted_is_off() { ! kill -0 "$booted_pid"; }

play() {
    if booted_missing; then
        cannot "$booted_reason"
        return
    fi
    booted_start || {
        miss "systemd boots"
        return
    }
    comes_up || return
    dies
    hangs
    dies_often
    reloads
    stops
    powers_off
    booted_end
    equal "nothing of it is left" "" "$(booted_remains)"
}
