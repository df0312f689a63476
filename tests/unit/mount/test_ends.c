/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* How operations other than mounting end: the system's answers are made up where it must be. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "mount/lock.h"
#include "mount/table.h"
#include "os/holders.h"
#include "os/os.h"
#include "place.h"
#include "stage.h"

#define HANGING "/run/hanging" /* its pid */

static struct {
    int destroyed; /* answer to SOCK_DESTROY */
    int unmount;   /* 1: the system's own */
    bool hangs;    /* in its goodbye, after it has left */
    int search;
    struct os_holders found; /* when search is 0 */
} fake;

int __wrap_os_destroy_stalled(const char *address, uint16_t port, unsigned min_retransmits);
int __real_os_unmount(const char *path, uint64_t id, bool force, bool detach);
int __wrap_os_unmount(const char *path, uint64_t id, bool force, bool detach);
int __wrap_os_find_holders(const struct os_held *held, const char *left, uint32_t limit_ms,
                           struct os_holders *holders);

int __wrap_os_destroy_stalled(const char *address, uint16_t port, unsigned min_retransmits) {
    return strcmp(address, "192.0.2.7") == 0 && port == 445 && min_retransmits > 0 ? fake.destroyed
                                                                                   : -EINVAL;
}

static void write_pid(const char *path) {
    char text[16];
    int len = snprintf(text, sizeof text, "%d", (int)getpid());
    place_file(path, text, (size_t)len, 0600);
}

int __wrap_os_unmount(const char *path, uint64_t id, bool force, bool detach) {
    if (fake.hangs)
        write_pid(HANGING);
    int rc = fake.unmount <= 0 ? fake.unmount : __real_os_unmount(path, id, force, detach);
    while (fake.hangs)
        pause();
    return rc;
}

int __wrap_os_find_holders(const struct os_held *held, const char *left, uint32_t limit_ms,
                           struct os_holders *holders) {
    (void)held;
    (void)limit_ms;
    if (left != NULL && strcmp(left, AT) != 0)
        abort();
    *holders = fake.found;
    return fake.search;
}

static void set_up(void) {
    stage_set_up();
    memset(&fake, 0, sizeof fake);
    fake.unmount = 1;
    fake.found.complete = true;
}

TestSuite(ends, .init = set_up, .timeout = 60);

static void says(const char *words) {
    cr_assert_not_null(strstr(done.result.text, words), "%s", done.result.text);
}

Test(ends, reconnect_tells_how_many_were_destroyed) {
    static const struct {
        int answer;
        enum helper_class class;
        uint32_t destroyed;
        const char *words;
    } cases[] = {
        {1, HELPER_OK, 1, "1 stalled connection to 192.0.2.7 destroyed"},
        {2, HELPER_OK, 2, "2 stalled connections to 192.0.2.7 destroyed"},
        {0, HELPER_NOTHING, 0, "no dead connection to 192.0.2.7"},
        {-EOPNOTSUPP, HELPER_CONFIG, 0, "SOCK_DESTROY"},
        {-EPERM, HELPER_TRANSIENT, 0, "not permitted"},
    };
    strcpy(request.address, "192.0.2.7");
    request.mount.port = 445;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fake.destroyed = cases[i].answer;
        cr_assert_eq(stage_do(HELPER_RECONNECT), cases[i].class, "%s", done.result.text);
        cr_assert_eq(done.result.destroyed, cases[i].destroyed);
        cr_assert_eq(done.result.os_errno, cases[i].answer < 0 ? -cases[i].answer : 0);
        says(cases[i].words);
    }
}

Test(ends, holders_are_counted_in_words) {
    stage_mount_ours();
    request.mount_id = done.result.mount_id;
    fake.found = (struct os_holders){.holders = 1, .writers = 1, .complete = true};
    strcpy(fake.found.names, "vim[7] (writing)");
    cr_assert_eq(stage_do(HELPER_HOLDERS), HELPER_OK);
    cr_assert_str_eq(done.result.text, "1 process, 1 writing");
    cr_assert_str_eq(done.result.detail, "vim[7] (writing)");
    fake.found.holders = 2;
    fake.found.complete = false;
    cr_assert_eq(stage_do(HELPER_HOLDERS), HELPER_OK);
    cr_assert_str_eq(done.result.text, "2 processes, 1 writing (not all were looked at)");
    fake.search = -ENOMEM;
    cr_assert_eq(stage_do(HELPER_HOLDERS), HELPER_TRANSIENT);
    cr_assert_eq(done.result.os_errno, ENOMEM);
    says("cannot be listed");
}

/* Busy without a holder that we can see is busy all the same. */
Test(ends, what_the_kernel_calls_busy_is_busy) {
    stage_mount_ours();
    fake.unmount = -EBUSY;
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_BUSY);
    cr_assert_str_eq(done.result.text, AT " is in use");
    fake.found.holders = 1;
    strcpy(fake.found.names, "vim[7]");
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_BUSY);
    cr_assert_str_eq(done.result.text, AT " is in use by vim[7]");
    cr_assert_eq(stage_depth(), 1);
}

Test(ends, what_the_table_still_shows_is_not_unmounted) {
    stage_mount_ours();
    fake.unmount = -EIO;
    cr_assert_eq(stage_do(HELPER_FORCE), HELPER_TRANSIENT);
    cr_assert_eq(done.result.os_errno, EIO);
    says(AT " cannot be unmounted: ");
    cr_assert_not(done.told, "nobody lost anything");
    fake.unmount = 0; /* the call claims success */
    cr_assert_eq(stage_do(HELPER_DETACH), HELPER_TRANSIENT);
    cr_assert_eq(done.result.os_errno, EIO);
    cr_assert_eq(stage_depth(), 1);
}

/* Dead, or a zombie that waits for whoever adopted it. */
static bool is_dead(int pid) {
    char path[64], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    int n = f != NULL ? fscanf(f, "%*d %*s %c", &state) : 0;
    if (f != NULL)
        fclose(f);
    return n != 1 || state == 'Z' || state == 'X';
}

Test(ends, a_goodbye_that_hangs_delays_no_result_and_ends_with_the_helper) {
    int pid = 0;
    stage_mount_ours();
    fake.hangs = true;
    request.linger_ms = 300;
    cr_assert_eq(stage_do(HELPER_DETACH), HELPER_OK, "%s", done.result.text);
    cr_assert_eq(stage_depth(), 0);
    FILE *f = fopen(HANGING, "r");
    cr_assert_eq(fscanf(f, "%d", &pid), 1);
    fclose(f);
    for (int i = 0; i < 5000 && !is_dead(pid); i++)
        usleep(1000);
    cr_assert(is_dead(pid));
}

Test(ends, victims_of_a_forced_one_are_told_with_the_place) {
    stage_mount_ours();
    fake.found = (struct os_holders){.holders = 3, .writers = 2, .names = "smbd[1]"};
    cr_assert_eq(stage_do(HELPER_FORCE), HELPER_OK);
    cr_assert(done.told);
    cr_assert_eq(done.victims.holders, 3);
    cr_assert_eq(done.victims.writers, 2);
    cr_assert_not(done.victims.complete);
    cr_assert_str_eq(done.victims.names, "smbd[1]");
}

static void use_unmount_command(const char *body) {
    static char down[] = "/run/down";
    static char *command[] = {down};
    request.mount.unmount_command = (struct config_words){command, 1};
    place_script(down, body);
}

Test(ends, a_command_may_end_before_the_table_shows_it) {
    use_unmount_command("(sleep 0.3; umount \"$SMBMOUNTER_MOUNTPOINT\") >/dev/null 2>&1 &");
    stage_mount_ours();
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK, "%s", done.result.text);
    cr_assert_eq(stage_depth(), 0);
}

Test(ends, a_command_that_did_nothing_is_told) {
    use_unmount_command("exit 0");
    stage_mount_ours();
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_TRANSIENT);
    cr_assert_str_eq(done.result.text, AT " is still mounted; /run/down: exit status 0");
    fake.found.holders = 1;
    strcpy(fake.found.names, "vim[7]");
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_BUSY, "whoever uses it is the cause");
    cr_assert_eq(stage_depth(), 1);
}

Test(ends, an_unmount_command_that_others_could_change_is_not_run) {
    use_unmount_command("touch /run/went");
    stage_mount_ours();
    cr_assert_eq(chmod("/run/down", 0777), 0);
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_CONFIG, "%s", done.result.text);
    cr_assert_eq(unlink("/run/down"), 0);
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_CONFIG, "%s", done.result.text);
    cr_assert_neq(access("/run/went", F_OK), 0);
    cr_assert_eq(stage_depth(), 1);
}

Test(ends, a_mount_on_another_device_is_foreign) {
    stage_mount_ours();
    request.mount_id = done.result.mount_id;
    request.device = done.result.device + 1;
    cr_assert_eq(stage_do(HELPER_DETACH), HELPER_FOREIGN);
    says("It is not touched");
    cr_assert_eq(stage_depth(), 1);
}

static uint64_t place_mount(const char *at, const char *source, uint64_t *device) {
    struct mount_table t;
    mkdir(at, 0755);
    cr_assert_eq(mount(source, at, "tmpfs", 0, NULL), 0);
    cr_assert_eq(mount_table_read(&t, NULL), 0);
    uint64_t id = mount_table_top(&t, at)->id;
    *device = mount_table_top(&t, at)->device;
    mount_table_finish(&t);
    return id;
}

static bool is_mounted(const char *at) {
    struct mount_table t;
    cr_assert_eq(mount_table_read(&t, NULL), 0);
    bool mounted = mount_table_top(&t, at) != NULL;
    mount_table_finish(&t);
    return mounted;
}

static void sweep(const struct helper_sweep *items, size_t len, const char *rest, size_t rest_len) {
    unsigned char frame[4096];
    int ends[2], status;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        _exit(dup2(ends[1], HELPER_FD) < 0 ? 99 : helper_main());
    }
    close(ends[1]);
    for (size_t i = 0; i < len; i++) {
        size_t size = helper_encode_sweep(&items[i], frame, sizeof frame);
        cr_assert_gt(size, 0);
        cr_assert_eq(wire_write(ends[0], frame, size), 0);
    }
    if (rest_len > 0)
        cr_assert_eq(wire_write(ends[0], rest, rest_len), 0);
    cr_assert_eq(shutdown(ends[0], SHUT_WR), 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
    cr_assert_leq(read(ends[0], frame, sizeof frame), 0, "it says nothing");
    close(ends[0]);
}

/* One that is as the daemon saw it, and one for each way of not being so. */
Test(ends, a_sweep_takes_what_is_as_it_was_seen) {
    static const char lock[] = "/run/lock";
    static const struct {
        const char *at, *name;
        int id, device;
        bool goes;
    } cases[] = {
        {"/run/m/a", "a", 0, 0, true},
        {"/run/m/b", "b", 1, 0, false},
        {"/run/m/c", "c", 0, 1, false},
        {"/run/m/d", "d", -1, 0, false}, /* the daemon knew no id */
        {"/run/m/e", "e", 0, 0, false},  /* another helper is at work there */
        {"/run/m/f", "../f", 0, 0, false},
        {"/run/m/g", "g", 0, 0, true},
    };
    struct helper_sweep items[sizeof cases / sizeof cases[0] + 1];
    size_t len = 0;
    struct err err;
    for (; len < sizeof cases / sizeof cases[0]; len++) {
        struct helper_sweep *s = &items[len];
        *s = (struct helper_sweep){
            .directory = lock, .name = cases[len].name, .mountpoint = cases[len].at};
        s->mount_id = place_mount(cases[len].at, "nas", &s->device);
        s->mount_id = cases[len].id < 0 ? 0 : s->mount_id + (cases[len].id > 0 ? 100000 : 0);
        s->device += cases[len].device > 0;
    }
    items[len++] = (struct helper_sweep){
        .directory = lock, .name = "z", .mountpoint = "/run/m/nothing", .mount_id = 1};
    int held = lock_take(lock, "e", &err);
    cr_assert_geq(held, 0);
    sweep(items, len, NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(is_mounted(cases[i].at), !cases[i].goes, "%s", cases[i].at);
    close(held);
}

Test(ends, a_sweep_ends_at_the_first_frame_that_is_none) {
    static const char broken[] = "\x04\0\0\0\x05\0\0\0\xff\xff\xff\xff";
    static const char other[] = "\0\0\0\0\x01\0\0\0";
    struct helper_sweep items[2];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2; i++) {
            items[i] = (struct helper_sweep){.directory = "/run/lock", .name = i == 0 ? "a" : "b"};
            items[i].mountpoint = i == 0 ? "/run/m/a" : "/run/m/b";
            items[i].mount_id = place_mount(items[i].mountpoint, "nas", &items[i].device);
        }
        char rest[4096];
        size_t at = round == 0 ? sizeof broken - 1 : sizeof other - 1;
        memcpy(rest, round == 0 ? broken : other, at);
        at += helper_encode_sweep(&items[1], rest + at, sizeof rest - at);
        sweep(items, 1, rest, at);
        cr_assert_not(is_mounted("/run/m/a"));
        cr_assert(is_mounted("/run/m/b"));
        cr_assert_eq(umount2("/run/m/b", 0), 0);
    }
}
