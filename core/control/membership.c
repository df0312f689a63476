/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/membership.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/os.h"

struct asking {
    uv_process_t process;
    uv_timer_t timer;
    struct membership_question question;
    unsigned handles;
};

static void on_closed(uv_handle_t *handle) {
    struct asking *a = handle->data;
    if (--a->handles == 0)
        free(a);
}

static void close_all(struct asking *a) {
    uv_close((uv_handle_t *)&a->process, on_closed);
    uv_close((uv_handle_t *)&a->timer, on_closed);
}

static void on_ended(uv_process_t *process, int64_t status, int signal) {
    struct asking *a = process->data;
    a->question.done(a->question.context, status == 0 && signal == 0);
    close_all(a);
}

static void on_late(uv_timer_t *timer) {
    const struct asking *a = timer->data;
    os_kill(a->process.pid, -1);
}

static int spawn(uv_loop_t *loop, struct asking *a, char *program) {
    char word[] = MEMBERSHIP_WORD, uid[24], gid[24], path[] = "PATH=/usr/bin:/bin";
    const struct membership_question *q = &a->question;
    snprintf(uid, sizeof uid, "%u", (unsigned)q->uid);
    snprintf(gid, sizeof gid, "%u", (unsigned)q->gid);
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE}, {.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
    uv_process_options_t options = {.exit_cb = on_ended,
                                    .file = program,
                                    .args = (char *[]){program, word, uid, gid, NULL},
                                    .env = (char *[]){path, NULL},
                                    .cwd = "/",
                                    .stdio = stdio,
                                    .stdio_count = 3,
                                    .flags = UV_PROCESS_DETACHED};
    return uv_spawn(loop, &a->process, &options);
}

int membership_ask(uv_loop_t *loop, const struct membership_question *question) {
    struct asking *a = calloc(1, sizeof *a);
    CLEANUP_FREE char *program = strdup(question->program);
    if (a == NULL || program == NULL) {
        free(a);
        return -ENOMEM;
    }
    a->question = *question;
    a->handles = 2;
    uv_timer_init(loop, &a->timer);
    a->timer.data = a->process.data = a;
    int rc = spawn(loop, a, program);
    if (rc != 0) {
        close_all(a);
        return rc;
    }
    uv_timer_start(&a->timer, on_late, question->limit_ms, 0);
    return 0;
}

/* Whole and in range, or false. */
static bool number(const char *text, unsigned long *value) {
    char *end;
    errno = 0;
    *value = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *value <= UINT_MAX;
}

int membership_main(const char *uid, const char *gid) {
    unsigned long user, group;
    if (!number(uid, &user) || !number(gid, &group))
        return EXIT_FAILURE;
    return os_is_member((uid_t)user, (gid_t)group) ? EXIT_SUCCESS : EXIT_FAILURE;
}
