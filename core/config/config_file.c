/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What is done with a configuration beside building it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/secure.h"
#include "base/str.h"
#include "config/build.h"
#include "config/names.h"

int config_read(const char *path, uid_t trusted_uid, char **bytes, size_t *len, struct err *err) {
    *bytes = NULL;
    *len = 0;
    CLEANUP_CLOSE int fd = secure_open_file(path, SECURE_TRUSTED, trusted_uid, err);
    if (fd < 0)
        return fd;
    CLEANUP_FREE char *buffer = malloc(YAML_BYTES_MAX + 1);
    if (buffer == NULL)
        return err_set(err, ENOMEM, "%s: out of memory", path);
    size_t used = 0;
    for (;;) {
        ssize_t n = read(fd, buffer + used, YAML_BYTES_MAX + 1 - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, errno, "%s", path);
        used += (size_t)n;
        if (n == 0 || used > YAML_BYTES_MAX)
            break;
    }
    if (used > YAML_BYTES_MAX)
        return err_set(err, E2BIG, "%s: larger than %u KiB", path, YAML_BYTES_MAX / 1024);
    *bytes = buffer;
    buffer = NULL;
    *len = used;
    return 0;
}

/* Only what makes the file unreadable counts here; config_build tells everything else, and a
 * directory that is refused there is not used here either. */
int config_plugin_directory(const void *bytes, size_t len, char *directory, size_t size,
                            struct yaml_problems *problems) {
    struct yaml_node root;
    int rc = yaml_parse(bytes, len, &root, problems);
    if (rc == 0) {
        const struct yaml_node *given = yaml_get(yaml_get(&root, "plugins"), "directory");
        bool good = given != NULL && given->kind == YAML_SCALAR && names_is_path(given->text);
        const char *text = good ? given->text : keys_plugins[PLUGINS_DIRECTORY].def;
        rc = str_copy(directory, size, text) ? 0 : -ENAMETOOLONG;
    }
    yaml_finish(&root);
    return rc;
}

void config_finish(struct config *config) {
    for (size_t i = 0; i < config->mounts_len; i++)
        config_mount_finish(&config->mounts[i]);
    free(config->mounts);
    free(config->socket);
    free(config->admin_group);
    free(config->plugin_directory);
    free(config->log_file);
    free(config->runtime_directory);
    *config = (struct config){0};
}

const struct config_mount *config_find(const struct config *config, const char *name) {
    for (size_t i = 0; i < config->mounts_len; i++)
        if (strcmp(config->mounts[i].name, name) == 0)
            return &config->mounts[i];
    return NULL;
}
