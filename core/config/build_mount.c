/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/platform.h"
#include "config/build.h"
#include "config/names.h"

#define CREDENTIALS_DIRECTORY "/etc/smbmounter/credentials/"

/* Which keys a mounter needs, and which mean nothing to it. */
enum use { OPTIONAL, NEEDED, REFUSED };
static const struct {
    enum keys_mount key;
    enum use smb, command;
} uses[] = {
    {KEY_SERVER, NEEDED, REFUSED},        {KEY_SHARE, NEEDED, REFUSED},
    {KEY_USERNAME, OPTIONAL, REFUSED},    {KEY_DOMAIN, OPTIONAL, REFUSED},
    {KEY_CREDENTIAL, OPTIONAL, REFUSED},  {KEY_MOUNT_OPTIONS, OPTIONAL, REFUSED},
    {KEY_FSTYPE, REFUSED, NEEDED},        {KEY_SOURCE, REFUSED, OPTIONAL},
    {KEY_MOUNT_COMMAND, REFUSED, NEEDED}, {KEY_UNMOUNT_COMMAND, REFUSED, OPTIONAL},
};

static const struct {
    enum keys_mount key;
    bool (*good)(const char *text);
    const char *allowed;
} checks[] = {
    {KEY_NAME, names_is_mount, "letters, digits and . _ - and not start with . or -"},
    {KEY_SERVER, names_is_host, "a host name or an address, without // and without brackets"},
    {KEY_SHARE, names_is_share,
     "a share's name, or NAME/folder, without a slash at its ends, comma, backslash and '..'"},
    {KEY_MOUNTPOINT, names_is_path,
     "an absolute path other than '/', without '..', '//' and a slash at its end"},
    {KEY_FSTYPE, names_is_fstype, "a file system type such as fuse.sshfs"},
};

static void check_uses(const struct build *b, const struct place *place,
                       enum config_mounter mounter) {
    const char *name = place->values.items[KEY_MOUNTER].text;
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        enum use use = mounter == CONFIG_COMMAND ? uses[i].command : uses[i].smb;
        bool given = place->values.items[uses[i].key].given;
        const char *key = keys_mount[uses[i].key].name;
        if (use == REFUSED && given)
            build_problem(b, place, key, "%s means nothing to mounter '%s': leave it out", key,
                          name);
        if (use == NEEDED && !given && yaml_get(place->map, key) == NULL)
            build_problem(b, place, NULL, "%s is missing (mounter '%s' needs it)", key, name);
    }
}

static void check_names(const struct build *b, const struct place *place) {
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const struct option_value *value = &place->values.items[checks[i].key];
        const char *key = keys_mount[checks[i].key].name;
        if (value->given && !checks[i].good(value->text))
            build_problem(b, place, key, "%s must be %s", key, checks[i].allowed);
    }
}

/* A copy of text at *to; "" for NULL. */
static int keep(char **to, const char *text) {
    free(*to);
    *to = strdup(text != NULL ? text : "");
    return *to != NULL ? 0 : -ENOMEM;
}

static int join(char **to, const char *before, const char *text, const char *after) {
    char all[CONFIG_PATH_MAX];
    snprintf(all, sizeof all, "%s%s%s", before, text, after);
    return keep(to, all);
}

static int set_texts(struct build *b, const struct place *place, struct config_mount *m) {
    const struct option_value *v = place->values.items;
    bool smb = m->mounter != CONFIG_COMMAND;
    bool failed = false;
    failed |= keep(&m->name, v[KEY_NAME].text) != 0;
    failed |= keep(&m->server, smb ? v[KEY_SERVER].text : "") != 0;
    failed |= keep(&m->share, smb ? v[KEY_SHARE].text : "") != 0;
    failed |= keep(&m->mountpoint, v[KEY_MOUNTPOINT].text) != 0;
    failed |= keep(&m->username, smb ? build_setting(b, place, KEY_USERNAME)->text : "") != 0;
    failed |= keep(&m->local_user, build_setting(b, place, KEY_LOCAL_USER)->text) != 0;
    failed |= keep(&m->domain, "") != 0 || keep(&m->credential_path, "") != 0;
    failed |= keep(&m->fstype, smb ? v[KEY_MOUNTER].text : v[KEY_FSTYPE].text) != 0;
    failed |= keep(&m->source, v[KEY_SOURCE].text) != 0;
    if (smb && !failed) {
        char tail[CONFIG_SHARE_MAX + 1];
        snprintf(tail, sizeof tail, "/%s", m->share);
        failed |= join(&m->source, "//", m->server, tail) != 0;
    }
    if (m->mounter == CONFIG_NETFS)
        failed |= keep(&m->fstype, "smbfs") != 0;
    return failed ? -ENOMEM : 0;
}

static uint32_t number(const struct build *b, const struct place *place, enum keys_mount key,
                       uint32_t factor) {
    return (uint32_t)build_setting(b, place, key)->number * factor;
}

static void set_numbers(const struct build *b, const struct place *place, struct config_mount *m) {
    m->command_timeout_ms = number(b, place, KEY_COMMAND_TIMEOUT, 1000);
    m->probe_interval_ms = number(b, place, KEY_PROBE_INTERVAL, 1000);
    m->probe_timeout_ms = number(b, place, KEY_PROBE_TIMEOUT, 1000);
    m->failed_retry_ms = number(b, place, KEY_FAILED_RETRY, 1000);
    m->idle_unmount_ms = number(b, place, KEY_IDLE_UNMOUNT, 60 * 1000);
    m->failure_threshold = number(b, place, KEY_FAILURE_THRESHOLD, 1);
    m->mount_at_startup = number(b, place, KEY_MOUNT_AT_STARTUP, 1) != 0;
}

/* A Kerberos ticket and an anonymous login need none. */
static bool needs_password(const struct config_mount *m) {
    const char *sec = words_find(&m->options, "sec");
    return sec == NULL || strncmp(sec, "sec=ntlm", strlen("sec=ntlm")) == 0;
}

static int set_credential(const struct build *b, const struct settings *own,
                          struct config_mount *m) {
    const struct settings *from = own->has_credential ? own : &b->settings;
    int rc = words_copy(&m->credential_command, &from->credential_command);
    if (rc == 0)
        rc = keep(&m->credential_path, from->credential_path);
    m->credential = from->credential;
    if (m->credential == CONFIG_CREDENTIAL_GUEST && from->has_credential && rc == 0)
        rc = keep(&m->username, "");
    if (from->has_credential || !needs_password(m) || rc != 0)
        return rc;
#if PLATFORM_DARWIN
    m->credential = CONFIG_CREDENTIAL_KEYCHAIN;
    return 0;
#else
    m->credential = CONFIG_CREDENTIAL_FILE;
    return join(&m->credential_path, CREDENTIALS_DIRECTORY, m->name, "");
#endif
}

static int set_smb(struct build *b, const struct settings *own, struct config_mount *m) {
    int rc = build_options(b, own, m);
    if (rc == 0)
        rc = keep(&m->domain, own->domain != NULL ? own->domain : b->settings.domain);
    return rc == 0 ? set_credential(b, own, m) : rc;
}

static int set_command(struct build *b, const struct place *place, struct config_mount *m) {
    static const char *const keys[] = {"mount_command", "unmount_command"};
    struct config_words *words[] = {&m->mount_command, &m->unmount_command};
    int rc = 0;
    for (size_t i = 0; i < 2 && rc == 0; i++) {
        const struct yaml_node *node = yaml_get(place->map, keys[i]);
        if (node != NULL)
            rc = build_command(b, place, keys[i], node, words[i]);
    }
    return rc;
}

static enum config_mounter which_mounter(const struct place *place) {
    if (strcmp(place->values.items[KEY_MOUNTER].text, "command") == 0)
        return CONFIG_COMMAND;
#if PLATFORM_DARWIN
    return CONFIG_NETFS;
#else
    return CONFIG_CIFS;
#endif
}

static int fill(struct build *b, const struct place *place, struct config_mount *m) {
    struct settings own;
    m->mounter = which_mounter(place);
    check_uses(b, place, m->mounter);
    check_names(b, place);
    set_numbers(b, place, m);
    int rc = build_settings(b, place, &own);
    if (rc == 0)
        rc = set_texts(b, place, m);
    if (rc == 0)
        rc = m->mounter == CONFIG_COMMAND ? set_command(b, place, m) : set_smb(b, &own, m);
    if (rc == 0)
        rc = build_chain(b, CONFIG_PROBE, place, m->mounter, &m->probes);
    if (rc == 0)
        rc = build_chain(b, CONFIG_RECOVERY, place, m->mounter, &m->recovery);
    settings_finish(&own);
    return rc;
}

int build_mount(struct build *b, const struct yaml_node *node, size_t number_from_1,
                struct config_mount *mount) {
    struct place place = {.map = node};
    const struct yaml_node *name = yaml_get(node, "name");
    if (name != NULL && name->kind == YAML_SCALAR && names_is_mount(name->text))
        snprintf(place.where, sizeof place.where, "mount '%s'", name->text);
    else
        snprintf(place.where, sizeof place.where, "mount %zu", number_from_1);
    mount->line = node->line;
    mount->column = node->column;
    int rc = schema_check(keys_mount, node, place.where, &place.values, b->problems);
    if (rc != -ENOMEM)
        rc = node->kind == YAML_MAP ? fill(b, &place, mount) : 0;
    option_values_finish(&place.values);
    return rc;
}
