/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The key of the logins goes to the helper in a frame; no memory is given back with it. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/helper_proc.h"

static const char key[] = "sixteen bytes, 1";
static volatile unsigned frees, leaks; /* the compiler thinks that free() changes nothing */
static unsigned results;

void __real_free(void *memory);
void __wrap_free(void *memory);
void __wrap_free(void *memory) {
    frees++;
    if (memory != NULL && memmem(memory, malloc_usable_size(memory), key, SIPHASH_KEY) != NULL)
        leaks++;
    __real_free(memory);
}

static void on_result(void *context, const struct helper_result *result, bool doubtful) {
    (void)context, (void)result, (void)doubtful;
    results++;
}

static struct helper_proc *start(struct daemon *daemon, const char *program) {
    char name[] = "media", empty[] = "";
    struct helper_request request = {.op = HELPER_RECONNECT, .mount = {.name = name}};
    struct config_mount *m = &request.mount;
    struct err err = {0};
    m->server = m->share = m->mountpoint = m->username = m->domain = m->local_user = m->fstype =
        m->source = m->credential_path = empty;
    memcpy(request.login_key, key, SIPHASH_KEY);
    strcpy(daemon->self_path, program);
    const struct helper_events events = {.result = on_result};
    return helper_proc_start(daemon, &request, &events, &err);
}

static void is_wiped(const char *program, bool starts) {
    static struct daemon daemon;
    cr_assert_eq(uv_loop_init(&daemon.loop), 0);
    frees = leaks = results = 0;
    cr_assert_eq(start(&daemon, program) != NULL, starts);
    uv_run(&daemon.loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&daemon.loop), 0);
    cr_assert_geq(frees, 2, "the frame and what held it");
    cr_assert_eq(leaks, 0);
    cr_assert_eq(results, starts ? 1 : 0);
}

Test(helper_key, is_wiped_when_it_was_written) {
    signal(SIGPIPE, SIG_IGN);
    is_wiped("/bin/true", true);
}

Test(helper_key, is_wiped_when_no_helper_starts) {
    is_wiped("/nonexistent", false);
}

Test(helper_key, is_found_by_this_test) {
    volatile char *memory = malloc(64);
    cr_assert_not_null(memory);
    for (size_t i = 0; i < sizeof key; i++)
        memory[20 + i] = key[i];
    leaks = 0;
    free((void *)memory);
    cr_assert_eq(leaks, 1);
}
