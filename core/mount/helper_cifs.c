/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "mount/address.h"
#include "mount/cifs.h"
#include "mount/helper_parts.h"
#include "os/os.h"
#include "os/os_cifs.h"

#define FSCONFIG_VALUE_MAX 255 /* the kernel's limit for one value (facts: security 2, row 5) */
#define DATA_MAX 4096          /* of mount(2) */

struct attempt {
    struct helper *helper;
    bool taken;                /* something came to the mountpoint meanwhile; the result is set */
    struct config_mount mount; /* borrowed, with the user that really logs in */
    struct credentials credentials;
    struct cifs_options options;
    int mountpoint_fd;
    char log[ERR_TEXT_MAX];
};

static int still_free(struct attempt *attempt) {
    attempt->taken = !helper_still_free(attempt->helper);
    return attempt->taken ? -EBUSY : 0;
}

static int by_context(struct attempt *attempt) {
    struct os_mount_option pairs[CIFS_OPTIONS_MAX + 1];
    size_t len = 0;
    for (; len < attempt->options.len; len++) {
        const struct cifs_option *option = &attempt->options.items[len];
        pairs[len] = (struct os_mount_option){option->key, option->flag ? NULL : option->value};
    }
    if (attempt->credentials.password.bytes != NULL)
        pairs[len++] = (struct os_mount_option){"pass", attempt->credentials.password.bytes};
    CLEANUP_CLOSE int mount_fd = -1;
    int rc = os_mount_create("cifs", attempt->mount.source, pairs, len, attempt->options.ms_flags,
                             &mount_fd, attempt->log, sizeof attempt->log);
    if (rc == 0) /* talking to the server took its time */
        rc = still_free(attempt);
    return rc == 0 ? os_mount_attach(mount_fd, attempt->mountpoint_fd) : rc;
}

static int by_data(struct attempt *attempt, struct err *err) {
    struct secret data;
    int rc = secret_alloc(&data, err);
    if (rc != 0)
        return rc;
    size_t size = data.mapped < DATA_MAX ? data.mapped : DATA_MAX;
    rc = cifs_data_string(&attempt->options, &attempt->credentials.password, data.bytes, size, err);
    if (rc == 0)
        rc = still_free(attempt);
    if (rc == 0)
        rc = os_mount_old("cifs", attempt->mount.source, data.bytes, attempt->options.ms_flags,
                          attempt->mountpoint_fd);
    secret_wipe(&data);
    return rc;
}

/* Every key comes from our table, so one that the new way does not know is tried the old way. */
static int call_once(struct attempt *attempt, struct err *err) {
    int rc = -ENOSYS;
    if (attempt->credentials.password.len <= FSCONFIG_VALUE_MAX)
        rc = by_context(attempt);
    bool unknown = rc == -EINVAL && strstr(attempt->log, "nknown parameter") != NULL;
    if (rc == -ENOSYS || unknown)
        rc = by_data(attempt, err);
    return rc;
}

/* Names and passwords are UTF-8 here; without iocharset the kernel takes them for what it was
 * built with. ELIBACC: this kernel has no UTF-8 table. */
static int call_kernel(struct attempt *attempt, struct err *err) {
    struct cifs_options *options = &attempt->options;
    for (size_t i = 0; i < options->len; i++)
        if (strcmp(options->items[i].key, "iocharset") == 0)
            return call_once(attempt, err);
    if (options->len == CIFS_OPTIONS_MAX)
        return call_once(attempt, err);
    options->items[options->len++] = (struct cifs_option){.key = "iocharset", .value = "utf8"};
    int rc = call_once(attempt, err);
    if (rc != -ELIBACC)
        return rc;
    options->len--;
    return call_once(attempt, err);
}

static void explain(struct helper *helper, const struct attempt *attempt, int os_errno,
                    int kernel_log) {
    char status[LOGIN_STATUS_MAX] = CIFS_UNREAD;
    /* Refused logins elsewhere say nothing of this one: as if it could not be read. */
    if (kernel_log >= 0 &&
        !os_kernel_log_status(kernel_log, attempt->mount.server, status, sizeof status))
        (void)str_copy(status, sizeof status, CIFS_UNREAD);
    enum helper_class class = cifs_explain(os_errno, attempt->log, status, &attempt->mount,
                                           helper->result.text, sizeof helper->result.text);
    helper->result.class = class;
    helper->result.os_errno = os_errno;
    helper->result.refusal = cifs_refusal(os_errno, status, &attempt->mount);
    (void)str_copy(helper->result.status, sizeof helper->result.status, status);
}

/* Told before a packet was sent. */
static void explain_leave(struct helper *helper, const struct attempt *attempt,
                          const struct login_leave *leave) {
    helper->result.class =
        cifs_explain_leave(leave, &attempt->mount, helper->result.text, sizeof helper->result.text);
    helper->result.os_errno = leave->os_errno;
    helper->result.refusal = LOGIN_REFUSED_BEFORE;
}

/* What the table shows decides, not what the call returned. */
static void confirm(struct helper *helper, const struct attempt *attempt) {
    struct helper_look look;
    if (helper_look_at(helper, &look) != 0)
        return;
    if (look.presence != MOUNT_OURS) {
        helper_finish(helper, look.presence == MOUNT_FOREIGN ? HELPER_FOREIGN : HELPER_TRANSIENT,
                      EIO, "%s: the kernel mounted it, but the mount table shows %s there",
                      helper->mountpoint, look.presence == MOUNT_FOREIGN ? look.seen : "nothing");
        return;
    }
    helper->result.mount_id = look.id;
    helper->result.device = look.device;
    helper_finish(helper, HELPER_OK, 0, "%s mounted on %s", attempt->mount.source,
                  helper->mountpoint);
}

static void mount_now(struct helper *helper, struct attempt *attempt) {
    struct err err = {0};
    CLEANUP_CLOSE int kernel_log = os_kernel_log_mark();
    int rc = call_kernel(attempt, &err);
    credentials_wipe(&attempt->credentials);
    if (attempt->taken)
        return;
    if (rc == 0)
        confirm(helper, attempt);
    else if (err.code != 0)
        helper_finish_err(helper, helper_class_of(err.code, HELPER_CONFIG), &err);
    else
        explain(helper, attempt, -rc, kernel_log);
}

/* A command may fail because its vault is away: that passes. Else a person must act. */
static bool read_secret(struct helper *helper, struct attempt *attempt) {
    struct err err = {0};
    if (credentials_read(&attempt->mount, 0, &attempt->credentials, &err) == 0)
        return true;
    helper_finish_err(helper, helper_class_of(err.code, HELPER_CONFIG), &err);
    return false;
}

static void mount_with_secret(struct helper *helper, struct attempt *attempt) {
    struct err err = {0};
    struct login_leave leave;
    char user[CONFIG_USER_MAX];
    if (cifs_add_login(&attempt->options, &attempt->mount, &attempt->credentials, &err) != 0) {
        helper_finish_err(helper, helper_class_of(err.code, HELPER_ABSENT), &err);
        return;
    }
    (void)str_copy(user, sizeof user, attempt->credentials.username);
    attempt->mount.username = user;
    helper->result.login = login_number(helper->request.login_key, &attempt->credentials);
    os_wipe(helper->request.login_key, sizeof helper->request.login_key);
    if (helper_await_go(helper, helper->result.address, helper->result.login, &leave) != 0)
        ; /* the result is set */
    else if (leave.refused)
        explain_leave(helper, attempt, &leave);
    else if (helper_still_free(helper))
        mount_now(helper, attempt);
    attempt->mount.username = helper->request.mount.username;
}

void helper_mount_smb(struct helper *helper, int mountpoint_fd) {
    struct err err = {0};
    struct attempt attempt = {
        .helper = helper, .mount = helper->request.mount, .mountpoint_fd = mountpoint_fd};
    if (address_resolve(attempt.mount.server, attempt.mount.port, helper->result.address,
                        sizeof helper->result.address, &err) != 0) {
        helper_finish_err(helper, HELPER_TRANSIENT, &err);
        return;
    }
    if (cifs_build_options(&attempt.mount, helper->result.address, &attempt.options, &err) != 0) {
        helper_finish_err(helper, helper_class_of(err.code, HELPER_ABSENT), &err);
        return;
    }
    if (!read_secret(helper, &attempt))
        return;
    mount_with_secret(helper, &attempt);
    credentials_wipe(&attempt.credentials);
}
