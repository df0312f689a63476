/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "mount/credential_parts.h"
#include "mount/process.h"
#include "os/os.h"

static char *const clean_env[] = {
    (char[]){"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
    (char[]){"LANG=C"}, NULL};

/* The output goes straight into locked memory; the program's own end is judged after it. */
static int collect(pid_t pid, int fd, uint64_t until_ms, const char *program, struct secret *raw,
                   struct err *err) {
    int status = 0;
    int rc = credential_slurp(fd, until_ms, program, raw, err);
    if (rc != 0) {
        process_kill(pid);
        return rc;
    }
    if (process_wait(pid, until_ms, &status) != 0) {
        process_kill(pid);
        rc = err_set(err, ETIMEDOUT, "%s: did not end in time", program);
    } else if (status != 0) {
        char how[64];
        process_describe(status, how, sizeof how);
        rc = err_set(err, ECHILD, "%s: %s; run it by hand as root to see why", program, how);
    } else if (raw->len == 0) {
        rc = err_set(err, ENODATA, "%s: printed nothing", program);
    }
    if (rc != 0)
        secret_wipe(raw);
    return rc;
}

int credential_run(const struct config_words *argv, uid_t trusted_uid, uint32_t limit_ms,
                   struct credentials *credentials, struct err *err) {
    int ends[2];
    char program[PATH_MAX];
    int rc = process_check(argv, trusted_uid, program, err);
    if (rc != 0)
        return rc;
    rc = os_pipe(ends);
    if (rc != 0)
        return err_sys(err, -rc, "%s: pipe", argv->items[0]);
    CLEANUP_CLOSE int from = ends[0];
    CLEANUP_CLOSE int to = ends[1];
    struct process_spec spec = {
        .program = program, .argv = argv, .env = clean_env, .out = to, .err = -1};
    pid_t pid = process_start(&spec, err);
    if (pid < 0)
        return (int)pid;
    close(take_fd(&to));
    struct secret raw;
    rc = collect(pid, from, clock_boot_ms() + limit_ms, argv->items[0], &raw, err);
    if (rc != 0)
        return rc;
    rc = credential_parse_any(&raw, argv->items[0], credentials, err);
    secret_wipe(&raw);
    return rc;
}
