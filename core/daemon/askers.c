/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "daemon/askers.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/config.h"
#include "daemon/words.h"

bool askers_add(struct askers *askers, struct server_call *call) {
    if (askers->len == ASKERS_MAX)
        return false;
    askers->calls[askers->len++] = call;
    return true;
}

void askers_forget(struct askers *askers, const struct server_call *call) {
    size_t kept = 0;
    for (size_t i = 0; i < askers->len; i++)
        if (askers->calls[i] != call)
            askers->calls[kept++] = askers->calls[i];
    askers->len = kept;
}

void askers_note(struct askers *askers, size_t i, const char *name,
                 const struct smbm_report *report) {
    if (askers->len == 0 || i >= CONFIG_PLUGINS_MAX)
        return;
    if (askers->rows == NULL)
        askers->rows = calloc(CONFIG_PLUGINS_MAX, sizeof *askers->rows);
    if (askers->rows == NULL)
        return;
    struct probe_record *row = &askers->rows[i];
    str_copy(row->probe, sizeof row->probe, name);
    str_copy(row->verdict, sizeof row->verdict, words_verdict((enum smbm_verdict)report->verdict));
    str_copy(row->evidence, sizeof row->evidence, report->evidence);
    if (report->os_errno != 0)
        str_copy(row->os_error, sizeof row->os_error, strerror(report->os_errno));
    row->took_us = report->took_us;
}

static void done(struct askers *askers) {
    free(askers->rows);
    askers->rows = NULL;
    askers->len = 0;
}

static void reply(struct askers *askers, struct server_call *call, size_t len) {
    struct control_reply reply;
    size_t rows = 0;
    control_reply_init(&reply);
    for (size_t i = 0; i < len; i++)
        rows += askers->rows[i].probe[0] != '\0';
    bool failed = control_reply_begin(&reply, server_call_id(call), 1) != 0 ||
                  control_reply_section(&reply, RECORD_PROBE, rows) != 0;
    for (size_t i = 0; i < len && !failed; i++)
        if (askers->rows[i].probe[0] != '\0')
            failed = control_reply_row(&reply, RECORD_PROBE, &askers->rows[i]) != 0;
    if (failed)
        server_error(call, CONTROL_FAILED, "no memory for the answer");
    else
        server_reply(call, &reply);
    control_reply_finish(&reply);
}

void askers_reply(struct askers *askers, size_t len) {
    if (askers->rows == NULL && askers->len > 0) {
        askers_refuse(askers, "no probe gave an answer");
        return;
    }
    for (size_t i = 0; i < askers->len; i++)
        reply(askers, askers->calls[i], len < CONFIG_PLUGINS_MAX ? len : CONFIG_PLUGINS_MAX);
    done(askers);
}

void askers_refuse(struct askers *askers, const char *why) {
    for (size_t i = 0; i < askers->len; i++)
        server_error(askers->calls[i], CONTROL_FAILED, "%s", why);
    done(askers);
}
