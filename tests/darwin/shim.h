/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * A Mac made up for tests: as much of CoreFoundation, NetFS, the keychain and the kernel as the
 * darwin sources use, told by the test what to answer. It lives in memory that the worker shares.
 */
#ifndef TESTS_DARWIN_SHIM_H
#define TESTS_DARWIN_SHIM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/darwin.h"

#define MAC_MOUNTS 8
#define MAC_ITEMS 4

/* What one call of NetFSMountURLSync was given. */
struct mac_call {
    char url[2600], mountpoint[1024], user[512], password[256];
    bool no_ui, loopback, new_session, no_preferences, guest, soft, at_dir, mount_no_ui;
    bool mount_new_session;
    int flags;
    uid_t uid, euid;
    gid_t gid, groups[64];
    int groups_len;
    bool can_return; /* to root */
};

struct mac_item {
    bool there, foreign; /* foreign: made by another program, its password is not given */
    char server[256], account[256], label[128], password[256];
};

struct mac {
    /* NetFS: codes[i] for the i-th call, the last one for all that follow; what it mounts */
    int codes[8], codes_len, calls;
    unsigned takes_ms;
    const char *other_place; /* NULL: where it was asked to */
    struct mac_call last;
    /* the keychain */
    int keychain_status; /* of every call, 0 for none */
    struct mac_item items[MAC_ITEMS];
    bool asked_on_screen; /* allowed to */
    int access_lists;     /* made */
    bool leaked;          /* a password was given back unwiped */
    /* the kernel */
    struct darwin_mount mounts[MAC_MOUNTS];
    int mounts_len;
    uint64_t next_id;
    int unmount_code, unmount_id_code; /* 0: it works */
    unsigned unmounts, unmounts_plain, unmounts_by_id, unmounts_at_once, most_at_once;
    unsigned unmount_takes_ms;
    /* sessions */
    unsigned sessions;
    uid_t session_uid;
    bool asked_for_holders; /* which may wait for the server */
    bool logged_in;
};
extern struct mac *mac;

/* A fresh one. */
void mac_reset(void);

/* Something is mounted at a path; its fsid. */
uint64_t mac_mount(const char *fstype, const char *source, const char *path, uint32_t owner);

/* Objects that nobody released, and releases of what was gone. */
extern int shim_live, shim_over_released;

#endif
