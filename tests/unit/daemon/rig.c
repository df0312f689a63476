/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

struct daemon d;
struct rig_table rig_table[16];
char rig_log[16384];
uint64_t rig_now;

uint64_t clock_boot_ms(void) {
    return rig_now;
}

uint64_t clock_awake_ms(void) {
    return rig_now;
}

uint64_t clock_wall_ms(void) {
    return rig_now;
}

void clock_format_wall(uint64_t wall_ms, char text[CLOCK_TEXT_MAX]) {
    snprintf(text, CLOCK_TEXT_MAX, "%llu ms", (unsigned long long)wall_ms);
}

void clock_format_span(uint64_t span_ms, char text[CLOCK_TEXT_MAX]) {
    snprintf(text, CLOCK_TEXT_MAX, "%llu ms", (unsigned long long)span_ms);
}

void daemon_due(struct daemon *daemon, uint64_t due_ms) {
    cr_assert_eq(daemon, &d);
    (void)due_ms; /* rig_pass asks all of them */
}

uint64_t daemon_random(struct daemon *daemon) {
    cr_assert_eq(daemon, &d);
    return 4;
}

struct supervisor *daemon_find(const struct daemon *daemon, const char *name) {
    for (size_t i = 0; i < daemon->mounts_len; i++)
        if (strcmp(daemon->mounts[i]->conf.name, name) == 0)
            return daemon->mounts[i];
    return NULL;
}

bool daemon_have_table(struct daemon *daemon) {
    return mount_table_is_there(&daemon->table);
}

void daemon_read_table(struct daemon *daemon) {
    char *text = malloc(4096);
    size_t skipped, used = (size_t)snprintf(text, 4096, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
    mount_table_finish(&daemon->table);
    for (unsigned i = 0; i < 16; i++) {
        const struct rig_table *t = &rig_table[i];
        if (t->ours != 0)
            used +=
                (size_t)snprintf(text + used, 4096 - used,
                                 "%llu 1 0:%llu / /mnt/%c %s - cifs //nas/%c rw,addr=10.9.0.2\n",
                                 (unsigned long long)t->ours, (unsigned long long)t->ours, 'a' + i,
                                 t->bare ? "rw" : "rw,nosuid,nodev", 'a' + i);
        if (t->foreign)
            used += (size_t)snprintf(text + used, 4096 - used,
                                     "%u 1 0:99 / /mnt/%c rw - tmpfs tmpfs rw\n", 50 + i, 'a' + i);
    }
    cr_assert_eq(mount_table_parse(&daemon->table, text, used, &skipped), 0);
    cr_assert_eq(skipped, 0);
    for (size_t i = 0; i < daemon->mounts_len; i++)
        supervisor_look(daemon->mounts[i]);
}

static void keep_line(void *context, enum log_level level, const char *line) {
    size_t used = strlen(rig_log);
    (void)context;
    (void)level;
    snprintf(rig_log + used, sizeof rig_log - used, "%s\n", line);
}

static const struct descriptor known[] = {
    {.ok = true, .kind = SMBM_KIND_PROBE, .name = "peeks", .flags = SMBM_PROBE_PASSIVE},
    {.ok = true, .kind = SMBM_KIND_PROBE, .name = "looks"},
    {.ok = true, .kind = SMBM_KIND_PROBE, .name = "smb-negotiate", .subject = SMBM_ON_SERVER},
    {.ok = true, .kind = SMBM_KIND_RECOVERY, .name = "first"},
    {.ok = true, .kind = SMBM_KIND_RECOVERY, .name = "second"},
};

struct registry *rig_registry(void) {
    static const struct smbm_option none = SMBM_OPTIONS_END;
    struct registry *registry = calloc(1, sizeof *registry);
    registry->len = sizeof known / sizeof known[0];
    registry->items = calloc(registry->len, sizeof registry->items[0]);
    for (size_t i = 0; i < registry->len; i++) {
        struct descriptor *item = &registry->items[i];
        *item = known[i];
        snprintf(item->file, sizeof item->file, "%s.so", item->name);
        item->options = calloc(1, sizeof none);
        item->options[0] = none;
    }
    return registry;
}

static const struct smbm_option *options_of(void *context, enum config_plugin_kind kind,
                                            const char *name, bool *smb_only, struct err *why) {
    const struct descriptor *of =
        registry_find(context, kind == CONFIG_PROBE ? SMBM_KIND_PROBE : SMBM_KIND_RECOVERY, name);
    *smb_only = false;
    if (of == NULL) {
        err_set(why, 2, "no such plugin");
        return NULL;
    }
    return of->options;
}

struct config rig_config(const char *options, const char *text) {
    char yaml[4096];
    struct config config = {0};
    struct yaml_problems problems = {0};
    const struct config_plugins plugins = {options_of, d.registry};
    size_t len = (size_t)snprintf(yaml, sizeof yaml,
                                  "defaults:\n  probes: [peeks, looks, smb-negotiate]\n"
                                  "  recovery: [first, second]\n%smounts:\n%s",
                                  options, text);
    cr_assert_eq(config_build(yaml, len, &plugins, &config, &problems), 0, "%s",
                 problems.len > 0 ? problems.items[0].text : "?");
    yaml_problems_finish(&problems);
    return config;
}

void rig_start(unsigned mounts, const char *options) {
    char text[2048] = "";
    d = (struct daemon){.log = {.level = LOG_DEBUG, .fd = -1, .write = keep_line}};
    rig_now = 1000000;
    d.registry = rig_registry();
    for (unsigned i = 0; i < mounts; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used,
                 "- {name: %c, server: nas, share: %c, mountpoint: /mnt/%c}\n", 'a' + i, 'a' + i,
                 'a' + i);
    }
    d.config = rig_config(options, text);
    d.mounts = calloc(mounts + 1, sizeof(struct supervisor *));
    d.control = (void *)&d; /* anything: it only goes to server_publish */
    for (unsigned i = 0; i < mounts; i++)
        d.mounts[d.mounts_len++] = supervisor_create(&d, &d.config.mounts[i]);
    daemon_read_table(&d);
}

void rig_finish(void) {
    for (size_t i = 0; i < d.mounts_len; i++)
        supervisor_destroy(d.mounts[i]);
    free(d.mounts);
    cr_assert_null(d.peers, "nobody refers to a server any more");
    mount_table_finish(&d.table);
    config_finish(&d.config);
    registry_destroy(d.registry);
}

struct supervisor *rig_mount(unsigned i) {
    return d.mounts[i];
}

void rig_shows(unsigned i, uint64_t ours, bool foreign) {
    rig_table[i].ours = ours;
    rig_table[i].foreign = foreign;
    daemon_read_table(&d);
}

void rig_bring_up(unsigned i) {
    struct rig_job *ask;
    supervisor_on(d.mounts[i], MACHINE_ON_MOUNT_WANTED);
    if ((ask = rig_server_job()) != NULL)
        rig_answer(ask, SMBM_ANSWERS, "it answers");
    rig_table[i].ours = 100 + i;
    rig_result(HELPER_OK, "mounted");
    cr_assert_eq(d.mounts[i]->machine.state, MACHINE_MOUNTED);
}

static void take_due(uint64_t due, uint64_t *next) {
    if (due > rig_now && due < *next)
        *next = due;
}

static uint64_t tick(uint64_t until) {
    uint64_t next = until;
    for (size_t i = 0; i < d.mounts_len; i++)
        take_due(supervisor_tick(d.mounts[i], rig_now), &next);
    for (struct peer *p = d.peers; p != NULL; p = p->next)
        take_due(peer_tick(p, rig_now), &next);
    return next;
}

void rig_pass(uint64_t ms) {
    for (uint64_t until = rig_now + ms; rig_now < until;)
        rig_now = tick(until);
    tick(rig_now + 1);
}

const char *rig_event(const struct supervisor *s, enum event_kind kind) {
    static struct event events[EVENTS_MAX];
    for (size_t i = event_ring_list(&s->events, events, EVENTS_MAX); i-- > 0;)
        if (events[i].kind == kind)
            return events[i].text;
    return "";
}
