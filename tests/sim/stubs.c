/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Parts of the daemon that a simulation has no use for: commands, marks, the idle check. */
#include "control/server.h"
#include "daemon/marks.h"
#include "daemon/supervisor.h"

void server_reply(struct server_call *call, struct control_reply *reply) {
    (void)call, (void)reply;
}

void server_error(struct server_call *call, enum control_error code, const char *format, ...) {
    (void)call, (void)code, (void)format;
}

uint32_t server_call_id(const struct server_call *call) {
    (void)call;
    return 0;
}

void waiters_check(struct supervisor *s) {
    (void)s;
}

void waiters_fail(struct supervisor *s, const char *why) {
    (void)s, (void)why;
}

void marks_note(const struct supervisor *s) {
    (void)s;
}

void idle_check(struct supervisor *s) {
    (void)s;
}
