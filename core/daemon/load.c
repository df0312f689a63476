/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Reading one configuration with its plugins. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/reload.h"

#define PROBLEMS_TEXT_MAX (64u * 1024u)

struct load {
    load_done *done;
    void *context;
    char *path;
    char *bytes;
    size_t len;
};

static void finish(struct load *load, struct loaded *loaded, const char *problems) {
    load->done(loaded, problems, load->context);
    free(load->path);
    free(load->bytes);
    free(load);
}

static void fail_with(struct load *load, const char *path, struct yaml_problems *problems) {
    struct str text;
    struct loaded none = {0};
    str_init(&text, PROBLEMS_TEXT_MAX);
    for (size_t i = 0; i < problems->len; i++) {
        const struct yaml_problem *p = &problems->items[i];
        if (p->line != 0)
            str_add(&text, "%s:%u:%u: %s\n", path, p->line, p->column, p->text);
        else
            str_add(&text, "%s: %s\n", path, p->text);
    }
    if (problems->dropped != 0)
        str_add(&text, "%s: and %zu more\n", path, problems->dropped);
    finish(load, &none, text.data != NULL ? text.data : "no memory to read the configuration\n");
    str_finish(&text);
}

static void fail_text(struct load *load, const char *text) {
    struct loaded none = {0};
    char line[ERR_TEXT_MAX + 2];
    snprintf(line, sizeof line, "%s\n", text);
    finish(load, &none, line);
}

static const struct smbm_option *plugin_options(void *context, enum config_plugin_kind kind,
                                                const char *name, bool *smb_only, struct err *why) {
    const struct registry *registry = context;
    enum smbm_kind wanted = kind == CONFIG_PROBE ? SMBM_KIND_PROBE : SMBM_KIND_RECOVERY;
    const struct descriptor *d = registry_find(registry, wanted, name);
    *smb_only = false;
    if (d == NULL) {
        err_set(why, ENOENT, "no such plugin in %s", registry->directory);
        return NULL;
    }
    if (!d->ok) {
        err_set(why, EINVAL, "%s cannot be loaded: %.300s", d->file, d->error);
        return NULL;
    }
    *smb_only = kind == CONFIG_PROBE && (d->flags & SMBM_PROBE_SMB_ONLY) != 0;
    return d->options;
}

static void on_scanned(struct registry *registry, const struct err *err, void *context) {
    struct load *load = context;
    struct yaml_problems problems = {0};
    struct loaded loaded = {.registry = registry};
    struct config_plugins plugins = {.options = plugin_options, .context = registry};
    if (err != NULL && err->code != 0)
        yaml_problem(&problems, 0, 0, "the plugin folder cannot be used: %s", err->text);
    int rc = config_build(load->bytes, load->len, &plugins, &loaded.config, &problems);
    if (rc == 0 && problems.len == 0) {
        finish(load, &loaded, "");
    } else {
        config_finish(&loaded.config);
        registry_destroy(registry);
        fail_with(load, load->path, &problems);
    }
    yaml_problems_finish(&problems);
}

void load_start(uv_loop_t *loop, const char *path, const char *host_path, uid_t trusted_uid,
                load_done *done, void *context) {
    struct err err = {0};
    struct yaml_problems problems = {0};
    char directory[CONFIG_PATH_MAX];
    struct load *load = calloc(1, sizeof *load);
    struct loaded none = {0};
    if (load == NULL || (load->path = strdup(path)) == NULL) {
        free(load);
        done(&none, "no memory to read the configuration\n", context);
        return;
    }
    load->done = done;
    load->context = context;
    if (config_read(path, trusted_uid, &load->bytes, &load->len, &err) != 0) {
        fail_text(load, err.text);
        return;
    }
    if (config_plugin_directory(load->bytes, load->len, directory, sizeof directory, &problems) !=
        0)
        fail_with(load, load->path, &problems);
    else if (registry_scan(loop, host_path, directory, trusted_uid, on_scanned, load) != 0)
        fail_text(load, "the plugin folder could not be scanned");
    yaml_problems_finish(&problems);
}
