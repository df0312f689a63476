/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The process that asks NetFS: it becomes the local user for good, calls, and answers once. */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "mount/netfs.h"
#include "os/os.h"
#include "os/session.h"

#define LIFE_S 90 /* a call that hangs longer keeps the mount's lock for nothing */

#ifdef __APPLE__
#define GROUP int /* what its initgroups takes */
#else
#define GROUP gid_t
#endif

enum frame { FRAME_REQUEST = 1, FRAME_ANSWER = 2 };

size_t netfs_encode_request(const struct netfs_request *request, void *buffer, size_t size) {
    struct wire_out w;
    wire_begin(&w, buffer, size, FRAME_REQUEST);
    wire_put_str(&w, request->url);
    wire_put_str(&w, request->mountpoint);
    wire_put_str(&w, request->user);
    wire_put_u32(&w, request->password == NULL);
    wire_put_str(&w, request->password);
    wire_put_str(&w, request->local_user);
    wire_put_u32(&w, request->uid);
    wire_put_u32(&w, request->gid);
    wire_put_u32(&w, request->flags);
    return wire_end(&w);
}

int netfs_decode_request(struct wire_in *payload, struct netfs_request *request) {
    request->url = wire_get_str(payload);
    request->mountpoint = wire_get_str(payload);
    request->user = wire_get_str(payload);
    bool guest = wire_get_u32(payload) != 0;
    request->password = wire_get_str(payload);
    if (guest)
        request->password = NULL;
    request->local_user = wire_get_str(payload);
    request->uid = wire_get_u32(payload);
    request->gid = wire_get_u32(payload);
    request->flags = wire_get_u32(payload);
    return wire_done(payload) ? 0 : -EPROTO;
}

size_t netfs_encode_answer(const struct netfs_answer *answer, void *buffer, size_t size) {
    struct wire_out w;
    wire_begin(&w, buffer, size, FRAME_ANSWER);
    wire_put_u32(&w, (uint32_t)answer->code);
    wire_put_u32(&w, (uint32_t)answer->drop);
    wire_put_str(&w, answer->path);
    return wire_end(&w);
}

int netfs_decode_answer(struct wire_in *payload, struct netfs_answer *answer) {
    answer->code = (int32_t)wire_get_u32(payload);
    answer->drop = (int32_t)wire_get_u32(payload);
    bool fits = str_copy(answer->path, sizeof answer->path, wire_get_str(payload));
    return fits && wire_done(payload) ? 0 : -EPROTO;
}

/* Groups first, while that is still allowed; then it is tried whether the way back is closed. */
static int become(const struct netfs_request *request) {
    uid_t uid = request->uid;
    gid_t gid = request->gid;
    if (uid == 0)
        return 0;
    if (setgid(gid) != 0 || initgroups(request->local_user, (GROUP)gid) != 0 || setgid(gid) != 0 ||
        setuid(uid) != 0)
        return errno;
    if (getuid() != uid || geteuid() != uid || getgid() != gid || getegid() != gid ||
        setuid(0) == 0 || seteuid(0) == 0)
        return EPERM;
    return 0;
}

static void perform(const struct netfs_request *request, struct netfs_answer *answer) {
    answer->drop = become(request);
    if (answer->drop == 0)
        answer->code = netfs_call(request, answer->path, sizeof answer->path);
}

int netfs_worker_main(void) {
    struct secret buffer;
    struct netfs_request request;
    struct netfs_answer answer = {0};
    struct wire_in payload;
    unsigned char frame[CONFIG_PATH_MAX + 64];
    uint32_t type = 0;
    os_harden(SESSION_LOCK_FD);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)umask(022);
    if (chdir("/") != 0 || secret_alloc(&buffer, NULL) != 0)
        return EXIT_FAILURE;
    (void)alarm(LIFE_S);
    int rc = wire_read(SESSION_FD, buffer.bytes, buffer.mapped, &type, &payload);
    if (rc == 0)
        rc = type == FRAME_REQUEST ? netfs_decode_request(&payload, &request) : -EPROTO;
    if (rc == 0)
        perform(&request, &answer);
    secret_wipe(&buffer);
    if (rc != 0)
        return EXIT_FAILURE;
    rc = wire_write(SESSION_FD, frame, netfs_encode_answer(&answer, frame, sizeof frame));
    return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
