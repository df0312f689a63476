/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Scanning a folder of plugins, most of them bad. */
#include "plugin/registry.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/schema.h"
#include "rig.h"

struct result {
    struct registry *registry;
    struct err err;
    bool done;
};

static void on_done(struct registry *registry, const struct err *err, void *context) {
    struct result *result = context;
    result->registry = registry;
    if (err != NULL)
        result->err = *err;
    result->done = true;
}

static struct result scan_with(const char *host, const char *folder) {
    uv_loop_t loop;
    struct result result = {0};
    uv_loop_init(&loop);
    cr_assert_eq(registry_scan(&loop, host, folder, rig_uid(), on_done, &result), 0);
    cr_assert_not(result.done, "never called from within");
    cr_assert(rig_run(&loop, &result.done, 20000));
    cr_assert_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cr_assert_eq(uv_loop_close(&loop), 0, "nothing is left in the loop");
    return result;
}

static const struct descriptor *by_file(const struct registry *registry, const char *file) {
    for (size_t i = 0; i < registry->len; i++)
        if (strcmp(registry->items[i].file, file) == 0)
            return &registry->items[i];
    cr_assert_fail("%s is not listed", file);
    return NULL;
}

static void is_bad(const struct registry *registry, const char *file, const char *word) {
    const struct descriptor *d = by_file(registry, file);
    cr_assert_not(d->ok, "%s", file);
    cr_assert_not_null(strstr(d->error, word), "'%s' in '%s'", word, d->error);
    cr_assert_eq(strncmp(d->error, file, strlen(file)), 0, "%s", d->error);
}

Test(registry, lists_good_and_bad) {
    char folder[RIG_PATH_MAX];
    rig_folder(folder, (const char *const[]){"healthy", "twin", "echo", "decide", "server",
                                             "hang-load", "crash-load", "bad-magic", "abi-2",
                                             "small", "no-symbol", "bad-table", "evil-name", NULL});
    struct result result = scan_with(HOST, folder);
    const struct registry *r = result.registry;
    cr_assert_eq(result.err.code, 0, "%s", result.err.text);
    cr_assert_eq(r->len, 13);
    for (size_t i = 1; i < r->len; i++)
        cr_assert_lt(strcmp(r->items[i - 1].file, r->items[i].file), 0);
    is_bad(r, "twin.so", "taken by healthy.so");
    is_bad(r, "hang-load.so", "did not load within 10000 ms");
    is_bad(r, "crash-load.so", "SIGSEGV");
    is_bad(r, "bad-magic.so", "12345678");
    is_bad(r, "abi-2.so", "interface 2.0");
    is_bad(r, "small.so", "struct_size");
    is_bad(r, "no-symbol.so", "smbm_plugin");
    is_bad(r, "bad-table.so", "size");
    is_bad(r, "evil-name.so", "name must be");
    const struct descriptor *echo = registry_find(r, SMBM_KIND_PROBE, "echo");
    cr_assert(echo != NULL && echo->ok, "%s", echo != NULL ? echo->error : "not found");
    cr_assert_eq(echo->interval_ms, 2000);
    cr_assert_eq(echo->timeout_ms, 700);
    cr_assert_eq(schema_len(echo->options), 3);
    cr_assert_str_eq(registry_find(r, SMBM_KIND_PROBE, "healthy")->file, "healthy.so");
    cr_assert_null(registry_find(r, SMBM_KIND_RECOVERY, "healthy"));
    cr_assert(registry_find(r, SMBM_KIND_RECOVERY, "decide")->ok);
    cr_assert_not(registry_find(r, SMBM_KIND_PROBE, "crash-load")->ok);
    cr_assert_null(registry_find(r, SMBM_KIND_PROBE, "crash"));
    registry_destroy(result.registry);
    rig_remove(folder);
}

Test(registry, more_files_than_are_asked_at_once) {
    char folder[RIG_PATH_MAX];
    rig_folder(folder, (const char *const[]){NULL});
    for (int i = 0; i < 40; i++) {
        char name[32];
        snprintf(name, sizeof name, "copy-%02d", i);
        rig_add(folder, "healthy", name);
    }
    struct result result = scan_with(HOST, folder);
    cr_assert_eq(result.registry->len, 40);
    cr_assert(result.registry->items[0].ok);
    for (size_t i = 1; i < 40; i++)
        is_bad(result.registry, result.registry->items[i].file, "taken by copy-00.so");
    registry_destroy(result.registry);
    rig_remove(folder);
}

Test(registry, files_that_others_could_write_are_refused) {
    char folder[RIG_PATH_MAX], path[RIG_PATH_MAX + 32];
    rig_folder(folder, (const char *const[]){"healthy", "sick", "slow", NULL});
    rig_add(folder, "healthy", ".hidden");
    snprintf(path, sizeof path, "%s/sick.so", folder);
    cr_assert_eq(chmod(path, 0664), 0);
    snprintf(path, sizeof path, "%s/link.so", folder);
    cr_assert_eq(symlink("healthy.so", path), 0);
    snprintf(path, sizeof path, "%s/empty.so", folder);
    cr_assert_eq(mkfifo(path, 0644), 0);
    snprintf(path, sizeof path, "%s/slow.so", folder);
    cr_assert_eq(truncate(path, 100), 0);
    struct result result = scan_with(HOST, folder);
    cr_assert_eq(result.registry->len, 5, "a hidden file is left out");
    is_bad(result.registry, "sick.so", "writable by group or others");
    is_bad(result.registry, "link.so", "symlink");
    is_bad(result.registry, "empty.so", "not a regular file");
    is_bad(result.registry, "slow.so", "cannot be loaded");
    cr_assert(by_file(result.registry, "healthy.so")->ok);
    registry_destroy(result.registry);
    rig_remove(folder);
}

Test(registry, stamp_tells_a_changed_file) {
    char folder[RIG_PATH_MAX], path[RIG_PATH_MAX + 32];
    rig_folder(folder, (const char *const[]){"healthy", "sick", NULL});
    struct result first = scan_with(HOST, folder);
    snprintf(path, sizeof path, "%s/sick.so", folder);
    unlink(path);
    rig_add(folder, "healthy", "sick");
    struct result second = scan_with(HOST, folder);
    cr_assert_eq(by_file(first.registry, "healthy.so")->stamp,
                 by_file(second.registry, "healthy.so")->stamp);
    cr_assert_neq(by_file(first.registry, "sick.so")->stamp,
                  by_file(second.registry, "sick.so")->stamp);
    registry_destroy(first.registry);
    registry_destroy(second.registry);
    rig_remove(folder);
}

Test(registry, folder_that_cannot_be_used_is_named) {
    struct result result = scan_with(HOST, "/nonexistent/plugins");
    cr_assert_neq(result.err.code, 0);
    cr_assert_not_null(strstr(result.err.text, "/nonexistent"), "%s", result.err.text);
    cr_assert_eq(result.registry->len, 0);
    registry_destroy(result.registry);
}

Test(registry, host_that_cannot_be_started_is_named) {
    char folder[RIG_PATH_MAX];
    rig_folder(folder, (const char *const[]){"healthy", NULL});
    struct result result = scan_with("/nonexistent/host", folder);
    is_bad(result.registry, "healthy.so", "/nonexistent/host cannot be started");
    registry_destroy(result.registry);
    rig_remove(folder);
}
