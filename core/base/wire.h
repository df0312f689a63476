/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The frames between the daemon and its own children (plugin hosts, mount helpers). Both ends come
 * from one build on one machine, so numbers are in native order; but a plugin may have written
 * into the pipe, so the reader believes nothing. A frame is u32 length, u32 type, payload.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_FRAME_MAX (64u * 1024u) /* payload */
#define WIRE_HEAD 8u

/* Writing: one frame into a caller's buffer. Past its end, failed is set and nothing is written. */
struct wire_out {
    unsigned char *data;
    size_t len, size;
    bool failed;
};

void wire_begin(struct wire_out *w, void *buffer, size_t size, uint32_t type);
void wire_put_u32(struct wire_out *w, uint32_t value);
void wire_put_u64(struct wire_out *w, uint64_t value);
void wire_put_bytes(struct wire_out *w, const void *bytes, size_t len);
void wire_put_str(struct wire_out *w, const char *text); /* NULL is written as "" */

/* Close the frame. Returns its whole length, 0 when it did not fit. */
size_t wire_end(struct wire_out *w);

/* Reading: a payload. After the first bad read all further reads give zero and failed is set. */
struct wire_in {
    const unsigned char *data;
    size_t len, at;
    bool failed;
};

/* Look for a frame at the start of data. Returns 1 and fills type and payload, 0 when more bytes
 * are needed, -EPROTO when no frame can be so long. *whole is the frame's full length. */
int wire_frame(const void *data, size_t len, uint32_t *type, struct wire_in *payload,
               size_t *whole);
uint32_t wire_get_u32(struct wire_in *r);
uint64_t wire_get_u64(struct wire_in *r);
/* Points into the payload; NUL-terminated there, without a NUL inside. "" after a failure. */
const char *wire_get_str(struct wire_in *r);
const void *wire_get_bytes(struct wire_in *r, size_t *len); /* NULL after a failure */
/* True when everything was read, exactly, without a failure. */
bool wire_done(const struct wire_in *r);

/* Blocking, for children: write or read one whole frame on fd. 0 or -errno; -EPIPE at its end.
 * wire_read needs a buffer of WIRE_HEAD + WIRE_FRAME_MAX. */
int wire_write(int fd, const void *frame, size_t len);
int wire_read(int fd, void *buffer, size_t size, uint32_t *type, struct wire_in *payload);

#endif
