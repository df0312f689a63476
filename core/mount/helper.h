/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The mount helper: one process for one mount or unmount, and the only one that sees a password.
 * The daemon runs "smbmounter mount-helper" with a socket as fd 3 and nothing else: request in,
 * frames out. It holds NAME.lock in the runtime folder for as long as a mount could still come out
 * of it, so a daemon that was killed and started again cannot mount twice.
 *
 *   daemon -> REQUEST                 helper -> READY (name resolved, secret read; wants the slot)
 *   daemon -> GO (slot granted)       helper -> RESULT, then it ends
 *                                     helper -> VICTIMS, after an unmount that took by surprise
 *
 * READY names the login by its number (mount/login.h). GO says whether the server has refused it
 * by now; then it is not tried again, so that five mounts of an account are one failed login.
 *
 * At the daemon's end there may be thousands to unmount: one helper gets SWEEP frames instead,
 * until the socket closes. It says nothing: what the table still shows gets a helper of its own.
 *
 * Unmounts need no slot: RESULT comes as soon as the mount table shows the mount gone, although
 * the system call may still hang in its goodbye to a dead server (facts/linux-cifs.md 4); the
 * helper then gives up the lock, finds who was using what it forced or detached (nobody shall wait
 * for that), waits linger_ms, kills its worker and ends.
 */
#ifndef MOUNT_HELPER_H
#define MOUNT_HELPER_H

#include <stdint.h>

#include "base/err.h"
#include "base/wire.h"
#include "config/config.h"
#include "mount/login.h"
#include "os/holders.h"

#define HELPER_FD 3
#define HELPER_REQUEST 1u
#define HELPER_READY 2u
#define HELPER_GO 3u
#define HELPER_RESULT 4u
#define HELPER_SWEEP 5u
#define HELPER_VICTIMS 6u

enum helper_op {
    HELPER_MOUNT = 1,
    HELPER_UNMOUNT = 2, /* plain */
    HELPER_FORCE = 3,   /* force and detach: FUSE and the like */
    HELPER_DETACH = 4,
    HELPER_RECONNECT = 5, /* SOCK_DESTROY of stalled sockets to address:port */
    HELPER_HOLDERS = 6,   /* who has files open on mount id: idle check, and for incidents */
    HELPER_HARDEN = 7,    /* set nosuid and nodev on mount id, which lacks one of them */
};

/* The class of a failure decides what happens next: id, name, retries by itself. */
#define HELPER_CLASSES(X)                                                                          \
    X(OK, "ok", 0)                                                                                 \
    X(AUTH, "auth", 0)                                                                             \
    X(CONFIG, "config", 0)                                                                         \
    X(ABSENT, "absent", 1) /* no such share: retried slowly, a NAS disk may come late */           \
    X(TRANSIENT, "transient", 1)                                                                   \
    X(BUSY, "busy", 0)       /* unmount: in use */                                                 \
    X(FOREIGN, "foreign", 0) /* something that is not ours is there */                             \
    X(LOCKED, "locked", 1)   /* an earlier helper is still at work */                              \
    X(NOTHING, "nothing", 0) /* reconnect: no stalled connection; unmount: was not mounted */

enum helper_class {
#define X(id, name, retries) HELPER_##id,
    HELPER_CLASSES(X)
#undef X
        HELPER_CLASS_COUNT
};
const char *helper_class_name(enum helper_class c);

struct helper_request {
    enum helper_op op;
    struct config_mount mount; /* the parts that the operation needs */
    char runtime_directory[CONFIG_PATH_MAX];
    uint32_t timeout_ms;       /* for the whole operation, after which the daemon kills it */
    uint32_t linger_ms;        /* unmount: how long the worker may hang after success */
    uint64_t mount_id, device; /* unmount, holders, harden: the verified identity */
    char address[64];          /* reconnect: numeric */
    unsigned char login_key[SIPHASH_KEY];
};

struct helper_result {
    enum helper_class class;
    int32_t os_errno;
    uint64_t mount_id, device; /* mount: what was made */
    bool bare;                 /* mount: nosuid and nodev could not be set; text says why */
    char address[64];          /* mount: the numeric address used */
    char session[96];          /* mount, macOS: whose login session it was made in */
    uint32_t holders, writers; /* holders, busy: processes; with files open for writing */
    uint32_t destroyed;        /* reconnect: sockets */
    uint32_t login;            /* mount: its number; 0: none */
    enum login_refusal refusal;
    char status[LOGIN_STATUS_MAX]; /* refusal: in the server's word; "" unknown */
    char text[ERR_TEXT_MAX];       /* what happened: one line, with hint, no secret */
    char detail[ERR_TEXT_MAX];     /* holders, busy: "smbd[812], vim[4411] (writing)" */
};

/* Frames. encode: the length or 0; decode: 0 or -EPROTO. Finish a decoded request. */
size_t helper_encode_request(const struct helper_request *request, void *buffer, size_t size);
int helper_decode_request(struct wire_in *payload, struct helper_request *request);
void helper_request_finish(struct helper_request *request);
size_t helper_encode_result(const struct helper_result *result, void *buffer, size_t size);
int helper_decode_result(struct wire_in *payload, struct helper_result *result);
size_t helper_encode_victims(const struct os_holders *victims, void *buffer, size_t size);
int helper_decode_victims(struct wire_in *payload, struct os_holders *victims);

/* One mount of a sweep; texts are copied or point into the payload. */
struct helper_sweep {
    const char *directory, *name, *mountpoint;
    uint64_t mount_id, device;
};
size_t helper_encode_sweep(const struct helper_sweep *sweep, void *buffer, size_t size);
int helper_decode_sweep(struct wire_in *payload, struct helper_sweep *sweep);

/* The program: reads the request from HELPER_FD, does it, reports. Returns the exit status. */
int helper_main(void);

#endif
