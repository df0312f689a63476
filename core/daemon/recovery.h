/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A recovery under way: the chain of plugins that is asked, and the steps taken. */
#ifndef DAEMON_RECOVERY_H
#define DAEMON_RECOVERY_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

struct supervisor;

/* What a recovery needs to remember; exists only during one. */
struct recovery {
    enum smbm_verdict verdict; /* that began it, or the newest since */
    int32_t os_errno;
    char evidence[SMBM_TEXT_MAX];
    uint64_t attempt_ms;
    uint32_t attempt;
    size_t chain_at;               /* the plugin that is being asked, or was last */
    bool knows_server;             /* it was told how the server is */
    struct smbm_decision decision; /* the last one that was no PASS */
    struct smbm_done steps[SMBM_STEPS_MAX];
    uint64_t ended_ms[SMBM_STEPS_MAX];
    uint32_t steps_len;
    enum smbm_step step; /* under way, PASS: none */
    uint64_t step_ms;
    uint64_t carry[CONFIG_PLUGINS_MAX][SMBM_CARRY_WORDS];
};

void recovery_begin(struct supervisor *s);
void recovery_end(struct supervisor *s);

/* Ask the chain for the next step; its answer is fed to the machine. */
void recovery_decide(struct supervisor *s);
/* Let the plugin that decided so act. */
void recovery_call(struct supervisor *s);
/* It awaits a server of which nothing was known, so any word of it is worth another decision. */
bool recovery_learns(const struct supervisor *s);
void recovery_ask_again(struct supervisor *s); /* the chain is another one now */
/* A step of the attempt, for the plugins and for `why`. */
void recovery_step_begins(struct supervisor *s, enum smbm_step step);
void recovery_step_ends(struct supervisor *s, bool ok, const char *words);
/* It failed, for there was nothing left to do. */
void recovery_step_needless(struct supervisor *s, const char *words);
void recovery_new_verdict(struct supervisor *s, const struct smbm_report *report);

#endif
