/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool str_copy(char *to, size_t size, const char *text) {
    size_t len = strlen(text);
    bool fits = len < size;
    if (size == 0)
        return false;
    if (!fits)
        len = size - 1;
    memcpy(to, text, len);
    to[len] = '\0';
    return fits;
}

/* Length of the UTF-8 sequence at p, 0 when it is not a valid one. Overlong forms and surrogates
 * are invalid (RFC 3629). */
static size_t utf8_len(const unsigned char *p, size_t left) {
    static const struct {
        unsigned char first_min, first_max, second_min, second_max, len;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (p[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (p[0] < forms[i].first_min || p[0] > forms[i].first_max)
            continue;
        if (left < forms[i].len || p[1] < forms[i].second_min || p[1] > forms[i].second_max)
            return 0;
        for (size_t k = 2; k < forms[i].len; k++)
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].len;
    }
    return 0;
}

static bool is_c1(const unsigned char *p, size_t len) {
    return len == 2 && p[0] == 0xc2 && p[1] < 0xa0;
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: they reorder a line on a terminal. */
static bool is_bidi(const unsigned char *p, size_t len) {
    if (len != 3 || p[0] != 0xe2)
        return false;
    return (p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae))) ||
           (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

/* Length of the printable character at p, 0 when it must be escaped. */
static size_t printable_len(const unsigned char *p, size_t left) {
    size_t len = utf8_len(p, left);
    if (len == 1 && (p[0] < 0x20 || p[0] == 0x7f))
        return 0;
    if (is_c1(p, len) || is_bidi(p, len))
        return 0;
    return len;
}

static void put_clean(char *to, size_t size, const char *text, size_t len, bool backslash) {
    const unsigned char *p = (const unsigned char *)text;
    size_t used = 0;
    if (size == 0)
        return;
    for (size_t i = 0; i < len;) {
        size_t n = printable_len(p + i, len - i);
        if (n == 1 && p[i] == '\\' && backslash)
            n = 0;
        size_t need = n != 0 ? n : 4;
        if (used + need >= size)
            break;
        if (n != 0)
            memcpy(to + used, p + i, n);
        else
            snprintf(to + used, 5, "\\x%02x", p[i]);
        used += need;
        i += n != 0 ? n : 1;
    }
    to[used] = '\0';
}

void str_escape(char *to, size_t size, const char *text, size_t len) {
    put_clean(to, size, text, len, true);
}

void str_clean(char *to, size_t size, const char *text, size_t len) {
    bool clean = str_is_clean(text, len);
    if (clean && len < size) {
        memcpy(to, text, len);
        to[len] = '\0';
    } else {
        put_clean(to, size, text, len, !clean);
    }
}

bool str_is_clean(const char *text, size_t len) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < len;) {
        size_t n = p[i] >= 0x20 && p[i] < 0x7f ? 1 : printable_len(p + i, len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

void str_init(struct str *s, size_t limit) {
    *s = (struct str){.limit = limit};
}

void str_finish(struct str *s) {
    free(s->data);
    *s = (struct str){.limit = s->limit};
}

static bool reserve(struct str *s, size_t more) {
    if (s->failed || more > s->limit || s->len > s->limit - more)
        return !(s->failed = true);
    if (s->len + more + 1 <= s->size)
        return true;
    size_t size = s->size < 128 ? 128 : s->size;
    while (size < s->len + more + 1)
        size *= 2;
    char *data = realloc(s->data, size);
    if (data == NULL)
        return !(s->failed = true);
    s->data = data;
    s->size = size;
    return true;
}

void str_add_bytes(struct str *s, const void *bytes, size_t len) {
    if (!reserve(s, len))
        return;
    if (len > 0)
        memcpy(s->data + s->len, bytes, len);
    s->len += len;
    s->data[s->len] = '\0';
}

void str_add(struct str *s, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0) {
        s->failed = true;
        return;
    }
    if ((size_t)len < sizeof text) {
        str_add_bytes(s, text, (size_t)len);
        return;
    }
    if (!reserve(s, (size_t)len))
        return;
    va_start(args, format);
    vsnprintf(s->data + s->len, (size_t)len + 1, format, args);
    va_end(args);
    s->len += (size_t)len;
}

void str_add_json(struct str *s, const char *text) {
    const unsigned char *p = (const unsigned char *)text;
    size_t left = strlen(text), before = s->len;
    str_add_bytes(s, "\"", 1);
    while (left > 0) {
        size_t n = utf8_len(p, left);
        if (n == 0)
            str_add_bytes(s, "\xef\xbf\xbd", 3);
        else if (p[0] == '"' || p[0] == '\\')
            str_add(s, "\\%c", p[0]);
        else if (p[0] < 0x20 || p[0] == 0x7f)
            str_add(s, "\\u%04x", (unsigned)p[0]);
        else if (is_c1(p, n))
            str_add(s, "\\u%04x", (unsigned)p[1]);
        else
            str_add_bytes(s, p, n);
        p += n != 0 ? n : 1;
        left -= n != 0 ? n : 1;
    }
    str_add_bytes(s, "\"", 1);
    if (s->failed && s->data != NULL)
        s->data[s->len = before] = '\0';
}
