/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The recovery plugins as tables: a situation, and the step that must come of it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake_host.h"

#define STEPS(...)                                                                                 \
    .steps = {__VA_ARGS__},                                                                        \
    .steps_len = sizeof((struct smbm_done[]){__VA_ARGS__}) / sizeof(struct smbm_done)
#define OK(step_)                                                                                  \
    { .step = SMBM_STEP_##step_, .outcome = SMBM_OUTCOME_OK }
#define FAILED(step_)                                                                              \
    { .step = SMBM_STEP_##step_, .outcome = SMBM_OUTCOME_FAILED }

static const struct smbm_mount cifs = {.size = sizeof cifs,
                                       .mounted = 1,
                                       .name = "media",
                                       .mounter = "cifs",
                                       .server = "nas",
                                       .share = "media",
                                       .source = "//nas/media",
                                       .fstype = "cifs",
                                       .mountpoint = "/mnt/media",
                                       .address = "10.9.0.2",
                                       .port = 445,
                                       .mount_id = 7};
static const struct smbm_mount fuse = {.size = sizeof fuse,
                                       .mounted = 1,
                                       .name = "keys",
                                       .mounter = "command",
                                       .server = "",
                                       .share = "",
                                       .source = "keys",
                                       .fstype = "fuse.keys",
                                       .mountpoint = "/mnt/keys",
                                       .address = "",
                                       .mount_id = 8};

struct row {
    const char *what;
    const struct smbm_mount *mount;
    struct smbm_situation s;
    uint64_t carry;
    uint32_t step;
    uint64_t wait_min, wait_max;
};

static void check(const char *name, const struct row *rows, size_t count) {
    struct fake_plugin plugin;
    const char *error = fake_load(&plugin, name);

    cr_assert_null(error, "%s: %s", name, error);
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        memset(plugin.carry, 0, sizeof plugin.carry);
        plugin.carry[0] = row->carry;
        struct smbm_decision d = fake_next(&plugin, row->mount, &row->s);
        cr_expect_eq(d.step, row->step, "%s, %s: step %u (%s), not %u", name, row->what, d.step,
                     d.reason, row->step);
        cr_expect(d.wait_ms >= row->wait_min && d.wait_ms <= row->wait_max, "%s, %s: wait %llu ms",
                  name, row->what, (unsigned long long)d.wait_ms);
        cr_expect(d.step == SMBM_STEP_PASS || d.reason[0], "%s, %s: no reason", name, row->what);
        cr_expect(memchr(d.reason, '\0', sizeof d.reason) && !strchr(d.reason, '\n'));
    }
}
#define CHECK(name, rows) check(name, rows, sizeof rows / sizeof rows[0])

#define UP .mounted = 1, .server = SMBM_ANSWERS
#define LONG .server_since_ms = 3600000

static const struct row await_server_rows[] = {
    {"no server", &fuse, {.mounted = 1, .verdict = SMBM_DEAD}, 0, SMBM_STEP_PASS, 0, 0},
    {"unknown", &cifs, {.mounted = 1, .verdict = SMBM_DEAD}, 0, SMBM_STEP_AWAIT, 0, 0},
    {"mute",
     &cifs,
     {.mounted = 1, .verdict = SMBM_SUSPECT, .server = SMBM_MUTE},
     0,
     SMBM_STEP_AWAIT,
     0,
     0},
    {"refused",
     &cifs,
     {.mounted = 1, .verdict = SMBM_DEAD, .server = SMBM_REFUSED},
     0,
     SMBM_STEP_AWAIT,
     0,
     0},
    {"refused, not mounted", &cifs, {.server = SMBM_REFUSED}, 0, SMBM_STEP_AWAIT, 0, 0},
    {"unreachable and denied",
     &cifs,
     {.mounted = 1, .verdict = SMBM_DENIED, .server = SMBM_UNREACHABLE},
     0,
     SMBM_STEP_AWAIT,
     0,
     0},
    {"half open", &cifs, {UP, LONG, .verdict = SMBM_DEAD}, 0, SMBM_STEP_PASS, 0, 0},
    {"half open, suspect", &cifs, {UP, LONG, .verdict = SMBM_SUSPECT}, 0, SMBM_STEP_PASS, 0, 0},
    {"is back",
     &cifs,
     {UP, .verdict = SMBM_DEAD, .server_since_ms = 100, .attempt_ms = 60000, STEPS(OK(AWAIT))},
     1,
     SMBM_STEP_PROBE,
     0,
     0},
    {"is back, looked",
     &cifs,
     {UP, .verdict = SMBM_DEAD, .server_since_ms = 200, .attempt_ms = 60000,
      STEPS(OK(AWAIT), FAILED(PROBE))},
     1,
     SMBM_STEP_WAIT,
     300,
     300},
    {"is back, looked twice",
     &cifs,
     {UP, .verdict = SMBM_DEAD, .server_since_ms = 900, .attempt_ms = 60000, .random = 12345,
      STEPS(OK(AWAIT), FAILED(PROBE), OK(WAIT), FAILED(PROBE))},
     1,
     SMBM_STEP_WAIT,
     500,
     1000},
    {"is back, waited",
     &cifs,
     {UP, .verdict = SMBM_DEAD, .server_since_ms = 900, .attempt_ms = 60000,
      STEPS(OK(AWAIT), FAILED(PROBE), OK(WAIT))},
     1,
     SMBM_STEP_PROBE,
     0,
     0},
    {"grace over",
     &cifs,
     {UP, .verdict = SMBM_DEAD, .server_since_ms = 5000, .attempt_ms = 60000,
      STEPS(OK(AWAIT), FAILED(PROBE))},
     1,
     SMBM_STEP_PASS,
     0,
     0},
    {"is back, but denied",
     &cifs,
     {UP, .verdict = SMBM_DENIED, .server_since_ms = 9},
     1,
     SMBM_STEP_PASS,
     0,
     0},
    {"is back, but gone",
     &cifs,
     {UP, .verdict = SMBM_GONE, .server_since_ms = 9},
     1,
     SMBM_STEP_PASS,
     0,
     0},
    {"is back, not mounted",
     &cifs,
     {.server = SMBM_ANSWERS, .server_since_ms = 9},
     1,
     SMBM_STEP_PASS,
     0,
     0},
    {"nothing to cut: restarted quickly",
     &cifs,
     {UP, LONG, .verdict = SMBM_DEAD, .attempt_ms = 50, STEPS(FAILED(RECONNECT))},
     0,
     SMBM_STEP_WAIT,
     300,
     300},
    {"cut, grace over",
     &cifs,
     {UP, LONG, .verdict = SMBM_DEAD, .attempt_ms = 5100, STEPS(OK(RECONNECT))},
     0,
     SMBM_STEP_PASS,
     0,
     0},
};

Test(recovery, await_server) {
    CHECK("await-server", await_server_rows);
}

static const struct row backoff_rows[] = {
    {"first", &cifs, {.attempt = 0}, 0, SMBM_STEP_PASS, 0, 0},
    {"second", &cifs, {.attempt = 1}, 0, SMBM_STEP_WAIT, 1800, 2200},
    {"second, least", &cifs, {.attempt = 1, .random = 0}, 0, SMBM_STEP_WAIT, 1800, 1800},
    {"second, most", &cifs, {.attempt = 1, .random = 400}, 0, SMBM_STEP_WAIT, 2200, 2200},
    {"second, the server is back",
     &cifs,
     {UP, .attempt = 1, STEPS(OK(AWAIT))},
     0,
     SMBM_STEP_PASS,
     0,
     0},
    {"second, awaited in vain",
     &cifs,
     {.attempt = 1, .server = SMBM_MUTE, STEPS(FAILED(AWAIT))},
     0,
     SMBM_STEP_WAIT,
     1800,
     2200},
    {"third", &cifs, {.attempt = 2, .random = UINT64_MAX}, 1, SMBM_STEP_WAIT, 4500, 5500},
    {"third, waited", &cifs, {.attempt = 2}, 2, SMBM_STEP_PASS, 0, 0},
    {"hundredth", &cifs, {.attempt = 99, .random = 77}, 98, SMBM_STEP_WAIT, 54000, 66000},
    {"last of all", &cifs, {.attempt = UINT32_MAX}, 0, SMBM_STEP_WAIT, 54000, 66000},
};

Test(recovery, backoff) {
    CHECK("backoff", backoff_rows);
}

static const struct row reconnect_rows[] = {
    {"dead at first sight", &cifs, {UP, .verdict = SMBM_DEAD}, 0, SMBM_STEP_RECONNECT, 0, 0},
    {"half open",
     &cifs,
     {UP, .verdict = SMBM_DEAD, STEPS(FAILED(PROBE))},
     0,
     SMBM_STEP_RECONNECT,
     0,
     0},
    {"suspect", &cifs, {UP, .verdict = SMBM_SUSPECT}, 0, SMBM_STEP_RECONNECT, 0, 0},
    {"second time", &cifs, {UP, .verdict = SMBM_DEAD}, 1, SMBM_STEP_PASS, 0, 0},
    {"denied", &cifs, {UP, .verdict = SMBM_DENIED}, 0, SMBM_STEP_PASS, 0, 0},
    {"mute",
     &cifs,
     {.mounted = 1, .server = SMBM_MUTE, .verdict = SMBM_DEAD},
     0,
     SMBM_STEP_PASS,
     0,
     0},
    {"not mounted", &cifs, {.server = SMBM_ANSWERS, .verdict = SMBM_DEAD}, 0, SMBM_STEP_PASS, 0, 0},
    {"not SMB", &fuse, {UP, .verdict = SMBM_DEAD}, 0, SMBM_STEP_PASS, 0, 0},
    {"cut", &cifs, {UP, .verdict = SMBM_DEAD, STEPS(OK(RECONNECT))}, 1, SMBM_STEP_WAIT, 300, 300},
    {"cut, waited",
     &cifs,
     {UP, .verdict = SMBM_DEAD, STEPS(OK(RECONNECT), OK(WAIT))},
     1,
     SMBM_STEP_PROBE,
     0,
     0},
    {"cut, looked twice",
     &cifs,
     {UP, .verdict = SMBM_DEAD,
      STEPS(OK(RECONNECT), OK(WAIT), FAILED(PROBE), OK(WAIT), FAILED(PROBE))},
     1,
     SMBM_STEP_PASS,
     0,
     0},
    {"cut in vain",
     &cifs,
     {UP, .verdict = SMBM_DEAD, STEPS(FAILED(RECONNECT))},
     1,
     SMBM_STEP_PASS,
     0,
     0},
    {"cut long ago",
     &cifs,
     {UP, .verdict = SMBM_DEAD,
      STEPS({.step = SMBM_STEP_RECONNECT, .outcome = SMBM_OUTCOME_OK, .ago_ms = 2000})},
     1,
     SMBM_STEP_PASS,
     0,
     0},
};

Test(recovery, reconnect) {
    CHECK("reconnect", reconnect_rows);
}

static const struct row force_unmount_remount_rows[] = {
    {"a last look", &cifs, {UP, .verdict = SMBM_DEAD}, 0, SMBM_STEP_PROBE, 0, 0},
    {"dead", &cifs, {UP, .verdict = SMBM_DEAD, STEPS(FAILED(PROBE))}, 0, SMBM_STEP_DETACH, 0, 0},
    {"dead FUSE",
     &fuse,
     {.mounted = 1, .verdict = SMBM_DEAD, STEPS(FAILED(PROBE))},
     0,
     SMBM_STEP_FORCE,
     0,
     0},
    {"late FUSE", &fuse, {.mounted = 1, .verdict = SMBM_SUSPECT}, 0, SMBM_STEP_FORCE, 0, 0},
    {"late FUSE, an error",
     &fuse,
     {.mounted = 1, .verdict = SMBM_SUSPECT, .os_errno = EAGAIN},
     0,
     SMBM_STEP_PROBE,
     0,
     0},
    {"late FUSE, not taken down",
     &fuse,
     {.mounted = 1, .verdict = SMBM_SUSPECT, STEPS(FAILED(FORCE))},
     0,
     SMBM_STEP_PROBE,
     0,
     0},
    {"bad FUSE", &fuse, {.mounted = 1, .verdict = SMBM_DEAD}, 0, SMBM_STEP_PROBE, 0, 0},
    {"late FUSE, some time ago",
     &fuse,
     {.mounted = 1, .verdict = SMBM_SUSPECT, .attempt_ms = 1000},
     0,
     SMBM_STEP_PROBE,
     0,
     0},
    {"late FUSE, tried before",
     &fuse,
     {.mounted = 1, .verdict = SMBM_SUSPECT, .attempt = 1},
     0,
     SMBM_STEP_PROBE,
     0,
     0},
    {"late", &cifs, {UP, .verdict = SMBM_SUSPECT}, 0, SMBM_STEP_PROBE, 0, 0},
    {"denied", &cifs, {UP, .verdict = SMBM_DENIED}, 0, SMBM_STEP_DETACH, 0, 0},
    {"gone", &cifs, {UP, .verdict = SMBM_GONE}, 0, SMBM_STEP_DETACH, 0, 0},
    {"blind", &cifs, {UP, .verdict = SMBM_BLIND, STEPS(FAILED(PROBE))}, 0, SMBM_STEP_GIVE_UP, 0, 0},
    {"vanished", &cifs, {.verdict = SMBM_DEAD}, 0, SMBM_STEP_MOUNT, 0, 0},
    {"detached",
     &cifs,
     {.verdict = SMBM_DEAD, STEPS(FAILED(PROBE), OK(DETACH))},
     0,
     SMBM_STEP_MOUNT,
     0,
     0},
    {"mounted",
     &cifs,
     {UP, .verdict = SMBM_DEAD, STEPS(OK(DETACH), OK(MOUNT))},
     0,
     SMBM_STEP_DONE,
     0,
     0},
    {"mounted and still bad",
     &cifs,
     {UP, .verdict = SMBM_DEAD, STEPS(OK(DETACH), OK(MOUNT), FAILED(DONE))},
     0,
     SMBM_STEP_PASS,
     0,
     0},
    {"mount failed",
     &cifs,
     {.verdict = SMBM_DEAD, STEPS(OK(DETACH), FAILED(MOUNT))},
     0,
     SMBM_STEP_PASS,
     0,
     0},
    {"denied, mounted once", &cifs, {.verdict = SMBM_DENIED}, 1, SMBM_STEP_GIVE_UP, 0, 0},
    {"unmount failed once",
     &cifs,
     {UP, .verdict = SMBM_DEAD, STEPS(FAILED(PROBE), FAILED(DETACH))},
     0,
     SMBM_STEP_DETACH,
     0,
     0},
    {"unmount failed twice",
     &cifs,
     {UP, .verdict = SMBM_DEAD, STEPS(FAILED(PROBE), FAILED(DETACH), FAILED(DETACH))},
     0,
     SMBM_STEP_GIVE_UP,
     0,
     0},
    {"stacked", &cifs, {UP, .verdict = SMBM_DENIED, STEPS(OK(DETACH))}, 0, SMBM_STEP_DETACH, 0, 0},
    {"stacked without end",
     &cifs,
     {UP, .verdict = SMBM_DENIED, STEPS(OK(DETACH), OK(DETACH), OK(DETACH), OK(DETACH))},
     0,
     SMBM_STEP_GIVE_UP,
     0,
     0},
};

Test(recovery, force_unmount_remount) {
    CHECK("force-unmount-remount", force_unmount_remount_rows);
}
