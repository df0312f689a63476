/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "text.h"

/* A heading and a text that is wrapped beside it. */
static void add_line(const struct cli *cli, struct str *to, const char *heading,
                     const char *value) {
    if (value[0] == '\0')
        return;
    struct str clean;
    str_init(&clean, FIELD_TEXT_MAX * 4);
    text_add_escaped(&clean, value);
    str_add(to, "%-9s", heading);
    text_add_wrapped(to, clean.data != NULL ? clean.data : "", cli->screen.width, 9);
    str_add(to, "\n");
    to->failed |= clean.failed;
    str_finish(&clean);
}

static void show_one(const struct cli *cli, const struct plugin_view *plugin, struct str *to) {
    add_line(cli, to, "name", plugin->name);
    add_line(cli, to, "kind", plugin->kind);
    add_line(cli, to, "summary", plugin->summary);
    add_line(cli, to, "version", plugin->version);
    add_line(cli, to, "ABI", plugin->abi);
    add_line(cli, to, "file", plugin->file);
    add_line(cli, to, "state", plugin->state);
    add_line(cli, to, strcmp(plugin->state, "broken") == 0 ? "error" : "faults", plugin->error);
    str_add(to, "used by  %" PRIu64 " mount%s\n", plugin->used_by, plugin->used_by == 1 ? "" : "s");
}

static void show(const struct cli *cli, const struct control_response *response, struct str *to) {
    const struct control_section *plugins = print_find(response, RECORD_PLUGIN);
    const struct control_section *options = print_find(response, RECORD_OPTION);
    if (plugins == NULL || plugins->rows_len == 0) {
        str_add(to, "No plugins were found. See 'plugins' in man smbmounter.yaml for the folder\n");
        return;
    }
    struct plugin_view *rows = plugins->rows;
    if (args_get(&cli->args, "NAME") == NULL) {
        for (size_t i = 0; i < plugins->rows_len; i++)
            if (strcmp(rows[i].summary, rows[i].error) == 0)
                rows[i].summary = "";
        print_table(&cli->screen, plugins, "error", to);
        return;
    }
    for (size_t i = 0; i < plugins->rows_len; i++)
        show_one(cli, &rows[i], to);
    str_add(to, "\n");
    if (options != NULL && options->rows_len > 0)
        print_table(&cli->screen, options, NULL, to);
    else
        str_add(to, "It has no options.\n");
}

int plugins_run(const struct cli *cli) {
    return remote_run(cli, show, NULL);
}
