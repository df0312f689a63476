# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: every system call of mount, unmount and reload fails once in turn
# company: yes

play() {
    faults_of calls
}
