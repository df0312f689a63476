/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What clients make the daemon write into its log. Whoever may do nothing may not fill the disk. */
#include <stdarg.h>
#include <stdio.h>

#include "control/client.h"

#define WINDOW_MS 10000u
#define LINES_MAX 10u /* of one level in a window */

/* True when there is room for a line now; tells first how many had none. */
static bool has_room(struct server *server, enum log_level level) {
    struct server_lines *lines = &server->lines[level];
    uint64_t now = uv_now(server->setup.loop);
    if (lines->count == 0 || now - lines->since_ms >= WINDOW_MS) {
        if (lines->count > LINES_MAX)
            log_put(server->setup.log, level, "control: %u more lines about clients were left out",
                    lines->count - LINES_MAX);
        *lines = (struct server_lines){.since_ms = now};
    }
    return lines->count++ < LINES_MAX;
}

void server_log(struct server *server, enum log_level level, const char *format, ...) {
    char text[CONTROL_MESSAGE_MAX];
    va_list args;
    if (level > server->setup.log->level || !has_room(server, level))
        return;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len > 0)
        log_put(server->setup.log, level, "control: %s", text);
}
