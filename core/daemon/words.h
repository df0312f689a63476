/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Small translations between the plugins' ABI, the machine and the words that people read. Pure. */
#ifndef DAEMON_WORDS_H
#define DAEMON_WORDS_H

#include <smbmounter/plugin.h>
#include <stdbool.h>

#include "config/schema.h"
#include "machine/machine.h"
#include "machine/policy.h"
#include "mount/helper.h"
#include "plugin/descriptor.h"

const char *words_verdict(enum smbm_verdict verdict); /* "healthy", "dead", "answers" ... */
const char *words_step(enum smbm_step step);          /* "wait", "detach" ... */
bool words_is_server_verdict(enum smbm_verdict verdict);

/* What a call's deadline is: its option timeout_ms if it has one, else the descriptor's, else
 * fallback_ms. */
uint32_t words_timeout_ms(const struct descriptor *plugin, const struct option_values *options,
                          uint32_t fallback_ms);

/* The machine's event for what a plugin decided, or for how a mount or unmount ended. */
enum machine_event_id words_decision_event(enum smbm_step step);
enum machine_event_id words_mount_event(enum helper_class class);
enum machine_event_id words_unmount_event(enum helper_class class);

enum policy_verdict words_policy_verdict(enum smbm_verdict verdict);

#endif
