/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What hung for a while and came back by itself is told, for somebody waited. */
#include <criterion/criterion.h>

#include <smbmounter/plugin.h>

#include "story_rig.h"

#define SAYS(at, text)                                                                             \
    { T0 + (at), 5000000, EVENT_VERDICT, text }
#define LATE(at) SAYS(at, "stat-timeout: suspect: no answer within 5000 ms")
#define WELL(at) SAYS(at, "stat-timeout: healthy: statx answered in 3 ms")
#define MOUNTED                                                                                    \
    { T0 - 1000, 0, EVENT_STATE, "mounted: asked to be mounted" }

Test(story_late, is_told_when_it_is_over, .init = utc) {
    static const struct event events[] = {MOUNTED, LATE(0), WELL(9200)};
    EXPECT(events,
           "At 14:03:09 media did not look well (probe stat-timeout: no answer within 5000 ms); "
           "9.2 s later it was well "
           "again by itself.",
           "Now: mounted and healthy.");
}

Test(story_late, a_short_doubt_is_not_worth_a_line, .init = utc) {
    static const struct event events[] = {MOUNTED, LATE(0), WELL(1999)};
    EXPECT(events, "Nothing has gone wrong since the daemon started.", "Now: mounted and healthy.");
}

/* How it is now is known better than from events: another line says it. */
Test(story_late, one_that_goes_on_is_not_called_well, .init = utc) {
    static const struct event events[] = {MOUNTED, LATE(0)};
    EXPECT(events, "Now: mounted and healthy.");
}

Test(story_late, another_probe_does_not_end_it, .init = utc) {
    static const struct event events[] = {
        MOUNTED, LATE(0), SAYS(3000, "stat-timeout-too: healthy: fine"),
        SAYS(4000, "statfs-fstype: suspect: no answer within 5000 ms"), WELL(5000)};
    EXPECT(events,
           "At 14:03:09 media did not look well (probe stat-timeout: no answer within 5000 ms); "
           "5.0 s later it was well "
           "again by itself.",
           "Now: mounted and healthy.");
}

Test(story_late, often_is_counted, .init = utc) {
    static const struct event events[] = {MOUNTED,      LATE(0),      WELL(5000),
                                          LATE(60000),  WELL(65000),  LATE(120000),
                                          WELL(121000), LATE(180000), WELL(186000)};
    EXPECT(events,
           "At 14:03:09 media did not look well (probe stat-timeout: no answer within 5000 ms); "
           "5.0 s later it was well "
           "again by itself.",
           "The same happened 2 more times, last at 14:06:09.", "Now: mounted and healthy.");
}

/* An outage counts from its first sign, and tells of it. */
Test(story_late, what_becomes_an_outage_is_told_there, .init = utc) {
    static const struct event events[] = {
        MOUNTED,     LATE(0),     {T0 + 8000, 1, EVENT_INCIDENT, "no answer within 5000 ms"},
        LATE(8100),  WELL(12000), {T0 + 12000, 12000, EVENT_RECOVERED, "nothing was unmounted"},
        WELL(15000),
    };
    EXPECT(events, "At 14:03:17 media was no longer usable: no answer within 5000 ms.",
           "At 14:03:21 the share was usable again. The outage took 12 s since its first sign at "
           "14:03:09; nothing was unmounted.",
           "Now: mounted and healthy.");
}

Test(story_late, a_mount_that_went_meanwhile_is_another_story, .init = utc) {
    static const struct event events[] = {
        MOUNTED,
        LATE(0),
        {T0 + 3000, 0, EVENT_STATE, "unmounted: unmounted by hand"},
        {T0 + 4000, 0, EVENT_STATE, "mounted: asked to be mounted"},
        WELL(5000),
    };
    EXPECT(events, "Nothing has gone wrong since the daemon started.", "Now: mounted and healthy.");
}
