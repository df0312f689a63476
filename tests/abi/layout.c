/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Prints where the fields of 1.0 stand and what its constants are. Built once with the frozen
 * header and once with today's: both must print the same. Sizes are left out: structs may grow.
 */
#include PLUGIN_HEADER

#include <stdio.h>

/* clang-format off */
#define FIELDS(X)                                                                                  \
    X(smbm_option, name) X(smbm_option, type) X(smbm_option, min) X(smbm_option, max)              \
    X(smbm_option, def) X(smbm_option, choices) X(smbm_option, help) X(smbm_value, number)         \
    X(smbm_value, text) X(smbm_value, list) X(smbm_value, list_len) X(smbm_mount, size)            \
    X(smbm_mount, mounted) X(smbm_mount, name) X(smbm_mount, mounter) X(smbm_mount, server)        \
    X(smbm_mount, share) X(smbm_mount, source) X(smbm_mount, fstype) X(smbm_mount, mountpoint)     \
    X(smbm_mount, address) X(smbm_mount, port) X(smbm_mount, mount_id) X(smbm_mount, device)       \
    X(smbm_call, size) X(smbm_call, timeout_ms) X(smbm_call, now_ms) X(smbm_call, options)         \
    X(smbm_call, carry) X(smbm_report, size) X(smbm_report, verdict) X(smbm_report, os_errno)      \
    X(smbm_report, flags) X(smbm_report, took_us) X(smbm_report, carry) X(smbm_report, evidence)   \
    X(smbm_done, step) X(smbm_done, outcome) X(smbm_done, ago_ms) X(smbm_done, took_ms)            \
    X(smbm_situation, size) X(smbm_situation, verdict) X(smbm_situation, os_errno)                 \
    X(smbm_situation, attempt) X(smbm_situation, mounted) X(smbm_situation, server)                \
    X(smbm_situation, server_since_ms) X(smbm_situation, network_changed_ms)                       \
    X(smbm_situation, outage_ms) X(smbm_situation, attempt_ms) X(smbm_situation, random)           \
    X(smbm_situation, options) X(smbm_situation, carry) X(smbm_situation, steps_len)               \
    X(smbm_situation, steps) X(smbm_situation, evidence) X(smbm_decision, size)                    \
    X(smbm_decision, step) X(smbm_decision, wait_ms) X(smbm_decision, timeout_ms)                  \
    X(smbm_decision, carry) X(smbm_decision, reason) X(smbm_header, magic)                         \
    X(smbm_header, abi_major) X(smbm_header, abi_minor) X(smbm_header, struct_size)                \
    X(smbm_header, kind) X(smbm_header, name) X(smbm_header, summary) X(smbm_header, version)      \
    X(smbm_header, options) X(smbm_probe, header) X(smbm_probe, subject) X(smbm_probe, flags)      \
    X(smbm_probe, interval_ms) X(smbm_probe, timeout_ms) X(smbm_probe, load) X(smbm_probe, open)   \
    X(smbm_probe, close) X(smbm_probe, run) X(smbm_recovery, header) X(smbm_recovery, load)        \
    X(smbm_recovery, open) X(smbm_recovery, close) X(smbm_recovery, next) X(smbm_recovery, run)

#define CONSTANTS(X)                                                                               \
    X(SMBM_ABI_MAJOR) X(SMBM_MAGIC) X(SMBM_TEXT_MAX) X(SMBM_CARRY_WORDS) X(SMBM_STEPS_MAX)         \
    X(SMBM_KIND_PROBE) X(SMBM_KIND_RECOVERY) X(SMBM_ON_MOUNT) X(SMBM_ON_SERVER) X(SMBM_UNKNOWN)    \
    X(SMBM_HEALTHY) X(SMBM_SUSPECT) X(SMBM_DEAD) X(SMBM_BLIND) X(SMBM_DENIED) X(SMBM_GONE)         \
    X(SMBM_ANSWERS) X(SMBM_MUTE) X(SMBM_REFUSED) X(SMBM_UNREACHABLE) X(SMBM_STEP_PASS)             \
    X(SMBM_STEP_WAIT) X(SMBM_STEP_AWAIT) X(SMBM_STEP_RECONNECT) X(SMBM_STEP_PROBE)                 \
    X(SMBM_STEP_UNMOUNT) X(SMBM_STEP_FORCE) X(SMBM_STEP_DETACH) X(SMBM_STEP_MOUNT)                 \
    X(SMBM_STEP_CALL) X(SMBM_STEP_DONE) X(SMBM_STEP_GIVE_UP) X(SMBM_OUTCOME_NONE)                  \
    X(SMBM_OUTCOME_OK) X(SMBM_OUTCOME_FAILED) X(SMBM_OPT_BOOL) X(SMBM_OPT_INT) X(SMBM_OPT_STRING)  \
    X(SMBM_OPT_CHOICE) X(SMBM_OPT_INT_LIST) X(SMBM_REPORT_PROGRESS) X(SMBM_PROBE_PASSIVE)          \
    X(SMBM_PROBE_SMB_ONLY)

/* clang-format on */

int main(void) {
#define X(type, field)                                                                             \
    printf("%s.%s at %zu, %zu bytes\n", #type, #field, offsetof(struct type, field),               \
           sizeof(((struct type *)NULL)->field));
    FIELDS(X)
#undef X
#define X(name) printf("%s = %llu\n", #name, (unsigned long long)name);
    CONSTANTS(X)
#undef X
    return 0;
}
