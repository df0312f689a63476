/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "cli.h"
#include "daemon/entry.h"
#include "print.h"

static void show(const struct cli *cli, const struct control_response *response, struct str *to) {
    const struct control_section *section = print_find(response, RECORD_STATUS);
    if (section != NULL && section->rows_len > 0) {
        print_table(&cli->screen, section, "reason", to);
        return;
    }
    str_add(to,
            "No mounts are configured yet. Add one under 'mounts:' in %s\n"
            "(man smbmounter.yaml explains every key), then: smbmounter reload\n",
            SMBMOUNTER_CONFIG_FILE);
}

int status_run(const struct cli *cli) {
    return remote_run(cli, show);
}
