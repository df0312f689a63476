/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "config/mount_options.h"
#include "mount/netfs.h"

/* RFC 3986's unreserved characters; all else as %XX, byte by byte of UTF-8. */
static bool is_plain(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

static void add_escaped(struct str *url, const char *text, size_t len, const char *also) {
    for (size_t i = 0; i < len; i++) {
        if (is_plain(text[i]) || (text[i] != '\0' && strchr(also, text[i]) != NULL))
            str_add_bytes(url, &text[i], 1);
        else
            str_add(url, "%%%02X", (unsigned)(unsigned char)text[i]);
    }
}

static void add_host(struct str *url, const char *host) {
    bool six = strchr(host, ':') != NULL;
    str_add(url, six ? "[" : "");
    /* The zone of a link-local address: its '%' is escaped as any other (RFC 6874). */
    add_escaped(url, host, strlen(host), six ? ":" : "");
    str_add(url, six ? "]" : "");
}

static int check(const struct config_mount *mount, const char *user, const char *domain,
                 struct err *err) {
    size_t share = strcspn(mount->share, "/");
    if (share == 0 || mount->server[0] == '\0')
        return err_set(err, EINVAL, "mount '%s' needs 'server' and 'share'", mount->name);
    if (strlen(user) + strlen(domain) > NETFS_NAME_MAX)
        return err_set(err, ENAMETOOLONG,
                       "the user name is longer than the %d bytes that macOS takes",
                       NETFS_NAME_MAX);
    if (share > NETFS_SHARE_MAX)
        return err_set(err, ENAMETOOLONG, "the share's name is longer than %d bytes",
                       NETFS_SHARE_MAX);
    return 0;
}

int netfs_url(const struct config_mount *mount, const char *user, const char *domain, char *url,
              size_t size, struct err *err) {
    struct str s;
    int rc = check(mount, user, domain, err);
    if (rc != 0)
        return rc;
    str_init(&s, size - 1);
    str_add(&s, "smb://");
    if (domain[0] != '\0' && user[0] != '\0') {
        add_escaped(&s, domain, strlen(domain), "");
        str_add(&s, ";");
    }
    if (user[0] != '\0') {
        add_escaped(&s, user, strlen(user), "");
        str_add(&s, "@");
    }
    add_host(&s, mount->server);
    if (mount->port != 0 && mount->port != 445)
        str_add(&s, ":%u", (unsigned)mount->port);
    str_add(&s, "/");
    add_escaped(&s, mount->share, strlen(mount->share), "/");
    bool fits = !s.failed && s.data != NULL && str_copy(url, size, s.data);
    str_finish(&s);
    return fits ? 0
                : err_set(err, ENAMETOOLONG, "the names of mount '%s' are too long for a URL",
                          mount->name);
}

int netfs_flags(const struct config_mount *mount, uint32_t *flags, struct err *err) {
    *flags = 0;
    for (size_t i = 0; i < mount->options.len; i++) {
        const char *word = mount->options.items[i];
        size_t len = strcspn(word, "=");
        const struct mount_option *row = mount_option_find(word, len);
        if (row == NULL)
            return err_set(err, EINVAL, "mount option '%.*s' is not known", (int)len, word);
        if (row->kind == MOUNT_OPTION_VFS || row->kind == MOUNT_OPTION_FORCED)
            *flags |= (uint32_t)row->vfs;
    }
    *flags |= (uint32_t)(mount_option_find("nosuid", 6)->vfs | mount_option_find("nodev", 5)->vfs);
    return 0;
}
