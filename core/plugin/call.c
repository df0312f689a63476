/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "plugin/call.h"

#include <errno.h>
#include <string.h>

enum call_health call_health_after(enum call_health health, uint32_t subject, bool passive,
                                   uint32_t verdict) {
    if (subject == SMBM_ON_SERVER || verdict == SMBM_HEALTHY || health == CALL_OVER)
        return health;
    bool unsure = verdict == SMBM_BLIND || (verdict == SMBM_SUSPECT && passive);
    return unsure ? CALL_SICK : CALL_OVER;
}

bool call_is_due(enum call_kind kind, uint32_t subject, enum call_health health) {
    if (kind != CALL_KIND_PROBE)
        return true;
    return subject == SMBM_ON_SERVER ? health != CALL_WELL : health != CALL_OVER;
}

static void put_carry(struct wire_out *w, const uint64_t carry[SMBM_CARRY_WORDS]) {
    for (size_t i = 0; i < SMBM_CARRY_WORDS; i++)
        wire_put_u64(w, carry[i]);
}

static void get_carry(struct wire_in *in, uint64_t carry[SMBM_CARRY_WORDS]) {
    for (size_t i = 0; i < SMBM_CARRY_WORDS; i++)
        carry[i] = wire_get_u64(in);
}

size_t call_put_job(void *buffer, size_t size, const struct call_job *job) {
    struct wire_out w;
    wire_begin(&w, buffer, size, CALL_JOB);
    wire_put_u64(&w, job->id);
    wire_put_u32(&w, job->kind);
    wire_put_u32(&w, job->health);
    wire_put_u32(&w, job->count);
    wire_put_u32(&w, job->batch);
    return wire_end(&w);
}

int call_get_job(struct wire_in *in, struct call_job *job) {
    job->id = wire_get_u64(in);
    job->kind = wire_get_u32(in);
    job->health = wire_get_u32(in);
    job->count = wire_get_u32(in);
    job->batch = wire_get_u32(in);
    return wire_done(in) && job->kind <= CALL_KIND_ALL ? 0 : -EPROTO;
}

size_t call_put_mount(void *buffer, size_t size, const struct smbm_mount *mount) {
    struct wire_out w;
    wire_begin(&w, buffer, size, CALL_MOUNT);
    wire_put_u32(&w, mount->mounted);
    wire_put_u32(&w, mount->port);
    wire_put_u64(&w, mount->mount_id);
    wire_put_u64(&w, mount->device);
    wire_put_u32(&w, mount->echo_interval_ms);
    const char *const texts[] = {mount->name,   mount->mounter, mount->server,     mount->share,
                                 mount->source, mount->fstype,  mount->mountpoint, mount->address};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        wire_put_str(&w, texts[i]);
    return wire_end(&w);
}

int call_get_mount(struct wire_in *in, struct smbm_mount *mount) {
    *mount = (struct smbm_mount){.size = sizeof *mount};
    mount->mounted = wire_get_u32(in);
    mount->port = wire_get_u32(in);
    mount->mount_id = wire_get_u64(in);
    mount->device = wire_get_u64(in);
    mount->echo_interval_ms = wire_get_u32(in);
    mount->name = wire_get_str(in);
    mount->mounter = wire_get_str(in);
    mount->server = wire_get_str(in);
    mount->share = wire_get_str(in);
    mount->source = wire_get_str(in);
    mount->fstype = wire_get_str(in);
    mount->mountpoint = wire_get_str(in);
    mount->address = wire_get_str(in);
    return wire_done(in) ? 0 : -EPROTO;
}

static void put_steps(struct wire_out *w, const struct smbm_situation *s) {
    size_t len = s->steps_len < SMBM_STEPS_MAX ? s->steps_len : SMBM_STEPS_MAX;
    wire_put_u32(w, (uint32_t)len);
    for (size_t i = 0; i < len; i++) {
        wire_put_u32(w, s->steps[i].step);
        wire_put_u32(w, s->steps[i].outcome);
        wire_put_u64(w, s->steps[i].ago_ms);
        wire_put_u64(w, s->steps[i].took_ms);
    }
}

/* options and carry travel in the RUN frame. */
size_t call_put_situation(void *buffer, size_t size, const struct smbm_situation *s) {
    struct wire_out w;
    wire_begin(&w, buffer, size, CALL_SITUATION);
    const uint32_t words[] = {s->verdict, (uint32_t)s->os_errno, s->attempt, s->mounted, s->server,
                              s->flags,   s->server_flags};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        wire_put_u32(&w, words[i]);
    const uint64_t spans[] = {s->server_since_ms, s->network_changed_ms, s->outage_ms,
                              s->attempt_ms, s->random};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        wire_put_u64(&w, spans[i]);
    put_steps(&w, s);
    wire_put_str(&w, s->evidence);
    return wire_end(&w);
}

static void get_steps(struct wire_in *in, struct smbm_situation *s) {
    s->steps_len = wire_get_u32(in);
    if (s->steps_len > SMBM_STEPS_MAX) {
        in->failed = true;
        s->steps_len = 0;
    }
    for (size_t i = 0; i < s->steps_len; i++) {
        s->steps[i].step = wire_get_u32(in);
        s->steps[i].outcome = wire_get_u32(in);
        s->steps[i].ago_ms = wire_get_u64(in);
        s->steps[i].took_ms = wire_get_u64(in);
    }
}

int call_get_situation(struct wire_in *in, struct smbm_situation *s) {
    *s = (struct smbm_situation){.size = sizeof *s};
    s->verdict = wire_get_u32(in);
    s->os_errno = (int32_t)wire_get_u32(in);
    s->attempt = wire_get_u32(in);
    s->mounted = wire_get_u32(in);
    s->server = wire_get_u32(in);
    s->flags = wire_get_u32(in);
    s->server_flags = wire_get_u32(in);
    s->server_since_ms = wire_get_u64(in);
    s->network_changed_ms = wire_get_u64(in);
    s->outage_ms = wire_get_u64(in);
    s->attempt_ms = wire_get_u64(in);
    s->random = wire_get_u64(in);
    get_steps(in, s);
    call_clean(s->evidence, sizeof s->evidence, wire_get_str(in));
    return wire_done(in) ? 0 : -EPROTO;
}

static void put_options(struct wire_out *w, const struct option_values *options) {
    size_t len = options != NULL ? options->len : 0;
    if (len > CALL_OPTIONS_MAX) {
        w->failed = true;
        return;
    }
    wire_put_u32(w, (uint32_t)len);
    for (size_t i = 0; i < len; i++) {
        const struct option_value *value = &options->items[i];
        wire_put_u64(w, (uint64_t)value->number);
        wire_put_str(w, value->text);
        wire_put_bytes(w, value->list, value->list_len * sizeof value->list[0]);
    }
}

size_t call_put_run(void *buffer, size_t size, const struct call_request *request) {
    struct wire_out w;
    wire_begin(&w, buffer, size, CALL_RUN);
    wire_put_u32(&w, request->index);
    wire_put_u32(&w, request->subject);
    wire_put_u32(&w, request->passive);
    wire_put_u32(&w, request->timeout_ms);
    put_carry(&w, request->carry);
    wire_put_str(&w, request->file);
    put_options(&w, request->options);
    return wire_end(&w);
}

/* Lists are copied: in the payload they are not aligned. */
static void get_value(struct wire_in *in, struct smbm_value *value, int64_t *list) {
    size_t len;
    value->number = (int64_t)wire_get_u64(in);
    value->text = wire_get_str(in);
    const void *bytes = wire_get_bytes(in, &len);
    if (len % sizeof *list != 0 || len / sizeof *list > SCHEMA_LIST_MAX) {
        in->failed = true;
        return;
    }
    if (len > 0)
        memcpy(list, bytes, len);
    value->list = list;
    value->list_len = len / sizeof *list;
}

int call_get_run(struct wire_in *in, struct call_run *run) {
    run->index = wire_get_u32(in);
    run->subject = wire_get_u32(in);
    run->passive = wire_get_u32(in);
    run->timeout_ms = wire_get_u32(in);
    get_carry(in, run->carry);
    run->file = wire_get_str(in);
    size_t begin = in->at;
    run->values_len = wire_get_u32(in);
    if (run->values_len > CALL_OPTIONS_MAX)
        return -EPROTO;
    for (size_t i = 0; i < run->values_len; i++)
        get_value(in, &run->values[i], run->lists[i]);
    run->option_bytes = in->data + begin;
    run->option_bytes_len = in->at - begin;
    return wire_done(in) && run->subject <= SMBM_ON_SERVER ? 0 : -EPROTO;
}
