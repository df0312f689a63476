/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Says what it was given: options, carry, mount, and how many instances there were. */
#include <smbmounter/plugin.h>
#include <stdio.h>
#include <stdlib.h>

static int loads, opens;

static int load(void) {
    loads++;
    return 0;
}

static int open_one(const struct smbm_mount *mount, const struct smbm_value *options,
                    void **instance, char *error, size_t error_size) {
    int *number = malloc(sizeof *number);
    (void)mount;
    if (options[0].number == 0) {
        free(number);
        snprintf(error, error_size, "number must not be 0");
        return -22;
    }
    if (number == NULL)
        return -12;
    *number = ++opens;
    *instance = number;
    return 0;
}

static void close_one(void *instance) {
    free(instance);
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    const struct smbm_value *o = call->options;
    report->verdict = SMBM_HEALTHY;
    report->carry[0] = call->carry[0] + 1;
    report->took_us = 77;
    snprintf(report->evidence, sizeof report->evidence,
             "%.20s %.30s %u number=%d text=%.20s list=%d/%d timeout=%u instance=%d loads=%d",
             mount->name, mount->mountpoint, (unsigned)mount->port, (int)o[0].number, o[1].text,
             (int)o[2].list_len, o[2].list_len > 0 ? (int)o[2].list[o[2].list_len - 1] : -1,
             (unsigned)call->timeout_ms, *(int *)instance, loads);
}

static const struct smbm_option options[] = {
    {.name = "number", .type = SMBM_OPT_INT, .min = -5, .max = 5, .def = "1", .help = "a number"},
    {.name = "text", .type = SMBM_OPT_STRING, .max = 64, .def = "", .help = "a text"},
    {.name = "list", .type = SMBM_OPT_INT_LIST, .max = 99, .def = "[1, 2]", .help = "a list"},
    SMBM_OPTIONS_END,
};

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "echo", .summary = "a test", .version = "1.2",
                      .options = options},
           .flags = SMBM_PROBE_PASSIVE, .interval_ms = 2000, .timeout_ms = 700, .load = load,
           .open = open_one, .close = close_one, .run = run);
