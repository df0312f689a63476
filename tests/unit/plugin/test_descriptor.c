/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Descriptors: what a plugin says of itself, as the daemon may believe it. */
#include "plugin/descriptor.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/call.h"
#include "plugin/loader.h"

static unsigned char frame[WIRE_HEAD + WIRE_FRAME_MAX];

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    (void)report;
}

static const struct smbm_option options[] = {
    {.name = "timeout_ms",
     .type = SMBM_OPT_INT,
     .min = 100,
     .max = 600000,
     .def = "5000",
     .help = "how long"},
    {.name = "mode", .type = SMBM_OPT_CHOICE, .def = "a", .choices = "a|b", .help = "how"},
    {.name = "must", .type = SMBM_OPT_STRING, .max = 9, .help = "has no default"},
    SMBM_OPTIONS_END,
};
static const struct smbm_probe probe = {.header = {SMBM_PROBE_HEADER, .name = "stat-timeout",
                                                   .summary = "asks", .version = "1.1",
                                                   .options = options},
                                        .subject = SMBM_ON_SERVER,
                                        .flags = SMBM_PROBE_PASSIVE | 0x80u,
                                        .interval_ms = 2000,
                                        .timeout_ms = 400,
                                        .run = run};

static struct wire_in payload_of(const struct smbm_probe *p) {
    struct wire_in payload = {0};
    uint32_t type;
    size_t whole, len = descriptor_encode(&p->header, p, frame, sizeof frame);
    cr_assert_gt(len, 0);
    cr_assert_eq(wire_frame(frame, len, &type, &payload, &whole), 1);
    cr_assert_eq(type, CALL_DESCRIBE);
    return payload;
}

static int decode(const struct smbm_probe *p, struct err *err) {
    struct descriptor d = {0};
    struct wire_in in = payload_of(p);
    int rc = descriptor_decode(&in, &d, err);
    cr_assert_eq(d.ok, rc == 0);
    cr_assert_eq(d.kind == 0, rc != 0);
    descriptor_finish(&d);
    return rc;
}

Test(descriptor, survives) {
    struct descriptor d = {0};
    struct wire_in in = payload_of(&probe);
    cr_assert_eq(descriptor_decode(&in, &d, NULL), 0);
    cr_assert(d.ok);
    cr_assert_eq(d.kind, SMBM_KIND_PROBE);
    cr_assert_eq(d.subject, SMBM_ON_SERVER);
    cr_assert_eq(d.flags, SMBM_PROBE_PASSIVE, "a flag of a later version is not passed on");
    cr_assert_eq(d.interval_ms, 2000);
    cr_assert_str_eq(d.name, "stat-timeout");
    cr_assert_str_eq(d.version, "1.1");
    cr_assert_eq(schema_len(d.options), 3);
    cr_assert_eq(d.options[0].max, 600000);
    cr_assert_str_eq(d.options[0].def, "5000");
    cr_assert_str_eq(d.options[1].choices, "a|b");
    cr_assert_null(d.options[2].def);
    descriptor_finish(&d);
    cr_assert_null(d.options);
}

Test(descriptor, cut_anywhere_is_refused) {
    struct wire_in whole = payload_of(&probe);
    for (size_t len = 0; len < whole.len; len++) {
        unsigned char *exact = malloc(len > 0 ? len : 1);
        struct descriptor d = {0};
        memcpy(exact, whole.data, len);
        struct wire_in in = {.data = exact, .len = len};
        cr_assert_lt(descriptor_decode(&in, &d, NULL), 0, "%zu of %zu", len, whole.len);
        cr_assert_null(d.options);
        cr_assert_not(d.ok);
        descriptor_finish(&d);
        free(exact);
    }
}

Test(descriptor, mutated_is_refused_or_sound) {
    unsigned seed = 7;
    for (int round = 0; round < 100000; round++) {
        struct wire_in whole = payload_of(&probe);
        for (int k = 0; k < 2; k++) {
            seed = seed * 1103515245u + 12345u;
            frame[WIRE_HEAD + (seed >> 8) % whole.len] = (unsigned char)(seed >> 24);
        }
        struct descriptor d = {0};
        struct err err = {0};
        if (descriptor_decode(&whole, &d, &err) == 0) {
            cr_assert_eq(schema_check_table(d.options, NULL), 0);
            cr_assert_eq(strspn(d.name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(d.name));
            cr_assert_leq(d.subject, SMBM_ON_SERVER);
        } else {
            cr_assert_neq(err.text[0], '\0');
        }
        descriptor_finish(&d);
    }
}

Test(descriptor, nonsense_is_refused_in_words) {
    struct err err;
    struct smbm_probe p = probe;
    p.header.kind = 3;
    cr_assert_lt(decode(&p, &err), 0);
    cr_assert_not_null(strstr(err.text, "kind 3"));
    p = probe;
    p.header.abi_major = 2;
    cr_assert_lt(decode(&p, &err), 0);
    cr_assert_not_null(strstr(err.text, "interface 2"));
    p = probe;
    p.header.name = "Evil\033[2J";
    cr_assert_lt(decode(&p, &err), 0);
    cr_assert_null(strchr(err.text, '\033'));
    p = probe;
    p.timeout_ms = 600001;
    cr_assert_lt(decode(&p, &err), 0);
    p = probe;
    p.subject = 2;
    cr_assert_lt(decode(&p, &err), 0);
}

Test(descriptor, files_of_the_folder) {
    cr_assert(descriptor_is_file("a.so"));
    cr_assert_not(descriptor_is_file(".a.so"));
    cr_assert_not(descriptor_is_file("a.so.1"));
    cr_assert_not(descriptor_is_file("so"));
    cr_assert_not(descriptor_is_file("a.so~"));
}

Test(loader, copies_what_both_know_and_zeroes_the_rest) {
    struct {
        struct smbm_probe known;
        char later[64];
    } newer = {.known = probe};
    struct plugin plugin;
    newer.known.header.struct_size = sizeof newer;
    newer.known.header.abi_minor = 9;
    memset(newer.later, 0x5a, sizeof newer.later);
    cr_assert_eq(loader_check(&newer, &plugin, NULL), 0);
    cr_assert_eq(plugin.kind, SMBM_KIND_PROBE);
    cr_assert(plugin.probe.run == run);
    cr_assert_eq(plugin.recovery.header.magic, 0);
}

static void refused(const struct smbm_probe *p, const char *word) {
    struct plugin plugin;
    struct err err = {0};
    cr_assert_eq(loader_check(p, &plugin, &err), -EINVAL);
    cr_assert_not_null(strstr(err.text, word), "'%s' in '%s'", word, err.text);
}

Test(loader, refuses_in_words) {
    struct smbm_probe p = probe;
    p.header.magic = 1;
    refused(&p, "begins with 00000001");
    p = probe;
    p.header.abi_major = 2;
    refused(&p, "interface 2.");
    p = probe;
    p.header.struct_size--;
    refused(&p, "struct_size");
    p.header.struct_size = 1u << 20;
    refused(&p, "struct_size");
    p = probe;
    p.header.kind = 7;
    refused(&p, "kind 7");
    p = probe;
    p.run = NULL;
    refused(&p, "run()");
    p = probe;
    p.header.name = NULL;
    refused(&p, "no name");
    p.header.name = "-x";
    refused(&p, "name must be");
    p.header.name = "a23456789012345678901234567890123";
    refused(&p, "name must be");
}
