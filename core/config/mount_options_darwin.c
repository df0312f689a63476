/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Those of macOS, whose client takes few: most of what it could be told stands in nsmb.conf(5). */
#include "config/mount_option_rows.h"

/* MNT_* of macOS's <sys/mount.h>. */
enum {
    FLAG_RDONLY = 0x1,
    FLAG_SYNCHRONOUS = 0x2,
    FLAG_NOEXEC = 0x4,
    FLAG_NOSUID = 0x8,
    FLAG_NODEV = 0x10,
    FLAG_DONTBROWSE = 0x100000,
    FLAG_IGNORE_OWNERSHIP = 0x200000,
    FLAG_NOATIME = 0x10000000,
};

#ifdef __APPLE__
#include <sys/param.h>

#include <sys/mount.h>
_Static_assert(FLAG_RDONLY == MNT_RDONLY && FLAG_SYNCHRONOUS == MNT_SYNCHRONOUS &&
                   FLAG_NOEXEC == MNT_NOEXEC,
               "");
_Static_assert(FLAG_NOSUID == MNT_NOSUID && FLAG_NODEV == MNT_NODEV &&
                   FLAG_DONTBROWSE == MNT_DONTBROWSE,
               "");
_Static_assert(FLAG_IGNORE_OWNERSHIP == MNT_IGNORE_OWNERSHIP && FLAG_NOATIME == MNT_NOATIME, "");
#endif

const struct mount_option mount_option_table[] = {
    FORCED("soft", 0, "calls fail when the server is gone, instead of hanging; always on"),
    FORCED("nosuid", FLAG_NOSUID, "set-user-id bits of the server mean nothing; always on"),
    FORCED("nodev", FLAG_NODEV, "device files of the server mean nothing; always on"),
    VFS("ro", FLAG_RDONLY, "mount read-only"),
    VFS("rdonly", FLAG_RDONLY, "mount read-only"),
    VFS("rw", 0, "mount read-write (the default)"),
    VFS("noexec", FLAG_NOEXEC, "no program of the share can be started"),
    VFS("noatime", FLAG_NOATIME, "access times are not written"),
    VFS("sync", FLAG_SYNCHRONOUS, "every write waits for the server"),
    VFS("nobrowse", FLAG_DONTBROWSE, "not in Finder's sidebar and on the desktop"),
    VFS("noowners", FLAG_IGNORE_OWNERSHIP, "owners that the server tells mean nothing"),
    INT("port", 1, 65535, "TCP port of the server"),
    TEXT("domain", "domain or workgroup of the user"),
};
const size_t mount_option_table_len = sizeof mount_option_table / sizeof mount_option_table[0];
