/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The text of the mount table, its lines, and the descriptor that tells of changes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/os.h"
#include "os/os_linux.h"

#define MOUNTINFO "/proc/self/mountinfo"
#define TEXT_FIRST (64u * 1024u)
#define TEXT_MAX (64u * 1024u * 1024u)

int linux_read_all(const char *path, char **text, size_t *len) {
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    size_t size = TEXT_FIRST, used = 0;
    char *data = malloc(size);
    while (data != NULL) {
        ssize_t n = read(fd, data + used, size - used - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            int rc = n < 0 ? -errno : 0;
            data[used] = '\0';
            *len = used;
            *text = rc == 0 ? data : NULL;
            if (rc != 0)
                free(data);
            return rc;
        }
        used += (size_t)n;
        if (size - used > 1)
            continue;
        char *more = size < TEXT_MAX ? realloc(data, size * 2) : NULL;
        if (more == NULL) {
            free(data);
            return size < TEXT_MAX ? -ENOMEM : -EFBIG;
        }
        data = more;
        size *= 2;
    }
    return -ENOMEM;
}

int os_mount_table_text(char **text, size_t *len, struct err *err) {
    int rc = linux_read_all(MOUNTINFO, text, len);
    return rc == 0 ? 0 : err_sys(err, -rc, "cannot read the mount table %s", MOUNTINFO);
}

static bool number(const char **at, char end, uint64_t *value) {
    if (**at < '0' || **at > '9')
        return false;
    char *stop;
    errno = 0;
    *value = strtoull(*at, &stop, 10);
    if (errno != 0 || *stop != end)
        return false;
    *at = stop + 1;
    return true;
}

/* Start and length of the next blank-separated word of the line that ends at end. */
static bool word(const char **at, const char *end, const char **start, size_t *len) {
    if (*at >= end)
        return false;
    const char *blank = memchr(*at, ' ', (size_t)(end - *at));
    const char *stop = blank != NULL ? blank : end;
    *start = *at;
    *len = (size_t)(stop - *at);
    *at = blank != NULL ? blank + 1 : end;
    return *len > 0;
}

static bool parse_line(const char *at, const char *end, struct linux_mount_line *line) {
    uint64_t parent, major, minor;
    const char *start;
    size_t len;
    *line = (struct linux_mount_line){0};
    if (!number(&at, ' ', &line->id) || !number(&at, ' ', &parent) || !number(&at, ':', &major) ||
        !number(&at, ' ', &minor) || major > UINT32_MAX || minor > UINT32_MAX)
        return false;
    line->device = LINUX_DEVICE(major, minor);
    if (!word(&at, end, &start, &len) ||
        !word(&at, end, &line->mountpoint, &line->mountpoint_len) ||
        !word(&at, end, &line->options, &line->options_len))
        return false;
    while (word(&at, end, &start, &len)) {
        if (len == 1 && start[0] == '-')
            return true;
        if (len > 7 && memcmp(start, "master:", 7) == 0)
            line->slave = true;
    }
    return false;
}

bool linux_mount_line_next(const char **at, struct linux_mount_line *line) {
    while (**at != '\0') {
        const char *end = strchr(*at, '\n'), *start = *at;
        if (end == NULL)
            end = start + strlen(start);
        *at = *end == '\n' ? end + 1 : end;
        if (parse_line(start, end, line))
            return true;
    }
    return false;
}

/* The kernel compares a counter that belongs to the open file with the namespace's at each poll
 * and sets it equal, so the poll itself quiets the descriptor: with epoll one wake-up for each
 * batch of changes, level or edge, and nothing has to be read. For the same reason a change before
 * EPOLL_CTL_ADD or MOD is lost (these poll, and epoll_wait polls again): read the table after. */
int os_mount_watch_open(bool *prioritized, struct err *err) {
    int fd = open(MOUNTINFO, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, errno, "cannot watch the mount table %s", MOUNTINFO);
    *prioritized = true;
    return fd;
}

bool os_mount_watch_drain(int fd) {
    (void)fd;
    return false;
}

const char *os_plain_path(const char *path) {
    return path;
}
