/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A gap of time is explained: what was waited for. */
#include <criterion/criterion.h>

#include <smbmounter/plugin.h>

#include "story_rig.h"

#define WAITS(at, plugin, reason)                                                                  \
    { T0 + (at), SMBM_STEP_WAIT, EVENT_STEP, plugin ": wait: " reason }
#define LOOKS(at)                                                                                  \
    { T0 + (at), SMBM_STEP_PROBE, EVENT_STEP, "await-server: probe: is it back?" }
#define STALE                                                                                      \
    { T0, 1, EVENT_INCIDENT, "stale" }
#define BACK(at)                                                                                   \
    { T0 + (at), at, EVENT_RECOVERED, "nothing was unmounted" }

Test(story_wait, the_whole_of_its_slices_is_told_once, .init = utc) {
    static const struct event events[] = {
        STALE,
        WAITS(1000, "await-server", "the kernel may still heal it"),
        LOOKS(2000),
        {T0 + 2100, 100, EVENT_STEP_DONE, "failed: no answer"},
        WAITS(2100, "await-server", "the kernel may still heal it"),
        LOOKS(4000),
        {T0 + 6000, SMBM_STEP_DETACH, EVENT_STEP, "force-unmount-remount: detach: it is dead"},
        {T0 + 6100, 100, EVENT_STEP_DONE, "ok"},
        {T0 + 7000, 7000, EVENT_RECOVERED, "mounted again"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "From 14:03:10 on smbmounter waited 5.0 s (the kernel may still heal it).",
           "At 14:03:15 smbmounter took the share off its mountpoint (it is dead); it took 100 ms.",
           "At 14:03:16 the share was usable again. The outage took 7.0 s; the share was unmounted "
           "and mounted again.");
}

Test(story_wait, a_short_one_is_not_worth_a_line, .init = utc) {
    static const struct event events[] = {
        STALE, WAITS(1000, "await-server", "the kernel may still heal it"), LOOKS(2000),
        BACK(2900)};
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "At 14:03:11 the share was usable again. The outage took 2.9 s; nothing was unmounted.");
}

/* Before what was waited for then; an answer that brought the share back explains the wait. */
Test(story_wait, the_answer_is_told_first, .init = utc) {
    static const struct event events[] = {
        STALE,
        {T0 + 10, 0, EVENT_SERVER, "refused: port 445 is closed"},
        {T0 + 20, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: await: it does not answer"},
        {T0 + 3000, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        WAITS(3000, "await-server", "the kernel may still heal it"),
        {T0 + 6000, SMBM_STEP_DETACH, EVENT_STEP, "force-unmount-remount: detach: it is dead"},
        {T0 + 6100, 100, EVENT_STEP_DONE, "ok"},
        {T0 + 7000, 7000, EVENT_RECOVERED, "mounted again"},
        {T0 + 20000, 2, EVENT_INCIDENT, "stale"},
        {T0 + 20010, 0, EVENT_SERVER, "refused: port 445 is closed"},
        {T0 + 20020, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: await: it does not answer"},
        {T0 + 23000, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        WAITS(23000, "await-server", "the kernel may still heal it"),
        {T0 + 27000, 7000, EVENT_RECOVERED, "nothing was unmounted"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "At 14:03:09 the server did not answer (port closed), so the mount and its open files "
           "were left alone.",
           "At 14:03:12 nas.local answered again.",
           "From 14:03:12 on smbmounter waited 3.0 s (the kernel may still heal it).",
           "At 14:03:15 smbmounter took the share off its mountpoint (it is dead); it took 100 ms.",
           "At 14:03:16 the share was usable again. The outage took 7.0 s; the share was unmounted "
           "and mounted again.",
           "At 14:03:29 media was no longer usable: stale.",
           "At 14:03:29 the server did not answer (port closed), so the mount and its open files "
           "were left alone.",
           "At 14:03:32 nas.local answered again; the share was usable 4.0 s later. The outage "
           "took 7.0 s; nothing was unmounted.");
}

/* The night that a laptop sleeps through is no wait. */
Test(story_wait, sleep_is_not_counted, .init = utc) {
    static const struct event events[] = {
        STALE,
        WAITS(1000, "await-server", "the kernel may still heal it"),
        {T0 + 3600000, 3597000, EVENT_NETWORK, "the machine woke after a sleep of 1 h"},
        {T0 + 3601000, SMBM_STEP_DETACH, EVENT_STEP, "force-unmount-remount: detach: it is dead"},
        {T0 + 3601100, 100, EVENT_STEP_DONE, "ok"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "From 14:03:10 on smbmounter waited 3.0 s (the kernel may still heal it).",
           "At 15:03:09 the machine woke after a sleep of 1 h.",
           "At 15:03:10 smbmounter took the share off its mountpoint (it is dead); it took 100 ms.",
           "The outage goes on, for 1 h 0 min so far.");
}

Test(story_wait, every_plugin_has_its_own, .init = utc) {
    static const struct event events[] = {
        STALE,       WAITS(1000, "await-server", "the kernel may still heal it"),
        LOOKS(4000), WAITS(4100, "reconnect", "the kernel connects anew"),
        BACK(7000),
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "From 14:03:10 on smbmounter waited 3.1 s (the kernel may still heal it).",
           "From 14:03:13 on smbmounter waited 2.9 s (the kernel connects anew).",
           "At 14:03:16 the share was usable again. The outage took 7.0 s; nothing was unmounted.");
}

/* An attempt after another: a hundred lines of waiting would hide what was done. */
Test(story_wait, each_plugin_is_told_of_once_an_outage, .init = utc) {
    static const struct event events[] = {
        STALE,
        WAITS(1000, "backoff", "a pause of 3.0 s before attempt 2"),
        {T0 + 4000, SMBM_STEP_MOUNT, EVENT_STEP, "force-unmount-remount: mount: mounting"},
        {T0 + 5000, 1000, EVENT_STEP_DONE, "failed: no route"},
        WAITS(5000, "backoff", "a pause of 5.0 s before attempt 3"),
        {T0 + 10000, SMBM_STEP_MOUNT, EVENT_STEP, "force-unmount-remount: mount: mounting"},
        {T0 + 11000, 1000, EVENT_STEP_DONE, "failed: no route"},
        WAITS(11000, "await-server", "the kernel may still heal it"),
        BACK(14000),
        {T0 + 20000, 2, EVENT_INCIDENT, "stale"},
        WAITS(20000, "backoff", "a pause of 3.0 s before attempt 2"),
        {T0 + 24000, 4000, EVENT_RECOVERED, "nothing was unmounted"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "From 14:03:10 on smbmounter waited 3.0 s (a pause of 3.0 s before attempt 2).",
           "At 14:03:14 smbmounter tried to mount the share again; that failed after 1.0 s: no "
           "route.",
           "The same happened 1 more time, last at 14:03:20.",
           "From 14:03:20 on smbmounter waited 3.0 s (the kernel may still heal it).",
           "At 14:03:23 the share was usable again. The outage took 14 s; nothing was unmounted.",
           "At 14:03:29 media was no longer usable: stale.",
           "From 14:03:29 on smbmounter waited 4.0 s (a pause of 3.0 s before attempt 2).",
           "At 14:03:33 the share was usable again. The outage took 4.0 s; nothing was unmounted.");
}

Test(story_wait, one_that_goes_on_is_told_at_the_end, .init = utc) {
    static const struct event events[] = {
        STALE,
        {T0, 0, EVENT_STATE, "recovering: stale"},
        WAITS(1000, "backoff", "a pause of 3.0 s before attempt 2"),
        {T0 + 4000, SMBM_STEP_MOUNT, EVENT_STEP, "force-unmount-remount: mount: mounting"},
        {T0 + 5000, 1000, EVENT_STEP_DONE, "failed: no route"},
        WAITS(5000, "backoff", "a pause of 5000.0 s before attempt 3"),
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "From 14:03:10 on smbmounter waited 3.0 s (a pause of 3.0 s before attempt 2).",
           "At 14:03:14 smbmounter tried to mount the share again; that failed after 1.0 s: no "
           "route.",
           "Since 14:03:14 smbmounter has been waiting (a pause of 5000.0 s before attempt 3).",
           "The outage goes on, for 1 h 0 min so far.",
           "Now: being brought back: stale. If that takes too long: smbmounter unmount -f media, "
           "then: "
           "smbmounter mount media.");
}

Test(story_wait, one_that_another_state_ended_does_not_go_on, .init = utc) {
    static const struct event events[] = {
        STALE,
        {T0, 0, EVENT_STATE, "recovering: stale"},
        WAITS(1000, "backoff", "a pause of 3.0 s before attempt 2"),
        {T0 + 2000, 0, EVENT_STATE, "failed: gave up"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "The outage goes on, for 1 h 0 min so far.",
           "Now: failed: gave up. What to do: smbmounter mount media.");
}
