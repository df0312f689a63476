/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Mounts and chains as values: copied, compared, released. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/build.h"

/* Every owned string and list of a mount; the kernel mount is made of them. */
#define STRINGS(X)                                                                                 \
    X(name)                                                                                        \
    X(server)                                                                                      \
    X(share)                                                                                       \
    X(mountpoint)                                                                                  \
    X(username)                                                                                    \
    X(domain)                                                                                      \
    X(local_user)                                                                                  \
    X(fstype)                                                                                      \
    X(source)                                                                                      \
    X(credential_path)
#define WORDS(X) X(options) X(credential_command) X(mount_command) X(unmount_command)
/* What may change without a new mount. */
#define NUMBERS(X)                                                                                 \
    X(command_timeout_ms)                                                                          \
    X(probe_interval_ms)                                                                           \
    X(probe_timeout_ms)                                                                            \
    X(failed_retry_ms)                                                                             \
    X(idle_unmount_ms)                                                                             \
    X(failure_threshold)                                                                           \
    X(mount_at_startup)

struct config_chain *config_chain_ref(struct config_chain *chain) {
    if (chain != NULL)
        chain->references++;
    return chain;
}

void config_chain_unref(struct config_chain *chain) {
    if (chain == NULL || --chain->references != 0)
        return;
    for (size_t i = 0; i < chain->len; i++) {
        free(chain->items[i].name);
        option_values_finish(&chain->items[i].options);
    }
    free(chain);
}

int chain_copy(const struct config_chain *from, struct config_chain **to) {
    struct config_chain *chain = calloc(1, sizeof *chain);
    if (chain == NULL)
        return -ENOMEM;
    chain->references = 1;
    for (; chain->len < from->len; chain->len++) {
        const struct config_plugin *item = &from->items[chain->len];
        struct config_plugin *copy = &chain->items[chain->len];
        *copy = (struct config_plugin){.line = item->line, .column = item->column};
        copy->name = strdup(item->name);
        if (copy->name != NULL && option_values_copy(&copy->options, &item->options) == 0)
            continue;
        free(copy->name);
        config_chain_unref(chain);
        return -ENOMEM;
    }
    *to = chain;
    return 0;
}

bool chain_equal(const struct config_chain *a, const struct config_chain *b) {
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (strcmp(a->items[i].name, b->items[i].name) != 0 ||
            !option_values_equal(&a->items[i].options, &b->items[i].options))
            return false;
    return true;
}

static bool text_equal(const char *a, const char *b) {
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool words_equal(const struct config_words *a, const struct config_words *b) {
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

enum config_change config_compare(const struct config_mount *a, const struct config_mount *b) {
#define X(field) || !words_equal(&a->field, &b->field)
    if (a->mounter != b->mounter || a->credential != b->credential || a->port != b->port WORDS(X))
        return CONFIG_MOUNT_CHANGED;
#undef X
#define X(field)                                                                                   \
    if (!text_equal(a->field, b->field))                                                           \
        return CONFIG_MOUNT_CHANGED;
    STRINGS(X)
#undef X
#define X(field) || a->field != b->field
    if (!chain_equal(a->probes, b->probes) || !chain_equal(a->recovery, b->recovery) NUMBERS(X))
        return CONFIG_PROBES_CHANGED;
#undef X
    return CONFIG_SAME;
}

void config_mount_finish(struct config_mount *mount) {
    if (mount->packed == NULL) {
#define X(field) free(mount->field);
        STRINGS(X)
#undef X
#define X(field) words_finish(&mount->field);
        WORDS(X)
#undef X
    }
    free(mount->packed);
    config_chain_unref(mount->probes);
    config_chain_unref(mount->recovery);
    *mount = (struct config_mount){0};
}

static size_t text_size(const char *text) {
    return text != NULL ? strlen(text) + 1 : 1;
}

static size_t words_size(const struct config_words *words) {
    size_t size = words->len * sizeof *words->items;
    for (size_t i = 0; i < words->len; i++)
        size += text_size(words->items[i]);
    return size;
}

/* Where texts are put: from begin up to end. */
struct packing {
    char **list; /* of words: the next free place */
    char *begin, *end;
};

/* One that is there already, if only as the end of another, is not put there again. */
static char *pack_text(struct packing *p, const char *text) {
    size_t size = text_size(text);
    const char *from = text != NULL ? text : "";
    char *there = memmem(p->begin, (size_t)(p->end - p->begin), from, size);
    if (there != NULL)
        return there;
    char *copy = memcpy(p->end, from, size);
    p->end += size;
    return copy;
}

static struct config_words pack_words(struct packing *p, const struct config_words *from) {
    struct config_words words = {.items = from->len > 0 ? p->list : NULL, .len = from->len};
    for (size_t i = 0; i < words.len; i++)
        words.items[i] = pack_text(p, from->items[i]);
    p->list += words.len;
    return words;
}

/* All into piece, lists first. How many bytes that takes. */
static size_t pack_all(struct config_mount *to, const struct config_mount *from, void *piece,
                       size_t lists) {
    char *texts = (char *)((char **)piece + lists);
    struct packing p = {.list = piece, .begin = texts, .end = texts};
#define X(field) to->field = pack_text(&p, from->field);
    STRINGS(X)
#undef X
#define X(field) to->field = pack_words(&p, &from->field);
    WORDS(X)
#undef X
    return (size_t)(p.end - (char *)piece);
}

int config_mount_copy(struct config_mount *to, const struct config_mount *from) {
    size_t size = 0, lists = 0;
    *to = *from;
#define X(field) size += text_size(from->field);
    STRINGS(X)
#undef X
#define X(field) lists += from->field.len, size += words_size(&from->field);
    WORDS(X)
#undef X
    CLEANUP_FREE void *roomy = malloc(size);
    to->packed = roomy != NULL ? malloc(pack_all(to, from, roomy, lists)) : NULL;
    if (to->packed == NULL) {
        *to = (struct config_mount){0};
        return -ENOMEM;
    }
    pack_all(to, from, to->packed, lists);
    config_chain_ref(to->probes);
    config_chain_ref(to->recovery);
    return 0;
}
