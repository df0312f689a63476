/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "mount/credential_parts.h"
#include "mount/process.h"

enum field { FIELD_USERNAME, FIELD_PASSWORD, FIELD_DOMAIN, FIELD_COUNT };

/* The names that mount.cifs(8) knows. */
static const struct {
    const char *name;
    enum field field;
} keys[] = {
    {"username=", FIELD_USERNAME}, {"user=", FIELD_USERNAME}, {"password=", FIELD_PASSWORD},
    {"pass=", FIELD_PASSWORD},     {"domain=", FIELD_DOMAIN}, {"dom=", FIELD_DOMAIN},
    {"workgroup=", FIELD_DOMAIN},
};

static bool begins(const char *text, size_t len, const char *prefix) {
    size_t n = strlen(prefix);
    return len >= n && memcmp(text, prefix, n) == 0;
}

int credential_slurp(int fd, uint64_t until_ms, const char *where, struct secret *raw,
                     struct err *err) {
    int rc = secret_alloc(raw, err);
    while (rc == 0) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, process_timeout(until_ms));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0) {
            rc = err_set(err, ETIMEDOUT, "%s: gave no password in time", where);
            break;
        }
        ssize_t n = read(fd, raw->bytes + raw->len, CREDENTIAL_BYTES_MAX + 1 - raw->len);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n < 0)
            rc = err_sys(err, errno, "%s", where);
        if (n <= 0)
            break;
        raw->len += (size_t)n;
        if (raw->len > CREDENTIAL_BYTES_MAX)
            rc = err_set(err, E2BIG, "%s: longer than %d bytes", where, CREDENTIAL_BYTES_MAX);
    }
    if (rc == 0 && memchr(raw->bytes, '\0', raw->len) != NULL)
        rc = err_set(err, EINVAL, "%s: contains a NUL byte", where);
    if (rc != 0)
        secret_wipe(raw);
    return rc;
}

int credential_set_password(struct credentials *credentials, const char *bytes, size_t len,
                            const char *where, struct err *err) {
    if (len > SECRET_MAX - 1)
        return err_set(err, E2BIG, "%s: the password is longer than %d bytes", where,
                       SECRET_MAX - 1);
    int rc = secret_alloc(&credentials->password, err);
    if (rc != 0)
        return rc;
    memcpy(credentials->password.bytes, bytes, len);
    credentials->password.len = len;
    return 0;
}

static int set_name(char *to, const char *bytes, size_t len, const char *where, unsigned line,
                    struct err *err) {
    if (len >= CONFIG_USER_MAX || memchr(bytes, ',', len) != NULL || !str_is_clean(bytes, len))
        return err_set(err, EINVAL,
                       "%s:%u: a user or domain is text of at most %d bytes without comma and "
                       "control characters",
                       where, line, CONFIG_USER_MAX - 1);
    memcpy(to, bytes, len);
    to[len] = '\0';
    return 0;
}

static int set_field(struct credentials *credentials, enum field field, const char *bytes,
                     size_t len, const char *where, unsigned line, struct err *err) {
    switch (field) {
    case FIELD_USERNAME:
        return set_name(credentials->username, bytes, len, where, line, err);
    case FIELD_DOMAIN:
        return set_name(credentials->domain, bytes, len, where, line, err);
    case FIELD_PASSWORD:
        return credential_set_password(credentials, bytes, len, where, err);
    case FIELD_COUNT:
        break;
    }
    return -EINVAL;
}

/* Never says what the line holds: it may be a password without its key. */
static int parse_line(const char *bytes, size_t len, const char *where, unsigned line, bool *seen,
                      struct credentials *credentials, struct err *err) {
    if (len > 0 && bytes[len - 1] == '\r')
        return err_set(err, EINVAL,
                       "%s:%u: the line ends with a carriage return (a Windows line end), which "
                       "would become part of the password; remove it: sed -i 's/\\r$//' %s",
                       where, line, where);
    while (len > 0 && (*bytes == ' ' || *bytes == '\t')) {
        bytes++;
        len--;
    }
    if (len == 0 || *bytes == '#')
        return 0;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (!begins(bytes, len, keys[i].name))
            continue;
        if (seen[keys[i].field])
            return err_set(err, EINVAL, "%s:%u: %s is given twice", where, line, keys[i].name);
        seen[keys[i].field] = true;
        size_t name = strlen(keys[i].name);
        return set_field(credentials, keys[i].field, bytes + name, len - name, where, line, err);
    }
    return err_set(err, EINVAL,
                   "%s:%u: unknown key; allowed are username=, password= and domain=, without "
                   "blanks before the '='",
                   where, line);
}

int credential_parse(const struct secret *raw, const char *where, struct credentials *credentials,
                     struct err *err) {
    bool seen[FIELD_COUNT] = {false};
    unsigned line = 1;
    for (size_t at = 0; at < raw->len; line++) {
        const char *start = raw->bytes + at;
        const char *end = memchr(start, '\n', raw->len - at);
        size_t len = end != NULL ? (size_t)(end - start) : raw->len - at;
        int rc = parse_line(start, len, where, line, seen, credentials, err);
        if (rc != 0)
            return rc;
        at += len + 1;
    }
    if (!seen[FIELD_PASSWORD])
        return err_set(err, EINVAL, "%s: has no password= line", where);
    return 0;
}

int credential_parse_any(const struct secret *raw, const char *where,
                         struct credentials *credentials, struct err *err) {
    if (begins(raw->bytes, raw->len, "username=") || begins(raw->bytes, raw->len, "password="))
        return credential_parse(raw, where, credentials, err);
    size_t len = raw->len;
    if (len > 0 && raw->bytes[len - 1] == '\n')
        len--;
    if (memchr(raw->bytes, '\n', len) != NULL)
        return err_set(err, EINVAL,
                       "%s: more than one line; give the password alone, or username= and "
                       "password= lines",
                       where);
    if (len > 0 && raw->bytes[len - 1] == '\r')
        return err_set(err, EINVAL, "%s: ends with a carriage return (a Windows line end)", where);
    return credential_set_password(credentials, raw->bytes, len, where, err);
}
