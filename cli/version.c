/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "cli.h"
#include "json.h"
#include "print.h"
#include "text.h"

static void add_daemon(const struct cli *cli, const struct version_view *row, struct str *to) {
    char up[CLOCK_TEXT_MAX];
    uint64_t now = cli->screen.now_ms;
    clock_format_span(now > row->started_ms ? now - row->started_ms : 0, up);
    str_add(to, "daemon     ");
    text_add_escaped(to, row->version);
    str_add(to, " (process %" PRIu64 ", up for %s; plugin ABI ", row->pid, up);
    text_add_escaped(to, row->abi);
    str_add(to, "; %" PRIu64 " plugin hosts, %" PRIu64 " stuck)\n", row->hosts, row->stuck);
}

/* This program's version first: it is known even when nobody answers. */
static void show(const struct cli *cli, const struct control_response *response, struct str *to) {
    const struct control_section *section = print_find(response, RECORD_VERSION);
    const struct version_view *rows = section != NULL ? section->rows : NULL;
    for (size_t i = 0; rows != NULL && i < section->rows_len; i++)
        add_daemon(cli, &rows[i], to);
    if (rows != NULL && section->rows_len > 0 && strcmp(rows[0].version, SMBMOUNTER_VERSION) != 0)
        str_add(to, "They differ: restart the daemon to run what is installed.\n");
}

int version_run(const struct cli *cli) {
    if (!cli->json) {
        fprintf(cli->screen.out, "smbmounter %s\n", SMBMOUNTER_VERSION);
        fflush(cli->screen.out);
    }
    return remote_run(cli, show, NULL);
}
