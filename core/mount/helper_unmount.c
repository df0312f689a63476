/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "mount/departure.h"
#include "mount/mountpoint.h"
#include "mount/process.h"
#include "os/os.h"

#define STACK_MAX 16
#define STOP_MS 100
#define SETTLE_MS 1000 /* between a command's good end and the table showing it */
#define NOTE_MS 20     /* somebody waits for the mount to be taken away */

/* The processes that may still hang in their call after the mount has left. */
struct workers {
    pid_t pids[STACK_MAX];
    size_t len;
};

struct unmount {
    struct helper *helper;
    struct watch watch;
    struct workers hanging;
    struct os_held held; /* before it left, by those who may be taken by surprise */
    int capture;         /* stderr of unmount_command, -1 */
};

/* The call itself, in a process of its own that holds neither the lock nor the daemon's socket. */
static pid_t start_worker(const struct helper *helper, uint64_t id) {
    pid_t pid = fork();
    if (pid != 0)
        return pid < 0 ? -errno : pid;
    if (helper->lock >= 0 && !os_unmount_is_exclusive())
        close(helper->lock);
    close(helper->fd);
    int rc = os_unmount(helper->mountpoint, id, helper->request.op == HELPER_FORCE,
                        helper->request.op != HELPER_UNMOUNT);
    _exit(rc == 0 ? 0 : -rc);
}

/* Not where it could be led to another mount: there we do it ourselves, by descriptor. */
static bool uses_command(const struct helper *helper) {
    struct err ignored;
    return helper->request.op == HELPER_UNMOUNT && helper->request.mount.unmount_command.len > 0 &&
           helper->request.mount.mounter == CONFIG_COMMAND &&
           mountpoint_check_path(helper->mountpoint, &ignored) == 0;
}

static pid_t start_command(struct unmount *unmount, struct err *err) {
    struct helper *helper = unmount->helper;
    const struct config_words *argv = &helper->request.mount.unmount_command;
    char program[PATH_MAX];
    int rc = process_check(argv, 0, program, err);
    if (rc != 0)
        return rc;
    unmount->capture = process_capture_open();
    char **env = helper_env(helper);
    if (env == NULL)
        return err_set(err, ENOMEM, "%s: out of memory", argv->items[0]);
    struct process_spec spec = {
        .program = program, .argv = argv, .env = env, .out = -1, .err = unmount->capture};
    pid_t pid = process_start(&spec, err);
    helper_env_free(env);
    return pid;
}

static void report_command(struct unmount *unmount, const struct helper_look *look, int status) {
    struct helper *helper = unmount->helper;
    char how[64], said[256];
    process_describe(status, how, sizeof how);
    process_capture_text(unmount->capture, said, sizeof said);
    if (helper_report_busy(helper, look, true))
        return;
    helper_finish(helper, HELPER_TRANSIENT, ECHILD, "%s is still mounted; %s: %s%s%s",
                  helper->mountpoint, helper->request.mount.unmount_command.items[0], how,
                  said[0] != '\0' ? ": " : "", said);
}

static void report_call(struct helper *helper, const struct helper_look *look, int os_errno) {
    if (os_errno == EBUSY) {
        (void)helper_report_busy(helper, look, false);
        return;
    }
    helper_finish(helper, HELPER_TRANSIENT, os_errno, "%s cannot be unmounted: %s",
                  helper->mountpoint, strerror(os_errno));
}

static void report_ended(struct unmount *unmount, const struct helper_look *look, int status) {
    if (unmount->capture >= 0)
        report_command(unmount, look, status);
    else
        report_call(unmount->helper, look,
                    WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EIO);
}

/* A command may end well before the table shows it. */
static enum departure settle(struct unmount *unmount, uint64_t id, pid_t pid, int *status) {
    uint64_t now = clock_boot_ms(), until = unmount->helper->until_ms;
    uint32_t limit = unmount->helper->request.mount.command_timeout_ms;
    if (unmount->capture >= 0 && limit > 0 && now + limit < until)
        until = now + limit;
    enum departure end = departure_wait(&unmount->watch, id, pid, until, status);
    uint64_t settled = clock_boot_ms() + SETTLE_MS;
    while (end == DEPARTURE_ENDED && unmount->capture >= 0 && *status == 0 &&
           clock_boot_ms() < settled) {
        int ignored;
        watch_wait(&unmount->watch, -1, settled);
        if (departure_wait(&unmount->watch, id, pid, 0, &ignored) == DEPARTURE_GONE)
            end = DEPARTURE_GONE;
    }
    return end;
}

/* What is reported as failed must not come true afterwards: it is killed, and the table has the
 * last word. The time for that is the little that helper_main holds back, so no more is waited. */
static enum departure stop(struct unmount *unmount, uint64_t id, pid_t pid) {
    int ignored;
    process_signal_group(pid);
    (void)process_wait(pid, clock_boot_ms() + STOP_MS, &ignored);
    return departure_wait(&unmount->watch, id, pid, 0, &ignored) == DEPARTURE_GONE ? DEPARTURE_GONE
                                                                                   : DEPARTURE_LATE;
}

/* Take away one mount. True when it has left the table; else the result is set. */
static bool take_away(struct unmount *unmount, const struct helper_look *look) {
    struct helper *helper = unmount->helper;
    struct err err = {0};
    int status = 0;
    bool command = uses_command(helper);
    pid_t pid = command ? start_command(unmount, &err) : start_worker(helper, look->id);
    if (pid < 0) {
        if (err.code == 0)
            (void)err_sys(&err, (int)-pid, "%s: fork", helper->mountpoint);
        helper_finish_err(helper, helper_class_of(err.code, HELPER_CONFIG), &err);
        return false;
    }
    enum departure end = settle(unmount, look->id, pid, &status);
    if (end == DEPARTURE_LATE)
        end = stop(unmount, look->id, pid);
    if (end != DEPARTURE_ENDED)
        unmount->hanging.pids[unmount->hanging.len++] = pid;
    if (end == DEPARTURE_ENDED)
        report_ended(unmount, look, status);
    else if (end == DEPARTURE_LATE)
        helper_finish(helper, HELPER_TRANSIENT, ETIMEDOUT,
                      "%s: the unmount still hangs after %u ms", helper->mountpoint,
                      helper->request.timeout_ms);
    return end == DEPARTURE_GONE;
}

/* Ours by every sign, or the result says why not. */
static bool verify(struct helper *helper, const struct helper_look *look) {
    const struct helper_request *request = &helper->request;
    if (look->presence == MOUNT_ABSENT) {
        helper_finish(helper, HELPER_NOTHING, 0, "nothing is mounted on %s", helper->mountpoint);
        return false;
    }
    bool ours = look->presence == MOUNT_OURS &&
                (request->mount_id == 0 || request->mount_id == look->id) &&
                (request->device == 0 || request->device == look->device);
    if (!ours)
        helper_finish(helper, HELPER_FOREIGN, EPERM,
                      "what is on top of %s is not the mount that '%s' made: %s. It is not touched",
                      helper->mountpoint, request->mount.name, look->seen);
    return ours;
}

/* Detaching goes down through a stack of our own mounts; a plain unmount takes the top one. */
static void take_all(struct unmount *unmount, struct helper_look *look) {
    struct helper *helper = unmount->helper;
    size_t taken = 0;
    /* macOS would ask the share itself, and a dead one for a minute: there nobody is told. */
    if (helper->request.op != HELPER_UNMOUNT && !os_unmount_is_exclusive())
        os_note_held(look->id, look->device, NOTE_MS, &unmount->held);
    while (taken < STACK_MAX) {
        if (!take_away(unmount, look))
            return;
        taken++;
        if (helper->request.op == HELPER_UNMOUNT || helper_look_at(helper, look) != 0 ||
            look->presence != MOUNT_OURS)
            break;
    }
    helper_finish(helper, HELPER_OK, 0, "%s unmounted%s", helper->mountpoint,
                  taken > 1 ? ", with others of ours below it" : "");
}

/* Its mount is gone, so a killed worker harms nothing; one in D state is left to the kernel. */
static void linger(const struct unmount *unmount, uint64_t until) {
    for (size_t i = 0; i < unmount->hanging.len; i++) {
        int status;
        if (process_wait(unmount->hanging.pids[i], until, &status) == -ETIMEDOUT)
            process_signal_group(unmount->hanging.pids[i]);
    }
}

void helper_unmount(struct helper *helper) {
    struct err err = {0};
    struct helper_look look;
    struct unmount unmount = {.helper = helper, .watch = {.fd = -1}, .capture = -1};
    if (helper_look_at(helper, &look) == 0 && verify(helper, &look)) {
        if (watch_open(&unmount.watch, &err) == 0)
            take_all(&unmount, &look);
        else
            helper_finish_err(helper, HELPER_TRANSIENT, &err);
    }
    helper_release_lock(helper); /* first: the daemon may start a mount at once */
    helper_send_result(helper);
    uint64_t until = clock_boot_ms() + helper->request.linger_ms;
    if (helper->result.class == HELPER_OK && unmount.held.len > 0)
        helper_send_victims(helper, &unmount.held);
    linger(&unmount, until);
    if (unmount.watch.fd >= 0)
        close(unmount.watch.fd);
    if (unmount.capture >= 0)
        close(unmount.capture);
}
