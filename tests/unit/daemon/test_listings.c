/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What status, why, events and plugins say of a daemon that is made up here. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/server.h"
#include "daemon/listings.h"
#include "daemon/plugin_faults.h"
#include "daemon/supervisor.h"
#include "fail.h"

/* In place of the server: the answer is kept. */
static struct control_response answer;
static char refusal[256];

void server_reply(struct server_call *call, struct control_reply *reply) {
    struct err err = {0};
    (void)call;
    (void)fail_end(); /* reading it is not what is tried */
    cr_assert_eq(control_decode_response(reply->buffer.data, reply->buffer.size, &answer, &err), 0,
                 "%s", err.text);
}

void server_error(struct server_call *call, enum control_error code, const char *format, ...) {
    va_list args;
    (void)call;
    cr_assert_neq(code, CONTROL_OK);
    va_start(args, format);
    vsnprintf(refusal, sizeof refusal, format, args);
    va_end(args);
}

uint32_t server_call_id(const struct server_call *call) {
    (void)call;
    return 7;
}

uid_t server_call_uid(const struct server_call *call) {
    (void)call;
    return 0;
}

void server_progress(struct server_call *call, const char *text) {
    (void)call;
    (void)text;
}

void server_follow(struct server_call *call, const char *mount) {
    (void)call;
    (void)mount;
}

void server_publish(struct server *server, const struct event_record *event) {
    (void)server;
    (void)event;
}

static struct daemon d;
static struct supervisor mounts[3], *list[3] = {&mounts[0], &mounts[1], &mounts[2]};
static struct config_chain probes = {.len = 1}, recovery;
static struct peer peer;

static void set_up(void) {
    static char names[3][8] = {"media", "music", "films"}, path[] = "/mnt/x", source[] = "//nas/x",
                server[] = "nas", probe[] = "looks", unknown[] = "";
    probes.items[0].name = probe;
    for (unsigned i = 0; i < 3; i++) {
        mounts[i] = (struct supervisor){.daemon = &d, .presence = MOUNT_OURS};
        mounts[i].conf.name = names[i];
        mounts[i].conf.mountpoint = path;
        mounts[i].conf.source = source;
        mounts[i].conf.server = server;
        mounts[i].conf.probes = &probes;
        mounts[i].conf.recovery = &recovery;
        mounts[i].kernel_source = source;
        mounts[i].address = unknown;
        mounts[i].kernel_fstype = source;
        mounts[i].machine.state = MACHINE_MOUNTED;
        mounts[i].health = MACHINE_ON_PROBE_HEALTHY;
    }
    d.mounts = list;
    d.mounts_len = 3;
}

static void forget(void) {
    control_response_finish(&answer);
    refusal[0] = '\0';
}

TestSuite(listings, .init = set_up, .fini = forget);

static const struct status_view *status_of(const struct supervisor *s) {
    forget();
    listings_status(&d, NULL, s);
    cr_assert_str_eq(refusal, "");
    cr_assert_eq(answer.sections[0].rows_len, 1);
    return answer.sections[0].rows;
}

static void says(const char *health, const char *reason) {
    const struct status_view *row = status_of(&mounts[0]);
    cr_assert_str_eq(row->health, health);
    cr_assert_str_eq(row->reason, reason);
}

Test(listings, status_says_nothing_while_all_is_well) {
    says("healthy", "");
    cr_assert_str_eq(status_of(&mounts[0])->state, "mounted");
    cr_assert_str_eq(status_of(&mounts[0])->server, "");
    mounts[0].health = 0;
    says("unknown", "");
    mounts[0].presence = MOUNT_ABSENT;
    says("-", "");
}

Test(listings, status_says_what_is_wrong_with_a_mount) {
    struct config_mount next;
    static char slow[] = "statfs took 4 s", failure[] = "the server refused user 'bob'",
                busy[] = "in use by cp[812]", session[] = "the session of bob", none[] = "";
    mounts[0].health = MACHINE_ON_PROBE_SLOW;
    says("slow", "");
    mounts[0].health_text = slow;
    says("slow", slow);
    mounts[0].machine.reason = MACHINE_FOR_BUSY;
    says("slow", machine_reason_words(MACHINE_FOR_BUSY));
    mounts[0].failure = busy;
    says("slow", busy);
    mounts[0].next_conf = &next;
    says("slow", "in use: its new definition waits until no program uses it");
    mounts[0].machine.state = MACHINE_FAILED;
    mounts[0].machine.reason = MACHINE_FOR_AUTH;
    mounts[0].failure = failure;
    says("slow", "auth: the server refused user 'bob'");
    mounts[0].failure = NULL;
    const struct status_view *row = status_of(&mounts[0]);
    cr_assert_eq(strncmp(row->reason, "auth: ", 6), 0);
    cr_assert_gt(strlen(row->reason), 8, "the reason's own words");
    mounts[0].session = session;
    cr_assert_str_eq(status_of(&mounts[0])->session, session);
    mounts[0].presence = MOUNT_ABSENT;
    cr_assert_str_eq(status_of(&mounts[0])->session, "");
    mounts[0].conf.source = none;
    cr_assert_str_eq(status_of(&mounts[0])->source, mounts[0].kernel_source);
    mounts[0].machine.state = MACHINE_UNMOUNTED;
    mounts[0].machine.reason = MACHINE_FOR_BY_HAND;
    row = status_of(&mounts[0]);
    cr_assert_not_null(strstr(row->reason, "; mount it again with: smbmounter mount media"), "%s",
                       row->reason);
}

Test(listings, status_of_a_recovery_names_the_server_when_it_is_away) {
    static struct recovery under_way = {.verdict = SMBM_SUSPECT, .evidence = "no answer in 5 s"};
    mounts[0].machine.state = MACHINE_RECOVERING;
    mounts[0].machine.reason = MACHINE_FOR_DEAD;
    says("dead", machine_reason_words(MACHINE_FOR_DEAD));
    mounts[0].recovery = &under_way;
    says("suspect", "no answer in 5 s");
    cr_assert(status_of(&mounts[0])->stale);
    peer.verdict = SMBM_ANSWERS;
    mounts[0].peer = &peer;
    says("suspect", "no answer in 5 s");
    cr_assert_str_eq(status_of(&mounts[0])->server, "answers");
    peer.verdict = SMBM_MUTE;
    strcpy(peer.evidence, "it accepts TCP, but says nothing");
    says("suspect", "the server does not answer (it accepts TCP, but says nothing); the mount is "
                    "left alone");
    mounts[0].machine.due_ms = clock_boot_ms() + 60000;
    cr_assert_gt(status_of(&mounts[0])->next_try_ms, clock_wall_ms());
}

static void ask_status(void) {
    listings_status(&d, NULL, NULL);
}

static void ask_why(void) {
    listings_why(&mounts[0], NULL);
}

static void ask_events(void) {
    listings_events(&d, NULL, NULL);
}

static void ask_plugins(void) {
    listings_plugins(&d, NULL, "");
}

static void ask_plugin(void) {
    listings_plugins(&d, NULL, "looks");
}

static void note(struct supervisor *s, uint64_t wall_ms, const char *text) {
    event_ring_add(&s->events, wall_ms, EVENT_VERDICT, 0, text);
}

static struct registry registry;
static struct descriptor items[3];

static void install(void) {
    static struct smbm_option options[] = {
        {.name = "timeout_ms", .type = SMBM_OPT_INT, .min = 1, .max = 9, .def = "5"},
        SMBM_OPTIONS_END};
    items[0] = (struct descriptor){
        .ok = true, .kind = SMBM_KIND_PROBE, .name = "looks", .file = "looks.so"};
    items[0].options = options;
    items[1] = (struct descriptor){.file = "broken.so", .error = "is no plugin"};
    items[2] = (struct descriptor){
        .ok = true, .kind = SMBM_KIND_RECOVERY, .name = "mends", .file = "mends.so"};
    items[2].options = &options[1];
    registry = (struct registry){.items = items, .len = 3};
    d.registry = &registry;
}

/* Every listing with each of its allocations failing: told so, and nothing is lost. */
Test(listings, without_memory_each_says_so) {
    static void (*const each[])(void) = {ask_status, ask_why, ask_events, ask_plugins, ask_plugin};
    install();
    note(&mounts[0], clock_wall_ms(), "statfs-fstype: suspect");
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        long failures = 0;
        for (long n = 0;; n++) {
            forget();
            fail_after(n);
            each[i]();
            const char *call = fail_end();
            cr_assert_neq(refusal[0] != '\0', answer.sections != NULL, "%zu: one or the other", i);
            if (call == NULL)
                break;
            failures += refusal[0] != '\0';
        }
        cr_assert_gt(failures, 0, "listing %zu", i);
        cr_assert_str_eq(refusal, "");
    }
}

Test(listings, plugins_tell_who_uses_them_and_how_they_fail) {
    install();
    ask_plugins();
    const struct plugin_view *rows = answer.sections[0].rows;
    cr_assert_eq(answer.sections[0].rows_len, 3);
    cr_assert_str_eq(rows[0].state, "ok");
    cr_assert_eq(rows[0].used_by, 3);
    cr_assert_str_eq(rows[1].name, "broken.so");
    cr_assert_str_eq(rows[1].kind, "?");
    cr_assert_str_eq(rows[1].state, "broken");
    cr_assert_str_eq(rows[1].summary, "is no plugin");
    cr_assert_str_eq(rows[2].kind, "recovery");
    cr_assert_eq(rows[2].used_by, 0);
    plugin_faults_note(&d.plugin_faults, &items[0], POOL_CRASHED, "media", "SIGSEGV", 1000);
    forget();
    ask_plugin();
    rows = answer.sections[0].rows;
    cr_assert_str_eq(rows[0].state, "failing");
    cr_assert_eq(rows[0].crashed, 1);
    cr_assert_not_null(strstr(rows[0].error, "SIGSEGV"), "%s", rows[0].error);
    cr_assert_eq(answer.sections[1].rows_len, 1, "its options");
    forget();
    listings_plugins(&d, NULL, "broken.so");
    cr_assert_eq(answer.sections[1].rows_len, 0, "one that did not load has none");
    forget();
    listings_plugins(&d, NULL, "nothing");
    cr_assert_not_null(strstr(refusal, "no plugin 'nothing'"), "%s", refusal);
    plugin_faults_finish(&d.plugin_faults);
}

Test(listings, events_are_the_newest_of_all_mounts_in_their_order) {
    enum { MANY = 60 };
    static struct supervisor many[MANY], *those[MANY];
    static char name[] = "m";
    for (unsigned i = 0; i < MANY; i++) {
        many[i].conf.name = name;
        those[i] = &many[i];
        for (unsigned k = 0; k < EVENTS_MAX; k++)
            note(&many[i], 1000 + k * MANY + (i * 7) % MANY, "x");
    }
    d.mounts = those;
    d.mounts_len = MANY;
    listings_events(&d, NULL, NULL);
    size_t len = answer.sections[0].rows_len;
    const struct event_view *rows = answer.sections[0].rows;
    cr_assert_leq(len, 2000);
    cr_assert_eq(rows[len - 1].wall_ms, 1000 + (uint64_t)EVENTS_MAX * MANY - 1, "the newest");
    for (size_t i = 1; i < len; i++)
        cr_assert_eq(rows[i].wall_ms, rows[i - 1].wall_ms + 1, "none between them is missing");
    forget();
    listings_events(&d, NULL, &many[3]);
    cr_assert_leq(answer.sections[0].rows_len, EVENTS_MAX);
}

Test(listings, why_ends_with_how_the_mount_answers_now) {
    static char slow[] = "statfs took 4 s";
    event_ring_add(&mounts[0].events, clock_wall_ms(), EVENT_STATE, MACHINE_MOUNTED,
                   "mounted: asked to be mounted");
    mounts[0].health = MACHINE_ON_PROBE_SLOW;
    mounts[0].health_text = slow;
    ask_why();
    const struct story_view *rows = answer.sections[0].rows;
    const char *last = rows[answer.sections[0].rows_len - 1].text;
    cr_assert_not_null(strstr(last, "mounted, but slow: statfs took 4 s. Slow is not dead"), "%s",
                       last);
    mounts[0].health = MACHINE_ON_PROBE_SUSPECT;
    forget();
    ask_why();
    rows = answer.sections[0].rows;
    last = rows[answer.sections[0].rows_len - 1].text;
    cr_assert_not_null(strstr(last, "mounted, but suspect: statfs took 4 s. It is asked"), "%s",
                       last);
}
