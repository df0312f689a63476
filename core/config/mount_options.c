/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/mount_options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "config/schema_value.h"
#include "config/suggest.h"

#define TEXT_MAX MOUNT_OPTION_TEXT_MAX
#define NAME_SHOWN 32

/* What people bring along from fstab, and where it belongs instead. */
static const struct {
    const char *name, *why;
} refused[] = {
    {"hard", "makes every program hang for as long as the server is gone; 'soft' is always on"},
    {"credentials", "write 'credential: {file: /path}' beside it"},
    {"cred", "write 'credential: {file: /path}' beside it"},
    {"username", "write the key 'username' beside it"},
    {"user", "write the key 'username' beside it"},
    {"guest", "write 'credential: guest' beside it"},
    {"ip", "the name in 'server' is resolved anew for every mount; a number can stand there"},
    {"addr", "the name in 'server' is resolved anew for every mount; a number can stand there"},
    {"unc", "write the keys 'server' and 'share'"},
    {"prefixpath", "write the folder after the share: 'share: NAME/folder'"},
    {"workgroup", "write domain=NAME"},
    {"dom", "write domain=NAME"},
    {"sharesock", "a connection shared with a dead mount would hang the new one"},
    {"suid", "nosuid is always on"},
    {"dev", "nodev is always on"},
    {"exec", "it is the default; only noexec can be given"},
    {"_netdev", "it means something to fstab only"},
    {"nofail", "it means something to fstab only"},
    {"auto", "it means something to fstab only; see 'mount_at_startup'"},
    {"noauto", "it means something to fstab only; see 'mount_at_startup'"},
    {"users", "it means something to fstab only; see 'control: {admin_group: ...}'"},
    {"defaults", "it means something to fstab only"},
    {"rootfs", "it is for a root file system"},
    {"snapshot", "a snapshot does not need to be supervised"},
};

const struct mount_option *mount_option_find(const char *name, size_t len) {
    for (size_t i = 0; i < mount_option_table_len; i++)
        if (strlen(mount_option_table[i].name) == len &&
            memcmp(mount_option_table[i].name, name, len) == 0)
            return &mount_option_table[i];
    return NULL;
}

static int refuse_name(const char *name, struct err *err) {
    if (suggest_is_secret(name, strlen(name)))
        return err_set(err, EINVAL,
                       "'%.*s' is refused: no password belongs in this file; store it with "
                       "'smbmounter setup NAME'",
                       NAME_SHOWN, name);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strcmp(refused[i].name, name) == 0)
            return err_set(err, EINVAL, "'%s' is refused: %s", name, refused[i].why);
    struct suggest s = {.word = name};
    for (size_t i = 0; i < mount_option_table_len; i++)
        suggest_offer(&s, mount_option_table[i].name);
    return err_set(err, EINVAL, "unknown mount option '%.*s'%s%s%s", NAME_SHOWN, name,
                   s.best != NULL ? "; did you mean '" : "", s.best != NULL ? s.best : "",
                   s.best != NULL ? "'?" : "");
}

static int check_choice(const struct mount_option *option, const char *value, struct err *err) {
    if (schema_is_choice(option->choices, value))
        return 0;
    char allowed[256];
    struct smbm_option row = {.type = SMBM_OPT_CHOICE, .choices = option->choices};
    schema_allowed(&row, allowed, sizeof allowed);
    return err_set(err, EINVAL, "%s must be %s", option->name, allowed);
}

static bool is_octal(const char *value) {
    size_t len = strlen(value);
    size_t digits = strspn(value, "01234567");
    return len == digits && len >= 3 && len <= 5 && (len < 5 || value[0] == '0');
}

static bool is_id(const struct mount_option *option, const char *value) {
    int64_t number;
    if (schema_parse_int(value, &number))
        return number >= option->min && number <= option->max;
    size_t len = strlen(value);
    return len > 0 && len <= 32 && strchr("-0123456789", value[0]) == NULL &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-$") ==
               len;
}

static bool is_text(const struct mount_option *option, const char *value) {
    size_t len = strlen(value);
    return (int64_t)len >= option->min && (int64_t)len <= option->max &&
           strchr(value, ',') == NULL && str_is_clean(value, len);
}

/* The value itself is never printed: it may be a password in the wrong place. */
static int check_value(const struct mount_option *option, const char *value, struct err *err) {
    int64_t number = 0;
    switch (option->kind) {
    case MOUNT_OPTION_INT:
        if (schema_parse_int(value, &number) && number >= option->min && number <= option->max)
            return 0;
        return err_set(err, EINVAL, "%s must be %" PRId64 " to %" PRId64, option->name, option->min,
                       option->max);
    case MOUNT_OPTION_OCTAL:
        return is_octal(value)
                   ? 0
                   : err_set(err, EINVAL, "%s must be an octal mode such as 0640", option->name);
    case MOUNT_OPTION_ID:
        return is_id(option, value)
                   ? 0
                   : err_set(err, EINVAL, "%s must be a number or a name", option->name);
    case MOUNT_OPTION_CHOICE:
        return check_choice(option, value, err);
    case MOUNT_OPTION_TEXT:
        return is_text(option, value)
                   ? 0
                   : err_set(err, EINVAL,
                             "%s must be 1 to %d bytes without comma and control characters",
                             option->name, TEXT_MAX);
    case MOUNT_OPTION_FLAG:
    case MOUNT_OPTION_VFS:
    case MOUNT_OPTION_FORCED:
        break;
    }
    return err_set(err, EINVAL, "%s takes no value", option->name);
}

int mount_option_check(const char *word, struct err *err) {
    char name[NAME_SHOWN + 1] = "";
    size_t len = strcspn(word, "=");
    memcpy(name, word, len < NAME_SHOWN ? len : NAME_SHOWN);
    if (len == 0 || strcspn(word, " \t,") < len)
        return err_set(err, EINVAL, "a mount option is one word, 'key' or 'key=value'");
    const struct mount_option *option = mount_option_find(word, len);
    if (option == NULL)
        return refuse_name(name, err);
    bool flag = option->kind == MOUNT_OPTION_FLAG || option->kind == MOUNT_OPTION_VFS ||
                option->kind == MOUNT_OPTION_FORCED;
    if (word[len] == '=')
        return check_value(option, word + len + 1, err);
    return flag ? 0 : err_set(err, EINVAL, "%s needs a value (%s=...)", name, name);
}
