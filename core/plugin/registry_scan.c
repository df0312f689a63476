/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Scanning the plugin folder: one plugin host for each file, a few at a time. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/secure.h"
#include "base/str.h"
#include "plugin/call.h"
#include "plugin/child.h"
#include "plugin/registry.h"

#define AT_ONCE 16

/* One file that is being asked. */
struct asking {
    struct registry_scan *scan;
    struct descriptor *item;
    struct child child;
    uv_timer_t deadline;
    bool answered, busy;
    unsigned handles;
};

struct registry_scan {
    uv_loop_t *loop;
    char *host_path;
    unsigned trusted_uid;
    struct registry *registry;
    struct err err;
    registry_done *done;
    void *context;
    uv_timer_t begin;
    size_t next;
    struct asking askings[AT_ONCE];
};

static void go_on(struct registry_scan *scan);

/* Every reason begins with the file's name. */
static void fail(struct descriptor *item, const char *text) {
    char reason[sizeof item->file + 2 + ERR_TEXT_MAX];
    size_t len = strlen(item->file);
    bool named = strncmp(text, item->file, len) == 0 && text[len] == ':';
    snprintf(reason, sizeof reason, "%s%s%s", named ? "" : item->file, named ? "" : ": ", text);
    item->ok = false;
    call_clean(item->error, sizeof item->error, reason);
}

/* An answer names the file by its path; a list under the folder's name need not. */
static const char *without_folder(const struct registry_scan *scan, const char *text) {
    size_t len = strlen(scan->registry->directory);
    if (strncmp(text, scan->registry->directory, len) == 0 && text[len] == '/')
        return text + len + 1;
    return text;
}

static bool on_frame(void *context, uint32_t type, struct wire_in *payload) {
    struct asking *asking = context;
    struct descriptor *item = asking->item;
    struct err err = {0};
    if (asking->answered)
        return false;
    asking->answered = true;
    if (type == CALL_ERROR) {
        const char *text = wire_get_str(payload);
        fail(item, wire_done(payload) ? without_folder(asking->scan, text)
                                      : "its description cannot be read");
        return true;
    }
    if (type != CALL_DESCRIBE)
        err_set(&err, EPROTO, "its plugin host sent a frame of type %u instead of a description",
                type);
    else if (descriptor_decode(payload, item, &err) == 0)
        return true;
    fail(item, err.text);
    return true;
}

static void on_lost(void *context) {
    struct asking *asking = context;
    char end[CHILD_END_MAX], text[ERR_TEXT_MAX];
    if (!asking->answered) {
        child_end(&asking->child, end);
        snprintf(text, sizeof text, "the plugin host %s while loading it", end);
        fail(asking->item, text);
    }
    asking->answered = true;
    child_kill(&asking->child);
}

static void release(struct asking *asking) {
    if (--asking->handles > 0)
        return;
    asking->busy = false;
    go_on(asking->scan);
}

static void on_child_closed(struct child *child) {
    release(child->context);
}

static void on_deadline_closed(uv_handle_t *handle) {
    release(handle->data);
}

static void finish(struct asking *asking) {
    uv_close((uv_handle_t *)&asking->deadline, on_deadline_closed);
    child_close(&asking->child, on_child_closed);
}

static void on_reaped(void *context) {
    struct asking *asking = context;
    if (!uv_is_closing((uv_handle_t *)&asking->deadline))
        finish(asking);
}

/* The kernel may not let a killed one go; the scan does not wait for it. */
static void on_deadline(uv_timer_t *timer) {
    struct asking *asking = timer->data;
    char text[ERR_TEXT_MAX];
    if (!asking->answered) {
        snprintf(text, sizeof text, "did not load within %d ms; does it wait in a constructor?",
                 REGISTRY_DESCRIBE_MS);
        fail(asking->item, text);
    }
    asking->answered = true;
    child_kill(&asking->child);
    finish(asking);
}

static void ask(struct asking *asking, struct registry_scan *scan, struct descriptor *item) {
    static const struct child_events events = {on_frame, on_lost, on_reaped};
    char path[sizeof scan->registry->directory + sizeof item->file];
    struct err err = {0};
    *asking = (struct asking){.scan = scan, .item = item, .busy = true, .handles = 2};
    snprintf(path, sizeof path, "%s/%s", scan->registry->directory, item->file);
    asking->deadline.data = asking;
    uv_timer_init(scan->loop, &asking->deadline);
    uv_timer_start(&asking->deadline, on_deadline, REGISTRY_DESCRIBE_MS, 0);
    if (child_start(&asking->child, scan->loop, scan->host_path, "--describe", path,
                    scan->trusted_uid, -1, &events, asking, &err) == 0)
        return;
    fail(item, err.text);
    asking->answered = true;
    if (!asking->child.started)
        finish(asking);
}

/* The first file of a name has it. */
static void flag_duplicates(struct registry *registry) {
    for (size_t i = 0; i < registry->len; i++) {
        struct descriptor *d = &registry->items[i];
        for (size_t k = 0; k < i && d->ok; k++) {
            const struct descriptor *first = &registry->items[k];
            if (!first->ok || first->kind != d->kind || strcmp(first->name, d->name) != 0)
                continue;
            char text[ERR_TEXT_MAX];
            snprintf(text, sizeof text, "its name '%s' is taken by %s; rename one of the two",
                     d->name, first->file);
            fail(d, text);
        }
    }
}

static void on_begin_closed(uv_handle_t *handle) {
    struct registry_scan *scan = handle->data;
    flag_duplicates(scan->registry);
    scan->done(scan->registry, scan->err.code != 0 ? &scan->err : NULL, scan->context);
    free(scan->host_path);
    free(scan);
}

static void go_on(struct registry_scan *scan) {
    bool busy = false;
    for (size_t i = 0; i < AT_ONCE; i++) {
        if (!scan->askings[i].busy && scan->next < scan->registry->len)
            ask(&scan->askings[i], scan, &scan->registry->items[scan->next++]);
        busy = busy || scan->askings[i].busy;
    }
    if (!busy && !uv_is_closing((uv_handle_t *)&scan->begin))
        uv_close((uv_handle_t *)&scan->begin, on_begin_closed);
}

static void on_begin(uv_timer_t *timer) {
    go_on(timer->data);
}

static uint64_t mix(uint64_t sum, uint64_t value) {
    sum = (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 32;
}

static uint64_t stamp_of(int folder, const char *name) {
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
#ifdef __APPLE__
    const struct timespec mtime = st.st_mtimespec;
#else
    const struct timespec mtime = st.st_mtim;
#endif
    uint64_t sum = mix(mix(1, (uint64_t)st.st_dev), (uint64_t)st.st_ino);
    sum = mix(mix(sum, (uint64_t)st.st_size), (uint64_t)mtime.tv_sec);
    return mix(sum, (uint64_t)mtime.tv_nsec);
}

static int by_file(const void *a, const void *b) {
    return strcmp(((const struct descriptor *)a)->file, ((const struct descriptor *)b)->file);
}

static int list_names(DIR *dir, struct registry *registry, struct err *err) {
    registry->items = calloc(REGISTRY_FILES_MAX, sizeof registry->items[0]);
    if (registry->items == NULL)
        return err_set(err, ENOMEM, "no memory for the list of plugins");
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (!descriptor_is_file(entry->d_name))
            continue;
        if (registry->len == REGISTRY_FILES_MAX)
            return err_set(err, E2BIG, "%s: more than %d plugin files", registry->directory,
                           REGISTRY_FILES_MAX);
        struct descriptor *item = &registry->items[registry->len++];
        str_copy(item->file, sizeof item->file, entry->d_name);
        item->stamp = stamp_of(dirfd(dir), entry->d_name);
    }
    qsort(registry->items, registry->len, sizeof registry->items[0], by_file);
    return 0;
}

static int list(struct registry *registry, unsigned trusted_uid, struct err *err) {
    CLEANUP_CLOSE int fd = secure_open_dir(registry->directory, SECURE_TRUSTED, trusted_uid, err);
    if (fd < 0)
        return err_wrap(err, "plugin folder");
    DIR *dir = fdopendir(fd);
    if (dir == NULL)
        return err_sys(err, errno, "plugin folder: %s", registry->directory);
    take_fd(&fd);
    int rc = list_names(dir, registry, err);
    closedir(dir);
    if (rc != 0)
        registry->len = 0;
    return rc;
}

int registry_scan(uv_loop_t *loop, const char *host_path, const char *directory,
                  unsigned trusted_uid, registry_done *done, void *context) {
    struct registry_scan *scan = calloc(1, sizeof *scan);
    struct registry *registry = calloc(1, sizeof *registry);
    char *host_copy = strdup(host_path);
    if (scan == NULL || registry == NULL || host_copy == NULL ||
        !str_copy(registry->directory, sizeof registry->directory, directory)) {
        int rc = scan == NULL || registry == NULL || host_copy == NULL ? -ENOMEM : -ENAMETOOLONG;
        free(scan);
        free(registry);
        free(host_copy);
        return rc;
    }
    *scan = (struct registry_scan){.loop = loop,
                                   .host_path = host_copy,
                                   .trusted_uid = trusted_uid,
                                   .registry = registry,
                                   .done = done,
                                   .context = context};
    list(registry, trusted_uid, &scan->err);
    scan->begin.data = scan;
    uv_timer_init(loop, &scan->begin);
    uv_timer_start(&scan->begin, on_begin, 0, 0);
    return 0;
}
