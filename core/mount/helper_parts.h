/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the parts of the mount helper share. */
#ifndef MOUNT_HELPER_PARTS_H
#define MOUNT_HELPER_PARTS_H

#include <stdbool.h>

#include "mount/helper.h"
#include "mount/identity.h"

struct helper {
    int fd;            /* to the daemon */
    int lock;          /* -1: not held */
    uint64_t until_ms; /* boot time at which the request's time is over */
    struct helper_request request;
    struct helper_result result;
    char mountpoint[CONFIG_PATH_MAX]; /* resolved */
    struct mount_owner maker;         /* known with it: who makes such a mount */
    int folder;                       /* the prepared mountpoint; -1: not yet */
    uid_t owner;                      /* of it */
};

/* Set the result. */
void helper_finish(struct helper *helper, enum helper_class class, int os_errno, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));
void helper_finish_err(struct helper *helper, enum helper_class class, const struct err *err);
/* The class of an error of this machine's: CONFIG when a person must act, TRANSIENT when it may
 * pass (no memory, no descriptors, no time); missing for ENOENT, which only the caller can judge.
 */
enum helper_class helper_class_of(int code, enum helper_class missing);
void helper_send_result(const struct helper *helper);
void helper_release_lock(struct helper *helper);

/* Tell the daemon that all is ready, and wait for its leave. 0, or -errno when it does not come. */
int helper_await_go(struct helper *helper, const char *address, uint32_t login,
                    struct login_leave *leave);

/* Look once more, as late as can be: true while nothing is mounted there, and the prepared folder
 * is as it was. Else the result is set: ours is taken over, what is foreign stays. */
bool helper_still_free(struct helper *helper);

/* Read the table and look at the mountpoint. entry is copied without its texts (its ids hold).
 * seen gets "fstype SOURCE" of what is there, escaped. 0 or -errno with the result set. */
struct helper_look {
    enum mount_presence presence;
    uint64_t id, device;
    bool nosuid, nodev;
    char seen[256];
};
int helper_look_at(struct helper *helper, struct helper_look *look);

void helper_mount(struct helper *helper);
/* The platform's SMB client: cifs on Linux, NetFS on macOS. */
void helper_mount_smb(struct helper *helper, int mountpoint_fd);
void helper_mount_command(struct helper *helper);
/* Sends its result itself, before it lingers. */
void helper_unmount(struct helper *helper);
/* The operation of that name: sets the result. */
void helper_holders(struct helper *helper);
void helper_harden(struct helper *helper);
/* Set the result: the mount is in use, and by whom. False, and nothing is set, if nobody is seen
 * and seen_only. */
bool helper_report_busy(struct helper *helper, const struct helper_look *look, bool seen_only);
/* After the result: tell who held the mount that has left, as it was noted before. */
void helper_send_victims(const struct helper *helper, const struct os_held *held);

/* Unmount this one and those that follow, each plainly and only if it is what the daemon saw.
 * buffer holds a frame of any size. */
void helper_sweep(int fd, unsigned char *buffer, struct wire_in *payload);

/* PATH, LANG and the mount's name and place for a command; freed with helper_env_free. */
char **helper_env(const struct helper *helper);
void helper_env_free(char **env);

#endif
