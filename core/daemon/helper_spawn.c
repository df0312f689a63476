/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <stdlib.h>

#include "daemon/helper_proc.h"

int helper_proc_spawn(struct daemon *d, uv_process_t *process, uv_pipe_t *pipe, uv_exit_cb ended) {
    char helper_word[] = "mount-helper", path_env[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
         lang_env[] = "LANG=C.UTF-8";
    char credentials_env[CONFIG_PATH_MAX + 32];
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    snprintf(credentials_env, sizeof credentials_env, "CREDENTIALS_DIRECTORY=%s",
             credentials != NULL ? credentials : "");
    char *args[] = {d->self_path, helper_word, NULL};
    char *env[] = {path_env, lang_env, credentials != NULL ? credentials_env : NULL, NULL};
    uv_stdio_container_t stdio[4] = {
        {.flags = UV_IGNORE},
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
        {.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE),
         .data.stream = (uv_stream_t *)pipe},
    };
    uv_process_options_t options = {
        .exit_cb = ended,
        .file = d->self_path,
        .args = args,
        .env = env,
        .cwd = "/",
        .stdio = stdio,
        .stdio_count = 4,
        .flags = UV_PROCESS_DETACHED, /* a signal to our group is not one to a mount under way */
    };
    return uv_spawn(&d->loop, process, &options);
}
