/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/managers.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/platform.h"
#include "base/str.h"

#define LINE_MAX_BYTES 4096
#define DATA_VOLUME "/System/Volumes/Data"
#define FILES_MAX 4096 /* of one folder */

struct search {
    const char *root, *mountpoint;
    void (*found)(void *, const char *, const char *);
    void *context;
};

/* A field of a table line with its octal escapes (fstab(5)) decoded, compared with a path. */
static bool field_is(const char *field, size_t len, const char *path) {
    size_t at = 0;
    while (len > 1 && field[len - 1] == '/')
        len--;
    /* macOS's maps may name the folder by its volume. */
    if (len > strlen(DATA_VOLUME) &&
        strncmp(field, DATA_VOLUME "/", strlen(DATA_VOLUME) + 1) == 0) {
        field += strlen(DATA_VOLUME);
        len -= strlen(DATA_VOLUME);
    }
    for (size_t i = 0; i < len; i++, at++) {
        unsigned byte = (unsigned char)field[i];
        unsigned octal;
        if (byte == '\\' && i + 3 < len && sscanf(field + i + 1, "%3o", &octal) == 1) {
            byte = octal;
            i += 3;
        }
        if (byte == '\0' || (unsigned char)path[at] != byte)
            return false;
    }
    return path[at] == '\0' || (strcmp(path + at, "/") == 0);
}

/* The nth blank-separated field of a line (from 0); NULL when there is none or it is a comment. */
static const char *field_at(const char *line, unsigned n, size_t *len) {
    line += strspn(line, " \t");
    if (*line == '#')
        return NULL;
    while (n-- > 0) {
        line += strcspn(line, " \t\n");
        line += strspn(line, " \t");
    }
    *len = strcspn(line, " \t\n");
    return *len > 0 ? line : NULL;
}

/* The next line, without its end. What is longer than any that we look for is cut. */
static bool next_line(FILE *file, char line[LINE_MAX_BYTES]) {
    if (fgets(line, LINE_MAX_BYTES, file) == NULL)
        return false;
    size_t len = strcspn(line, "\n");
    if (line[len] != '\n')
        for (int c = getc(file); c != EOF && c != '\n';)
            c = getc(file);
    line[len] = '\0';
    return true;
}

/* Is the path, or for an indirect map its parent, named by field n of some line? */
static void search_table(const struct search *s, const char *path, unsigned field,
                         const char *wanted, const char *mend) {
    char name[PATH_MAX], line[LINE_MAX_BYTES], where[PATH_MAX + 16];
    snprintf(name, sizeof name, "%s%s", s->root, path);
    CLEANUP_FCLOSE FILE *file = fopen(name, "re");
    unsigned number = 0;
    while (file != NULL && next_line(file, line)) {
        size_t len;
        number++;
        const char *at = field_at(line, field, &len);
        if (at == NULL || !field_is(at, len, wanted))
            continue;
        snprintf(where, sizeof where, "%s:%u", path, number);
        s->found(s->context, where, mend);
    }
}

static void search_autofs(const struct search *s) {
    static const char *const maps[] = {"/etc/auto.master",        "/etc/auto_master",
                                       "/etc/autofs/auto.master", "/etc/auto.smb",
                                       "/etc/auto_smb",           "/etc/auto.direct"};
    char parent[PATH_MAX];
    str_copy(parent, sizeof parent, s->mountpoint);
    char *slash = strrchr(parent, '/');
    if (slash != NULL && slash != parent)
        *slash = '\0';
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        const char *mend = PLATFORM_DARWIN
                               ? "put a # before the line (as root), then: sudo automount -vc"
                               : "take the line out of the map, then: systemctl reload autofs";
        search_table(s, maps[i], 0, s->mountpoint, mend);
        if (strcmp(parent, s->mountpoint) != 0)
            search_table(s, maps[i], 0, parent, mend);
    }
}

static bool ends_with(const char *name, const char *end) {
    size_t n = strlen(name), e = strlen(end);
    return n > e && strcmp(name + n - e, end) == 0;
}

static void search_unit(const struct search *s, const char *folder, const char *unit) {
    char name[PATH_MAX], line[LINE_MAX_BYTES], where[PATH_MAX], mend[PATH_MAX];
    snprintf(name, sizeof name, "%s%s/%s", s->root, folder, unit);
    CLEANUP_FCLOSE FILE *file = fopen(name, "re");
    while (file != NULL && next_line(file, line)) {
        const char *at = line + strspn(line, " \t");
        if (strncmp(at, "Where", 5) != 0)
            continue;
        at += 5 + strspn(at + 5, " \t");
        if (*at++ != '=')
            continue;
        at += strspn(at, " \t");
        size_t len = strlen(at); /* a path with blanks needs no quotes there */
        while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t' || at[len - 1] == '\r'))
            len--;
        if (!field_is(at, len, s->mountpoint))
            continue;
        snprintf(where, sizeof where, "%s/%.255s", folder, unit);
        snprintf(mend, sizeof mend, "systemctl disable --now %.255s", unit);
        s->found(s->context, where, mend);
        return;
    }
}

static void search_units(const struct search *s) {
    static const char *const folders[] = {"/etc/systemd/system", "/run/systemd/system",
                                          "/usr/local/lib/systemd/system",
                                          "/usr/lib/systemd/system", "/lib/systemd/system"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s%s", s->root, folders[i]);
        DIR *dir = opendir(path);
        const struct dirent *entry;
        unsigned seen = 0;
        while (dir != NULL && (entry = readdir(dir)) != NULL && seen++ < FILES_MAX)
            if (ends_with(entry->d_name, ".mount") || ends_with(entry->d_name, ".automount"))
                search_unit(s, folders[i], entry->d_name);
        if (dir != NULL)
            closedir(dir);
    }
}

void managers_find(const char *root, const char *mountpoint,
                   void (*found)(void *context, const char *where, const char *mend),
                   void *context) {
    struct search s = {root, mountpoint, found, context};
    search_table(&s, "/etc/fstab", 1, mountpoint,
                 PLATFORM_DARWIN
                     ? "put a # before the line (sudo vifs), then: sudo automount -vc"
                     : "take the line out (or put a # before it), then: systemctl daemon-reload");
    search_autofs(&s);
    if (!PLATFORM_DARWIN)
        search_units(&s);
}
