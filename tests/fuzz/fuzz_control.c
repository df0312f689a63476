/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Bytes from the control socket, as the daemon and as the CLI read them. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "control/codec.h"
#include "control/prescan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_request(const uint8_t *data, size_t size) {
    struct control_request request;
    struct err err = {0};
    const char *reason = NULL;
    size_t len = 0;
    int rc = prescan(data, size, &prescan_request, &len, &reason);
    if (rc < 0 && reason == NULL)
        abort();
    if (rc == 0 && size >= prescan_request.bytes)
        abort(); /* it would wait for ever */
    if (rc == 1 && (len == 0 || len > size || len > prescan_request.bytes))
        abort();
    if (rc == 1)
        control_decode_request(data, len, &request, &err);
}

static void read_response(const uint8_t *data, size_t size) {
    struct control_response response;
    struct err err = {0};
    const char *reason = NULL;
    size_t len = 0, ignored = 0;
    struct prescan seen = {.at = 0};
    int rc = prescan(data, size, &prescan_reply, &len, &reason);
    int half = prescan_more(&seen, data, size / 2, &prescan_reply, &ignored, &reason);
    if (half == 0)
        half = prescan_more(&seen, data, size, &prescan_reply, &ignored, &reason);
    if (half != rc)
        abort();
    if (rc != 1 || len > size)
        return;
    if (control_decode_response(data, len, &response, &err) == 0)
        control_response_finish(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_request(data, size);
    read_response(data, size);
    return 0;
}
