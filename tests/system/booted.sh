# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# A second machine on this one: systemd as process 1 of namespaces and a control group of its own,
# over this disk but writing elsewhere, with the unit as it is installed and little else.

booted_root=/run/lab/booted
booted_groups=/run/lab/groups # where the control groups are seen
booted_group=                 # the one made for it, below that
booted_pid=                   # its process 1, as seen from here
booted_outer=                 # who waits for that
booted_units=$booted_root/disk/etc/systemd/system
booted_shipped=/usr/lib/systemd/system

# booted_missing: it cannot be had here; booted_reason says why.
booted_missing() {
    local program=/usr/lib/systemd/systemd
    if [ ! -x $program ] || [ ! -e $booted_shipped/systemd-journald.service ]; then
        booted_reason="systemd is not installed"
    elif ! booted_group_made; then
        booted_reason="no control group of version 2 can be made here (a container without rights?)"
    elif ! booted_disk; then
        booted_reason="no overlay of the file system can be mounted here"
    elif [ ! -x "$booted_root/disk$program" ] || [ ! -x "$booted_root/disk/usr/bin/mount" ]; then
        booted_reason="/usr is not on the root file system"
    else
        return 1
    fi
}

# The hierarchy is mounted anew: where a container sees it, it often is read-only.
booted_group_made() {
    local own
    own=$(sed -n 's/^0:://p' /proc/self/cgroup)
    mkdir -p $booted_groups
    mount -t cgroup2 cgroup2 $booted_groups 2>/dev/null || return
    # What a test that was killed left.
    find "$booted_groups$own/" -depth -path '*/smbmounter-test.*' -mmin +10 -type d \
        -exec rmdir {} + 2>/dev/null
    booted_group=$(mktemp -d "$booted_groups$own/smbmounter-test.XXXXXX" 2>/dev/null)
}
booted_group_remove() {
    [ ! -d "$booted_group" ] || find "$booted_group" -depth -type d -exec rmdir {} + 2>/dev/null
}

booted_disk() {
    mkdir -p $booted_root/{upper,work,disk}
    mount -t overlay -o "lowerdir=/,upperdir=$booted_root/upper,workdir=$booted_root/work" \
        booted $booted_root/disk 2>/dev/null
}

# What the machine has beside smbmounter's unit: the journal, and targets with nothing in them.
booted_few_units() {
    local unit
    mount -t tmpfs -o mode=0755 units "$booted_root/disk/etc/systemd"
    mkdir -p "$booted_units"
    for unit in sysinit basic multi-user network nss-lookup remote-fs-pre shutdown umount sockets; do
        printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$unit" >"$booted_units/$unit.target"
    done
    printf '[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\n' >>"$booted_units/basic.target"
    printf '[Unit]\nRequires=basic.target\nAfter=basic.target\nWants=systemd-journald.service\n' \
        >>"$booted_units/multi-user.target"
    for unit in systemd-{journald{.service,.socket,-dev-log.socket},poweroff.service} \
        poweroff.target final.target; do
        [ ! -e "$booted_shipped/$unit" ] || ln -s "$booted_shipped/$unit" "$booted_units/"
    done
}

# Process 1 of the new namespaces, until systemd takes its place.
booted_become() {
    local disk=$booted_root/disk device place
    mount --make-rprivate /
    mount --bind /usr/local "$disk/usr/local"
    mount -t proc -o nosuid,nodev,noexec proc "$disk/proc"
    mount --bind "$disk/proc/sys" "$disk/proc/sys"
    mount -o remount,bind,ro "$disk/proc/sys" # they are the real machine's
    mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$disk/sys"
    mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$disk/sys/fs/cgroup"
    mount -t tmpfs -o mode=0755,nosuid dev "$disk/dev"
    for device in null zero full random urandom tty fuse; do
        : >"$disk/dev/$device"
        mount --bind "/dev/$device" "$disk/dev/$device"
    done
    ln -s /proc/self/fd "$disk/dev/fd"
    for place in run tmp mnt var/log; do mount -t tmpfs -o mode=0755 "$place" "$disk/$place"; done
    mkdir -p "$disk/run/lab" "$disk/run/old"
    mount --bind /run/lab "$disk/run/lab"
    cd "$disk" || exit
    pivot_root . run/old
    umount -l /run/old
    mount --make-rshared /
    exec env -i container=other PATH="$PATH" SYSTEMD_GENERATOR_PATH=/run/none \
        SYSTEMD_UNIT_PATH=/etc/systemd/system:/usr/local/lib/systemd/system SYSTEMD_LOG_TARGET=journal \
        /usr/lib/systemd/systemd --system --unit=multi-user.target --show-status=no
}

# booted COMMAND...: a command inside it
booted() { nsenter --target "$booted_pid" --mount --pid --cgroup --uts --ipc -- "$@"; }
smb() { timeout 60 nsenter --target "$booted_pid" --mount --pid --cgroup -- smbmounter "$@"; }

# booted_write PATH: a file on its disk
booted_write() { install -D -m 0644 /dev/stdin "$booted_root/disk$1"; }

booted_start() {
    booted_few_units
    export -f booted_become
    export booted_root
    # shellcheck disable=SC2016 # for the new process
    bash -c 'echo $$ >"$1/cgroup.procs" && exec unshare --mount --pid --cgroup --uts --ipc --fork \
        --kill-child=KILL --propagation private bash -c booted_become' - "$booted_group" \
        >/run/lab/booted.log 2>&1 &
    booted_outer=$!
    until_true 30 booted_runs || return
    mount_table=/proc/$booted_pid/mountinfo
}
booted_runs() {
    booted_pid=$(pgrep -P "$booted_outer") && [ "$(booted systemctl is-system-running)" = running ]
}

# With its process 1 all others end, and its mounts.
booted_end() {
    mount_table=/proc/self/mountinfo
    [ -z "$booted_pid" ] || kill -KILL "$booted_pid" 2>/dev/null
    [ -z "$booted_outer" ] || wait "$booted_outer" 2>/dev/null
    booted_pid=
    booted_outer=
    umount -R "$booted_root/disk"
    until_true 10 booted_group_remove
}
booted_remains() {
    grep -F "$booted_root" /proc/self/mountinfo
    [ ! -d "$booted_group" ] || echo "$booted_group"
}

# The unit in it.

unit() { booted systemctl show --value -p "$1" smbmounter; }
unit_is() { [ "$(unit "$1")" = "$2" ]; }

# journal_begin; told_in_journal PATTERN [OPTION...]: what the unit said since
journal_since=0
journal_begin() { journal_since=$EPOCHREALTIME; }
told_in_journal() {
    booted journalctl --sync
    booted journalctl --no-pager -o cat --since "@$journal_since" -u smbmounter "${@:2}" |
        grep -E "$1" >/dev/null
}

ours_now() { our_pids '^[^ ]*(smbmounter[^ ]*|testfs) '; }
# As seen from here. Its name would not do: a child that has yet to become another program has it too.
daemon_now() {
    grep -hsE "^NSpid:[[:space:]]+[0-9]+[[:space:]]+$(unit MainPID)\$" /proc/[0-9]*/status | awk '{print $2}'
}
is_another() {
    local now
    now=$(daemon_now)
    [ -n "$now" ] && [ "$now" != "$1" ]
}

# drop_in NAME LINE; no_drop_in NAME: more of the unit, as an administrator would write it
drop_in() {
    printf '[Service]\n%s\n' "$2" | booted_write "/etc/systemd/system/smbmounter.service.d/$1.conf"
    booted systemctl daemon-reload
}
no_drop_in() {
    rm -f "$booted_units/smbmounter.service.d/$1.conf"
    booted systemctl daemon-reload
}

# settings ENTRIES: its configuration, with what the command ENTRIES prints as mounts
settings() {
    { fuse_head 2; echo "mounts:"; "$@"; } | booted_write /etc/smbmounter/smbmounter.yaml
}
# kernel_entry NAME: a mount that needs no process, as an SMB share's
kernel_entry() {
    cat <<Y
  - name: $1
    mounter: command
    mountpoint: /mnt/$1
    mount_command: [/usr/bin/mount, -t, tmpfs, -o, size=64k, $1, /mnt/$1]
    fstype: tmpfs
    source: $1
Y
}
