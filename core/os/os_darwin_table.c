/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The mount table, in the form that the rest of the program reads. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "os/darwin.h"
#include "os/os.h"

#define TEXT_MAX (64u * 1024u * 1024u)
#define DATA_VOLUME "/System/Volumes/Data"

static const struct {
    uint32_t flag;
    const char *word;
} words[] = {
    {DARWIN_NOSUID, "nosuid"},       {DARWIN_NODEV, "nodev"},
    {DARWIN_NOEXEC, "noexec"},       {DARWIN_SYNCHRONOUS, "sync"},
    {DARWIN_NOATIME, "noatime"},     {DARWIN_NOOWNERS, "noowners"},
    {DARWIN_DONTBROWSE, "nobrowse"}, {DARWIN_AUTOMOUNTED, "automounted"},
};

/* A firmlink joins the data volume's folders into the root: both names mean one folder. */
const char *os_plain_path(const char *path) {
    size_t len = strlen(DATA_VOLUME);
    bool below = strncmp(path, DATA_VOLUME, len) == 0 && path[len] == '/' && path[len + 1] != '\0';
    return below ? path + len : path;
}

/* As the kernel of Linux escapes: what would end a field, and the backslash. */
static void add_escaped(struct str *text, const char *value) {
    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        if (c <= ' ' || c == '\\' || c == 0x7f)
            str_add(text, "\\%03o", c);
        else
            str_add_bytes(text, value, 1);
    }
}

static void add_line(struct str *text, const struct darwin_mount *mount) {
    str_add(text, "%" PRIu64 " 0 0:%" PRIu32 " / ", mount->id, mount->device);
    add_escaped(text, os_plain_path(mount->mountpoint));
    str_add(text, (mount->flags & DARWIN_RDONLY) != 0 ? " ro" : " rw");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((mount->flags & words[i].flag) != 0)
            str_add(text, ",%s", words[i].word);
    str_add(text, " - ");
    add_escaped(text, mount->fstype);
    str_add(text, " ");
    add_escaped(text, mount->source);
    str_add(text, " owner=%" PRIu32 "\n", mount->owner);
}

int os_mount_table_text(char **text, size_t *len, struct err *err) {
    CLEANUP_FREE struct darwin_mount *mounts = NULL;
    size_t mounts_len = 0;
    struct str all;
    int rc = darwin_kernel.mounts(&mounts, &mounts_len);
    if (rc != 0)
        return err_sys(err, -rc, "cannot read the mount table (getfsstat)");
    str_init(&all, TEXT_MAX);
    str_add_bytes(&all, "", 0);
    for (size_t i = 0; i < mounts_len; i++)
        add_line(&all, &mounts[i]);
    if (all.failed || all.data == NULL) {
        str_finish(&all);
        return err_set(err, ENOMEM, "no memory for the mount table");
    }
    *text = all.data;
    *len = all.len;
    return 0;
}

int darwin_find_top(const char *path, struct darwin_mount *top) {
    CLEANUP_FREE struct darwin_mount *mounts = NULL;
    size_t len = 0;
    int rc = darwin_kernel.mounts(&mounts, &len), found = 0;
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < len; i++) {
        if (strcmp(os_plain_path(mounts[i].mountpoint), os_plain_path(path)) != 0)
            continue;
        *top = mounts[i]; /* later ones are above */
        found = 1;
    }
    return found;
}

int os_mount_id_at(const char *path, uint64_t *id, uint64_t *device) {
    struct darwin_mount top = {0};
    int rc = darwin_find_top(path, &top);
    if (rc <= 0)
        return rc == 0 ? -ENOENT : rc;
    *id = top.id;
    *device = top.device;
    return 0;
}
