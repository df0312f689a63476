/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "play.h"

static struct helper_request sample(void) {
    static char name[] = "media", server[] = "nas", at[] = "/mnt/media", one[] = "soft",
                two[] = "vers=3.1.1", path[] = "/bin/x";
    static char *options[] = {one, two}, *command[] = {path};
    struct helper_request r;
    play_request(&r, HELPER_DETACH);
    r.mount.name = name;
    r.mount.server = server;
    r.mount.mountpoint = at;
    r.mount.options = (struct config_words){options, 2};
    r.mount.unmount_command = (struct config_words){command, 1};
    r.mount.mounter = CONFIG_COMMAND;
    r.mount.credential = CONFIG_CREDENTIAL_SYSTEMD;
    r.mount.port = 1445;
    r.mount_id = UINT64_MAX;
    r.device = 7;
    strcpy(r.address, "fe80::1%2");
    memcpy(r.login_key, "0123456789abcdef", sizeof r.login_key);
    strcpy(r.runtime_directory, "/run/smbmounter");
    return r;
}

static size_t frame_of(unsigned char *buffer, size_t size) {
    struct helper_request r = sample();
    return helper_encode_request(&r, buffer, size);
}

Test(codec, a_request_arrives_whole) {
    unsigned char frame[4096];
    struct wire_in payload;
    struct helper_request r;
    uint32_t type;
    size_t whole, len = frame_of(frame, sizeof frame);
    cr_assert_eq(wire_frame(frame, len, &type, &payload, &whole), 1);
    cr_assert_eq(type, HELPER_REQUEST);
    cr_assert_eq(helper_decode_request(&payload, &r), 0);
    cr_assert_eq(r.op, HELPER_DETACH);
    cr_assert_str_eq(r.mount.server, "nas");
    cr_assert_str_eq(r.mount.share, "");
    cr_assert_eq(r.mount.options.len, 2);
    cr_assert_str_eq(r.mount.options.items[1], "vers=3.1.1");
    cr_assert_eq(r.mount.mount_command.len, 0);
    cr_assert_str_eq(r.mount.unmount_command.items[0], "/bin/x");
    cr_assert_eq(r.mount.mounter, CONFIG_COMMAND);
    cr_assert_eq(r.mount.credential, CONFIG_CREDENTIAL_SYSTEMD);
    cr_assert_eq(r.mount.port, 1445);
    cr_assert_eq(r.mount_id, UINT64_MAX);
    cr_assert_str_eq(r.address, "fe80::1%2");
    cr_assert_eq(memcmp(r.login_key, "0123456789abcdef", sizeof r.login_key), 0);
    cr_assert_str_eq(r.runtime_directory, "/run/smbmounter");
    helper_request_finish(&r);
}

Test(codec, a_request_cut_or_bent_at_any_byte_is_refused_or_sane) {
    unsigned char frame[4096];
    size_t len = frame_of(frame, sizeof frame);
    for (size_t cut = 0; cut < len - WIRE_HEAD; cut++) {
        struct wire_in payload = {.data = frame + WIRE_HEAD, .len = cut};
        struct helper_request r;
        cr_assert_eq(helper_decode_request(&payload, &r), -EPROTO, "cut at %zu", cut);
    }
    for (size_t i = WIRE_HEAD; i < len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct wire_in payload = {.data = frame + WIRE_HEAD, .len = len - WIRE_HEAD};
            struct helper_request r;
            frame[i] ^= (unsigned char)(1u << bit);
            if (helper_decode_request(&payload, &r) == 0) {
                cr_assert(r.op >= HELPER_MOUNT && r.op <= HELPER_HARDEN);
                helper_request_finish(&r);
            }
            frame[i] ^= (unsigned char)(1u << bit);
        }
}

Test(codec, too_small_a_buffer_gives_no_frame) {
    unsigned char frame[4096];
    size_t len = frame_of(frame, sizeof frame);
    for (size_t size = WIRE_HEAD; size < len; size++)
        cr_assert_eq(frame_of(frame, size), 0);
}

Test(codec, a_result_arrives_whole_and_a_broken_one_is_a_failure) {
    unsigned char frame[4096];
    struct helper_result in = {.class = HELPER_BUSY,
                               .os_errno = -5,
                               .mount_id = 9,
                               .device = 8,
                               .bare = true,
                               .holders = 3,
                               .writers = 2,
                               .destroyed = 1,
                               .login = 77,
                               .refusal = LOGIN_REFUSED_BEFORE,
                               .status = "s",
                               .text = "t",
                               .detail = "d",
                               .address = "::1"},
                         out;
    size_t len = helper_encode_result(&in, frame, sizeof frame);
    for (size_t cut = 0; cut <= len - WIRE_HEAD; cut++) {
        struct wire_in payload = {.data = frame + WIRE_HEAD, .len = cut};
        int rc = helper_decode_result(&payload, &out);
        cr_assert_eq(rc, cut == len - WIRE_HEAD ? 0 : -EPROTO);
        cr_assert_neq(out.class, HELPER_OK);
    }
    cr_assert_eq(out.class, HELPER_BUSY);
    cr_assert_eq(out.os_errno, -5);
    cr_assert_eq(out.mount_id, 9);
    cr_assert(out.bare);
    cr_assert_eq(out.holders, 3);
    cr_assert_eq(out.writers, 2);
    cr_assert_eq(out.destroyed, 1);
    cr_assert_eq(out.login, 77);
    cr_assert_eq(out.refusal, LOGIN_REFUSED_BEFORE);
    cr_assert_str_eq(out.status, "s");
    cr_assert_str_eq(out.text, "t");
    cr_assert_str_eq(out.detail, "d");
    cr_assert_str_eq(out.address, "::1");
}

Test(codec, victims_arrive_whole_or_not_at_all) {
    unsigned char frame[2 * OS_HOLDERS_NAMES];
    struct os_holders in = {.holders = 3, .writers = 1, .complete = true}, out;
    struct wire_in payload;
    uint32_t type;
    size_t whole;
    memset(in.names, 'x', sizeof in.names - 1);
    size_t len = helper_encode_victims(&in, frame, sizeof frame);
    cr_assert_eq(wire_frame(frame, len, &type, &payload, &whole), 1);
    cr_assert_eq(type, HELPER_VICTIMS);
    cr_assert_eq(helper_decode_victims(&payload, &out), 0);
    cr_assert(out.holders == 3 && out.writers == 1 && out.complete);
    cr_assert_str_eq(out.names, in.names);
    for (size_t cut = 0; cut < len - WIRE_HEAD; cut++) {
        payload = (struct wire_in){.data = frame + WIRE_HEAD, .len = cut};
        cr_assert_eq(helper_decode_victims(&payload, &out), -EPROTO, "cut at %zu", cut);
    }
}

Test(codec, every_class_has_a_name) {
    for (int c = 0; c < HELPER_CLASS_COUNT; c++)
        cr_assert(strlen(helper_class_name((enum helper_class)c)) > 1);
    cr_assert_str_eq(helper_class_name(HELPER_CLASS_COUNT), "unknown");
}
