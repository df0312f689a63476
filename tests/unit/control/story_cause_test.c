/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who or what took a mount down, and brought it back. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include <smbmounter/plugin.h>

#include "story_rig.h"

Test(story_cause, the_owner_unmounted_it, .init = utc) {
    static const struct event events[] = {
        {T0 - 3000, 0, EVENT_STATE, "unmounted: unmounted by hand"},
        {T0 - 2000, 0, EVENT_STATE, "mounted: asked to be mounted"},
        {T0, 1, EVENT_INCIDENT, "stale"},
        {T0 + 3000, 0, EVENT_COMMAND, "unmount -f, by user id 0"},
        {T0 + 4000, 0, EVENT_STATE, "unmounted: unmounted by hand"},
        {T0 + 5000, 0, EVENT_COMMAND, "mount, by user id 7"},
        {T0 + 5000, 0, EVENT_STATE, "mounting: asked to be mounted"},
        {T0 + 6000, 0, EVENT_STATE, "mounted: asked to be mounted"},
        {T0 + 7000, 0, EVENT_STATE, "unmounted: unmounted after being idle"},
        {T0 + 8000, 0, EVENT_STATE, "mounted: asked to be mounted"},
        {T0 + 9000, 0, EVENT_COMMAND, "unmount, by user id 7"},
        {T0 + 9000, 0, EVENT_STATE, "unmounted: unmounted by hand"},
        {T0 + 10000, 0, EVENT_COMMAND, "mount, by user id 7"},
        {T0 + 10000, 0, EVENT_STATE, "mounting: asked to be mounted"},
        {T0 + 11000, 0, EVENT_STATE, "mounted: asked to be mounted"},
        {T0 + 12000, 0, EVENT_STATE, "unmounted: unmounted by hand"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "At 14:03:12 a command was given: unmount -f, by user id 0.",
           "At 14:03:13 the share was given up: unmounted by hand.",
           "At 14:03:15 the share was mounted (command: mount, by user id 7).",
           "At 14:03:18 the share was unmounted (command: unmount, by user id 7).",
           "At 14:03:20 the share was mounted (command: mount, by user id 7).",
           "At 14:03:21 the share was taken down: unmounted by hand.",
           "Now: unmounted by hand. To bring it back: smbmounter mount media.");
}

/* It could do nothing while the stranger was there, and is not why the share came back. */
Test(story_cause, a_command_that_began_nothing_is_no_cause, .init = utc) {
    static const struct event events[] = {
        {T0, 0, EVENT_MOUNT_ERROR, "foreign: something else is there"},
        {T0, 0, EVENT_STATE, "failed: something else is there"},
        {T0 + 1000, 0, EVENT_COMMAND, "mount, by user id 7"},
        {T0 + 9000, 0, EVENT_TABLE, "another mount of the same share is there now"},
        {T0 + 9000, 0, EVENT_STATE, "mounting: asked to be mounted"},
        {T0 + 10000, 0, EVENT_STATE, "mounted: asked to be mounted"},
    };
    EXPECT(events, "At 14:03:09 the mount failed: something else is there.",
           "At 14:03:18 the mount table changed: another mount of the same share is there now.",
           "At 14:03:19 the share was mounted.", "Now: mounted and healthy.");
}

Test(story_cause, what_ended_a_refused_login, .init = utc) {
    static const struct event events[] = {
        {T0, 13, EVENT_MOUNT_ERROR, "auth: wrong password"},
        {T0 + 1000, 0, EVENT_LOGIN, "the server let user 'ann' in again (mount 'b')"},
        {T0 + 2000, 0, EVENT_STATE, "mounted: asked to be mounted"},
        {T0 + 3000, 13, EVENT_MOUNT_ERROR, "auth: wrong password"},
        {T0 + 4000, 0, EVENT_COMMAND, "mount, by user id 0"},
        {T0 + 4000, 0, EVENT_STATE, "mounting: asked to be mounted"},
        {T0 + 5000, 0, EVENT_STATE, "mounted: asked to be mounted"},
    };
    EXPECT(events, "At 14:03:09 the mount failed: wrong password.",
           "At 14:03:10 the server let user 'ann' in again (mount 'b'), so this mount was taken "
           "up again.",
           "At 14:03:11 the share was mounted.", "At 14:03:12 the mount failed: wrong password.",
           "At 14:03:14 the share was mounted (command: mount, by user id 0).",
           "Now: mounted and healthy.");
}

/* A try that somebody asked for is none of ours; and what failed again by itself is. */
Test(story_cause, a_failed_mount_says_who_asked, .init = utc) {
    static const struct event events[] = {
        {T0, 0, EVENT_COMMAND, "mount, by user id 7"},
        {T0, 0, EVENT_STATE, "mounting: asked to be mounted"},
        {T0 + 1000, 13, EVENT_MOUNT_ERROR, "transient: no route to host"},
        {T0 + 1000, 0, EVENT_STATE, "failed: no route to host"},
        {T0 + 3000, 0, EVENT_STATE, "mounting: asked to be mounted"},
        {T0 + 4000, 13, EVENT_MOUNT_ERROR, "transient: no route to host"},
    };
    EXPECT(events, "At 14:03:10 the mount failed (command: mount, by user id 7): no route to host.",
           "At 14:03:13 the mount failed: no route to host.",
           "Now: being mounted: asked to be mounted.");
}

#define REFUSED "the server refused user 'ann': wrong password"
#define NOT_TRIED                                                                                  \
    REFUSED " (as it said to mount 'b'; not tried again with the same password, lest the account " \
            "be locked)"

Test(story_cause, what_was_not_tried_is_not_called_tried, .init = utc) {
    static const struct event outside[] = {
        {T0, 13, EVENT_MOUNT_ERROR, "auth: " NOT_TRIED ". Store the right one"}};
    EXPECT(outside, "At 14:03:09 it was not mounted: " NOT_TRIED ".");
    static const struct event in_an_outage[] = {
        {T0, 1, EVENT_INCIDENT, "stale"},
        {T0, SMBM_STEP_MOUNT, EVENT_STEP, "force-unmount-remount: mount: mount it again"},
        {T0 + 150, 150, EVENT_STEP_DONE, "failed: " NOT_TRIED},
        {T0 + 150, 13, EVENT_MOUNT_ERROR, "auth: " NOT_TRIED},
    };
    EXPECT(in_an_outage, "At 14:03:09 media was no longer usable: stale.",
           "At 14:03:09 smbmounter did not mount the share again: " NOT_TRIED ".",
           "The outage goes on, for 1 h 0 min so far.");
}

/* The sleep, and not that the network was another one then. */
Test(story_cause, a_sleep_soon_before_is_told, .init = utc) {
    static const struct event events[] = {
        {T0 - 4000, 600000, EVENT_NETWORK, "the machine woke after a sleep of 10 min 0 s"},
        {T0 - 3000, 0, EVENT_NETWORK, "the network changed"},
        {T0, 1, EVENT_INCIDENT, "stale"},
        {T0 + 1000, 4000, EVENT_RECOVERED, "nothing was unmounted"},
        {T0 + 2000, 0, EVENT_NETWORK, "the network changed"},
        {T0 + 63000, 2, EVENT_INCIDENT, "stale"},
        {T0 + 64000, 1000, EVENT_RECOVERED, "nothing was unmounted"},
    };
    EXPECT(events, "At 14:03:05 the machine woke after a sleep of 10 min 0 s.",
           "At 14:03:09 media was no longer usable: stale.",
           "At 14:03:10 the share was usable again. The outage took 4.0 s since its first sign at "
           "14:03:06; nothing was unmounted.",
           "At 14:04:12 media was no longer usable: stale.",
           "At 14:04:13 the share was usable again. The outage took 1.0 s; nothing was unmounted.");
    cr_expect_eq(tell(events, 3).lines[0].incident, 1);
}

/* The table tells of it once more when the second of two mounts goes. */
Test(story_cause, taken_down_is_told_once, .init = utc) {
    static const struct event events[] = {
        {T0, 0, EVENT_TABLE, "something else is mounted at /mnt/media: tmpfs from x"},
        {T0 + 1000, 0, EVENT_STATE, "unmounted: unmounted by hand"},
        {T0 + 1200, 0, EVENT_STATE, "failed: something else is mounted"},
        {T0 + 1500, 0, EVENT_STATE, "unmounted: unmounted by hand"},
    };
    EXPECT(events,
           "At 14:03:09 the mount table changed: something else is mounted at /mnt/media: tmpfs "
           "from x.",
           "At 14:03:10 the share was taken down: unmounted by hand.",
           "Now: unmounted by hand. To bring it back: smbmounter mount media.");
}

/* Whether the share hangs or the plugin is broken, he who reads has to look. */
Test(story_cause, a_silent_plugin_is_to_be_looked_at_first, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "probe plugin 'x': no answer within 1000 ms"},
        {T0, 0, EVENT_STATE, "recovering: probe plugin 'x': no answer within 1000 ms"},
    };
    EXPECT(events,
           "At 14:03:09 media was no longer usable: probe plugin 'x': no answer within "
           "1000 ms.",
           "The outage goes on, for 1 h 0 min so far.",
           "Now: being brought back: probe plugin 'x': no answer within 1000 ms. If that takes too "
           "long: see what is known about the plugin (smbmounter plugins); if the share hangs as "
           "well: smbmounter unmount -f media, then: smbmounter mount media.");
}

/* An event holds so much, and the advice stands at its end. */
Test(story_cause, advice_that_was_cut_is_not_given, .init = utc) {
    static struct event events[] = {{T0, 13, EVENT_MOUNT_ERROR, ""},
                                    {T0, 0, EVENT_STATE, "failed: wrong password"}};
    int len = snprintf(events[0].text, EVENT_TEXT_MAX, "auth: wrong (%0200d). Store the", 0);
    memset(events[0].text + len, 'x', EVENT_TEXT_MAX - 1 - (size_t)len);
    struct told told = tell(events, 2);
    cr_assert_eq(told.len, 2);
    cr_expect_null(strstr(told.lines[1].text, "Store"), "%s", told.lines[1].text);
    cr_expect_not_null(strstr(told.lines[1].text, ". What to do: smbmounter setup media, then "
                                                  "smbmounter mount media."),
                       "%s", told.lines[1].text);
}
