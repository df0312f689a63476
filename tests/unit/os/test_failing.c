/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Each system call of what the os layer does fails once: said, and nothing left open. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"
#include "os/holders.h"
#include "os/os.h"
#include "os/os_cifs.h"
#include "os/os_linux.h"
#include "sandbox.h"

static struct err err;

/* A descriptor is a success, and of no more use. */
static int drop(int fd) {
    if (fd >= 0)
        close(fd);
    return fd < 0 ? fd : 0;
}

static int drop_pair(int rc, const int ends[2]) {
    return rc == 0 ? drop(ends[0]) | drop(ends[1]) : rc;
}

static int read_table(void *context) {
    char *text = NULL;
    size_t len;
    (void)context;
    int rc = os_mount_table_text(&text, &len, &err);
    free(text);
    return rc;
}

static int watch_table(void *context) {
    bool prioritized;
    (void)context;
    return drop(os_mount_watch_open(&prioritized, &err));
}

static int watch_network(void *context) {
    (void)context;
    return drop(os_net_watch_open(&err));
}

static int make_pipe(void *context) {
    int ends[2];
    (void)context;
    return drop_pair(os_pipe(ends), ends);
}

static int make_pair(void *context) {
    int ends[2];
    (void)context;
    return drop_pair(os_socketpair(ends), ends);
}

static int make_socket(void *context) {
    (void)context;
    return drop(os_socket(AF_INET));
}

static int make_memory(void *context) {
    (void)context;
    return drop(os_shared_memory(4096));
}

static int roll(void *context) {
    uint64_t random;
    (void)context;
    return os_random(&random, sizeof random);
}

static int find_self(void *context) {
    char path[512];
    (void)context;
    return os_self_path(path, sizeof path);
}

static int look_at_root(void *context) {
    uint64_t id, device;
    (void)context;
    return os_mount_id_at("/", &id, &device);
}

static int open_folder(void *context) {
    int fd = -1;
    int rc = os_open_mountpoint(context, &fd, &err);
    return rc == 0 ? drop(fd) : rc;
}

static int look_into(void *context) {
    bool empty;
    return os_dir_is_empty(*(int *)context, &empty);
}

static int ask_peer(void *context) {
    struct os_peer peer;
    return os_peer(*(int *)context, &peer);
}

static int destroy(void *context) {
    (void)context;
    int rc = os_destroy_stalled("127.0.0.1", 9, 0);
    return rc == -EOPNOTSUPP ? 0 : rc;
}

static int watch_log(void *context) {
    (void)context;
    return drop(os_kernel_log_mark());
}

static const struct {
    const char *what;
    int (*run)(void *context);
    enum fail_mode mode;
    long calls; /* at least */
} each[] = {
    {"the mount table", read_table, FAIL_SURE, 3},
    {"watching the mount table", watch_table, FAIL_SURE, 1},
    {"watching the network", watch_network, FAIL_SURE, 2},
    {"a pipe", make_pipe, FAIL_SURE, 1},
    {"a socket pair", make_pair, FAIL_SURE, 1},
    {"a socket", make_socket, FAIL_SURE, 1},
    {"shared memory", make_memory, FAIL_SURE, 2},
    {"random numbers", roll, FAIL_SURE, 1},
    {"our own path", find_self, FAIL_SURE, 1},
    {"what is mounted at /", look_at_root, FAIL_SURE, 6},
    /* without its time limit it waits for the kernel, which always answers */
    {"stalled connections", destroy, FAIL_PERHAPS, 3},
};

Test(os_failing, each_call_is_reported) {
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
        cr_assert_geq(fail_each(each[i].what, each[i].mode, each[i].run, NULL), each[i].calls, "%s",
                      each[i].what);
}

Test(os_failing, a_mountpoint_that_cannot_be_opened_is_named) {
    static char path[] = "/proc/self";
    cr_assert_geq(fail_each("opening a folder", FAIL_SURE, open_folder, (char[]){"/proc"}), 1);
    fail_after(0);
    cr_assert_eq(open_folder((char[]){"/proc"}), -ENOMEM);
    fail_end();
    cr_assert_not_null(strstr(err.text, "mountpoint /proc: "), "%s", err.text);
    cr_assert_eq(open_folder(path), -ELOOP);
}

/* A kernel before 5.6, or a filter that does not know the call. */
Test(os_failing, without_openat2_the_path_is_walked) {
    static const int codes[] = {ENOSYS, EPERM};
    for (size_t i = 0; i < 2; i++) {
        int fd = -1;
        fail_after_with(0, codes[i]);
        cr_assert_eq(linux_open_path("/proc/sys", &fd), 0);
        cr_assert_str_eq(fail_end(), "syscall");
        close(fd);
        fail_after_with(0, codes[i]);
        cr_assert_eq(linux_open_path("/proc/self", &fd), -ELOOP);
        fail_after_with(0, codes[i]);
        cr_assert_eq(linux_open_path("/proc/version", &fd), -ENOTDIR);
        fail_after_with(0, codes[i]);
        cr_assert_eq(linux_open_path("/proc/nowhere/at", &fd), -ENOENT);
        fail_end();
    }
}

Test(os_failing, an_interrupted_read_goes_on) {
    char *text = NULL;
    size_t len = 0;
    fail_after_with(2, EINTR);
    cr_assert_eq(os_mount_table_text(&text, &len, &err), 0);
    cr_assert_str_eq(fail_end(), "read");
    cr_assert_gt(len, 0);
    free(text);
}

Test(os_failing, a_folder_and_a_peer) {
    int fd = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ends[2];
    cr_assert_geq(fail_each("looking into a folder", FAIL_SURE, look_into, &fd), 3);
    close(fd);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    cr_assert_geq(fail_each("the peer of a socket", FAIL_PERHAPS, ask_peer, &ends[0]), 2);
    struct os_peer peer;
    fail_after(0);
    cr_assert_eq(os_peer(ends[0], &peer), -ENOBUFS);
    cr_assert_eq(peer.uid, (uid_t)-1, "nobody");
    fail_after(1); /* the groups: none of them is granted */
    cr_assert_eq(os_peer(ends[0], &peer), 0);
    cr_assert_eq(peer.groups_len, 0);
    fail_end();
    drop_pair(0, ends);
}

Test(os_failing, the_kernel_log) {
    int fd = os_kernel_log_mark();
    if (fd < 0)
        cr_skip_test("needs a readable kernel log");
    close(fd);
    cr_assert_geq(fail_each("the kernel log", FAIL_SURE, watch_log, NULL), 2);
}

/* Whoever cannot be looked at may hold it: then the list must not pass for the whole one. */
static int find_holders(void *context) {
    const uint64_t *mount = context;
    static struct os_held held;
    struct os_holders holders;
    os_note_held(mount[0], mount[1], 60000, &held);
    int rc = os_find_holders(&held, NULL, 10000, &holders);
    return rc != 0 ? rc : holders.complete ? 0 : -EAGAIN;
}

Test(os_failing, holders_are_not_called_complete_when_one_could_not_be_seen, .timeout = 120) {
    uint64_t mount[2];
    sandbox_enter();
    sandbox_tmpfs("ours", SANDBOX);
    cr_assert_eq(os_mount_id_at(SANDBOX, &mount[0], &mount[1]), 0);
    if (find_holders(mount) != 0)
        cr_skip_test("some process is closed to us in any case");
    /* readdir gives what else is in /proc first */
    unsigned names = 0, processes = 0;
    for (long n = 0; n < 200 && processes < 3; n++) {
        fail_after(n);
        int rc = find_holders(mount);
        const char *call = fail_end();
        bool name = call != NULL && strcmp(call, "readdir") == 0;
        bool process = call != NULL && strcmp(call, "openat") == 0;
        if (name || process)
            cr_assert_lt(rc, 0, "call %ld (%s)", n, call);
        names += name;
        processes += process;
    }
    cr_assert_gt(names, 0);
    cr_assert_gt(processes, 0);
}

struct place {
    int fd;
    bool old;
};

static int mount_it(void *context) {
    const struct place *place = context;
    struct os_mount_option size = {"size", "1m"};
    char log[256];
    int mount_fd = -1, rc;
    if (place->old)
        rc = os_mount_old("tmpfs", "ours", "size=1m", 0, place->fd);
    else
        rc = os_mount_create("tmpfs", "ours", &size, 1, MS_SYNCHRONOUS, &mount_fd, log, sizeof log);
    if (rc == 0 && !place->old)
        rc = os_mount_attach(mount_fd, place->fd);
    if (mount_fd >= 0)
        close(mount_fd);
    return rc;
}

static int unmount_it(void *context) {
    const uint64_t *id = context;
    return os_unmount(SANDBOX "/m", *id, false, true);
}

static int harden_it(void *context) {
    const uint64_t *id = context;
    return os_harden_mount(SANDBOX "/m", *id);
}

/* What a kernel before 5.12 says, or a filter that does not know the call. */
static int harden_without_the_new_call(uint64_t id, int code) {
    for (long n = 0;; n++) {
        fail_after_with(n, code);
        int rc = os_harden_mount(SANDBOX "/m", id);
        const char *call = fail_end();
        cr_assert_not_null(call);
        if (strcmp(call, "syscall") == 0)
            return rc;
    }
}

Test(os_failing, hardens_without_the_new_call_and_keeps_the_flags) {
    static const struct {
        unsigned long flags;
        const char *after;
    } cases[] = {
        {MS_RDONLY | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME,
         " " SANDBOX "/m ro,nosuid,nodev,noexec,noatime,nodiratime "},
        {MS_STRICTATIME, " " SANDBOX "/m rw,nosuid,nodev "},
        {MS_NODEV, " " SANDBOX "/m rw,nosuid,nodev,relatime "},
    };
    uint64_t id, device;
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/m");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(mount("ours", SANDBOX "/m", "tmpfs", cases[i].flags, NULL), 0);
        cr_assert_eq(os_mount_id_at(SANDBOX "/m", &id, &device), 0);
        cr_assert_eq(harden_without_the_new_call(id, EIO), -EIO);
        cr_assert_eq(sandbox_count_mounts(cases[i].after), 0);
        cr_assert_eq(harden_without_the_new_call(id, i == 0 ? EPERM : ENOSYS), 0);
        cr_assert_eq(sandbox_count_mounts(cases[i].after), 1, "case %zu", i);
        cr_assert_eq(umount2(SANDBOX "/m", MNT_DETACH), 0);
    }
}

Test(os_failing, a_mount_is_there_or_it_is_not) {
    struct place place = {.fd = -1};
    uint64_t id, device;
    sandbox_enter();
    sandbox_mkdir(SANDBOX "/m");
    cr_assert_eq(os_open_mountpoint(SANDBOX "/m", &place.fd, NULL), 0);
    /* The words of the kernel are read last: without them it is as good a mount. */
    for (long n = 0;; n++) {
        fail_after(n);
        int rc = mount_it(&place);
        const char *call = fail_end();
        cr_assert_eq(sandbox_count_mounts(" " SANDBOX "/m "), rc == 0);
        cr_assert(rc < 0 || call == NULL || strcmp(call, "read") == 0, "call %ld (%s)", n, call);
        if (rc == 0)
            cr_assert_eq(umount2(SANDBOX "/m", MNT_DETACH), 0);
        if (call == NULL)
            break;
    }
    cr_assert_eq(mount_it(&place), 0);
    cr_assert_eq(os_mount_id_at(SANDBOX "/m", &id, &device), 0);
    cr_assert_geq(fail_each("hardening", FAIL_SURE, harden_it, &id), 3);
    cr_assert_geq(fail_each("unmounting", FAIL_SURE, unmount_it, &id), 3);
    cr_assert_eq(sandbox_count_mounts(" " SANDBOX "/m "), 0);
    close(place.fd);
}

Test(os_failing, paths_that_are_none_are_refused) {
    char path[5000];
    uint64_t id = 1;
    int fd = -1;
    size_t len;
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    cr_assert_eq(os_unmount("relative", 1, false, false), -EINVAL);
    cr_assert_eq(os_unmount("/", 1, false, false), -EINVAL);
    cr_assert_eq(os_unmount("/mnt/..", 1, false, false), -EINVAL);
    cr_assert_eq(os_unmount("/mnt/.", 1, false, false), -EINVAL);
    cr_assert_eq(linux_walk_path(path, &fd, &len), -EINVAL);
    path[0] = '/';
    cr_assert_eq(os_unmount(path, 1, false, false), -ENAMETOOLONG);
    cr_assert_eq(linux_walk_path(path, &fd, &len), -ENAMETOOLONG);
    cr_assert_eq(linux_open_path("relative", &fd), -EINVAL);
    cr_assert_eq(os_open_mountpoint("relative", &fd, &err), -EINVAL);
    cr_assert_not_null(strstr(err.text, "absolute"));
    cr_assert_eq(os_mount_id_at("/proc/nowhere", &id, &id), -ENOENT);
    cr_assert_eq(os_self_path(path, 1), -ENAMETOOLONG);
    cr_assert_eq(os_self_path(path, 3), -ENAMETOOLONG);
}
