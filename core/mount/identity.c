/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/identity.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mount/smbfs.h"

static bool is_smb(const char *fstype) {
    return strcmp(fstype, "cifs") == 0 || strcmp(fstype, "smb3") == 0;
}

static bool fstype_equal(const char *expected, const char *found) {
    return strcmp(expected, found) == 0 ||
           (strcmp(expected, "cifs") == 0 && strcmp(found, "smb3") == 0);
}

/* Length of the host in "//host/share", 0 when source has not that form. */
static size_t host_len(const char *source) {
    if (source[0] != '/' || source[1] != '/')
        return 0;
    return strcspn(source + 2, "/");
}

/* b is what the mount table shows. */
bool mount_source_equal(const char *fstype, const char *a, const char *b) {
    if (strcmp(fstype, "smbfs") == 0)
        return smbfs_source_equal(a, b);
    size_t len = host_len(a);
    if (!is_smb(fstype) || len == 0 || len != host_len(b))
        return strcmp(a, b) == 0;
    return strncasecmp(a + 2, b + 2, len) == 0 && strcmp(a + 2 + len, b + 2 + len) == 0;
}

/* A bind mount of a folder of our share has our source, but another root. With a share such as
 * "media/films" the root is "/" or "/films". */
static bool root_fits(const struct mount_entry *entry) {
    size_t root = strlen(entry->root), source = strlen(entry->source);
    if (!is_smb(entry->fstype) || strcmp(entry->root, "/") == 0)
        return true;
    return root < source && strcmp(entry->source + source - root, entry->root) == 0;
}

/* Who made it: os_mount_table_text of macOS says so in the file system's options. */
static bool owner_fits(const struct mount_entry *entry, const struct mount_expect *expect) {
    static const char key[] = "owner=";
    if (!expect->owner.known || strcmp(entry->fstype, "smbfs") != 0)
        return true;
    if (strncmp(entry->super_options, key, strlen(key)) != 0)
        return false;
    return strtoul(entry->super_options + strlen(key), NULL, 10) == expect->owner.uid;
}

enum mount_presence mount_identify(const struct mount_table *table,
                                   const struct mount_expect *expect,
                                   const struct mount_entry **entry) {
    const struct mount_entry *top = mount_table_top(table, expect->mountpoint);
    *entry = top;
    if (top == NULL)
        return MOUNT_ABSENT;
    bool ours = fstype_equal(expect->fstype, top->fstype) &&
                (expect->source[0] == '\0' ||
                 mount_source_equal(top->fstype, expect->source, top->source)) &&
                root_fits(top) && owner_fits(top, expect);
    return ours ? MOUNT_OURS : MOUNT_FOREIGN;
}
