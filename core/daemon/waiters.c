/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Commands that wait for a mount to settle, and when it has. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/supervisor.h"

bool waiters_add(struct supervisor *s, struct server_call *call, enum command command) {
    struct waiter *w = calloc(1, sizeof *w);
    if (w == NULL)
        return false;
    *w = (struct waiter){
        .next = s->waiters, .call = call, .command = command, .began_ms = clock_boot_ms()};
    s->waiters = w;
    return true;
}

static void reply_ok(const struct waiter *w, const char *text) {
    struct result_record row = {.took_ms = clock_boot_ms() - w->began_ms};
    struct control_reply reply;
    str_copy(row.text, sizeof row.text, text);
    control_reply_init(&reply);
    if (control_reply_begin(&reply, server_call_id(w->call), 1) == 0 &&
        control_reply_section(&reply, RECORD_RESULT, 1) == 0 &&
        control_reply_row(&reply, RECORD_RESULT, &row) == 0)
        server_reply(w->call, &reply);
    else
        server_error(w->call, CONTROL_FAILED, "no memory for the answer");
    control_reply_finish(&reply);
}

static void reply_unmounted(const struct supervisor *s, const struct waiter *w) {
    char text[CONFIG_PATH_MAX + 128];
    if (s->presence == MOUNT_FOREIGN)
        snprintf(text, sizeof text,
                 "something else is mounted at %s; ours goes down as soon as that is gone",
                 s->mountpoint);
    else
        snprintf(text, sizeof text, "unmounted; it stays down until: smbmounter mount %s",
                 s->conf.name);
    reply_ok(w, text);
}

static const char *failure_of(const struct supervisor *s) {
    return s->failure != NULL ? s->failure : machine_reason_words(s->machine.reason);
}

/* True when the command has its answer. */
static bool answer(struct supervisor *s, const struct waiter *w) {
    const struct machine *m = &s->machine;
    bool mount = w->command == COMMAND_MOUNT;
    char text[CONFIG_PATH_MAX + 128];
    switch (m->state) {
    case MACHINE_MOUNTED:
        if (mount) {
            snprintf(text, sizeof text, "mounted at %s", s->mountpoint);
            reply_ok(w, text);
        } else {
            server_error(w->call, CONTROL_BUSY, "still mounted: %s", failure_of(s));
        }
        return true;
    case MACHINE_FAILED:
        server_error(w->call, CONTROL_FAILED, "%s%s%s", mount ? machine_reason_name(m->reason) : "",
                     mount ? ": " : "", failure_of(s));
        return true;
    case MACHINE_UNMOUNTED:
        if (mount)
            server_error(w->call, CONTROL_FAILED, "unmounted again: %s",
                         machine_reason_words(m->reason));
        else
            reply_unmounted(s, w);
        return true;
    case MACHINE_MOUNTING:
    case MACHINE_RECOVERING:
    case MACHINE_UNMOUNTING:
    case MACHINE_STATE_COUNT:
        break;
    }
    return false;
}

void waiters_check(struct supervisor *s) {
    struct waiter **at = &s->waiters;
    while (*at != NULL) {
        struct waiter *w = *at;
        if (!answer(s, w)) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        free(w);
    }
}

void waiters_forget(struct supervisor *s, const struct server_call *call) {
    for (struct waiter **at = &s->waiters; *at != NULL; at = &(*at)->next) {
        if ((*at)->call != call)
            continue;
        struct waiter *w = *at;
        *at = w->next;
        free(w);
        return;
    }
}

void waiters_fail(struct supervisor *s, const char *why) {
    while (s->waiters != NULL) {
        struct waiter *w = s->waiters;
        s->waiters = w->next;
        server_error(w->call, CONTROL_FAILED, "%s", why);
        free(w);
    }
}
