/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <string.h>

#include "base/cleanup.h"
#include "cli.h"
#include "print.h"

/* The error's name belongs to the evidence, unless that tells it already. */
static void add_os_error(struct probe_view *row, char *room) {
    char words[128];
    if (row->os_error[0] == '\0' || strstr(row->evidence, row->os_error) != NULL)
        return;
    snprintf(words, sizeof words, "%.100s", row->os_error);
    print_lengthen(&row->evidence, room, ": ", words);
}

static void show(const struct cli *cli, const struct control_response *response, struct str *to) {
    const struct control_section *section = print_find(response, RECORD_PROBE);
    if (section == NULL || section->rows_len == 0) {
        str_add(to,
                "This mount has no probes: nothing to run. See 'probes' in man smbmounter.yaml\n");
        return;
    }
    struct probe_view *rows = section->rows;
    CLEANUP_FREE char *rooms = calloc(section->rows_len, FIELD_TEXT_MAX);
    to->failed |= rooms == NULL;
    for (size_t i = 0; i < section->rows_len && rooms != NULL; i++)
        add_os_error(&rows[i], rooms + i * FIELD_TEXT_MAX);
    print_table(&cli->screen, section, NULL, to);
}

/* A probe that could not look says nothing against the mount. */
static enum control_error judge(const struct cli *cli, const struct control_response *response) {
    static const char *const good[] = {"healthy", "answers", "blind"};
    const struct control_section *section = print_find(response, RECORD_PROBE);
    (void)cli;
    for (size_t i = 0; section != NULL && i < section->rows_len; i++) {
        const char *verdict = ((const struct probe_view *)section->rows)[i].verdict;
        bool well = false;
        for (size_t j = 0; j < sizeof good / sizeof good[0]; j++)
            well = well || strcmp(verdict, good[j]) == 0;
        if (!well)
            return CONTROL_UNWELL;
    }
    return CONTROL_OK;
}

int probe_run(const struct cli *cli) {
    return remote_run(cli, show, judge);
}
