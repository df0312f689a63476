/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "start_rig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

char folder[RIG_PATH_MAX], config_path[RIG_PATH_MAX + 32];

/* Where the test's own program would be, the real one is. */
const char *start_rig_self = SELF;

int __wrap_os_self_path(char *path, size_t size);
int __wrap_os_self_path(char *path, size_t size) {
    return start_rig_self != NULL && str_copy(path, size, start_rig_self) ? 0 : -ENOENT;
}

void configure(const char *more, const char *mounts) {
    FILE *file = fopen(config_path, "w");
    cr_assert_not_null(file);
    fprintf(file,
            "control: {socket: %s/socket}\nruntime_directory: %s/run\n"
            "plugins: {directory: %s/plugins}\n%smounts:\n%s",
            folder, folder, folder, more, mounts);
    fclose(file);
    cr_assert_eq(chmod(config_path, 0644), 0);
}

void start_rig_begin(void) {
    char from[RIG_PATH_MAX + 32], to[RIG_PATH_MAX + 32];
    if (geteuid() != 0)
        cr_skip_test("the daemon needs root");
    signal(SIGPIPE, SIG_IGN);
    rig_folder(folder, (const char *const[]){"healthy", "decide", NULL});
    snprintf(to, sizeof to, "%s/plugins", folder);
    cr_assert_eq(mkdir(to, 0755), 0);
    for (int i = 0; i < 2; i++) {
        snprintf(from, sizeof from, "%s/%s.so", folder, i == 0 ? "healthy" : "decide");
        snprintf(to, sizeof to, "%s/plugins/%s.so", folder, i == 0 ? "healthy" : "decide");
        cr_assert_eq(rename(from, to), 0);
    }
    snprintf(config_path, sizeof config_path, "%s/config.yaml", folder);
    configure(DEFAULTS, MOUNT);
}

void start_rig_end(void) {
    char path[RIG_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/plugins", folder);
    rig_remove(path);
    snprintf(path, sizeof path, "%s/run", folder);
    rig_remove(path);
    rig_remove(folder);
}
