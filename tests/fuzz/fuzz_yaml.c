/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A configuration file of any bytes: built, or refused with at least one problem. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/config/fake_plugins.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problems(const struct yaml_problems *problems) {
    for (size_t i = 0; i < problems->len; i++)
        if (problems->items[i].text[0] == '\0' ||
            (i > 0 && problems->items[i].line < problems->items[i - 1].line))
            abort();
}

/* What is built is complete: a mount can be copied, and is the same as its copy. */
static void check_mount(const struct config_mount *mount) {
    struct config_mount copy;
    if (mount->probes->len == 0 || mount->recovery->len == 0 || mount->name[0] == '\0' ||
        mount->mountpoint[0] != '/')
        abort();
    if (config_mount_copy(&copy, mount) != 0)
        return;
    if (config_compare(&copy, mount) != CONFIG_SAME)
        abort();
    config_mount_finish(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct yaml_problems problems = {0};
    struct config config;
    int rc = config_build(data, size, &fake_registry, &config, &problems);
    if ((rc == 0) != (problems.len == 0))
        abort();
    check_problems(&problems);
    for (size_t i = 0; i < config.mounts_len; i++)
        check_mount(&config.mounts[i]);
    config_finish(&config);
    yaml_problems_finish(&problems);
    return 0;
}
