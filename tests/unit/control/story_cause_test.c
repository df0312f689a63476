/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who or what took a mount down, and brought it back. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

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
           "At 14:03:18 the share was taken down: unmounted by hand.",
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
           "At 14:03:10 the server let user 'ann' in again (mount 'b'), so this mount was tried "
           "once more.",
           "At 14:03:11 the share was mounted.", "At 14:03:12 the mount failed: wrong password.",
           "At 14:03:14 the share was mounted (command: mount, by user id 0).",
           "Now: mounted and healthy.");
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
