/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The shorthand keys of the original tool, as options of the plugins that they stand for. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

static const struct shorthand {
    enum keys_mount key;
    enum config_plugin_kind kind;
    const char *plugin, *option;
    int64_t factor;
    bool needed; /* it means nothing without the plugin */
} shorthands[] = {
    {KEY_PROBE_TIMEOUT, CONFIG_PROBE, "stat-timeout", "timeout_ms", 1000, false},
    {KEY_RECOVER_BACKOFF, CONFIG_RECOVERY, "backoff", "schedule_sec", 1, true},
};
#define SHORTHANDS (sizeof shorthands / sizeof shorthands[0])

/* The option of the plugin in the chain; *row is its row. NULL when there is none. */
static struct option_value *find_option(const struct build *b, const struct shorthand *s,
                                        struct draft *draft, const struct smbm_option **row) {
    struct config_chain *chain = draft->chain;
    for (size_t i = 0; i < chain->len; i++) {
        if (strcmp(chain->items[i].name, s->plugin) != 0)
            continue;
        bool smb_only;
        struct err err;
        *row = b->plugins->options(b->plugins->context, s->kind, s->plugin, &smb_only, &err);
        struct option_values *values = &chain->items[i].options;
        for (size_t k = 0; *row != NULL && k < values->len && (*row)->name != NULL; k++, (*row)++)
            if (strcmp((*row)->name, s->option) == 0)
                return &values->items[k];
    }
    return NULL;
}

static bool fits(const struct smbm_option *row, const struct option_value *from, int64_t factor) {
    bool list = row->type == SMBM_OPT_INT_LIST;
    if (!list && (row->type != SMBM_OPT_INT || from->list_len != 0))
        return false;
    size_t len = list ? from->list_len : 1;
    for (size_t i = 0; i < len; i++) {
        int64_t number = (list ? from->list[i] : from->number) * factor;
        if (number < row->min || number > row->max)
            return false;
    }
    return len > 0;
}

static int set(struct option_value *to, const struct option_value *from, int64_t factor) {
    int64_t *list = NULL;
    if (from->list_len != 0) {
        list = calloc(from->list_len, sizeof *list);
        if (list == NULL)
            return -ENOMEM;
        for (size_t i = 0; i < from->list_len; i++)
            list[i] = from->list[i] * factor;
    }
    free(to->list);
    to->list = list;
    to->list_len = from->list_len;
    to->number = from->number * factor;
    return 0;
}

static int apply(struct build *b, const struct shorthand *s, const struct place *place, bool own,
                 struct draft *draft) {
    const struct option_value *from = &place->values.items[s->key];
    const char *key = keys_mount[s->key].name;
    const struct smbm_option *row = NULL;
    if (!from->given || draft->broken)
        return 0;
    struct option_value *to = find_option(b, s, draft, &row);
    if (to == NULL) {
        if (s->needed)
            build_problem(b, place, key, "%s sets %s of '%s', which is not in the chain", key,
                          s->option, s->plugin);
        return 0;
    }
    if (own && to->given) {
        build_problem(b, place, key, "%s and %s of '%s' say the same: give one of them", key,
                      s->option, s->plugin);
        return 0;
    }
    if (!fits(row, from, s->factor)) {
        build_problem(b, place, key, "%s sets %s of '%s', which must be %" PRId64 " to %" PRId64,
                      key, s->option, s->plugin, row->min, row->max);
        return 0;
    }
    return set(to, from, s->factor);
}

bool build_has_shorthand(enum config_plugin_kind kind, const struct place *place) {
    for (size_t i = 0; i < SHORTHANDS && place->values.len != 0; i++)
        if (shorthands[i].kind == kind && place->values.items[shorthands[i].key].given)
            return true;
    return false;
}

int build_shorthand(struct build *b, enum config_plugin_kind kind, const struct place *place,
                    bool own, struct draft *draft) {
    int rc = 0;
    for (size_t i = 0; i < SHORTHANDS && rc == 0; i++)
        if (shorthands[i].kind == kind && place->values.len != 0)
            rc = apply(b, &shorthands[i], place, own, draft);
    return rc;
}

/* Problems of the value itself were told with the defaults' own chain, or do not matter here. */
int build_shorthand_default(struct build *b, enum config_plugin_kind kind,
                            const struct place *mount, struct draft *draft) {
    int rc = 0;
    for (size_t i = 0; i < SHORTHANDS && rc == 0; i++) {
        const struct shorthand *s = &shorthands[i];
        const struct option_value *from = &b->defaults.values.items[s->key];
        const struct smbm_option *row = NULL;
        if (s->kind != kind || !from->given || mount->values.items[s->key].given)
            continue;
        struct option_value *to = find_option(b, s, draft, &row);
        if (to != NULL && !to->given && fits(row, from, s->factor))
            rc = set(to, from, s->factor);
    }
    return rc;
}
