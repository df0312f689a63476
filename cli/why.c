/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "cli.h"
#include "print.h"
#include "text.h"

/* The sentences tell their times themselves. */
static void add_line(const struct cli *cli, const struct story_view *line, struct str *to) {
    struct str clean;
    str_init(&clean, FIELD_TEXT_MAX * 4);
    text_add_escaped(&clean, line->text);
    text_add_wrapped(to, clean.data != NULL ? clean.data : "", cli->screen.width, 2);
    str_add(to, "\n");
    to->failed |= clean.failed;
    str_finish(&clean);
}

static void show(const struct cli *cli, const struct control_response *response, struct str *to) {
    const struct control_section *section = print_find(response, RECORD_STORY);
    if (section == NULL || section->rows_len == 0) {
        str_add(to, "Nothing has happened to '%s' since the daemon was started.\n",
                args_get(&cli->args, "NAME"));
        return;
    }
    const struct story_view *lines = section->rows;
    for (size_t i = 0; i < section->rows_len; i++) {
        if (i > 0 && lines[i].incident != lines[i - 1].incident)
            str_add(to, "\n");
        add_line(cli, &lines[i], to);
    }
}

int why_run(const struct cli *cli) {
    return remote_run(cli, show, NULL);
}
