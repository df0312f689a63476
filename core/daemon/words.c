/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/words.h"

#include <string.h>

struct step_row {
    const char *name;
    enum machine_event_id event;
};

static const struct step_row steps[] = {
    [SMBM_STEP_PASS] = {"pass", MACHINE_ON_DECIDED_GIVE_UP},
    [SMBM_STEP_WAIT] = {"wait", MACHINE_ON_DECIDED_WAIT},
    [SMBM_STEP_AWAIT] = {"await-server", MACHINE_ON_DECIDED_AWAIT},
    [SMBM_STEP_RECONNECT] = {"reconnect", MACHINE_ON_DECIDED_RECONNECT},
    [SMBM_STEP_PROBE] = {"probe", MACHINE_ON_DECIDED_PROBE},
    [SMBM_STEP_UNMOUNT] = {"unmount", MACHINE_ON_DECIDED_UNMOUNT},
    [SMBM_STEP_FORCE] = {"force-unmount", MACHINE_ON_DECIDED_FORCE},
    [SMBM_STEP_DETACH] = {"detach", MACHINE_ON_DECIDED_DETACH},
    [SMBM_STEP_MOUNT] = {"mount", MACHINE_ON_DECIDED_MOUNT},
    [SMBM_STEP_CALL] = {"call", MACHINE_ON_DECIDED_CALL},
    [SMBM_STEP_DONE] = {"verify", MACHINE_ON_DECIDED_PROBE},
    [SMBM_STEP_GIVE_UP] = {"give-up", MACHINE_ON_DECIDED_GIVE_UP},
};
#define STEPS_LEN (sizeof steps / sizeof steps[0])

struct verdict_row {
    const char *name;
    enum policy_verdict weight;
};

static const struct verdict_row verdicts[] = {
    [SMBM_UNKNOWN] = {"unknown", POLICY_NONE},
    [SMBM_HEALTHY] = {"healthy", POLICY_HEALTHY},
    [SMBM_SUSPECT] = {"suspect", POLICY_SUSPECT},
    [SMBM_DEAD] = {"dead", POLICY_DEAD},
    [SMBM_BLIND] = {"blind", POLICY_BLIND},
    [SMBM_DENIED] = {"denied", POLICY_DENIED},
    [SMBM_GONE] = {"gone", POLICY_GONE},
    [SMBM_ANSWERS] = {"answers", POLICY_NONE},
    [SMBM_MUTE] = {"mute", POLICY_NONE},
    [SMBM_REFUSED] = {"refused", POLICY_NONE},
    [SMBM_UNREACHABLE] = {"unreachable", POLICY_NONE},
};
#define VERDICTS_LEN (sizeof verdicts / sizeof verdicts[0])

const char *words_verdict(enum smbm_verdict verdict) {
    return (unsigned)verdict < VERDICTS_LEN ? verdicts[verdict].name : "?";
}

const char *words_step(enum smbm_step step) {
    return (unsigned)step < STEPS_LEN ? steps[step].name : "?";
}

bool words_is_server_verdict(enum smbm_verdict verdict) {
    return verdict >= SMBM_ANSWERS && verdict <= SMBM_UNREACHABLE;
}

uint32_t words_timeout_ms(const struct descriptor *plugin, const struct option_values *options,
                          uint32_t fallback_ms) {
    for (size_t i = 0; i < options->len && plugin->options[i].name != NULL; i++)
        if (strcmp(plugin->options[i].name, "timeout_ms") == 0)
            return (uint32_t)options->items[i].number;
    return plugin->timeout_ms != 0 ? plugin->timeout_ms : fallback_ms;
}

enum machine_event_id words_decision_event(enum smbm_step step) {
    return (unsigned)step < STEPS_LEN ? steps[step].event : MACHINE_ON_DECIDED_GIVE_UP;
}

enum machine_event_id words_mount_event(enum helper_class class) {
    static const enum machine_event_id events[HELPER_CLASS_COUNT] = {
        [HELPER_OK] = MACHINE_ON_MOUNT_OK,
        [HELPER_AUTH] = MACHINE_ON_MOUNT_AUTH,
        [HELPER_CONFIG] = MACHINE_ON_MOUNT_CONFIG,
        [HELPER_ABSENT] = MACHINE_ON_MOUNT_ABSENT,
        [HELPER_TRANSIENT] = MACHINE_ON_MOUNT_TRANSIENT,
        [HELPER_BUSY] = MACHINE_ON_MOUNT_TRANSIENT,
        [HELPER_FOREIGN] = MACHINE_ON_MOUNT_FOREIGN,
        [HELPER_LOCKED] = MACHINE_ON_MOUNT_TRANSIENT,
        [HELPER_NOTHING] = MACHINE_ON_MOUNT_TRANSIENT,
    };
    return class < HELPER_CLASS_COUNT ? events[class] : MACHINE_ON_MOUNT_TRANSIENT;
}

enum machine_event_id words_unmount_event(enum helper_class class) {
    if (class == HELPER_OK || class == HELPER_NOTHING)
        return MACHINE_ON_UNMOUNT_OK;
    return class == HELPER_BUSY ? MACHINE_ON_UNMOUNT_BUSY : MACHINE_ON_UNMOUNT_FAILED;
}

enum policy_verdict words_policy_verdict(enum smbm_verdict verdict) {
    return (unsigned)verdict < VERDICTS_LEN ? verdicts[verdict].weight : POLICY_NONE;
}
