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
    const struct event *network;         /* before an outage: a sleep, another network */
    const struct event *command, *asked; /* the last one; the one that began what is under way */
    /* Of this incident: as told, a plugin each; where the last one ended; the one that goes on. */
    const struct event *waits[4], *waited, *waiting;
    size_t waits_len;
    const struct event *late;  /* the first doubt of a probe, outside an outage; NULL none */
    bool down;                 /* taken down on purpose, as was told */
    bool foreign;              /* something else is mounted there, as was told */
    char last[FIELD_TEXT_MAX]; /* the last failure told, to say once what repeats */
    uint64_t repeats, repeated_ms;
};

/* What is shorter is not worth a line: nobody asks what happened meanwhile. */
#define STORY_LONG_MS 2000u

/* Both are of the same probe or recovery plugin: "NAME: ...". */
bool story_same_plugin(const struct event *a, const struct event *b);

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

/* As it is called in a sentence. */
const char *story_server(const struct story *s);

/* That the server answered again, once, before what was done then; what brings the share back by
 * itself is told in one line with it. */
void story_tell_answer(struct story *s);

/* "At 14:03:09 WHAT", which ends what was repeated before. */
void story_tell_line(struct story *s, const struct event *event, const char *what);

/* "At 14:03:09 WHAT: the event's text", or one more of the same. */
void story_tell_failure(struct story *s, const struct event *event, const char *what);

/* The share is back, or given up: what was told of it is over. */
void story_end_outage(struct story *s);

/* What becomes of the mount: its state, what the table or a login says of it, a mount that failed.
 */
void story_hear_state(struct story *s, const struct event *event);
void story_hear_table(struct story *s, const struct event *event);
void story_hear_login(struct story *s, const struct event *event);
void story_hear_mount_error(struct story *s, const struct event *event);

/* Who was taken by surprise by a step that has just ended (done). */
void story_look_for_holders(struct story *s, const struct event *done, uint64_t step);
/* Those that were not told so. */
void story_hear_holders(struct story *s, const struct event *event);

/* A wait step of the recovery; only long ones are worth a line, each plugin's once an outage. */
void story_hear_wait(struct story *s, const struct event *wait);
/* The one that goes on. */
void story_tell_waiting(struct story *s);

/* A login that is denied is remembered; a probe's doubt that passes by itself is told when it is
 * over. */
void story_hear_verdict(struct story *s, const struct event *event);

/* The last lines: an outage that goes on, a step that is under way, how it is now. */
void story_tell_now(struct story *s);

#endif
