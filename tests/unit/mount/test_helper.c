/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The whole helper with the command mounter on tmpfs, in a mount namespace of its own. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "mount/helper_parts.h"
#include "mount/lock.h"
#include "mount/table.h"
#include "place.h"
#include "stage.h"

TestSuite(helper, .init = stage_set_up, .timeout = 60);

Test(helper, mounts_adopts_and_unmounts) {
    stage_mount_ours();
    cr_assert(done.ready);
    uint64_t id = done.result.mount_id, device = done.result.device;
    cr_assert_neq(id, 0);
    cr_assert_not_null(strstr(done.result.text, "created"), "%s", done.result.text);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK);
    cr_assert_not(done.ready, "an adopted mount needs no slot");
    cr_assert_eq(done.result.mount_id, id);
    cr_assert_eq(stage_depth(), 1);
    request.mount_id = id;
    request.device = device;
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK, "%s", done.result.text);
    cr_assert_eq(stage_depth(), 0);
    cr_assert_not(done.told, "the kernel lets nobody be surprised by a plain one");
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_NOTHING);
}

Test(helper, sets_nosuid_and_nodev) {
    struct mount_table t;
    stage_mount_ours();
    cr_assert_eq(mount_table_read(&t, NULL), 0);
    const char *options = mount_table_top(&t, AT)->options;
    cr_assert_not_null(strstr(options, "nosuid"), "%s; %s", options, done.result.text);
    cr_assert_not_null(strstr(options, "nodev"));
    mount_table_finish(&t);
}

Test(helper, leaves_a_foreign_mount_alone) {
    mkdir(AT, 0755);
    cr_assert_eq(mount("stranger", AT, "tmpfs", 0, NULL), 0);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_FOREIGN);
    cr_assert_not_null(strstr(done.result.text, "tmpfs stranger"), "%s", done.result.text);
    static const enum helper_op ops[] = {HELPER_UNMOUNT, HELPER_FORCE, HELPER_DETACH};
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(stage_do(ops[i]), HELPER_FOREIGN);
    cr_assert_eq(stage_depth(), 1);
}

Test(helper, leaves_a_mount_of_another_id_alone) {
    stage_mount_ours();
    request.mount_id = done.result.mount_id + 1;
    cr_assert_eq(stage_do(HELPER_DETACH), HELPER_FOREIGN);
    request.mount_id = done.result.mount_id;
    cr_assert_eq(mount("stranger", AT, "tmpfs", 0, NULL), 0);
    cr_assert_eq(stage_do(HELPER_DETACH), HELPER_FOREIGN, "foreign over ours");
    cr_assert_eq(stage_depth(), 2);
}

static pid_t start_sitter(void) {
    int ends[2];
    char word;
    cr_assert_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        /* A failed assertion must not leave it behind. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || chdir(AT) != 0 ||
            open("file", O_CREAT | O_WRONLY, 0600) < 0 || write(ends[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    cr_assert_eq(read(ends[0], &word, 1), 1);
    return pid;
}

Test(helper, busy_is_named_and_detach_takes_it) {
    stage_mount_ours();
    request.mount_id = done.result.mount_id;
    request.device = done.result.device;
    pid_t sitter = start_sitter();
    char name[64];
    snprintf(name, sizeof name, "[%d]", (int)sitter);
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_BUSY, "%s", done.result.text);
    cr_assert_not_null(strstr(done.result.detail, name), "%s", done.result.detail);
    cr_assert_eq(done.result.writers, 1);
    cr_assert_eq(stage_do(HELPER_HOLDERS), HELPER_OK);
    cr_assert_eq(done.result.holders, 1);
    cr_assert_eq(stage_depth(), 1);
    cr_assert_eq(stage_do(HELPER_DETACH), HELPER_OK);
    cr_assert_eq(stage_depth(), 0);
    snprintf(name, sizeof name, "[%d] (writing " AT "/file)", (int)sitter);
    cr_assert(done.told && done.victims.holders == 1 && done.victims.writers == 1);
    cr_assert_not_null(strstr(done.victims.names, name), "%s", done.victims.names);
    kill(sitter, SIGKILL);
    waitpid(sitter, NULL, 0);
}

Test(helper, detach_takes_a_stack_of_ours) {
    stage_mount_ours();
    cr_assert_eq(mount("nas", AT, "tmpfs", 0, NULL), 0);
    cr_assert_eq(mount("nas", AT, "tmpfs", 0, NULL), 0);
    cr_assert_eq(stage_do(HELPER_FORCE), HELPER_OK, "%s", done.result.text);
    cr_assert(done.told && done.victims.holders == 0);
    cr_assert_eq(stage_depth(), 0);
}

Test(helper, faults_that_pass_are_tried_again) {
    static const int pass[] = {ENOMEM, EMFILE, ENFILE, EIO, ENOSPC, ETIMEDOUT, EAGAIN, EINTR};
    static const int stay[] = {EINVAL, ENOTEMPTY, ENOTDIR, ELOOP, EPERM, EACCES, ENOTSUP};
    for (size_t i = 0; i < sizeof pass / sizeof pass[0]; i++)
        cr_assert_eq(helper_class_of(pass[i], HELPER_ABSENT), HELPER_TRANSIENT);
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++)
        cr_assert_eq(helper_class_of(stay[i], HELPER_ABSENT), HELPER_CONFIG);
    cr_assert_eq(helper_class_of(ENOENT, HELPER_ABSENT), HELPER_ABSENT);
    cr_assert_eq(helper_class_of(ENOENT, HELPER_CONFIG), HELPER_CONFIG);
}

static int pid_in(const char *path) {
    int pid = 0;
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    cr_assert_eq(fscanf(f, "%d", &pid), 1);
    fclose(f);
    return pid;
}

/* Dead, or a zombie that waits for whoever adopted it. */
static bool is_dead(int pid) {
    char path[64], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return true;
    int n = fscanf(f, "%*d %*s %c", &state);
    fclose(f);
    return n != 1 || state == 'Z' || state == 'X';
}

static bool dies(int pid) {
    for (uint64_t until = clock_boot_ms() + 5000; clock_boot_ms() < until; usleep(5000))
        if (is_dead(pid))
            return true;
    return false;
}

Test(helper, a_late_unmount_does_not_come_true_afterwards) {
    static char down[] = "/run/down";
    static char *command[] = {down};
    request.mount.unmount_command = (struct config_words){command, 1};
    place_script(down, "(echo $$ > /run/pid; sleep 3; umount \"$SMBMOUNTER_MOUNTPOINT\"; "
                       "echo x > /run/late) & wait");
    stage_mount_ours();
    request.mount.command_timeout_ms = 2000;
    request.linger_ms = 0;
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_TRANSIENT, "%s", done.result.text);
    cr_assert(dies(pid_in("/run/pid")));
    sleep(3); /* past the time at which a survivor would have done it */
    cr_assert_eq(stage_depth(), 1);
    cr_assert_neq(access("/run/late", F_OK), 0);
}

Test(helper, a_failing_command_is_quoted) {
    place_script("/run/up", "printf 'no\\033 route\\n' >&2; exit 7");
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_TRANSIENT);
    cr_assert_not_null(strstr(done.result.text, "exit status 7: no\\x1b route"), "%s",
                       done.result.text);
    chmod("/run/up", 0777);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    place_file("/run/up", "#!/no/such/shell\n", 17, 0755);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG, "%s", done.result.text);
}

Test(helper, what_mounts_something_else_is_told_so) {
    static char other[] = "proc";
    request.mount.fstype = other;
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_CONFIG);
    cr_assert_not_null(strstr(done.result.text, "'proc'"), "%s", done.result.text);
}

Test(helper, a_late_command_is_killed) {
    place_script("/run/up", "echo $$ > /run/pid; sleep 100");
    request.mount.command_timeout_ms = 2000;
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_TRANSIENT);
    cr_assert_eq(done.result.os_errno, ETIMEDOUT);
    cr_assert_lt(done.result_ms, 10000);
    cr_assert(is_dead(pid_in("/run/pid")));
}

Test(helper, a_command_in_the_foreground_lives_on) {
    place_script("/run/up", "echo $$ > /run/pid; mount -t tmpfs nas \"$SMBMOUNTER_MOUNTPOINT\"\n"
                            "while :; do echo noise >&2; sleep 0.05; done");
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_OK, "%s", done.result.text);
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK, "the lock is free");
    int pid = pid_in("/run/pid");
    cr_assert_not(is_dead(pid));
    kill(pid, SIGKILL);
}

static void wait_for(const char *path) {
    struct stat st;
    for (uint64_t until = clock_boot_ms() + 10000; clock_boot_ms() < until; usleep(2000))
        if (stat(path, &st) == 0 && st.st_size > 0)
            return;
    cr_assert(false, "%s did not appear", path);
}

Test(helper, a_killed_helper_takes_its_command_along_before_it_frees_the_lock) {
    unsigned char frame[512];
    struct wire_in payload;
    const struct login_leave leave = {.refused = false};
    uint32_t type;
    int fd;
    struct err err;
    place_script("/run/up", "echo $$ > /run/pid; sleep 100");
    pid_t helper = play_start(&request, &fd);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    cr_assert_eq(type, HELPER_READY);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_LOCKED);
    cr_assert_not_null(strstr(done.result.text, "pid"), "%s", done.result.text);
    cr_assert_eq(play_leave(fd, &leave), 0);
    wait_for("/run/pid");
    kill(helper, SIGKILL);
    waitpid(helper, NULL, 0);
    int lock = -1;
    for (uint64_t until = clock_boot_ms() + 10000; lock < 0 && clock_boot_ms() < until;
         usleep(1000))
        lock = lock_take("/run/lock", "media", &err);
    cr_assert(lock >= 0, "%s", err.text);
    cr_assert(is_dead(pid_in("/run/pid")), "the lock was free while the command could still mount");
    close(lock);
    close(fd);
}

/* Its guard is killed, or what it started went into the background: it may not mount afterwards. */
Test(helper, a_command_without_its_guard_is_ended) {
    place_script("/run/up", "echo $$ > /run/pid; kill -KILL $PPID; sleep 100");
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_TRANSIENT, "%s", done.result.text);
    cr_assert(is_dead(pid_in("/run/pid")));
    place_script("/run/up", "setsid sh -c 'echo $$ > /run/pid; sleep 100' &\nsleep 100");
    cr_assert_eq(unlink("/run/pid"), 0);
    request.mount.command_timeout_ms = 2000;
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_TRANSIENT);
    cr_assert(is_dead(pid_in("/run/pid")));
}

/* What comes to the mountpoint while the helper waits for its leave. */
static void come_between(const char *source) {
    unsigned char frame[4096];
    struct wire_in payload;
    const struct login_leave leave = {.refused = false};
    uint32_t type;
    int fd;
    pid_t helper = play_start(&request, &fd);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    cr_assert_eq(type, HELPER_READY);
    cr_assert_eq(mount(source, AT, "tmpfs", 0, NULL), 0);
    cr_assert_eq(play_leave(fd, &leave), 0);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    cr_assert_eq(type, HELPER_RESULT);
    cr_assert_eq(helper_decode_result(&payload, &done.result), 0);
    waitpid(helper, NULL, 0);
    close(fd);
    cr_assert_eq(stage_depth(), 1);
    cr_assert_eq(umount2(AT, 0), 0);
}

Test(helper, what_comes_before_the_leave_is_not_mounted_over) {
    static char server[] = "127.0.0.1", share[] = "x", cifs[] = "cifs", nas[] = "//127.0.0.1/x";
    come_between("nas");
    cr_assert_eq(done.result.class, HELPER_OK, "%s", done.result.text);
    cr_assert_neq(done.result.mount_id, 0);
    come_between("stranger");
    cr_assert_eq(done.result.class, HELPER_FOREIGN, "%s", done.result.text);
    request.mount.mounter = CONFIG_CIFS;
    request.mount.credential = CONFIG_CREDENTIAL_GUEST;
    request.mount.server = server;
    request.mount.share = share;
    request.mount.fstype = cifs;
    request.mount.source = nas;
    come_between("stranger");
    cr_assert_eq(done.result.class, HELPER_FOREIGN, "%s", done.result.text);
}

Test(helper, a_login_refused_before_is_not_tried) {
    static char file[] = "/run/credential", none[] = "192.0.2.1", share[] = "x", cifs[] = "cifs";
    place_file(file, "username=floof\npassword=secret\n", 31, 0600);
    request.mount.mounter = CONFIG_CIFS;
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    request.mount.credential_path = file;
    request.mount.server = none;
    request.mount.share = share;
    request.mount.fstype = cifs;
    memset(request.login_key, 7, sizeof request.login_key);
    done.leave = (struct login_leave){
        .refused = true, .os_errno = EACCES, .status = "STATUS_LOGON_FAILURE", .mount = "films"};
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_AUTH, "%s", done.result.text);
    cr_assert_eq(done.result.refusal, LOGIN_REFUSED_BEFORE);
    cr_assert_not_null(strstr(done.result.text, "'floof'"), "%s", done.result.text);
    cr_assert_not_null(strstr(done.result.text, "said to mount 'films'"), "%s", done.result.text);
    cr_assert_lt(done.result_ms - done.ready_ms, 2000, "no packet, no wait");
    cr_assert_neq(done.login, 0);
    cr_assert_eq(done.login, done.result.login);
    uint32_t before = done.login;
    place_file(file, "username=floof\npassword=Secret\n", 31, 0600);
    cr_assert_eq(stage_do(HELPER_MOUNT), HELPER_AUTH);
    cr_assert_neq(done.login, before, "another password is another login");
}

Test(helper, no_leave_no_mount) {
    unsigned char frame[512];
    struct wire_in payload;
    uint32_t type;
    int fd, status;
    pid_t helper = play_start(&request, &fd);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    close(fd);
    waitpid(helper, &status, 0);
    cr_assert_eq(stage_depth(), 0);
    request.timeout_ms = 2000;
    helper = play_start(&request, &fd);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    cr_assert_eq(type, HELPER_READY);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    cr_assert_eq(helper_decode_result(&payload, &done.result), 0);
    cr_assert_eq(done.result.class, HELPER_TRANSIENT);
    cr_assert_eq(done.result.os_errno, ETIMEDOUT);
    waitpid(helper, &status, 0);
    cr_assert_eq(stage_depth(), 0);
    close(fd);
}

Test(helper, unmount_by_command) {
    static char down[] = "/run/down";
    static char *command[] = {down};
    request.mount.unmount_command = (struct config_words){command, 1};
    place_script(down, "exec umount \"$SMBMOUNTER_MOUNTPOINT\"");
    stage_mount_ours();
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_OK, "%s", done.result.text);
    cr_assert_eq(stage_depth(), 0);
    stage_mount_ours();
    place_script(down, "echo will not >&2; exit 1");
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_TRANSIENT);
    cr_assert_not_null(strstr(done.result.text, "exit status 1: will not"), "%s", done.result.text);
    place_script(down, "echo $$ > /run/pid; sleep 100");
    request.mount.command_timeout_ms = 2000;
    request.linger_ms = 0;
    cr_assert_eq(stage_do(HELPER_UNMOUNT), HELPER_TRANSIENT);
    cr_assert(dies(pid_in("/run/pid")));
    cr_assert_eq(stage_do(HELPER_DETACH), HELPER_OK, "needs no command");
}

Test(helper, the_lock_is_held_once_and_names_its_holder) {
    struct err err = {0};
    int first = lock_take("/run/lock", "media", &err);
    cr_assert(first >= 0);
    cr_assert_eq(lock_take("/run/lock", "media", &err), -EWOULDBLOCK);
    char pid[32];
    snprintf(pid, sizeof pid, "pid %d,", (int)getpid());
    cr_assert_not_null(strstr(err.text, pid), "%s", err.text);
    close(first);
    cr_assert_eq(lock_take("/run/lock", "../x", &err), -EINVAL);
    cr_assert_eq(lock_take("/run/lock", ".x", &err), -EINVAL);
    cr_assert_eq(lock_take("/run/lock", "", &err), -EINVAL);
    cr_assert_eq(symlink("/run/victim", "/run/lock/link.lock"), 0);
    cr_assert_eq(lock_take("/run/lock", "link", &err), -ELOOP);
}

Test(helper, nonsense_on_the_socket_ends_it) {
    int ends[2], status;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        if (dup2(ends[1], HELPER_FD) < 0)
            _exit(99);
        _exit(helper_main());
    }
    cr_assert_eq(write(ends[0], "\x04\0\0\0\x01\0\0\0abcd", 12), 12);
    waitpid(pid, &status, 0);
    cr_assert_eq(status, EXIT_FAILURE << 8);
    close(ends[0]);
    close(ends[1]);
}
