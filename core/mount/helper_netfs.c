/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Mounting by NetFS. The call itself is made by a worker of its own, which may hang in it for
 * minutes: it holds the lock for as long as a mount could still come out of it, and what comes late
 * is seen in the mount table and taken over.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "mount/accounts.h"
#include "mount/address.h"
#include "mount/helper_parts.h"
#include "mount/netfs.h"
#include "mount/process.h"
#include "os/os.h"
#include "os/session.h"

#define CALL_MS 40000 /* a name that Bonjour must find takes up to 30 s */
#define PAUSE_MS 1000
#define INTERNAL_ERROR (-6600) /* several things, a wrong password among them */
#define MOUNT_FAILED (-6602)

struct attempt {
    struct helper *helper;
    struct config_mount mount; /* borrowed, with the user that really logs in */
    struct credentials credentials;
    struct netfs_request request;
    char url[NETFS_URL_MAX];
    char user[CONFIG_USER_MAX * 2 + 1];
    uint64_t until_ms;
};

/* DOMAIN\\user or domain in a key of its own: the URL wants them apart, the call together. */
static int set_user(struct attempt *attempt, struct err *err) {
    const struct credentials *c = &attempt->credentials;
    char domain[CONFIG_USER_MAX];
    const char *user = c->username, *backslash = strchr(user, '\\');
    (void)str_copy(domain, sizeof domain, c->domain);
    if (backslash != NULL) {
        snprintf(domain, sizeof domain, "%.*s", (int)(backslash - user), user);
        user = backslash + 1;
    }
    if (user[0] == '\0' && attempt->mount.credential != CONFIG_CREDENTIAL_GUEST)
        return err_set(err, EINVAL, "no username: add 'username:' to mount '%s'",
                       attempt->mount.name);
    if (c->password.len > NETFS_NAME_MAX)
        return err_set(err, ENAMETOOLONG,
                       "the password is longer than the %d bytes that macOS takes", NETFS_NAME_MAX);
    snprintf(attempt->user, sizeof attempt->user, "%s%s%s", domain, domain[0] != '\0' ? "\\" : "",
             user);
    return netfs_url(&attempt->mount, user, domain, attempt->url, sizeof attempt->url, err);
}

/* Asks the database of users, whose modules may be anybody's code: before a password is read. */
static int set_owner(struct attempt *attempt, struct err *err) {
    uid_t uid = 0;
    gid_t gid = 0;
    if (attempt->mount.local_user[0] != '\0' &&
        accounts_user(attempt->mount.local_user, &uid, &gid, err) != 0)
        return err_wrap(err, "local_user");
    attempt->request.uid = (uint32_t)uid;
    attempt->request.gid = (uint32_t)gid;
    return 0;
}

static int set_request(struct attempt *attempt, struct err *err) {
    struct netfs_request *request = &attempt->request;
    int rc = set_user(attempt, err);
    if (rc == 0)
        rc = netfs_flags(&attempt->mount, &request->flags, err);
    request->url = attempt->url;
    request->mountpoint = attempt->helper->mountpoint;
    request->user = attempt->user;
    request->password = attempt->credentials.password.bytes;
    request->local_user = attempt->mount.local_user;
    return rc;
}

/* The frame holds the password: locked and wiped like it. */
static int send_request(const struct attempt *attempt, int socket) {
    struct secret frame;
    int rc = secret_alloc(&frame, NULL);
    if (rc != 0)
        return rc;
    size_t len = netfs_encode_request(&attempt->request, frame.bytes, frame.mapped);
    rc = len > 0 ? wire_write(socket, frame.bytes, len) : -E2BIG;
    secret_wipe(&frame);
    return rc;
}

static pid_t start_worker(struct attempt *attempt, int *socket, struct err *err) {
    char self[CONFIG_PATH_MAX];
    int ends[2];
    struct helper *helper = attempt->helper;
    int rc = os_self_path(self, sizeof self);
    if (rc == 0)
        rc = os_socketpair(ends);
    if (rc != 0)
        return err_sys(err, -rc, "the process that mounts cannot be started");
    struct session_spawn spawn = {.program = self,
                                  .word = "netfs-worker",
                                  .socket = ends[1],
                                  .lock = helper->lock,
                                  .uid = attempt->request.uid};
    pid_t pid = session_start(&spawn, helper->result.session, sizeof helper->result.session);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return err_sys(err, (int)-pid, "the process that mounts cannot be started");
    }
    *socket = ends[0];
    return pid;
}

static int await(int socket, uint64_t until_ms, struct netfs_answer *answer) {
    unsigned char frame[CONFIG_PATH_MAX + 64];
    struct pollfd p = {.fd = socket, .events = POLLIN};
    struct wire_in payload;
    uint32_t type;
    int ready;
    do
        ready = poll(&p, 1, process_timeout(until_ms));
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return ready == 0 ? -ETIMEDOUT : -errno;
    int rc = wire_read(socket, frame, sizeof frame, &type, &payload);
    return rc == 0 ? netfs_decode_answer(&payload, answer) : rc;
}

/* One call: 0 with its answer. A late one goes on by itself. */
static int call_once(struct attempt *attempt, struct netfs_answer *answer, struct err *err) {
    int fd = -1, status;
    pid_t pid = start_worker(attempt, &fd, err);
    CLEANUP_CLOSE int socket = fd;
    if (pid < 0)
        return (int)pid;
    int rc = send_request(attempt, socket);
    if (rc == 0)
        rc = await(socket, attempt->until_ms, answer);
    if (rc == -ETIMEDOUT)
        return err_set(err, ETIMEDOUT,
                       "macOS has not answered for %d s. Its attempt goes on, and what it mounts "
                       "late is taken over",
                       CALL_MS / 1000);
    (void)process_wait(pid, clock_boot_ms() + PAUSE_MS, &status);
    if (rc != 0)
        return err_sys(err, -rc, "the process that mounts ended without an answer");
    if (answer->drop != 0)
        return err_sys(err, answer->drop, "cannot become user '%s'", attempt->mount.local_user);
    return 0;
}

/* Codes that mean several things are tried again before a person is called. */
static unsigned tries_of(int code) {
    return code == INTERNAL_ERROR ? 3 : code == MOUNT_FAILED ? 2 : 1;
}

static int call(struct attempt *attempt, struct netfs_answer *answer, struct err *err) {
    for (unsigned tries = 1;; tries++) {
        int rc = call_once(attempt, answer, err);
        if (rc != 0 || tries >= tries_of(answer->code) ||
            clock_boot_ms() + PAUSE_MS >= attempt->until_ms)
            return rc;
        (void)poll(NULL, 0, PAUSE_MS);
    }
}

/* At another place than ours nothing may stay: Finder's "/Volumes/name-1" is made so. */
static void undo(struct helper *helper, const char *path) {
    uint64_t id, device;
    int rc = os_mount_id_at(path, &id, &device);
    if (rc == 0)
        rc = os_unmount(path, id, true, false);
    helper_finish(helper, HELPER_CONFIG, EEXIST, "macOS mounted it on %.300s instead of %.300s; %s",
                  path, helper->mountpoint, rc == 0 ? "that was undone" : "unmount that by hand");
}

static void confirm(struct helper *helper, const struct attempt *attempt, const char *path) {
    struct helper_look look;
    if (path[0] == '/' && strcmp(os_plain_path(path), os_plain_path(helper->mountpoint)) != 0) {
        undo(helper, path);
        return;
    }
    if (helper_look_at(helper, &look) != 0)
        return;
    if (look.presence != MOUNT_OURS) {
        helper_finish(helper, look.presence == MOUNT_FOREIGN ? HELPER_FOREIGN : HELPER_TRANSIENT,
                      EIO, "%s: macOS says it is mounted, but the mount table shows %s there",
                      helper->mountpoint, look.presence == MOUNT_FOREIGN ? look.seen : "nothing");
        return;
    }
    helper->result.mount_id = look.id;
    helper->result.device = look.device;
    helper_finish(helper, HELPER_OK, 0, "%s mounted on %s, in %s", attempt->mount.source,
                  helper->mountpoint, helper->result.session);
}

static void explain(struct helper *helper, const struct attempt *attempt, int code) {
    helper->result.class =
        netfs_explain(code, NULL, &attempt->mount, helper->result.text, sizeof helper->result.text);
    helper->result.os_errno = code;
    helper->result.refusal = netfs_refusal(code, &attempt->mount);
}

/* Told before a packet was sent. */
static void explain_leave(struct helper *helper, const struct attempt *attempt,
                          const struct login_leave *leave) {
    helper->result.class = netfs_explain(leave->os_errno, leave->mount, &attempt->mount,
                                         helper->result.text, sizeof helper->result.text);
    helper->result.os_errno = leave->os_errno;
    helper->result.refusal = LOGIN_REFUSED_BEFORE;
}

static void mount_now(struct helper *helper, struct attempt *attempt) {
    struct err err = {0};
    struct netfs_answer answer = {0};
    attempt->until_ms = clock_boot_ms() + CALL_MS;
    if (attempt->until_ms > helper->until_ms)
        attempt->until_ms = helper->until_ms;
    int rc = call(attempt, &answer, &err);
    credentials_wipe(&attempt->credentials);
    if (rc != 0) {
        helper_finish_err(helper, helper_class_of(err.code, HELPER_CONFIG), &err);
    } else if (answer.code == 0) {
        confirm(helper, attempt, answer.path);
    } else {
        explain(helper, attempt, answer.code);
    }
}

/* What the keychain refuses is a matter of login; what is not stored, of configuration. */
static bool read_secret(struct helper *helper, struct attempt *attempt) {
    struct err err = {0};
    if (credentials_read(&attempt->mount, 0, &attempt->credentials, &err) == 0)
        return true;
    bool refused = attempt->mount.credential == CONFIG_CREDENTIAL_KEYCHAIN && err.code == EACCES;
    helper_finish_err(helper, refused ? HELPER_AUTH : helper_class_of(err.code, HELPER_CONFIG),
                      &err);
    return false;
}

void helper_mount_smb(struct helper *helper, int mountpoint_fd) {
    struct err err = {0};
    struct attempt attempt = {.helper = helper, .mount = helper->request.mount};
    struct login_leave leave;
    char user[CONFIG_USER_MAX];
    (void)mountpoint_fd; /* NetFS takes a path; that it was this folder is checked afterwards */
    /* Only for the probes, who ask an address: NetFS finds the server by itself. */
    (void)address_resolve(attempt.mount.server, attempt.mount.port, helper->result.address,
                          sizeof helper->result.address, NULL);
    if (set_owner(&attempt, &err) != 0) {
        helper_finish_err(helper, helper_class_of(err.code, HELPER_CONFIG), &err);
        return;
    }
    if (!read_secret(helper, &attempt))
        return;
    (void)str_copy(user, sizeof user, attempt.credentials.username);
    attempt.mount.username = user;
    helper->result.login = login_number(helper->request.login_key, &attempt.credentials);
    os_wipe(helper->request.login_key, sizeof helper->request.login_key);
    if (set_request(&attempt, &err) != 0)
        helper_finish_err(helper, helper_class_of(err.code, HELPER_CONFIG), &err);
    else if (helper_await_go(helper, helper->result.address, helper->result.login, &leave) != 0)
        ; /* the result is set */
    else if (leave.refused)
        explain_leave(helper, &attempt, &leave);
    else if (helper_still_free(helper))
        mount_now(helper, &attempt);
    credentials_wipe(&attempt.credentials);
}
