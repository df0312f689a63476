/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the command line does without a daemon: check-config, machine, and setup's part. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/commands.h"
#include "daemon/entry.h"
#include "daemon/paths.h"
#include "daemon/reload.h"
#include "machine/describe.h"

#define DESCRIBE_MAX (256u * 1024u)

struct check {
    struct loaded loaded;
    char *problems;
};

static void on_loaded(struct loaded *loaded, const char *problems, void *context) {
    struct check *check = context;
    check->loaded = *loaded;
    check->problems = strdup(problems);
}

/* Load like the daemon would, plugins included. 0 or -errno. */
static int load(const char *path, struct check *check, struct err *err) {
    uv_loop_t loop;
    char self[CONFIG_PATH_MAX], host[CONFIG_PATH_MAX];
    int rc = paths_programs(self, sizeof self, host, sizeof host, err);
    if (rc != 0)
        return rc;
    rc = uv_loop_init(&loop);
    if (rc != 0)
        return err_set(err, -rc, "cannot start the event loop: %s", uv_strerror(rc));
    load_start(&loop, path, host, 0, on_loaded, check);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    if (check->problems == NULL)
        return err_set(err, ENOMEM, "no memory");
    return 0;
}

static void release(struct check *check) {
    config_finish(&check->loaded.config);
    registry_destroy(check->loaded.registry);
    free(check->problems);
}

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
    struct check check = {0};
    struct err err = {0};
    if (load(path, &check, &err) != 0) {
        fprintf(stderr, "smbmounter: %s\n", err.text);
        release(&check);
        return control_error_status(CONTROL_FAILED);
    }
    bool ok = check.problems[0] == '\0';
    if (json)
        print_json(check.problems, check.loaded.config.mounts_len);
    else if (ok)
        printf("%s: no errors, %zu mounts\n", path, check.loaded.config.mounts_len);
    else
        fputs(check.problems, stdout);
    release(&check);
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

int setup_load_mount(const char *config_path, const char *name, struct config_mount *mount,
                     struct err *err) {
    struct check check = {0};
    int rc = load(config_path, &check, err);
    if (rc == 0 && check.problems[0] != '\0')
        rc = err_set(err, EINVAL, "%.*s", (int)strcspn(check.problems, "\n"), check.problems);
    if (rc == 0) {
        const struct config_mount *found = config_find(&check.loaded.config, name);
        rc = found == NULL ? err_set(err, ESRCH, "no mount '%s' in %s", name, config_path)
                           : config_mount_copy(mount, found);
    }
    release(&check);
    return rc;
}
