/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/logins.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"

void logins_asked(struct supervisor *s) {
    if (s->machine.state != MACHINE_MOUNTED)
        s->asked_ms = clock_boot_ms();
}

void logins_turn(void *context, uint32_t login, struct login_leave *leave) {
    const struct supervisor *s = context;
    const struct refusal *refusal = NULL;
    if (s->peer != NULL)
        refusal = refusals_against(&s->peer->refusals, login, s->conf.name, s->asked_ms);
    if (refusal == NULL)
        return;
    leave->refused = true;
    leave->os_errno = refusal->os_errno;
    str_copy(leave->status, sizeof leave->status, refusal->status);
    str_copy(leave->mount, sizeof leave->mount, refusal->mount);
}

static void note_refusal(struct supervisor *s, const struct helper_result *result, bool asked) {
    struct refusal refusal = {.login = result->login,
                              .os_errno = result->os_errno,
                              .at_ms = clock_boot_ms(),
                              .sure = result->refusal == LOGIN_REFUSED,
                              .asked = asked};
    str_copy(refusal.status, sizeof refusal.status, result->status);
    str_copy(refusal.mount, sizeof refusal.mount, s->conf.name);
    refusals_note(&s->peer->refusals, &refusal);
}

static bool same_account(const struct supervisor *a, const struct supervisor *b) {
    return a->peer == b->peer && strcasecmp(a->conf.username, b->conf.username) == 0 &&
           strcasecmp(a->conf.domain, b->conf.domain) == 0;
}

/* Each of them reads its credential anew; one that still has the refused password is told so by
 * its leave, and no packet is sent. */
static void try_others(const struct supervisor *s) {
    struct daemon *daemon = s->daemon;
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        struct supervisor *other = daemon->mounts[i];
        if (other == s || !other->login_refused || !same_account(s, other) ||
            other->machine.state != MACHINE_FAILED || other->machine.reason != MACHINE_FOR_AUTH ||
            other->machine.present == MACHINE_OTHER)
            continue;
        log_put(&daemon->log, LOG_INFO, "mount '%s': the server lets user '%s' in again ('%s')",
                other->conf.name, other->conf.username, s->conf.name);
        supervisor_record(other, EVENT_LOGIN, 0, "the server let user '%s' in again (mount '%s')",
                          other->conf.username, s->conf.name);
        other->login_retried = true;
        supervisor_on(other, MACHINE_ON_LOGIN_WORKS);
    }
}

void logins_result(struct supervisor *s, const struct helper_result *result) {
    bool news = s->login_refused && !s->login_retried;
    bool asked = s->asked_ms != 0;
    s->asked_ms = 0;
    s->login_retried = false;
    if (result->class != HELPER_OK && result->refusal == LOGIN_NOT_REFUSED)
        return; /* says nothing about the login */
    s->login_refused = result->class != HELPER_OK;
    if (s->peer == NULL)
        return;
    if (result->refusal == LOGIN_REFUSED || result->refusal == LOGIN_PERHAPS_REFUSED)
        note_refusal(s, result, asked);
    if (result->class != HELPER_OK)
        return;
    if (refusals_clear(&s->peer->refusals, result->login) || news)
        try_others(s);
}
