/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Idle unmount: a mount on which nobody has had a file open for idle_unmount_min is unmounted,
 * politely; it stays down until somebody mounts it. */
#include "base/clock.h"
#include "daemon/actions.h"
#include "daemon/helper_proc.h"
#include "daemon/schedule.h"
#include "daemon/supervisor.h"

static void unmount_idle(struct supervisor *s) {
    char span[CLOCK_TEXT_MAX];
    clock_format_span(s->conf.idle_unmount_ms, span);
    log_put(&s->daemon->log, LOG_INFO, "mount '%s': nobody has used it for %s", s->conf.name, span);
    supervisor_feed(
        s, (struct machine_event){.id = MACHINE_ON_UNMOUNT_WANTED, .reason = MACHINE_FOR_IDLE});
}

static void on_holders(void *context, const struct helper_result *result, bool doubtful) {
    (void)doubtful;
    struct supervisor *s = context;
    s->checker = NULL;
    uint64_t now = clock_boot_ms();
    if (s->conf.idle_unmount_ms == 0) { /* a reload has ended it meanwhile */
        s->idle_due_ms = 0;
        return;
    }
    s->idle_due_ms = now + schedule_idle_check_ms(s->conf.idle_unmount_ms);
    daemon_due(s->daemon, s->idle_due_ms);
    /* When nobody could be looked at, it counts as used. */
    if (result->class != HELPER_OK || result->holders != 0)
        s->idle_since_ms = now;
    else if (s->machine.state == MACHINE_MOUNTED &&
             now - s->idle_since_ms >= s->conf.idle_unmount_ms)
        unmount_idle(s);
}

void idle_check(struct supervisor *s) {
    uint64_t now = clock_boot_ms();
    s->idle_due_ms = now + schedule_idle_check_ms(s->conf.idle_unmount_ms);
    if (s->checker != NULL || s->machine.state != MACHINE_MOUNTED)
        return;
    struct helper_request request = actions_request(s, HELPER_HOLDERS, HELPER_UNMOUNT_MS);
    struct helper_events events = {.result = on_holders, .context = s};
    s->checker = helper_proc_start(s->daemon, &request, &events, NULL);
    if (s->checker == NULL)
        s->idle_since_ms = now;
}
