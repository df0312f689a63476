/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What becomes of a mount outside an outage: mounted, refused, in somebody's way, taken down. */
#include <smbmounter/plugin.h>

#include <stdio.h>
#include <string.h>

#include "control/story_line.h"
#include "control/story_step.h"

/* An outage tells of its commands by themselves. */
static void add_command(const struct story *s, const char *what, char *line, size_t size) {
    if (s->asked != NULL && s->began_ms == 0)
        snprintf(line, size, "%s (command: %s)", what, s->asked->text);
    else
        snprintf(line, size, "%s", what);
}

/* What to do about it is told at the end, if it is still so. */
void story_hear_mount_error(struct story *s, const struct event *event) {
    struct event brief = *event;
    char what[FIELD_TEXT_MAX];
    const char *words = story_after_colon(event->text), *hint = story_hint(event->text);
    const char *step = story_step_words(SMBM_STEP_MOUNT)->try;
    size_t told = strlen(s->last), len = strlen(words);
    s->mount_error = event;
    s->foreign = false;
    if (story_starts_with(s->last, step) && told > len && strcmp(s->last + told - len, words) == 0)
        return; /* as the outcome of that step, just now */
    snprintf(brief.text, sizeof brief.text, "%.*s",
             hint != NULL ? (int)(hint - words) - 2 : (int)len, words);
    add_command(s, story_is_not_tried(words) ? "it was not mounted" : "the mount failed", what,
                sizeof what);
    story_tell_failure(s, &brief, what);
}

static bool is_down_on_purpose(const struct story *s) {
    return s->state != NULL && story_starts_with(s->state->text, "unmounted");
}

void story_hear_table(struct story *s, const struct event *event) {
    if (story_starts_with(event->text, "something else is mounted"))
        s->foreign = !is_down_on_purpose(s);
    story_tell_failure(s, event, "the mount table changed");
}

/* It says who is let in again, and how that is known. */
void story_hear_login(struct story *s, const struct event *event) {
    char line[FIELD_TEXT_MAX];
    snprintf(line, sizeof line, "%s, so this mount was taken up again", event->text);
    story_tell_line(s, event, line);
}

static void tell_mounted(struct story *s, const struct event *event) {
    char line[FIELD_TEXT_MAX];
    add_command(s, "the share was mounted", line, sizeof line);
    story_tell_line(s, event, line);
}

/* An outage has an end of its own. */
static void hear_mounted(struct story *s, const struct event *event) {
    if (s->began_ms == 0 && s->foreign)
        story_tell_line(s, event, "what was in the way was gone, and the share was there");
    else if (s->began_ms == 0 && (s->mount_error != NULL || s->down))
        tell_mounted(s, event);
    s->down = false;
    s->mount_error = NULL;
    s->foreign = false;
}

/* What stood in the way has gone, and ours is mounted at once; or somebody asked for it. */
static void hear_mounting(struct story *s, const struct event *event) {
    if (s->foreign)
        story_tell_line(s, event, "what was in the way was gone");
    s->foreign = false;
}

static void tell_reason(struct story *s, const struct event *state, const char *what) {
    char line[FIELD_TEXT_MAX];
    snprintf(line, sizeof line, "%s: %s", what, story_after_colon(state->text));
    story_tell_line(s, state, line);
}

/* What a command began; what comes later came by itself. */
static bool is_over(const struct event *state) {
    return story_starts_with(state->text, "mounted") ||
           story_starts_with(state->text, "unmounted") || story_starts_with(state->text, "failed");
}

static void tell_taken_down(struct story *s, const struct event *event) {
    char line[FIELD_TEXT_MAX];
    add_command(s, "the share was unmounted", line, sizeof line);
    if (s->asked != NULL)
        story_tell_line(s, event, line);
    else
        tell_reason(s, event, "the share was taken down");
}

/* A mount that is down on purpose has no outage any more. Without one it is worth a line only
 * between others. */
void story_hear_state(struct story *s, const struct event *event) {
    s->state = event;
    s->late = NULL;
    if (s->command != NULL && event == s->command + 1)
        s->asked = s->command;
    if (story_starts_with(event->text, "mounted"))
        hear_mounted(s, event);
    else if (story_starts_with(event->text, "mounting"))
        hear_mounting(s, event);
    if (is_down_on_purpose(s) && s->began_ms != 0) {
        story_tell_answer(s);
        tell_reason(s, event, "the share was given up");
        s->down = true;
        story_end_outage(s);
    } else if (is_down_on_purpose(s) && !s->down && s->len > 0 &&
               strstr(event->text, "by hand") != NULL) {
        s->down = true;
        tell_taken_down(s, event);
    }
    if (is_over(event))
        s->asked = NULL;
}
