/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Requests and every record of fields.h there and back; cut and damaged answers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec.h"
#include "control/prescan.h"

static struct control_request decode(const void *data, size_t len, int expected) {
    struct control_request request;
    struct err err = {0};
    cr_assert_eq(control_decode_request(data, len, &request, &err), expected, "%s", err.text);
    if (expected < 0)
        cr_assert(err.text[0] != '\0');
    return request;
}

Test(codec, every_remote_command_goes_there_and_back) {
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        const char *const params[] = {"media", "", NULL};
        msgpack_sbuffer out;
        const char *reason;
        size_t len = 0;
        msgpack_sbuffer_init(&out);
        cr_assert_eq(control_encode_request(&out, 4000000000u, command_table[i].name, params, 3),
                     0);
        cr_assert_eq(prescan(out.data, out.size, &prescan_request, &len, &reason), 1);
        cr_assert_eq(len, out.size);
        struct control_request request = decode(out.data, out.size, 0);
        bool remote = command_table[i].where == COMMAND_REMOTE;
        cr_expect_eq(request.command, remote ? i : COMMAND_COUNT, "%s", command_table[i].name);
        cr_expect_str_eq(request.method, command_table[i].name);
        cr_expect_eq(request.id, 4000000000u);
        cr_expect_not(request.notification);
        cr_expect_eq(request.params_len, 3);
        cr_expect_str_eq(request.params[0], "media");
        cr_expect_str_eq(request.params[1], "");
        cr_expect_str_eq(request.params[2], "");
        msgpack_sbuffer_destroy(&out);
    }
}

Test(codec, a_flag_travels_as_a_boolean_and_a_name_does_not) {
    const char *const params[] = {"true", "true"};
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    control_encode_request(&out, 1, "unmount", params, 2);
    static const char expected[] = "\x94\x00\x01\xa7unmount\x92\xc3\xa4true";
    /* msgpack-c may choose wider numbers; look at the end. */
    cr_assert_geq(out.size, 8);
    cr_expect_arr_eq(out.data + out.size - 7, expected + sizeof expected - 1 - 7, 7);
    struct control_request request = decode(out.data, out.size, 0);
    cr_expect_str_eq(request.params[0], "true");
    cr_expect_str_eq(request.params[1], "true");
    msgpack_sbuffer_destroy(&out);
}

static const struct {
    const char *what, *bytes;
    size_t len;
    int rc;
} requests[] = {
#define MESSAGE(bytes) bytes, sizeof(bytes) - 1
    {"a notification", MESSAGE("\x93\x02\xa6status\x90"), 0},
    {"unknown method", MESSAGE("\x94\x00\x01\xa4nope\x90"), 0},
    {"no array", MESSAGE("\x01"), -EPROTO},
    {"empty array", MESSAGE("\x90"), -EPROTO},
    {"a response", MESSAGE("\x94\x01\x01\xc0\xc0"), -EPROTO},
    {"unknown type", MESSAGE("\x94\x03\x01\xa6status\x90"), -EPROTO},
    {"negative id", MESSAGE("\x94\x00\xff\xa6status\x90"), -EPROTO},
    {"id of 2^32", MESSAGE("\x94\x00\xcf\x00\x00\x00\x01\x00\x00\x00\x00\xa6status\x90"), -EPROTO},
    {"method is a number", MESSAGE("\x94\x00\x01\x02\x90"), -EPROTO},
    {"bytes behind it", MESSAGE("\x94\x00\x01\xa6status\x90\xc0"), -EPROTO},
    {"params no array", MESSAGE("\x94\x00\x01\xa6status\x80"), -EINVAL},
    {"param is a number", MESSAGE("\x94\x00\x01\xa6status\x91\x01"), -EINVAL},
    {"param has a NUL",
     MESSAGE("\x94\x00\x01\xa6status\x91\xa3"
             "a\0b"),
     -EINVAL},
    {"param has an escape", MESSAGE("\x94\x00\x01\xa6status\x91\xa2\x1b["), -EINVAL},
    {"param is not UTF-8", MESSAGE("\x94\x00\x01\xa6status\x91\xa1\xff"), -EINVAL},
    {"five params", MESSAGE("\x94\x00\x01\xa6status\x95\xc0\xc0\xc0\xc0\xc0"), -EINVAL},
};

Test(codec, strange_requests_are_refused) {
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct control_request request;
        struct err err = {0};
        int rc = control_decode_request(requests[i].bytes, requests[i].len, &request, &err);
        cr_expect_eq(rc, requests[i].rc, "%s: %d %s", requests[i].what, rc, err.text);
        if (rc == -EINVAL) {
            cr_expect_eq(request.id, 1);
            cr_expect_eq(request.command, COMMAND_STATUS);
        }
    }
}

Test(codec, a_method_cannot_carry_control_bytes_into_the_log) {
    struct control_request request = decode("\x94\x00\x01\xa3\x1b[m\x90", 8, 0);
    cr_expect_str_eq(request.method, "\\x1b[m");
    cr_expect_eq(request.command, COMMAND_COUNT);
}

/* Random rows: texts of every length with any byte but NUL, numbers of every size. */
static void fill(enum record record, void *row) {
    const struct record_row *table = &record_table[record];
    memset(row, 0, table->size);
    for (unsigned i = 0; i < table->fields_len; i++) {
        char *member = (char *)row + table->fields[i].offset;
        if (table->fields[i].type == FIELD_TEXT) {
            for (int k = rand() % FIELD_TEXT_MAX - 1; k >= 0; k--)
                member[k] = (char)(1 + rand() % 255);
        } else if (table->fields[i].type == FIELD_NUMBER) {
            uint64_t number = ((uint64_t)rand() << 33 ^ (uint64_t)rand()) >> rand() % 64;
            memcpy(member, &number, sizeof number);
        } else {
            *(bool *)member = rand() % 2;
        }
    }
}

static void compare(enum record record, const void *row, const void *view) {
    const struct record_row *table = &record_table[record];
    for (unsigned i = 0; i < table->fields_len; i++) {
        const struct field_row *field = &table->fields[i];
        const char *sent = (const char *)row + field->offset;
        const char *got = (const char *)view + field->view_offset;
        if (field->type == FIELD_TEXT)
            cr_assert_str_eq(sent, *(const char *const *)got, "%s.%s", table->name, field->key);
        else
            cr_assert_arr_eq(sent, got, field->type == FIELD_NUMBER ? sizeof(uint64_t) : 1, "%s.%s",
                             table->name, field->key);
    }
}

#define ROWS 7

/* A reply with a section for every record. Rows land in rows[record]. */
static void build(struct control_reply *reply, char *rows[RECORD_COUNT]) {
    control_reply_init(reply);
    cr_assert_eq(control_reply_begin(reply, 99, RECORD_COUNT), 0);
    for (unsigned r = 0; r < RECORD_COUNT; r++) {
        rows[r] = malloc(ROWS * record_table[r].size);
        cr_assert_eq(control_reply_section(reply, (enum record)r, ROWS), 0);
        for (size_t i = 0; i < ROWS; i++) {
            void *row = rows[r] + i * record_table[r].size;
            fill((enum record)r, row);
            cr_assert_eq(control_reply_row(reply, (enum record)r, row), 0);
        }
    }
}

Test(codec, every_record_goes_there_and_back) {
    srand(3);
    for (int round = 0; round < 50; round++) {
        struct control_reply reply;
        struct control_response response;
        struct err err = {0};
        char *rows[RECORD_COUNT];
        const char *reason = "";
        size_t len = 0;
        build(&reply, rows);
        cr_assert_eq(prescan(reply.buffer.data, reply.buffer.size, &prescan_reply, &len, &reason),
                     1, "%s", reason);
        cr_assert_eq(control_decode_response(reply.buffer.data, len, &response, &err), 0, "%s",
                     err.text);
        cr_assert_eq(response.id, 99);
        cr_assert_eq(response.error, CONTROL_OK);
        cr_assert_eq(response.sections_len, RECORD_COUNT);
        for (unsigned r = 0; r < RECORD_COUNT; r++) {
            cr_assert_eq(response.sections[r].record, r);
            cr_assert_eq(response.sections[r].rows_len, ROWS);
            for (size_t i = 0; i < ROWS; i++)
                compare((enum record)r, rows[r] + i * record_table[r].size,
                        (char *)response.sections[r].rows + i * record_table[r].view_size);
            free(rows[r]);
        }
        control_response_finish(&response);
        control_reply_finish(&reply);
    }
}

Test(codec, a_reply_cut_anywhere_is_incomplete_and_refused) {
    struct control_reply reply;
    char *rows[RECORD_COUNT];
    srand(4);
    build(&reply, rows);
    for (size_t size = 0; size < reply.buffer.size; size += size < 3000 ? 1 : 37) {
        struct control_response response;
        struct err err = {0};
        const char *reason;
        size_t len = 0;
        char *exact = malloc(size != 0 ? size : 1);
        memcpy(exact, reply.buffer.data, size);
        cr_assert_eq(prescan(exact, size, &prescan_reply, &len, &reason), 0, "cut at %zu", size);
        cr_assert_eq(control_decode_response(exact, size, &response, &err), -EPROTO);
        free(exact);
    }
    for (unsigned r = 0; r < RECORD_COUNT; r++)
        free(rows[r]);
    control_reply_finish(&reply);
}

Test(codec, a_damaged_reply_is_refused_or_read_but_never_harms) {
    struct control_reply reply;
    char *rows[RECORD_COUNT];
    srand(5);
    build(&reply, rows);
    unsigned refused = 0;
    for (int round = 0; round < 3000; round++) {
        struct control_response response;
        struct err err = {0};
        const char *reason;
        size_t len = 0, size = reply.buffer.size;
        char *data = malloc(size);
        memcpy(data, reply.buffer.data, size);
        for (int k = rand() % 8; k >= 0; k--)
            data[(size_t)rand() % (round % 2 != 0 ? size : 64)] = (char)rand();
        if (prescan(data, size, &prescan_reply, &len, &reason) != 1 ||
            control_decode_response(data, len, &response, &err) != 0)
            refused++;
        else
            control_response_finish(&response);
        free(data);
    }
    cr_expect_gt(refused, 1000);
    for (unsigned r = 0; r < RECORD_COUNT; r++)
        free(rows[r]);
    control_reply_finish(&reply);
}

Test(codec, errors_and_notifications_arrive) {
    struct control_reply reply;
    struct control_response response;
    struct err err = {0};
    control_reply_init(&reply);
    for (unsigned e = CONTROL_FAILED; e < CONTROL_ERROR_COUNT; e++) {
        cr_assert_eq(control_reply_begin(&reply, 1, 3), 0, "is thrown away");
        cr_assert_eq(control_reply_error(&reply, 5, (enum control_error)e, "it\nbroke"), 0);
        cr_assert_eq(control_decode_response(reply.buffer.data, reply.buffer.size, &response, &err),
                     0);
        cr_expect_eq(response.error, e);
        cr_expect_eq(response.id, 5);
        cr_expect_str_eq(response.message, "it\\x0abroke");
        control_response_finish(&response);
    }
    struct event_record event = {.wall_ms = 12, .mount = "media", .kind = "state"};
    msgpack_sbuffer_clear(&reply.buffer);
    cr_assert_eq(control_reply_notify(&reply, "event", RECORD_EVENT, &event), 0);
    cr_assert_eq(control_decode_response(reply.buffer.data, reply.buffer.size, &response, &err), 0);
    cr_assert(response.notification);
    cr_expect_str_eq(response.method, "event");
    cr_assert_eq(response.sections_len, 1);
    cr_assert_eq(response.sections[0].record, RECORD_EVENT);
    const struct event_view *got = response.sections[0].rows;
    cr_expect_str_eq(got->mount, "media");
    control_response_finish(&response);
    control_reply_finish(&reply);
}

Test(codec, what_a_newer_daemon_adds_is_skipped_and_doubles_are_refused) {
    struct control_response response;
    struct err err = {0};
    /* [1, 1, nil, [{"record": "new", "rows": [3]}, {"record": "result", "rows": [{...}]}]] */
    static const char newer[] = "\x94\x01\x01\xc0\x92\x82\xa6record\xa3new\xa4rows\x91\x03\x82\xa6"
                                "record\xa6result\xa4rows\x91\x82\xa4text\xa2hi\xa1x\x90";
    cr_assert_eq(control_decode_response(newer, sizeof newer - 1, &response, &err), 0, "%s",
                 err.text);
    cr_assert_eq(response.sections_len, 2);
    cr_expect_eq(response.sections[0].record, RECORD_COUNT);
    cr_expect_str_eq(((struct result_view *)response.sections[1].rows)->text, "hi");
    control_response_finish(&response);
    static const char twice[] = "\x94\x01\x01\xc0\x91\x82\xa6record\xa6result\xa4rows\x91\x82\xa4"
                                "text\xa2hi\xa4text\xa2ho";
    cr_expect_eq(control_decode_response(twice, sizeof twice - 1, &response, &err), -EPROTO);
    static const char wrong[] = "\x94\x01\x01\xc0\x91\x82\xa6record\xa6result\xa4rows\x91\x81\xa4"
                                "text\x05";
    cr_expect_eq(control_decode_response(wrong, sizeof wrong - 1, &response, &err), -EPROTO);
}
