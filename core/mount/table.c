/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/table.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"

/* buckets holds four arrays: heads by mountpoint, heads by id (buckets_len each), and what comes
 * next in either chain (len each). Numbers are index + 1; 0 ends a chain. Later entries are put in
 * front, so that the last one listed is found first. */
static uint32_t *path_heads(const struct mount_table *table) {
    return table->buckets;
}

static uint32_t *id_heads(const struct mount_table *table) {
    return table->buckets + table->buckets_len;
}

static uint32_t *path_next(const struct mount_table *table) {
    return table->buckets + 2 * table->buckets_len;
}

static uint32_t *id_next(const struct mount_table *table) {
    return table->buckets + 2 * table->buckets_len + table->len;
}

static size_t path_bucket(const struct mount_table *table, const char *path) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): every entry has a mountpoint */
    for (; *path != '\0'; path++)
        hash = (hash ^ (unsigned char)*path) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 32)) & (table->buckets_len - 1);
}

static size_t id_bucket(const struct mount_table *table, uint64_t id) {
    return (size_t)((id * 0x9e3779b97f4a7c15u) >> 32) & (table->buckets_len - 1);
}

static bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

/* Decode \ooo in place. False when a NUL would come out of it. */
static bool unescape(char *text) {
    char *to = text;
    for (const char *p = text; *p != '\0';) {
        bool octal = p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && is_octal(p[2]) && is_octal(p[3]);
        if (!octal) {
            *to++ = *p++;
            continue;
        }
        int byte = (p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0');
        if (byte == 0)
            return false;
        *to++ = (char)(unsigned char)byte;
        p += 4;
    }
    *to = '\0';
    return true;
}

/* Cut off the next field, which may be empty; NULL when the line is at its end. */
static char *field(char **line) {
    char *start = *line;
    if (start == NULL)
        return NULL;
    char *end = strchr(start, ' ');
    if (end != NULL)
        *end++ = '\0';
    *line = end;
    return start;
}

static bool number(const char **text, uint64_t max, uint64_t *value) {
    const char *p = *text;
    uint64_t n = 0;
    if (*p < '0' || *p > '9')
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (n > (max - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *text = p;
    *value = n;
    return true;
}

static bool whole_number(const char *text, uint64_t *value) {
    return text != NULL && number(&text, UINT64_MAX, value) && *text == '\0';
}

static bool device_number(const char *text, uint64_t *device) {
    uint64_t high, low;
    if (text == NULL || !number(&text, UINT32_MAX, &high) || *text++ != ':' ||
        !number(&text, UINT32_MAX, &low) || *text != '\0')
        return false;
    *device = high << 32 | low;
    return true;
}

/* proc(5): id parent major:minor root mountpoint options [optional ...] - type source options.
 * What the optional fields are does not matter; no field before " - " can be a lone "-". */
static bool parse_line(char *line, struct mount_entry *entry) {
    if (!whole_number(field(&line), &entry->id) || !whole_number(field(&line), &entry->parent) ||
        !device_number(field(&line), &entry->device))
        return false;
    entry->root = field(&line);
    entry->mountpoint = field(&line);
    entry->options = field(&line);
    if (entry->options == NULL || entry->mountpoint[0] != '/')
        return false;
    const char *optional;
    do
        optional = field(&line);
    while (optional != NULL && strcmp(optional, "-") != 0);
    entry->fstype = field(&line);
    entry->source = field(&line);
    entry->super_options = field(&line);
    return entry->super_options != NULL && entry->fstype[0] != '\0' && unescape(entry->root) &&
           unescape(entry->mountpoint) && unescape(entry->options) && unescape(entry->fstype) &&
           unescape(entry->source) && unescape(entry->super_options);
}

static size_t count_lines(const char *text, size_t len) {
    size_t lines = 1;
    for (const char *p = text; (p = memchr(p, '\n', len - (size_t)(p - text))) != NULL; p++)
        lines++;
    return lines;
}

static void parse_lines(struct mount_table *table, size_t len, size_t *skipped) {
    char *line = table->text, *end = table->text + len;
    while (line < end) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL)
            stop = end;
        bool has_nul = memchr(line, '\0', (size_t)(stop - line)) != NULL;
        *stop = '\0';
        if (!has_nul && parse_line(line, &table->items[table->len]))
            table->len++;
        else if (skipped != NULL)
            (*skipped)++;
        line = stop + 1;
    }
}

static int index_entries(struct mount_table *table) {
    table->buckets_len = 16;
    while (table->buckets_len < table->len)
        table->buckets_len *= 2;
    table->buckets = calloc(2 * table->buckets_len + 2 * table->len, sizeof *table->buckets);
    if (table->buckets == NULL)
        return -1;
    for (size_t i = 0; i < table->len; i++) {
        uint32_t *path = &path_heads(table)[path_bucket(table, table->items[i].mountpoint)];
        uint32_t *id = &id_heads(table)[id_bucket(table, table->items[i].id)];
        path_next(table)[i] = *path;
        id_next(table)[i] = *id;
        *path = *id = (uint32_t)(i + 1);
    }
    return 0;
}

int mount_table_parse(struct mount_table *table, char *text, size_t len, size_t *skipped) {
    *table = (struct mount_table){0};
    if (skipped != NULL)
        *skipped = 0;
    /* Indices are 32 bits wide, and there is no more than one entry for each byte. */
    char *longer = len < UINT32_MAX ? realloc(text, len + 1) : NULL;
    if (longer == NULL) {
        free(text);
        return -ENOMEM;
    }
    table->text = longer;
    table->text[len] = '\0';
    size_t lines = count_lines(table->text, len);
    table->items = calloc(lines, sizeof *table->items);
    if (table->items != NULL) {
        parse_lines(table, len, skipped);
        if (index_entries(table) == 0)
            return 0;
    }
    mount_table_finish(table);
    return -ENOMEM;
}

bool mount_table_is_there(const struct mount_table *table) {
    return table->buckets != NULL;
}

void mount_table_finish(struct mount_table *table) {
    free(table->items);
    free(table->text);
    free(table->buckets);
    *table = (struct mount_table){0};
}

/* The next entry at mountpoint, beginning with the chain's link at; 0 when there is none. */
static uint32_t find_path(const struct mount_table *table, uint32_t at, const char *mountpoint) {
    while (at != 0 && strcmp(table->items[at - 1].mountpoint, mountpoint) != 0)
        at = path_next(table)[at - 1];
    return at;
}

static uint32_t first_at(const struct mount_table *table, const char *mountpoint) {
    if (table->buckets_len == 0)
        return 0;
    return find_path(table, path_heads(table)[path_bucket(table, mountpoint)], mountpoint);
}

/* Newer kernels list by id, and a mount made by fsmount may have an older id than the one that it
 * was then moved onto: so what stands on another at the same place is above it. */
static uint32_t stands_on(const struct mount_table *table, uint32_t first, uint32_t below) {
    const struct mount_entry *lower = &table->items[below - 1];
    uint32_t at = first;
    while (at != 0 && (at == below || table->items[at - 1].parent != lower->id))
        at = find_path(table, path_next(table)[at - 1], lower->mountpoint);
    return at;
}

/* From this one of those that begin with first: what stands on all others. */
static const struct mount_entry *climb(const struct mount_table *table, uint32_t first,
                                       uint32_t top) {
    uint32_t above;
    size_t rounds = 0;
    while (rounds++ < table->len && (above = stands_on(table, first, top)) != 0)
        top = above;
    return &table->items[top - 1];
}

const struct mount_entry *mount_table_top(const struct mount_table *table, const char *mountpoint) {
    uint32_t first = first_at(table, mountpoint);
    return first != 0 ? climb(table, first, first) : NULL;
}

/* What is mounted there on that very mount, not on another that it hides (macOS tells no parent).
 */
static const struct mount_entry *child_at(const struct mount_table *table,
                                          const struct mount_entry *parent,
                                          const char *mountpoint) {
    uint32_t first = first_at(table, mountpoint), at = first;
    while (at != 0 && parent != NULL && table->items[at - 1].parent != 0 &&
           table->items[at - 1].parent != parent->id)
        at = find_path(table, path_next(table)[at - 1], mountpoint);
    return at != 0 ? climb(table, first, at) : NULL;
}

const struct mount_entry *mount_table_holding(const struct mount_table *table, const char *path) {
    const struct mount_entry *found = mount_table_top(table, "/"), *next;
    char part[PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof part)
        return NULL;
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        next = child_at(table, found, part);
        found = next != NULL ? next : found;
    }
    return found;
}

const struct mount_entry *mount_table_by_id(const struct mount_table *table, uint64_t id) {
    if (table->buckets_len == 0)
        return NULL;
    uint32_t at = id_heads(table)[id_bucket(table, id)];
    while (at != 0 && table->items[at - 1].id != id)
        at = id_next(table)[at - 1];
    return at != 0 ? &table->items[at - 1] : NULL;
}

size_t mount_table_depth(const struct mount_table *table, const char *mountpoint) {
    size_t depth = 0;
    uint32_t at = first_at(table, mountpoint);
    for (; at != 0; at = find_path(table, path_next(table)[at - 1], mountpoint))
        depth++;
    return depth;
}

bool mount_option_in(const char *options, const char *word) {
    size_t len = strlen(word);
    for (const char *p = options; (p = strstr(p, word)) != NULL; p += len)
        if ((p == options || p[-1] == ',') && (p[len] == ',' || p[len] == '\0'))
            return true;
    return false;
}

int mount_table_read(struct mount_table *table, struct err *err) {
    char *text = NULL;
    size_t len = 0;
    *table = (struct mount_table){0};
    int rc = os_mount_table_text(&text, &len, err);
    if (rc != 0)
        return rc;
    if (mount_table_parse(table, text, len, NULL) != 0)
        return err_set(err, ENOMEM, "the mount table of %zu bytes: out of memory", len);
    return 0;
}
