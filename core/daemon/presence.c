/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the mount table shows at the mountpoint, and what is learnt from it about our mount. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/harden.h"
#include "daemon/helper_proc.h"
#include "daemon/supervisor.h"

#define ADDRESS_MAX 64 /* numeric */

bool supervisor_set_text(char **to, char *conf, const char *text) {
    char *copy = strcmp(text, conf) == 0 ? conf : strdup(text);
    if (copy == NULL)
        return false;
    if (*to != conf)
        free(*to);
    *to = copy;
    return true;
}

void supervisor_set_address(struct supervisor *s, const char *address) {
    static char unknown[] = "";
    supervisor_set_text(&s->address, unknown, address);
}

/* What follows "addr=" in the mount's own options, NULL when it is not among them. */
static const char *find_option(const char *options, const char *key) {
    const char *at = strstr(options, key);
    while (at != NULL && at != options && at[-1] != ',') /* srcaddr= is another one */
        at = strstr(at + 1, key);
    return at != NULL ? at + strlen(key) : NULL;
}

static void learn_echo_interval(struct supervisor *s, const char *options) {
    const char *at = find_option(options, "echo_interval=");
    unsigned long seconds = at != NULL ? strtoul(at, NULL, 10) : 0;
    s->pulse.echo_interval_ms =
        (seconds <= 600u ? (uint32_t)seconds * 1000u : 0) & 0xffffffu; /* the kernel's limit */
}

/* addr=10.9.0.2: the address that an adopted mount uses. */
static void learn_address(struct supervisor *s, const char *options) {
    const char *at = find_option(options, "addr=");
    if (s->conf.mounter != CONFIG_CIFS || at == NULL)
        return;
    char now[ADDRESS_MAX];
    size_t len = strcspn(at, ",");
    if (len >= sizeof now)
        return;
    memcpy(now, at, len);
    now[len] = '\0';
    if (s->address[0] != '\0' && strcmp(s->address, now) != 0)
        supervisor_record(s, EVENT_ADDRESS, 0, "%s is now at %s, was at %s", s->conf.server, now,
                          s->address);
    supervisor_set_address(s, now);
}

static void learn_mount(struct supervisor *s, const struct mount_entry *entry) {
    s->identity = (struct mount_identity){.id = entry->id, .device = entry->device};
    supervisor_set_text(&s->kernel_source, s->conf.source, entry->source);
    supervisor_set_text(&s->kernel_fstype, s->conf.fstype, entry->fstype);
    learn_address(s, entry->super_options);
    free(s->pulse.text);
    s->pulse = (struct pulse){0};
    if (s->carry != NULL) /* what the probes remember was another mount's */
        memset(s->carry, 0, s->conf.probes->len * sizeof *s->carry);
    learn_echo_interval(s, entry->super_options);
    harden_learnt(s, entry);
}

static void lose_mount(struct supervisor *s) {
    s->identity = (struct mount_identity){0};
    s->bare = false;
}

void supervisor_look(struct supervisor *s) {
    static const enum machine_event_id events[] = {
        [MOUNT_ABSENT] = MACHINE_ON_TABLE_ABSENT,
        [MOUNT_OURS] = MACHINE_ON_TABLE_OURS,
        [MOUNT_FOREIGN] = MACHINE_ON_TABLE_FOREIGN,
    };
    if (!daemon_have_table(s->daemon))
        return;
    const struct mount_entry *entry;
    struct mount_expect expect = {.mountpoint = s->mountpoint,
                                  .fstype = s->conf.fstype,
                                  .source = s->conf.source,
                                  .owner = s->owner};
    enum mount_presence presence = mount_identify(&s->daemon->table, &expect, &entry);
    uint64_t id = presence == MOUNT_OURS ? entry->id : 0;
    if (s->presence_known && presence == s->presence && id == s->identity.id)
        return;
    bool replaced = s->presence_known && presence == s->presence;
    s->presence = presence;
    s->presence_known = true;
    if (presence == MOUNT_OURS)
        learn_mount(s, entry);
    else
        lose_mount(s);
    if (presence == MOUNT_FOREIGN) {
        char text[ERR_TEXT_MAX];
        snprintf(text, sizeof text, "something else is mounted at %.96s: %.32s from %.96s",
                 s->mountpoint, entry->fstype, entry->source);
        supervisor_set_failure(s, text);
        supervisor_record(s, EVENT_TABLE, 0, "%s; it is left alone", text);
    } else if (replaced) {
        supervisor_record(s, EVENT_TABLE, id, "another mount of the same share is there now");
    }
    bool leaving = s->removed || s->daemon->stopping;
    if (presence == MOUNT_ABSENT && leaving && s->machine.state == MACHINE_MOUNTED)
        supervisor_feed(s, (struct machine_event){
                               .id = MACHINE_ON_UNMOUNT_WANTED, /* it is what we want, too */
                               .reason = s->removed ? MACHINE_FOR_REMOVED : MACHINE_FOR_STOPPING});
    supervisor_on(s, events[presence]);
    /* Something came to the mountpoint while our mount is being prepared: not on top of it. */
    if (presence == MOUNT_FOREIGN && s->machine.op == MACHINE_OP_MOUNT && s->helper != NULL)
        helper_proc_cancel(s->helper);
}

void supervisor_is_at(struct supervisor *s, const char *mountpoint) {
    if (!supervisor_set_text(&s->mountpoint, s->conf.mountpoint, mountpoint))
        return;
    s->presence_known = false;
    supervisor_look(s);
}
