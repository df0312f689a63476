/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The words between daemon and host: what goes in comes out, and nothing else comes in. */
#include "plugin/call.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static unsigned char frame[WIRE_HEAD + WIRE_FRAME_MAX];

static struct wire_in payload_of(size_t len, uint32_t type) {
    struct wire_in payload = {0};
    uint32_t got;
    size_t whole;
    cr_assert_gt(len, 0);
    cr_assert_eq(wire_frame(frame, len, &got, &payload, &whole), 1);
    cr_assert_eq(got, type);
    cr_assert_eq(whole, len);
    return payload;
}

/* A copy of exactly len bytes, so that a sanitizer sees a read past its end. */
static struct wire_in cut(const struct wire_in *whole, size_t len, unsigned char **memory) {
    *memory = malloc(len + 1);
    memcpy(*memory, whole->data, len);
    unsigned char *exact = realloc(*memory, len > 0 ? len : 1);
    *memory = exact;
    return (struct wire_in){.data = exact, .len = len};
}

static const struct smbm_mount mount = {.mounted = 1,
                                        .name = "media",
                                        .mounter = "cifs",
                                        .server = "nas",
                                        .share = "media",
                                        .source = "//nas/media",
                                        .fstype = "cifs",
                                        .mountpoint = "/mnt/media",
                                        .address = "10.0.0.2",
                                        .port = 445,
                                        .mount_id = 77,
                                        .device = 78};

Test(call, mount_survives) {
    struct smbm_mount got;
    struct wire_in in = payload_of(call_put_mount(frame, sizeof frame, &mount), CALL_MOUNT);
    cr_assert_eq(call_get_mount(&in, &got), 0);
    cr_assert_str_eq(got.name, "media");
    cr_assert_str_eq(got.address, "10.0.0.2");
    cr_assert_eq(got.mount_id, 77);
    cr_assert_eq(got.device, 78);
    cr_assert_eq(got.size, sizeof got);
}

Test(call, mount_too_long_is_refused) {
    struct smbm_mount m = mount;
    char *text = malloc(70000);
    memset(text, 'x', 69999);
    text[69999] = '\0';
    m.mountpoint = text;
    cr_assert_eq(call_put_mount(frame, sizeof frame, &m), 0);
    free(text);
}

static size_t put_run(const struct option_values *options) {
    static const uint64_t carry[SMBM_CARRY_WORDS] = {1, 2, 3, UINT64_MAX};
    const struct call_request request = {.index = 3,
                                         .subject = SMBM_ON_SERVER,
                                         .timeout_ms = 5000,
                                         .file = "echo.so",
                                         .carry = carry,
                                         .options = options};
    return call_put_run(frame, sizeof frame, &request);
}

static int64_t list[] = {2, 5, -15};
static char text[] = "abc";
static struct option_value items[] = {
    {.number = -7}, {.text = text}, {.list = list, .list_len = 3}};
static const struct option_values options = {items, 3};

Test(call, run_survives) {
    static struct call_run run;
    struct wire_in in = payload_of(put_run(&options), CALL_RUN);
    cr_assert_eq(call_get_run(&in, &run), 0);
    cr_assert_eq(run.index, 3);
    cr_assert_eq(run.subject, SMBM_ON_SERVER);
    cr_assert_eq(run.carry[3], UINT64_MAX);
    cr_assert_str_eq(run.file, "echo.so");
    cr_assert_eq(run.values_len, 3);
    cr_assert_eq(run.values[0].number, -7);
    cr_assert_str_eq(run.values[0].text, "");
    cr_assert_str_eq(run.values[1].text, "abc");
    cr_assert_eq(run.values[2].list_len, 3);
    cr_assert_eq(run.values[2].list[2], -15);
}

Test(call, run_without_options) {
    static struct call_run run;
    struct wire_in in = payload_of(put_run(NULL), CALL_RUN);
    cr_assert_eq(call_get_run(&in, &run), 0);
    cr_assert_eq(run.values_len, 0);
}

Test(call, run_cut_anywhere_is_refused) {
    static struct call_run run;
    struct wire_in whole = payload_of(put_run(&options), CALL_RUN);
    for (size_t len = 0; len < whole.len; len++) {
        unsigned char *memory;
        struct wire_in in = cut(&whole, len, &memory);
        cr_assert_eq(call_get_run(&in, &run), -EPROTO, "%zu bytes of %zu", len, whole.len);
        free(memory);
    }
}

Test(call, situation_survives_and_is_bounded) {
    struct smbm_situation s = {.verdict = SMBM_DEAD,
                               .os_errno = -5,
                               .attempt = 2,
                               .steps_len = 2,
                               .network_changed_ms = UINT64_MAX,
                               .random = 9,
                               .flags = SMBM_REPORT_STALLED,
                               .server_flags = SMBM_REPORT_MOVED};
    struct smbm_situation got;
    s.steps[1] = (struct smbm_done){SMBM_STEP_FORCE, SMBM_OUTCOME_OK, 10, 20};
    strcpy(s.evidence, "ENOTCONN");
    struct wire_in in = payload_of(call_put_situation(frame, sizeof frame, &s), CALL_SITUATION);
    struct wire_in again = in;
    cr_assert_eq(call_get_situation(&in, &got), 0);
    cr_assert_eq(got.os_errno, -5);
    cr_assert_eq(got.flags, SMBM_REPORT_STALLED);
    cr_assert_eq(got.server_flags, SMBM_REPORT_MOVED);
    cr_assert_eq(got.steps_len, 2);
    cr_assert_eq(got.steps[1].took_ms, 20);
    cr_assert_eq(got.network_changed_ms, UINT64_MAX);
    cr_assert_str_eq(got.evidence, "ENOTCONN");
    for (size_t len = 0; len < again.len; len++) {
        unsigned char *memory;
        struct wire_in part = cut(&again, len, &memory);
        cr_assert_eq(call_get_situation(&part, &got), -EPROTO);
        free(memory);
    }
}

static size_t put_report(uint32_t verdict, const char *evidence) {
    struct smbm_report report = {
        .verdict = verdict, .os_errno = 110, .flags = 1, .took_us = 5, .carry = {4, 3, 2, 1}};
    strcpy(report.evidence, evidence);
    return call_put_report(frame, sizeof frame, 42, 7, &report);
}

Test(call, report_survives) {
    struct call_reply reply;
    struct wire_in in = payload_of(put_report(SMBM_DEAD, "gone in 2 ms"), CALL_REPORT);
    cr_assert_eq(call_get_reply(CALL_REPORT, &in, &reply, NULL), 0);
    cr_assert_eq(reply.id, 42);
    cr_assert_eq(reply.index, 7);
    cr_assert_eq(reply.report.verdict, SMBM_DEAD);
    cr_assert_eq(reply.report.os_errno, 110);
    cr_assert_eq(reply.report.carry[0], 4);
    cr_assert_str_eq(reply.report.evidence, "gone in 2 ms");
}

Test(call, report_with_control_bytes_is_cleaned) {
    struct call_reply reply;
    struct wire_in in = payload_of(put_report(SMBM_DEAD, "a\033[2Jb\n\xff"), CALL_REPORT);
    cr_assert_eq(call_get_reply(CALL_REPORT, &in, &reply, NULL), 0);
    cr_assert_str_eq(reply.report.evidence, "a\\x1b[2Jb\\x0a\\xff");
}

Test(call, impossible_numbers_are_refused_in_words) {
    struct call_reply reply;
    struct err err = {0};
    struct wire_in in = payload_of(put_report(42, ""), CALL_REPORT);
    cr_assert_eq(call_get_reply(CALL_REPORT, &in, &reply, &err), -EPROTO);
    cr_assert_not_null(strstr(err.text, "42"));
    struct smbm_decision decision = {.step = 12};
    in = payload_of(call_put_decision(frame, sizeof frame, 1, 0, &decision), CALL_DECISION);
    cr_assert_eq(call_get_reply(CALL_DECISION, &in, &reply, &err), -EPROTO);
    cr_assert_not_null(strstr(err.text, "step 12"));
    in = payload_of(put_report(1, ""), CALL_REPORT);
    cr_assert_eq(call_get_reply(CALL_JOB, &in, &reply, &err), -EPROTO);
}

Test(call, verdicts_fit_their_subject) {
    cr_assert(call_verdict_fits(SMBM_HEALTHY, SMBM_ON_MOUNT));
    cr_assert(call_verdict_fits(SMBM_GONE, SMBM_ON_MOUNT));
    cr_assert_not(call_verdict_fits(SMBM_UNKNOWN, SMBM_ON_MOUNT));
    cr_assert_not(call_verdict_fits(SMBM_ANSWERS, SMBM_ON_MOUNT));
    cr_assert(call_verdict_fits(SMBM_UNREACHABLE, SMBM_ON_SERVER));
    cr_assert_not(call_verdict_fits(SMBM_HEALTHY, SMBM_ON_SERVER));
    cr_assert_not(call_verdict_fits(11, SMBM_ON_SERVER));
}

Test(call, replies_cut_anywhere_are_refused) {
    struct smbm_decision decision = {.step = SMBM_STEP_WAIT, .wait_ms = 5, .reason = "why"};
    for (uint32_t type = CALL_REPORT; type <= CALL_FAILED; type++) {
        size_t len = type == CALL_REPORT ? put_report(1, "fine")
                     : type == CALL_DECISION
                         ? call_put_decision(frame, sizeof frame, 1, 2, &decision)
                         : call_put_failed(frame, sizeof frame, 1, 2, 5, "no");
        struct wire_in whole = payload_of(len, type);
        for (size_t k = 0; k < whole.len; k++) {
            unsigned char *memory;
            struct call_reply reply;
            struct wire_in in = cut(&whole, k, &memory);
            cr_assert_eq(call_get_reply(type, &in, &reply, NULL), -EPROTO);
            free(memory);
        }
    }
}

/* Whatever the bytes: no crash, and what is accepted is in its range and one clean line. */
Test(call, mutated_replies_are_refused_or_in_range) {
    unsigned seed = 1;
    for (int round = 0; round < 200000; round++) {
        size_t len = put_report(1, "statx answered in 2 ms");
        for (int k = 0; k < 3; k++) {
            seed = seed * 1103515245u + 12345u;
            frame[WIRE_HEAD + (seed >> 8) % (len - WIRE_HEAD)] = (unsigned char)(seed >> 24);
        }
        struct call_reply reply;
        struct wire_in in = payload_of(len, CALL_REPORT);
        if (call_get_reply(CALL_REPORT, &in, &reply, NULL) != 0)
            continue;
        cr_assert_leq(reply.report.verdict, SMBM_UNREACHABLE);
        for (const char *p = reply.report.evidence; *p != '\0'; p++)
            cr_assert((unsigned char)*p >= 0x20 && *p != 0x7f);
    }
}

Test(call, rule_of_the_kinds) {
    cr_assert(call_is_due(CALL_KIND_PROBE, SMBM_ON_MOUNT, CALL_WELL));
    cr_assert(call_is_due(CALL_KIND_PROBE, SMBM_ON_MOUNT, CALL_SICK));
    cr_assert_not(call_is_due(CALL_KIND_PROBE, SMBM_ON_MOUNT, CALL_OVER));
    cr_assert_not(call_is_due(CALL_KIND_PROBE, SMBM_ON_SERVER, CALL_WELL));
    cr_assert(call_is_due(CALL_KIND_PROBE, SMBM_ON_SERVER, CALL_SICK));
    cr_assert(call_is_due(CALL_KIND_PROBE, SMBM_ON_SERVER, CALL_OVER));
    cr_assert(call_is_due(CALL_KIND_ALL, SMBM_ON_SERVER, CALL_WELL));
    cr_assert(call_is_due(CALL_KIND_ALL, SMBM_ON_MOUNT, CALL_OVER));
    cr_assert_eq(call_health_after(CALL_WELL, SMBM_ON_MOUNT, true, SMBM_SUSPECT), CALL_SICK);
    cr_assert_eq(call_health_after(CALL_WELL, SMBM_ON_MOUNT, false, SMBM_SUSPECT), CALL_OVER);
    cr_assert_eq(call_health_after(CALL_WELL, SMBM_ON_MOUNT, false, SMBM_BLIND), CALL_SICK);
    cr_assert_eq(call_health_after(CALL_SICK, SMBM_ON_MOUNT, true, SMBM_DEAD), CALL_OVER);
    cr_assert_eq(call_health_after(CALL_SICK, SMBM_ON_MOUNT, false, SMBM_HEALTHY), CALL_SICK);
    cr_assert_eq(call_health_after(CALL_WELL, SMBM_ON_SERVER, false, SMBM_MUTE), CALL_WELL);
}
