/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Plugins as a host finds, loads and calls them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_rig.h"

static struct host_job job;
static struct call_run call;
static struct smbm_report report;
static struct smbm_decision decision;

static void says(const char *words) {
    cr_assert_not_null(strstr(err.text, words), "'%s' in '%s'", words, err.text);
}

/* What echo has: a number, a text, a list. */
static struct call_run *call_of(const char *file, int64_t number, size_t options) {
    call = (struct call_run){.file = file, .timeout_ms = 1000, .values_len = options};
    call.values[0] = (struct smbm_value){.number = number, .text = ""};
    call.values[1].text = call.values[2].text = "";
    call.option_bytes = (const unsigned char *)&call.values[0].number;
    call.option_bytes_len = sizeof call.values[0].number;
    return &call;
}

static int run(const char *file, int64_t number, size_t options) {
    return host_run(&host, &job, call_of(file, number, options), &report, &err);
}

static int instance_of(uint64_t mount_key) {
    int instance = 0;
    job.mount_key = mount_key;
    cr_assert_eq(run("echo.so", 3, 3), 0, "%s", err.text);
    const char *at = strstr(report.evidence, "instance=");
    cr_assert(at != NULL && sscanf(at, "instance=%d", &instance) == 1, "%s", report.evidence);
    return instance;
}

Test(host, an_instance_belongs_to_one_mount_and_its_options) {
    enum { MANY = 3 * HOST_INSTANCES };
    host_begin((const char *const[]){"echo", NULL});
    job.mount = rig_mount();
    int first = instance_of(1);
    cr_assert_eq(instance_of(1), first, "it is kept");
    cr_assert_eq(run("echo.so", 4, 3), 0);
    cr_assert_not_null(strstr(report.evidence, "number=4"), "%s", report.evidence);
    /* More than there is room for: some give way, none is given to another mount. */
    static bool seen[4 * MANY];
    for (int i = 2; i < MANY; i++) {
        int instance = instance_of((uint64_t)i * 0x9e3779b97f4a7c15u);
        cr_assert(instance > 0 && instance < 4 * MANY && !seen[instance]);
        seen[instance] = true;
    }
    host_end();
}

Test(host, an_open_that_fails_is_told_and_tried_again) {
    host_begin((const char *const[]){"echo", "shy", NULL});
    job.mount = rig_mount();
    cr_assert_eq(run("echo.so", 0, 3), -EINVAL);
    says("number must not be 0");
    cr_assert_eq(run("echo.so", 0, 3), -EINVAL, "no instance was kept");
    cr_assert_eq(run("echo.so", 1, 3), 0);
    static const struct {
        uint32_t port;
        int rc;
    } rows[] = {{2, -EACCES}, {1, -EINVAL}, {445, 0}};
    for (size_t i = 0; i < 3; i++) {
        job.mount.port = rows[i].port;
        job.mount_key = rows[i].port;
        cr_assert_eq(host_next(&host, &job, call_of("shy.so", 0, 0), &decision, &err), rows[i].rc);
        if (rows[i].rc != 0)
            says("its open() failed");
    }
    host_end();
}

Test(host, a_kind_of_call_that_it_does_not_have_is_refused) {
    host_begin((const char *const[]){"healthy", "shy", "decide", NULL});
    job.mount = rig_mount();
    cr_assert_eq(host_next(&host, &job, call_of("healthy.so", 0, 0), &decision, &err), -EINVAL);
    says("healthy.so: is not a recovery plugin");
    cr_assert_eq(run("shy.so", 0, 0), -EINVAL);
    says("shy.so: asked for a call, but has no run()");
    cr_assert_eq(run("decide.so", 0, 1), 0);
    cr_assert_str_eq(report.evidence, "called");
    job.situation = (struct smbm_situation){.size = sizeof job.situation, .outage_ms = 77};
    cr_assert_eq(host_next(&host, &job, call_of("decide.so", 5, 1), &decision, &err), 0);
    cr_assert_eq(decision.step, 5);
    cr_assert_eq(decision.wait_ms, 77);
    host_end();
}

/* The daemon checked the options against the table that it was told at its last reload. */
Test(host, options_of_another_version_are_refused) {
    host_begin((const char *const[]){"echo", NULL});
    job.mount = rig_mount();
    cr_assert_eq(run("echo.so", 1, 2), -ESTALE);
    says("echo.so: was replaced by a version with other options; reload");
    cr_assert_eq(host_next(&host, &job, call_of("echo.so", 1, 2), &decision, &err), -ESTALE);
    host_end();
}

Test(host, what_cannot_be_loaded_says_so_each_time) {
    static const char *const rows[][2] = {
        {"unready.so", "unready.so: its load() failed: Permission denied"},
        {"no-symbol.so", "no symbol smbm_plugin"},
        {"bad-magic.so", "begins with"},
        {"new.so", "was not in the plugin folder when this host began; reload"},
        {"sick.so", "writable by group or others"},
    };
    char path[RIG_PATH_MAX + 16];
    rig_folder(folder,
               (const char *const[]){"unready", "no-symbol", "bad-magic", "sick", "slow", NULL});
    snprintf(path, sizeof path, "%s/sick.so", folder);
    cr_assert_eq(chmod(path, 0666), 0);
    host = (struct host){.directory = folder, .trusted_uid = rig_uid(), .next_fd = 20};
    cr_assert_eq(host_plugins_copy(&host), 0);
    rig_add(folder, "healthy", "new"); /* too late for this host */
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            err.text[0] = '\0';
            cr_assert_null(host_plugin_find(&host, rows[i][0], &err), "%s", rows[i][0]);
            says(rows[i][1]);
        }
    cr_assert_not_null(host_plugin_find(&host, "slow.so", &err));
    host_end();
}

Test(host, a_folder_that_cannot_be_used_is_the_reason_for_every_plugin) {
    host = (struct host){.directory = "/no/such/folder", .trusted_uid = rig_uid(), .next_fd = 20};
    cr_assert_eq(host_plugins_copy(&host), 0, "it serves: each call is told why");
    cr_assert_null(host_plugin_find(&host, "healthy.so", &err));
    says("/no: No such file");
    free(host.plugins);
}

/* Each call failing once: the plugin is there, or it says why it is not. */
Test(host, a_failing_call_costs_a_plugin_and_says_why) {
    rig_folder(folder, (const char *const[]){"healthy", NULL});
    for (long n = 0;; n++) {
        host = (struct host){.directory = folder, .trusted_uid = rig_uid(), .next_fd = 20 + (int)n};
        fail_after(n);
        int rc = host_plugins_copy(&host);
        const char *failed = fail_end();
        err = (struct err){0};
        if (rc == 0 && host_plugin_find(&host, "healthy.so", &err) == NULL) {
            cr_assert_not_null(failed, "%s", err.text);
            cr_assert_gt(strlen(err.text), 0, "call %ld (%s)", n, failed);
        } else { /* the list may end early after it */
            cr_assert(failed == NULL || rc == -ENOMEM || strcmp(failed, "readdir") == 0,
                      "call %ld (%s)", n, failed);
        }
        free(host.plugins);
        if (failed == NULL)
            break;
    }
    rig_remove(folder);
}

Test(loader, a_file_is_loaded_by_its_path_where_it_cannot_be_sealed) {
    struct plugin plugin;
    char path[RIG_PATH_MAX + 16];
    rig_folder(folder, (const char *const[]){"decide", "no-symbol", NULL});
    snprintf(path, sizeof path, "%s/decide.so", folder);
    cr_assert_eq(loader_load(path, -ENOTSUP, &plugin, &err), 0, "%s", err.text);
    cr_assert_str_eq(plugin_header(&plugin)->name, "decide");
    cr_assert_eq(plugin.kind, SMBM_KIND_RECOVERY);
    snprintf(path, sizeof path, "%s/missing.so", folder);
    cr_assert_eq(loader_load(path, -ENOTSUP, &plugin, &err), -EINVAL);
    says("missing.so: cannot be loaded: cannot open shared object file");
    rig_remove(folder);
}
