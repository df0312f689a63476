/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The cells of the state table: one verb each, and where it may lead. Private to core/machine. */
#ifndef MACHINE_HANDLERS_H
#define MACHINE_HANDLERS_H

#include "machine/machine.h"

/* What a handler works on: the machine, changed in place, and the actions so far. */
struct work {
    const struct machine_policy *policy;
    struct machine *machine;
    const struct machine_event *event;
    struct machine_out *out;
    uint64_t now_ms;
};

#define TO(state) (1u << MACHINE_##state)
/* A recovery whose wishes or mount table changed meanwhile. */
#define TO_ELSEWHERE (TO(UNMOUNTED) | TO(FAILED) | TO(UNMOUNTING))

/* name, states it may lead to beside the one it is in, what it does */
#define MACHINE_HANDLERS(H)                                                                        \
    H(stay, 0, "nothing to do")                                                                    \
    H(start, TO(MOUNTING) | TO(FAILED), "mount, or name what is in the way")                       \
    H(keep_down, 0, "note that nothing is wanted")                                                 \
    H(appear, TO(MOUNTED) | TO(UNMOUNTING), "adopt our mount, or undo one that came too late")     \
    H(want, 0, "note that it shall be mounted")                                                    \
    H(abandon, 0, "note that it shall not be mounted, end the mount under way")                    \
    H(restart, 0, "note the new definition, end the mount under way")                              \
    H(mounted, TO(MOUNTED) | TO(UNMOUNTING), "it is mounted: probe it, or take it down again")     \
    H(mount_failed, TO(UNMOUNTED) | TO(MOUNTING) | TO(MOUNTED) | TO(UNMOUNTING) | TO(FAILED),      \
      "settle where the failure and the wishes lead")                                              \
    H(take_down, TO(UNMOUNTING), "unmount")                                                        \
    H(vanish, TO(RECOVERING), "our mount was taken away: mount it again at once")                  \
    H(cover, TO(FAILED), "something else is on top: hands off")                                    \
    H(healthy, 0, "forget the strikes")                                                            \
    H(strike, TO(RECOVERING) | TO(UNMOUNTING), "count a strike; enough of them are an outage")     \
    H(start_afresh, 0, "forget the strikes, probe at once")                                        \
    H(look_again, 0, "probe soon")                                                                 \
    H(fail_dead, TO(RECOVERING) | TO(UNMOUNTING), "begin the recovery: dead")                      \
    H(fail_denied, TO(RECOVERING) | TO(UNMOUNTING), "begin the recovery: the session is refused")  \
    H(fail_gone, TO(RECOVERING) | TO(UNMOUNTING), "begin the recovery: the share is gone")         \
    H(tick_mounted, TO(UNMOUNTING), "probe, or try a postponed unmount again")                     \
    H(hurry, TO(FAILED), "do not wait any longer")                                                 \
    H(stop_recovery, TO(UNMOUNTED) | TO(UNMOUNTING), "leave the recovery and go down")             \
    H(redefine, TO(UNMOUNTING) | TO(FAILED), "leave the recovery for the new definition")          \
    H(mount_again, TO(UNMOUNTED) | TO(FAILED) | TO(UNMOUNTING), "next attempt")                    \
    H(next_step, TO(UNMOUNTED) | TO(FAILED) | TO(UNMOUNTING), "ask the chain for the next step")   \
    H(recovered, TO(MOUNTED) | TO_ELSEWHERE, "the outage is over")                                 \
    H(note_table, TO(FAILED), "take the mount table into account")                                 \
    H(wait, TO_ELSEWHERE, "wait as long as the plugin said")                                       \
    H(await_server, TO_ELSEWHERE, "wait until the server answers")                                 \
    H(do_reconnect, TO_ELSEWHERE, "destroy the stalled connection")                                \
    H(do_probe, TO_ELSEWHERE, "probe")                                                             \
    H(do_unmount, TO_ELSEWHERE, "unmount politely")                                                \
    H(do_force, TO_ELSEWHERE, "force and detach")                                                  \
    H(do_detach, TO_ELSEWHERE, "detach")                                                           \
    H(do_mount, TO_ELSEWHERE, "mount, unless something is there")                                  \
    H(do_call, TO_ELSEWHERE, "let the plugin act")                                                 \
    H(give_up, TO(FAILED) | TO(UNMOUNTED) | TO(UNMOUNTING), "fail, and try again later")           \
    H(server_back, TO(FAILED), "go on if it was this we waited for")                               \
    H(unmounted, TO(UNMOUNTED) | TO(MOUNTING), "it is down: stay, or mount again")                 \
    H(not_unmounted, TO(MOUNTED) | TO(UNMOUNTED) | TO(MOUNTING) | TO(FAILED),                      \
      "still there: force if asked to, else it stays mounted")                                     \
    H(remember_force, 0, "note that it shall go down whoever uses it")                             \
    H(remember_remount, 0, "note that it shall be mounted again")                                  \
    H(retry, TO(MOUNTING) | TO(RECOVERING) | TO(UNMOUNTING),                                       \
      "try again, as far as it may be tried")                                                      \
    H(retry_soon, TO(MOUNTING) | TO(RECOVERING), "try again now if it is a passing failure")       \
    H(retry_login, TO(MOUNTING), "try again now if the login was refused")                         \
    H(leave, TO(UNMOUNTED) | TO(UNMOUNTING), "take down what is there")                            \
    H(clear, TO(MOUNTING), "the mountpoint is free again")                                         \
    H(come_back, TO(MOUNTED), "it is healthy after all")

enum machine_handler {
#define H(name, targets, meaning) HANDLER_##name,
    MACHINE_HANDLERS(H)
#undef H
        HANDLER_COUNT
};

#define H(name, targets, meaning) void handler_##name(struct work *w);
MACHINE_HANDLERS(H)
#undef H

#endif
