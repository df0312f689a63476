/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "mount/smbfs.h"

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A lone '%' stands for itself: names in the table may be cut or not escaped at all. */
static bool decode(const char *text, size_t len, char *to, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        int high = i + 2 < len && text[i] == '%' ? hex(text[i + 1]) : -1;
        int low = high >= 0 ? hex(text[i + 2]) : -1;
        unsigned char c = (unsigned char)text[i];
        if (low >= 0) {
            c = (unsigned char)(high * 16 + low);
            i += 2;
        }
        if (c < ' ' || c == 0x7f || used + 1 >= size)
            return false;
        to[used++] = (char)c;
    }
    to[used] = '\0';
    return true;
}

/* What stands before the port: "[::1]:445", "nas.local:445", "fe80::1%en0". */
static size_t host_len(const char *host, size_t len, size_t *skip) {
    const char *close = len > 0 && host[0] == '[' ? memchr(host, ']', len) : NULL;
    *skip = close != NULL;
    if (close != NULL)
        return (size_t)(close - host) - 1;
    const char *colon = memchr(host, ':', len);
    bool one = colon != NULL && memchr(colon + 1, ':', len - (size_t)(colon + 1 - host)) == NULL;
    return one ? (size_t)(colon - host) : len;
}

/* The last '@' before the path ends the user: one in a name is escaped. */
static const char *after_user(const char *text, size_t len) {
    for (size_t i = len; i > 0; i--)
        if (text[i - 1] == '@')
            return text + i;
    return text;
}

bool smbfs_source_parse(const char *text, struct smbfs_source *source) {
    if (text[0] != '/' || text[1] != '/')
        return false;
    const char *start = text + 2, *slash = strchr(start, '/');
    if (slash == NULL || slash == start)
        return false;
    const char *host = after_user(start, (size_t)(slash - start));
    size_t skip, len = host_len(host, (size_t)(slash - host), &skip);
    return decode(host + skip, len, source->host, sizeof source->host) &&
           decode(slash + 1, strlen(slash + 1), source->share, sizeof source->share) &&
           source->host[0] != '\0' && source->share[0] != '\0';
}

/* "nas.local." is the same host, and so is a name in other letters. */
static bool host_equal(const char *a, const char *b) {
    size_t a_len = strlen(a), b_len = strlen(b);
    a_len -= a_len > 1 && a[a_len - 1] == '.';
    b_len -= b_len > 1 && b[b_len - 1] == '.';
    return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

bool smbfs_source_equal(const char *expected, const char *found) {
    struct smbfs_source source;
    char host[SMBFS_PART_MAX];
    if (strncmp(expected, "//", 2) != 0 || !smbfs_source_parse(found, &source))
        return false;
    const char *slash = strchr(expected + 2, '/');
    size_t len = slash != NULL ? (size_t)(slash - expected) - 2 : 0;
    if (len == 0 || len >= sizeof host)
        return false;
    memcpy(host, expected + 2, len);
    host[len] = '\0';
    return host_equal(host, source.host) && strcmp(slash + 1, source.share) == 0;
}
