#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# The first process of every guest: makes a machine out of a read-only disk, plays the scenarios
# and switches it off. lab_job names the folder that the runner staged.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/run/lab LC_ALL=C LANG=C

kernel_file_systems() {
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    mount -t devtmpfs dev /dev 2>/dev/null
    [ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
    mkdir -p /dev/pts && mount -t devpts pts /dev/pts 2>/dev/null
}

# Everything that the programs may write to, and the programs as an installation would leave them.
writable_places() {
    mount -t tmpfs -o mode=0755 run /run
    mkdir -p /run/lab /run/lock
    cp -r "$lab_job" /run/lab/job
    chown -R 0:0 /run/lab/job
    mount -t tmpfs -o mode=0755 local /usr/local
    cp -r /run/lab/job/root/usr/local/. /usr/local/
    chown -R 0:0 /usr/local
    chmod -R go-w /usr/local /run/lab
    mount -t tmpfs -o mode=0755 mnt /mnt
    if [ -n "$lab_modules" ]; then
        mkdir -p /run/lab/modules/lib/modules "/run/lab/modules/lib/modules/$(uname -r)"
        mount --bind "$lab_modules/$(uname -r)" "/run/lab/modules/lib/modules/$(uname -r)"
    fi
    for place in /tmp /var/log /var/lib/samba /var/cache/samba; do
        [ ! -d $place ] || mount -t tmpfs tmpfs $place
    done
    mkdir -p /var/log/samba
}

# The kernel asks for modules (crypto among them) by itself, through this program.
kernel_modules() {
    [ -n "$lab_modules" ] || return 0
    printf '#!/bin/sh\nexec /sbin/modprobe -d /run/lab/modules "$@"\n' >/run/lab/modprobe
    chmod 0755 /run/lab/modprobe
    echo /run/lab/modprobe >/proc/sys/kernel/modprobe
    /run/lab/modprobe -a cifs veth fuse nf_tables 2>/dev/null
}

if [ -z "$lab_native" ]; then
    kernel_file_systems
    dmesg -n 1
fi
writable_places
kernel_modules
[ -d /sys/fs/fuse/connections ] && mount -t fusectl fusectl /sys/fs/fuse/connections 2>/dev/null
ip link set lo up

echo "@@BEGIN"
. /run/lab/job/settings
export LAB_GUEST LAB_DEMO
result=$(mktemp /run/lab/result.XXXXXX)
passed=0
failed=0
# Through a pipe, so that nothing takes the console for a terminal.
for scenario in /run/lab/job/scenarios/*.sh; do
    bash /run/lab/job/lab/lib/play.sh "$scenario" "$result" </dev/null 2>&1 | cat
    read -r more worse <"$result" || more=0 worse=1
    passed=$((passed + more))
    failed=$((failed + worse))
    : >"$result"
done
echo "@@END $passed $failed"
[ -n "$lab_native" ] || busybox poweroff -n -f # no sync: it could wait for a dead server
