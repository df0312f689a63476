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
#include "mount/guard.h"
#include "mount/harden.h"
#include "mount/mountpoint.h"

enum progress { PROGRESS_OURS, PROGRESS_FOREIGN, PROGRESS_ENDED, PROGRESS_LATE, PROGRESS_BLIND };

char **helper_env(const struct helper *helper) {
    char **env = calloc(5, sizeof *env);
    if (env == NULL)
        return NULL;
    int ok = asprintf(&env[0],
                      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin") >= 0 &&
             asprintf(&env[1], "LANG=C") >= 0 &&
             asprintf(&env[2], "SMBMOUNTER_NAME=%s", helper->request.mount.name) >= 0 &&
             asprintf(&env[3], "SMBMOUNTER_MOUNTPOINT=%s", helper->mountpoint) >= 0;
    if (ok)
        return env;
    /* What a failed asprintf leaves behind is not defined. */
    free(env);
    return NULL;
}

void helper_env_free(char **env) {
    for (char **p = env; *p != NULL; p++)
        free(*p);
    free(env);
}

/* The table is asked again after the command's end was seen: it may have mounted just before. */
static enum progress wait_for_mount(struct helper *helper, const struct watch *watch,
                                    const struct guard *guard, uint64_t until_ms,
                                    struct helper_look *look, int *status) {
    bool ended = false;
    for (;;) {
        bool late = clock_boot_ms() >= until_ms;
        if (!ended)
            ended = guard_ended(guard, status);
        if (helper_look_at(helper, look) != 0)
            return PROGRESS_BLIND;
        if (look->presence == MOUNT_OURS)
            return PROGRESS_OURS;
        if (look->presence == MOUNT_FOREIGN)
            return PROGRESS_FOREIGN;
        if (ended && *status != 0)
            return PROGRESS_ENDED;
        if (late)
            return PROGRESS_LATE;
        watch_wait(watch, ended ? -1 : guard->socket, until_ms);
    }
}

static void report_ended(struct helper *helper, int status, const char *said) {
    char how[64];
    process_describe(status, how, sizeof how);
    bool broken = WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127);
    helper_finish(helper, broken ? HELPER_CONFIG : HELPER_TRANSIENT, ECHILD, "%s: %s%s%s",
                  helper->request.mount.mount_command.items[0], how, said[0] != '\0' ? ": " : "",
                  said);
}

static void report_ours(struct helper *helper, const struct helper_look *look) {
    char note[HARDEN_NOTE_MAX] = "";
    harden_mount(helper, look, note);
    helper->result.mount_id = look->id;
    helper->result.device = look->device;
    helper_finish(helper, HELPER_OK, 0, "%s mounted%s", helper->mountpoint, note);
}

static void report(struct helper *helper, enum progress progress, const struct helper_look *look,
                   int status, int capture) {
    const struct config_mount *mount = &helper->request.mount;
    char said[ERR_TEXT_MAX / 2];
    process_capture_text(capture, said, sizeof said);
    switch (progress) {
    case PROGRESS_OURS:
        report_ours(helper, look);
        break;
    case PROGRESS_FOREIGN:
        helper_finish(helper, HELPER_CONFIG, EINVAL,
                      "%s mounted '%s' on %s, but fstype '%s'%s%s is expected",
                      mount->mount_command.items[0], look->seen, helper->mountpoint, mount->fstype,
                      mount->source[0] != '\0' ? " and source " : "", mount->source);
        break;
    case PROGRESS_ENDED:
        report_ended(helper, status, said);
        break;
    case PROGRESS_LATE:
        helper_finish(helper, HELPER_TRANSIENT, ETIMEDOUT,
                      "%s: nothing was mounted on %s in time%s%s", mount->mount_command.items[0],
                      helper->mountpoint, said[0] != '\0' ? ": " : "", said);
        break;
    case PROGRESS_BLIND: /* the result says why */
        break;
    }
}

static void run(struct helper *helper, const struct process_spec *spec, const struct watch *watch) {
    struct err err = {0};
    struct guard guard;
    struct helper_look look;
    int status = 0;
    uint64_t until = clock_boot_ms() + helper->request.mount.command_timeout_ms;
    if (helper->request.mount.command_timeout_ms == 0 || until > helper->until_ms)
        until = helper->until_ms;
    if (guard_start(&guard, helper, spec, &err) != 0) {
        helper_finish_err(helper, HELPER_TRANSIENT, &err);
        return;
    }
    enum progress progress = wait_for_mount(helper, watch, &guard, until, &look, &status);
    guard_finish(&guard, progress == PROGRESS_OURS || progress == PROGRESS_FOREIGN);
    if (progress == PROGRESS_LATE && helper_look_at(helper, &look) == 0 &&
        look.presence == MOUNT_OURS)
        progress = PROGRESS_OURS;
    report(helper, progress, &look, status, spec->err);
}

void helper_mount_command(struct helper *helper) {
    struct err err = {0};
    struct watch watch = {.fd = -1};
    const struct config_words *argv = &helper->request.mount.mount_command;
    char program[PATH_MAX];
    if (process_check(argv, 0, program, &err) != 0 ||
        mountpoint_check_path(helper->mountpoint, &err) != 0) {
        (void)err_wrap(&err, "mount_command");
        helper_finish_err(helper, helper_class_of(err.code, HELPER_CONFIG), &err);
        return;
    }
    struct login_leave leave;
    if (helper_await_go(helper, "", 0, &leave) != 0 || !helper_still_free(helper))
        return;
    char **env = helper_env(helper);
    if (env == NULL)
        (void)err_set(&err, ENOMEM, "%s: out of memory", argv->items[0]);
    else
        (void)watch_open(&watch, &err);
    if (err.code == 0) {
        CLEANUP_CLOSE int capture = process_capture_open();
        struct process_spec spec = {
            .program = program, .argv = argv, .env = env, .out = -1, .err = capture};
        run(helper, &spec, &watch);
    } else {
        helper_finish_err(helper, HELPER_TRANSIENT, &err);
    }
    if (watch.fd >= 0)
        close(watch.fd);
    if (env != NULL)
        helper_env_free(env);
}
