/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who holds a mount, found without touching it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/holders.h"
#include "os/os.h"
#include "sandbox.h"

#define POINT SANDBOX "/m"
#define LIMIT_MS 60000u

static uint64_t id, device;
static struct os_held held;

static void mount_ours(void) {
    sandbox_tmpfs("ours", POINT);
    close(open(POINT "/file", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    cr_assert_eq(truncate(POINT "/file", 4096), 0);
    cr_assert_eq(os_mount_id_at(POINT, &id, &device), 0);
}

static void lay_out(void) {
    sandbox_enter();
    sandbox_mkdir(POINT);
    mount_ours();
}

static struct os_holders find(uint32_t limit_ms) {
    struct os_holders found;
    os_note_held(id, device, LIMIT_MS, &held);
    cr_assert_eq(os_find_holders(&held, NULL, limit_ms, &found), 0);
    return found;
}

/* As it is done to a dead one: taken away first, then searched. */
static struct os_holders find_after_detach(void) {
    struct os_holders found;
    os_note_held(id, device, LIMIT_MS, &held);
    cr_assert_eq(umount2(POINT, MNT_DETACH), 0);
    cr_assert_eq(os_find_holders(&held, POINT, LIMIT_MS, &found), 0);
    return found;
}

/* In some sandboxes process 1 is closed even to root; the search must then say so. */
static bool all_readable(void) {
    int fd = open("/proc/1/cwd", O_PATH | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

enum way { BY_CWD, BY_READING, BY_WRITING, BY_READING_MAP, BY_WRITING_MAP, BY_COPY, BY_ROOT };

static int hold(void *context, int ready) {
    enum way way = *(enum way *)context;
    int flags = way == BY_WRITING || way == BY_WRITING_MAP ? O_RDWR : O_RDONLY;
    if (way == BY_CWD && chdir(POINT) != 0)
        return 1;
    if (way == BY_ROOT && chroot(POINT) != 0)
        return 1;
    if (way == BY_COPY && unshare(CLONE_NEWNS) != 0)
        return 1;
    int fd = way != BY_CWD && way != BY_ROOT ? open(POINT "/file", flags) : -1;
    if (way == BY_READING_MAP || way == BY_WRITING_MAP) {
        int rights = way == BY_WRITING_MAP ? PROT_READ | PROT_WRITE : PROT_READ;
        if (mmap(NULL, 4096, rights, MAP_SHARED, fd, 0) == MAP_FAILED)
            return 1;
        close(fd);
    }
    prctl(PR_SET_NAME, "hold\033er");
    if (write(ready, "x", 1) != 1)
        return 1;
    pause();
    return 0;
}

static void check_way(enum way way, unsigned writers, bool detached) {
    char name[128];
    pid_t pid = sandbox_start(hold, &way);
    struct os_holders found = detached ? find_after_detach() : find(LIMIT_MS);
    snprintf(name, sizeof name, "hold\\x1ber[%d]%s", (int)pid,
             way == BY_WRITING ? " (writing " POINT "/file)"
             : writers > 0     ? " (writing)"
                               : "");
    cr_assert_eq(found.holders, 1, "way %d: %u %s", (int)way, found.holders, found.names);
    cr_assert_eq(found.writers, writers);
    cr_assert_str_eq(found.names, name);
    cr_assert_eq(found.complete, all_readable());
    sandbox_end(pid);
}

/* Way, and how many write then. */
static const struct {
    enum way way;
    unsigned writers;
} ways[] = {{BY_CWD, 0},         {BY_ROOT, 0},        {BY_READING, 0}, {BY_WRITING, 1},
            {BY_READING_MAP, 0}, {BY_WRITING_MAP, 1}, {BY_COPY, 0}};

Test(os_holders, every_way_to_hold) {
    lay_out();
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        check_way(ways[i].way, ways[i].writers, false);
}

Test(os_holders, every_way_to_hold_what_has_left) {
    lay_out();
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        check_way(ways[i].way, ways[i].writers, true);
        mount_ours();
    }
}

/* The kernel gives id and device of a mount that nobody holds any more to the next one. */
Test(os_holders, the_users_of_the_next_mount_are_not_told) {
    struct os_holders found;
    uint64_t next, next_device;
    lay_out();
    os_note_held(id, device, LIMIT_MS, &held);
    cr_assert_eq(umount2(POINT, MNT_DETACH), 0);
    mount_ours();
    cr_assert_eq(os_mount_id_at(POINT, &next, &next_device), 0);
    if (next != held.marks[0] || next_device != device)
        cr_skip_test("somebody else on this machine got the numbers");
    for (enum way way = BY_CWD; way <= BY_WRITING_MAP; way++) {
        pid_t pid = sandbox_start(hold, &way);
        cr_assert_eq(os_find_holders(&held, POINT, LIMIT_MS, &found), 0);
        cr_assert_eq(found.holders, 0, "%s", found.names);
        cr_assert_eq(found.writers, 0);
        cr_assert_str_eq(found.names, "");
        cr_assert_eq(found.complete, all_readable());
        sandbox_end(pid);
    }
}

struct next {
    uint64_t id, device;
};

/* In a namespace of its own, and out of its table as well: only its number tells it apart. */
static int hold_next_elsewhere(void *context, int ready) {
    struct next *next = context;
    if (unshare(CLONE_NEWNS) != 0)
        return 1;
    mount_ours();
    if (os_mount_id_at(POINT, &next->id, &next->device) != 0 || chdir(POINT) != 0 ||
        umount2(POINT, MNT_DETACH) != 0)
        return 1;
    int fd = open("file", O_RDWR);
    if (fd < 0 || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ||
        write(ready, "x", 1) != 1)
        return 1;
    pause();
    return 0;
}

Test(os_holders, the_users_of_the_next_mount_elsewhere_are_not_told) {
    struct os_holders found;
    lay_out();
    struct next *next =
        mmap(NULL, sizeof *next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(next, MAP_FAILED);
    os_note_held(id, device, LIMIT_MS, &held);
    if (held.newest == 0)
        cr_skip_test("this kernel cannot tell the next mount from the old one");
    pid_t pid = sandbox_start(hold_next_elsewhere, next);
    held.marks[0] = next->id;
    held.device = next->device;
    for (unsigned unknown = 0; unknown < 2; unknown++) {
        held.newest *= 1 - unknown;
        cr_assert_eq(os_find_holders(&held, POINT, LIMIT_MS, &found), 0);
        cr_assert_eq(found.holders, unknown, "%s", found.names);
        cr_assert_eq(found.writers, unknown);
        cr_assert_eq(found.complete, all_readable());
    }
    sandbox_end(pid);
}

/* Where numbers cannot tell. The next one has the id of a copy that another namespace had: when its
 * device is another the old one lives, so somebody may hold it by the copy that we lost. */
Test(os_holders, nor_when_it_has_the_id_of_a_copy) {
    enum way way = BY_WRITING;
    struct os_holders found;
    lay_out();
    pid_t pid = sandbox_start(hold, &way);
    const struct {
        struct os_held held;
        bool complete;
    } cases[] = {{{.device = device, .marks = {id + 1000000, id}, .len = 2}, true},
                 {{.device = device + 1, .marks = {id + 1000000, id}, .len = 2}, false},
                 {{.device = device + 1, .marks = {id}, .len = 1}, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        held = cases[i].held;
        held.complete = true;
        cr_assert_eq(os_find_holders(&held, POINT, LIMIT_MS, &found), 0);
        cr_assert_eq(found.holders, 0, "%s", found.names);
        cr_assert_eq(found.writers, 0);
        cr_assert_str_eq(found.names, "");
        cr_assert_eq(found.complete, cases[i].complete && all_readable());
    }
    sandbox_end(pid);
}

/* It has the device of the one that has left, but another id. */
Test(os_holders, a_map_of_another_mount_of_the_device_does_not_count) {
    struct os_holders found;
    enum way way = BY_READING_MAP;
    lay_out();
    pid_t pid = sandbox_start(hold, &way);
    os_note_held(id + 1000000, device, LIMIT_MS, &held);
    cr_assert_eq(os_find_holders(&held, NULL, LIMIT_MS, &found), 0);
    cr_assert_eq(found.holders, 0, "%s", found.names);
    sandbox_end(pid);
}

Test(os_holders, nobody) {
    lay_out();
    struct os_holders found = find(LIMIT_MS);
    cr_assert_eq(found.holders, 0);
    cr_assert_str_eq(found.names, "");
    cr_assert_eq(found.complete, all_readable());
    cr_assert_eq(umount2(POINT, 0), 0, "the search left something open");
}

/* Not the holders of another mount of the same folder, nor our own. */
Test(os_holders, others_and_ourselves_do_not_count) {
    enum way way = BY_READING;
    lay_out();
    pid_t pid = sandbox_start(hold, &way);
    sandbox_mkdir(SANDBOX "/other");
    sandbox_tmpfs("other", SANDBOX "/other");
    cr_assert_eq(os_mount_id_at(SANDBOX "/other", &id, &device), 0);
    int own = open(SANDBOX "/other", O_RDONLY | O_CLOEXEC);
    struct os_holders found = find(LIMIT_MS);
    cr_assert_eq(found.holders, 0, "%s", found.names);
    close(own);
    sandbox_end(pid);
}

Test(os_holders, no_time_is_incomplete) {
    lay_out();
    cr_assert_not(find(0).complete);
}

Test(os_holders, those_who_write_are_named_first) {
    enum way reading = BY_READING, writing = BY_WRITING;
    pid_t pids[40];
    char first[64];
    lay_out();
    for (int i = 0; i < 39; i++)
        pids[i] = sandbox_start(hold, &reading);
    pids[39] = sandbox_start(hold, &writing);
    snprintf(first, sizeof first, "hold\\x1ber[%d] (writing ", (int)pids[39]);
    struct os_holders found = find(LIMIT_MS);
    cr_assert_eq(found.holders, 40);
    cr_assert_eq(found.writers, 1);
    cr_assert_eq(strncmp(found.names, first, strlen(first)), 0, "%s", found.names);
    cr_assert_gt(strlen(found.names), 400, "as many as fit follow: %s", found.names);
    cr_assert_str_eq(found.names + strlen(found.names) - 5, ", ...");
    for (int i = 0; i < 40; i++)
        sandbox_end(pids[i]);
}

Test(os_holders, many_names_are_cut_with_dots) {
    enum way way = BY_CWD;
    pid_t pids[40];
    lay_out();
    for (int i = 0; i < 40; i++)
        pids[i] = sandbox_start(hold, &way);
    struct os_holders found = find(LIMIT_MS);
    cr_assert_eq(found.holders, 40);
    cr_assert_lt(strlen(found.names), sizeof found.names);
    cr_assert_str_eq(found.names + strlen(found.names) - 5, ", ...");
    for (int i = 0; i < 40; i++)
        sandbox_end(pids[i]);
}

/* Ours again and again below its own mountpoint, then a copy of all that. */
static int copy_many(void *context, int ready) {
    char path[64];
    for (int i = 0; i < *(int *)context; i++) {
        snprintf(path, sizeof path, SANDBOX "/copy%d", i);
        if (mkdir(path, 0755) != 0 || mount(POINT, path, NULL, MS_BIND, NULL) != 0)
            return 1;
    }
    enum way way = BY_COPY;
    return hold(&way, ready);
}

/* Whoever holds it by a copy that was not noted cannot be found. */
Test(os_holders, more_copies_than_are_noted_is_incomplete) {
    static const int counts[] = {0, 7, 8, 20};
    lay_out();
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        int count = counts[i];
        pid_t pid = sandbox_start(copy_many, &count);
        os_note_held(id, device, LIMIT_MS, &held);
        unsigned copies = (unsigned)count + 1 < 8 ? (unsigned)count + 1 : 8;
        cr_assert_eq(held.len, 1 + copies, "%d: %zu", count, held.len);
        cr_assert_eq(held.complete, count + 1 <= 8, "%d", count);
        sandbox_end(pid);
        for (int k = 0; k < count; k++) {
            char path[64];
            snprintf(path, sizeof path, SANDBOX "/copy%d", k);
            umount2(path, MNT_DETACH);
            cr_assert_eq(rmdir(path), 0);
        }
    }
}

Test(os_holders, no_time_for_other_namespaces_is_incomplete) {
    enum way way = BY_COPY;
    lay_out();
    pid_t pid = sandbox_start(hold, &way);
    os_note_held(id, device, 0, &held);
    cr_assert_eq(held.len, 1);
    cr_assert_not(held.complete);
    sandbox_end(pid);
}
