/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * helper-drive OP key=value...: one mount helper by hand, for tries in a guest. OP is mount,
 * unmount, force, detach, reconnect or holders. Keys are those of the request; option= and
 * command= may be repeated. Ends with the number of the result's class.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "play.h"

#define WORDS_MAX 32

struct drive {
    struct helper_request request;
    char *options[WORDS_MAX], *command[WORDS_MAX];
    char source[CONFIG_PATH_MAX];
};

static const struct {
    const char *name;
    enum helper_op op;
} ops[] = {
    {"mount", HELPER_MOUNT},   {"unmount", HELPER_UNMOUNT},     {"force", HELPER_FORCE},
    {"detach", HELPER_DETACH}, {"reconnect", HELPER_RECONNECT}, {"holders", HELPER_HOLDERS},
    {"harden", HELPER_HARDEN},
};

static bool take_text(struct config_mount *m, const char *key, char *value) {
    const struct {
        const char *key;
        char **to;
    } texts[] = {
        {"name", &m->name},         {"server", &m->server},
        {"share", &m->share},       {"at", &m->mountpoint},
        {"username", &m->username}, {"domain", &m->domain},
        {"fstype", &m->fstype},     {"local_user", &m->local_user},
        {"source", &m->source},     {"file", &m->credential_path},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(texts[i].key, key) != 0)
            continue;
        *texts[i].to = value;
        if (strcmp(key, "file") == 0)
            m->credential = CONFIG_CREDENTIAL_FILE;
        return true;
    }
    return false;
}

static bool take_number(struct helper_request *r, const char *key, const char *value) {
    uint64_t number = strtoull(value, NULL, 10);
    if (strcmp(key, "timeout") == 0)
        r->timeout_ms = (uint32_t)number;
    else if (strcmp(key, "linger") == 0)
        r->linger_ms = (uint32_t)number;
    else if (strcmp(key, "id") == 0)
        r->mount_id = number;
    else if (strcmp(key, "device") == 0)
        r->device = number;
    else if (strcmp(key, "port") == 0)
        r->mount.port = (uint16_t)number;
    else
        return false;
    return true;
}

static bool take(struct drive *drive, char *argument) {
    struct config_mount *m = &drive->request.mount;
    char *value = strchr(argument, '=');
    if (value == NULL)
        return false;
    *value++ = '\0';
    if (strcmp(argument, "option") == 0 && m->options.len < WORDS_MAX)
        drive->options[m->options.len++] = value;
    else if (strcmp(argument, "command") == 0 && m->mount_command.len < WORDS_MAX)
        drive->command[m->mount_command.len++] = value;
    else if (strcmp(argument, "runtime") == 0)
        return str_copy(drive->request.runtime_directory, CONFIG_PATH_MAX, value);
    else if (strcmp(argument, "address") == 0)
        return str_copy(drive->request.address, sizeof drive->request.address, value);
    else
        return take_text(m, argument, value) || take_number(&drive->request, argument, value);
    return true;
}

static void complete(struct drive *drive) {
    struct config_mount *m = &drive->request.mount;
    m->options.items = drive->options;
    m->mount_command.items = drive->command;
    m->mounter = m->mount_command.len > 0 ? CONFIG_COMMAND : CONFIG_CIFS;
    if (m->mounter != CONFIG_CIFS)
        return;
    static char cifs[] = "cifs";
    m->fstype = cifs;
    snprintf(drive->source, sizeof drive->source, "//%s/%s", m->server, m->share);
    m->source = drive->source;
}

static void print(const struct play *play) {
    const struct helper_result *r = &play->result;
    if (play->ready)
        printf("ready %s %" PRIu64 " ms\n", play->address, play->ready_ms);
    printf("class %s errno %d id %" PRIu64 " device %" PRIu64 " holders %u writers %u\n",
           helper_class_name(r->class), r->os_errno, r->mount_id, r->device, r->holders,
           r->writers);
    printf("text %s\n", r->text);
    if (r->detail[0] != '\0')
        printf("detail %s\n", r->detail);
    if (play->told)
        printf("victims %u %s\n", play->victims.holders, play->victims.names);
    printf("result %" PRIu64 " ms, end %" PRIu64 " ms\n", play->result_ms, play->end_ms);
}

int main(int argc, char **argv) {
    static struct drive drive;
    struct play outcome = {.ready = false};
    enum helper_op op = 0;
    for (size_t i = 0; argc > 1 && i < sizeof ops / sizeof ops[0]; i++)
        if (strcmp(argv[1], ops[i].name) == 0)
            op = ops[i].op;
    if (op == 0)
        return 64;
    play_request(&drive.request, op);
    (void)str_copy(drive.request.runtime_directory, CONFIG_PATH_MAX, "/run");
    for (int i = 2; i < argc; i++)
        if (!take(&drive, argv[i]))
            return 64;
    complete(&drive);
    if (play(&drive.request, &outcome) != 0)
        return 65;
    print(&outcome);
    return (int)outcome.result.class;
}
