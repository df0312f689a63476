/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "fake_host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int number(const char *text, const struct smbm_option *option, int64_t *value) {
    char *end;
    long long n = strtoll(text, &end, 10);

    if (end == text || n < option->min || n > option->max) {
        return -1;
    }
    *value = n;
    return 0;
}

static int list(struct fake_plugin *plugin, size_t i, const char *text) {
    struct smbm_value *value = &plugin->values[i];
    char copy[256], *save, *word;

    snprintf(copy, sizeof copy, "%s", text);
    value->list = plugin->lists[i];
    value->list_len = 0;
    for (word = strtok_r(copy, "[], ", &save); word; word = strtok_r(NULL, "[], ", &save)) {
        if (value->list_len == 32 ||
            number(word, &plugin->header->options[i], &plugin->lists[i][value->list_len++])) {
            return -1;
        }
    }
    return value->list_len ? 0 : -1;
}

static int set(struct fake_plugin *plugin, size_t i, const char *text) {
    const struct smbm_option *option = &plugin->header->options[i];
    struct smbm_value *value = &plugin->values[i];

    value->text = "";
    switch (option->type) {
    case SMBM_OPT_INT:
        return number(text, option, &value->number);
    case SMBM_OPT_BOOL:
        value->number = !strcmp(text, "true");
        return 0;
    case SMBM_OPT_STRING:
        value->text = text;
        return 0;
    case SMBM_OPT_INT_LIST:
        return list(plugin, i, text);
    default:
        return -1;
    }
}

int fake_option(struct fake_plugin *plugin, const char *name, const char *text) {
    const struct smbm_option *options = plugin->header->options;

    for (size_t i = 0; options && options[i].name; i++) {
        if (!strcmp(options[i].name, name)) {
            return set(plugin, i, text);
        }
    }
    return -1;
}

static const char *bind_kind(struct fake_plugin *plugin) {
    const struct smbm_header *h = plugin->header;

    if (h->kind == SMBM_KIND_PROBE && h->struct_size == sizeof *plugin->probe) {
        plugin->probe = (const void *)h;
        return plugin->probe->run ? NULL : "no run";
    }
    if (h->kind == SMBM_KIND_RECOVERY && h->struct_size == sizeof *plugin->recovery) {
        plugin->recovery = (const void *)h;
        return plugin->recovery->next ? NULL : "no next";
    }
    return "bad kind or size";
}

const char *fake_load(struct fake_plugin *plugin, const char *file) {
    char path[4096];
    const char *error;

    memset(plugin, 0, sizeof *plugin);
    snprintf(path, sizeof path, strchr(file, '/') ? "%s" : PLUGIN_DIR "/%s.so", file);
    plugin->object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    plugin->header = plugin->object ? dlsym(plugin->object, "smbm_plugin") : NULL;
    if (!plugin->header) {
        return dlerror();
    }
    if (plugin->header->magic != SMBM_MAGIC || plugin->header->abi_major != SMBM_ABI_MAJOR) {
        return "bad magic or ABI";
    }
    error = bind_kind(plugin);
    for (size_t i = 0; !error && plugin->header->options && plugin->header->options[i].name; i++) {
        const char *def = plugin->header->options[i].def;
        if (def && set(plugin, i, def)) {
            return "a default that its own table refuses";
        }
    }
    return error;
}

const char *fake_open(struct fake_plugin *plugin, const struct smbm_mount *mount) {
    static char error[SMBM_TEXT_MAX];

    error[0] = '\0';
    if (plugin->probe && plugin->probe->open &&
        plugin->probe->open(mount, plugin->values, &plugin->instance, error, sizeof error)) {
        return error;
    }
    return NULL;
}

struct smbm_report fake_run(struct fake_plugin *plugin, const struct smbm_mount *mount,
                            uint64_t now_ms, uint32_t timeout_ms) {
    struct smbm_call call = {
        .size = sizeof call, .timeout_ms = timeout_ms, .now_ms = now_ms, .options = plugin->values};
    struct smbm_report report = {.size = sizeof report};

    memcpy(call.carry, plugin->carry, sizeof call.carry);
    memcpy(report.carry, plugin->carry, sizeof report.carry);
    plugin->probe->run(plugin->instance, mount, &call, &report);
    memcpy(plugin->carry, report.carry, sizeof plugin->carry);
    return report;
}

struct smbm_decision fake_next(struct fake_plugin *plugin, const struct smbm_mount *mount,
                               const struct smbm_situation *situation) {
    struct smbm_situation s = *situation;
    struct smbm_decision decision = {.size = sizeof decision};

    s.options = plugin->values;
    memcpy(s.carry, plugin->carry, sizeof s.carry);
    memcpy(decision.carry, plugin->carry, sizeof decision.carry);
    plugin->recovery->next(plugin->instance, mount, &s, &decision);
    memcpy(plugin->carry, decision.carry, sizeof plugin->carry);
    return decision;
}

const char *fake_verdict_name(uint32_t verdict) {
    static const char *const names[] = {"UNKNOWN", "HEALTHY", "SUSPECT",    "DEAD",
                                        "BLIND",   "DENIED",  "GONE",       "ANSWERS",
                                        "MUTE",    "REFUSED", "UNREACHABLE"};

    return verdict < sizeof names / sizeof names[0] ? names[verdict] : "?";
}
