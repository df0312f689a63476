/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The words of the state machine, each once: states, events, reasons, operations, actions. Enums,
 * names, documentation and tests are expansions of these.
 */
#ifndef MACHINE_TABLES_H
#define MACHINE_TABLES_H

/* id, name, meaning */
#define MACHINE_STATES(X)                                                                          \
    X(UNMOUNTED, "unmounted", "nothing of ours is mounted, and nothing is wanted")                 \
    X(MOUNTING, "mounting", "a mount is under way")                                                \
    X(MOUNTED, "mounted", "our mount is there and nothing speaks against it")                      \
    X(RECOVERING, "recovering", "an outage: the recovery chain decides step by step")              \
    X(UNMOUNTING, "unmounting", "an unmount is under way")                                         \
    X(FAILED, "failed", "it cannot be mounted now; the reason tells whether it is tried again")

/* id, name, result (1: ends the operation with its id; 0: comes by itself), meaning */
#define MACHINE_EVENTS(X)                                                                          \
    X(MOUNT_WANTED, "mount-wanted", 0, "start, command or reload: it shall be mounted")            \
    X(UNMOUNT_WANTED, "unmount-wanted", 0, "it shall be unmounted, politely")                      \
    X(FORCE_WANTED, "force-wanted", 0, "it shall be unmounted, whoever uses it")                   \
    X(REMOUNT_WANTED, "remount-wanted", 0, "its definition changed")                               \
    X(MOUNT_OK, "mount-ok", 1, "the mount operation succeeded")                                    \
    X(MOUNT_TRANSIENT, "mount-transient", 1, "it failed in a way that passes")                     \
    X(MOUNT_ABSENT, "mount-absent", 1, "the server has no such share now")                         \
    X(MOUNT_AUTH, "mount-auth", 1, "the server refused the login")                                 \
    X(MOUNT_CONFIG, "mount-config", 1, "it can never work as configured")                          \
    X(MOUNT_FOREIGN, "mount-foreign", 1, "something that is not ours is at the mountpoint")        \
    X(UNMOUNT_OK, "unmount-ok", 1, "the mount table no longer shows our mount")                    \
    X(UNMOUNT_BUSY, "unmount-busy", 1, "files are open there")                                     \
    X(UNMOUNT_FAILED, "unmount-failed", 1, "the unmount failed otherwise")                         \
    X(STEP_OK, "step-ok", 1, "a reconnect or a plugin's call worked")                              \
    X(STEP_FAILED, "step-failed", 1, "a reconnect or a plugin's call did not work")                \
    X(PROBED_HEALTHY, "probed-healthy", 1, "the recovery's probe found it healthy")                \
    X(PROBED_BAD, "probed-bad", 1, "the recovery's probe did not find it healthy")                 \
    X(TABLE_OURS, "table-ours", 0, "the mount table shows our mount")                              \
    X(TABLE_ABSENT, "table-absent", 0, "the mount table shows nothing at the mountpoint")          \
    X(TABLE_FOREIGN, "table-foreign", 0, "the mount table shows something else there")             \
    X(PROBE_HEALTHY, "probe-healthy", 0, "probes: healthy")                                        \
    X(PROBE_SUSPECT, "probe-suspect", 0, "probes: suspect; counts a strike")                       \
    X(PROBE_SLOW, "probe-slow", 0, "probes: slow while data moves; counts no strike")              \
    X(PROBE_BLIND, "probe-blind", 0, "probes: could not look; says nothing")                       \
    X(PROBE_DEAD, "probe-dead", 0, "probes: definitely dead")                                      \
    X(PROBE_DENIED, "probe-denied", 0, "probes: the server refuses the session")                   \
    X(PROBE_GONE, "probe-gone", 0, "probes: the share was removed")                                \
    X(DECIDED_WAIT, "decided-wait", 1, "the chain: wait")                                          \
    X(DECIDED_AWAIT, "decided-await", 1, "the chain: wait for the server")                         \
    X(DECIDED_RECONNECT, "decided-reconnect", 1, "the chain: destroy the stalled connection")      \
    X(DECIDED_PROBE, "decided-probe", 1, "the chain: probe")                                       \
    X(DECIDED_UNMOUNT, "decided-unmount", 1, "the chain: unmount politely")                        \
    X(DECIDED_FORCE, "decided-force", 1, "the chain: force and detach")                            \
    X(DECIDED_DETACH, "decided-detach", 1, "the chain: detach")                                    \
    X(DECIDED_MOUNT, "decided-mount", 1, "the chain: mount")                                       \
    X(DECIDED_CALL, "decided-call", 1, "the chain: call the plugin's own run")                     \
    X(DECIDED_GIVE_UP, "decided-give-up", 1, "the chain: give up, or has nothing more to say")     \
    X(SERVER_ANSWERS, "server-answers", 0, "the server began to answer, or said its first word")   \
    X(LOGIN_WORKS, "login-works", 0,                                                               \
      "the server lets the account in again: another mount said so")                               \
    X(NET_CHANGED, "net-changed", 0, "the network changed")                                        \
    X(WOKE, "woke", 0, "the machine woke from sleep")                                              \
    X(TIMER, "timer", 0, "the due time came")

/* Why the state is what it is. id, name, retry (0 never by itself, 1 soon, 2 slowly), words */
#define MACHINE_REASONS(X)                                                                         \
    X(NONE, "none", 0, "")                                                                         \
    X(STARTED, "started", 0, "asked to be mounted")                                                \
    X(ADOPTED, "adopted", 0, "was mounted already")                                                \
    X(BY_HAND, "by-hand", 0, "unmounted by hand")                                                  \
    X(IDLE, "idle", 0, "unmounted after being idle")                                               \
    X(RELOAD, "reload", 0, "its configuration changed")                                            \
    X(REMOVED, "removed", 0, "it is no longer configured")                                         \
    X(STOPPING, "stopping", 0, "the daemon is stopping")                                           \
    X(VANISHED, "vanished", 1, "it was unmounted, and not by smbmounter")                          \
    X(SUSPECT, "suspect", 1, "it did not answer several times in a row")                           \
    X(DEAD, "dead", 1, "it is dead")                                                               \
    X(DENIED, "denied", 1, "the server no longer accepts our login")                               \
    X(GONE, "gone", 1, "the share was removed on the server")                                      \
    X(RECOVERED, "recovered", 0, "recovered")                                                      \
    X(TRANSIENT, "transient", 1, "the mount failed; it is tried again")                            \
    X(ABSENT, "absent", 2, "the server has no such share; it is tried again from time to time")    \
    X(AUTH, "auth", 0,                                                                             \
      "the server refused the login; not tried again, so that nobody is locked "                   \
      "out")                                                                                       \
    X(CONFIG, "config", 0, "cannot work as configured")                                            \
    X(FOREIGN, "foreign", 0, "something else is mounted there; it is left alone")                  \
    X(BUSY, "busy", 1, "the unmount was refused: files are open there")                            \
    X(GAVE_UP, "gave-up", 1, "the recovery did not work; it is tried again")

/* What can be under way; one at a time. id, name */
#define MACHINE_OPS(X)                                                                             \
    X(NONE, "none")                                                                                \
    X(MOUNT, "mount")                                                                              \
    X(UNMOUNT, "unmount")                                                                          \
    X(RECONNECT, "reconnect")                                                                      \
    X(PROBE, "probe")                                                                              \
    X(DECIDE, "decide")                                                                            \
    X(CALL, "call")

/* What the supervisor is told to do. id, name, op it begins, meaning */
#define MACHINE_ACTIONS(X)                                                                         \
    X(MOUNT, "mount", MOUNT, "check the server, then mount")                                       \
    X(UNMOUNT, "unmount", UNMOUNT, "unmount politely")                                             \
    X(UNMOUNT_FORCE, "unmount-force", UNMOUNT, "abort what is under way and detach")               \
    X(UNMOUNT_DETACH, "unmount-detach", UNMOUNT, "detach")                                         \
    X(UNMOUNT_HARD, "unmount-hard", UNMOUNT, "force or detach, whichever fits the file system")    \
    X(RECONNECT, "reconnect", RECONNECT, "destroy the stalled connection")                         \
    X(RECOVERY_PROBE, "recovery-probe", PROBE, "probe; the answer decides the recovery")           \
    X(DECIDE, "decide", DECIDE, "ask the recovery chain for the next step")                        \
    X(CALL, "call", CALL, "call the deciding plugin's run")                                        \
    X(CANCEL, "cancel", NONE, "end the operation under way, its result is no longer wanted")       \
    X(PROBE, "probe", NONE, "probe soon, outside of the schedule")                                 \
    X(WATCH_SERVER, "watch-server", NONE, "ask the server until it answers")                       \
    X(REFUSE, "refuse", NONE, "the step just decided makes no sense now: note it as failed")

#endif
