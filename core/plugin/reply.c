/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Answers of a plugin host: the half of call.h that the daemon must not believe. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "plugin/call.h"

void call_clean(char *to, size_t size, const char *text) {
    str_clean(to, size, text, strlen(text));
}

bool call_verdict_fits(uint32_t verdict, uint32_t subject) {
    if (subject == SMBM_ON_SERVER)
        return verdict >= SMBM_ANSWERS && verdict <= SMBM_UNREACHABLE;
    return verdict >= SMBM_HEALTHY && verdict <= SMBM_GONE;
}

static void put_carry(struct wire_out *w, const uint64_t carry[SMBM_CARRY_WORDS]) {
    for (size_t i = 0; i < SMBM_CARRY_WORDS; i++)
        wire_put_u64(w, carry[i]);
}

static void get_carry(struct wire_in *in, uint64_t carry[SMBM_CARRY_WORDS]) {
    for (size_t i = 0; i < SMBM_CARRY_WORDS; i++)
        carry[i] = wire_get_u64(in);
}

static void begin(struct wire_out *w, void *buffer, size_t size, uint32_t type, uint64_t id,
                  uint32_t index) {
    wire_begin(w, buffer, size, type);
    wire_put_u64(w, id);
    wire_put_u32(w, index);
}

size_t call_put_report(void *buffer, size_t size, uint64_t id, uint32_t index,
                       const struct smbm_report *report) {
    struct wire_out w;
    begin(&w, buffer, size, CALL_REPORT, id, index);
    wire_put_u32(&w, report->verdict);
    wire_put_u32(&w, (uint32_t)report->os_errno);
    wire_put_u32(&w, report->flags);
    wire_put_u64(&w, report->took_us);
    put_carry(&w, report->carry);
    wire_put_str(&w, report->evidence);
    return wire_end(&w);
}

size_t call_put_decision(void *buffer, size_t size, uint64_t id, uint32_t index,
                         const struct smbm_decision *decision) {
    struct wire_out w;
    begin(&w, buffer, size, CALL_DECISION, id, index);
    wire_put_u32(&w, decision->step);
    wire_put_u64(&w, decision->wait_ms);
    wire_put_u32(&w, decision->timeout_ms);
    put_carry(&w, decision->carry);
    wire_put_str(&w, decision->reason);
    return wire_end(&w);
}

size_t call_put_failed(void *buffer, size_t size, uint64_t id, uint32_t index, int code,
                       const char *text) {
    struct wire_out w;
    begin(&w, buffer, size, CALL_FAILED, id, index);
    wire_put_u32(&w, (uint32_t)code);
    wire_put_str(&w, text);
    return wire_end(&w);
}

size_t call_put_text(void *buffer, size_t size, uint32_t type, const char *text) {
    struct wire_out w;
    wire_begin(&w, buffer, size, type);
    if (text != NULL)
        wire_put_str(&w, text);
    return wire_end(&w);
}

static int get_report(struct wire_in *in, struct smbm_report *report, struct err *err) {
    report->verdict = wire_get_u32(in);
    report->os_errno = (int32_t)wire_get_u32(in);
    report->flags = wire_get_u32(in) & SMBM_REPORT_ALL;
    report->took_us = wire_get_u64(in);
    get_carry(in, report->carry);
    call_clean(report->evidence, sizeof report->evidence, wire_get_str(in));
    if (report->verdict > SMBM_UNREACHABLE)
        return err_set(err, EPROTO, "reported the verdict %u, which does not exist",
                       report->verdict);
    return 0;
}

static int get_decision(struct wire_in *in, struct smbm_decision *decision, struct err *err) {
    decision->step = wire_get_u32(in);
    decision->wait_ms = wire_get_u64(in);
    decision->timeout_ms = wire_get_u32(in);
    get_carry(in, decision->carry);
    call_clean(decision->reason, sizeof decision->reason, wire_get_str(in));
    if (decision->step > SMBM_STEP_GIVE_UP)
        return err_set(err, EPROTO, "decided on the step %u, which does not exist", decision->step);
    if (decision->timeout_ms > CALL_TIMEOUT_MAX_MS)
        decision->timeout_ms = CALL_TIMEOUT_MAX_MS;
    return 0;
}

static int get_failed(struct wire_in *in, struct smbm_report *report) {
    report->verdict = SMBM_BLIND;
    report->os_errno = (int32_t)wire_get_u32(in);
    call_clean(report->evidence, sizeof report->evidence, wire_get_str(in));
    return 0;
}

int call_get_reply(uint32_t type, struct wire_in *in, struct call_reply *reply, struct err *err) {
    *reply = (struct call_reply){.report.size = sizeof reply->report,
                                 .decision.size = sizeof reply->decision};
    reply->id = wire_get_u64(in);
    reply->index = wire_get_u32(in);
    int rc;
    if (type == CALL_REPORT)
        rc = get_report(in, &reply->report, err);
    else if (type == CALL_DECISION)
        rc = get_decision(in, &reply->decision, err);
    else if (type == CALL_FAILED)
        rc = get_failed(in, &reply->report);
    else
        return err_set(err, EPROTO, "sent a frame of type %u where an answer is due", type);
    if (!wire_done(in))
        return err_set(err, EPROTO, "sent an answer of %zu bytes that cannot be read", in->len);
    return rc;
}
