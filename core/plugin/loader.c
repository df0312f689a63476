/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "plugin/loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secure.h"
#include "config/schema.h"
#include "os/quarantine.h"
#include "plugin/sealed.h"

/* What version 1.0 had; a smaller struct was not made by its header. */
#define PROBE_SIZE_1_0 (offsetof(struct smbm_probe, run) + sizeof(void (*)(void)))
#define RECOVERY_SIZE_1_0 (offsetof(struct smbm_recovery, run) + sizeof(void (*)(void)))
#define STRUCT_SIZE_MAX 4096u

const struct smbm_header *plugin_header(const struct plugin *plugin) {
    return plugin->kind == SMBM_KIND_PROBE ? &plugin->probe.header : &plugin->recovery.header;
}

static int check_sizes(const struct smbm_header *header, struct err *err) {
    if (header->magic != SMBM_MAGIC)
        return err_set(err, EINVAL,
                       "smbm_plugin begins with %08x, not with %08x: define it by SMBM_PROBE or "
                       "SMBM_RECOVERY of smbmounter/plugin.h",
                       header->magic, SMBM_MAGIC);
    if (header->abi_major != SMBM_ABI_MAJOR)
        return err_set(err, EINVAL,
                       "made for plugin interface %u.%u, this is %d.%d: rebuild it with the "
                       "installed smbmounter/plugin.h",
                       header->abi_major, header->abi_minor, SMBM_ABI_MAJOR, SMBM_ABI_MINOR);
    if (header->kind != SMBM_KIND_PROBE && header->kind != SMBM_KIND_RECOVERY)
        return err_set(err, EINVAL, "kind %u is neither probe (%d) nor recovery (%d)", header->kind,
                       SMBM_KIND_PROBE, SMBM_KIND_RECOVERY);
    size_t least = header->kind == SMBM_KIND_PROBE ? PROBE_SIZE_1_0 : RECOVERY_SIZE_1_0;
    if (header->struct_size < least || header->struct_size > STRUCT_SIZE_MAX)
        return err_set(err, EINVAL, "struct_size %u must be %zu to %u: use SMBM_PROBE_HEADER",
                       header->struct_size, least, STRUCT_SIZE_MAX);
    return 0;
}

static void copy_some(void *to, size_t size, const void *from, size_t from_size) {
    memset(to, 0, size);
    memcpy(to, from, from_size < size ? from_size : size);
}

static int check_texts(const struct smbm_header *header, struct err *err) {
    const char *name = header->name;
    if (name == NULL)
        return err_set(err, EINVAL, "has no name");
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (len == 0 || len > 32 || name[len] != '\0' || name[0] == '-')
        return err_set(err, EINVAL,
                       "its name must be 1 to 32 of a-z, 0-9 and '-', not beginning with '-'");
    if (schema_len(header->options) > 32)
        return err_set(err, EINVAL, "has more than 32 options, or no SMBM_OPTIONS_END");
    return schema_check_table(header->options, err);
}

int loader_check(const void *symbol, struct plugin *plugin, struct err *err) {
    struct smbm_header header;
    memset(plugin, 0, sizeof *plugin);
    memcpy(&header, symbol, sizeof header);
    int rc = check_sizes(&header, err);
    if (rc != 0)
        return rc;
    plugin->kind = header.kind;
    if (header.kind == SMBM_KIND_PROBE)
        copy_some(&plugin->probe, sizeof plugin->probe, symbol, header.struct_size);
    else
        copy_some(&plugin->recovery, sizeof plugin->recovery, symbol, header.struct_size);
    if (header.kind == SMBM_KIND_PROBE && plugin->probe.run == NULL)
        return err_set(err, EINVAL, "a probe needs run()");
    if (header.kind == SMBM_KIND_RECOVERY && plugin->recovery.next == NULL)
        return err_set(err, EINVAL, "a recovery plugin needs next()");
    if (header.kind == SMBM_KIND_PROBE && plugin->probe.subject > SMBM_ON_SERVER)
        return err_set(err, EINVAL, "subject %u is neither mount (0) nor server (1)",
                       plugin->probe.subject);
    return check_texts(&header, err);
}

/* What macOS's linker says in its own words, and what to do about it. */
static const char *hint_of(const char *text) {
    static const struct {
        const char *said, *hint;
    } rows[] = {
        {"code signature", "; sign it: codesign --force --sign - FILE"},
        {"library load disallowed", "; sign it: codesign --force --sign - FILE"},
        {"incompatible architecture", "; build it for this processor, or for both"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strstr(text, rows[i].said) != NULL)
            return rows[i].hint;
    return "";
}

/* The linker's message, without the path of our copy, which tells nobody anything. */
static int linker_error(const char *path, const char *what, const char *copy, struct err *err) {
    const char *text = dlerror();
    if (text == NULL)
        text = "unknown error of the dynamic linker";
    size_t len = strlen(copy);
    if (strncmp(text, copy, len) == 0 && strncmp(text + len, ": ", 2) == 0)
        text += len + 2;
    return err_set(err, EINVAL, "%s: %s: %.300s%s", path, what, text, hint_of(text));
}

int loader_load(const char *path, int copy, struct plugin *plugin, struct err *err) {
    char copy_path[64];
    const char *load_path = path;
    if (copy >= 0) {
        snprintf(copy_path, sizeof copy_path, "/proc/self/fd/%d", copy);
        load_path = copy_path;
    }
    if (os_is_quarantined(path))
        return err_set(
            err, EPERM,
            "%s: macOS holds it in quarantine, as it came from the network; if you trust "
            "it: sudo xattr -d com.apple.quarantine %s",
            path, path);
    dlerror();
    void *handle = dlopen(load_path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return linker_error(path, "cannot be loaded", load_path, err);
    const void *symbol = dlsym(handle, "smbm_plugin");
    if (symbol == NULL)
        return linker_error(path, "is no plugin, it has no symbol smbm_plugin", load_path, err);
    int rc = loader_check(symbol, plugin, err);
    return rc == 0 ? 0 : err_wrap(err, "%s", path);
}

int loader_copy(const char *path, uid_t trusted_uid, int *next_fd, struct err *err) {
    CLEANUP_CLOSE int file = secure_open_file(path, SECURE_TRUSTED, trusted_uid, err);
    if (file < 0)
        return file;
    int copy = sealed_copy(file, LOADER_FILE_MAX, *next_fd, err);
    if (copy == -ENOTSUP)
        return copy;
    if (copy < 0)
        return err_wrap(err, "%s", path);
    *next_fd = copy + 1;
    return copy;
}
