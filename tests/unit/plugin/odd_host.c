/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * In place of a plugin host: does what the letters of its first argument say, one after the other.
 * f a frame, l the longest one, h half a head, g what is no frame, c close the socket, k leave the
 * socket to a child, p pause, r read as many bytes as the second argument says and answer their
 * sum, s the signal of the second argument; at the end status 3.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wire.h"

#define HOST_FD 3
#define FRAME_TYPE 7

static void put(const void *bytes, size_t len) {
    static unsigned char frame[WIRE_HEAD + WIRE_FRAME_MAX];
    struct wire_out out;
    wire_begin(&out, frame, sizeof frame, FRAME_TYPE);
    memcpy(frame + WIRE_HEAD, bytes, len);
    out.len += len;
    wire_write(HOST_FD, frame, wire_end(&out));
}

static void answer_sum(long wanted) {
    static unsigned char bytes[65536];
    uint64_t sum = 0;
    while (wanted > 0) {
        ssize_t n = read(HOST_FD, bytes, sizeof bytes);
        if (n <= 0)
            _exit(9);
        for (ssize_t i = 0; i < n; i++)
            sum = sum * 31 + bytes[i];
        wanted -= n;
    }
    put(&sum, sizeof sum);
}

/* Whatever a sanitizer would make of it. */
static void end_by(int number) {
    signal(number, SIG_DFL);
    raise(number);
}

static void act(char what, const char *argument) {
    static unsigned char longest[WIRE_FRAME_MAX];
    if (what == 'f')
        put("hi", 3);
    else if (what == 'l')
        put(longest, sizeof longest);
    else if (what == 'h' || what == 'g')
        (void)!write(HOST_FD, "\377\377\377\377\377\377\377\377", what == 'h' ? 3 : 8);
    else if (what == 'c')
        close(HOST_FD);
    else if (what == 'p' || (what == 'k' && fork() == 0))
        for (;;)
            pause();
    else if (what == 'r')
        answer_sum(strtol(argument, NULL, 10));
    else if (what == 's')
        end_by((int)strtol(argument, NULL, 10));
}

int main(int argc, char **argv) {
    for (const char *what = argc == 4 ? argv[1] : ""; *what != '\0'; what++)
        act(*what, argv[2]);
    _exit(3);
}
