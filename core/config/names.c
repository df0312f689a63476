/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/names.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"
#include "config/config.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LABEL_MAX 63
#define DNS_MAX 253

static bool only(const char *text, const char *allowed, size_t max) {
    size_t len = strnlen(text, max + 1);
    return len > 0 && len <= max && strspn(text, allowed) == len;
}

bool names_is_mount(const char *text) {
    return only(text, LOWER UPPER DIGITS "._-", CONFIG_NAME_MAX - 1) && text[0] != '.' &&
           text[0] != '-';
}

bool names_is_plugin(const char *text) {
    return only(text, LOWER DIGITS "-", 32);
}

bool names_is_local(const char *text) {
    return only(text, LOWER UPPER DIGITS "._-", 32) && text[0] != '-';
}

bool names_is_fstype(const char *text) {
    return only(text, LOWER UPPER DIGITS "._-", CONFIG_NAME_MAX - 1);
}

static bool is_ipv6(const char *text) {
    char copy[INET6_ADDRSTRLEN];
    unsigned char address[16];
    size_t len = strcspn(text, "%");
    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (text[len] == '%' && !only(text + len + 1, LOWER UPPER DIGITS "._-", 15))
        return false;
    return inet_pton(AF_INET6, copy, address) == 1;
}

static bool is_dns_name(const char *text) {
    if (strlen(text) > DNS_MAX)
        return false;
    for (const char *label = text;; label++) {
        size_t len = strspn(label, LOWER UPPER DIGITS "_-");
        if (len == 0 || len > LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
            return false;
        label += len;
        if (*label == '\0')
            return true;
        if (*label != '.')
            return false;
    }
}

bool names_is_host(const char *text) {
    unsigned char address[4];
    if (strchr(text, ':') != NULL)
        return is_ipv6(text);
    if (only(text, DIGITS ".", DNS_MAX))
        return inet_pton(AF_INET, text, address) == 1;
    return is_dns_name(text);
}

/* Parts between slashes: none empty, none "." or "..". */
static bool has_good_parts(const char *text) {
    for (;; text++) {
        size_t len = strcspn(text, "/");
        if (len == 0 || (len == 1 && text[0] == '.') || (len == 2 && memcmp(text, "..", 2) == 0))
            return false;
        text += len;
        if (*text == '\0')
            return true;
    }
}

bool names_is_share(const char *text) {
    size_t len = strlen(text);
    return len < CONFIG_SHARE_MAX && strpbrk(text, ",\\") == NULL && str_is_clean(text, len) &&
           has_good_parts(text);
}

bool names_is_path(const char *text) {
    size_t len = strlen(text);
    return len < CONFIG_PATH_MAX && text[0] == '/' && str_is_clean(text, len) &&
           has_good_parts(text + 1);
}

bool names_is_user(const char *text) {
    size_t len = strlen(text);
    return len > 0 && len < CONFIG_USER_MAX && strchr(text, ',') == NULL && str_is_clean(text, len);
}

bool names_is_domain(const char *text) {
    return names_is_user(text) && strchr(text, '\\') == NULL;
}
