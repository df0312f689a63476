/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/events.h"

#include <stdlib.h>
#include <string.h>

/* As it lies in the ring: head, then text_len bytes without a NUL. */
struct head {
    uint64_t wall_ms, number;
    unsigned char kind, text_len;
};
#define HEAD_BYTES (2 * sizeof(uint64_t) + 2)

_Static_assert(EVENT_TEXT_MAX - 1 <= 255, "text_len is one byte");
_Static_assert(EVENT_KIND_COUNT <= 255, "kind is one byte");
_Static_assert(EVENTS_BYTES_MAX <= UINT16_MAX, "two bytes count the ring's");
_Static_assert(HEAD_BYTES + EVENT_TEXT_MAX <= EVENTS_BYTES_MAX, "any event fits an empty ring");

const char *event_kind_name(enum event_kind kind) {
    static const char *const names[] = {
#define X(id, name, meaning) [EVENT_##id] = name,
        EVENT_KINDS(X)
#undef X
    };
    return kind < EVENT_KIND_COUNT ? names[kind] : "?";
}

void event_ring_finish(struct event_ring *ring) {
    free(ring->bytes);
    *ring = (struct event_ring){.bytes = NULL};
}

/* Both copy over the ring's end; offset counts from the oldest byte. */
static void copy_out(const struct event_ring *ring, size_t offset, void *to, size_t len) {
    size_t at = (ring->begin + offset) % ring->size;
    size_t to_end = ring->size - at, first = len < to_end ? len : to_end;
    memcpy(to, ring->bytes + at, first);
    memcpy((unsigned char *)to + first, ring->bytes, len - first);
}

static void append(struct event_ring *ring, const void *from, size_t len) {
    size_t at = ((size_t)ring->begin + ring->used) % ring->size;
    size_t to_end = ring->size - at, first = len < to_end ? len : to_end;
    memcpy(ring->bytes + at, from, first);
    memcpy(ring->bytes, (const unsigned char *)from + first, len - first);
    ring->used = (uint16_t)(ring->used + len);
}

static struct head read_head(const struct event_ring *ring, size_t offset) {
    unsigned char bytes[HEAD_BYTES];
    struct head head;
    copy_out(ring, offset, bytes, sizeof bytes);
    memcpy(&head.wall_ms, bytes, sizeof head.wall_ms);
    memcpy(&head.number, bytes + 8, sizeof head.number);
    head.kind = bytes[16];
    head.text_len = bytes[17];
    return head;
}

static void drop_oldest(struct event_ring *ring) {
    size_t len = HEAD_BYTES + read_head(ring, 0).text_len;
    ring->begin = (uint16_t)((ring->begin + len) % ring->size);
    ring->used = (uint16_t)(ring->used - len);
    ring->count--;
}

static void grow(struct event_ring *ring, size_t need) {
    size_t size = ring->size != 0 ? ring->size : 64;
    while (size < need && size < EVENTS_BYTES_MAX)
        size *= 2;
    if (size <= ring->size)
        return;
    unsigned char *bytes = malloc(size);
    if (bytes == NULL)
        return;
    if (ring->size != 0)
        copy_out(ring, 0, bytes, ring->used);
    free(ring->bytes);
    ring->bytes = bytes;
    ring->size = (uint16_t)size;
    ring->begin = 0;
}

void event_ring_add(struct event_ring *ring, uint64_t wall_ms, enum event_kind kind,
                    uint64_t number, const char *text) {
    unsigned char bytes[HEAD_BYTES];
    size_t text_len = strnlen(text, EVENT_TEXT_MAX - 1);
    size_t need = sizeof bytes + text_len;
    if (ring->count == EVENTS_MAX)
        drop_oldest(ring);
    if ((size_t)ring->size - ring->used < need)
        grow(ring, ring->used + need);
    if (ring->size < need)
        return;
    while ((size_t)ring->size - ring->used < need && ring->count > 0)
        drop_oldest(ring);
    memcpy(bytes, &wall_ms, sizeof wall_ms);
    memcpy(bytes + 8, &number, sizeof number);
    bytes[16] = (unsigned char)kind;
    bytes[17] = (unsigned char)text_len;
    append(ring, bytes, sizeof bytes);
    append(ring, text, text_len);
    ring->count++;
}

size_t event_ring_list(const struct event_ring *ring, struct event *to, size_t max) {
    size_t skip = ring->count > max ? ring->count - max : 0, listed = 0, offset = 0;
    for (size_t i = 0; i < ring->count; i++) {
        struct head head = read_head(ring, offset);
        if (i >= skip) {
            struct event *event = &to[listed++];
            *event = (struct event){
                .wall_ms = head.wall_ms, .number = head.number, .kind = (enum event_kind)head.kind};
            copy_out(ring, offset + HEAD_BYTES, event->text, head.text_len);
        }
        offset += HEAD_BYTES + head.text_len;
    }
    return listed;
}
