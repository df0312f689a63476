# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: every allocation of mount, unmount and reload fails once in turn
# company: yes

play() {
    preload_memory
    faults_of memory
}

# The helper and the hosts have an environment of their own, so LD_PRELOAD would not do.
preload_memory() {
    cp -a /etc /run/lab/etc-copy
    mount --bind /run/lab/etc-copy /etc
    echo /run/lab/job/bin/memory.so >/etc/ld.so.preload
}
