/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* setup --check: what stands in the way of a mount, in words, with what to do about it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "control/commands.h"
#include "daemon/entry.h"
#include "daemon/managers.h"
#include "daemon/setup_load.h"
#include "mount/accounts.h"
#include "mount/credentials.h"
#include "mount/identity.h"
#include "os/os.h"

struct findings {
    struct str json;
    bool as_json;
    unsigned bad, all;
};

static void find(struct findings *f, bool ok, const char *what, const char *detail) {
    f->all++;
    f->bad += !ok;
    if (!f->as_json) {
        printf("%-4s %s%s%s\n", ok ? "ok" : "BAD", what, detail[0] != '\0' ? ": " : "", detail);
        return;
    }
    str_add(&f->json, "%s{\"ok\": %s, \"check\": ", f->all > 1 ? ", " : "", ok ? "true" : "false");
    str_add_json(&f->json, what);
    str_add(&f->json, ", \"detail\": ");
    str_add_json(&f->json, detail);
    str_add(&f->json, "}");
}

static void found_manager(void *context, const char *where, const char *mend) {
    char text[1024];
    snprintf(text, sizeof text, "%.500s also mounts there; %.400s", where, mend);
    find(context, false, "no other manager of the path", text);
}

static void check_managers(struct findings *f, const struct config_mount *mount) {
    unsigned before = f->all;
    managers_find("", mount->mountpoint, found_manager, f);
    if (f->all == before)
        find(f, true, "no other manager of the path", "fstab, autofs maps and systemd units");
}

static void check_namespace(struct findings *f) {
    struct err why = {0};
    bool ok = os_namespace_is_host(&why);
    find(f, ok, "mounts made here are seen by the whole system", ok ? "" : why.text);
}

/* Only a folder that nothing is mounted on is looked at: a dead mount would hang us. */
static void check_folder(struct findings *f, const char *path) {
    char text[1400];
    CLEANUP_CLOSE int fd = -1;
    struct err err = {0};
    bool empty = false;
    if (os_open_mountpoint(path, &fd, &err) != 0) {
        if (err.code == ENOENT)
            snprintf(text, sizeof text,
                     "%s is missing; the daemon makes it if the folder above is root's alone",
                     path);
        find(f, err.code == ENOENT, "the mountpoint", err.code == ENOENT ? text : err.text);
        return;
    }
    find(f, true, "the mountpoint exists", path);
    if (os_dir_is_empty(fd, &empty) == 0 && !empty) {
        snprintf(text, sizeof text, "there are files in %s; move them away", path);
        find(f, false, "the mountpoint is empty", text);
    }
}

static void check_mountpoint(struct findings *f, const struct config_mount *mount) {
    struct mount_table table = {0};
    struct err err = {0};
    const struct mount_entry *entry;
    struct mount_expect expect = {
        .mountpoint = mount->mountpoint, .fstype = mount->fstype, .source = mount->source};
    char text[1400];
    expect.owner = accounts_owner(mount);
    if (mount_table_read(&table, &err) != 0) {
        find(f, false, "the mount table can be read", err.text);
        return;
    }
    switch (mount_identify(&table, &expect, &entry)) {
    case MOUNT_ABSENT:
        check_folder(f, mount->mountpoint);
        break;
    case MOUNT_OURS:
        find(f, true, "the mountpoint", "the share is mounted there already");
        break;
    case MOUNT_FOREIGN:
        snprintf(text, sizeof text, "%.64s from %.500s is mounted there; unmount it: umount %.500s",
                 entry->fstype, entry->source, mount->mountpoint);
        find(f, false, "the mountpoint is free", text);
        break;
    }
    mount_table_finish(&table);
}

static void check_credential(struct findings *f, const struct config_mount *mount) {
    struct credentials credentials = {0};
    struct err err = {0};
    if (mount->mounter == CONFIG_COMMAND)
        return;
    int rc = credentials_read(mount, 0, &credentials, &err);
    credentials_wipe(&credentials);
    find(f, rc == 0, "the credential can be read", rc == 0 ? "" : err.text);
}

static void check_plugins(struct findings *f, const struct registry *registry) {
    char text[1024];
    unsigned broken = 0;
    for (size_t i = 0; i < registry->len; i++) {
        const struct descriptor *d = &registry->items[i];
        if (d->ok)
            continue;
        broken++;
        snprintf(text, sizeof text, "%s: %s", d->file, d->error);
        find(f, false, "the plugins are trusted and load", text);
    }
    if (broken == 0)
        find(f, true, "the plugins are trusted and load", registry->directory);
}

static void check_kernel(struct findings *f, const struct config_mount *mount) {
    char line[128];
    bool known = false;
    if (mount->mounter != CONFIG_CIFS)
        return;
    CLEANUP_FCLOSE FILE *file = fopen("/proc/filesystems", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        known = known || strstr(line, "\tcifs\n") != NULL;
    find(f, known, "the kernel knows cifs",
         known ? "" : "load its module: modprobe cifs (packages: linux-modules-extra, cifs-utils)");
}

static int conclude(struct findings *f) {
    if (f->as_json)
        printf("{\"ok\": %s, \"checks\": [%s]}\n", f->bad == 0 ? "true" : "false",
               f->json.data != NULL ? f->json.data : "");
    else
        printf(f->bad == 0 ? "Nothing stands in the way.\n" : "%u of %u checks need your hand.\n",
               f->bad, f->all);
    str_finish(&f->json);
    return control_error_status(f->bad == 0 ? CONTROL_OK : CONTROL_FAILED);
}

int setup_check_main(const char *config_path, const char *name, bool json) {
    struct findings f = {.as_json = json};
    struct setup_load load = {0};
    struct err err = {0};
    str_init(&f.json, 65536);
    if (setup_load(config_path, &load, &err) != 0 || load.problems[0] != '\0') {
        find(&f, false, "the configuration is valid",
             load.problems != NULL ? load.problems : err.text);
        setup_load_finish(&load);
        return conclude(&f);
    }
    find(&f, true, "the configuration is valid", config_path);
    const struct config_mount *mount = config_find(&load.loaded.config, name);
    if (mount == NULL) {
        fprintf(stderr, "smbmounter: no mount '%s' in %s\n", name, config_path);
        setup_load_finish(&load);
        str_finish(&f.json);
        return control_error_status(CONTROL_NO_MOUNT);
    }
    check_namespace(&f);
    check_managers(&f, mount);
    check_mountpoint(&f, mount);
    check_credential(&f, mount);
    check_plugins(&f, load.loaded.registry);
    check_kernel(&f, mount);
    setup_load_finish(&load);
    return conclude(&f);
}
