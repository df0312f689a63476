/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/sweep.h"

#include <signal.h>
#include <stdlib.h>

#include "daemon/actions.h"
#include "daemon/helper_proc.h"
#include "os/os.h"

#define SWEEP_LEAST 16     /* mounts; for fewer it is not worth it */
#define SWEEP_MS 1500u     /* for all of them: a healthy one takes less than one */
#define SWEEP_REAP_MS 200u /* after SIGKILL: one hangs in the kernel, the others go on */
#define SWEEP_FRAME (WIRE_HEAD + 3 * CONFIG_PATH_MAX)

struct sweep {
    struct daemon *daemon;
    uv_process_t process;
    uv_pipe_t pipe;
    uv_timer_t timer;
    uv_write_t write;
    uv_shutdown_t shutdown;
    unsigned char *frames;
    size_t len, size;
    bool killed, over;
    unsigned closing;
};

void sweep_begin(struct daemon *daemon) {
    if (daemon->mounts_len < SWEEP_LEAST || daemon->sweep != NULL)
        return;
    daemon->sweep = calloc(1, sizeof *daemon->sweep);
    if (daemon->sweep != NULL)
        daemon->sweep->daemon = daemon;
}

static bool reserve(struct sweep *sweep) {
    if (sweep->size - sweep->len >= SWEEP_FRAME)
        return true;
    size_t size = sweep->size * 2 + SWEEP_FRAME;
    unsigned char *frames = realloc(sweep->frames, size);
    if (frames == NULL)
        return false;
    sweep->frames = frames;
    sweep->size = size;
    return true;
}

/* What is not well, or in the hands of a probe, is left to a helper that may hang alone. */
bool sweep_takes(struct supervisor *s) {
    struct sweep *sweep = s->daemon->sweep;
    if (sweep == NULL || sweep->process.data != NULL || s->presence != MOUNT_OURS ||
        s->conf.unmount_command.len > 0 || s->health != MACHINE_ON_PROBE_HEALTHY ||
        s->round != NULL || !reserve(sweep))
        return false;
    const struct helper_sweep one = {.directory = s->daemon->config.runtime_directory,
                                     .name = s->conf.name,
                                     .mountpoint = s->mountpoint,
                                     .mount_id = s->identity.id,
                                     .device = s->identity.device};
    size_t len = helper_encode_sweep(&one, sweep->frames + sweep->len, sweep->size - sweep->len);
    sweep->len += len;
    s->swept = len > 0;
    return s->swept;
}

static void on_closed(uv_handle_t *handle) {
    struct sweep *sweep = handle->data;
    if (--sweep->closing > 0)
        return;
    free(sweep->frames);
    free(sweep);
}

/* The table has the last word on each. */
static void conclude(struct sweep *sweep) {
    struct daemon *daemon = sweep->daemon;
    sweep->over = true;
    daemon->sweep = NULL;
    daemon_read_table(daemon);
    for (size_t i = 0; i < daemon->mounts_len; i++) {
        struct supervisor *s = daemon->mounts[i];
        bool swept = s->swept;
        s->swept = false;
        if (swept && s->machine.op == MACHINE_OP_UNMOUNT && s->presence != MOUNT_OURS)
            supervisor_result(s, MACHINE_ON_UNMOUNT_OK);
        else if (swept && s->machine.op == MACHINE_OP_UNMOUNT)
            actions_start_helper(s, HELPER_UNMOUNT);
    }
}

static void close_all(struct sweep *sweep) {
    bool spawned = uv_handle_get_type((uv_handle_t *)&sweep->process) == UV_PROCESS;
    sweep->closing = spawned ? 3 : 2; /* with nothing to sweep there never was a process */
    uv_close((uv_handle_t *)&sweep->pipe, on_closed);
    uv_close((uv_handle_t *)&sweep->timer, on_closed);
    if (spawned)
        uv_close((uv_handle_t *)&sweep->process, on_closed);
}

static void on_ended(uv_process_t *process, int64_t status, int signal) {
    struct sweep *sweep = process->data;
    (void)status, (void)signal;
    if (!sweep->over)
        conclude(sweep);
    close_all(sweep);
}

static void on_late(uv_timer_t *timer) {
    struct sweep *sweep = timer->data;
    if (sweep->killed) {
        conclude(sweep);
        return;
    }
    sweep->killed = true;
    uv_process_kill(&sweep->process, SIGKILL);
    uv_timer_start(timer, on_late, SWEEP_REAP_MS, 0);
}

void sweep_go(struct daemon *daemon) {
    struct sweep *sweep = daemon->sweep;
    if (sweep == NULL)
        return;
    uv_pipe_init(&daemon->loop, &sweep->pipe, 0);
    uv_timer_init(&daemon->loop, &sweep->timer);
    sweep->pipe.data = sweep->timer.data = sweep->process.data = sweep;
    if (sweep->len == 0 ||
        helper_proc_spawn(daemon, &sweep->process, &sweep->pipe, on_ended) != 0) {
        conclude(sweep);
        close_all(sweep);
        return;
    }
    uv_buf_t buf = uv_buf_init((char *)sweep->frames, (unsigned)sweep->len);
    uv_write(&sweep->write, (uv_stream_t *)&sweep->pipe, &buf, 1, NULL);
    uv_shutdown(&sweep->shutdown, (uv_stream_t *)&sweep->pipe, NULL);
    uv_timer_start(&sweep->timer, on_late, SWEEP_MS, 0);
}
