/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/setup_load.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/entry.h"
#include "daemon/paths.h"

static void on_loaded(struct loaded *loaded, const char *problems, void *context) {
    struct setup_load *load = context;
    load->loaded = *loaded;
    load->problems = strdup(problems);
}

int setup_load(const char *path, struct setup_load *load, struct err *err) {
    uv_loop_t loop;
    char self[CONFIG_PATH_MAX], host[CONFIG_PATH_MAX];
    char whole[PATH_MAX];
    if (path[0] != '/' && realpath(path, whole) != NULL)
        path = whole; /* relative to where the command was given */
    int rc = paths_programs(self, sizeof self, host, sizeof host, err);
    if (rc != 0)
        return rc;
    rc = uv_loop_init(&loop);
    if (rc != 0)
        return err_set(err, -rc, "cannot start the event loop: %s", uv_strerror(rc));
    load_start(&loop, path, host, 0, on_loaded, load);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return load->problems != NULL ? 0 : err_set(err, ENOMEM, "no memory");
}

void setup_load_finish(struct setup_load *load) {
    config_finish(&load->loaded.config);
    registry_destroy(load->loaded.registry);
    free(load->problems);
}

int setup_load_mount(const char *config_path, const char *name, struct config_mount *mount,
                     struct err *err) {
    struct setup_load load = {0};
    int rc = setup_load(config_path, &load, err);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): after a 0 there is a text */
    if (rc == 0 && load.problems[0] != '\0')
        rc = err_set(err, EINVAL, "%.*s", (int)strcspn(load.problems, "\n"), load.problems);
    if (rc == 0) {
        const struct config_mount *found = config_find(&load.loaded.config, name);
        rc = found == NULL ? err_set(err, ESRCH, "no mount '%s' in %s", name, config_path)
                           : config_mount_copy(mount, found);
    }
    setup_load_finish(&load);
    return rc;
}
