/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "mount/accounts.h"
#include "mount/helper_parts.h"
#include "mount/lock.h"
#include "mount/mountpoint.h"
#include "mount/process.h"
#include "os/os.h"

#define REQUEST_MS 10000 /* the daemon writes it right after the start */
#define STALLED_RETRANSMITS 2

void helper_finish(struct helper *helper, enum helper_class class, int os_errno, const char *format,
                   ...) {
    va_list args;
    va_start(args, format);
    if (vsnprintf(helper->result.text, sizeof helper->result.text, format, args) < 0)
        helper->result.text[0] = '\0';
    va_end(args);
    helper->result.class = class;
    helper->result.os_errno = os_errno;
}

void helper_finish_err(struct helper *helper, enum helper_class class, const struct err *err) {
    helper_finish(helper, class, err->code, "%s", err->text);
}

/* A daemon that is gone gets no result; the mount stands, and the next daemon adopts it. */
void helper_send_result(const struct helper *helper) {
    unsigned char frame[4 * ERR_TEXT_MAX];
    size_t len = helper_encode_result(&helper->result, frame, sizeof frame);
    if (len > 0)
        (void)wire_write(helper->fd, frame, len);
}

void helper_release_lock(struct helper *helper) {
    if (helper->lock >= 0)
        close(helper->lock);
    helper->lock = -1;
}

/* One frame, bounded in time up to its first byte: the daemon writes frames whole. */
static int receive(int fd, uint64_t until_ms, uint32_t *type, void *buffer, size_t size,
                   struct wire_in *payload) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int ready;
    do
        ready = poll(&p, 1, process_timeout(until_ms));
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return ready == 0 ? -ETIMEDOUT : -errno;
    return wire_read(fd, buffer, size, type, payload);
}

int helper_await_go(struct helper *helper, const char *address, uint32_t login,
                    struct login_leave *leave) {
    unsigned char frame[LOGIN_LEAVE_FRAME_MAX];
    struct wire_out w;
    struct wire_in payload;
    uint32_t type;
    wire_begin(&w, frame, sizeof frame, HELPER_READY);
    wire_put_str(&w, address);
    wire_put_u32(&w, login);
    int rc = wire_write(helper->fd, frame, wire_end(&w));
    if (rc == 0)
        rc = receive(helper->fd, helper->until_ms, &type, frame, sizeof frame, &payload);
    if (rc == 0)
        rc = type == HELPER_GO ? login_decode_leave(&payload, leave) : -EPROTO;
    if (rc != 0)
        helper_finish(helper, HELPER_TRANSIENT, -rc, "the daemon gave no leave to mount: %s",
                      strerror(-rc));
    return rc;
}

static void note_entry(const struct mount_entry *entry, struct helper_look *look) {
    char text[512];
    look->id = entry->id;
    look->device = entry->device;
    look->nosuid = mount_option_in(entry->options, "nosuid");
    look->nodev = mount_option_in(entry->options, "nodev");
    snprintf(text, sizeof text, "%.63s %.255s", entry->fstype, entry->source);
    str_escape(look->seen, sizeof look->seen, text, strlen(text));
}

int helper_look_at(struct helper *helper, struct helper_look *look) {
    struct mount_table table;
    struct err err = {0};
    const struct config_mount *mount = &helper->request.mount;
    const struct mount_entry *entry = NULL;
    *look = (struct helper_look){.presence = MOUNT_ABSENT};
    int rc = mount_table_read(&table, &err);
    if (rc == 0 && helper->mountpoint[0] == '\0') {
        rc = mountpoint_resolve(&table, mount->mountpoint, helper->mountpoint,
                                sizeof helper->mountpoint, &err);
        helper->maker = accounts_owner(mount);
    }
    if (rc == 0) {
        struct mount_expect expect = {
            .mountpoint = helper->mountpoint, .fstype = mount->fstype, .source = mount->source};
        expect.owner = helper->maker;
        look->presence = mount_identify(&table, &expect, &entry);
        if (entry != NULL)
            note_entry(entry, look);
    }
    mount_table_finish(&table);
    if (rc != 0)
        helper_finish_err(helper,
                          helper_class_of(err.code, helper->request.op == HELPER_MOUNT
                                                        ? HELPER_ABSENT
                                                        : HELPER_CONFIG),
                          &err);
    return rc;
}

static void reconnect(struct helper *helper) {
    const struct helper_request *request = &helper->request;
    int n = os_destroy_stalled(request->address, request->mount.port, STALLED_RETRANSMITS);
    if (n > 0) {
        helper->result.destroyed = (uint32_t)n;
        helper_finish(helper, HELPER_OK, 0, "%d stalled connection%s to %s destroyed", n,
                      n == 1 ? "" : "s", request->address);
    } else if (n == 0) {
        helper_finish(helper, HELPER_NOTHING, 0, "the kernel has no dead connection to %s",
                      request->address);
    } else {
        helper_finish(helper, n == -EOPNOTSUPP ? HELPER_CONFIG : HELPER_TRANSIENT, -n, "%s",
                      n == -EOPNOTSUPP ? "this kernel cannot do that (it has no SOCK_DESTROY)"
                                       : strerror(-n));
    }
}

/* False with the result set when another helper is at work. */
static bool take_lock(struct helper *helper) {
    struct err err = {0};
    helper->lock = lock_take(helper->request.runtime_directory, helper->request.mount.name, &err);
    if (helper->lock >= 0)
        return true;
    helper_finish_err(
        helper, err.code == EWOULDBLOCK ? HELPER_LOCKED : helper_class_of(err.code, HELPER_CONFIG),
        &err);
    return false;
}

static void perform(struct helper *helper) {
    switch (helper->request.op) {
    case HELPER_MOUNT:
        if (take_lock(helper))
            helper_mount(helper);
        break;
    case HELPER_UNMOUNT:
    case HELPER_FORCE:
    case HELPER_DETACH:
        if (take_lock(helper)) {
            helper_unmount(helper);
            return;
        }
        break;
    case HELPER_RECONNECT:
        reconnect(helper);
        break;
    case HELPER_HOLDERS:
        helper_holders(helper);
        break;
    case HELPER_HARDEN:
        helper_harden(helper);
        break;
    }
    helper_release_lock(helper); /* first: the daemon may start the next one at once */
    helper_send_result(helper);
}

/* The mount table is re-read a moment before the daemon would lose patience. */
static uint64_t end_of(uint32_t timeout_ms) {
    return clock_boot_ms() + timeout_ms - (timeout_ms / 10 < 300 ? timeout_ms / 10 : 300);
}

int helper_main(void) {
    struct helper helper = {.fd = HELPER_FD, .lock = -1, .folder = -1};
    struct wire_in payload;
    uint32_t type = 0;
    os_harden(HELPER_FD);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)umask(022);
    unsigned char *buffer = malloc(WIRE_HEAD + WIRE_FRAME_MAX);
    if (buffer == NULL)
        return EXIT_FAILURE;
    int rc = receive(HELPER_FD, clock_boot_ms() + REQUEST_MS, &type, buffer,
                     WIRE_HEAD + WIRE_FRAME_MAX, &payload);
    if (rc == 0 && type == HELPER_SWEEP) {
        helper_sweep(HELPER_FD, buffer, &payload);
        free(buffer);
        return EXIT_SUCCESS;
    }
    if (rc == 0)
        rc = type == HELPER_REQUEST ? helper_decode_request(&payload, &helper.request) : -EPROTO;
    os_wipe(buffer, WIRE_HEAD + WIRE_FRAME_MAX); /* the login key */
    free(buffer);
    if (rc != 0)
        return EXIT_FAILURE;
    helper.until_ms = end_of(helper.request.timeout_ms);
    perform(&helper);
    helper_release_lock(&helper);
    helper_request_finish(&helper.request);
    return EXIT_SUCCESS;
}
