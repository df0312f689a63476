#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# The life of a daemon on tmpfs mounts of its own: reloads, kills, refusals, ends.
# usage: life.sh BUILD [CASE...]
set -u
build=$(readlink -f "${1:?usage: life.sh BUILD [CASE...]}")
shift
if [ "$(id -u)" -ne 0 ]; then
    echo "1..0 # SKIP needs root"
    exit 77
fi
if [ "${LIFE_INSIDE:-}" != yes ]; then
    unshare -m true 2>/dev/null || { echo "1..0 # SKIP no mount namespaces"; exit 77; }
    LIFE_INSIDE=yes exec unshare -m --propagation private "$0" "$build" "$@"
fi

home=/mnt/life
config=$home/etc/smbmounter.yaml
log=$home/log
daemon=
under=() # what starts the daemon
fails=0
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}

mount -t tmpfs -o mode=0755 life /mnt || exit 77
mkdir -p $home/bin $home/plugins $home/etc $home/m
cp "$build"/bin/smbmounter "$build"/bin/smbmounter-plugin-host $home/bin/
cp "$build"/lib/smbmounter/plugins/*.so $home/plugins/
for test_plugin in hang slow healthy; do
    cp "$build/tests/plugins/lib/$test_plugin.so" $home/plugins/
done

check() {
    local what=$1
    shift
    if "$@" >/dev/null; then echo "ok - $what"; else miss "$what"; fi
}
equal() { if [ "$2" = "$3" ]; then echo "ok - $1"; else miss "$1: expected '$2', is '$3'"; fi; }
miss() {
    echo "not ok - $1"
    fails=$((fails + 1))
}
# within SECONDS COMMAND...: it succeeds by then
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}

smb() { timeout 40 $home/bin/smbmounter --socket $home/socket "$@"; }
state() { smb status --json "$1" 2>/dev/null | tr -d ' ' | grep -o '"state":"[a-z]*"' | cut -d'"' -f4; }
is() { [ "$(state "$1")" = "$2" ]; }
mounts_at() { grep -c " $home/m/$1 " /proc/self/mountinfo; }
mount_id() { awk -v at="$home/m/$1" '$5 == at { id = $1 } END { print id }' /proc/self/mountinfo; }
children() { { echo "$(<"/proc/$daemon/task/$daemon/children")"; } 2>/dev/null; }
# our_children WORD: those whose command line has it. Without processes: some live for a moment only.
our_children() {
    local pid words
    for pid in $(children); do
        { mapfile -d '' words <"/proc/$pid/cmdline"; } 2>/dev/null
        [[ ${words[*]} != *"$1"* ]] || echo "$pid"
        words=()
    done
}
has_child() { [ -n "$(our_children "$1")" ]; }
# kill_children WORD: how many there were is added to killed
kill_children() {
    local pid
    for pid in $(our_children "$1"); do
        kill -KILL "$pid" 2>/dev/null && killed=$((killed + 1))
    done
}

head_of() {
    cat <<X
control: {socket: $home/socket}
runtime_directory: $home/run
plugins: {directory: $home/plugins, max_hosts: 4}
log_level: debug
defaults:
  probe_interval_sec: 1
  probe_timeout_sec: 1
  failed_retry_sec: 1
  command_timeout_sec: 2
  probes: ${1:-[device-id, statfs-fstype]}
  recovery: [{backoff: {schedule_sec: [1]}}, force-unmount-remount]
mounts:
X
}
# entry NAME [LINE...]
entry() {
    local name=$1 line mount="[/bin/mount, -t, tmpfs, $1, $home/m/$1]"
    shift
    for line in "$@"; do case $line in mount_command:*) mount=${line#mount_command: } ;; esac done
    mkdir -p "$home/m/$name"
    printf '  - name: %s\n    mounter: command\n    mountpoint: %s\n    fstype: tmpfs\n' \
        "$name" "$home/m/$name"
    printf '    source: %s\n    mount_command: %s\n' "$name" "$mount"
    printf '    unmount_command: [/bin/umount, %s]\n' "$home/m/$name"
    for line in "$@"; do
        case $line in mount_command:*) ;; *) printf '    %s\n' "$line" ;; esac
    done
}
configure() {
    cat >$config.new
    mv $config.new $config
}
start() {
    "${under[@]}" $home/bin/smbmounter daemon --config $config --any-namespace >>$log 2>&1 &
    daemon=$!
    within 20 smb version || miss "the daemon starts: $(tail -n 3 $log)"
}
ended() { ! kill -0 "$daemon" 2>/dev/null; }
# stop [STATUS]
stop() {
    kill -TERM "$daemon"
    check "it ends in time" within 25 ended
    wait "$daemon"
    equal "its exit status" "${1:-0}" $?
    daemon=
}
clean() {
    [ -z "$daemon" ] || { kill -KILL "$daemon"; wait "$daemon" 2>/dev/null; daemon=; }
    local at
    awk -v at="$home/m/" 'index($5, at) == 1 { print $5 }' /proc/self/mountinfo |
        while read -r at; do umount -l "$at"; done
    rm -rf $home/run $home/socket $config
}

case_reload_while_a_probe_hangs() {
    { head_of '[device-id, statfs-fstype, hang]'; entry a; } | configure
    start
    within 10 is a mounted
    sleep 0.5 # the probe begins with the mount, and hangs for a second
    { head_of '[device-id]'; entry a; } | configure
    check "reload to fewer probes" smb reload
    check "it goes on" is a mounted
    { head_of '[device-id, hang, statfs-fstype]'; entry a; } | configure
    for _ in 1 2 3 4 5 6; do
        smb reload >/dev/null || miss "reload"
        { head_of '[device-id]'; entry a 'mount_at_startup: true' "mount_command: [/bin/mount, -t, tmpfs, -o, size=$((RANDOM % 64 + 1))m, a, $home/m/a]"; } | configure
        smb reload >/dev/null || miss "reload to another definition"
        { head_of '[device-id, hang, statfs-fstype]'; entry a; } | configure
    done
    { head_of '[hang]'; entry b; } | configure
    check "reload that removes it" smb reload
    check "it goes" within 10 eval '[ "$(mounts_at a)" = 0 ]'
    { head_of; entry a; } | configure
    check "and back" smb reload
    check "mounted again" within 10 is a mounted
    check "and healthy" within 10 eval 'smb status --json a | grep -q \"healthy\"'
    stop
}

case_probe_and_status_for_scripts() {
    local first second
    { head_of '[device-id, statfs-fstype]'; entry a; } | configure
    start
    within 10 is a mounted
    check "a mount that is well: status 0" within 10 smb status a
    check "and probe" smb probe a
    smb unmount a >/dev/null
    smb status a >/dev/null
    equal "status of an unmounted one" 9 $?
    check "the list of all is only an answer" smb status
    smb mount a >/dev/null
    { head_of '[device-id, statfs-fstype, hang]'; entry a; } | configure
    smb reload >/dev/null
    # The probe hangs for its second, all the time: commands wait for their turn.
    smb probe a >$home/first 2>&1 &
    first=$!
    smb probe a >$home/second 2>&1
    second=$?
    equal "one of two at once is answered: not well" 9 $second
    wait $first
    equal "and the other" 9 $?
    check "both tell of all probes" [ "$(grep -cE '^ *(device-id|hang) ' $home/first $home/second | grep -c ':2')" = 2 ]
    stop
}

case_remove_and_add_while_busy() {
    { head_of; entry a; entry b; } | configure
    start
    within 10 is a mounted
    exec 8>$home/m/a/file
    { head_of; entry b; } | configure
    check "reload" smb reload
    sleep 2.5 # two tries to remove it
    equal "busy: still there" 1 "$(mounts_at a)"
    { head_of; entry a; entry b; } | configure
    check "reload" smb reload
    exec 8>&-
    sleep 2.5
    equal "it is wanted again, and stays" "mounted 1" "$(state a) $(mounts_at a)"
    { head_of; entry b; } | configure
    check "removed while it is free" smb reload
    { head_of; entry a; entry b; } | configure
    check "added at once, on its way down" smb reload
    check "it comes back" within 10 is a mounted
    stop
}

case_changed_while_busy() {
    local id
    { head_of; entry a; } | configure
    start
    within 10 is a mounted
    id=$(mount_id a)
    exec 8>$home/m/a/file
    { head_of; entry a "mount_command: [/bin/mount, -t, tmpfs, -o, size=7m, a, $home/m/a]"; } | configure
    check "reload" smb reload
    sleep 1.5
    equal "busy: left alone" "$id" "$(mount_id a)"
    exec 8>&-
    # The kernel may give the new mount the number of the old one.
    check "free: made anew" within 10 eval 'grep " $home/m/a " /proc/self/mountinfo | grep -q size=7168k'
    check "and known" within 5 is a mounted
    equal "once" 1 "$(mounts_at a)"
    stop
}

case_bad_commands() {
    printf '#!/bin/sh\nsleep 60\n' >$home/bin/sleeps
    chmod 755 $home/bin/sleeps
    { head_of; entry fails 'mount_command: [/bin/false]'; entry hangs "mount_command: [$home/bin/sleeps]"
        entry nothing 'mount_command: [/bin/true]'; entry good; } | configure
    start
    check "a good one beside them" within 5 is good mounted
    check "one that fails" within 10 is fails failed
    check "one that mounts nothing" within 15 is nothing failed
    check "one that hangs past its deadline" within 15 is hangs failed
    smb mount fails >/dev/null 2>&1
    equal "mount waits and says so" 1 $?
    stop
    check "no command is left" within 5 eval '! pgrep -f "^/bin/sh $home/bin/sleeps" >/dev/null'
}

case_two_hundred() {
    local i
    { head_of; for i in $(seq 200); do entry "n$i"; done; } | configure
    start
    check "all are mounted" within 60 eval '[ "$(grep -c " $home/m/n" /proc/self/mountinfo)" = 200 ]'
    check "and known as such" within 20 eval '[ "$(smb status --json | grep -o "\"mounted\"" | wc -l)" -ge 200 ]'
    check "events lists the first and the last" eval '[ "$(smb events | grep -cE "n(1|200) .*mounted")" -ge 2 ]'
    equal "no result was lost" 0 "$(grep -c 'ended without a result' $log)"
    stop
    equal "all are gone" 0 "$(grep -c " $home/m/n" /proc/self/mountinfo)"
}

case_kill_hosts() {
    local i killed=0
    { head_of '[device-id, statfs-fstype, slow]'; for i in 1 2 3 4 5; do entry "n$i"; done; } | configure
    start
    within 10 is n5 mounted
    for i in $(seq 30); do
        kill_children plugin-host
        sleep 0.1
    done
    check "hosts were killed: $killed" [ $killed -ge 3 ]
    sleep 1
    local since
    since=$(grep -c . $log)
    sleep 4
    for i in 1 2 3 4 5; do
        check "n$i is still probed" eval 'tail -n +$since $log | grep -q "n$i.: device-id: healthy"'
        equal "n$i was never touched" "mounted 1" "$(state "n$i") $(mounts_at "n$i")"
    done
    stop
}

case_kill_helpers() {
    local killed=0 round=0
    printf '#!/bin/sh\nsleep 1\nexec /bin/mount -t tmpfs a %s/m/a\n' $home >$home/bin/late
    chmod 755 $home/bin/late
    { head_of; entry a "mount_command: [$home/bin/late]"; } | configure
    start
    for _ in 1 2 3; do
        within 20 has_child mount-helper
        sleep 0.2
        kill_children mount-helper
        sleep 0.3
    done
    check "helpers that mount were killed: $killed" [ $killed -ge 1 ]
    check "mounted in the end" within 15 is a mounted
    equal "once" 1 "$(mounts_at a)"
    # Such a helper is gone in a moment: some rounds come too late.
    killed=0
    while [ $killed -lt 3 ] && [ $round -lt 40 ]; do
        smb unmount a >/dev/null 2>&1 &
        until has_child mount-helper || ! kill -0 $! 2>/dev/null; do :; done
        [ $((round % 2)) = 0 ] || sleep 0.00$((round % 5))
        kill_children mount-helper
        wait $!
        round=$((round + 1))
        check "settled $round" within 10 eval 'is a unmounted || is a mounted'
        smb mount a >/dev/null 2>&1
        within 10 is a mounted
    done
    check "helpers that unmount were killed: $killed in $round rounds" [ $killed -ge 3 ]
    equal "once" 1 "$(mounts_at a)"
    stop
}

case_by_hand_stays_down() {
    { head_of; entry a; } | configure
    start
    within 10 is a mounted
    check "unmount" smb unmount a
    kill -KILL "$daemon"
    wait "$daemon" 2>/dev/null
    start
    sleep 1.5
    equal "the next daemon leaves it down" "unmounted 0" "$(state a) $(mounts_at a)"
    check "and says why" eval 'smb status a | grep -q "by hand"'
    check "mount" smb mount a
    stop
    start
    check "then it is mounted at the start again" within 10 is a mounted
    stop
}

case_foreign() {
    { head_of; entry a; entry b; } | configure
    mount -t tmpfs somebody $home/m/a
    start
    check "named" within 10 is a failed
    check "with what it is" eval 'smb status a | grep -q somebody'
    check "the other one is up" within 10 is b mounted
    smb unmount -f a >/dev/null 2>&1
    stop
    equal "left alone to the end" "1 1" "$(mounts_at a) $(grep -c ' - tmpfs somebody ' /proc/self/mountinfo)"
}

case_second_daemon() {
    { head_of; entry a; } | configure
    start
    within 10 is a mounted
    timeout 20 $home/bin/smbmounter daemon --config $config --any-namespace >$home/second 2>&1
    equal "the second is refused" 1 $?
    check "with a reason" grep -q "another smbmounter daemon" $home/second
    check "no report of a sanitizer" eval '! grep -qE "Sanitizer|runtime error" $home/second'
    equal "the first goes on" "mounted 1" "$(state a) $(mounts_at a)"
    stop
}

# Under another name it is the same mount: neither cut nor called an outage. What a reload frees is
# not told to those who may do nothing.
case_renamed() {
    local id
    { head_of; entry a; } | configure
    start
    within 10 is a mounted
    id=$(mount_id a)
    { head_of; entry a | sed 's/name: a/name: b/'; } | configure
    check "reload" smb reload
    check "it has its new name" within 10 is b mounted
    equal "it was not touched" "$id 1" "$(mount_id a) $(mounts_at a)"
    check "and nothing happened to it" grep -q "Nothing has gone wrong" <<<"$(smb why b)"
    smb reload >/dev/null
    equal "the old name is unknown" 5 "$(smb status a >/dev/null 2>&1; echo $?)"
    chmod 755 $home $home/bin
    setpriv --reuid 65534 --regid 65534 --clear-groups $home/bin/smbmounter --socket $home/socket \
        mount b >$home/out 2>&1
    equal "nobody may not" 4 $?
    check "and is told no more than that" grep -qE "^smbmounter: 'mount' is only for root( and members of the group sudo)?; try it with sudo$" $home/out
    stop
}

# Taken out of the configuration while busy, then unmounted by hand: it stays down.
case_removed_and_unmounted_by_hand() {
    { head_of; entry a; entry b; } | configure
    start
    within 10 is a mounted
    exec 7>$home/m/a/open
    { head_of; entry b; } | configure
    smb reload >/dev/null
    within 5 grep -q "is in use" $log
    exec 7>&-
    umount $home/m/a
    check "it is gone" within 10 eval "smb status a >/dev/null 2>&1; [ \$? = 5 ]"
    equal "and stays down" 0 "$(mounts_at a)"
    check "b goes on" is b mounted
    stop
}

case_broken_config() {
    local id
    { head_of; entry a; } | configure
    start
    within 10 is a mounted
    id=$(mount_id a)
    { head_of; entry a 'nonsense: 1'; entry b; } | configure
    kill -HUP "$daemon"
    check "the log names the mistake" within 10 grep -q 'nonsense' $log
    smb reload >$home/out 2>&1
    equal "reload says so" 7 $?
    check "with the line" grep -qE "smbmounter.yaml:[0-9]+:[0-9]+: .*nonsense" $home/out
    equal "nothing was changed" "mounted $id" "$(state a) $(mount_id a)"
    equal "no b" 0 "$(mounts_at b)"
    stop
}

case_busy_at_the_end() {
    { head_of; entry a; entry b; } | configure
    start
    within 10 is a mounted
    within 10 is b mounted
    exec 8>$home/m/a/file
    stop
    check "the busy one is named" grep -qE "mount 'a': stays mounted" $log
    exec 8>&-
    equal "it stays, the other goes" "1 0" "$(mounts_at a) $(mounts_at b)"
}

case_term_at_once() {
    local status
    { head_of; entry a; } | configure
    for delay in 0.01 0.03 0.06 0.1 0.2; do
        "${under[@]}" $home/bin/smbmounter daemon --config $config --any-namespace >>$log 2>&1 &
        daemon=$!
        sleep $delay
        kill -TERM "$daemon"
        check "SIGTERM after $delay s ends it" within 25 ended
        wait "$daemon"
        status=$?
        check "as asked for (status $status)" [ $status -eq 0 -o $status -eq 143 ]
    done
    daemon=
}

# smb_entry NAME: a share that nobody serves
smb_entry() {
    mkdir -p "$home/m/$1"
    printf '  - {name: %s, server: 127.0.0.1, share: %s, mountpoint: %s, username: bob,\n' \
        "$1" "$1" "$home/m/$1"
    printf '     credential: {file: %s/etc/%s}}\n' "$home" "$1"
}
# tells COMMAND MOUNT PATTERN: its output has that
tells() { smb "$1" "$2" | grep -qE -- "$3"; }
# logged TIMES TEXT: at least so often
logged() { [ "$(times_logged "$2")" -ge "$1" ]; }
times_logged() { grep -c "$1" $log; }
# checked WORD TEXT: a line of the last check begins and goes on so
checked() { grep -qE "^$1 +.*$2" $home/checked; }
check_setup() { smb setup --check --config $config "$1" >$home/checked; }

case_setup_check() {
    { head_of; entry a; smb_entry s; } | configure
    printf 'password=hunter2\n' >$home/etc/s
    chmod 600 $home/etc/s
    chmod 755 $home/plugins/*.so
    check_setup a
    check "a mount that a command makes has no credential" checked ok 'the mountpoint exists'
    check "its plugins load" checked ok 'the plugins are trusted and load'
    check_setup s
    check "the credential is read" checked ok 'the credential can be read'
    check "the kernel is asked" grep -q 'the kernel knows cifs' $home/checked
    rm $home/etc/s
    check_setup s
    equal "its status tells" 1 $?
    check "a password that is not stored" checked BAD 'the credential can be read.*smbmounter setup s'
    check "how many" grep -q 'need your hand' $home/checked
    touch $home/m/a/letter
    check_setup a
    check "files in the way" checked BAD 'the mountpoint is empty.*move them away'
    rm -r $home/m/a
    check_setup a
    check "a folder that will be made" checked ok 'the mountpoint'
    mkdir $home/m/a
    mount -t tmpfs stranger $home/m/a
    check_setup a
    check "somebody else's mount" checked BAD 'the mountpoint is free.*stranger'
    umount $home/m/a
    mount -t tmpfs a $home/m/a
    check_setup a
    check "ours" checked ok 'the mountpoint.*mounted there already'
    umount $home/m/a
    chmod 666 $home/plugins/slow.so
    smb setup --check --json --config $config a >$home/checked
    check "a plugin that others can write, in JSON" grep -q '"ok": false, "check": "the plugins' $home/checked
    chmod 755 $home/plugins/slow.so
    echo "//nas/films $home/m/a cifs soft 0 0" >$home/etc/fstab
    mount --bind $home/etc/fstab /etc/fstab
    check_setup a
    check "a line in fstab" checked BAD 'no other manager.*/etc/fstab'
    umount /etc/fstab
    check_setup nobody 2>/dev/null
    equal "a mount that is none" 5 $?
    echo "nonsense: 1" >>$config
    check_setup a
    check "a bad configuration" checked BAD 'the configuration is valid.*nonsense'
    check_setup /nowhere 2>/dev/null
    check "whatever the name" checked BAD 'the configuration is valid'
}

# Its page of memory is the only one, as the daemon sees no password. (ASan locks nothing.)
case_memory_is_locked() {
    { head_of; entry a; } | configure
    start
    grep -qa __asan_init $home/bin/smbmounter ||
        check "the key of the logins is" grep -qE '^VmLck:[[:space:]]+4 kB' "/proc/$daemon/status"
    equal "there is nothing to tell" 0 "$(times_logged LimitMEMLOCK)"
    stop
    grep -qa __asan_init $home/bin/smbmounter && return
    under=(setpriv --bounding-set=-ipc_lock prlimit --memlock=0)
    start
    smb reload >/dev/null
    equal "that it is refused is told once, with what to do" 1 "$(times_logged LimitMEMLOCK)"
    stop
    under=()
}

case_plugins_are_described() {
    { head_of; entry a; } | configure
    start
    check "by name" tells plugins stat-timeout timeout_ms
    check "by file" tells plugins stat-timeout.so timeout_ms
    check "one without options" tells plugins device-id device-id
    smb plugins no-such-plugin 2>$home/said
    check "one that is none" grep -q "no plugin 'no-such-plugin'" $home/said
    stop
}

# Without smb-negotiate nobody asks the server first: each gets its turn and fails.
case_one_smb_mount_at_a_time() {
    mv $home/plugins/smb-negotiate.so $home/etc/
    {
        head_of '[device-id]'
        for name in s t u; do
            printf 'password=hunter2\n' >$home/etc/$name
            chmod 600 $home/etc/$name
            smb_entry $name
        done
    } | configure
    start
    for name in s t u; do
        check "$name had its turn" within 40 tells events $name mount-error
        check "$name has a reason" tells why $name 'modprobe cifs|refused the connection|mounting from'
    done
    stop
    mv $home/etc/smb-negotiate.so $home/plugins/
}

case_a_helper_that_stands_still() {
    { head_of; entry a "mount_command: [/bin/sleep, '100']"; entry b; } | configure
    start
    within 10 is b mounted
    local helper
    within 20 has_child mount-helper
    helper=$(our_children mount-helper | head -n 1)
    check "a helper is stopped" kill -STOP "$helper"
    check "it is ended" within 60 grep -q 'the helper was ended' $log
    check "the other one goes on" is b mounted
    stop
}

# In a network of its own: what comes up there is seen.
case_the_network_changes() {
    { head_of '[device-id]'; entry a; smb_entry s; } | configure
    unshare -n $home/bin/smbmounter daemon --config $config --any-namespace >>$log 2>&1 &
    daemon=$!
    within 20 smb version || miss "the daemon starts: $(tail -n 3 $log)"
    within 10 is a mounted
    nsenter -t "$daemon" -n ip link set lo up
    check "it is told" within 20 grep -q 'the network changed: looking at every mount' $log
    check "the mount's story has it" within 5 tells events s network
    sleep 3 # what came with it was told together, after 2 s
    local address began=$SECONDS before most
    before=$(times_logged 'the network changed')
    for address in $(seq 20); do
        nsenter -t "$daemon" -n ip address add "10.9.8.$address/32" dev lo
    done
    check "what follows is told too" within 30 logged $((before + 1)) 'the network changed'
    sleep 3
    most=$((before + 2 + (SECONDS - began) / 2))
    check "not for each of 20 changes" [ "$(times_logged 'the network changed')" -le "$most" ]
    check "it goes on" is a mounted
    stop
}

[ $# -gt 0 ] || set -- $(declare -F | sed -n 's/^declare -f case_//p')
for name in "$@"; do
    declare -F "case_$name" >/dev/null || { miss "there is no case '$name'"; continue; }
    echo "# $name"
    : >$log
    before=$fails
    "case_$name"
    if grep -qE 'Sanitizer|runtime error:|\(a bug\)' $log; then
        miss "$name: a report in the log"
        grep -nE -A12 'Sanitizer|runtime error:|\(a bug\)' $log | head -60 | sed 's/^/# /'
    fi
    [ $fails -eq "$before" ] || [ -z "${LIFE_LOGS:-}" ] || cp $log "$LIFE_LOGS/$name.log"
    clean
done
[ $fails -eq 0 ]
