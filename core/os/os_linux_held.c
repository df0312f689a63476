/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What has to be known of a mount before it leaves the table, so that its holders can be found
 * afterwards: the ids of its copies in other mount namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "os/holders.h"
#include "os/os_linux.h"

#define NAMESPACES_MAX 32u
#define COPIES_MAX 8u /* in one namespace */

_Static_assert(NAMESPACES_MAX *COPIES_MAX <= OS_HELD_MAX, "the copies of all of them fit");

struct note {
    struct os_held *held;
    uint64_t deadline_ms;
    unsigned long namespaces[NAMESPACES_MAX]; /* seen; the first is our own */
    size_t len;
};

/* Its number; 0 when we may not know. */
static unsigned long namespace_of(int proc) {
    static const char kind[] = "mnt:[";
    char name[40];
    ssize_t n = readlinkat(proc, "ns/mnt", name, sizeof name - 1);
    name[n > 0 ? n : 0] = '\0';
    return strncmp(name, kind, strlen(kind)) == 0 ? strtoul(name + strlen(kind), NULL, 10) : 0;
}

static bool is_new(struct note *note, unsigned long namespace) {
    for (size_t i = 0; i < note->len; i++)
        if (note->namespaces[i] == namespace)
            return false;
    return true;
}

static int note_copies(struct os_held *held, pid_t pid) {
    char path[40];
    CLEANUP_FREE char *text = NULL;
    size_t len, copies = 0;
    struct linux_mount_line line;
    snprintf(path, sizeof path, "/proc/%d/mountinfo", (int)pid);
    int rc = linux_read_all(path, &text, &len);
    if (rc != 0)
        return rc;
    for (const char *at = text; linux_mount_line_next(&at, &line);) {
        if (line.device != held->device)
            continue;
        if (copies++ == COPIES_MAX) {
            held->complete = false;
            break;
        }
        held->marks[held->len++] = line.id;
    }
    return 0;
}

static bool see_namespace(void *context, pid_t pid, int proc) {
    struct note *note = context;
    unsigned long namespace = namespace_of(proc);
    if (namespace == 0 || !is_new(note, namespace))
        return true;
    if (note->len == NAMESPACES_MAX || clock_boot_ms() >= note->deadline_ms) {
        note->held->complete = false;
        return false;
    }
    int rc = note_copies(note->held, pid);
    if (rc == 0)
        note->namespaces[note->len++] = namespace;
    else if (rc == -EMFILE || rc == -ENOMEM) /* else it ended; another one there may tell */
        note->held->complete = false;
    return true;
}

/* One made for the question, and gone with it. */
static uint64_t newest_mount(void) {
    enum { MAKE_COPY = 1 }; /* OPEN_TREE_CLONE; SYS_open_tree needs Linux 5.2 */
    CLEANUP_CLOSE int copy = (int)syscall(SYS_open_tree, AT_FDCWD, "/", MAKE_COPY | O_CLOEXEC);
    return copy >= 0 ? linux_fd_mount_number(copy) : 0;
}

void os_note_held(uint64_t mount_id, uint64_t device, uint32_t limit_ms, struct os_held *held) {
    struct note note = {.held = held, .deadline_ms = clock_boot_ms() + limit_ms, .len = 1};
    *held = (struct os_held){.device = device, .marks = {mount_id}, .len = 1, .complete = true};
    CLEANUP_CLOSE int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    note.namespaces[0] = self >= 0 ? namespace_of(self) : 0;
    if (linux_each_process(see_namespace, &note) != 0)
        held->complete = false;
    held->newest = newest_mount(); /* at last: a copy made meanwhile may have been noted */
}
