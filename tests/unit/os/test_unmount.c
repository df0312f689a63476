/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Unmounting what is ours and nothing else, whatever happens to the path. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os.h"
#include "os/os_cifs.h"
#include "os/os_linux.h"
#include "sandbox.h"

#define PARENT SANDBOX "/user"
#define POINT PARENT "/m"
#define VICTIM SANDBOX "/victim"
#define ROUNDS 500 /* SWAP_ROUNDS=100000 in the environment for as many as one has patience */

static uint64_t lay_out(void) {
    uint64_t id, device;
    sandbox_enter();
    sandbox_mkdir(PARENT);
    sandbox_mkdir(POINT);
    sandbox_mkdir(VICTIM);
    sandbox_mkdir(VICTIM "/m");
    sandbox_tmpfs("foreign", VICTIM "/m");
    sandbox_tmpfs("ours", POINT);
    cr_assert_eq(os_mount_id_at(POINT, &id, &device), 0);
    return id;
}

Test(os_unmount, takes_ours_down) {
    uint64_t id = lay_out();
    char before[4096], after[4096];
    cr_assert_not_null(getcwd(before, sizeof before));
    cr_assert_eq(os_unmount(POINT "/", id, false, false), 0);
    cr_assert_eq(sandbox_count_mounts(" ours "), 0);
    cr_assert_eq(sandbox_count_mounts(" foreign "), 1);
    cr_assert_not_null(getcwd(after, sizeof after));
    cr_assert_str_eq(before, after);
    cr_assert_neq(os_unmount(POINT, id, false, false), 0);
}

Test(os_unmount, busy_is_refused_and_detach_is_not) {
    uint64_t id = lay_out();
    int fd = open(POINT "/file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    cr_assert_eq(os_unmount(POINT, id, false, false), -EBUSY);
    cr_assert_eq(sandbox_count_mounts(" ours "), 1);
    cr_assert_eq(os_unmount(POINT, id, true, true), 0);
    cr_assert_eq(sandbox_count_mounts(" ours "), 0);
    close(fd);
}

Test(os_unmount, another_id_is_stale) {
    uint64_t id = lay_out(), foreign, device;
    cr_assert_eq(os_mount_id_at(VICTIM "/m", &foreign, &device), 0);
    cr_assert_eq(os_unmount(VICTIM "/m", id, true, true), -ESTALE);
    sandbox_tmpfs("stacked", POINT);
    cr_assert_eq(os_unmount(POINT, id, true, true), -ESTALE, "something stands over ours");
    cr_assert_eq(umount2(POINT, 0), 0);
    cr_assert_eq(os_unmount(POINT, id, false, false), 0);
    cr_assert_eq(os_unmount(POINT, id, false, false), -ESTALE, "nothing is mounted");
    cr_assert_eq(sandbox_count_mounts(" foreign "), 1);
}

Test(os_unmount, symlinks_in_the_way_are_refused) {
    uint64_t id = lay_out(), foreign, device;
    cr_assert_eq(os_mount_id_at(VICTIM "/m", &foreign, &device), 0);
    cr_assert_eq(rename(PARENT, SANDBOX "/moved"), 0);
    cr_assert_eq(symlink(VICTIM, PARENT), 0);
    cr_assert_eq(os_unmount(POINT, id, true, true), -ELOOP);
    cr_assert_eq(os_unmount(POINT, foreign, true, true), -ELOOP);
    cr_assert_eq(symlink(VICTIM "/m", SANDBOX "/last"), 0);
    cr_assert_neq(os_unmount(SANDBOX "/last", foreign, true, true), 0);
    cr_assert_eq(sandbox_count_mounts(" foreign "), 1);
    cr_assert_eq(os_unmount(SANDBOX "/moved/m", id, false, false), 0);
}

Test(os_unmount, odd_paths_are_refused) {
    uint64_t id = lay_out();
    const char *paths[] = {"/", "//", "", "mnt", POINT "/.", POINT "/..", SANDBOX "/none/m"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        cr_assert_lt(os_unmount(paths[i], id, true, true), 0, "%s", paths[i]);
    cr_assert_eq(sandbox_count_mounts(" ours "), 1);
}

/* Swaps the parent for a symlink to the victim and back, as fast as it can. */
static int attack(void *context, int ready) {
    (void)context;
    (void)!write(ready, "x", 1);
    for (;;)
        syscall(SYS_renameat2, AT_FDCWD, PARENT, AT_FDCWD, SANDBOX "/evil", 2 /* EXCHANGE */);
    return 0;
}

static uint64_t id_of(const char *source, char *mountpoint, size_t size) {
    FILE *file = fopen("/proc/self/mountinfo", "r");
    char line[1024], found[1024], needle[64];
    uint64_t id = 0;
    snprintf(needle, sizeof needle, " %s ", source);
    while (fgets(line, sizeof line, file) != NULL)
        if (strstr(line, needle) != NULL && sscanf(line, "%*u %*u %*s %*s %1023s", found) == 1) {
            id = strtoull(line, NULL, 10);
            snprintf(mountpoint, size, "%s", found);
        }
    fclose(file);
    return id;
}

/* Rename-exchange attacker against mounting and unmounting: nothing ever lands in, or is taken
 * from, the folder that it points to. */
Test(os_unmount, rename_exchange_attacker, .timeout = 3600) {
    uint64_t id = lay_out();
    unsigned refused = 0, done = 0;
    char at[1024], log[256];
    const char *more = getenv("SWAP_ROUNDS");
    unsigned long rounds = more != NULL ? strtoul(more, NULL, 10) : ROUNDS;
    sandbox_mkdir(VICTIM "/free");
    cr_assert_eq(umount2(POINT, 0), 0);
    sandbox_mkdir(PARENT "/free");
    cr_assert_eq(symlink(VICTIM, SANDBOX "/evil"), 0);
    pid_t attacker = sandbox_start(attack, NULL);
    for (unsigned long i = 0; done < rounds || refused == 0; i++) {
        const char *path = i % 2 == 0 ? PARENT "/free" : POINT;
        int fd = -1;
        if (os_open_mountpoint(path, &fd, NULL) != 0) {
            refused++;
            sched_yield(); /* on one processor the attacker must have his turn */
            continue;
        }
        int mount_fd = -1;
        cr_assert_eq(os_mount_create("tmpfs", "ours", NULL, 0, 0, &mount_fd, log, sizeof log), 0,
                     "%s", log);
        cr_assert_eq(os_mount_attach(mount_fd, fd), 0);
        close(mount_fd);
        close(fd);
        id = id_of("ours", at, sizeof at);
        cr_assert_neq(strncmp(at, VICTIM, strlen(VICTIM)), 0, "mounted in %s", at);
        int rc;
        while ((rc = os_unmount(path, id, false, true)) == -ELOOP) {
            refused++;
            sched_yield();
        }
        cr_assert_eq(rc, 0, "%s", strerror(-rc));
        done++;
        cr_assert_eq(sandbox_count_mounts(" ours "), 0);
        cr_assert_eq(sandbox_count_mounts(" " VICTIM "/m "), 1);
    }
    sandbox_end(attacker);
    fprintf(stderr, "%u times mounted and unmounted, %u refused, none elsewhere\n", done, refused);
}
