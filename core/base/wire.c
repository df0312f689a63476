/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "base/wire.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void wire_begin(struct wire_out *w, void *buffer, size_t size, uint32_t type) {
    *w = (struct wire_out){.data = buffer, .size = size};
    wire_put_u32(w, 0);
    wire_put_u32(w, type);
}

static void put(struct wire_out *w, const void *bytes, size_t len) {
    if (w->failed || len > w->size - w->len) {
        w->failed = true;
        return;
    }
    if (len > 0)
        memcpy(w->data + w->len, bytes, len);
    w->len += len;
}

void wire_put_u32(struct wire_out *w, uint32_t value) {
    put(w, &value, sizeof value);
}

void wire_put_u64(struct wire_out *w, uint64_t value) {
    put(w, &value, sizeof value);
}

void wire_put_bytes(struct wire_out *w, const void *bytes, size_t len) {
    if (len > WIRE_FRAME_MAX) {
        w->failed = true;
        return;
    }
    wire_put_u32(w, (uint32_t)len);
    put(w, bytes, len);
}

void wire_put_str(struct wire_out *w, const char *text) {
    if (text == NULL)
        text = "";
    wire_put_bytes(w, text, strlen(text) + 1);
}

size_t wire_end(struct wire_out *w) {
    if (w->failed || w->len < WIRE_HEAD || w->len - WIRE_HEAD > WIRE_FRAME_MAX)
        return 0;
    uint32_t payload = (uint32_t)(w->len - WIRE_HEAD);
    memcpy(w->data, &payload, sizeof payload);
    return w->len;
}

int wire_frame(const void *data, size_t len, uint32_t *type, struct wire_in *payload,
               size_t *whole) {
    uint32_t size;
    if (len < WIRE_HEAD)
        return 0;
    memcpy(&size, data, sizeof size);
    memcpy(type, (const unsigned char *)data + sizeof size, sizeof *type);
    if (size > WIRE_FRAME_MAX)
        return -EPROTO;
    *whole = WIRE_HEAD + size;
    if (len < *whole)
        return 0;
    *payload = (struct wire_in){.data = (const unsigned char *)data + WIRE_HEAD, .len = size};
    return 1;
}

static bool get(struct wire_in *r, void *to, size_t len) {
    if (r->failed || len > r->len - r->at) {
        r->failed = true;
        memset(to, 0, len);
        return false;
    }
    memcpy(to, r->data + r->at, len);
    r->at += len;
    return true;
}

uint32_t wire_get_u32(struct wire_in *r) {
    uint32_t value;
    get(r, &value, sizeof value);
    return value;
}

uint64_t wire_get_u64(struct wire_in *r) {
    uint64_t value;
    get(r, &value, sizeof value);
    return value;
}

const void *wire_get_bytes(struct wire_in *r, size_t *len) {
    *len = wire_get_u32(r);
    if (r->failed || *len > r->len - r->at) {
        r->failed = true;
        *len = 0;
        return NULL;
    }
    const void *bytes = r->data + r->at;
    r->at += *len;
    return bytes;
}

const char *wire_get_str(struct wire_in *r) {
    size_t len;
    const char *text = wire_get_bytes(r, &len);
    if (text == NULL || len == 0 || memchr(text, '\0', len) != text + len - 1) {
        r->failed = true;
        return "";
    }
    return text;
}

bool wire_done(const struct wire_in *r) {
    return !r->failed && r->at == r->len;
}

int wire_write(int fd, const void *frame, size_t len) {
    const unsigned char *p = frame;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static int read_all(int fd, unsigned char *to, size_t len) {
    while (len > 0) {
        ssize_t n = read(fd, to, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        to += n;
        len -= (size_t)n;
    }
    return 0;
}

int wire_read(int fd, void *buffer, size_t size, uint32_t *type, struct wire_in *payload) {
    unsigned char *p = buffer;
    uint32_t len;
    if (size < WIRE_HEAD)
        return -EINVAL;
    int rc = read_all(fd, p, WIRE_HEAD);
    if (rc != 0)
        return rc;
    memcpy(&len, p, sizeof len);
    if (len > WIRE_FRAME_MAX || len > size - WIRE_HEAD)
        return -EPROTO;
    rc = read_all(fd, p + WIRE_HEAD, len);
    if (rc != 0)
        return rc;
    size_t whole;
    return wire_frame(p, WIRE_HEAD + len, type, payload, &whole) == 1 ? 0 : -EPROTO;
}
