/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a plugin host sends: any bytes at all, since a plugin may write into the socket. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "plugin/call.h"
#include "plugin/descriptor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool sound) {
    if (!sound)
        abort();
}

static void describe(struct wire_in *payload) {
    struct descriptor d = {0};
    struct err err = {0};
    if (descriptor_decode(payload, &d, &err) == 0) {
        check(d.ok && str_is_clean(d.name, strlen(d.name)) && d.name[0] != '\0');
        check(str_is_clean(d.summary, strlen(d.summary)));
        check(schema_len(d.options) <= DESCRIPTOR_OPTIONS_MAX);
    } else {
        check(!d.ok && d.options == NULL && err.text[0] != '\0');
    }
    descriptor_finish(&d);
}

static void reply(uint32_t type, struct wire_in *payload) {
    struct call_reply got;
    struct err err = {0};
    if (call_get_reply(type, payload, &got, &err) != 0) {
        check(err.text[0] != '\0');
        return;
    }
    check(got.report.verdict <= SMBM_UNREACHABLE && got.decision.step <= SMBM_STEP_GIVE_UP);
    check(str_is_clean(got.report.evidence, strlen(got.report.evidence)));
    check(str_is_clean(got.decision.reason, strlen(got.decision.reason)));
}

/* And what the daemon sends, which the host reads: it must not crash either. */
static void request(uint32_t type, struct wire_in *payload) {
    static struct call_run run;
    struct call_job job;
    struct smbm_mount mount;
    struct smbm_situation situation;
    if (type == CALL_JOB)
        (void)call_get_job(payload, &job);
    else if (type == CALL_MOUNT)
        (void)call_get_mount(payload, &mount);
    else if (type == CALL_SITUATION)
        (void)call_get_situation(payload, &situation);
    else
        (void)call_get_run(payload, &run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t at = 0, whole;
    uint32_t type;
    struct wire_in payload;
    while (wire_frame(data + at, size - at, &type, &payload, &whole) == 1) {
        at += whole;
        if (type == CALL_DESCRIBE)
            describe(&payload);
        else if (type >= CALL_JOB && type <= CALL_RUN)
            request(type, &payload);
        else
            reply(type, &payload);
    }
    return 0;
}
