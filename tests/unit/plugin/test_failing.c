/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Each call into the system that the daemon makes for its plugin hosts fails once: whoever waits
 * is told, and the next one is served. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "plugin/pool.h"
#include "plugin/registry.h"
#include "rig.h"

static uv_loop_t loop;
static char folder[RIG_PATH_MAX];
static struct err err;

static void set_up(void) {
    signal(SIGPIPE, SIG_IGN);
    rig_folder(folder, (const char *const[]){"healthy", "crash-load", NULL});
}

static void tear_down(void) {
    rig_remove(folder);
}

TestSuite(failing, .init = set_up, .fini = tear_down, .timeout = 110);

static int open_fds(void) {
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

struct scanned {
    struct registry *registry;
    struct err err;
    bool done;
};

static void on_scanned(struct registry *registry, const struct err *why, void *context) {
    struct scanned *scanned = context;
    cr_assert_not(scanned->done, "told once");
    *scanned = (struct scanned){.registry = registry, .done = true};
    if (why != NULL)
        scanned->err = *why;
}

/* The call that failed, or NULL. */
static const char *scan_failing(long n, struct scanned *scanned) {
    *scanned = (struct scanned){.done = false};
    cr_assert_eq(uv_loop_init(&loop), 0);
    fail_after(n);
    int rc = registry_scan(&loop, HOST, folder, rig_uid(), on_scanned, scanned);
    bool done = rc == 0 && rig_run(&loop, &scanned->done, 20000);
    const char *call = fail_end();
    cr_assert(rc == -ENOMEM || done, "call %ld (%s): %d", n, call, rc);
    cr_assert_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cr_assert_eq(uv_loop_close(&loop), 0, "nothing is left in the loop");
    return call;
}

Test(failing, a_scan_lists_a_file_or_says_why_it_does_not) {
    const char *call;
    long n = 0;
    do {
        int fds = open_fds();
        struct scanned s;
        call = scan_failing(n, &s);
        cr_assert_geq(fds + 4, open_fds(), "call %ld (%s): descriptors", n, call); /* libuv's own */
        for (size_t i = 0; s.registry != NULL && i < s.registry->len; i++) {
            const struct descriptor *d = &s.registry->items[i];
            cr_assert_neq(d->ok, d->error[0] != '\0', "call %ld (%s)", n, call);
            cr_assert(call != NULL || d->ok == (strcmp(d->file, "healthy.so") == 0));
        }
        bool whole = s.registry != NULL && s.registry->len == 2;
        cr_assert(whole || s.registry == NULL || s.err.text[0] != '\0' ||
                      strcmp(call, "readdir") == 0,
                  "call %ld (%s): a list that is short says why", n, call);
        registry_destroy(s.registry);
        n++;
    } while (call != NULL);
    cr_assert_gt(n, 10);
}

Test(failing, a_folder_name_that_is_too_long_is_refused) {
    struct scanned s = {.done = false};
    char path[2000];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    cr_assert_eq(uv_loop_init(&loop), 0);
    cr_assert_eq(registry_scan(&loop, HOST, path, 0, on_scanned, &s), -ENAMETOOLONG);
    cr_assert_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cr_assert_not(s.done);
    cr_assert_eq(uv_loop_close(&loop), 0);
}

Test(failing, a_folder_with_too_many_files_is_refused_as_a_whole) {
    struct scanned s;
    for (int i = 0; i < REGISTRY_FILES_MAX; i++) {
        char path[RIG_PATH_MAX + 32];
        snprintf(path, sizeof path, "%s/more-%d.so", folder, i);
        close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    }
    cr_assert_null(scan_failing(100000, &s));
    cr_assert_eq(s.registry->len, 0, "which ones it would leave out is chance");
    cr_assert_not_null(strstr(s.err.text, "more than 128 plugin files"), "%s", s.err.text);
    registry_destroy(s.registry);
}

/* What the owner of one job hears. */
struct heard {
    unsigned reports;
    bool done, answered;
};

static void on_report(void *context, size_t call, enum pool_end end,
                      const struct smbm_report *report, const struct smbm_decision *decision) {
    struct heard *heard = context;
    (void)decision;
    cr_assert_eq(call, 0);
    cr_assert_not(heard->done);
    cr_assert(end == POOL_ANSWERED || report->evidence[0] != '\0', "it says why not");
    heard->answered = end == POOL_ANSWERED && report->verdict == SMBM_HEALTHY;
    heard->reports++;
}

static void on_done(void *context, bool reaped) {
    struct heard *heard = context;
    (void)reaped;
    cr_assert_not(heard->done, "done once");
    heard->done = true;
}

static uint64_t ask(struct pool *pool, struct heard *heard) {
    static struct descriptor plugin = {.file = "healthy.so"};
    const struct pool_job job = {.kind = POOL_PROBE,
                                 .mount = rig_mount(),
                                 .calls = {{.plugin = &plugin, .timeout_ms = 20000}},
                                 .calls_len = 1,
                                 .on_report = on_report,
                                 .on_done = on_done,
                                 .context = heard};
    *heard = (struct heard){.done = false};
    return pool_submit(pool, &job);
}

static void no_line(void *context, enum log_level level, const char *line) {
    (void)context;
    (void)level;
    cr_assert_gt(strlen(line), 0);
}

static void set_flag(void *context) {
    *(bool *)context = true;
}

static void destroy(struct pool *pool) {
    bool destroyed = false;
    pool_destroy(pool, set_flag, &destroyed);
    pool_destroy(pool, set_flag, &destroyed); /* once is enough */
    cr_assert(rig_run(&loop, &destroyed, 20000));
}

static void ask_for_sure(struct pool *pool, const char *after) {
    struct heard heard;
    for (int turn = 0; turn < 3; turn++) { /* a host that could not start is tried again in 1 s */
        cr_assert_neq(ask(pool, &heard), 0);
        cr_assert(rig_run(&loop, &heard.done, 20000));
        if (heard.answered)
            return;
        rig_run_for(&loop, 1100);
    }
    cr_assert_fail("after %s nobody is served any more", after);
}

Test(failing, a_pool_tells_who_waits_and_serves_the_next_one) {
    static struct log quiet = {.level = LOG_ERROR, .fd = -1, .write = no_line};
    const struct pool_setup setup = {.loop = &loop,
                                     .log = &quiet,
                                     .host_path = HOST,
                                     .directory = folder,
                                     .trusted_uid = rig_uid(),
                                     .min_hosts = 1,
                                     .max_hosts = 2};
    const char *call;
    long n = 0;
    do {
        struct heard heard = {0};
        cr_assert_eq(uv_loop_init(&loop), 0);
        err.text[0] = '\0';
        fail_after(n);
        struct pool *pool = pool_create(&setup, &err);
        cr_assert(pool != NULL || err.text[0] != '\0');
        if (pool != NULL && ask(pool, &heard) != 0) {
            cr_assert(rig_run(&loop, &heard.done, 20000), "call %ld", n);
            cr_assert_eq(heard.reports, 1, "call %ld", n);
        }
        call = fail_end();
        cr_assert(call != NULL || heard.answered);
        if (pool != NULL) {
            ask_for_sure(pool, call);
            destroy(pool);
        }
        cr_assert_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
        cr_assert_eq(uv_loop_close(&loop), 0, "call %ld (%s): nothing is left", n, call);
        n++;
    } while (call != NULL);
    cr_assert_gt(n, 10);
}

/* The program itself, with arguments that the daemon does not give. Its exit status. */
static int run_host(const char *const arguments[], bool with_socket) {
    int status = -1, ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        if (with_socket)
            dup2(ends[1], 3);
        else
            close(3);
        close(4);
        execv(HOST, (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    close(ends[0]);
    close(ends[1]);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#define ARGUMENTS(...) ((const char *const[]){"host", __VA_ARGS__, NULL})

Test(failing, the_program_refuses_who_is_not_the_daemon) {
    cr_assert_eq(run_host(ARGUMENTS("--describe", "/x.so", "0"), false), 1);
    cr_assert_eq(run_host(ARGUMENTS("--serve", "/x", "0"), true), 1, "no slate");
    cr_assert_eq(run_host((const char *const[]){"host", NULL}, true), 64);
    cr_assert_eq(run_host(ARGUMENTS("--describe", "/x.so", "me"), true), 64);
    cr_assert_eq(run_host(ARGUMENTS("--describe", "/x.so", "1x"), true), 64);
    cr_assert_eq(run_host(ARGUMENTS("--describe", "/x.so", "99999999999"), true), 64);
    cr_assert_eq(run_host(ARGUMENTS("--load", "/x.so", "0"), true), 64);
}
