# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# This machine's own kernel, in private mount, network and process namespaces, so that nothing of
# the machine is touched and everything ends with the scenario.

guest_missing() {
    if [ "$(id -u)" != 0 ]; then
        guest_reason="guest native needs root (it makes private mount and network namespaces)"
    elif ! modprobe cifs 2>/dev/null && ! grep -qw cifs /proc/filesystems; then
        guest_reason="this machine's kernel has no cifs; use --guest uml or qemu"
    elif ! command -v smbd >/dev/null || ! command -v jq >/dev/null; then
        guest_reason="smbd or jq is not installed (packages: samba jq)"
    elif ! unshare --mount --net --pid --fork --propagation private --mount-proc true 2>/dev/null; then
        guest_reason="this machine does not allow private namespaces (a container without rights?)"
    else
        return 1
    fi
}

guest_boot() {
    local work=$1 limit=$2
    lab_job=$work/job lab_native=yes timeout -k 5 "$limit" \
        unshare --mount --net --pid --fork --kill-child=KILL \
        --propagation private --mount-proc "$work/job/lab/guest/init.sh"
}
