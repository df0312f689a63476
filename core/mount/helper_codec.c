/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "mount/helper.h"

/* The parts of a mount that travel, in this order. */
#define MOUNT_TEXTS(X)                                                                             \
    X(name, CONFIG_NAME_MAX)                                                                       \
    X(server, CONFIG_HOST_MAX)                                                                     \
    X(share, CONFIG_SHARE_MAX)                                                                     \
    X(mountpoint, CONFIG_PATH_MAX)                                                                 \
    X(username, CONFIG_USER_MAX)                                                                   \
    X(domain, CONFIG_USER_MAX)                                                                     \
    X(local_user, CONFIG_USER_MAX)                                                                 \
    X(fstype, CONFIG_NAME_MAX)                                                                     \
    X(source, CONFIG_PATH_MAX)                                                                     \
    X(credential_path, CONFIG_PATH_MAX)
#define MOUNT_WORDS(X) X(options) X(credential_command) X(mount_command) X(unmount_command)

static void put_words(struct wire_out *w, const struct config_words *words) {
    if (words->len > UINT16_MAX) {
        w->failed = true;
        return;
    }
    wire_put_u32(w, (uint32_t)words->len);
    for (size_t i = 0; i < words->len; i++)
        wire_put_str(w, words->items[i]);
}

static void put_mount(struct wire_out *w, const struct config_mount *mount) {
#define X(field, max) wire_put_str(w, mount->field);
    MOUNT_TEXTS(X)
#undef X
#define X(field) put_words(w, &mount->field);
    MOUNT_WORDS(X)
#undef X
    wire_put_u32(w, mount->mounter);
    wire_put_u32(w, mount->credential);
    wire_put_u32(w, mount->command_timeout_ms);
    wire_put_u32(w, mount->port);
}

size_t helper_encode_request(const struct helper_request *request, void *buffer, size_t size) {
    struct wire_out w;
    wire_begin(&w, buffer, size, HELPER_REQUEST);
    wire_put_u32(&w, request->op);
    put_mount(&w, &request->mount);
    wire_put_str(&w, request->runtime_directory);
    wire_put_u32(&w, request->timeout_ms);
    wire_put_u32(&w, request->linger_ms);
    wire_put_u64(&w, request->mount_id);
    wire_put_u64(&w, request->device);
    wire_put_str(&w, request->address);
    wire_put_bytes(&w, request->login_key, sizeof request->login_key);
    return wire_end(&w);
}

/* NULL (with r failed) for what is too long or when there is no memory. */
static char *get_text(struct wire_in *r, size_t max) {
    const char *text = wire_get_str(r);
    char *copy = strlen(text) < max ? strdup(text) : NULL;
    if (copy == NULL)
        r->failed = true;
    return copy;
}

static void get_fixed(struct wire_in *r, char *to, size_t size) {
    if (!str_copy(to, size, wire_get_str(r)))
        r->failed = true;
}

static void get_words(struct wire_in *r, struct config_words *words) {
    size_t len = wire_get_u32(r);
    if (len > CONFIG_ARGS_MAX)
        r->failed = true;
    if (r->failed || len == 0)
        return;
    words->items = calloc(len, sizeof *words->items);
    if (words->items == NULL)
        r->failed = true;
    while (!r->failed && words->len < len)
        words->items[words->len++] = get_text(r, YAML_SCALAR_MAX + 1);
}

static void get_key(struct wire_in *r, unsigned char key[SIPHASH_KEY]) {
    size_t len = 0;
    const void *bytes = wire_get_bytes(r, &len);
    if (bytes != NULL && len == SIPHASH_KEY)
        memcpy(key, bytes, SIPHASH_KEY);
    else
        r->failed = true;
}

/* A number below limit; anything else fails. */
static uint32_t get_below(struct wire_in *r, uint32_t limit) {
    uint32_t value = wire_get_u32(r);
    if (value < limit)
        return value;
    r->failed = true;
    return 0;
}

static void get_mount(struct wire_in *r, struct config_mount *mount) {
#define X(field, max) mount->field = get_text(r, max);
    MOUNT_TEXTS(X)
#undef X
#define X(field) get_words(r, &mount->field);
    MOUNT_WORDS(X)
#undef X
    mount->mounter = (enum config_mounter)get_below(r, CONFIG_COMMAND + 1);
    mount->credential = (enum config_credential)get_below(r, CONFIG_CREDENTIAL_KEYCHAIN + 1);
    mount->command_timeout_ms = wire_get_u32(r);
    mount->port = (uint16_t)get_below(r, UINT16_MAX + 1);
}

int helper_decode_request(struct wire_in *payload, struct helper_request *request) {
    *request = (struct helper_request){0};
    request->op = (enum helper_op)get_below(payload, HELPER_HARDEN + 1);
    get_mount(payload, &request->mount);
    get_fixed(payload, request->runtime_directory, sizeof request->runtime_directory);
    request->timeout_ms = wire_get_u32(payload);
    request->linger_ms = wire_get_u32(payload);
    request->mount_id = wire_get_u64(payload);
    request->device = wire_get_u64(payload);
    get_fixed(payload, request->address, sizeof request->address);
    get_key(payload, request->login_key);
    if (wire_done(payload) && request->op != 0)
        return 0;
    helper_request_finish(request);
    return -EPROTO;
}

static void finish_words(struct config_words *words) {
    for (size_t i = 0; i < words->len; i++)
        free(words->items[i]);
    free(words->items);
}

/* Not config_mount_finish: a request that failed halfway has NULL where that expects text. */
void helper_request_finish(struct helper_request *request) {
#define X(field, max) free(request->mount.field);
    MOUNT_TEXTS(X)
#undef X
#define X(field) finish_words(&request->mount.field);
    MOUNT_WORDS(X)
#undef X
    *request = (struct helper_request){0};
}

size_t helper_encode_result(const struct helper_result *result, void *buffer, size_t size) {
    struct wire_out w;
    wire_begin(&w, buffer, size, HELPER_RESULT);
    wire_put_u32(&w, result->class);
    wire_put_u32(&w, (uint32_t)result->os_errno);
    wire_put_u64(&w, result->mount_id);
    wire_put_u64(&w, result->device);
    wire_put_u32(&w, result->bare);
    wire_put_str(&w, result->address);
    wire_put_str(&w, result->session);
    wire_put_u32(&w, result->holders);
    wire_put_u32(&w, result->writers);
    wire_put_u32(&w, result->destroyed);
    wire_put_u32(&w, result->login);
    wire_put_u32(&w, result->refusal);
    wire_put_str(&w, result->status);
    wire_put_str(&w, result->text);
    wire_put_str(&w, result->detail);
    return wire_end(&w);
}

size_t helper_encode_victims(const struct os_holders *victims, void *buffer, size_t size) {
    struct wire_out w;
    wire_begin(&w, buffer, size, HELPER_VICTIMS);
    wire_put_u32(&w, victims->holders);
    wire_put_u32(&w, victims->writers);
    wire_put_u32(&w, victims->complete);
    wire_put_str(&w, victims->names);
    return wire_end(&w);
}

int helper_decode_victims(struct wire_in *payload, struct os_holders *victims) {
    *victims = (struct os_holders){0};
    victims->holders = wire_get_u32(payload);
    victims->writers = wire_get_u32(payload);
    victims->complete = get_below(payload, 2) == 1;
    get_fixed(payload, victims->names, sizeof victims->names);
    return wire_done(payload) ? 0 : -EPROTO;
}

int helper_decode_result(struct wire_in *payload, struct helper_result *result) {
    *result = (struct helper_result){0};
    result->class = (enum helper_class)get_below(payload, HELPER_CLASS_COUNT);
    result->os_errno = (int32_t)wire_get_u32(payload);
    result->mount_id = wire_get_u64(payload);
    result->device = wire_get_u64(payload);
    result->bare = get_below(payload, 2) == 1;
    get_fixed(payload, result->address, sizeof result->address);
    get_fixed(payload, result->session, sizeof result->session);
    result->holders = wire_get_u32(payload);
    result->writers = wire_get_u32(payload);
    result->destroyed = wire_get_u32(payload);
    result->login = wire_get_u32(payload);
    result->refusal = (enum login_refusal)get_below(payload, LOGIN_REFUSAL_COUNT);
    get_fixed(payload, result->status, sizeof result->status);
    get_fixed(payload, result->text, sizeof result->text);
    get_fixed(payload, result->detail, sizeof result->detail);
    if (wire_done(payload))
        return 0;
    *result = (struct helper_result){.text = "the mount helper's answer was broken"};
    result->class = HELPER_TRANSIENT;
    return -EPROTO;
}
