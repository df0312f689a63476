/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "rig.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secure.h"

unsigned rig_uid(void) {
    return (unsigned)getuid();
}

/* A build folder is often below /tmp or group-writable, so the place is looked for. */
static bool make_folder(char folder[RIG_PATH_MAX]) {
    const char *places[] = {"/run", getenv("XDG_RUNTIME_DIR"), "/var/lib", getenv("HOME"),
                            TEST_PLUGIN_DIR};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i] == NULL)
            continue;
        snprintf(folder, RIG_PATH_MAX, "%s/smbmounter-test-XXXXXX", places[i]);
        if (mkdtemp(folder) == NULL)
            continue;
        chmod(folder, 0755);
        int fd = secure_open_dir(folder, SECURE_TRUSTED, rig_uid(), NULL);
        if (fd >= 0) {
            close(fd);
            return true;
        }
        rmdir(folder);
    }
    return false;
}

void rig_folder(char folder[RIG_PATH_MAX], const char *const names[]) {
    if (!make_folder(folder))
        cr_skip_test("no folder here that only root or this user can write, up to /");
    for (size_t i = 0; names[i] != NULL; i++)
        rig_add(folder, names[i], names[i]);
}

void rig_add(const char *folder, const char *name, const char *as) {
    char from[1024], to[1024], chunk[65536];
    snprintf(from, sizeof from, "%s/%s.so", TEST_PLUGIN_DIR, name);
    snprintf(to, sizeof to, "%s/%s.so", folder, as);
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0644);
    cr_assert(in >= 0 && out >= 0, "%s -> %s", from, to);
    ssize_t n;
    while ((n = read(in, chunk, sizeof chunk)) > 0)
        cr_assert_eq(write(out, chunk, (size_t)n), n);
    fchmod(out, 0644);
    close(in);
    close(out);
}

void rig_remove(const char *folder) {
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    rmdir(folder);
}

static void on_limit(uv_timer_t *timer) {
    *(bool *)timer->data = true;
}

static void on_closed(uv_handle_t *handle) {
    *(bool *)handle->data = true;
}

bool rig_run(uv_loop_t *loop, const bool *flag, uint64_t limit_ms) {
    bool over = false, closed = false;
    uv_timer_t limit;
    uv_update_time(loop);
    uv_timer_init(loop, &limit);
    limit.data = &over;
    uv_timer_start(&limit, on_limit, limit_ms, 0);
    while (!*flag && !over)
        uv_run(loop, UV_RUN_ONCE);
    limit.data = &closed;
    uv_close((uv_handle_t *)&limit, on_closed);
    while (!closed)
        uv_run(loop, UV_RUN_NOWAIT);
    return *flag;
}

void rig_run_for(uv_loop_t *loop, uint64_t ms) {
    const bool never = false;
    rig_run(loop, &never, ms);
}

struct smbm_mount rig_mount(void) {
    return (struct smbm_mount){.size = sizeof(struct smbm_mount),
                               .mounted = 1,
                               .name = "media",
                               .mounter = "cifs",
                               .server = "nas",
                               .share = "media",
                               .source = "//nas/media",
                               .fstype = "cifs",
                               .mountpoint = "/mnt/media",
                               .address = "",
                               .port = 445};
}
