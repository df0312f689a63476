/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the command line does without a daemon: check-config and machine. */
#include <stdio.h>
#include <string.h>

#include "control/commands.h"
#include "daemon/entry.h"
#include "daemon/setup_load.h"
#include "machine/describe.h"

#define DESCRIBE_MAX (256u * 1024u)

static void print_json(const char *problems, size_t mounts) {
    struct str out;
    str_init(&out, DESCRIBE_MAX);
    str_add(&out, "{\"ok\": %s, \"mounts\": %zu, \"problems\": [",
            problems[0] == '\0' ? "true" : "false", mounts);
    bool first = true;
    for (const char *line = problems; *line != '\0'; first = false) {
        size_t len = strcspn(line, "\n");
        char text[2048];
        snprintf(text, sizeof text, "%.*s", (int)(len < 2000 ? len : 2000), line);
        str_add(&out, "%s", first ? "" : ", ");
        str_add_json(&out, text);
        line += len + (line[len] == '\n');
    }
    str_add(&out, "]}");
    puts(out.data != NULL ? out.data : "{}");
    str_finish(&out);
}

int check_config_main(const char *path, bool json) {
    struct setup_load check = {0};
    struct err err = {0};
    if (setup_load(path, &check, &err) != 0) {
        fprintf(stderr, "smbmounter: %s\n", err.text);
        setup_load_finish(&check);
        return control_error_status(CONTROL_FAILED);
    }
    bool ok = check.problems[0] == '\0';
    if (json)
        print_json(check.problems, check.loaded.config.mounts_len);
    else if (ok)
        printf("%s: no errors, %zu mount%s\n", path, check.loaded.config.mounts_len,
               check.loaded.config.mounts_len == 1 ? "" : "s");
    else
        fputs(check.problems, stdout);
    setup_load_finish(&check);
    return control_error_status(ok ? CONTROL_OK : CONTROL_BAD_CONFIG);
}

int machine_main(bool dot) {
    struct str out;
    str_init(&out, DESCRIBE_MAX);
    if (dot)
        machine_describe_dot(&out);
    else
        machine_describe_text(&out);
    bool ok = !out.failed && fputs(out.data, stdout) >= 0;
    str_finish(&out);
    return control_error_status(ok ? CONTROL_OK : CONTROL_FAILED);
}
