/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who was using a share when it was taken away. */
#include <criterion/criterion.h>
#include <string.h>

#include <smbmounter/plugin.h>

#include "story_rig.h"

Test(story_holders, an_unmount_and_failing_mounts_are_told_once, .init = utc) {
    static const struct event events[] = {
        {T0, 2, EVENT_INCIDENT, "Transport endpoint is not connected"},
        {T0 + 10, SMBM_STEP_FORCE, EVENT_STEP, "force-unmount-remount: nothing else is left"},
        {T0 + 11, 1, EVENT_STEP_DONE, "failed: Device or resource busy"},
        {T0 + 20, SMBM_STEP_DETACH, EVENT_STEP, "force-unmount-remount: nothing else is left"},
        {T0 + 25, 5, EVENT_STEP_DONE, "ok"},
        {T0 + 900, 2, EVENT_HOLDERS, "cp[81] (writing /mnt/media/a), vim[7]"},
        {T0 + 1000, 0, EVENT_MOUNT_ERROR, "transient: no route to host"},
        {T0 + 2000, 0, EVENT_MOUNT_ERROR, "transient: no route to host"},
        {T0 + 6000, 0, EVENT_MOUNT_ERROR, "transient: no route to host"},
        {T0 + 9000, SMBM_STEP_MOUNT, EVENT_STEP, "force-unmount-remount: mount it again"},
        {T0 + 9900, 900, EVENT_STEP_DONE, "ok"},
        {T0 + 10000, 10000, EVENT_RECOVERED, "mount"},
    };
    EXPECT(
        events, "At 14:03:09 media was no longer usable: Transport endpoint is not connected.",
        "At 14:03:09 smbmounter tried to unmount the share by force (nothing else is left); "
        "that failed after 1 ms: Device or resource busy.",
        "At 14:03:09 smbmounter took the share off its mountpoint (nothing else is left); it took "
        "5 ms.",
        "At 14:03:09 these programs were using the share when it was taken away: cp[81] (writing "
        "/mnt/media/a), vim[7].",
        "They keep their open files on the old connection, and what they write there arrives as "
        "soon as the server answers it; restart those that still run, so that they use the new "
        "mount.",
        "At 14:03:10 the mount failed: no route to host.",
        "The same happened 2 more times, last at 14:03:15.",
        "At 14:03:18 smbmounter mounted the share again; it took 900 ms.",
        "At 14:03:19 the share was usable again. The outage took 10 s; the "
        "share was unmounted and mounted again.");
}

/* The search for them ends when the share is back already. */
Test(story_holders, those_who_were_using_it_are_told_in_its_incident, .init = utc) {
    static const struct event events[] = {
        {T0, 2, EVENT_INCIDENT, "Transport endpoint is not connected"},
        {T0 + 10, SMBM_STEP_FORCE, EVENT_STEP, "force-unmount-remount: nothing else is left"},
        {T0 + 12, 2, EVENT_STEP_DONE, "ok"},
        {T0 + 13, SMBM_STEP_MOUNT, EVENT_STEP, "force-unmount-remount: mount it again"},
        {T0 + 18, 5, EVENT_STEP_DONE, "ok"},
        {T0 + 18, 18, EVENT_RECOVERED, "mounted again"},
        {T0 + 18, 0, EVENT_STATE, "mounted: recovered"},
        {T0 + 2000, 1, EVENT_HOLDERS, "vim[7]"},
        {T0 + 3000, 0, EVENT_HOLDERS, "not all programs could be looked at"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: Transport endpoint is not connected.",
           "At 14:03:09 smbmounter unmounted the share by force (nothing else is left); it took "
           "2 ms.",
           "At 14:03:09 these programs were using the share when it was taken away: vim[7].",
           "Their open files there are gone, with what they had not saved; they must open them "
           "anew.",
           "At 14:03:09 smbmounter mounted the share again; it took 5 ms.",
           "At 14:03:09 the share was usable again. The outage took 18 ms; the share was "
           "unmounted and mounted again.",
           "At 14:03:12 it is not known whether programs were using the share: not all programs "
           "could be looked at.",
           "Now: mounted and healthy.");
    struct told told = tell(events, sizeof events / sizeof events[0]);
    cr_expect_eq(told.lines[2].incident, 2);
    cr_expect_eq(told.lines[6].incident, 0);
}

/* Those of a step that found nobody are not those of the next. */
Test(story_holders, each_step_has_its_own, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "no answer in 5000 ms"},
        {T0 + 10, SMBM_STEP_DETACH, EVENT_STEP, "force-unmount-remount: nothing else is left"},
        {T0 + 12, 2, EVENT_STEP_DONE, "ok"},
        {T0 + 13, SMBM_STEP_DETACH, EVENT_STEP, "force-unmount-remount: once more"},
        {T0 + 18, 5, EVENT_STEP_DONE, "ok"},
        {T0 + 900, 1, EVENT_HOLDERS, "vim[7]"},
    };
    struct told told = tell(events, sizeof events / sizeof events[0]);
    cr_assert_eq(told.len, 6);
    cr_expect(strstr(told.lines[2].text, "once more") != NULL, "%s", told.lines[2].text);
    cr_expect(strstr(told.lines[3].text, "vim[7]") != NULL, "%s", told.lines[3].text);
}

Test(story_holders, who_is_taken_by_surprise_hours_later_is_told_then, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "no answer in 5000 ms"},
        {T0 + 10, SMBM_STEP_DETACH, EVENT_STEP, "force-unmount-remount: it is dead"},
        {T0 + 20, 10, EVENT_STEP_DONE, "ok"},
        {T0 + 1000, 1000, EVENT_RECOVERED, "mount"},
        {T0 + 1800000, 1, EVENT_HOLDERS, "vim[7]"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: no answer in 5000 ms.",
           "At 14:03:09 smbmounter took the share off its mountpoint (it is dead); it took 10 ms.",
           "At 14:03:10 the share was usable again. The outage took 1.0 s; the share was unmounted "
           "and mounted again.",
           "At 14:33:09 these programs were using the share when it was taken away: vim[7].");
}
