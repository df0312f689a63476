/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli.h"
#include "daemon/entry.h"
#include "print.h"

/* A failed mount's reason is half of what one wants to know: when is it tried again? */
static void add_next_try(const struct cli *cli, struct status_view *row, char *room) {
    char span[CLOCK_TEXT_MAX], words[CLOCK_TEXT_MAX + 16];
    if (strcmp(row->state, "failed") != 0 || row->next_try_ms <= cli->screen.now_ms)
        return;
    clock_format_span(row->next_try_ms - cli->screen.now_ms, span);
    snprintf(words, sizeof words, "next try in %s", span);
    print_lengthen(&row->reason, room, "; ", words);
}

/* macOS: of one mount that was asked for, whose login it lives in. */
static void add_session(const struct cli *cli, struct status_view *row, char *room) {
    char words[128];
    if (row->session[0] == '\0' || args_get(&cli->args, "NAME") == NULL)
        return;
    snprintf(words, sizeof words, "mounted in %.100s", row->session);
    print_lengthen(&row->reason, room, "; ", words);
}

static void show(const struct cli *cli, const struct control_response *response, struct str *to) {
    const struct control_section *section = print_find(response, RECORD_STATUS);
    if (section != NULL && section->rows_len > 0) {
        struct status_view *rows = section->rows;
        CLEANUP_FREE char *rooms = calloc(section->rows_len, FIELD_TEXT_MAX);
        to->failed |= rooms == NULL;
        for (size_t i = 0; i < section->rows_len && rooms != NULL; i++) {
            add_next_try(cli, &rows[i], rooms + i * FIELD_TEXT_MAX);
            add_session(cli, &rows[i], rooms + i * FIELD_TEXT_MAX);
        }
        print_table(&cli->screen, section, "reason", to);
        return;
    }
    str_add(to,
            "No mounts are configured yet. Add one under 'mounts:' in %s\n"
            "(man smbmounter.yaml explains every key), then: smbmounter reload\n",
            SMBMOUNTER_CONFIG_FILE);
}

/* For scripts: a mount asked for by name is either usable or not. */
static enum control_error judge(const struct cli *cli, const struct control_response *response) {
    const struct control_section *section = print_find(response, RECORD_STATUS);
    if (args_get(&cli->args, "NAME") == NULL || section == NULL || section->rows_len == 0)
        return CONTROL_OK;
    const struct status_view *row = section->rows;
    bool well = strcmp(row->state, "mounted") == 0 && strcmp(row->health, "healthy") == 0;
    return well ? CONTROL_OK : CONTROL_UNWELL;
}

int status_run(const struct cli *cli) {
    return remote_run(cli, show, judge);
}
