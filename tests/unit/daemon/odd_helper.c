/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * In place of a mount helper: does what the letters of the mount's name say, one after the other.
 * r ready, w wait for leave, o a result that says whether leave was given, c one with what it knows
 * of credentials, b half a result, v who was using it, V half of that, u a frame of no type that a
 * helper sends, l one that is too long, p pause, t ended by SIGTERM; at the end status 3.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "mount/helper.h"

static unsigned char frame[WIRE_HEAD + WIRE_FRAME_MAX];
static struct login_leave leave;

static void put_ready(void) {
    struct wire_out out;
    wire_begin(&out, frame, sizeof frame, HELPER_READY);
    wire_put_str(&out, "10.9.0.2");
    wire_put_u32(&out, 77);
    wire_write(HELPER_FD, frame, wire_end(&out));
}

static void put_result(const char *text) {
    struct helper_result result = {.class = leave.refused ? HELPER_AUTH : HELPER_OK};
    str_copy(result.text, sizeof result.text, text);
    wire_write(HELPER_FD, frame, helper_encode_result(&result, frame, sizeof frame));
}

static void put_victims(void) {
    const struct os_holders victims = {.holders = 1, .complete = true, .names = "cp[812]"};
    wire_write(HELPER_FD, frame, helper_encode_victims(&victims, frame, sizeof frame));
}

static void put_type(uint32_t type, size_t size) {
    struct wire_out out;
    memset(frame, 0, sizeof frame);
    wire_begin(&out, frame, sizeof frame, type);
    out.len += size;
    wire_write(HELPER_FD, frame, wire_end(&out));
}

static void wait_for_leave(void) {
    struct wire_in payload;
    uint32_t type;
    if (wire_read(HELPER_FD, frame, sizeof frame, &type, &payload) != 0 || type != HELPER_GO ||
        login_decode_leave(&payload, &leave) != 0)
        _exit(9);
}

static void act(char what) {
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    if (what == 'r')
        put_ready();
    else if (what == 'w')
        wait_for_leave();
    else if (what == 'o')
        put_result(leave.refused ? leave.mount : "went well");
    else if (what == 'c')
        put_result(credentials != NULL ? credentials : "none");
    else if (what == 'b' || what == 'V')
        put_type(what == 'b' ? HELPER_RESULT : HELPER_VICTIMS, 3);
    else if (what == 'u' || what == 'l')
        put_type(what == 'u' ? HELPER_GO : HELPER_VICTIMS, what == 'u' ? 3 : 60000);
    else if (what == 'v')
        put_victims();
    else if (what == 't')
        raise(SIGTERM);
    while (what == 'p')
        pause();
}

int main(void) {
    struct helper_request request;
    struct wire_in payload;
    uint32_t type;
    static char name[64];
    signal(SIGTERM, SIG_DFL);
    if (wire_read(HELPER_FD, frame, sizeof frame, &type, &payload) != 0 ||
        helper_decode_request(&payload, &request) != 0)
        _exit(8);
    str_copy(name, sizeof name, request.mount.name);
    helper_request_finish(&request);
    for (const char *what = name; *what != '\0'; what++)
        act(*what);
    _exit(3);
}
