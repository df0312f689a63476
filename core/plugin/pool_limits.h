/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The times and numbers of the pool. */
#ifndef PLUGIN_POOL_LIMITS_H
#define PLUGIN_POOL_LIMITS_H

#include "plugin/call.h"
#include "plugin/slate.h"

#define POOL_GRACE_MS 100 /* for an answer of a call that keeps its own time */
#define POOL_BATCH 64     /* jobs given to a host at once, */
#define POOL_BATCH_CALLS (SLATE_ANSWERS / CALL_ANSWER_MAX) /* if their answers find room */
#define POOL_START_MS 5000                                 /* from spawn to HELLO */
#define POOL_BROKEN_MS 1000  /* no new try for so long after a host that did not start */
#define POOL_STALL_MS 20     /* no batch takes longer; nothing was begun for so long: more hosts */
#define POOL_WAIT_MS 250     /* the oldest job waits for so long: more hosts */
#define POOL_LOOK_MS 1000    /* a look waits for so long: before questions to servers */
#define POOL_IDLE_MS 60000   /* a host above min_hosts that had nothing to do */
#define POOL_DESTROY_MS 500  /* how long pool_destroy waits for the killed */
#define POOL_HOLD_MS 1000    /* how long the rest of a job waits until its killed host is reaped */
#define POOL_TIMEOUT_MS 5000 /* for a call that came without a timeout */

#endif
