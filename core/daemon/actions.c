/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/actions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "daemon/harden.h"
#include "daemon/helper_proc.h"
#include "daemon/logins.h"
#include "daemon/sweep.h"
#include "daemon/words.h"
#include "os/os.h"

#define HOLDERS_TEXT_MAX 200

static bool is_smb(const struct supervisor *s) {
    return s->conf.mounter != CONFIG_COMMAND;
}

/* The mount table decides what an unmount came to, whatever the helper said or did not say. */
static enum machine_event_id unmount_event(const struct supervisor *s,
                                           const struct helper_result *result) {
    if (s->presence != MOUNT_OURS)
        return MACHINE_ON_UNMOUNT_OK;
    enum machine_event_id event = words_unmount_event(result->class);
    return event == MACHINE_ON_UNMOUNT_OK ? MACHINE_ON_UNMOUNT_FAILED : event;
}

static enum machine_event_id mount_event(const struct supervisor *s,
                                         const struct helper_result *result) {
    if (result->class == HELPER_OK && s->presence != MOUNT_OURS)
        return MACHINE_ON_MOUNT_TRANSIENT; /* gone again before we looked */
    return words_mount_event(result->class);
}

static void mount_ended(struct supervisor *s, const struct helper_result *result, bool doubtful) {
    if (result->address[0] != '\0' && strcmp(result->address, s->address) != 0) {
        if (s->address[0] != '\0')
            supervisor_record(s, EVENT_ADDRESS, 0, "%s is now at %s, was at %s", s->conf.server,
                              result->address, s->address);
        supervisor_set_address(s, result->address);
    }
    if (result->session[0] != '\0') {
        free(s->session);
        s->session = strdup(result->session);
    }
    enum machine_event_id id = mount_event(s, result);
    recovery_step_ends(s, id == MACHINE_ON_MOUNT_OK, result->text);
    if (id != MACHINE_ON_MOUNT_OK) {
        /* The log tells changes: the hundredth try that failed in the same way is none. */
        s->same_again = s->failure != NULL && strcmp(s->failure, result->text) == 0;
        supervisor_set_failure(s, result->text);
        supervisor_record(s, EVENT_MOUNT_ERROR, (uint64_t)result->os_errno, "%s: %s",
                          helper_class_name(result->class), result->text);
        log_put(&s->daemon->log, s->same_again ? LOG_DEBUG : LOG_WARNING, "mount '%s': %s: %s",
                s->conf.name, helper_class_name(result->class), result->text);
    }
    if (id != MACHINE_ON_MOUNT_OK)
        harden_doubted(s);
    else if (result->bare)
        harden_failed(s, result->text);
    logins_result(s, result);
    if (doubtful)
        supervisor_record(s, EVENT_STUCK, 0, "a mount helper could not be ended");
    supervisor_feed(s, (struct machine_event){.id = id, .op_id = s->op_id, .doubtful = doubtful});
}

static void unmount_ended(struct supervisor *s, const struct helper_result *result) {
    enum machine_event_id id = unmount_event(s, result);
    recovery_step_ends(s, id == MACHINE_ON_UNMOUNT_OK, result->text);
    if (id != MACHINE_ON_UNMOUNT_OK) {
        supervisor_set_failure(s, result->text);
        supervisor_record(s, EVENT_UNMOUNT_ERROR, (uint64_t)result->os_errno, "%s", result->text);
    }
    supervisor_result(s, id);
}

static void op_ended(struct supervisor *s, enum machine_op op, const struct helper_result *result,
                     bool doubtful) {
    if (op == MACHINE_OP_MOUNT)
        mount_ended(s, result, doubtful);
    else if (op == MACHINE_OP_UNMOUNT)
        unmount_ended(s, result);
    else if (op == MACHINE_OP_RECONNECT) {
        if (result->class == HELPER_NOTHING)
            recovery_step_needless(s, result->text);
        else
            recovery_step_ends(s, result->class == HELPER_OK, result->text);
        supervisor_result(s,
                          result->class == HELPER_OK ? MACHINE_ON_STEP_OK : MACHINE_ON_STEP_FAILED);
    }
}

/* The table's own event often comes first. To read it once more for each of 1,000 mounts that come
 * together would take seconds. */
static bool table_shows(const struct supervisor *s, enum machine_op op,
                        const struct helper_result *result) {
    if (op == MACHINE_OP_RECONNECT)
        return true;
    if (result->class != HELPER_OK)
        return false;
    return op == MACHINE_OP_MOUNT
               ? s->presence == MOUNT_OURS && s->identity.id == result->mount_id &&
                     s->identity.device == result->device
               : s->presence != MOUNT_OURS;
}

/* With a symlink in the configured path the table knows the mount by another name. */
static void learn_place(struct supervisor *s, uint64_t id) {
    const struct mount_entry *entry = mount_table_by_id(&s->daemon->table, id);
    if (entry != NULL && strcmp(entry->mountpoint, s->mountpoint) != 0)
        supervisor_is_at(s, entry->mountpoint);
}

static void on_result(void *context, const struct helper_result *result, bool doubtful) {
    struct supervisor *s = context;
    enum machine_op op = s->machine.op;
    s->helper = NULL;
    if (!table_shows(s, op, result)) {
        daemon_read_table(s->daemon);
        if (result->class == HELPER_OK && op == MACHINE_OP_MOUNT && result->mount_id != 0)
            learn_place(s, result->mount_id);
    }
    op_ended(s, op, result, doubtful);
}

/* An event is shorter than the list may be: whole entries, and dots for the others. */
static void shorten(const char *names, char *text, size_t size) {
    size_t len = strlen(names);
    if (len > HOLDERS_TEXT_MAX) {
        len = HOLDERS_TEXT_MAX;
        while (len > 0 && strncmp(names + len, ", ", 2) != 0)
            len--;
    }
    snprintf(text, size, "%.*s%s", (int)len, names, names[len] != '\0' ? ", ..." : "");
}

/* The mount has its state by now, and may be back already. */
static void on_victims(struct daemon *daemon, const char *mount, const struct os_holders *victims) {
    struct supervisor *s = daemon_find(daemon, mount);
    if (s == NULL || (victims->holders == 0 && victims->complete))
        return;
    char names[HOLDERS_TEXT_MAX + sizeof ", ..."] = "not all programs could be looked at";
    if (victims->holders > 0)
        shorten(victims->names, names, sizeof names);
    supervisor_record(s, EVENT_HOLDERS, victims->holders, "%s%s", names,
                      victims->holders > 0 && !victims->complete ? ", perhaps others" : "");
}

/* No helper ran, so the mount table is as it was: with 10,000 mounts, reading it would tell. */
static void start_failed(struct supervisor *s, int code, const char *text) {
    struct helper_result result = {.class = HELPER_TRANSIENT, .os_errno = code};
    str_copy(result.text, sizeof result.text, text);
    op_ended(s, s->machine.op, &result, false);
}

struct helper_request actions_request(const struct supervisor *s, enum helper_op op,
                                      uint32_t timeout_ms) {
    struct helper_request request = {.op = op,
                                     .mount = s->conf,
                                     .timeout_ms = timeout_ms,
                                     .mount_id = s->identity.id,
                                     .device = s->identity.device};
    str_copy(request.runtime_directory, sizeof request.runtime_directory,
             s->daemon->config.runtime_directory);
    return request;
}

void actions_start_helper(struct supervisor *s, enum helper_op op) {
    uint32_t timeout_ms = op == HELPER_MOUNT ? 600000u : HELPER_UNMOUNT_MS;
    if (s->conf.mounter == CONFIG_COMMAND)
        timeout_ms = s->conf.command_timeout_ms;
    struct helper_request request = actions_request(s, op, timeout_ms);
    request.linger_ms = HELPER_LINGER_MS;
    str_copy(request.address, sizeof request.address, s->address);
    if (op == HELPER_MOUNT && s->daemon->login_key.bytes != NULL)
        memcpy(request.login_key, s->daemon->login_key.bytes, sizeof request.login_key);
    struct helper_events events = {
        .result = on_result, .turn = logins_turn, .victims = on_victims, .context = s};
    struct err err = {0};
    s->helper = helper_proc_start(s->daemon, &request, &events, &err);
    os_wipe(request.login_key, sizeof request.login_key);
    if (s->helper == NULL)
        start_failed(s, EAGAIN, err.text);
}

void actions_mount_now(struct supervisor *s) {
    struct peer *peer = s->peer;
    if (s->machine.op != MACHINE_OP_MOUNT || s->helper != NULL)
        return;
    if (peer != NULL && peer_is_bad(peer)) {
        char text[ERR_TEXT_MAX];
        snprintf(text, sizeof text, "the server %s does not answer: %s", peer->host,
                 peer->evidence);
        start_failed(s, EHOSTUNREACH, text);
        return;
    }
    actions_start_helper(s, HELPER_MOUNT);
}

/* A mount(2) to a server that does not answer blocks every other one: so it is asked first. */
static void do_mount(struct supervisor *s) {
    recovery_step_begins(s, SMBM_STEP_MOUNT);
    struct peer *peer = s->peer;
    bool fresh = peer != NULL && peer->verdict == SMBM_ANSWERS &&
                 clock_boot_ms() - peer->checked_ms < PEER_FRESH_MS;
    if (peer != NULL && !fresh && peer_ask(peer, NULL)) {
        s->mount_waits_for_peer = true;
        return;
    }
    actions_start_helper(s, HELPER_MOUNT);
}

static void do_unmount(struct supervisor *s, enum smbm_step step, enum helper_op op) {
    recovery_step_begins(s, step);
    if (op != HELPER_UNMOUNT || !sweep_takes(s))
        actions_start_helper(s, op);
}

static void do_cancel(struct supervisor *s) {
    if (s->helper != NULL) {
        helper_proc_cancel(s->helper);
        return;
    }
    if (s->mount_waits_for_peer) {
        s->mount_waits_for_peer = false;
        start_failed(s, ECANCELED, "cancelled");
    }
    /* Questions to plugins end by themselves within their deadlines. */
}

static void do_watch(struct supervisor *s) {
    if (s->peer != NULL)
        peer_watch(s->peer, s->machine.state == MACHINE_RECOVERING);
}

void supervisor_act(struct supervisor *s, const struct machine_action *action) {
    if (action->op_id != 0)
        s->op_id = action->op_id;
    switch (action->id) {
    case MACHINE_DO_MOUNT:
        do_mount(s);
        break;
    case MACHINE_DO_UNMOUNT:
        do_unmount(s, SMBM_STEP_UNMOUNT, HELPER_UNMOUNT);
        break;
    case MACHINE_DO_UNMOUNT_FORCE:
        do_unmount(s, SMBM_STEP_FORCE, HELPER_FORCE);
        break;
    case MACHINE_DO_UNMOUNT_DETACH:
        do_unmount(s, SMBM_STEP_DETACH, HELPER_DETACH);
        break;
    case MACHINE_DO_UNMOUNT_HARD:
        do_unmount(s, SMBM_STEP_DETACH, is_smb(s) ? HELPER_DETACH : HELPER_FORCE);
        break;
    case MACHINE_DO_RECONNECT:
        recovery_step_begins(s, SMBM_STEP_RECONNECT);
        actions_start_helper(s, HELPER_RECONNECT);
        break;
    case MACHINE_DO_RECOVERY_PROBE:
        recovery_step_begins(s, SMBM_STEP_PROBE);
        rounds_for_recovery(s, action->op_id);
        break;
    case MACHINE_DO_DECIDE:
        recovery_decide(s);
        break;
    case MACHINE_DO_CALL:
        recovery_step_begins(s, SMBM_STEP_CALL);
        recovery_call(s);
        break;
    case MACHINE_DO_CANCEL:
        do_cancel(s);
        break;
    case MACHINE_DO_PROBE:
        rounds_soon(s);
        break;
    case MACHINE_DO_WATCH_SERVER:
        do_watch(s);
        break;
    case MACHINE_DO_REFUSE:
        recovery_step_begins(s, s->recovery != NULL ? (enum smbm_step)s->recovery->decision.step
                                                    : SMBM_STEP_PASS);
        recovery_step_ends(s, false, "made no sense: the mount table shows otherwise");
        break;
    case MACHINE_ACTION_COUNT:
        break;
    }
}
