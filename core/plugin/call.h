/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * What the pool and a plugin host say to each other, in frames of base/wire.h. A job is one JOB
 * frame, one MOUNT, for CALL_NEXT one SITUATION, then JOB.count times RUN; a batch of jobs is sent
 * at once. The host answers each call that is due with one REPORT, DECISION or FAILED, all of them
 * on the slate (slate.h), and rings when it has nothing left to do. Both sides know by call_is_due
 * which call comes next, so no frame says it. The decoders believe nothing.
 */
#ifndef PLUGIN_CALL_H
#define PLUGIN_CALL_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/wire.h"
#include "config/schema.h"

#define CALL_OPTIONS_MAX 32
#define CALL_TIMEOUT_MAX_MS 600000u
#define CALL_ANSWER_MAX (WIRE_HEAD + 1024u)

enum call_frame {
    CALL_DESCRIBE = 1, /* host: a descriptor (--describe) */
    CALL_ERROR,        /* host: why there is none, one text */
    CALL_HELLO,        /* host: ready, nothing in it */
    CALL_JOB,
    CALL_MOUNT,
    CALL_SITUATION,
    CALL_RUN,
    CALL_REPORT,
    CALL_DECISION,
    CALL_FAILED, /* host: the plugin could not be called; a text for the evidence */
    CALL_BELL,   /* host: nothing left to do, look at the slate; nothing in it */
};

enum call_kind { CALL_KIND_PROBE, CALL_KIND_NEXT, CALL_KIND_RUN, CALL_KIND_ALL };

struct call_job {
    uint64_t id;
    uint32_t kind;   /* enum call_kind */
    uint32_t health; /* enum call_health, from what another host already answered */
    uint32_t count;  /* RUN frames that follow */
    uint32_t batch;  /* see slate_claim */
};

/* One call as the daemon gives it. */
struct call_request {
    uint32_t index, subject, passive, timeout_ms;
    const char *file; /* in the plugin folder */
    const uint64_t *carry;
    const struct option_values *options; /* NULL: none */
};

/* One call as the host gets it; texts point into the payload. */
struct call_run {
    uint32_t index, subject, passive, timeout_ms;
    const char *file;
    uint64_t carry[SMBM_CARRY_WORDS];
    const unsigned char *option_bytes; /* the encoded options: part of an instance's key */
    size_t option_bytes_len;
    size_t values_len;
    struct smbm_value values[CALL_OPTIONS_MAX];
    int64_t lists[CALL_OPTIONS_MAX][SCHEMA_LIST_MAX];
};

/* The answer to one call. */
struct call_reply {
    uint64_t id;
    uint32_t index;
    struct smbm_report report;     /* CALL_REPORT; CALL_FAILED: evidence and errno only */
    struct smbm_decision decision; /* CALL_DECISION */
};

/* How a round of probes stands. While WELL the mount probes go on and no server is asked. SICK:
 * something passive is suspicious, or could not look: the others shall look, and the server is
 * asked. OVER: the verdict stands (or a probe of the share hung): no more mount probes. */
enum call_health { CALL_WELL, CALL_SICK, CALL_OVER };

enum call_health call_health_after(enum call_health health, uint32_t subject, bool passive,
                                   uint32_t verdict);

/* The rule of the job kinds: is a call of this subject still to be made? */
bool call_is_due(enum call_kind kind, uint32_t subject, enum call_health health);

/* Writing: the frame's length, or 0 when it does not fit. */
size_t call_put_job(void *buffer, size_t size, const struct call_job *job);
size_t call_put_mount(void *buffer, size_t size, const struct smbm_mount *mount);
size_t call_put_situation(void *buffer, size_t size, const struct smbm_situation *situation);
size_t call_put_run(void *buffer, size_t size, const struct call_request *request);
size_t call_put_report(void *buffer, size_t size, uint64_t id, uint32_t index,
                       const struct smbm_report *report);
size_t call_put_decision(void *buffer, size_t size, uint64_t id, uint32_t index,
                         const struct smbm_decision *decision);
size_t call_put_failed(void *buffer, size_t size, uint64_t id, uint32_t index, int code,
                       const char *text);
size_t call_put_text(void *buffer, size_t size, uint32_t type, const char *text);

/* Reading in the host: 0 or -EPROTO. Texts point into the payload, which must live as long. */
int call_get_job(struct wire_in *in, struct call_job *job);
int call_get_mount(struct wire_in *in, struct smbm_mount *mount);
int call_get_situation(struct wire_in *in, struct smbm_situation *situation);
int call_get_run(struct wire_in *in, struct call_run *run);

/* Reading in the daemon: type is that of the frame. 0, or -EPROTO with err saying what is wrong.
 * After it texts are one clean line and numbers are in their range. */
int call_get_reply(uint32_t type, struct wire_in *in, struct call_reply *reply, struct err *err);

/* May a probe of this subject report this verdict? */
bool call_verdict_fits(uint32_t verdict, uint32_t subject);

/* Copy a foreign text as one clean line: as it is when it can be shown, else escaped. */
void call_clean(char *to, size_t size, const char *text);

#endif
