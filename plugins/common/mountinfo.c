/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/report.h"

#define TEXT_MAX (16u << 20)

/* The next character of from, \ooo undone. *at moves on. */
static char next_char(const char *from, size_t len, size_t *at) {
    size_t i = *at;

    if (from[i] == '\\' && len - i > 3 && from[i + 1] >= '0' && from[i + 1] <= '3') {
        unsigned a = (unsigned char)from[i + 2] - (unsigned)'0';
        unsigned b = (unsigned char)from[i + 3] - (unsigned)'0';
        if (a < 8 && b < 8) {
            *at = i + 4;
            return (char)((unsigned)(from[i + 1] - '0') << 6 | a << 3 | b);
        }
    }
    *at = i + 1;
    return from[i];
}

/* False when it does not fit. */
static bool decode(const char *from, size_t len, char *to, size_t size) {
    size_t n = 0;

    for (size_t i = 0; i < len;) {
        if (n + 1 >= size) {
            return false;
        }
        to[n++] = next_char(from, len, &i);
    }
    to[n] = '\0';
    return true;
}

/* Compared in place: this runs for every line of the table. */
static bool decodes_to(const char *from, size_t len, const char *plain) {
    for (size_t i = 0; i < len; plain++) {
        char c = next_char(from, len, &i);
        if (c == '\0' || c != *plain) {
            return false;
        }
    }
    return *plain == '\0';
}

/* Take the next field, ended by a blank or the end. */
static const char *field(const char **at, const char *end, size_t *len) {
    const char *start = *at, *blank = memchr(start, ' ', (size_t)(end - start));

    *len = (size_t)((blank ? blank : end) - start);
    *at = blank ? blank + 1 : end;
    return start;
}

static bool parse_numbers(const char *line, const char *end, struct mountinfo_entry *entry) {
    char head[96];
    unsigned long long id;
    unsigned major, minor;
    size_t len = (size_t)(end - line) < sizeof head - 1 ? (size_t)(end - line) : sizeof head - 1;

    memcpy(head, line, len);
    head[len] = '\0';
    if (sscanf(head, "%20llu %*20u %10u:%10u ", &id, &major, &minor) != 3) {
        return false;
    }
    entry->id = id;
    entry->device = (uint64_t)major << 32 | minor;
    return true;
}

/* After the mountpoint: options, optional fields up to a lone dash, type, source. */
static bool parse_tail(const char *at, const char *end, struct mountinfo_entry *entry) {
    const char *from;
    size_t len;

    field(&at, end, &len);
    do {
        if (at >= end) {
            return false;
        }
        from = field(&at, end, &len);
    } while (len != 1 || *from != '-');
    from = field(&at, end, &len);
    if (len == 0 || !decode(from, len, entry->fstype, sizeof entry->fstype)) {
        return false;
    }
    from = field(&at, end, &len);
    return decode(from, len, entry->source, sizeof entry->source);
}

struct line {
    const char *start, *path, *tail, *stop; /* tail: behind the mountpoint */
    size_t path_len;
};

/* Take the next line; its mountpoint, as it is written, is empty when it has none. */
static bool next_line(const char **at, const char *end, struct line *line) {
    const char *newline, *field_at = *at;

    if (*at >= end) {
        return false;
    }
    newline = memchr(*at, '\n', (size_t)(end - *at));
    line->start = *at;
    line->stop = newline ? newline : end;
    for (int i = 0; i < 4; i++) { /* id, parent, device, root */
        field(&field_at, line->stop, &line->path_len);
    }
    line->path = field(&field_at, line->stop, &line->path_len);
    line->tail = field_at;
    *at = newline ? newline + 1 : end;
    return true;
}

/* Only a whole good line replaces what was found before. */
static bool take_line(const struct line *line, const char *mountpoint,
                      struct mountinfo_entry *entry) {
    struct mountinfo_entry candidate;

    if (line->path_len == 0 || !decodes_to(line->path, line->path_len, mountpoint) ||
        !parse_numbers(line->start, line->stop, &candidate) ||
        !parse_tail(line->tail, line->stop, &candidate)) {
        return false;
    }
    *entry = candidate;
    return true;
}

bool mountinfo_top(const char *text, size_t len, const char *mountpoint,
                   struct mountinfo_entry *entry) {
    const char *at = text;
    struct line line;
    bool found = false;

    while (next_line(&at, text + len, &line)) {
        found |= take_line(&line, mountpoint, entry);
    }
    return found;
}

bool mountinfo_same_source(const char *fstype, const char *a, const char *b) {
    size_t host_a, host_b;

    if (!is_smb_fstype(fstype) || strncmp(a, "//", 2) != 0 || strncmp(b, "//", 2) != 0) {
        return !strcmp(a, b);
    }
    host_a = strcspn(a + 2, "/");
    host_b = strcspn(b + 2, "/");
    return host_a == host_b && !strncasecmp(a + 2, b + 2, host_a) &&
           !strcmp(a + 2 + host_a, b + 2 + host_b);
}

#ifdef __linux__ /* mountinfo_darwin.c has the other one */

/* One table for all mounts of this host process: with 10,000 mounts it is 2 MB, and looked up by
 * a hash of the mountpoint. heads and next are line numbers from 1; later lines come first. */
static struct {
    int fd;
    char *text;
    size_t len, room;
    uint32_t *lines, *next, *heads;
    size_t lines_len, lines_room, heads_len;
    bool valid;
} table = {.fd = -1};

static int fill(void) {
    table.len = 0;
    for (;;) {
        if (table.len == table.room) {
            size_t room = table.room ? table.room * 2 : 65536;
            char *text = room <= TEXT_MAX ? realloc(table.text, room) : NULL;
            if (!text) {
                return room <= TEXT_MAX ? -ENOMEM : -EFBIG;
            }
            table.text = text;
            table.room = room;
        }
        ssize_t n =
            pread(table.fd, table.text + table.len, table.room - table.len, (off_t)table.len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : 0;
        }
        table.len += (size_t)n;
    }
}

static uint32_t *head_of(const char *path, size_t len, bool plain) {
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < len;) {
        char c = plain ? path[i++] : next_char(path, len, &i);
        hash = (hash ^ (unsigned char)c) * 16777619u;
    }
    return &table.heads[(hash ^ hash >> 15) & (table.heads_len - 1)];
}

/* lines and next have room for so many; heads for no fewer. */
static int make_room(size_t count) {
    size_t room = table.lines_room ? table.lines_room : 256;

    if (count <= table.lines_room) {
        return 0;
    }
    while (room < count) {
        room *= 2;
    }
    free(table.lines);
    table.heads_len = table.lines_room = 0;
    table.lines = malloc(3 * room * sizeof *table.lines);
    if (!table.lines) {
        return -ENOMEM;
    }
    table.next = table.lines + room;
    table.heads = table.next + room;
    table.heads_len = table.lines_room = room;
    return 0;
}

static int index_lines(void) {
    const char *at = table.text, *end = table.text + table.len;
    size_t count = 1;
    struct line line;

    for (const char *p = at; (p = memchr(p, '\n', (size_t)(end - p))); p++) {
        count++;
    }
    if (make_room(count)) {
        return -ENOMEM;
    }
    memset(table.heads, 0, table.heads_len * sizeof *table.heads);
    table.lines_len = 0;
    while (next_line(&at, end, &line)) {
        uint32_t *head = head_of(line.path, line.path_len, false);

        table.lines[table.lines_len] = (uint32_t)(line.start - table.text);
        table.next[table.lines_len] = *head;
        *head = (uint32_t)++table.lines_len;
    }
    return 0;
}

static int refresh(void) {
    int rc;

    if (table.fd < 0) {
        table.fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        if (table.fd < 0) {
            return -errno;
        }
    }
    struct pollfd changed = {.fd = table.fd, .events = POLLPRI};
    if (table.valid && poll(&changed, 1, 0) == 0) {
        return 0;
    }
    rc = fill();
    if (!rc) {
        rc = index_lines();
    }
    table.valid = rc == 0;
    return rc;
}

int mountinfo_find(const char *mountpoint, struct mountinfo_entry *entry) {
    int rc = refresh();
    struct line line;

    if (rc) {
        return rc;
    }
    for (uint32_t i = *head_of(mountpoint, strlen(mountpoint), true); i; i = table.next[i - 1]) {
        const char *at = table.text + table.lines[i - 1];

        if (next_line(&at, table.text + table.len, &line) && take_line(&line, mountpoint, entry)) {
            return 1;
        }
    }
    return 0;
}

#endif
