/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Doubts that pass without an outage: nothing was done, but a program may have waited, and its user
 * asks why. */
#include <string.h>

#include "control/story_line.h"
#include "control/story_step.h"

/* Of "probe: verdict: evidence". */
static bool is_verdict(const struct event *event, const char *verdict) {
    return story_starts_with(story_after_colon(event->text), verdict);
}

static void tell_late(struct story *s, const struct event *end) {
    char at[CLOCK_TEXT_MAX], lasted[CLOCK_TEXT_MAX];
    const struct event *late = s->late;
    if (end->wall_ms < late->wall_ms + STORY_LONG_MS ||
        story_repeats(s, late->wall_ms, "late", "as before"))
        return;
    story_add(s, late->wall_ms,
              "At %s %s did not look well (probe %.*s: %s); %s later it was well again by itself",
              story_clock(s, late->wall_ms, at), s->mount, (int)strcspn(late->text, ":"),
              late->text, story_after_colon(story_after_colon(late->text)),
              story_span(late->wall_ms, end->wall_ms, lasted));
}

void story_hear_verdict(struct story *s, const struct event *event) {
    s->denied = s->denied || is_verdict(event, "denied");
    if (s->began_ms != 0)
        return;
    if (s->late == NULL && is_verdict(event, "suspect")) {
        s->late = event;
    } else if (s->late != NULL && story_same_plugin(s->late, event) &&
               is_verdict(event, "healthy")) {
        tell_late(s, event);
        s->late = NULL;
    }
}
