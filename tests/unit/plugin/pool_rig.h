/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A pool with a folder of test plugins, and what the owners of its jobs hear. One per process. */
#ifndef TESTS_PLUGIN_POOL_RIG_H
#define TESTS_PLUGIN_POOL_RIG_H

#include "plugin/pool.h"
#include "rig.h"

struct answer {
    size_t call;
    enum pool_end end;
    struct smbm_report report;
    struct smbm_decision decision;
};

/* What one job's owner heard. */
struct heard {
    struct answer answers[16];
    size_t len;
    bool done, done_reaped, reaped;
    unsigned stuck_when_done;
    uint64_t done_at;
    uv_loop_t *loop;
    unsigned *left; /* jobs that are not done */
    bool *all_done;
};

extern uv_loop_t loop;
extern struct pool *pool;
extern char folder[RIG_PATH_MAX];
extern bool destroyed;
extern struct option_value delay_item;
extern const struct option_values delay;

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

void start_with(const char *host, unsigned min_hosts, unsigned max_hosts);
void start(unsigned min_hosts, unsigned max_hosts);
void stop(void);
void set_flag(void *context);

/* The descriptor that a registry would have: the pool reads file and subject only. */
struct pool_call call_of(const char *name, uint32_t timeout_ms,
                         const struct option_values *options);
struct pool_job job_of(enum pool_kind kind, struct heard *heard);

/* Submit a job of plugins without options, each with this timeout. */
uint64_t submit(enum pool_kind kind, struct heard *heard, uint32_t timeout_ms,
                const char *const names[]);
uint64_t submit_slow(struct heard *heard, int64_t ms, uint32_t timeout_ms);

#endif
