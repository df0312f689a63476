# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# No SMB: this machine's kernel in private namespaces and a FUSE file system of the tests.

guest_missing() {
    if [ "$(id -u)" != 0 ]; then
        guest_reason="guest host needs root (it makes a private mount namespace)"
    elif [ ! -c /dev/fuse ]; then
        guest_reason="/dev/fuse is missing: this kernel has no fuse"
    elif [ ! -x "$1/job/bin/testfs" ]; then
        guest_reason="testfs was not built (package: libfuse3-dev)"
    elif ! command -v jq >/dev/null; then
        guest_reason="jq is not installed"
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
