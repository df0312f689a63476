/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/harden.h"

#include "daemon/actions.h"
#include "daemon/helper_proc.h"

void harden_failed(struct supervisor *s, const char *why) {
    log_put(&s->daemon->log, LOG_WARNING, "mount '%s': %s", s->conf.name, why);
    supervisor_record(s, EVENT_TABLE, s->identity.id, "%s", why);
}

static void next(struct daemon *daemon);

static void tell(struct supervisor *s, const struct helper_result *result) {
    if (result->class == HELPER_OK) {
        log_put(&s->daemon->log, LOG_NOTICE, "mount '%s': %s", s->conf.name, result->text);
        supervisor_record(s, EVENT_TABLE, s->identity.id, "%s", result->text);
    } else if (result->class != HELPER_NOTHING && s->presence == MOUNT_OURS) {
        harden_failed(s, result->text);
    }
}

static void on_result(void *context, const struct helper_result *result, bool doubtful) {
    (void)doubtful;
    struct daemon *daemon = context;
    struct supervisor *s = daemon->hardened;
    daemon->hardening = NULL;
    daemon->hardened = NULL;
    if (s != NULL)
        tell(s, result);
    next(daemon);
}

static void start(struct supervisor *s) {
    struct daemon *daemon = s->daemon;
    struct helper_request request = actions_request(s, HELPER_HARDEN, HELPER_HARDEN_MS);
    struct helper_events events = {.result = on_result, .context = daemon};
    struct err err = {0};
    s->bare = false;
    daemon->hardening = helper_proc_start(daemon, &request, &events, &err);
    if (daemon->hardening != NULL)
        daemon->hardened = s;
    else
        harden_failed(s, err.text);
}

static void next(struct daemon *daemon) {
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        if (daemon->hardening != NULL || daemon->stopping)
            return;
        if (daemon->mounts[i]->bare)
            start(daemon->mounts[i]);
    }
}

static bool is_bare(const struct mount_entry *entry) {
    return !mount_option_in(entry->options, "nosuid") || !mount_option_in(entry->options, "nodev");
}

void harden_learnt(struct supervisor *s, const struct mount_entry *entry) {
    /* What a mount helper at work makes or takes over, it hardens itself. */
    s->bare = is_bare(entry) && s->machine.op != MACHINE_OP_MOUNT;
    if (s->bare)
        next(s->daemon);
}

void harden_doubted(struct supervisor *s) {
    const struct mount_entry *entry = NULL;
    if (s->presence == MOUNT_OURS && daemon_have_table(s->daemon))
        entry = mount_table_by_id(&s->daemon->table, s->identity.id);
    s->bare = entry != NULL && is_bare(entry);
    if (s->bare)
        next(s->daemon);
}

void harden_forget(struct supervisor *s) {
    s->bare = false;
    if (s->daemon->hardened == s)
        s->daemon->hardened = NULL;
}
