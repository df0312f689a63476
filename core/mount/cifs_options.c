/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/str.h"
#include "config/mount_options.h"
#include "mount/accounts.h"
#include "mount/cifs.h"
#include "os/os.h"

#define IS_FORCED (MS_NOSUID | MS_NODEV)

static struct cifs_option *find(struct cifs_options *options, const char *key) {
    for (size_t i = 0; i < options->len; i++)
        if (strcmp(options->items[i].key, key) == 0)
            return &options->items[i];
    return NULL;
}

/* value NULL: a flag. A key that is there already gets the new value. */
static int add(struct cifs_options *options, const char *key, const char *value, struct err *err) {
    const char *text = value != NULL ? value : "";
    if (strchr(text, ',') != NULL || !str_is_clean(text, strlen(text)))
        return err_set(err, EINVAL, "%s: must not contain a comma or control characters", key);
    struct cifs_option *option = find(options, key);
    if (option == NULL) {
        if (options->len == CIFS_OPTIONS_MAX)
            return err_set(err, EINVAL, "more than %d mount options", CIFS_OPTIONS_MAX);
        option = &options->items[options->len++];
    }
    *option = (struct cifs_option){.flag = value == NULL};
    (void)str_copy(option->key, sizeof option->key, key); /* ours, and short */
    if (!str_copy(option->value, sizeof option->value, text))
        return err_set(err, EINVAL, "%.31s: longer than %zu bytes", key, sizeof option->value - 1);
    return 0;
}

static int add_number(struct cifs_options *options, const char *key, unsigned long number,
                      struct err *err) {
    char text[24];
    snprintf(text, sizeof text, "%lu", number);
    return add(options, key, text, err);
}

/* The kernel takes numbers only; which database is asked follows from the key. */
static int add_id(struct cifs_options *options, const char *key, const char *value,
                  struct err *err) {
    uid_t uid;
    gid_t gid;
    if (value[0] >= '0' && value[0] <= '9')
        return add(options, key, value, err);
    if (strstr(key, "gid") != NULL) {
        int rc = accounts_group(value, &gid, err);
        return rc != 0 ? rc : add_number(options, key, gid, err);
    }
    int rc = accounts_user(value, &uid, &gid, err);
    return rc != 0 ? rc : add_number(options, key, uid, err);
}

static int add_row(struct cifs_options *options, const struct mount_option *row, const char *value,
                   struct err *err) {
    switch (row->kind) {
    case MOUNT_OPTION_FLAG:
        return add(options, row->name, NULL, err);
    case MOUNT_OPTION_VFS:
        options->ms_flags |= row->vfs;
        return 0;
    case MOUNT_OPTION_FORCED:
        options->ms_flags |= row->vfs;
        return row->vfs == 0 ? add(options, row->name, NULL, err) : 0;
    case MOUNT_OPTION_ID:
        return add_id(options, row->name, value, err);
    case MOUNT_OPTION_INT:
    case MOUNT_OPTION_OCTAL:
    case MOUNT_OPTION_CHOICE:
    case MOUNT_OPTION_TEXT:
    default:
        break;
    }
    return add(options, row->name, value, err);
}

static int add_word(struct cifs_options *options, const char *word, struct err *err) {
    size_t len = strcspn(word, "=");
    const struct mount_option *row = mount_option_find(word, len);
    if (row == NULL)
        return err_set(err, EINVAL, "mount option '%.*s' is not known", (int)len, word);
    return add_row(options, row, word[len] == '=' ? word + len + 1 : "", err);
}

static int add_default(struct cifs_options *options, const char *key, const char *value,
                       struct err *err) {
    return find(options, key) != NULL ? 0 : add(options, key, value, err);
}

/* The share belongs to local_user and is closed to others, as far as mount_options say nothing. */
static int add_local_user(struct cifs_options *options, const char *name, struct err *err) {
    uid_t uid;
    gid_t gid;
    char text[24];
    int rc = accounts_user(name, &uid, &gid, err);
    if (rc != 0)
        return err_wrap(err, "local_user");
    snprintf(text, sizeof text, "%lu", (unsigned long)uid);
    rc = add_default(options, "uid", text, err);
    snprintf(text, sizeof text, "%lu", (unsigned long)gid);
    if (rc == 0)
        rc = add_default(options, "gid", text, err);
    if (rc == 0)
        rc = add_default(options, "dir_mode", "0700", err);
    return rc != 0 ? rc : add_default(options, "file_mode", "0600", err);
}

int cifs_build_options(const struct config_mount *mount, const char *address,
                       struct cifs_options *options, struct err *err) {
    int rc = 0;
    *options = (struct cifs_options){.ms_flags = IS_FORCED};
    for (size_t i = 0; rc == 0 && i < mount->options.len; i++)
        rc = add_word(options, mount->options.items[i], err);
    if (rc == 0)
        rc = add(options, "ip", address, err);
    if (rc == 0 && mount->port != 0 && find(options, "port") == NULL)
        rc = add_number(options, "port", mount->port, err);
    if (rc == 0 && mount->local_user[0] != '\0')
        rc = add_local_user(options, mount->local_user, err);
    return rc;
}

/* "DOMAIN\user" is two things to the kernel. Without a user the login is anonymous (""), except
 * that a Kerberos ticket says who we are. */
int cifs_add_login(struct cifs_options *options, const struct config_mount *mount,
                   const struct credentials *credentials, struct err *err) {
    const char *user = credentials->username, *domain = credentials->domain;
    char before[CONFIG_USER_MAX];
    const char *backslash = strchr(user, '\\');
    if (backslash != NULL && domain[0] == '\0') {
        snprintf(before, sizeof before, "%.*s", (int)(backslash - user), user);
        domain = before;
        user = backslash + 1;
    }
    const struct cifs_option *sec = find(options, "sec");
    bool kerberos = sec != NULL && strncmp(sec->value, "krb5", 4) == 0;
    if (user[0] == '\0' && mount->credential != CONFIG_CREDENTIAL_GUEST && !kerberos)
        return err_set(err, EINVAL, "no username: add 'username:' to mount '%s'", mount->name);
    int rc = user[0] == '\0' && kerberos ? 0 : add(options, "user", user, err);
    if (rc == 0 && domain[0] != '\0')
        rc = add(options, "domain", domain, err);
    return rc;
}

static bool put(char *data, size_t size, size_t *used, const char *text) {
    size_t len = strlen(text);
    if (len >= size - *used)
        return false;
    memcpy(data + *used, text, len + 1);
    *used += len;
    return true;
}

/* The kernel reads two commas as one that belongs to the value. */
static bool put_password(char *data, size_t size, size_t *used, const struct secret *password) {
    if (!put(data, size, used, *used > 0 ? ",pass=" : "pass="))
        return false;
    for (size_t i = 0; i < password->len; i++) {
        char c = password->bytes[i];
        if (size - *used < 3)
            return false;
        data[(*used)++] = c;
        if (c == ',')
            data[(*used)++] = ',';
        data[*used] = '\0';
    }
    return true;
}

int cifs_data_string(const struct cifs_options *options, const struct secret *password, char *data,
                     size_t size, struct err *err) {
    size_t used = 0;
    bool fits = size > 0;
    for (size_t i = 0; fits && i < options->len; i++) {
        const struct cifs_option *option = &options->items[i];
        fits = (i == 0 || put(data, size, &used, ",")) && put(data, size, &used, option->key) &&
               (option->flag ||
                (put(data, size, &used, "=") && put(data, size, &used, option->value)));
    }
    if (fits && password->bytes != NULL)
        fits = put_password(data, size, &used, password);
    if (fits)
        return 0;
    if (size > 0)
        os_wipe(data, size);
    return err_set(err, E2BIG, "the mount options are longer than %zu bytes", size);
}
