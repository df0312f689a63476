# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# User-Mode Linux: a kernel that is an ordinary process. The guest's root is this machine's disk,
# read-only. Debian's has cifs and fuse, but neither nf_tables nor SOCK_DESTROY (own.sh).

uml_program=linux.uml
uml_modules=/usr/lib/uml/modules

# Succeeds, with the reason in guest_reason, when this guest cannot run here.
guest_missing() {
    local program
    for program in "$uml_program" smbd mount.cifs jq busybox ip; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null && continue
        guest_reason="$program is not installed (packages: user-mode-linux samba cifs-utils jq busybox iproute2)"
        return 0
    done
    return 1
}

guest_boot() {
    local work=$1 limit=$2
    mkdir -p "$work/uml"
    TMPDIR=$work timeout -k 5 "$limit" \
        env LAB_SLEEP="$work/job/host/sleep" LD_PRELOAD="$work/job/bin/sleeper.so" \
        "$uml_program" mem=768M root=/dev/root rootfstype=hostfs rootflags=/ ro \
        init="$work/job/lab/guest/init.sh" lab_job="$work/job" \
        lab_modules="$uml_modules" con=null con0=fd:0,fd:1 quiet loglevel=1 \
        uml_dir="$work/uml"
}
