/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Reading jobs and answering them, one call at a time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "plugin/host.h"

/* Frames come in bunches: one read for as many as there are. */
struct reader {
    int fd;
    bool owes_bell; /* something was answered since the last one */
    bool read_up;   /* the daemon has read all that we wrote */
    size_t begin, end, size;
    unsigned char *data;
};

struct session {
    struct host *host;
    struct slate *slate;
    struct reader in;
    struct host_job job;
    struct call_run run;
};

static int ring(struct reader *r) {
    unsigned char bell[WIRE_HEAD];
    r->owes_bell = r->read_up = false;
    return wire_write(r->fd, bell, call_put_text(bell, sizeof bell, CALL_BELL, NULL));
}

static int refill(struct reader *r) {
    if (r->owes_bell) {
        int rc = ring(r);
        if (rc != 0)
            return rc;
    }
    if (r->begin > 0) {
        memmove(r->data, r->data + r->begin, r->end - r->begin);
        r->end -= r->begin;
        r->begin = 0;
    }
    for (;;) {
        ssize_t n = read(r->fd, r->data + r->end, r->size - r->end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        r->end += (size_t)n;
        return 0;
    }
}

/* The next frame, which must be of this type. The payload lives until the next call. */
static int next_frame(struct reader *r, uint32_t wanted, struct wire_in *payload) {
    for (;;) {
        uint32_t type;
        size_t whole;
        int rc = wire_frame(r->data + r->begin, r->end - r->begin, &type, payload, &whole);
        if (rc == 1) {
            r->begin += whole;
            return type == wanted ? 0 : -EPROTO;
        }
        if (rc == 0)
            rc = refill(r);
        if (rc != 0)
            return rc;
    }
}

static uint64_t hash(const unsigned char *bytes, size_t len) {
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static int read_head(struct session *s) {
    struct wire_in payload;
    struct host_job *job = &s->job;
    int rc = next_frame(&s->in, CALL_JOB, &payload);
    if (rc == 0)
        rc = call_get_job(&payload, &job->head);
    if (rc == 0)
        rc = next_frame(&s->in, CALL_MOUNT, &payload);
    if (rc != 0)
        return rc;
    memcpy(job->mount_bytes, payload.data, payload.len);
    payload.data = job->mount_bytes;
    job->mount_key = hash(payload.data, payload.len);
    rc = call_get_mount(&payload, &job->mount);
    if (rc != 0 || job->head.kind != CALL_KIND_NEXT)
        return rc;
    rc = next_frame(&s->in, CALL_SITUATION, &payload);
    return rc != 0 ? rc : call_get_situation(&payload, &job->situation);
}

/* What the daemon has not read of what was written. */
static int unread(int fd) {
    int bytes = 0;
    return ioctl(fd, TIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

/* Call the plugin; the answer as a frame, 0 with err when there is none. */
static size_t ask(struct session *s, void *frame, size_t size, uint32_t *verdict, struct err *err) {
    uint64_t id = s->job.head.id;
    struct smbm_decision decision;
    struct smbm_report report;
    if (s->job.head.kind == CALL_KIND_NEXT)
        return host_next(s->host, &s->job, &s->run, &decision, err) == 0
                   ? call_put_decision(frame, size, id, s->run.index, &decision)
                   : 0;
    if (host_run(s->host, &s->job, &s->run, &report, err) != 0)
        return 0;
    *verdict = report.verdict;
    return call_put_report(frame, size, id, s->run.index, &report);
}

static int answer(struct session *s) {
    unsigned char frame[CALL_ANSWER_MAX];
    struct err err = {0};
    uint32_t verdict = SMBM_BLIND;
    int before = s->in.read_up ? 0 : unread(s->in.fd);
    size_t len = ask(s, frame, sizeof frame, &verdict, &err);
    /* The daemon ends this host for it, and shall know which plugin it was: no other one begins. */
    int after = unread(s->in.fd);
    bool wrote = after > before;
    s->in.read_up = after == 0;
    if (wrote) {
        err_set(&err, EPROTO, "%s: wrote into the socket of the plugin host", s->run.file);
        len = 0;
    }
    if (len == 0) {
        verdict = SMBM_BLIND;
        len =
            call_put_failed(frame, sizeof frame, s->job.head.id, s->run.index, err.code, err.text);
    }
    if (s->job.head.kind != CALL_KIND_NEXT)
        s->job.head.health = (uint32_t)call_health_after(
            (enum call_health)s->job.head.health, s->run.subject, s->run.passive != 0, verdict);
    s->in.owes_bell = true;
    if (!slate_put(s->slate, frame, len))
        return -ENOBUFS;
    return wrote ? -EPIPE : 0;
}

static bool is_due(const struct session *s) {
    return call_is_due((enum call_kind)s->job.head.kind, s->run.subject,
                       (enum call_health)s->job.head.health);
}

static int serve_job(struct session *s) {
    int rc = read_head(s);
    bool ours = rc == 0 && slate_claim(s->slate, s->job.head.batch);
    for (uint32_t i = 0; i < s->job.head.count && rc == 0; i++) {
        struct wire_in payload;
        rc = next_frame(&s->in, CALL_RUN, &payload);
        if (rc == 0)
            rc = call_get_run(&payload, &s->run);
        if (rc != 0 || !ours || !is_due(s))
            continue;
        slate_mark(s->slate);
        rc = answer(s);
    }
    return rc;
}

int host_serve(struct host *host, int fd, struct slate *slate) {
    unsigned char hello[WIRE_HEAD];
    size_t size = 2 * (WIRE_HEAD + WIRE_FRAME_MAX);
    CLEANUP_FREE unsigned char *data = malloc(size);
    CLEANUP_FREE struct session *s = calloc(1, sizeof *s);
    if (data == NULL || s == NULL)
        return -ENOMEM;
    s->host = host;
    s->slate = slate;
    s->in = (struct reader){.fd = fd, .data = data, .size = size};
    int rc = wire_write(fd, hello, call_put_text(hello, sizeof hello, CALL_HELLO, NULL));
    while (rc == 0)
        rc = serve_job(s);
    return rc == -EPIPE ? 0 : rc;
}
