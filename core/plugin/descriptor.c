/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "plugin/descriptor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/schema.h"
#include "plugin/call.h"

#define INTERVAL_MAX_MS 86400000u

bool descriptor_is_file(const char *name) {
    const char *dot = strrchr(name, '.');
    if (name[0] == '.' || dot == NULL)
        return false;
#ifdef __APPLE__
    if (strcmp(dot, ".dylib") == 0)
        return true;
#endif
    return strcmp(dot, ".so") == 0;
}

void descriptor_finish(struct descriptor *d) {
    free(d->options);
    *d = (struct descriptor){0};
}

static void put_option(struct wire_out *w, const struct smbm_option *option) {
    wire_put_u32(w, option->type);
    wire_put_u64(w, (uint64_t)option->min);
    wire_put_u64(w, (uint64_t)option->max);
    wire_put_u32(w, option->def != NULL);
    wire_put_str(w, option->name);
    wire_put_str(w, option->def);
    wire_put_str(w, option->choices);
    wire_put_str(w, option->help);
}

size_t descriptor_encode(const struct smbm_header *header, const struct smbm_probe *probe,
                         void *buffer, size_t size) {
    static const struct smbm_probe none;
    const struct smbm_probe *p = probe != NULL ? probe : &none;
    struct wire_out w;
    wire_begin(&w, buffer, size, CALL_DESCRIBE);
    const uint32_t words[] = {header->kind, header->abi_major, header->abi_minor, p->subject,
                              p->flags,     p->interval_ms,    p->timeout_ms};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        wire_put_u32(&w, words[i]);
    wire_put_str(&w, header->name);
    wire_put_str(&w, header->summary);
    wire_put_str(&w, header->version);
    size_t options = schema_len(header->options);
    if (options > DESCRIPTOR_OPTIONS_MAX)
        return 0;
    wire_put_u32(&w, (uint32_t)options);
    for (size_t i = 0; i < options; i++)
        put_option(&w, &header->options[i]);
    return wire_end(&w);
}

static bool name_is_good(const char *name) {
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len < DESCRIPTOR_NAME_MAX && name[len] == '\0' && name[0] != '-';
}

static int get_numbers(struct wire_in *in, struct descriptor *d, struct err *err) {
    d->kind = wire_get_u32(in);
    uint32_t major = wire_get_u32(in), minor = wire_get_u32(in);
    d->abi_major = (uint16_t)major;
    d->abi_minor = (uint16_t)minor;
    d->subject = wire_get_u32(in);
    d->flags = wire_get_u32(in) & (SMBM_PROBE_PASSIVE | SMBM_PROBE_SMB_ONLY);
    d->interval_ms = wire_get_u32(in);
    d->timeout_ms = wire_get_u32(in);
    if (d->kind != SMBM_KIND_PROBE && d->kind != SMBM_KIND_RECOVERY)
        return err_set(err, EINVAL, "kind %u is neither probe (1) nor recovery (2)", d->kind);
    if (major != SMBM_ABI_MAJOR || minor > UINT16_MAX)
        return err_set(err, EINVAL, "made for plugin interface %u, this is %d; rebuild it", major,
                       SMBM_ABI_MAJOR);
    if (d->subject > SMBM_ON_SERVER)
        return err_set(err, EINVAL, "subject %u is neither mount (0) nor server (1)", d->subject);
    if (d->interval_ms > INTERVAL_MAX_MS || d->timeout_ms > CALL_TIMEOUT_MAX_MS)
        return err_set(err, EINVAL, "interval_ms must be at most %u and timeout_ms at most %u",
                       INTERVAL_MAX_MS, CALL_TIMEOUT_MAX_MS);
    return 0;
}

static int get_texts(struct wire_in *in, struct descriptor *d, struct err *err) {
    const char *name = wire_get_str(in);
    if (!in->failed && !name_is_good(name)) {
        char shown[64];
        call_clean(shown, sizeof shown, name);
        return err_set(err, EINVAL,
                       "its name '%s' must be 1 to 32 of a-z, 0-9 and '-', not beginning with '-'",
                       shown);
    }
    str_copy(d->name, sizeof d->name, name);
    call_clean(d->summary, sizeof d->summary, wire_get_str(in));
    call_clean(d->version, sizeof d->version, wire_get_str(in));
    return 0;
}

/* Texts go into the block behind the table; it is as long as the payload, so they fit. */
static char *keep(struct wire_in *in, char **block) {
    const char *text = wire_get_str(in);
    size_t len = strlen(text);
    if (!str_is_clean(text, len))
        in->failed = true;
    char *copy = *block;
    memcpy(copy, text, len + 1);
    *block += in->failed ? 0 : len + 1;
    return copy;
}

static void get_option(struct wire_in *in, struct smbm_option *option, char **block) {
    option->type = wire_get_u32(in);
    option->min = (int64_t)wire_get_u64(in);
    option->max = (int64_t)wire_get_u64(in);
    bool has_default = wire_get_u32(in) != 0;
    option->name = keep(in, block);
    const char *def = keep(in, block);
    option->def = has_default ? def : NULL;
    const char *choices = keep(in, block);
    option->choices = option->type == SMBM_OPT_CHOICE ? choices : NULL;
    option->help = keep(in, block);
}

static int get_options(struct wire_in *in, struct descriptor *d, struct err *err) {
    size_t len = wire_get_u32(in);
    if (len > DESCRIPTOR_OPTIONS_MAX)
        return err_set(err, EINVAL, "has more than %d options", DESCRIPTOR_OPTIONS_MAX);
    size_t table = (len + 1) * sizeof d->options[0];
    /* One byte more: keep() writes the NUL of "" after a failed read. */
    d->options = calloc(1, table + in->len + 1);
    if (d->options == NULL)
        return err_set(err, ENOMEM, "no memory for its options");
    char *block = (char *)d->options + table;
    for (size_t i = 0; i < len && !in->failed; i++)
        get_option(in, &d->options[i], &block);
    if (!wire_done(in))
        return err_set(err, EPROTO, "its description cannot be read");
    return schema_check_table(d->options, err);
}

int descriptor_decode(struct wire_in *payload, struct descriptor *d, struct err *err) {
    free(d->options);
    d->options = NULL;
    d->ok = false;
    int rc = get_numbers(payload, d, err);
    if (rc == 0)
        rc = get_texts(payload, d, err);
    if (rc == 0)
        rc = get_options(payload, d, err);
    if (payload->failed && rc != -ENOMEM)
        rc = err_set(err, EPROTO, "its description cannot be read");
    if (rc != 0) {
        free(d->options);
        d->options = NULL;
        d->kind = 0;
        return rc;
    }
    d->ok = true;
    return 0;
}
