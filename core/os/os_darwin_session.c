/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* posix_spawn into the audit session that a user's login made. */
#include <bsm/audit.h>
#include <errno.h>
#include <fcntl.h>
#include <libproc.h>
#include <limits.h>
#include <mach/mach.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "os/session.h"

#define PIDS_MAX 4096
#define GET_PROCESS_SESSION 28 /* A_GETPINFO_ADDR, which not every SDK has */

/* Deprecated without a successor for this question. */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
/* The graphic login session of a user, by any of his processes. 0: none. */
static au_asid_t login_session(uid_t uid) {
    static pid_t pids[PIDS_MAX];
    int bytes = proc_listpids(PROC_UID_ONLY, uid, pids, sizeof pids);
    for (int i = 0; i < bytes / (int)sizeof pids[0]; i++) {
        auditpinfo_addr_t info = {.ap_pid = pids[i]};
        if (auditon(GET_PROCESS_SESSION, &info, sizeof info) == 0 &&
            (info.ap_flags & AU_SESSION_FLAG_HAS_GRAPHIC_ACCESS) != 0)
            return info.ap_asid;
    }
    return 0;
}

#pragma clang diagnostic pop

static int keep(posix_spawn_file_actions_t *actions, int from, int to) {
    if (from < 0)
        return 0;
    return from == to ? posix_spawn_file_actions_addinherit_np(actions, from)
                      : posix_spawn_file_actions_adddup2(actions, from, to);
}

static int set_files(posix_spawn_file_actions_t *actions, const struct session_spawn *spawn) {
    int rc = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDWR, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_RDWR, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addinherit_np(actions, 2);
    if (rc == 0)
        rc = keep(actions, spawn->socket, SESSION_FD);
    return rc == 0 ? keep(actions, spawn->lock, SESSION_LOCK_FD) : rc;
}

/* 0 also when there is no such session; session says which one it became. */
static int set_session(posix_spawnattr_t *attributes, uid_t uid, char *session, size_t size) {
    mach_port_name_t port = MACH_PORT_NULL;
    au_asid_t id = uid != 0 ? login_session(uid) : 0;
    if (uid == 0)
        snprintf(session, size, "the daemon's session");
    else if (id == 0)
        snprintf(session, size, "the daemon's session (uid %u is not logged in)", (unsigned)uid);
    if (id == 0)
        return 0;
    if (audit_session_port(id, &port) != 0) {
        snprintf(session, size, "the daemon's session (that of uid %u is closed to it)",
                 (unsigned)uid);
        return 0;
    }
    snprintf(session, size, "login session %u of uid %u", (unsigned)id, (unsigned)uid);
    return posix_spawnattr_setauditsessionport_np(attributes, port);
}

pid_t session_start(const struct session_spawn *spawn, char *session, size_t size) {
    char program[PATH_MAX], word[32], encoding[64];
    char path[] = "PATH=/usr/bin:/bin:/usr/sbin:/sbin", lang[] = "LANG=C.UTF-8";
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    if (!str_copy(program, sizeof program, spawn->program) ||
        !str_copy(word, sizeof word, spawn->word))
        return -ENAMETOOLONG;
    /* Else CoreFoundation looks into the user's home folder, which may be a share. */
    snprintf(encoding, sizeof encoding, "__CF_USER_TEXT_ENCODING=0x%X:0:0", (unsigned)spawn->uid);
    int rc = posix_spawnattr_init(&attributes);
    if (rc != 0)
        return -rc;
    rc = posix_spawn_file_actions_init(&actions);
    if (rc == 0) {
        rc =
            posix_spawnattr_setflags(&attributes, POSIX_SPAWN_CLOEXEC_DEFAULT | POSIX_SPAWN_SETSID);
        if (rc == 0)
            rc = set_session(&attributes, spawn->uid, session, size);
        if (rc == 0)
            rc = set_files(&actions, spawn);
        if (rc == 0)
            rc = posix_spawn(&pid, program, &actions, &attributes, (char *[]){program, word, NULL},
                             (char *[]){path, lang, encoding, NULL});
        posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attributes);
    return rc == 0 ? pid : -rc;
}
