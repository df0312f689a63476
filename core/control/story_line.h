/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The story while it is being told, and how a line of it is written. Private to the story. */
#ifndef CONTROL_STORY_LINE_H
#define CONTROL_STORY_LINE_H

#include <stdbool.h>

#include "base/clock.h"
#include "control/story.h"

struct story {
    const char *mount, *server;
    uint64_t now_ms;
    struct story_record *lines;
    size_t len, max;
    /* Of the incident that is being told; began_ms 0 when there is none. */
    uint64_t incident, began_ms, answered_ms;
    bool taken_away, denied;       /* denied: the server refuses the old connection's login */
    const char *silence, *awaited; /* why the server is silent now; as the last await told it */
    const struct event *step;      /* begun and not yet told */
    const struct event *holders;   /* of the last step, and told with it */
    const struct event *end;       /* of all */
    const struct event *state, *mount_error;
    bool foreign;              /* something else is mounted there, as was told */
    char last[FIELD_TEXT_MAX]; /* the last failure told, to say once what repeats */
    uint64_t repeats, repeated_ms;
};

/* One line; of too many the oldest goes. Ends with a full stop, whatever the text ended with. */
void story_add(struct story *s, uint64_t wall_ms, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "14:03:09" today, "2026-11-20 14:03:09" on another day. */
const char *story_clock(const struct story *s, uint64_t wall_ms, char text[CLOCK_TEXT_MAX]);

const char *story_span(uint64_t from_ms, uint64_t to_ms, char text[CLOCK_TEXT_MAX]);

/* A failure that was told already is only counted, since a long outage has hundreds of them.
 * True when it was. */
bool story_repeats(struct story *s, uint64_t wall_ms, const char *what, const char *text);
void story_tell_repeats(struct story *s);

/* The last lines: an outage that goes on, a step that is under way, how it is now. */
void story_tell_now(struct story *s);

#endif
