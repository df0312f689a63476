/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <string.h>

#include "control/story_line.h"
#include "control/story_step.h"

static void tell_outage(struct story *s) {
    char at[CLOCK_TEXT_MAX], since[CLOCK_TEXT_MAX];
    const struct step_words *words = s->step != NULL ? story_step_words(s->step->number) : NULL;
    if (words != NULL && words->try != NULL)
        story_add(s, s->step->wall_ms, "Since %s smbmounter has been trying to %s (%s)",
                  story_clock(s, s->step->wall_ms, at), words->try, story_reason(s->step->text));
    if (s->began_ms != 0)
        story_add(s, s->now_ms, "The outage goes on, for %s so far",
                  story_span(s->began_ms, s->now_ms, since));
}

static void tell_failed(struct story *s, const char *reason) {
    char class[32] = "", words[EVENT_TEXT_MAX];
    const char *text = s->mount_error != NULL ? s->mount_error->text : reason;
    const char *colon = strstr(text, ": ");
    if (s->mount_error != NULL && colon != NULL && (size_t)(colon - text) < sizeof class)
        memcpy(class, text, (size_t)(colon - text));
    size_t len = strlen(class[0] != '\0' ? colon + 2 : text);
    memcpy(words, class[0] != '\0' ? colon + 2 : text, len + 1);
    if (len > 0 && words[len - 1] == '.')
        words[len - 1] = '\0';
    if (strcmp(class, "auth") == 0)
        story_add(
            s, s->now_ms,
            "Now: failed (auth): %s. What to do: smbmounter setup %s, then smbmounter mount %s",
            words, s->mount, s->mount);
    else if (strcmp(class, "config") == 0)
        story_add(s, s->now_ms,
                  "Now: failed (config): %s. What to do: correct the configuration of %s, then "
                  "smbmounter reload",
                  words, s->mount);
    else if (story_starts_with(words, "something else is mounted"))
        story_add(s, s->now_ms, "Now: %s. What to do: unmount that, and %s comes back by itself",
                  words, s->mount);
    else if (class[0] != '\0')
        story_add(s, s->now_ms,
                  "Now: failed (%s): %s. It is tried again by itself; at once with smbmounter "
                  "mount %s",
                  class, words, s->mount);
    else
        story_add(s, s->now_ms, "Now: failed%s%s. What to do: smbmounter mount %s",
                  words[0] != '\0' ? ": " : "", words, s->mount);
}

static void tell_state(struct story *s) {
    static const struct {
        const char *state, *words;
    } states[] = {
        {"mounting", "being mounted"},
        {"recovering", "being brought back"},
        {"unmounting", "being unmounted"},
    };
    const char *text = s->state->text, *colon = strstr(text, ": ");
    const char *reason = colon != NULL ? colon + 2 : "", *mark = reason[0] != '\0' ? ": " : "";
    if (story_starts_with(text, "failed")) {
        tell_failed(s, reason);
        return;
    }
    if (story_starts_with(text, "mounted")) {
        story_add(s, s->now_ms, "Now: mounted %s",
                  s->began_ms != 0 ? "but not answering" : "and healthy");
        return;
    }
    if (story_starts_with(text, "unmounted")) {
        story_add(s, s->now_ms, "Now: unmounted%s%s. To bring it back: smbmounter mount %s", mark,
                  reason, s->mount);
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (story_starts_with(text, states[i].state)) {
            story_add(s, s->now_ms, "Now: %s%s%s", states[i].words, mark, reason);
            return;
        }
    }
    story_add(s, s->now_ms, "Now: %s", text);
}

void story_tell_now(struct story *s) {
    bool failed = s->state != NULL && story_starts_with(s->state->text, "failed");
    tell_outage(s);
    s->incident = 0;
    if (s->len == 0 && !failed)
        story_add(s, s->now_ms, "Nothing has gone wrong since the daemon started");
    if (s->state != NULL)
        tell_state(s);
}
