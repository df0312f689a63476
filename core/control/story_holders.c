/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <smbmounter/plugin.h>

#include "control/story_line.h"
#include "control/story_step.h"

/* Who was using a mount is told so long after it was taken away, and not later. */
#define SEARCH_MS 10000u

static void tell_names(struct story *s, const struct event *event) {
    if (event->number > 0)
        story_tell_failure(s, event, "these programs were using the share when it was taken away");
    else
        story_tell_failure(s, event, "it is not known whether programs were using the share");
}

/* What becomes of those who had it open: a detached SMB mount lives on for them (facts: linux-cifs
 * 4), a forced one does not. */
static void tell_holders(struct story *s, const struct event *event, uint64_t step) {
    tell_names(s, event);
    if (event->number == 0)
        story_add(s, event->wall_ms,
                  "Restart those that had files open there, so that they use the new mount");
    else if (step == SMBM_STEP_DETACH && s->denied)
        story_add(
            s, event->wall_ms,
            "As long as one of them runs, the kernel logs in for it with the refused password, "
            "about once a second, which may lock the account: end those that still run");
    else if (step == SMBM_STEP_DETACH)
        story_add(
            s, event->wall_ms,
            "They keep their open files on the old connection, and what they write there "
            "arrives as soon as the server answers it; restart those that still run, so that they "
            "use the new mount");
    else
        story_add(s, event->wall_ms,
                  "Their open files there are gone, with what they had not saved; they must open "
                  "them anew");
}

/* What comes then has victims of its own. */
static bool ends_the_search(const struct event *event) {
    return event->kind == EVENT_INCIDENT || event->kind == EVENT_COMMAND ||
           (event->kind == EVENT_STEP && story_step_words(event->number)->takes_away);
}

/* Those whom the step that has just ended took by surprise. They are found after it, perhaps when
 * the share is back already; it is when it was taken away that matters. */
void story_look_for_holders(struct story *s, const struct event *done, uint64_t step) {
    const struct event *at = done + 1;
    while (at < s->end && at->kind != EVENT_HOLDERS && !ends_the_search(at))
        at++;
    if (at == s->end || at->kind != EVENT_HOLDERS || at->wall_ms > done->wall_ms + SEARCH_MS)
        return;
    struct event then = *at;
    then.wall_ms = done->wall_ms;
    tell_holders(s, &then, step);
    s->holders = at;
}

void story_hear_holders(struct story *s, const struct event *event) {
    if (event != s->holders)
        tell_names(s, event);
}
