/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The course of an outage, and how it is now. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <smbmounter/plugin.h>

#include "story_rig.h"

Test(story, a_server_that_was_away, .init = utc) {
    static const struct event events[] = {
        {T0 - 9000, 0, EVENT_STATE, "mounted: mounted in 210 ms"},
        {T0, 1, EVENT_INCIDENT, "the kernel lost the connection to nas.local"},
        {T0 + 1, 0, EVENT_STATE, "recovering: the kernel lost the connection"},
        {T0 + 10, 0, EVENT_SERVER, "refused: connection refused by 192.0.2.7:445"},
        {T0 + 12, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: the server does not answer"},
        {T0 + 9000, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: the server does not answer"},
        {T0 + 9100, 0, EVENT_SERVER, "unknown: not asked lately"},
        {T0 + 9200, SMBM_STEP_AWAIT, EVENT_STEP,
         "await-server: await-server: asking whether the server answers"},
        {T0 + 140800, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        {T0 + 140900, SMBM_STEP_PROBE, EVENT_STEP, "await-server: the server answers"},
        {T0 + 140950, 50, EVENT_STEP_DONE, "ok"},
        {T0 + 142000, 142000, EVENT_RECOVERED, "by itself"},
        {T0 + 142000, 0, EVENT_STATE, "mounted: the probe is healthy"},
    };
    EXPECT(events,
           "At 14:03:09 media was no longer usable: the kernel lost the connection to nas.local.",
           "At 14:03:09 the server did not answer (port closed), so the mount and its open files "
           "were left alone.",
           "At 14:05:29 nas.local answered again; the share was usable 1.2 s later. The outage "
           "took 2 min 22 s; nothing was unmounted.",
           "Now: mounted and healthy.");
    struct told told = tell(events, sizeof events / sizeof events[0]);
    cr_expect_eq(told.lines[0].incident, 1);
    cr_expect_eq(told.lines[0].wall_ms, T0);
    cr_expect_eq(told.lines[2].incident, 1);
    cr_expect_eq(told.lines[3].incident, 0);
}

Test(story, what_follows_an_answer_is_told_after_it, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "the kernel lost the connection"},
        {T0 + 10, 0, EVENT_SERVER, "refused: connection refused"},
        {T0 + 12, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: the server does not answer"},
        {T0 + 5000, 0, EVENT_SERVER, "mute: no SMB answer in 3000 ms"},
        {T0 + 5001, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: the server does not answer"},
        {T0 + 7000, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        {T0 + 12000, SMBM_STEP_DETACH, EVENT_STEP, "force-unmount-remount: it is dead"},
        {T0 + 13000, 1000, EVENT_STEP_DONE, "ok"},
        {T0 + 13001, SMBM_STEP_MOUNT, EVENT_STEP, "force-unmount-remount: mounting"},
        {T0 + 14000, 999, EVENT_STEP_DONE, "ok"},
        {T0 + 15000, 15000, EVENT_RECOVERED, "mount"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: the kernel lost the connection.",
           "At 14:03:09 the server did not answer (port closed), so the mount and its open files "
           "were left alone.",
           "At 14:03:14 it still did not answer (it accepts connections, but says nothing).",
           "At 14:03:16 nas.local answered again.",
           "At 14:03:22 smbmounter took the share off its mountpoint (it is dead); it took 1.0 s.",
           "At 14:03:23 smbmounter mounted the share again; it took 999 ms.",
           "At 14:03:24 the share was usable again. The outage took 15 s; the share was unmounted "
           "and mounted again.");
}

Test(story, a_server_that_was_never_silent_does_not_answer_again, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "no answer in 5000 ms"},
        {T0 + 100, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        {T0 + 2000, 2000, EVENT_RECOVERED, "by itself"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: no answer in 5000 ms.",
           "At 14:03:11 the share was usable again. The outage took 2.0 s; nothing was unmounted.");
}

Test(story, an_outage_longer_than_its_story_says_since_when, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "no answer in 5000 ms"},
        {T0 + 2000, 9000, EVENT_RECOVERED, "by itself"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: no answer in 5000 ms.",
           "At 14:03:11 the share was usable again. The outage took 9.0 s since its first sign at "
           "14:03:02; nothing was unmounted.");
}

Test(story, a_connection_that_was_gone_already_is_no_failure, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "silent for 4000 ms"},
        {T0 + 10, SMBM_STEP_RECONNECT, EVENT_STEP, "reconnect: the server answers"},
        {T0 + 60, 50, EVENT_STEP_DONE, "needless: the kernel has no dead connection to 192.0.2.7"},
        {T0 + 2000, 2000, EVENT_RECOVERED, "by itself"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: silent for 4000 ms.",
           "At 14:03:09 smbmounter meant to cut the mount's dead connection, but the kernel has no "
           "dead connection to 192.0.2.7.",
           "At 14:03:11 the share was usable again. The outage took 2.0 s; nothing was unmounted.");
}

/* In the order of their times, and also when the outage goes on. */
Test(story, an_answer_is_told_before_what_came_after_it, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "stale"},
        {T0 + 10, 0, EVENT_SERVER, "refused: port 445 is closed"},
        {T0 + 20, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: await: it does not answer"},
        {T0 + 3000, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        {T0 + 4000, 0, EVENT_PLUGIN, "decide: no answer; the next plugin is asked"},
        {T0 + 5000, 0, EVENT_SERVER, "refused: port 445 is closed"},
        {T0 + 5010, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: await: it does not answer"},
        {T0 + 7000, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        {T0 + 7000, 0, EVENT_STATE, "recovering: stale"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "At 14:03:09 the server did not answer (port closed), so the mount and its open files "
           "were left alone.",
           "At 14:03:12 nas.local answered again.",
           "At 14:03:13 the recovery plugin 'decide' failed (no answer) and was passed over; more "
           "about it: smbmounter plugins.",
           "At 14:03:14 the server did not answer (port closed), so the mount and its open files "
           "were left alone.",
           "At 14:03:16 nas.local answered again.", "The outage goes on, for 1 h 0 min so far.",
           "Now: being brought back: stale. If that takes too long: smbmounter unmount -f media, "
           "then: "
           "smbmounter mount media.");
}

#define FOREIGN "something else is mounted at /mnt/media: tmpfs from x"
#define FOREIGN_CAME "At 14:03:09 the mount table changed: " FOREIGN "."

Test(story, what_was_in_the_way_and_went_is_told, .init = utc) {
    static const struct event ours_below[] = {
        {T0, 0, EVENT_TABLE, FOREIGN},
        {T0, 0, EVENT_STATE, "failed: " FOREIGN},
        {T0 + 5000, 0, EVENT_STATE, "mounted: was mounted already"},
    };
    EXPECT(ours_below, FOREIGN_CAME,
           "At 14:03:14 what was in the way was gone, and the share was there.",
           "Now: mounted and healthy.");
    static const struct event nothing_below[] = {
        {T0, 0, EVENT_TABLE, FOREIGN},
        {T0, 0, EVENT_STATE, "failed: " FOREIGN},
        {T0 + 5000, 0, EVENT_STATE, "mounting: somebody unmounted it"},
        {T0 + 5100, 0, EVENT_MOUNT_ERROR, "transient: no route to host"},
        {T0 + 5100, 0, EVENT_STATE, "failed: no route to host"},
        {T0 + 600000, 0, EVENT_STATE, "mounted: mounted"},
    };
    EXPECT(nothing_below, FOREIGN_CAME, "At 14:03:14 what was in the way was gone.",
           "At 14:03:14 the mount failed: no route to host.", "At 14:13:09 the share was mounted.",
           "Now: mounted and healthy.");
}

Test(story, what_was_in_the_way_is_not_told_twice, .init = utc) {
    static const struct event in_an_outage[] = {
        {T0, 1, EVENT_INCIDENT, "stale"},
        {T0, 0, EVENT_TABLE, FOREIGN},
        {T0, 0, EVENT_STATE, "failed: " FOREIGN},
        {T0 + 6000, 6000, EVENT_RECOVERED, "found mounted"},
        {T0 + 6000, 0, EVENT_STATE, "mounted: was mounted already"},
    };
    EXPECT(in_an_outage, "At 14:03:09 media was no longer usable: stale.", FOREIGN_CAME,
           "At 14:03:15 the share was usable again. The outage took 6.0 s; it was found mounted.",
           "Now: mounted and healthy.");
    static const struct event while_down[] = {
        {T0 - 1, 0, EVENT_STATE, "unmounted: by command"},
        {T0, 0, EVENT_TABLE, FOREIGN},
        {T0 + 600000, 0, EVENT_STATE, "mounting: asked to be mounted"},
        {T0 + 600000, 0, EVENT_STATE, "mounted: mounted"},
    };
    EXPECT(while_down, FOREIGN_CAME, "Now: mounted and healthy.");
    static const struct event taken_down_then[] = {
        {T0, 0, EVENT_TABLE, FOREIGN},
        {T0, 0, EVENT_STATE, "failed: " FOREIGN},
        {T0 + 1000, 0, EVENT_STATE, "unmounted: by command"},
        {T0 + 5000, 0, EVENT_STATE, "mounting: asked to be mounted"},
        {T0 + 5100, 0, EVENT_STATE, "mounted: mounted"},
    };
    EXPECT(taken_down_then, FOREIGN_CAME, "At 14:03:14 what was in the way was gone.",
           "Now: mounted and healthy.");
}

/* Only the outage in which it was silent. */
Test(story, an_answer_does_not_outlive_its_outage, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "stale"},
        {T0 + 10, 0, EVENT_SERVER, "refused: port 445 is closed"},
        {T0 + 20, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: await: it does not answer"},
        {T0 + 3000, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        {T0 + 4000, 4000, EVENT_RECOVERED, "nothing was unmounted"},
        {T0 + 4000, 0, EVENT_STATE, "mounted: recovered"},
        {T0 + 9000, 0, EVENT_SERVER, "refused: port 445 is closed"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: stale.",
           "At 14:03:09 the server did not answer (port closed), so the mount and its open files "
           "were left alone.",
           "At 14:03:12 nas.local answered again; the share was usable 1.0 s later. The outage "
           "took 4.0 s; nothing was unmounted.",
           "Now: mounted and healthy.");
}

Test(story, a_mount_that_works_in_the_end_is_told, .init = utc) {
    static const struct event events[] = {
        {T0, 0, EVENT_MOUNT_ERROR, "transient: no result in time; the helper was ended"},
        {T0 + 1000, 0, EVENT_MOUNT_ERROR, "transient: no result in time; the helper was ended"},
        {T0 + 3000, 0, EVENT_STATE, "mounted: asked to be mounted"},
    };
    EXPECT(events, "At 14:03:09 the mount failed: no result in time; the helper was ended.",
           "The same happened 1 more time, last at 14:03:10.", "At 14:03:12 the share was mounted.",
           "Now: mounted and healthy.");
}

Test(story, an_answer_between_two_silences_is_told, .init = utc) {
    static const struct event events[] = {
        {T0, 1, EVENT_INCIDENT, "the kernel lost the connection"},
        {T0 + 10, 0, EVENT_SERVER, "refused: connection refused"},
        {T0 + 12, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: the server does not answer"},
        {T0 + 2000, 0, EVENT_SERVER, "answers: SMB 3.1.1 in 3 ms"},
        {T0 + 5000, 0, EVENT_SERVER, "mute: no SMB answer in 3000 ms"},
        {T0 + 5001, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: the server does not answer"},
        {T0 + 6000, 0, EVENT_MOUNT_ERROR, "transient: no route to host"},
        {T0 + 9000, 9000, EVENT_RECOVERED, "by itself"},
        {T0 + 9000, 0, EVENT_STATE, "mounted: recovered"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: the kernel lost the connection.",
           "At 14:03:09 the server did not answer (port closed), so the mount and its open files "
           "were left alone.",
           "At 14:03:11 nas.local answered again.",
           "At 14:03:14 the server did not answer (it accepts connections, but says nothing), so "
           "the mount and its open files were left alone.",
           "At 14:03:15 the mount failed: no route to host.",
           "At 14:03:18 the share was usable again. The outage took 9.0 s; nothing was unmounted.",
           "Now: mounted and healthy.");
}

Test(story, nothing_ever_happened, .init = utc) {
    static const struct event events[] = {{T0, 0, EVENT_STATE, "mounting: at startup"},
                                          {T0 + 5, 0, EVENT_STATE, "mounted: in 5 ms"}};
    EXPECT(events, "Nothing has gone wrong since the daemon started.", "Now: mounted and healthy.");
    struct told told = tell(NULL, 0);
    cr_assert_eq(told.len, 1);
    cr_expect_str_eq(told.lines[0].text, "Nothing has gone wrong since the daemon started.");
}

Test(story, a_dead_connection_is_cut, .init = utc) {
    static const struct event events[] = {
        {T0, 4, EVENT_INCIDENT, "no answer in 5000 ms"},
        {T0 + 100, SMBM_STEP_RECONNECT, EVENT_STEP,
         "reconnect: reconnect: the server answers but our connection is dead"},
        {T0 + 103, 3, EVENT_STEP_DONE, "ok: 1 socket destroyed"},
        {T0 + 1000, 1000, EVENT_RECOVERED, "reconnect"},
        {T0 + 1000, 0, EVENT_STATE, "mounted: healthy"},
    };
    EXPECT(events, "At 14:03:09 media was no longer usable: no answer in 5000 ms.",
           "At 14:03:09 smbmounter cut the mount's dead connection so that the kernel makes a new "
           "one (the server answers but our connection is dead); it took 3 ms.",
           "At 14:03:10 the share was usable again. The outage took 1.0 s; "
           "nothing was unmounted.",
           "Now: mounted and healthy.");
}

Test(story, failed_says_what_to_do, .init = utc) {
    static const struct event refused[] = {
        {T0, 0, EVENT_MOUNT_ERROR, "auth: the server refused the password (STATUS_LOGON_FAILURE)"},
        {T0 + 1, 0, EVENT_STATE, "failed: the server refused the password"},
    };
    EXPECT(refused,
           "At 14:03:09 the mount failed: the server refused the password "
           "(STATUS_LOGON_FAILURE).",
           "Now: failed (auth): the server refused the password (STATUS_LOGON_FAILURE). What to "
           "do: smbmounter setup media, then smbmounter mount media.");
    static const struct event config[] = {
        {T0, 0, EVENT_STATE, "failed: config"},
        {T0, 0, EVENT_MOUNT_ERROR, "config: there is no share 'medai'."},
    };
    EXPECT(config, "At 14:03:09 the mount failed: there is no share 'medai'.",
           "Now: failed (config): there is no share 'medai'. What to do: correct the configuration "
           "of media, then smbmounter reload.");
    static const struct event transient[] = {
        {T0, 0, EVENT_MOUNT_ERROR, "transient: no route to host"},
        {T0, 0, EVENT_STATE, "failed: no route to host"},
    };
    EXPECT(transient, "At 14:03:09 the mount failed: no route to host.",
           "Now: failed (transient): no route to host. It is tried again by itself; at once with: "
           "smbmounter mount media.");
    static const struct event hinted[] = {
        {T0, 0, EVENT_MOUNT_ERROR, "auth: the account is disabled (X). Enable it there, then: y"},
        {T0 + 1, 0, EVENT_STATE, "failed: the account is disabled (X). Enable it there, then: y"},
    };
    EXPECT(
        hinted, "At 14:03:09 the mount failed: the account is disabled (X).",
        "Now: failed (auth): the account is disabled (X). What to do: enable it there, then: y.");
    static const struct event absent[] = {
        {T0, SMBM_STEP_MOUNT, EVENT_STEP, "force-unmount-remount: mount: nothing is mounted"},
        {T0 + 7, 7, EVENT_STEP_DONE, "failed: no share 'x' (Y). Check 'share:'"},
        {T0 + 7, 0, EVENT_MOUNT_ERROR, "absent: no share 'x' (Y). Check 'share:'"},
        {T0 + 8, 0, EVENT_STATE, "failed: no share 'x' (Y). Check 'share:'"},
    };
    EXPECT(
        absent,
        "At 14:03:09 smbmounter tried to mount the share again; that failed after 7 ms: no share "
        "'x' (Y).",
        "Now: failed (absent): no share 'x' (Y). Check 'share:'; at once with: smbmounter mount "
        "media.");
    static const struct event bare[] = {{T0, 0, EVENT_STATE, "failed: something foreign is there"}};
    EXPECT(bare, "Now: failed: something foreign is there. What to do: smbmounter mount media.");
}

Test(story, an_outage_that_goes_on, .init = utc) {
    static const struct event events[] = {
        {T0 - 86400000, 7, EVENT_INCIDENT, "nothing came for 10 s"},
        {T0 - 86400000, 0, EVENT_SERVER, "mute: no SMB answer in 3000 ms"},
        {T0 - 86399990, SMBM_STEP_AWAIT, EVENT_STEP, "await-server: mute"},
        {T0 - 5000, 0, EVENT_NETWORK, "the network changed"},
        {T0, SMBM_STEP_UNMOUNT, EVENT_STEP, "mine: because"},
        {T0, 0, EVENT_STATE, "recovering: waiting"},
    };
    EXPECT(events, "At 2026-11-21 14:03:09 media was no longer usable: nothing came for 10 s.",
           "At 2026-11-21 14:03:09 the server did not answer (it accepts connections, but says "
           "nothing), so the mount and its open files were left alone.",
           "At 14:03:04 the network changed.",
           "Since 14:03:09 smbmounter has been trying to unmount the share (because).",
           "The outage goes on, for 1 d 1 h so far.",
           "Now: waiting. It comes back by itself as soon as nas.local answers.");
}

Test(story, of_many_incidents_the_newest_are_kept, .init = utc) {
    static struct event events[EVENTS_MAX];
    for (size_t i = 0; i < EVENTS_MAX; i++) {
        events[i] = (struct event){.wall_ms = T0 + i * 1000, .number = i / 2 + 1};
        events[i].kind = i % 2 == 0 ? EVENT_INCIDENT : EVENT_RECOVERED;
        strcpy(events[i].text, i % 2 == 0 ? "stale" : "by itself");
    }
    struct story_record lines[5];
    size_t n = story_tell("media", "", events, EVENTS_MAX, T0, lines, 5);
    cr_assert_eq(n, 5);
    cr_expect_eq(lines[4].incident, EVENTS_MAX / 2);
    cr_expect_eq(lines[3].incident, EVENTS_MAX / 2);
    cr_expect_eq(lines[0].incident, EVENTS_MAX / 2 - 2);
    cr_expect_eq(story_tell("media", "", events, EVENTS_MAX, T0, lines, 0), 0);
}

Test(story, any_order_of_any_events_is_told, .init = utc) {
    static const char *const texts[] = {
        "",           "x",         ":",          ": ",      "auth: ",          "failed",
        "mounted: .", "unmounted", "refused: y", "answers", "await-server: z", "failed: auth: a"};
    static struct event events[EVENTS_MAX];
    static struct story_record lines[STORY_LINES_MAX];
    srand(7);
    for (int round = 0; round < 3000; round++) {
        size_t len = (size_t)rand() % EVENTS_MAX, max = 1 + (size_t)rand() % STORY_LINES_MAX;
        for (size_t i = 0; i < len; i++) {
            events[i] = (struct event){.wall_ms = T0 + (uint64_t)(rand() % 100000),
                                       .number = (uint64_t)(rand() % 14),
                                       .kind = (enum event_kind)(rand() % EVENT_KIND_COUNT)};
            if (rand() % 9 == 0)
                memset(events[i].text, 'a', EVENT_TEXT_MAX - 1);
            else
                strcpy(events[i].text, texts[(size_t)rand() % (sizeof texts / sizeof texts[0])]);
        }
        size_t n = story_tell("media", round % 2 != 0 ? "nas" : "", events, len, T0, lines, max);
        cr_assert(n >= 1 && n <= max);
        for (size_t i = 0; i < n; i++)
            cr_assert_neq(lines[i].text[0], '\0');
    }
}
