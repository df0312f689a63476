# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: the guest itself works: the kernel mounts a Samba share, with no daemon

play() {
    server_create srv
    alone_mount srv
    equal "the share is mounted" cifs "$(mount_type /mnt/alone)"
    equal "its file is read" "hello from srv" "$(cat /mnt/alone/file)"
    check "it is unmounted" umount /mnt/alone
}
