/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Waits are decided in slices, with looks between them; the reader is told of the whole, and only
 * when it was so long that he would ask what happened meanwhile. */
#include <smbmounter/plugin.h>

#include "control/story_line.h"
#include "control/story_step.h"

static bool goes_on(const struct event *wait, const struct event *event) {
    if (event->kind == EVENT_STEP)
        return event->number == SMBM_STEP_PROBE ||
               (event->number == SMBM_STEP_WAIT && story_same_plugin(wait, event));
    return event->kind != EVENT_STATE && event->kind != EVENT_INCIDENT &&
           event->kind != EVENT_RECOVERED && event->kind != EVENT_PLUGIN &&
           event->kind != EVENT_COMMAND;
}

/* A recovery that is tried for hours waits in the same way each time. */
static bool was_told(struct story *s, const struct event *wait) {
    for (size_t i = 0; i < s->waits_len; i++)
        if (story_same_plugin(s->waits[i], wait))
            return true;
    if (s->waits_len < sizeof s->waits / sizeof s->waits[0])
        s->waits[s->waits_len++] = wait;
    return false;
}

void story_hear_wait(struct story *s, const struct event *wait) {
    char at[CLOCK_TEXT_MAX], lasted[CLOCK_TEXT_MAX];
    const struct event *end = wait + 1;
    uint64_t slept_ms = 0; /* while the machine slept, nobody waited */
    if (s->waited != NULL && wait < s->waited)
        return;
    for (; end < s->end && goes_on(wait, end); end++)
        if (end->kind == EVENT_NETWORK)
            slept_ms += end->number;
    s->waited = end;
    if (end == s->end) { /* until now: told at the end of the story */
        s->waiting = wait;
        return;
    }
    bool explained = s->answered_ms != 0 && end->kind == EVENT_RECOVERED;
    uint64_t from_ms = wait->wall_ms + slept_ms;
    if (explained || end->wall_ms < from_ms + STORY_LONG_MS || was_told(s, wait))
        return;
    story_tell_answer(s);
    story_tell_repeats(s);
    story_add(s, wait->wall_ms, "From %s on smbmounter waited %s (%s)",
              story_clock(s, wait->wall_ms, at), story_span(from_ms, end->wall_ms, lasted),
              story_reason(wait->text));
}

void story_tell_waiting(struct story *s) {
    char at[CLOCK_TEXT_MAX];
    if (s->waiting == NULL || s->began_ms == 0)
        return;
    story_add(s, s->waiting->wall_ms, "Since %s smbmounter has been waiting (%s)",
              story_clock(s, s->waiting->wall_ms, at), story_reason(s->waiting->text));
}
